"""FCP7 XML (xmeml, what Premiere and Resolve export), read by the OTIO adapter, with the adapter's faults corrected.

Before the adapter: the file is parsed without DTD and entities; sequences that hold each other endlessly are refused;
nested sequences, described files and generator types are written where the adapter looks for them. After it: disabled
clips and tracks are disabled; wipes are no dissolves; Time Remap filters become speed changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import opentimelineio as otio
from lxml import etree

from panscan.errors import InputError
from panscan.ingest.cuts.files import one_timeline, read_xml, unreadable
from panscan.ingest.xmeml.multiclips import open_multiclips
from panscan.ingest.xmeml.repairs import repair
from panscan.ingest.xmeml.time_remap import NAMESPACE, apply_time_remap, note_exact_starts
from panscan.timeline.editorial import Note
from panscan.timeline.layout import clips_of
from panscan.timeline.transitions import CUSTOM, is_transition, names_a_dissolve

_MAX_ITEMS = 50_000  # of all unfolded nests: more than any edit has; small files can unfold without end
_NO_DISSOLVE = "panscan-no-dissolve"  # our note on a transition, which the adapter carries through


def read_xmeml(path: Path) -> tuple[Any, list[Note]]:
    """The timeline of an xmeml file, and notes on what in it was repaired or left out.

    Raises
    ------
    InputError
        The file is no xmeml, holds no sequence or several, or cannot be understood.
    """
    root = read_xml(path)
    if root.tag != "xmeml":
        raise unreadable(
            path, f"It is a {root.tag!r} document, not FCP7 XML (xmeml)", "Export it as Final Cut Pro XML."
        )
    notes = open_multiclips(root)
    _check_nesting(path, root)
    described = {f.get("id"): f for f in reversed(root.findall(".//file")) if f.get("id") and len(f)}
    _keep_only_top(root)
    _hoist_nested(root)
    _complete(root, described)
    notes += repair(root)
    note_exact_starts(root)
    try:
        text = etree.tostring(root, encoding="unicode")
        found = otio.adapters.read_from_string(text, "fcp_xml")
        timeline = one_timeline(found, path)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise unreadable(path, f"The FCP7 XML cannot be understood ({type(error).__name__}: {error})") from error
    except otio.exceptions.OTIOError as error:
        raise unreadable(path, str(error)) from error
    if timeline.tracks is None or not any(t.kind == "Video" for t in timeline.tracks):
        raise unreadable(path, "Its sequence has no video track", "Export a sequence with pictures.")
    _disable(timeline.tracks)
    _set_transition_types(timeline.tracks)
    for track in timeline.tracks:
        _keep_kind(track, track.kind)
    _set_marker_comments(timeline.tracks)
    for clip in clips_of(timeline):
        _move_markers_to_source_clock(clip)
        apply_time_remap(clip)
    return timeline, notes


def _check_nesting(path: Path, root: etree._Element) -> None:
    """Refuse sequences that hold themselves or unfold into more items than any edit has."""
    by_id = {s.get("id"): s for s in reversed(root.findall(".//sequence")) if s.get("id")}
    counts: dict[Any, int] = {}
    open_now: set[Any] = set()

    def count(sequence: etree._Element) -> int:
        whole = by_id.get(sequence.get("id"), sequence)
        if whole in open_now:
            raise unreadable(path, f"Its sequence {whole.findtext('name')!r} holds itself")
        if whole not in counts:
            open_now.add(whole)
            nested = whole.iterfind("media/*/track/clipitem/sequence")
            own = sum(1 for _ in whole.iterfind("media/*/track/*"))
            counts[whole] = own + sum(count(s) for s in nested)
            open_now.discard(whole)
        return counts[whole]

    if sum(count(s) for s in root.findall(".//sequence")) > _MAX_ITEMS:
        raise unreadable(path, f"Its nested sequences unfold into more than {_MAX_ITEMS} clips")


def _keep_only_top(root: etree._Element) -> None:
    """If the file holds several sequences, keep only the one that no other one uses, if there is exactly one."""
    nested = set(root.iterfind(".//clipitem/sequence"))
    tops = [s for s in root.iter("sequence") if s not in nested]
    used = {s.get("id") for s in nested}
    free = [s for s in tops if s.get("id") is None or s.get("id") not in used]
    if len(tops) < 2 or len(free) != 1:
        return
    wholes = {s.get("id"): s for s in reversed(tops) if s.find("media") is not None}
    for inner in list(free[0].iter("sequence")):
        whole = wholes.get(inner.get("id"))
        if inner.find("media") is None and whole is not None and inner is not whole:
            wholes.pop(inner.get("id"))
            inner.extend(list(whole))
    for other in tops:
        parent = other.getparent()
        if other is not free[0] and parent is not None:
            parent.remove(other)


def _hoist_nested(root: etree._Element) -> None:
    """Put the tracks of nested sequences where the adapter looks for them; otherwise it reads the nest as empty.

    The size of a nested sequence is kept with its clip, where the adapter keeps what it has no field for.
    """
    for nested in root.iterfind(".//clipitem/sequence"):
        media, item = nested.find("media"), nested.getparent()
        if media is not None:
            form = media.find("video/format")
            if form is not None and item is not None:
                item.append(deepcopy(form))
            nested.extend(list(media))
            nested.remove(media)


def _complete(root: etree._Element, described: Mapping[str | None, etree._Element]) -> None:
    """Add what the adapter needs but files may leave out: the description of a file at its first use, a clip's kind."""
    known: set[str | None] = set()
    for file in root.iter("file"):
        whole = described.get(file.get("id"))
        if whole is not None and file.get("id") not in known and not len(file):
            file.extend(deepcopy(child) for child in whole)
        known.add(file.get("id"))
    for item in list(root.iter("generatoritem")):
        effect = item.find("effect")
        if effect is None:
            effect = etree.SubElement(item, "effect")
        if effect.findtext("effecttype") != "generator":
            etree.SubElement(effect, "effecttype").text = "generator"
    for item in root.iter("clipitem"):
        if item.find("file") is None and item.find("sequence") is None:
            etree.SubElement(etree.SubElement(item, "file"), "mediaSource").text = item.findtext("name") or "unknown"
    for item in root.iter("transitionitem"):
        names = [item.findtext(f"effect/{key}") or "" for key in ("name", "effectid", "effectcategory")]
        if any(name.strip() for name in names) and not names_a_dissolve(names):
            etree.SubElement(item, _NO_DISSOLVE).text = "TRUE"  # the adapter drops the effect, and keeps the rest


def _keep_kind(item: Any, kind: str) -> None:
    """Keep of a nested sequence only tracks of the kind of its own track: its sound lies in a sound track."""
    for child in item:
        if child.schema_name() == "Stack":
            child[:] = [track.clone() for track in child if track.kind == kind]
        if child.schema_name() in ("Stack", "Track"):
            _keep_kind(child, kind)


def _set_transition_types(item: Any) -> None:
    for child in item:
        if is_transition(child) and child.metadata.get(NAMESPACE, {}).pop(_NO_DISSOLVE, None):
            child.transition_type = CUSTOM
        elif child.schema_name() in ("Stack", "Track"):
            _set_transition_types(child)


def _set_marker_comments(item: Any) -> None:
    """Copy the comments of markers out of their metadata, where the adapter leaves them."""
    for marker in getattr(item, "markers", ()):
        marker.comment = str(marker.metadata.get(NAMESPACE, {}).get("comment") or "")
    for child in item if isinstance(item, otio.core.Composition) else ():
        _set_marker_comments(child)


def _move_markers_to_source_clock(clip: Any) -> None:
    """Markers of a clip count from the first picture of the media; the source clock counts from its timecode."""
    available: Any = getattr(clip.media_reference, "available_range", None)
    for marker in clip.markers if available is not None else ():
        marked = marker.marked_range
        start = available.start_time.rescaled_to(marked.start_time.rate) + marked.start_time
        marker.marked_range = otio.opentime.TimeRange(start, marked.duration)


def _disable(item: Any) -> None:
    for child in item:
        metadata = child.metadata.get(NAMESPACE)
        if metadata is not None and str(metadata.get("enabled", "")).upper() == "FALSE" and hasattr(child, "enabled"):
            child.enabled = False
        if child.schema_name() in ("Stack", "Track"):
            _disable(child)
