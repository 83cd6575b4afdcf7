"""The calibration cut: six clips, each with one kind of camera, and the frames at which an editor is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from panscan.calibrate import grid
from panscan.deliver.host_space import fit_scale
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size, even_floor
from panscan.model.plan import Shot

CLIP_FRAMES = 40  # length of each clip: long enough for two keys with still frames around them
_FIRST_IN, _STEP = 6, 49  # frames of the movie; no clip starts where the last one ended, none at the movie's start
_MOVE_FROM, _MIDDLE, _MOVE_TO = 8, 20, 32  # frames of a clip: its two keys, and half-way between them


@dataclass(frozen=True, slots=True)
class CalibrationClip:
    """One clip of the cut.

    Attributes
    ----------
    name, title : str
    tests : str
        What it tests.
    shot : Shot
        Its frames of the movie, from 0.
    framing : Framing
        With keys on frames of the movie.
    checks : tuple of (int, str)
        Frames of the clip at which an editor is compared, and why there.
    """

    name: str
    title: str
    tests: str
    shot: Shot
    framing: Framing
    checks: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class CheckFrame:
    """One frame at which an editor is compared.

    Attributes
    ----------
    slug : str
        Its name in file names.
    clip : CalibrationClip
        The clip that shows it.
    why : str
        Why this frame.
    record_frame : int
        In the timeline.
    movie_frame : int
        In the movie.
    """

    slug: str
    clip: CalibrationClip
    why: str
    record_frame: int
    movie_frame: int

    @property
    def timecode(self) -> str:
        """Place in a timeline that starts at zero."""
        return grid.timecode(self.record_frame)

    def expected_crops(self) -> Iterator[tuple[Cell, Rect]]:
        """Each cell, and the rectangle of the movie that it must show."""
        for cell in self.clip.framing.cells:
            yield cell, cell.crop_at(self.movie_frame, grid.SIZE)


def calibration_clips(canvas: Size) -> tuple[CalibrationClip, ...]:
    """The clips of the cut for a canvas, in order."""
    middle = ((_MIDDLE, "the middle of the clip"),)
    moving = (
        (_MOVE_FROM, "the first key"),
        (_MIDDLE, "half-way between two keys: here curves and straight lines differ"),
        (_MOVE_TO, "the second key"),
    )
    jump = ((_MIDDLE - 1, "the last frame before the jump"), (_MIDDLE, "the first frame after it"))
    whole = (0, fit_scale(grid.SIZE, canvas), 0.0, 0.0)
    pan = (_key(_MOVE_FROM, canvas, 4 / 3, 0.1, 0.8), _key(_MOVE_TO, canvas, 4 / 3, 0.85, 0.15))
    zoom = (_key(_MOVE_FROM, canvas, 1.05, 0.25, 0.5), _key(_MOVE_TO, canvas, 2.1, 0.65, 0.75))
    cut = (_key(_MIDDLE - 1, canvas, 1.2, 0.1, 0.2), _key(_MIDDLE, canvas, 1.6, 0.8, 0.7))
    still = _key(0, canvas, 1.25, 0.7, 0.25)
    rows = (
        ("whole", "Whole picture", "base size: nothing is scaled twice", _one(canvas, whole), middle),
        ("static", "Static crop", "units of scale and position, both axes", _one(canvas, still), middle),
        ("pan", "Pan", "keyframes of position, their times and the line between them", _one(canvas, *pan), moving),
        ("zoom", "Zoom", "keyframes of scale and position together", _one(canvas, *zoom), moving),
        ("jump", "Jump", "keys on two neighbouring frames", _one(canvas, *cut), jump),
        ("split", "Split", "two cameras at once, each cut off at its edge", _split(canvas), middle),
    )  # fmt: skip
    made = []
    for number, (name, title, tests, cells, checks) in enumerate(rows):
        first = _FIRST_IN + number * _STEP
        framing = Framing(canvas, grid.SIZE, Fraction(grid.RATE), cells, layout=name, why=tests).shifted(first)
        made.append(CalibrationClip(name, title, tests, Shot(first, first + CLIP_FRAMES), framing, checks))
    return tuple(made)


def check_frames(cut: tuple[CalibrationClip, ...]) -> tuple[CheckFrame, ...]:
    """The frames to compare, in order of the timeline."""
    found: list[CheckFrame] = []
    for number, clip in enumerate(cut):
        for offset, why in clip.checks:
            slug = f"{len(found) + 1:02d}-{clip.name}" + (f"-{offset:02d}" if len(clip.checks) > 1 else "")
            found.append(CheckFrame(slug, clip, why, number * CLIP_FRAMES + offset, clip.shot.first + offset))
    return tuple(found)


def pan_between(first: int, last: int, canvas: Size) -> Cell:
    """A cell of the whole canvas whose camera pans from a frame of the movie to a later one."""
    keys = (_key(first, canvas, 4 / 3, 0.1, 0.8), _key(last, canvas, 4 / 3, 0.85, 0.15))
    return _one(canvas, *keys)[0]


def _one(canvas: Size, *keys: tuple[int, float, float, float]) -> tuple[Cell, ...]:
    return (Cell(0, 0, canvas, _camera(*keys)),)


def _camera(*keys: tuple[int, float, float, float]) -> Camera:
    frame, scale, x_px, y_px = zip(*keys, strict=True)
    return Camera(frame, scale, x_px, y_px)


def _key(frame: int, window: Size, zoom: float, across: float, down: float) -> tuple[int, float, float, float]:
    """A key that shows 1/zoom of the largest crop of a window's shape.

    across, down: its place, from 0 (left, top) to 1 (right, bottom); it never leaves the picture.
    """
    fits = min(grid.SIZE.width / window.width, grid.SIZE.height / window.height) / zoom
    width, height = window.width * fits, window.height * fits
    crop = Rect(across * (grid.SIZE.width - width), down * (grid.SIZE.height - height), width, height)
    return (frame, *key_values_of_crop(crop, window, grid.SIZE))


def _split(canvas: Size) -> tuple[Cell, ...]:
    """Two cells that share the longer side of the canvas."""
    if canvas.height >= canvas.width:
        half = even_floor(canvas.height / 2)
        places = ((0, 0, Size(canvas.width, half)), (0, half, Size(canvas.width, canvas.height - half)))
    else:
        half = even_floor(canvas.width / 2)
        places = ((0, 0, Size(half, canvas.height)), (half, 0, Size(canvas.width - half, canvas.height)))
    crops = ((1.5, 0.05, 0.3), (1.3, 0.95, 0.6))
    return tuple(
        Cell(left, top, size, _camera(_key(0, size, *crop)), f"side {number}")
        for number, ((left, top, size), crop) in enumerate(zip(places, crops, strict=True), 1)
    )
