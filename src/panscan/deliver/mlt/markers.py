"""Markers of MLT projects: both editors keep them with the timeline, not with its clips."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

from lxml import etree

from panscan.deliver.sequence import ClipSequence, Marker
from panscan.deliver.xml_text import xml_safe

_SHOTCUT_COLOUR = "#00FF00"  # a marker of Shotcut must have one; OTIO's own names are not known there
_KDENLIVE_CATEGORY = 0  # the first one, which every project has


def visible_timeline_markers(clip_sequence: ClipSequence) -> tuple[Marker, ...]:
    """The markers of the timeline and of its clips that can be seen: on record frames, in order of time."""
    found = [marker for marker in clip_sequence.markers if 0 <= marker.frame < clip_sequence.frame_count]
    for clip_item in clip_sequence.clip_items:
        clip = clip_item.clip
        for marker in clip_item.markers:
            if clip.first <= marker.frame < clip.end:
                count = min(marker.frame_count, clip.end - marker.frame)
                found.append(replace(marker, frame=clip.record_frame + marker.frame - clip.first, frame_count=count))
    return tuple(sorted(found, key=lambda marker: (marker.frame, marker.name)))


def write_shotcut_markers(tractor: etree._Element, clip_sequence: ClipSequence) -> None:
    """Write the markers as Shotcut does: numbered groups of properties. A marker of one frame ends where it starts.

    Source: Shotcut's src/models/markersmodel.cpp.
    """
    markers = visible_timeline_markers(clip_sequence)
    if not markers:
        return
    group = etree.SubElement(tractor, "properties", name="shotcut:markers")
    for index, marker in enumerate(markers):
        item = etree.SubElement(group, "properties", name=str(index))
        end = marker.frame + marker.frame_count - 1
        values = {
            "text": _text(marker),
            "start": mlt_clock(marker.frame, clip_sequence.rate),
            "end": mlt_clock(end, clip_sequence.rate),
            "color": _SHOTCUT_COLOUR,
        }
        for name, value in values.items():
            etree.SubElement(item, "property", name=name).text = value


def kdenlive_guides(clip_sequence: ClipSequence) -> str:
    """The markers as Kdenlive's guides, a text of JSON: frame, comment and category.

    Source: Kdenlive's src/bin/model/markerlistmodel.cpp; `duration` is read since 22.12.
    """
    guides = [
        {"comment": _text(marker), "duration": marker.frame_count - 1, "pos": marker.frame, "type": _KDENLIVE_CATEGORY}
        for marker in visible_timeline_markers(clip_sequence)
    ]
    return json.dumps(guides, ensure_ascii=False)


def _text(marker: Marker) -> str:
    return xml_safe(": ".join(part for part in (marker.name, marker.note) if part))


def mlt_clock(frame: int, rate: Fraction) -> str:
    """A frame number as MLT writes times, HH:MM:SS.mmm; whole hours and minutes are whole frames, rounded down."""
    hours = int(frame / (3600 * rate))
    frame -= int(hours * 3600 * rate)
    minutes = int(frame / (60 * rate))
    frame -= int(minutes * 60 * rate)
    return f"{hours:02d}:{minutes:02d}:{float(frame / rate):06.3f}"
