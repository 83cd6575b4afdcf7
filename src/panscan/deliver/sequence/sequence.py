"""A timeline's picture as a row of clips and gaps, for formats that write the clips one after the other.

What such a format cannot take along is collected here as losses; what it would show wrongly is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.deliver.artifact import Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import CameraKey, cell_to_canvas, fit_scale
from panscan.deliver.sequence import losses as losing
from panscan.deliver.sequence.marks import Marker, markers_on_clip_clock, read_markers
from panscan.errors import InputError
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Rect, Size
from panscan.model.time import snap_rate
from panscan.timeline.cut import (
    Cut,
    FramedClip,
    children_with_starts,
    clip_in_record_frames,
    framed_clip,
    is_framed,
    picture_track,
    read_cut,
)
from panscan.timeline.effect import NAMESPACE, plain_metadata
from panscan.timeline.layout import speed_of
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.transitions import Dissolve, HardCut, is_transition, label_of, split_dissolves

__all__ = ["ClipItem", "ClipSequence", "Dissolve", "Layer", "Marker", "read_sequence", "start_frame_of", "trim_camera"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One cell of a clip, for formats that put every cell on a track of its own; layer 0 lies lowest.

    keys: frame on the clip's own clock, and the key counted from the centre of the canvas; shows: frame of the same
    keys, and the source rectangle that the cell shows there (it may reach beyond the picture); is_cut: the picture
    would show outside the cell if it were not cropped to `shows`.
    """

    cell: Cell
    keys: tuple[tuple[int, CameraKey], ...]
    crops: tuple[tuple[int, Rect], ...]
    needs_crop: bool


@dataclass(frozen=True, slots=True)
class ClipItem:
    """One clip of the row.

    Its own clock runs from `clip.first` on with the frames of the timeline: that of its media at normal speed. Which
    media frame a retimed clip shows say `clip.media_frame` and `clip.media_position`.

    sounds: its own sound is cut together with its picture; dense: a key on every frame; marks: its own markers, which
    count on its own clock; head_frames, tail_frames: how much of its media a dissolve shows before its
    first and after its last frame (only where the format can say dissolves).
    """

    clip: FramedClip
    enabled: bool
    has_sound: bool
    has_dense_keys: bool = False
    markers: tuple[Marker, ...] = ()
    head_frames: int = 0
    tail_frames: int = 0

    @property
    def keys(self) -> tuple[tuple[int, CameraKey], ...]:
        """Keys of the first cell inside the clip: frame, and the key counted from the centre of the canvas."""
        return self._keys(self.clip.framing.cells[0])

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All cells inside the clip, in drawing order."""
        framing = self.clip.framing
        layers = []
        for cell in framing.cells:
            keys = self._keys(cell)
            frames = [frame for frame, _ in keys]
            rects = tuple(Rect(*row) for row in cell.crops(frames, framing.source).tolist())
            is_cut = (cell.left_px, cell.top_px, cell.size) != (0, 0, framing.canvas) and any(
                rect.left > 0.01
                or rect.top > 0.01
                or rect.right < framing.source.width - 0.01
                or rect.bottom < framing.source.height - 0.01
                for rect in rects
            )
            layers.append(Layer(cell, keys, tuple(zip(frames, rects, strict=True)), is_cut))
        return tuple(layers)

    def _keys(self, cell: Cell) -> tuple[tuple[int, CameraKey], ...]:
        clip = self.clip
        first, end = clip.first - self.head_frames, clip.end + self.tail_frames
        camera = trim_camera(cell.camera, first, end - 1)
        if self.has_dense_keys and not camera.is_static:
            camera = _bake_camera(camera, first, end)
        columns = zip(camera.frame, camera.scale, camera.x_px, camera.y_px, strict=True)
        return tuple(
            (frame, cell_to_canvas(CameraKey(s, x, y), cell, clip.framing.canvas)) for frame, s, x, y in columns
        )


@dataclass(frozen=True, slots=True)
class ClipSequence:
    """The row in record order. Times between two pieces that none of them covers are gaps.

    start_frame: the timeline's own timecode at frame 0, for formats that can say it (0 for the others); marks: the
    timeline's own markers, which count record frames; dissolves: between pieces that touch, for formats that can say
    them.
    """

    name: str
    canvas: Size
    rate: Fraction
    clip_items: tuple[ClipItem, ...]
    losses: tuple[Loss, ...]
    start_frame: int = 0
    markers: tuple[Marker, ...] = ()
    dissolves: tuple[Dissolve, ...] = ()

    def with_gaps(self) -> Iterator[tuple[int, int, ClipItem | None]]:
        """Record frame, frame count and piece (None for a gap), without holes from frame 0 on."""
        cursor = 0
        for piece in self.clip_items:
            if piece.clip.record_frame > cursor:
                yield cursor, piece.clip.record_frame - cursor, None
            yield piece.clip.record_frame, piece.clip.frame_count, piece
            cursor = piece.clip.record_frame + piece.clip.frame_count

    @property
    def frame_count(self) -> int:
        """Frames from 0 to the end of the last piece."""
        last = self.clip_items[-1].clip
        return last.record_frame + last.frame_count


def trim_camera(camera: Camera, first: int, last: int) -> Camera:
    """The camera's keys in the frames [first, last]; keys that its curve needs at the two ends are added there.

    A camera that does not move in these frames keeps one key.
    """
    frames = {frame for frame in camera.frame if first <= frame <= last}
    if camera.frame[0] < first:
        frames.add(first)
    if camera.frame[-1] > last:
        frames.add(last)
    at = sorted(frames)
    scale, x_px, y_px = (tuple(column) for column in camera.sample(at).T.tolist())
    cut = Camera(tuple(at), scale, x_px, y_px)
    return Camera((at[0],), scale[:1], x_px[:1], y_px[:1]) if cut.is_static else cut


def _bake_camera(camera: Camera, first: int, end: int) -> Camera:
    frames = range(first, end)
    scale, x_px, y_px = (tuple(column) for column in camera.sample(list(frames)).T.tolist())
    return Camera(tuple(frames), scale, x_px, y_px)


def read_sequence(
    timeline: Any, *, folder: Path, capabilities: Capabilities | None = None, keys: KeyDensity = "sparse"
) -> ClipSequence:
    """The row of a timeline's picture.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.
    able : Capabilities
        What the format can say; the rest becomes losses.
    keys : "sparse" or "every-frame"
        The document's keys, or one on each frame of moving cameras.

    Raises
    ------
    DocumentError
        No clip is framed, or a framing is damaged.
    InputError
        A clip is retimed in a way that the format cannot say, refers to a web address, or shows frames that its media
        does not have; or no clip is left.
    """
    capabilities = capabilities or Capabilities()
    cut = read_cut(timeline, folder=folder)
    track = picture_track(timeline)
    losses = [*losing.timeline_losses(timeline, track, capabilities)]
    sounds = _sounds(timeline)
    pieces: list[ClipItem] = []
    transitions: list[tuple[Any, Fraction]] = []
    framed = iter(cut.clips)
    for child, start_s in children_with_starts(track):
        if is_transition(child):
            transitions.append((child, start_s))
            continue
        if not isinstance(child, otio.schema.Clip):
            losses += losing.other_child_losses(child)
            continue
        losses += losing.clip_losses(child, capabilities)
        clip = next(framed) if is_framed(child) else _fit_unframed_clip(child, start_s, cut, folder, losses)
        if clip is None:
            continue
        if clip.is_retimed and not capabilities.retimes and capabilities.without_retimes:
            losses.append(Loss(f"the retimed clip {clip.name!r}", capabilities.without_retimes))
            sounds.pop(_sync_key(child, start_s), None)
            continue
        losing.check_clip(child, clip, capabilities)
        clip = clip_in_record_frames(clip)
        cameras = [trim_camera(cell.camera, clip.first, clip.end - 1) for cell in clip.framing.cells]
        losses += losing.framing_losses(clip, cameras, capabilities)
        own = sounds.pop(_sync_key(child, start_s), [])
        losses += losing.sound_losses(clip, len(own), capabilities)
        own_marks = markers_on_clip_clock(read_markers(child.markers, cut.rate), clip) if capabilities.markers else ()
        heard = bool(own) and clip.speed != 0
        pieces.append(ClipItem(clip, bool(child.enabled), heard, keys == "every-frame", own_marks))
    if not pieces:
        raise InputError(
            f"nothing of timeline {cut.name!r} can be written",
            why="All its clips with a camera are retimed, which this format does not say.",
            fix="Deliver another format, or render the retimed clips to movies of their own and use those.",
        )
    losses += [
        Loss(f"the sound {name!r} of track {track_name}", "Only sound cut together with its picture is written.")
        for name, track_name in chain.from_iterable(sounds.values())
    ]
    row = _without_overlap(pieces)
    dissolves, hard_cuts = _dissolves(transitions, row, cut.rate, capabilities)
    losses += [Loss(f"the transition {label_of(transition)!r}", why) for transition, why in hard_cuts]
    for dissolve in dissolves:
        before, after = row[dissolve.after - 1], row[dissolve.after]
        row[dissolve.after - 1] = replace(before, tail_frames=dissolve.out_frames)
        row[dissolve.after] = replace(after, head_frames=dissolve.in_frames)
    return ClipSequence(
        cut.name,
        cut.canvas,
        cut.rate,
        tuple(row),
        distinct_losses(losses),
        start_frame_of(timeline, cut.rate) if capabilities.start_timecode else 0,
        read_markers([*timeline.tracks.markers, *track.markers], cut.rate) if capabilities.markers else (),
        tuple(dissolves),
    )


def _dissolves(
    transitions: Sequence[tuple[Any, Fraction]], row: Sequence[ClipItem], rate: Fraction, capabilities: Capabilities
) -> tuple[list[Dissolve], list[HardCut]]:
    """The dissolves of a row, and the transitions that become hard cuts: all of them if the format has none."""
    if not capabilities.transitions:
        return [], [(transition, "It becomes a hard cut.") for transition, _ in transitions]
    return split_dissolves(transitions, [item.clip for item in row], rate)


def _fit_unframed_clip(child: Any, start_s: Fraction, cut: Cut, folder: Path, losses: list[Loss]) -> FramedClip | None:
    """An unframed clip with the whole picture fitted in, or None (a gap) where that needs facts nobody wrote down."""
    what = f"clip {child.name!r} has no camera"
    reference = child.media_reference
    facts = plain_metadata(reference.metadata[NAMESPACE]) if NAMESPACE in reference.metadata else {}
    if not (isinstance(reference, otio.schema.ExternalReference) and "size_px" in facts):
        losses.append(Loss(what, "Its media or the size of its picture is unknown, so its place stays empty."))
        return None
    losses.append(Loss(what, "Its whole picture is fitted into the canvas."))
    source = Size(*facts["size_px"])
    whole = Camera((0,), (fit_scale(source, cut.canvas),), (0.0,), (0.0,))
    fitted = Framing(cut.canvas, source, cut.rate, (Cell(0, 0, cut.canvas, whole),), layout="fit")
    return framed_clip(child, start_s, fitted, folder)


def start_frame_of(timeline: Any, rate: Fraction) -> int:
    """The timecode at which a timeline starts, in frames of `rate` since midnight."""
    start = timeline.global_start_time
    return 0 if start is None else round(Fraction(start.value) * rate / snap_rate(start.rate))


def _sounds(timeline: Any) -> dict[tuple[Any, ...], list[tuple[str, str]]]:
    """Clip and track name of all sounds, by their place and media."""
    found: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
    for track in timeline.audio_tracks():
        for child, start_s in children_with_starts(track):
            if not (track.enabled and isinstance(child, otio.core.Composition | otio.schema.Clip) and child.enabled):
                continue
            place = _sync_key(child, start_s) if isinstance(child, otio.schema.Clip) else (id(child),)
            found.setdefault(place, []).append((child.name, track.name))
    return found


def _sync_key(child: Any, start_s: Fraction) -> tuple[Any, ...]:
    """What a picture and its own sound have in common: media, media range, place in the record (seconds), and speed."""
    used = child.trimmed_range()
    url = getattr(child.media_reference, "target_url", id(child))
    times = (exact_seconds(used.start_time), exact_seconds(used.duration), start_s, speed_of(child)[0])
    return (url, *(round(float(time), 4) for time in times))


def _without_overlap(pieces: list[ClipItem]) -> list[ClipItem]:
    """Pieces whose starts were rounded to the frame grid end where the next one starts."""
    kept: list[ClipItem] = []
    for number, piece in enumerate(pieces):
        room = pieces[number + 1].clip.record_frame - piece.clip.record_frame if number + 1 < len(pieces) else None
        if room is not None and room < piece.clip.frame_count:
            piece = replace(piece, clip=replace(piece.clip, frame_count=room))
        kept.append(piece)
    return kept
