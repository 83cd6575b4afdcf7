"""The sounds of a timeline that are not part of a picture's clip, in tracks as deliveries write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from panscan.model.time import round_half_up
from panscan.timeline.cut import FramedClip
from panscan.timeline.layout import clips_of
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.paths import path_on_any_machine
from panscan.timeline.sound import SoundClip


@dataclass(frozen=True, slots=True)
class SoundMedia:
    """A file that is heard.

    Attributes
    ----------
    path : Path
    start_s : Fraction
        Timecode of its first picture, or of its first sample if it has no picture.
    length_s : Fraction
    streams : tuple of (int, int)
        Channels and samples per second of each sound stream; empty where the timeline does not say it.
    clip : FramedClip, optional
        A clip of the row that shows the same file.
    """

    path: Path
    start_s: Fraction
    length_s: Fraction
    streams: tuple[tuple[int, int], ...] = ()
    clip: FramedClip | None = None

    def channels_of(self, sound: SoundClip) -> tuple[int, ...]:
        """Numbers of the channels of a sound, from 0 on, counted through all streams of the file.

        A stream that the timeline says nothing about is taken for the first one, of two channels.
        """
        before = sum(channels for channels, _ in self.streams[: sound.stream])
        own = self.streams[sound.stream][0] if sound.stream < len(self.streams) else 2
        return tuple(before + channel for channel in sound.channels or range(own) if channel < own)


@dataclass(frozen=True, slots=True)
class SoundItem:
    """A sound in a track of its own.

    Attributes
    ----------
    sound : SoundClip
    media : SoundMedia
    """

    sound: SoundClip
    media: SoundMedia

    @property
    def source_s(self) -> Fraction:
        """What is heard first, on the clock of its media: with the timecode."""
        return self.media.start_s + self.sound.media_s

    def record_frames(self, rate: Fraction) -> tuple[int, int]:
        """First record frame and the one after the last."""
        return round_half_up(self.sound.start_s * rate), round_half_up(self.sound.end_s * rate)

    def crosses(self, following: SoundItem) -> bool:
        """Whether it fades out while the following sound fades in, and both last just as long."""
        overlap = self.sound.end_s - following.sound.start_s
        fades = (self.sound.fade_out, following.sound.fade_in)
        return 0 < overlap == fades[0].length_s and fades[0] == fades[1]


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """A track of sounds.

    Attributes
    ----------
    name : str
    items : tuple of SoundItem
        In record order. Some may overlap.
    """

    name: str
    items: tuple[SoundItem, ...]

    def rows(self, *, crossing: bool = False) -> list[tuple[SoundItem, ...]]:
        """Its items in as few rows as possible in which none overlaps; crossing: but for cross fades."""
        rows: list[list[SoundItem]] = []
        for item in self.items:
            free = (
                row for row in rows if row[-1].sound.end_s <= item.sound.start_s or (crossing and _may_cross(row, item))
            )
            row = next(free, None)
            if row is None:
                rows.append([item])
            else:
                row.append(item)
        return [tuple(row) for row in rows]


def cross_fades(row: Sequence[SoundItem]) -> Iterator[tuple[int, SoundItem, SoundItem]]:
    """Where a row has cross fades: index of the later item, and both items."""
    for index, (before, after) in enumerate(pairwise(row), start=1):
        if before.crosses(after):
            yield index, before, after


def _may_cross(row: Sequence[SoundItem], item: SoundItem) -> bool:
    """Whether an item crosses the last one of a row, and not the one before as well."""
    return row[-1].crosses(item) and (len(row) < 2 or row[-2].sound.end_s <= item.sound.start_s)


def level_at(sound: SoundClip, time_s: Fraction) -> float:
    """The level of a sound in dB, so many seconds after its start."""
    keys = sound.gain
    if not keys:
        return 0.0
    if time_s <= keys[0][0]:
        return keys[0][1]
    for (a_s, a_db), (b_s, b_db) in pairwise(keys):
        if time_s < b_s:
            return a_db + (b_db - a_db) * float((time_s - a_s) / (b_s - a_s))
    return keys[-1][1]


def level_keys(sound: SoundClip) -> list[tuple[Fraction, float]]:
    """The keys of a sound's level from its start to its end, and at these; one where it never changes."""
    keys = [key for key in sound.gain if 0 < key[0] < sound.length_s]
    ends = [(at_s, level_at(sound, at_s)) for at_s in (Fraction(0), sound.length_s)]
    keys = [ends[0], *keys, ends[1]]
    return keys if len({level_db for _, level_db in keys}) > 1 else keys[:1]


def sound_tracks(sounds: Iterable[SoundClip], media: Mapping[Path, SoundMedia], kept: int) -> list[SoundTrack]:
    """Sounds in tracks; what lies outside its media is left out, as nothing sounds there.

    The first `kept` tracks stay as they are. The many small ones of nests, which follow, share as few as possible.
    """
    tracks: dict[int, list[SoundItem]] = {}
    names: dict[int, str] = {}
    for sound in sounds:
        item = _inside_its_media(SoundItem(sound, media[sound.path]))
        if item.sound.length_s > 0:
            names.setdefault(sound.track, sound.track_name or f"Audio {sound.track + 1}")
            tracks.setdefault(sound.track, []).append(item)
    own = [SoundTrack(names[number], tuple(tracks[number])) for number in sorted(tracks) if number < kept]
    nested = [item for number in sorted(tracks) if number >= kept for item in tracks[number]]
    nested.sort(key=lambda item: item.sound.start_s)
    shared = SoundTrack("", tuple(nested)).rows(crossing=True)
    return own + [SoundTrack(f"nested {number}", row) for number, row in enumerate(shared, start=1)]


def sound_media(
    timeline: Any, folder: Path, clips: Iterable[FramedClip], sounds: Iterable[SoundClip]
) -> dict[Path, SoundMedia]:
    """What the timeline says of the media that are heard; `clips`: those of the row."""
    found: dict[Path, SoundMedia] = {}
    for clip in clips:
        start_s, length_s = (frames / clip.framing.rate for frames in (clip.available_first, clip.available_count))
        found.setdefault(clip.path, SoundMedia(clip.path, start_s, length_s, clip.facts.audio, clip))
    stated = _stated_ranges(timeline, folder)
    for sound in sounds:
        known = found.get(sound.path)
        if sound.path in stated:
            found.setdefault(sound.path, SoundMedia(sound.path, *stated[sound.path], sound.streams))
        elif known is None or known.clip is None:  # as long as what is used of it
            ends = (sound.media_s, sound.media_s + sound.length_s * sound.speed)
            length_s = max(*ends, known.length_s if known else Fraction(0))
            found[sound.path] = SoundMedia(sound.path, Fraction(0), length_s, sound.streams)
    return found


def _stated_ranges(timeline: Any, folder: Path) -> dict[Path, tuple[Fraction, Fraction]]:
    """Start and length in seconds of the media on sound tracks that say it."""
    by_url: dict[str, Any] = {}
    for clip in clips_of(timeline):
        url = str(getattr(clip.media_reference, "target_url", None) or "")
        track = clip.parent()
        is_heard = clip.enabled and getattr(track, "kind", "") == "Audio" and track.enabled
        if url and is_heard and by_url.get(url) is None:
            by_url[url] = clip.media_reference.available_range
    return {
        path_on_any_machine(url, folder): (exact_seconds(available.start_time), exact_seconds(available.duration))
        for url, available in by_url.items()
        if available is not None
    }


def from_later(sound: SoundClip, later_s: Fraction) -> SoundClip:
    """The sound from so many seconds after its start on."""
    return replace(
        sound,
        start_s=sound.start_s + later_s,
        media_s=sound.media_s + later_s * sound.speed,
        gain=tuple((time_s - later_s, level) for time_s, level in sound.gain),
    )


def on_frames(item: SoundItem, rate: Fraction) -> SoundItem:
    """The item with its times moved to whole frames, for formats that count these."""
    sound = item.sound
    first, end = item.record_frames(rate)
    moved = from_later(sound, first / rate - sound.start_s)
    # Where fades end is rounded, not how long they are: so two sounds that cross go on crossing.
    full_frame = round_half_up((sound.start_s + sound.fade_in.length_s) * rate)
    falls_frame = round_half_up((sound.end_s - sound.fade_out.length_s) * rate)
    moved = replace(
        moved,
        end_s=max(end, first + 1) / rate,
        media_s=round_half_up(moved.media_s * rate) / rate,
        fade_in=replace(sound.fade_in, length_s=(full_frame - first) / rate),
        fade_out=replace(sound.fade_out, length_s=(end - falls_frame) / rate),
    )
    return replace(item, sound=moved)


def _inside_its_media(item: SoundItem) -> SoundItem:
    sound, length_s = item.sound, item.media.length_s
    if not sound.speed or sound.is_ramped:
        return item
    # Record times at which the media starts and ends, in playing order.
    ends = sorted(sound.start_s + (at_s - sound.media_s) / sound.speed for at_s in (Fraction(0), length_s))
    first_s, end_s = max(sound.start_s, ends[0]), min(sound.end_s, ends[1])
    if (first_s, end_s) == (sound.start_s, sound.end_s):
        return item
    return replace(item, sound=from_later(replace(sound, end_s=end_s), first_s - sound.start_s))
