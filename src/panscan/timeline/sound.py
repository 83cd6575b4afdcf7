"""The sound of a timeline: which media is heard when, in which track, how loud.

Where a clip says more than its place, metadata["panscan"]["sound"] of the clip holds it (docs/format.md); whoever reads
an editor's file puts it there. Levels are keyed in seconds of the media, so that a clip can be cut further.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

import opentimelineio as otio

from panscan.errors import DocumentError
from panscan.timeline.effect import NAMESPACE, plain_metadata
from panscan.timeline.facts import sound_streams_of
from panscan.timeline.layout import COMPOSITION_SCHEMAS, PlacedClip, clips_of, sound_clips
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.paths import path_on_any_machine
from panscan.timeline.transitions import find_transitions

FadeShape = Literal["linear", "equal-power"]

_MIN_SPEED, _MAX_SPEED = Fraction(1, 20), 100  # at which filters keep the pitch
# Parts of the names that editors give such cross fades.
_EQUAL_POWER_NAMES = ("constant power", "+3", "equal power", "audio crossfade")


@dataclass(frozen=True, slots=True)
class Fade:
    """Sound that comes up from silence or goes down to it.

    Attributes
    ----------
    length_s : Fraction
        0 is no fade.
    shape : "linear" or "equal-power"
        Its factor rises with time, or with the sine of a quarter turn, so that two sounds that cross keep their power.
    """

    length_s: Fraction = Fraction(0)
    shape: FadeShape = "linear"


@dataclass(frozen=True, slots=True)
class SoundClip:
    """A piece of a media's sound in the record.

    Attributes
    ----------
    name : str
        The clip's name in the timeline.
    path : Path
        Its media file.
    track : int
        Number of its sound track, from 0, lowest first; nested tracks follow those of the timeline.
    track_name : str
    start_s, end_s : Fraction
        Record time in which it is heard, the handles of its cross fades included.
    media_s : Fraction
        What is heard first, in seconds from the first picture of the media, or from the first sample of sound alone.
    speed : Fraction
        Media seconds per second of the record.
    is_ramped : bool
        The speed changes on the way, and `speed` does not say how.
    stream : int
        Number of the sound stream in its file, from 0.
    channels : tuple of int
        Those of the stream's channels that are heard, from 0; empty are all.
    gain : tuple of (Fraction, float)
        Record seconds from `start_s`, and dB; straight between two keys, constant outside; empty is 0 dB.
    pan : float
        From -1, left, to 1, right.
    fade_in, fade_out : Fade
    output : int
        Number of the sound stream of the movie in which it is heard, from 0.
    streams : tuple of (int, int)
        Channels and samples per second of each sound stream of its media; empty where the timeline does not say it.
    """

    name: str
    path: Path
    track: int
    track_name: str
    start_s: Fraction
    end_s: Fraction
    media_s: Fraction
    speed: Fraction = Fraction(1)
    is_ramped: bool = False
    stream: int = 0
    channels: tuple[int, ...] = ()
    gain: tuple[tuple[Fraction, float], ...] = ()
    pan: float = 0.0
    fade_in: Fade = Fade()
    fade_out: Fade = Fade()
    output: int = 0
    streams: tuple[tuple[int, int], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it sounds as in its media: all channels of a stream, at its own level and speed, without a fade."""
        is_level = not self.gain and not self.pan
        is_retimed = self.speed != 1 or self.is_ramped
        return is_level and not (is_retimed or self.channels or self.fade_in.length_s or self.fade_out.length_s)

    @property
    def is_playable(self) -> bool:
        """Whether it can be heard with its own pitch: forwards, at one speed that is not extreme."""
        return not self.is_ramped and _MIN_SPEED <= self.speed <= _MAX_SPEED

    @property
    def length_s(self) -> Fraction:
        """How long it is heard."""
        return self.end_s - self.start_s


def read_sounds(timeline: Any, *, folder: Path) -> tuple[SoundClip, ...]:
    """What is heard of a timeline: the enabled clips of its enabled sound tracks, and those inside its nests.

    Copies of one sound in several tracks are its streams, or its channels, and sound once: where no clip says which
    part it is, the n-th copy is the n-th stream of the media. Freeze frames are silent.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.

    Returns
    -------
    tuple of SoundClip
        By track, then in record order.

    Raises
    ------
    DocumentError
        What a clip says of its sound is damaged.
    ValueError
        A time is missing, not finite or negative, or compositions are nested too deeply.
    """
    placed = [p for p in sound_clips(timeline) if p.is_enabled and p.speed != 0 and _has_media(p.clip)]
    facts = _stream_facts(timeline)
    fades = _fades(timeline)
    parents = list(timeline.audio_tracks())  # kept: the id of an object that is gone may be given to another
    tracks = {id(track): number for number, track in enumerate(parents)}
    found: list[SoundClip] = []
    for item in placed:
        track = item.clip.parent()
        parents.append(track)
        number = tracks.setdefault(id(track), len(tracks))
        found += _sounds_of_clip(item, number, track, folder, facts, fades.get(id(item.clip), (Fade(), Fade())))
    return tuple(sorted(_each_once(found), key=lambda sound: (sound.track, sound.start_s)))


def _has_media(clip: Any) -> bool:
    return isinstance(clip.media_reference, otio.schema.ExternalReference) and bool(clip.media_reference.target_url)


def _sounds_of_clip(
    placed: PlacedClip,
    number: int,
    track: Any,
    folder: Path,
    facts: Mapping[str, tuple[tuple[int, int], ...]],
    fades: tuple[Fade, Fade],
) -> list[SoundClip]:
    """What one clip brings: a stream of its media, or several where it says so."""
    clip = placed.clip
    reference = clip.media_reference
    available = reference.available_range
    zero_s = Fraction(0) if available is None else exact_seconds(available.start_time)
    start_s, end_s = placed.start_with_handle_s, placed.end_with_handle_s
    sound = SoundClip(
        name=clip.name,
        path=path_on_any_machine(reference.target_url, folder),
        track=number,
        track_name=track.name if track is not None else "",
        start_s=start_s,
        end_s=end_s,
        media_s=placed.media_at(start_s) - zero_s,
        speed=placed.speed,
        is_ramped=placed.is_ramped,
        streams=facts.get(reference.target_url, ()),
        fade_in=fades[0],
        fade_out=fades[1],
    )
    if NAMESPACE not in clip.metadata:
        return [sound]
    try:
        own = plain_metadata(clip.metadata)[NAMESPACE]
        # Sounds of panscan's own timelines of a movie are streams of it side by side, such as languages: never mixed.
        if placed.depth == 0 and own.get("link") is not None:
            sound = replace(sound, stream=number, output=number)
        said = own.get("sound", {})
        sound = replace(sound, **_said(said, placed, zero_s, sound))
        return [replace(sound, stream=_index(stream)) for stream in said.get("streams", [sound.stream])]
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as wrong:
        raise DocumentError(
            f"what clip {clip.name!r} says of its sound is damaged",
            why=f"{wrong}.",
            fix="Compare it with docs/format.md, or make the timeline again with `panscan reframe`.",
        ) from wrong


def _said(said: Mapping[str, Any], placed: PlacedClip, zero_s: Fraction, sound: SoundClip) -> dict[str, Any]:
    """The fields of a sound clip that its metadata says, with media times as record times."""
    fields: dict[str, Any] = {}
    if "stream" in said:
        fields["stream"] = _index(said["stream"])
    if "channels" in said:
        fields["channels"] = tuple(_index(channel) for channel in said["channels"])
    if "pan" in said:
        fields["pan"] = min(max(_finite(said["pan"]), -1.0), 1.0)
    if "gain_db" in said:
        keys = said["gain_db"] if isinstance(said["gain_db"], list) else [[0, 1, said["gain_db"]]]
        record_s = placed.anchor_record_s - sound.start_s
        fields["gain"] = tuple(
            sorted(
                (record_s + (Fraction(n, d) + zero_s - placed.anchor_media_s) / placed.speed, _finite(db))
                for n, d, db in keys
            )
        )
    shape = said.get("fade_shape", "linear")
    if shape not in get_args(FadeShape):
        raise ValueError(f"{shape!r} is no shape of a fade")
    for end, own in (("fade_in", sound.fade_in), ("fade_out", sound.fade_out)):
        if end in said and not own.length_s:
            fields[end] = Fade(max(_seconds(said[end]), Fraction(0)), shape)
    return fields


def _each_once(sounds: Iterable[SoundClip]) -> Iterator[SoundClip]:
    """The sounds without needless copies: each is one stream of its media, or one choice of its channels."""
    copies: dict[tuple[Any, ...], list[SoundClip]] = {}
    for sound in sounds:
        key = (sound.path, sound.output, sound.start_s, sound.end_s, sound.media_s, sound.speed, sound.is_ramped)
        copies.setdefault(key, []).append(sound)
    for group in copies.values():
        yield from group if len(group) == 1 else _parts(group)


def _parts(copies: list[SoundClip]) -> list[SoundClip]:
    """Copies of one sound as parts of it; where no clip says which part it is, they are its streams in order."""
    if not any(sound.stream or sound.channels for sound in copies) and len({_manner(sound) for sound in copies}) == 1:
        streams = max(len(copies[0].streams), 1)
        return [replace(sound, stream=n) for n, sound in enumerate(copies[:streams])]
    parts: dict[tuple[Any, ...], SoundClip] = {}
    for sound in copies:
        manner = _manner(sound)
        known = parts.get(manner)
        if known is None:
            parts[manner] = sound
        elif known.channels:
            # Channels apart that make up the whole stream are the stream; a copy without a choice has them all.
            both = tuple(sorted({*known.channels, *sound.channels})) if sound.channels else ()
            parts[manner] = replace(known, channels=both)
    return [_whole_if_all(sound) for sound in parts.values()]


def _manner(sound: SoundClip) -> tuple[Any, ...]:
    """What tells two parts of one media's sound apart, beside their channels."""
    return sound.stream, sound.gain, sound.pan, sound.fade_in, sound.fade_out


def _whole_if_all(sound: SoundClip) -> SoundClip:
    """The sound without a choice of channels if it has all of them."""
    if sound.stream < len(sound.streams) and len(sound.channels) == sound.streams[sound.stream][0]:
        return replace(sound, channels=())
    return sound


def _fades(timeline: Any) -> dict[int, tuple[Fade, Fade]]:
    """By the id of a clip: what the transitions before and after it, on a sound track, do to its ends."""
    found: dict[int, tuple[Fade, Fade]] = {}
    for track in _sound_tracks(timeline.tracks):
        for transition, before, after in find_transitions(track):
            length_s = exact_seconds(transition.in_offset) + exact_seconds(transition.out_offset)
            fade = Fade(length_s, _shape(transition, crosses=_sounds(before) and _sounds(after)))
            if before is not None:
                found[id(before)] = (found.get(id(before), (Fade(), Fade()))[0], fade)
            if after is not None:
                found[id(after)] = (fade, found.get(id(after), (Fade(), Fade()))[1])
    return found


def _sounds(item: Any) -> bool:
    return item is not None and item.schema_name() != "Gap"


def _shape(transition: Any, *, crosses: bool) -> FadeShape:
    """Fades at one side are straight; cross fades keep their power if their name says so."""
    names = f"{transition.name} {transition.transition_type}".lower()
    return "equal-power" if crosses and any(name in names for name in _EQUAL_POWER_NAMES) else "linear"


def _sound_tracks(composition: Any) -> Iterator[Any]:
    for child in composition:
        if child.schema_name() == "Track" and child.kind == otio.schema.TrackKind.Audio:
            yield child
        if child.schema_name() in COMPOSITION_SCHEMAS:
            yield from _sound_tracks(child)


def _stream_facts(timeline: Any) -> dict[str, tuple[tuple[int, int], ...]]:
    """By the URL of a media: channels and samples per second of its sound streams, where any clip says them."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for clip in clips_of(timeline):
        reference = clip.media_reference
        url = str(getattr(reference, "target_url", None) or "")
        if url and url not in found and NAMESPACE in reference.metadata:
            streams = sound_streams_of(reference)
            if streams:
                found[url] = streams
    return found


def _index(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} should be a whole number from 0 on")
    return value


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} should be a finite number")
    return number


def _seconds(value: Any) -> Fraction:
    numerator, denominator = value
    return Fraction(numerator, denominator)
