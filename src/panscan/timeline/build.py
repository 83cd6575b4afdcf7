"""Building the OTIO timeline of one media: a clip per shot, each with its framing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.files import name_text
from panscan.model.framing import Framing
from panscan.model.media import Media
from panscan.model.plan import Shot
from panscan.timeline.bounds import image_bounds
from panscan.timeline.effect import NAMESPACE, attach_framing
from panscan.timeline.facts import facts_payload
from panscan.timeline.otio_types import Timeline


def build_timeline(
    media: Media, shots: Sequence[tuple[Shot, Framing]], *, name: str, recipe: Mapping[str, Any]
) -> Timeline:
    """A timeline of one media: one clip per shot, picture and sound cut together and linked.

    Parameters
    ----------
    media : Media
        The movie.
    shots : sequence of (Shot, Framing)
        Grid frames from 0; the embedded timecode is added here, to clips and cameras alike.
    name : str
        Name of the timeline.
    recipe : mapping
        Everything needed to repeat the run; kept in the timeline's metadata["panscan"].
    """
    timeline: Timeline = otio.schema.Timeline(name=name, metadata={NAMESPACE: dict(recipe)})
    rate = media.video.rate
    tracks = [otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)]
    tracks += [otio.schema.Track(name=f"A{n + 1}", kind=otio.schema.TrackKind.Audio) for n in range(len(media.audio))]
    media_name = name_text(Path(media.path).name)
    for number, (shot, framing) in enumerate(shots):
        for track in tracks:
            clip = otio.schema.Clip(
                name=media_name,
                media_reference=_reference(media),
                source_range=_time_range(media.start_frame + shot.first, shot.frame_count, rate),
                metadata={NAMESPACE: {"link": number + 1, "shot": number + 1}},
            )
            if track.kind == otio.schema.TrackKind.Video:
                attach_framing(clip, framing.shifted(media.start_frame))
            track.append(clip)
    timeline.tracks.extend(tracks)
    return timeline


def _reference(media: Media) -> Any:
    video = media.video
    return otio.schema.ExternalReference(
        target_url=Path(media.path).resolve().as_uri(),
        available_range=_time_range(media.start_frame, media.frame_count, video.rate),
        available_image_bounds=image_bounds(video.display_size),
        metadata={NAMESPACE: facts_payload(media)},
    )


def _time_range(first: int, count: int, rate: Fraction) -> Any:
    fps = float(rate)  # OTIO keeps rates as floats; 30000/1001 survives exactly
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, fps), otio.opentime.RationalTime(count, fps))
