"""Multiclips of Final Cut Pro 7, opened at their active angle: each becomes a nested sequence before it is read."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from panscan.timeline.editorial import Note


def open_multiclips(root: etree._Element) -> list[Note]:
    """Put a nested sequence of the active angle in the place of each multiclip, in place; notes on those without one.

    A multiclip is described where it is first used. Sound tracks hear the angle that is active for sound.
    """
    described = {m.get("id"): m for m in reversed(root.findall(".//multiclip")) if m.find("angle") is not None}
    notes = []
    for item in root.findall(".//clipitem"):
        multiclip = item.find("multiclip")
        if multiclip is None:
            continue
        item.remove(multiclip)
        whole = multiclip if multiclip.find("angle") is not None else described.get(multiclip.get("id"))
        angle = None if whole is None else _active_angle(whole, "audio" if _is_sound(item) else "video")
        if whole is None or angle is None:
            what = f"clip {item.findtext('name') or ''!r}"
            notes.append(Note(what, "It is a multiclip whose angles are not in the file.", is_fault=True))
            continue
        item.append(_as_sequence(whole, angle))
    return notes


def _active_angle(multiclip: etree._Element, kind: str) -> etree._Element | None:
    """The angle that is active for pictures or sound, else the first; flagged on the angle, or named beside them."""
    angles = multiclip.findall("angle")
    flag, named = f"active{kind}angle", (multiclip.findtext(f"active{kind}angle") or "").strip()
    for angle in angles:
        is_flagged = (angle.findtext(flag) or "").strip().upper() == "TRUE"
        if is_flagged or (named and named in (angle.findtext("name"), angle.findtext("clip/name"))):
            return angle
    return next(iter(angles), None)


def _as_sequence(multiclip: etree._Element, angle: etree._Element) -> etree._Element:
    """A sequence that shows what an angle holds. It has no id, so that no other angle is taken for it."""
    sequence = etree.Element("sequence")
    etree.SubElement(sequence, "name").text = multiclip.findtext("name") or angle.findtext("clip/name") or ""
    clip = angle.find("clip") if angle.find("clip") is not None else angle
    for owner in (multiclip, clip):
        rate = None if owner is None else owner.find("rate")
        if rate is not None and sequence.find("rate") is None:
            sequence.append(deepcopy(rate))
    media = None if clip is None else clip.find("media")
    sequence.append(_media_of_file(clip) if media is None else deepcopy(media))
    return sequence


def _media_of_file(clip: etree._Element | None) -> etree._Element:
    """The tracks of an angle that names a file and no tracks: one clip that lasts as long as it."""
    media = etree.Element("media")
    file = None if clip is None else clip.find("file")
    if clip is None or file is None:
        return media
    length = clip.findtext("duration") or file.findtext("duration") or "0"
    for kind in ("video", "audio"):
        item = etree.SubElement(etree.SubElement(etree.SubElement(media, kind), "track"), "clipitem")
        for name, text in (("name", clip.findtext("name") or ""), ("start", "0"), ("end", length), ("in", "0")):
            etree.SubElement(item, name).text = text
        etree.SubElement(item, "out").text = length
        item.append(deepcopy(file))
    return media


def _is_sound(item: etree._Element) -> bool:
    return any(parent.tag == "audio" for parent in item.iterancestors())
