"""Markers of MLT projects: both editors keep them with the timeline, not with its clips."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

from lxml import etree

from panscan.deliver.sequence.marks import Marker
from panscan.deliver.sequence.sequence import ClipSequence
from panscan.deliver.xml_text import xml_safe

_SHOTCUT_COLOUR = "#00FF00"
_KDENLIVE_CATEGORY = 0


def visible_timeline_markers(spine: ClipSequence) -> tuple[Marker, ...]:
    """The markers of the timeline and of its clips that can be seen, on record frames, in order of time."""
    found = [mark for mark in spine.markers if 0 <= mark.frame < spine.frame_count]
    for piece in spine.clip_items:
        clip = piece.clip
        for mark in piece.markers:
            if clip.first <= mark.frame < clip.end:
                count = min(mark.frame_count, clip.end - mark.frame)
                found.append(replace(mark, frame=clip.record_frame + mark.frame - clip.first, frame_count=count))
    return tuple(sorted(found, key=lambda mark: (mark.frame, mark.name)))


def write_shotcut_markers(tractor: etree._Element, spine: ClipSequence) -> None:
    """Write the markers as Shotcut does: numbered groups of properties. A marker of one frame ends where it starts.

    Source: Shotcut's src/models/markersmodel.cpp.
    """
    marks = visible_timeline_markers(spine)
    if not marks:
        return
    group = etree.SubElement(tractor, "properties", name="shotcut:markers")
    for index, mark in enumerate(marks):
        item = etree.SubElement(group, "properties", name=str(index))
        end = mark.frame + mark.frame_count - 1
        values = {
            "text": _text(mark),
            "start": mlt_clock(mark.frame, spine.rate),
            "end": mlt_clock(end, spine.rate),
            "color": _SHOTCUT_COLOUR,
        }
        for name, value in values.items():
            etree.SubElement(item, "property", name=name).text = value


def kdenlive_guides(spine: ClipSequence) -> str:
    """The markers as Kdenlive's guides, a text of JSON: frame, comment and category.

    Source: Kdenlive's src/bin/model/markerlistmodel.cpp; `duration` is read since 22.12.
    """
    guides = [
        {"comment": _text(mark), "duration": mark.frame_count - 1, "pos": mark.frame, "type": _KDENLIVE_CATEGORY}
        for mark in visible_timeline_markers(spine)
    ]
    return json.dumps(guides, ensure_ascii=False)


def _text(mark: Marker) -> str:
    return xml_safe(": ".join(part for part in (mark.name, mark.note) if part))


def mlt_clock(frame: int, rate: Fraction) -> str:
    """A frame number as MLT's clock: it takes whole hours and minutes as whole frames, rounded down."""
    hours = int(frame / (3600 * rate))
    frame -= int(hours * 3600 * rate)
    minutes = int(frame / (60 * rate))
    frame -= int(minutes * 60 * rate)
    return f"{hours:02d}:{minutes:02d}:{float(frame / rate):06.3f}"
