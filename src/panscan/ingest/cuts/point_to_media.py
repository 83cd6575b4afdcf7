"""Pointing the clips of an editor's cut to the media that was found for them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.ingest.cuts.addresses import is_web
from panscan.ingest.cuts.clip_media import names_of, url_of
from panscan.ingest.cuts.image_sequences import SEQUENCE_KEY, is_joined
from panscan.ingest.cuts.relink import SOUND_SUFFIXES, MediaFinder
from panscan.ingest.cuts.usage import LinkedClip, clock_start, is_still
from panscan.ingest.edl.clip import METADATA_KEY
from panscan.model.media import Media
from panscan.timeline.layout import PlacedClip, clips_of
from panscan.timeline.otio_time import exact_rate, exact_seconds


def point_to_media(item: LinkedClip, rate: Fraction) -> None:
    """Point the clip to its file, and correct its available_range where that is missing or wrong."""
    clip, media = item.placed.clip, item.media
    clock_s, stated = clock_start(clip, media, rate)
    media_rate = media.video.rate
    reference = _point(clip, Path(media.path))
    if is_still(media):
        # A still has no length of its own: it lasts as long as it is used.
        used, available = clip.trimmed_range(), reference.available_range
        if available is None or not available.contains(used):
            reference.available_range = used
        return
    if stated and _holds(reference.available_range, item.placed):
        return
    start = otio.opentime.RationalTime(round(clock_s * media_rate), float(media_rate))
    length = otio.opentime.RationalTime(media.frame_count, float(media_rate))
    reference.available_range = otio.opentime.TimeRange(start, length)


def _holds(available: Any, placed: PlacedClip) -> bool:
    """Whether a stated range of media holds what a clip shows of it, to a frame."""
    slack_s = 1 / exact_rate(available.duration.rate)
    start_s = exact_seconds(available.start_time)
    end_s = start_s + exact_seconds(available.duration)
    shown_s = sorted((placed.media_at(placed.start_s), placed.media_at(placed.end_s)))
    return placed.is_ramped or (start_s - slack_s <= shown_s[0] and shown_s[1] <= end_s + slack_s)


def point_others_to_media(timeline: Any, framed: set[int], finder: MediaFinder, kept: Mapping[str, Media]) -> None:
    """Point the clips without a camera to their files, too, so that sounds stay with their pictures.

    No file is opened, and a reference whose file is not found stays as it is. Only sounds are also looked for by their
    names and reel: those of edit lists anywhere, others only among files of sound and media whose picture is used.
    """
    for number, clip in enumerate(clips_of(timeline)):
        url = url_of(clip)
        track = clip.parent()
        if number in framed or (url and is_web(url)):
            continue
        is_sound = track is not None and track.schema_name() == "Track" and track.kind == "Audio"
        path, _ = finder.locate(url, names_of(clip) if is_sound else [])
        is_meant = url or METADATA_KEY in clip.metadata
        if path is not None and (is_meant or str(path) in kept or path.suffix.lower() in SOUND_SUFFIXES):
            _point(clip, path)


def _point(clip: Any, path: Path) -> Any:
    """Point the media reference of a clip to a file, and return the reference."""
    reference = clip.media_reference
    if is_joined(path):  # the sequence stays beside it, as the editor wrote it
        own, key = clip.media_references(), clip.active_media_reference_key
        clip.set_media_references({**own, SEQUENCE_KEY: reference.deepcopy()}, key)
        reference = clip.media_reference
    if not isinstance(reference, otio.schema.ExternalReference):
        external = otio.schema.ExternalReference(
            available_range=reference.available_range, available_image_bounds=reference.available_image_bounds
        )
        external.name = reference.name
        external.metadata.update(reference.metadata)
        clip.media_reference = reference = external
    reference.target_url = path.as_uri()
    return reference
