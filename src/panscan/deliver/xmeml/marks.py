"""The transitions and markers of an xmeml file, and the rates that its elements count at.

Sources: Apple's "Final Cut Pro 7 XML Interchange Format", and the files that Premiere writes.
"""

from __future__ import annotations

from fractions import Fraction

from lxml import etree

from panscan.deliver.sequence.sequence import Dissolve, Mark
from panscan.deliver.xmeml.filters import sub
from panscan.deliver.xml_text import legal
from panscan.model.time import nominal_rate

_TICKS_PER_S = 254_016_000_000


def add_rate(parent: etree._Element, rate: Fraction) -> None:
    """A `rate` as a whole timebase and the NTSC flag."""
    element = sub(parent, "rate")
    sub(element, "timebase", nominal_rate(rate))
    sub(element, "ntsc", "TRUE" if rate.denominator == 1001 else "FALSE")


def add_dissolve(track: etree._Element, dissolve: Dissolve, rate: Fraction) -> None:
    """A cross dissolve, between the items before and after it.

    The alignment knows a cut at the start, in the middle (rounded down) and at the end; where in between it lies, only
    Premiere's own ticks tell. What is shown is the same wherever the cut lies in it.
    """
    element = sub(track, "transitionitem")
    sub(element, "start", dissolve.cut_frame - dissolve.in_frames)
    sub(element, "end", dissolve.cut_frame + dissolve.out_frames)
    alignment = "center" if dissolve.in_frames and dissolve.out_frames else "end" if dissolve.in_frames else "start"
    sub(element, "alignment", alignment)
    sub(element, "cutPointTicks", round(dissolve.in_frames * _TICKS_PER_S / rate))
    add_rate(element, rate)
    effect = sub(element, "effect")
    sub(effect, "name", "Cross Dissolve")
    sub(effect, "effectid", "Cross Dissolve")
    sub(effect, "effectcategory", "Dissolve")
    sub(effect, "effecttype", "transition")
    sub(effect, "mediatype", "video")
    sub(effect, "wipecode", 0)
    sub(effect, "wipeaccuracy", 100)
    sub(effect, "startratio", 0)
    sub(effect, "endratio", 1)
    sub(effect, "reverse", "FALSE")


def add_mark(parent: etree._Element, mark: Mark, origin: int) -> None:
    """A marker of a clip item or a sequence; `origin`: the frame of its clock that counts as 0 there.

    A marker of one frame is a point, which has no end.
    """
    element = sub(parent, "marker")
    sub(element, "comment", legal(mark.note))
    sub(element, "name", legal(mark.name))
    first = mark.frame - origin
    sub(element, "in", first)
    sub(element, "out", first + mark.frame_count if mark.frame_count > 1 else -1)
