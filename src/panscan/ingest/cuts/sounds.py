"""The sound of an editor's cut: its files, their clocks and streams, and what of it cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from lxml import etree

from panscan.errors import InputError
from panscan.ingest.cuts.clip_media import url_of
from panscan.ingest.cuts.editor_sound import said_by_editor, solo_tracks, unread_effects
from panscan.ingest.cuts.relink import MediaFinder
from panscan.ingest.media.probe import probe
from panscan.ingest.media.sound_files import SoundFile, probe_sound
from panscan.model.media import Media
from panscan.timeline.editorial import Note
from panscan.timeline.effect import NAMESPACE
from panscan.timeline.layout import sound_clips
from panscan.timeline.otio_time import exact_seconds

_MAX_NAMED = 5  # sounds in one message
# What reading metadata raises that has another form than its editor's: XML cut short, text for a number or a list.
_DAMAGE = (etree.XMLSyntaxError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError)


def link_sounds(timeline: Any, finder: MediaFinder, media: Mapping[str, Media]) -> list[Note]:
    """Write to each sound clip where its media begins and ends and which streams it has; notes tell what is not heard.

    Files must have been pointed to (`point_others_to_media`). Each is opened once.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    finder : MediaFinder
    media : mapping of str to Media
        Movies that are known already, by path.
    """
    notes = [
        Note(f"track {track.name!r}", "It is silent: another track is on solo.") for track in solo_tracks(timeline)
    ]
    known: dict[str, Media | SoundFile | str] = dict(media)
    lost: dict[str, list[str]] = {}
    ignored: dict[str, list[str]] = {}
    damaged: list[str] = []
    for placed in sound_clips(timeline):
        clip = placed.clip
        if not placed.is_enabled:
            continue
        path, _ = finder.locate(url_of(clip), [])
        facts = "its file is not found" if path is None else _facts(path, known)
        if isinstance(facts, str):
            lost.setdefault(facts, []).append(clip.name)
            continue
        streams = _note_facts(clip, facts)
        if not streams:
            lost.setdefault("its media has no sound", []).append(clip.name)
        try:
            _note_choice(clip, said_by_editor(clip, streams))
            for effect in unread_effects(clip):
                ignored.setdefault(effect, []).append(clip.name)
        except _DAMAGE:
            damaged.append(clip.name)
    notes += [Note(_named("sound", names), f"It is silent: {why}.") for why, names in lost.items()]
    notes += [
        Note(_named("sound", names), f"The effect {effect!r} is the editor's own: it is not heard in a rendered movie.")
        for effect, names in ignored.items()
    ]
    if damaged:
        notes.append(Note(_named("sound", damaged), "What the file says of level and channels is damaged: left out."))
    return notes


def _facts(path: Path, known: dict[str, Media | SoundFile | str]) -> Media | SoundFile | str:
    """A file's facts, or what is wrong with it."""
    name = str(path)
    if name not in known:
        known[name] = _probed(path)
    return known[name]


def _probed(path: Path) -> Media | SoundFile | str:
    """A movie counts from its first picture, sound alone from its first sample."""
    try:
        sound = probe_sound(path)
    except InputError as error:
        return f"{error.what}: {error.why.rstrip('.')}"
    try:
        return probe(path)
    except InputError:
        return sound


def _note_facts(clip: Any, facts: Media | SoundFile) -> tuple[tuple[int, int], ...]:
    """Write the streams, and the range of the media on the clip's own clock; returns the streams."""
    if isinstance(facts, Media):
        streams = tuple((stream.channels, stream.rate_hz) for stream in facts.audio)
        length_s, embedded_s = facts.duration_s, facts.start_frame / facts.video.rate
    else:
        streams, length_s, embedded_s = facts.streams, facts.duration_s, facts.clock_s
    reference = clip.media_reference
    kept = reference.metadata.get(NAMESPACE)
    audio = [{"channels": channels, "rate_hz": rate_hz} for channels, rate_hz in streams]
    if kept is None:
        reference.metadata[NAMESPACE] = {"audio": audio}
    _set_clock(clip, embedded_s, length_s)
    return streams


def _note_choice(clip: Any, chosen: Mapping[str, Any]) -> None:
    """Write what of the media is heard, and how."""
    if chosen:
        own = clip.metadata.get(NAMESPACE) or {}
        clip.metadata[NAMESPACE] = {**own, "sound": dict(chosen)}


def _set_clock(clip: Any, embedded_s: Fraction, length_s: Fraction) -> None:
    """Correct an available_range that is missing, or that starts where the clip cannot lie.

    Editors that leave it at 0 while the clip counts from a timecode mean the timecode in the file.
    """
    reference = clip.media_reference
    start_s = exact_seconds(clip.trimmed_range().start_time)
    available = reference.available_range
    stated_s = None if available is None else exact_seconds(available.start_time)
    if stated_s is not None and stated_s <= start_s < stated_s + length_s:
        return
    fits = (clock_s for clock_s in (embedded_s, Fraction(0)) if clock_s <= start_s < clock_s + length_s)
    clock_s = next(fits, stated_s if stated_s is not None else Fraction(0))
    rate = clip.trimmed_range().start_time.rate
    reference.available_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(float(clock_s * Fraction(rate)), rate),
        otio.opentime.RationalTime(float(length_s * Fraction(rate)), rate),
    )


def _named(what: str, names: list[str]) -> str:
    distinct = list(dict.fromkeys(repr(name) for name in names))
    more = f" and {len(distinct) - _MAX_NAMED} more" if len(distinct) > _MAX_NAMED else ""
    return f"{what} {', '.join(distinct[:_MAX_NAMED])}{more}"
