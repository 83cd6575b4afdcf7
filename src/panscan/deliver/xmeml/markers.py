"""The transitions and markers of an xmeml file, and the rates that its elements count at.

Sources: Apple's "Final Cut Pro 7 XML Interchange Format", and the files that Premiere writes.
"""

from __future__ import annotations

from fractions import Fraction

from lxml import etree

from panscan.deliver.premiere_time import premiere_ticks
from panscan.deliver.sequence import Marker
from panscan.deliver.xmeml.filters import add_child
from panscan.deliver.xml_text import xml_safe
from panscan.model.time import nominal_rate
from panscan.timeline.dissolves import Dissolve


def add_rate(parent: etree._Element, rate: Fraction) -> None:
    """Add a `rate`: a whole timebase and the NTSC flag."""
    element = add_child(parent, "rate")
    add_child(element, "timebase", nominal_rate(rate))
    add_child(element, "ntsc", "TRUE" if rate.denominator == 1001 else "FALSE")


def add_dissolve(track: etree._Element, dissolve: Dissolve, rate: Fraction) -> None:
    """Add a cross dissolve between the items before and after it, or a fade where one of them is none or a gap.

    Alignment can only say: edit point at the start, the middle (rounded down) or the end of the dissolve. The exact
    point is given in Premiere's own ticks. The picture is the same in each case.
    """
    element = add_child(track, "transitionitem")
    add_child(element, "start", dissolve.edit_frame - dissolve.in_frames)
    add_child(element, "end", dissolve.edit_frame + dissolve.out_frames)
    alignment = "center" if dissolve.in_frames and dissolve.out_frames else "end" if dissolve.in_frames else "start"
    cut_point = dissolve.in_frames
    if not dissolve.is_cross:  # the whole fade lies in its clip, which is longer by what it shows in the black
        alignment = "end-black" if dissolve.incoming is None else "start-black"
        cut_point = dissolve.frame_count if dissolve.incoming is None else 0
    add_child(element, "alignment", alignment)
    add_child(element, "cutPointTicks", premiere_ticks(cut_point, rate))
    add_rate(element, rate)
    effect = add_child(element, "effect")
    add_child(effect, "name", "Cross Dissolve")
    add_child(effect, "effectid", "Cross Dissolve")
    add_child(effect, "effectcategory", "Dissolve")
    add_child(effect, "effecttype", "transition")
    add_child(effect, "mediatype", "video")
    add_child(effect, "wipecode", 0)
    add_child(effect, "wipeaccuracy", 100)
    add_child(effect, "startratio", 0)
    add_child(effect, "endratio", 1)
    add_child(effect, "reverse", "FALSE")


def add_marker(parent: etree._Element, marker: Marker, origin: int) -> None:
    """Add a marker to a clip item or a sequence; `origin`: the frame of its clock that the element counts as 0.

    A marker of one frame is a point, which has no end.
    """
    element = add_child(parent, "marker")
    add_child(element, "comment", xml_safe(marker.note))
    add_child(element, "name", xml_safe(marker.name))
    first = marker.frame - origin
    add_child(element, "in", first)
    add_child(element, "out", first + marker.frame_count if marker.frame_count > 1 else -1)
