"""The sounds inside nests as clips of tracks of their own, for timelines that are laid into one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.model.time import round_half_up
from panscan.timeline.effect import NAMESPACE
from panscan.timeline.layout import clips_of
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.paths import path_on_any_machine
from panscan.timeline.sound import Fade, SoundClip, read_sounds
from panscan.timeline.transitions import DISSOLVE

_ANYWHERE = Path()  # relative paths stay relative
_CROSS_FADES = {"linear": "Cross Fade 0 dB", "equal-power": "Cross Fade +3 dB"}  # names that `read_sounds` knows


def nested_sound_tracks(timeline: Any, rate: Fraction) -> list[Any]:
    """The sounds inside nests, on whole frames and in as few tracks as possible; each says itself how it is heard.

    Raises
    ------
    DocumentError, ValueError
        As `read_sounds`.
    """
    own = len(timeline.audio_tracks())
    nested = [_on_frames(s, rate) for s in read_sounds(timeline, folder=_ANYWHERE) if s.track >= own]
    references = _references(timeline) if nested else {}
    tracks = []
    for number, row in enumerate(_rows(s for s in nested if s.length_s > 0), start=1):
        track = otio.schema.Track(name=f"nested {number}", kind=otio.schema.TrackKind.Audio)
        track.extend(_children(row, references, rate))
        tracks.append(track)
    return tracks


def _rows(sounds: Iterable[SoundClip]) -> list[list[SoundClip]]:
    """Sounds in rows in which none overlaps but in cross fades."""
    rows: list[list[SoundClip]] = []
    for sound in sorted(sounds, key=lambda one: one.start_s):
        free = (row for row in rows if row[-1].end_s <= sound.start_s or _crosses(row, sound))
        row = next(free, None)
        if row is None:
            rows.append([sound])
        else:
            row.append(sound)
    return rows


def _crosses(row: Sequence[SoundClip], sound: SoundClip) -> bool:
    """Whether the last sound of a row fades out just while this one fades in, and the one before is over."""
    last = row[-1]
    is_cross = 0 < last.end_s - sound.start_s == last.fade_out.length_s and last.fade_out == sound.fade_in
    return is_cross and (len(row) < 2 or row[-2].end_s <= sound.start_s)


def _children(row: Sequence[SoundClip], references: Mapping[Path, Any], rate: Fraction) -> Iterator[Any]:
    """The clips of a row with gaps and cross fades, whose edit lies at the end of the earlier sound."""
    cursor_s = Fraction(0)
    for sound, following in zip(row, [*row[1:], None], strict=True):
        if sound.start_s < cursor_s:
            fade = sound.fade_in
            name = _CROSS_FADES[fade.shape]
            yield otio.schema.Transition(name, DISSOLVE, _time(fade.length_s, rate), _time(Fraction(0), rate))
            sound = replace(_moved(sound, cursor_s), fade_in=Fade())
        elif sound.start_s > cursor_s:
            gap = otio.opentime.TimeRange(duration=_time(sound.start_s - cursor_s, rate))
            yield otio.schema.Gap(source_range=gap)
        cursor_s = sound.end_s
        if following is not None and following.start_s < sound.end_s:
            sound = replace(sound, fade_out=Fade())
        yield _clip(sound, references[sound.path], rate)


def _on_frames(sound: SoundClip, rate: Fraction) -> SoundClip:
    """The sound between whole frames; where its fades end is rounded, so that sounds go on crossing."""
    times_s = (
        sound.start_s, sound.end_s, sound.start_s + sound.fade_in.length_s, sound.end_s - sound.fade_out.length_s
    )  # fmt: skip
    start_s, end_s, full_s, falls_s = (round_half_up(time_s * rate) / rate for time_s in times_s)
    fade_in = replace(sound.fade_in, length_s=full_s - start_s)
    fade_out = replace(sound.fade_out, length_s=end_s - falls_s)
    return replace(_moved(sound, start_s), end_s=end_s, fade_in=fade_in, fade_out=fade_out)


def _references(timeline: Any) -> Mapping[Path, Any]:
    found: dict[Path, Any] = {}
    for clip in clips_of(timeline):
        url = getattr(clip.media_reference, "target_url", None)
        if url and getattr(clip.parent(), "kind", "") == otio.schema.TrackKind.Audio:
            path = path_on_any_machine(url, _ANYWHERE)
            if path not in found or found[path].available_range is None:
                found[path] = clip.media_reference
    return found


def _moved(sound: SoundClip, start_s: Fraction) -> SoundClip:
    """The sound from another record time on, which shows what it shows there."""
    later_s = start_s - sound.start_s
    gain = tuple((time_s - later_s, level_db) for time_s, level_db in sound.gain)
    return replace(sound, start_s=start_s, media_s=sound.media_s + later_s * sound.speed, gain=gain)


def _clip(sound: SoundClip, reference: Any, rate: Fraction) -> Any:
    available = reference.available_range
    zero_s = Fraction(0) if available is None else exact_seconds(available.start_time)
    used = otio.opentime.TimeRange(_time(zero_s + sound.media_s, rate), _time(sound.length_s, rate))
    said = _said(sound)
    clip = otio.schema.Clip(
        name=sound.name,
        media_reference=reference.deepcopy(),
        source_range=used,
        metadata={NAMESPACE: {"sound": said}} if said else {},
    )
    if sound.is_ramped:
        clip.effects.append(otio.schema.TimeEffect())
    elif sound.speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(sound.speed)))
    return clip


def _said(sound: SoundClip) -> dict[str, Any]:
    """How it is heard, as docs/format.md spells it."""
    said: dict[str, Any] = {"stream": sound.stream} if sound.stream else {}
    if sound.channels:
        said["channels"] = list(sound.channels)
    if sound.pan:
        said["pan"] = sound.pan
    if sound.gain:
        keys = [(sound.media_s + time_s * sound.speed, level_db) for time_s, level_db in sound.gain]
        said["gain_db"] = [[at_s.numerator, at_s.denominator, level_db] for at_s, level_db in keys]
    for end, fade in (("fade_in", sound.fade_in), ("fade_out", sound.fade_out)):
        if fade.length_s:
            said[end] = [fade.length_s.numerator, fade.length_s.denominator]
            said["fade_shape"] = fade.shape
    return said


def _time(time_s: Fraction, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(float(time_s * rate), float(rate))
