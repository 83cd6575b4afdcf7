"""A timeline's picture as a row of clips and gaps, for formats that write one clip after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain

from panscan.deliver.artifact import Loss
from panscan.deliver.host_space import ROUNDING_PX, cell_to_canvas
from panscan.deliver.host_values import CameraKey
from panscan.deliver.sequence.markers import Marker
from panscan.deliver.sequence.sounds import SoundTrack
from panscan.model.corners import Corners
from panscan.model.framing import Camera, Cell
from panscan.model.geometry import Rect, Size
from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import Dissolve

DEFAULT_SOUND_HZ = 48000  # sampling rate of a timeline whose media have no sound: that of video everywhere


@dataclass(frozen=True, slots=True)
class Layer:
    """One cell of a clip, for formats that put every cell on a track of its own; layer 0 lies lowest.

    Attributes
    ----------
    cell : Cell
    keys : tuple of (int, CameraKey)
        Frame on the clip's own clock, and the key measured from the centre of the canvas.
    crops : tuple of (int, Rect)
        The same frames, and the source rectangle that the cell shows there; it may reach beyond the picture.
    needs_crop : bool
        Whether the picture would be visible outside the cell without a crop.
    tilt : tuple of (int, Corners)
        The same frames, and where the cell's corners go there; empty where its picture is never tilted.
    """

    cell: Cell
    keys: tuple[tuple[int, CameraKey], ...]
    crops: tuple[tuple[int, Rect], ...]
    needs_crop: bool
    tilt: tuple[tuple[int, Corners], ...] = ()


@dataclass(frozen=True, slots=True)
class ClipItem:
    """One clip of the row.

    Its own clock counts frames of the timeline from `clip.first` on. At normal speed these are media frames; for a
    retimed clip, `clip.media_frame` and `clip.media_position` give the media frame.

    Attributes
    ----------
    clip : FramedClip
    enabled : bool
        Whether it is switched on.
    has_sound : bool
        Whether its own sound is cut together with its picture.
    has_dense_keys : bool
        Whether a moving camera has a key on every frame.
    markers : tuple of Marker
        Its own markers, on its own clock.
    fade_in_frames, fade_out_frames : int
        How long it comes from black at its start, and goes to black at its end.
    head_frames, tail_frames : int
        Frames that a dissolve shows of its media before its first and after its last frame; 0 where the format has no
        dissolves.
    """

    clip: FramedClip
    enabled: bool
    has_sound: bool = False
    has_dense_keys: bool = False
    markers: tuple[Marker, ...] = ()
    head_frames: int = 0
    tail_frames: int = 0
    fade_in_frames: int = 0
    fade_out_frames: int = 0

    @property
    def keys(self) -> tuple[tuple[int, CameraKey], ...]:
        """Keys of the first cell inside the clip: frame, and the key measured from the centre of the canvas."""
        return self._keys(self.clip.framing.cells[0])

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All cells inside the clip, in drawing order."""
        return tuple(self._layer(cell) for cell in self.clip.framing.cells)

    def _layer(self, cell: Cell) -> Layer:
        framing = self.clip.framing
        camera = self._camera(cell)
        keys, frames = self._keys(cell), camera.frame
        crops = tuple(Rect(*row) for row in cell.crops(frames, framing.source).tolist())
        is_inset = (cell.left_px, cell.top_px, cell.size) != (0, 0, framing.canvas)
        needs_crop = is_inset and any(_leaves_out(crop, framing.source) for crop in crops)
        tilt = tuple(zip(frames, camera.corners, strict=True)) if camera.is_tilted else ()
        return Layer(cell, keys, tuple(zip(frames, crops, strict=True)), needs_crop, tilt)

    def with_dense_tilt(self) -> ClipItem:
        """The clip item with a key on every frame, where its picture is tilted.

        For formats that keep the tilt in numbers that do not run straight while the camera moves, too.
        """
        is_tilted = any(layer.tilt for layer in self.layers)
        return replace(self, has_dense_keys=True) if is_tilted else self

    def _camera(self, cell: Cell) -> Camera:
        clip = self.clip
        first, end = clip.first - self.head_frames, clip.end + self.tail_frames
        camera = trim_camera(cell.camera, first, end - 1)
        if self.has_dense_keys and not camera.is_static:
            camera = camera.resampled(range(first, end), range(first, end))
        return camera

    def _keys(self, cell: Cell) -> tuple[tuple[int, CameraKey], ...]:
        clip, camera = self.clip, self._camera(cell)
        columns = zip(camera.frame, camera.scale, camera.x_px, camera.y_px, strict=True)
        return tuple(
            (frame, cell_to_canvas(CameraKey(s, x, y), cell, clip.framing.canvas)) for frame, s, x, y in columns
        )


@dataclass(frozen=True, slots=True)
class ClipSequence:
    """The row in record order; frames that no clip item covers are gaps.

    Attributes
    ----------
    name : str
    canvas : Size
    rate : Fraction
        Frames per second.
    frame_count : int
        How long it lasts: what follows the last clip item is a gap.
    clip_items : tuple of ClipItem
    losses : tuple of Loss
        What the format cannot store.
    start_frame : int
        The timeline's own timecode at frame 0, in frames; 0 where the format cannot store it.
    markers : tuple of Marker
        The timeline's own markers, on record frames.
    dissolves : tuple of Dissolve
        Between clip items that touch; none where the format cannot store them.
    sounding_dissolves : frozenset of int
        Incoming indices of the dissolves in which the clip items' own sounds cross as well.
    sound_tracks : tuple of SoundTrack
        What else is heard, with no more than the format can store.
    """

    name: str
    canvas: Size
    rate: Fraction
    frame_count: int
    clip_items: tuple[ClipItem, ...]
    losses: tuple[Loss, ...]
    start_frame: int = 0
    markers: tuple[Marker, ...] = ()
    dissolves: tuple[Dissolve, ...] = ()
    sounding_dissolves: frozenset[int] = frozenset()
    sound_tracks: tuple[SoundTrack, ...] = ()

    def with_gaps(self) -> Iterator[tuple[int, int, ClipItem | None]]:
        """Record frame, frame count and clip item (None for a gap), without holes from frame 0 on."""
        cursor = 0
        for clip_item in self.clip_items:
            if clip_item.clip.record_frame > cursor:
                yield cursor, clip_item.clip.record_frame - cursor, None
            yield clip_item.clip.record_frame, clip_item.clip.frame_count, clip_item
            cursor = clip_item.clip.record_frame + clip_item.clip.frame_count
        if self.black_end:
            yield cursor, self.black_end, None

    @property
    def black_end(self) -> int:
        """Frames after the last clip item."""
        last = self.clip_items[-1].clip
        return self.frame_count - last.record_frame - last.frame_count

    @property
    def sound_rate_hz(self) -> int:
        """Sampling rate of the first sound among its media."""
        of_clips = (rate_hz for item in self.clip_items for _, rate_hz in item.clip.facts.audio)
        others = (hz for track in self.sound_tracks for item in track.items for _, hz in item.media.streams)
        return next(chain(of_clips, others), DEFAULT_SOUND_HZ)


def subclip(clip_item: ClipItem, first: int, end: int) -> ClipItem:
    """The frames [first, end) of a clip item, counted from its first one; they may lie in its handles."""
    clip = clip_item.clip
    part = replace(
        clip,
        first=clip.first + first,
        record_frame=clip.record_frame + first,
        frame_count=end - first,
        exact_first=clip.media_position(first) if clip.is_retimed else None,
    )
    return replace(clip_item, clip=part, head_frames=0, tail_frames=0)


def trim_camera(camera: Camera, first: int, last: int) -> Camera:
    """The camera's keys in the frames [first, last], with keys added at the ends where its curve needs them.

    A camera that does not move in these frames keeps one key.
    """
    frames = {frame for frame in camera.frame if first <= frame <= last}
    if camera.frame[0] < first:
        frames.add(first)
    if camera.frame[-1] > last:
        frames.add(last)
    at = sorted(frames)
    return camera.resampled(at, at).collapsed()


def _leaves_out(crop: Rect, source: Size) -> bool:
    """Whether a crop leaves out part of the picture."""
    return (
        crop.left > ROUNDING_PX
        or crop.top > ROUNDING_PX
        or crop.right < source.width - ROUNDING_PX
        or crop.bottom < source.height - ROUNDING_PX
    )
