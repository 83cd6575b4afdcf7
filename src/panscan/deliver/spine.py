"""A timeline's picture as a row of clips and gaps, for formats that write the clips one after the other.

What such a format cannot take along is collected here as losses; what it would show wrongly is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import opentimelineio as otio

from panscan.deliver.artifact import Loss, distinct
from panscan.deliver.host_space import Key, fit_scale, on_canvas
from panscan.document.effect import EFFECT_NAME, NAMESPACE, framing_of, plain
from panscan.document.timeline import Cut, FramedClip, framed_clip, picture_track, read_cut
from panscan.errors import DocumentError, InputError
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip of the row; `sounds`: its own sound is cut together with its picture."""

    clip: FramedClip
    enabled: bool
    sounds: bool

    @property
    def keys(self) -> tuple[tuple[int, Key], ...]:
        """Keys of the first cell inside the clip: media frame, and the key counted from the centre of the canvas."""
        clip = self.clip
        cell = clip.framing.cells[0]
        camera = within(cell.camera, clip.first, clip.end - 1)
        columns = zip(camera.frame, camera.scale, camera.x_px, camera.y_px, strict=True)
        return tuple((frame, on_canvas(Key(s, x, y), cell, clip.framing.canvas)) for frame, s, x, y in columns)


@dataclass(frozen=True, slots=True)
class Spine:
    """The row in record order. Times between two pieces that none of them covers are gaps."""

    name: str
    canvas: Size
    rate: Fraction
    pieces: tuple[Piece, ...]
    losses: tuple[Loss, ...]

    def with_gaps(self) -> Iterator[tuple[int, int, Piece | None]]:
        """Record frame, frame count and piece (None for a gap), without holes from frame 0 on."""
        cursor = 0
        for piece in self.pieces:
            if piece.clip.record_frame > cursor:
                yield cursor, piece.clip.record_frame - cursor, None
            yield piece.clip.record_frame, piece.clip.frame_count, piece
            cursor = piece.clip.record_frame + piece.clip.frame_count

    @property
    def frame_count(self) -> int:
        """Frames from 0 to the end of the last piece."""
        last = self.pieces[-1].clip
        return last.record_frame + last.frame_count


def within(camera: Camera, first: int, last: int) -> Camera:
    """The camera's keys in the frames [first, last]; keys that its curve needs at the two ends are added there.

    A camera that does not move in these frames keeps one key.
    """
    frames = {frame for frame in camera.frame if first <= frame <= last}
    if camera.frame[0] < first:
        frames.add(first)
    if camera.frame[-1] > last:
        frames.add(last)
    at = sorted(frames)
    scale, x_px, y_px = (tuple(float(v) for v in column) for column in camera.sample(at).T)
    cut = Camera(tuple(at), scale, x_px, y_px)
    return Camera((at[0],), scale[:1], x_px[:1], y_px[:1]) if cut.is_static else cut


def read_spine(timeline: Any, *, folder: Path) -> Spine:
    """The row of a timeline's picture.

    Raises
    ------
    DocumentError
        No clip is framed, or a framing is damaged.
    InputError
        A clip is retimed, refers to a web address, or shows frames that its media does not have.
    """
    cut = read_cut(timeline, folder=folder)
    track = picture_track(timeline)
    losses = [*_of_timeline(timeline, track)]
    sounds = _sounds(timeline)
    pieces: list[Piece] = []
    framed = iter(cut.clips)
    for child in track:
        if not isinstance(child, otio.schema.Clip):
            losses += _of_other_child(child)
            continue
        losses += _of_clip(child)
        external = isinstance(child.media_reference, otio.schema.ExternalReference)
        clip = next(framed) if external and framing_of(child) else _fitted(child, track, cut, folder, losses)
        if clip is None:
            continue
        _check(child, clip)
        losses += _of_framing(clip)
        own = sounds.pop(_place(child, track), [])
        losses += _of_sound(clip, len(own))
        pieces.append(Piece(clip, bool(child.enabled), bool(own)))
    losses += [
        Loss(f"the sound {name!r} of track {track_name}", "Only sound cut together with its picture is written.")
        for name, track_name in chain.from_iterable(sounds.values())
    ]
    return Spine(cut.name, cut.canvas, cut.rate, _without_overlap(pieces), distinct(losses))


def _fitted(child: Any, track: Any, cut: Cut, folder: Path, losses: list[Loss]) -> FramedClip | None:
    """An unframed clip with the whole picture fitted in, or None (a gap) where that needs facts nobody wrote down."""
    what = f"clip {child.name!r} has no camera"
    reference = child.media_reference
    facts = plain(reference.metadata[NAMESPACE]) if NAMESPACE in reference.metadata else {}
    if not (isinstance(reference, otio.schema.ExternalReference) and "size_px" in facts):
        losses.append(Loss(what, "Its media or the size of its picture is unknown, so its place stays empty."))
        return None
    losses.append(Loss(what, "Its whole picture is fitted into the canvas."))
    source = Size(*facts["size_px"])
    whole = Camera((0,), (fit_scale(source, cut.canvas),), (0.0,), (0.0,))
    return framed_clip(
        child, track, Framing(cut.canvas, source, cut.rate, (Cell(0, 0, cut.canvas, whole),), layout="fit"), folder
    )


def _check(child: Any, clip: FramedClip) -> None:
    scheme = urlsplit(child.media_reference.target_url).scheme
    if len(scheme) > 1 and scheme != "file":
        raise InputError(
            f"clip {clip.name!r} refers to {child.media_reference.target_url}",
            why="Editors import local media only.",
            fix="Download the media and point the clip to the file.",
        )
    if child.media_reference.available_range is None:
        raise InputError(
            f"clip {clip.name!r} does not say where its media starts and ends",
            why="Its media reference has no available_range, so a media frame cannot be found in the file.",
            fix="Run `panscan reframe` on the timeline again where the media can be read.",
        )
    for effect in child.effects:
        if isinstance(effect, otio.schema.TimeEffect) and getattr(effect, "time_scalar", None) != 1.0:
            raise InputError(
                f"clip {clip.name!r} is retimed ({effect.effect_name or type(effect).__name__})",
                why="Hosts disagree about what a speed change does to the media range; the picture would be wrong.",
                fix="Render the retimed clip to a movie of its own and use that, or take the speed change off.",
            )
    available_end = clip.available_first + clip.available_count
    if clip.frame_count < 1 or clip.first < clip.available_first or clip.end > available_end:
        raise InputError(
            f"clip {clip.name!r} shows frames that its media does not have",
            why=f"It uses [{clip.first}, {clip.end}) of [{clip.available_first}, {available_end}) at "
            f"{clip.framing.rate} fps.",
            fix="Count the clip's range from the media's timecode, or trim the clip to the media.",
        )
    if clip.facts.size != clip.framing.source:
        raise DocumentError(
            f"clip {clip.name!r} was framed on another picture",
            why=f"The camera counts in a source of {clip.framing.source} px, the media is {clip.facts.size} px.",
            fix="Run `panscan reframe` again on this media.",
        )


def _of_timeline(timeline: Any, shown: Any) -> Iterator[Loss]:
    if timeline.global_start_time is not None and timeline.global_start_time.value:
        yield Loss("the start timecode of the timeline", "The written timeline starts at zero.")
    if len(timeline.tracks.markers):
        yield Loss("the markers of the timeline", "Only picture, cameras and sound are written.")
    for track in timeline.video_tracks():
        if track is not shown and track.enabled and track.find_clips():
            yield Loss(f"video track {track.name!r}", f"Only the picture of track {shown.name!r} is written.")


def _of_other_child(child: Any) -> Iterator[Loss]:
    if isinstance(child, otio.schema.Transition):
        yield Loss(f"the transition {child.name or child.transition_type!r}", "It becomes a hard cut.")
    elif not isinstance(child, otio.schema.Gap):
        yield Loss(f"the nested {type(child).__name__.lower()} {child.name!r}", "Its place stays empty.")


def _of_clip(child: Any) -> Iterator[Loss]:
    for effect in child.effects:
        ours = effect.effect_name == EFFECT_NAME and NAMESPACE in effect.metadata
        if not ours and not isinstance(effect, otio.schema.TimeEffect):
            name = effect.effect_name or effect.name or type(effect).__name__
            yield Loss(f"the effect {name!r} of clip {child.name!r}", "Only the camera is written.")
    if len(child.markers):
        yield Loss(f"the markers of clip {child.name!r}", "Only picture, cameras and sound are written.")


def _of_framing(clip: FramedClip) -> Iterator[Loss]:
    framing = clip.framing
    cell = framing.cells[0]
    if len(framing.cells) > 1:
        yield Loss(
            f"{len(framing.cells) - 1} of {len(framing.cells)} cells of clip {clip.name!r} (layout {framing.layout})",
            "The file holds one camera per clip: the first cell is in its place and its picture is not cut off at "
            "the cell's edge.",
        )
    elif (cell.left_px, cell.top_px, cell.size) != (0, 0, framing.canvas):
        yield Loss(
            f"the edge of the cell of clip {clip.name!r}",
            "The picture is in its place, but not cut off where the cell ends.",
        )
    if framing.background.lower() not in ("black", "#000000") and _shows_background(clip):
        yield Loss(f"the background {framing.background!r} of clip {clip.name!r}", "It is black around the picture.")


def _shows_background(clip: FramedClip) -> bool:
    # The edges of the picture on the canvas run straight between keys, so the keys tell.
    cell, source = clip.framing.cells[0], clip.framing.source
    camera = within(cell.camera, clip.first, clip.end - 1)
    crops = cell.crops(camera.frame, source)
    slack_px = 0.5
    return bool(
        np.any(crops[:, :2] < -slack_px)
        or np.any(crops[:, 0] + crops[:, 2] > source.width + slack_px)
        or np.any(crops[:, 1] + crops[:, 3] > source.height + slack_px)
    )


def _of_sound(clip: FramedClip, used: int) -> Iterator[Loss]:
    streams = len(clip.facts.audio)
    if used and not streams:
        yield Loss(f"the sound of clip {clip.name!r}", "The document does not say which sound its media has.")
    elif 0 < used < streams:
        yield Loss(
            f"the choice of sound streams of clip {clip.name!r}",
            f"The cut uses {used} of the {streams} streams of its media; the clip brings them all.",
        )


def _sounds(timeline: Any) -> dict[tuple[Any, ...], list[tuple[str, str]]]:
    """Clip and track name of all sounds, by their place and media."""
    found: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
    for track in timeline.audio_tracks():
        for child in track:
            if track.enabled and isinstance(child, otio.schema.Clip) and child.enabled:
                found.setdefault(_place(child, track), []).append((child.name, track.name))
    return found


def _place(child: Any, track: Any) -> tuple[Any, ...]:
    """What a picture and its own sound have in common: media, media range and place in the record, in seconds."""
    used = child.trimmed_range()
    record = track.range_of_child(child)
    url = getattr(child.media_reference, "target_url", id(child))
    times = (used.start_time, used.duration, record.start_time)
    return (url, *(round(time.to_seconds(), 4) for time in times))


def _without_overlap(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Pieces whose starts were rounded to the frame grid end where the next one starts."""
    kept: list[Piece] = []
    for number, piece in enumerate(pieces):
        room = pieces[number + 1].clip.record_frame - piece.clip.record_frame if number + 1 < len(pieces) else None
        if room is not None and room < piece.clip.frame_count:
            piece = replace(piece, clip=replace(piece.clip, frame_count=room))
        kept.append(piece)
    return tuple(kept)
