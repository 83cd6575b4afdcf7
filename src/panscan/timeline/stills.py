"""Building the OTIO timeline of photos: each stands for some frames with its framing, perhaps with music under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.files import name_text
from panscan.model.framing import Framing
from panscan.model.media import StillFacts
from panscan.timeline.bounds import image_bounds
from panscan.timeline.effect import NAMESPACE, attach_framing
from panscan.timeline.facts import still_payload
from panscan.timeline.otio_types import Timeline


@dataclass(frozen=True, slots=True, eq=False)
class StillClip:
    """A photo in a cut.

    Attributes
    ----------
    path : Path
        Of the photo.
    shot : str
        Which shot of the photo it is, such as "close-up".
    frame_count : int
        How long it stands.
    framing : Framing
        Its keys count from the clip's first frame.
    facts : StillFacts
    """

    path: Path
    shot: str
    frame_count: int
    framing: Framing
    facts: StillFacts


@dataclass(frozen=True, slots=True)
class Music:
    """A file of sound that is heard under a cut from its start.

    Attributes
    ----------
    path : Path
    streams : tuple of (int, int)
        Channels and samples per second of each of its sound streams; the first is heard.
    duration_s : Fraction
    """

    path: Path
    streams: tuple[tuple[int, int], ...]
    duration_s: Fraction


def build_stills_timeline(
    clips: Sequence[StillClip], *, name: str, recipe: Mapping[str, Any], music: Music | None = None
) -> Timeline:
    """A timeline of photos, one after the other; music is cut to their length.

    Parameters
    ----------
    clips : sequence of StillClip
        At least one; all framings have one rate.
    name : str
        Name of the timeline.
    recipe : mapping
        Everything needed to repeat the run; kept in the timeline's metadata["panscan"].
    music : Music, optional
    """
    timeline: Timeline = otio.schema.Timeline(name=name, metadata={NAMESPACE: dict(recipe)})
    pictures = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    for number, clip in enumerate(clips, 1):
        pictures.append(_clip(clip, number))
    timeline.tracks.append(pictures)
    if music is not None:
        sounds = otio.schema.Track(name="A1", kind=otio.schema.TrackKind.Audio)
        sounds.append(_sound(music, min(length_s(clips), music.duration_s), clips[0].framing.rate))
        timeline.tracks.append(sounds)
    return timeline


def length_s(clips: Sequence[StillClip]) -> Fraction:
    """How long photos stand, one after the other, in seconds."""
    return sum(clip.frame_count for clip in clips) / clips[0].framing.rate


def _clip(still: StillClip, number: int) -> Any:
    framing = still.framing
    stands = _range(Fraction(still.frame_count), framing.rate)
    reference = otio.schema.ExternalReference(
        target_url=still.path.resolve().as_uri(),
        available_range=stands,  # editors show a still as long as its clip asks for
        available_image_bounds=image_bounds(framing.source),
        metadata={NAMESPACE: still_payload(still.facts, framing.source, framing.rate)},
    )
    clip = otio.schema.Clip(
        name=name_text(still.path.name),  # editors find media by it
        media_reference=reference,
        source_range=stands,
        metadata={NAMESPACE: {"shot": number, "shot_size": still.shot}},
    )
    attach_framing(clip, framing)
    return clip


def _sound(music: Music, heard_s: Fraction, rate: Fraction) -> Any:
    reference = otio.schema.ExternalReference(
        target_url=music.path.resolve().as_uri(),
        available_range=_range(music.duration_s * rate, rate),
        metadata={NAMESPACE: {"audio": [{"channels": c, "rate_hz": hz} for c, hz in music.streams]}},
    )
    return otio.schema.Clip(
        name=name_text(music.path.name), media_reference=reference, source_range=_range(heard_s * rate, rate)
    )


def _range(frames: Fraction, rate: Fraction) -> Any:
    fps = float(rate)  # OTIO keeps rates as floats; 30000/1001 survives exactly
    return otio.opentime.TimeRange(otio.opentime.RationalTime(0, fps), otio.opentime.RationalTime(float(frames), fps))
