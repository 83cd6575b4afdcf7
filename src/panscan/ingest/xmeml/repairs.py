"""What FCP7 XML leaves out or writes wrongly, set right before OTIO's adapter reads it: one odd clip would stop it.

Editors write placeholders with a rate of 0, and leave out what Final Cut 7 itself inherited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from panscan.timeline.editorial import Note

_ITEMS = ("clipitem", "generatoritem", "transitionitem")
_DECIDED_BY_TRANSITION = -1  # written as the start or end of a clip beside a transition
_NUMBER = re.compile(r"-?\d{1,12}(\.\d*)?")


def repair(root: etree._Element) -> list[Note]:
    """Set right, in place, what stops the adapter; notes on what had to be left out or guessed."""
    notes = list(_drop_bad_rates(root))
    for track in root.iter("track"):
        notes += _repair_items(track)
    _drop_bad_details(root)
    return notes


def _drop_bad_rates(root: etree._Element) -> Iterator[Note]:
    """Without a rate of its own an element has that of its sequence."""
    for ntsc in root.iter("ntsc"):
        ntsc.text = ntsc.text or "FALSE"
    for rate in list(root.iter("rate")):
        parent = rate.getparent()
        if parent is None or parent.tag == "sequence" or re.fullmatch(r"0*[1-9]\d{0,2}", _text(rate, "timebase")):
            continue
        parent.remove(rate)
        if parent.tag in _ITEMS:
            what = f"clip {_text(parent, 'name')!r}"
            why = f"Its rate is {_text(rate, 'timebase') or 'missing'}; that of its sequence was taken."
            yield Note(what, why, is_fault=True)


def _repair_items(track: etree._Element) -> Iterator[Note]:
    """Give the items of a track a start, an end and an in point; those for which none can be found are removed."""
    items = [item for item in track if item.tag in _ITEMS]
    for before, item, after in zip([None, *items], items, [*items[1:], None], strict=False):
        _make_whole(item, "start")
        _make_whole(item, "end")
        if _number(item, "in") is None and item.tag != "transitionitem":
            _set(item, "in", 0)
            why = "The file does not say where in its media it begins; the start of the media was taken."
            yield Note(f"clip {_text(item, 'name')!r}", why, is_fault=True)
        if item.tag == "transitionitem" and not _text(item, "alignment"):
            _set(item, "alignment", "center")
        _replace_undecided(item, before, after)
        start, end = _number(item, "start"), _number(item, "end")
        if start is None or end is None or (end < start and _DECIDED_BY_TRANSITION not in (start, end)):
            track.remove(item)
            kind = "transition" if item.tag == "transitionitem" else "clip"
            why = "The file does not say where it lies in its track; it is left out."
            yield Note(f"{kind} {_text(item, 'name')!r}", why, is_fault=True)


def _replace_undecided(item: etree._Element, before: etree._Element | None, after: etree._Element | None) -> None:
    """Find a start or end that a transition should decide where there is no transition."""
    first, last = _number(item, "in"), _number(item, "out")
    length = last - first if first is not None and last is not None and last > first else None
    for name, neighbour in (("start", before), ("end", after)):
        if _number(item, name) != _DECIDED_BY_TRANSITION or (
            neighbour is not None and neighbour.tag == "transitionitem"
        ):
            continue
        other = _number(item, "end" if name == "start" else "start")
        known = None
        if length is not None and other not in (None, _DECIDED_BY_TRANSITION):
            known = other - length if name == "start" else other + length
        _set(item, name, known)


def _drop_bad_details(root: etree._Element) -> None:
    """Remove markers at no time, filters without an effect, lengths and timecodes that say none."""
    for marker in list(root.iter("marker")):
        for name in ("in", "out"):
            if not _NUMBER.fullmatch(_text(marker, name)):
                _set(marker, name, -1 if name == "out" else None)
        if marker.find("in") is None:
            _remove(marker)
    for found in list(root.iter("filter")):
        if found.find("effect") is None and not found.get("id"):
            _remove(found)
    for file in root.iter("file"):
        length = file.find("duration")
        if length is not None and not _NUMBER.fullmatch((length.text or "").strip()):
            file.remove(length)
    for timecode in list(root.iter("timecode")):
        _make_whole(timecode, "frame")
        if timecode.find("frame") is None and not re.fullmatch(r"(\d+[:;.]){3}\d+", _text(timecode, "string")):
            _remove(timecode)


def _make_whole(owner: etree._Element, name: str) -> None:
    """Write a count as a whole number; remove it where it is none."""
    _set(owner, name, _number(owner, name))


def _set(owner: etree._Element, name: str, value: int | str | None) -> None:
    child = owner.find(name)
    if value is None:
        if child is not None:
            owner.remove(child)
        return
    if child is None:
        child = etree.SubElement(owner, name)
    child.text = str(value)


def _number(owner: etree._Element, name: str) -> int | None:
    text = _text(owner, name)
    return int(float(text)) if _NUMBER.fullmatch(text) else None


def _text(owner: etree._Element, name: str) -> str:
    return (owner.findtext(name) or "").strip()


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
