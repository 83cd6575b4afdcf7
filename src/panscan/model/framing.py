"""What one clip shows: canvas, cells and their keyframed cameras.

Between keys scale, x and y run linearly; before the first and after the last key they hold. A crop is derived
from the camera, never stored beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.model.corners import FLAT, Corners, is_unfolded
from panscan.model.geometry import Rect, Size
from panscan.model.time import round_half_up

FloatArray = npt.NDArray[np.float64]

# Source px: positions this far outside the picture still count as inside, because cameras are stored rounded.
EDGE_SLACK_PX = 0.02

# A blurred background is a copy of the source, this many times smaller, blurred by a Gaussian of this sigma in px of
# the copy: wide enough that nothing in it draws the eye, and cheap.
BLUR_REDUCTION = 8
BLUR_SIGMA_PX = 6.0

# The shadow of a source, as shares of its shorter side: soft enough to have no edge of its own, and so low that light
# seems to come from above. Its darkness, 0 to 1, is what screens on a desk have.
SHADOW_SIGMA_SHARE, SHADOW_DROP_SHARE, SHADOW_OPACITY = 0.025, 0.015, 0.5

# Share of the time that captions stand, from which they are cut off: for less, a camera only passes by.
_CAPTIONS_CUT = 0.1


# Subject of a camera that is planned for a screen recording: at times it shows the whole screen, and the background
# beside it.
SCREEN_SUBJECT = "screen"


@dataclass(frozen=True, slots=True)
class Camera:
    """What one cell shows over time: a list of keys, in columns.

    Attributes
    ----------
    frame : tuple of int
        Media frames on the clip's source clock, strictly rising.
    scale : tuple of float
        Canvas px per source px.
    x_px, y_px : tuple of float
        Centre of the source minus centre of the cell, canvas px, + right, + down.
    corners : tuple of Corners
        Where the corners of the cell go as the plane of the picture is tilted, after scale and position; empty where it
        never is.
    """

    frame: tuple[int, ...]
    scale: tuple[float, ...]
    x_px: tuple[float, ...]
    y_px: tuple[float, ...]
    corners: tuple[Corners, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.frame)
        if count == 0:
            raise ValueError("a camera needs at least one key")
        if self.corners and len(self.corners) != count:
            raise ValueError("the column corners must be as long as the column frame")
        if not all(is_unfolded(corners) for corners in self.corners):
            raise ValueError("corners must lie around the picture in order, without a fold or a dent")
        if not (len(self.scale) == len(self.x_px) == len(self.y_px) == count):
            raise ValueError("the columns frame, scale, x_px and y_px must have the same length")
        if any(b <= a for a, b in pairwise(self.frame)):
            raise ValueError("key frames must rise strictly")
        if not all(math.isfinite(v) for v in (*self.scale, *self.x_px, *self.y_px)):
            raise ValueError("keys must be finite numbers")
        if min(self.scale) <= 0:
            raise ValueError("the scale of a key must be positive")

    @property
    def is_static(self) -> bool:
        """Whether the camera never moves."""
        return len({*zip(self.scale, self.x_px, self.y_px, strict=True)}) == 1 and len({*self.corners}) <= 1

    @property
    def is_tilted(self) -> bool:
        """Whether the plane of the picture is ever tilted."""
        return any(corners != FLAT for corners in self.corners)

    def sample(self, frames: npt.ArrayLike) -> FloatArray:
        """Scale, x and y at `frames` (n,): array (n, 3)."""
        at = np.asarray(frames, np.float64)
        keys = np.asarray(self.frame, np.float64)
        return np.stack([np.interp(at, keys, column) for column in (self.scale, self.x_px, self.y_px)], axis=-1)

    def sample_corners(self, frames: npt.ArrayLike) -> FloatArray:
        """Where the cell's corners go at `frames` (n,): array (n, 4, 2), fractions of its width and height."""
        at, keys = np.asarray(frames, np.float64), np.asarray(self.frame, np.float64)
        columns = np.asarray(self.corners or (FLAT,) * len(keys), np.float64).reshape(len(keys), -1).T
        return np.stack([np.interp(at, keys, column) for column in columns], axis=-1).reshape(len(at), 4, 2)

    def resampled(self, at: Sequence[float], frame: Sequence[int]) -> Camera:
        """The camera keyed on the frames `frame`, with the values that it has `at` those of its own clock."""
        scale, x_px, y_px = (tuple(column) for column in self.sample(at).T.tolist())
        return Camera(tuple(frame), scale, x_px, y_px, self._corners_at(at))

    def _corners_at(self, at: Sequence[float]) -> tuple[Corners, ...]:
        rows = self.sample_corners(at).tolist() if self.corners else []
        return tuple(tuple((x, y) for x, y in row) for row in rows)  # type: ignore[misc]

    def collapsed(self) -> Camera:
        """The camera with one key if it never moves."""
        if not self.is_static:
            return self
        return Camera(self.frame[:1], self.scale[:1], self.x_px[:1], self.y_px[:1], self.corners[:1])

    def shifted(self, frames: int) -> Camera:
        """The same camera, `frames` later on the clock."""
        return replace(self, frame=tuple(f + frames for f in self.frame))


@dataclass(frozen=True, slots=True)
class Rest:
    """A stretch of time in which a planned camera stands still, and why; between two rests it moves.

    Attributes
    ----------
    first, end : int
        Frames [first, end) on the camera's clock.
    reason : str
        What is to be seen, in words.
    easing : str
        How the camera comes here: "smootherstep", "linear", or "cut" where it jumps or has been here from the start.
    """

    first: int
    end: int
    reason: str
    easing: str = "smootherstep"

    def __post_init__(self) -> None:
        if self.end <= self.first:
            raise ValueError(f"a rest needs at least one frame, got [{self.first}, {self.end})")

    def rescaled(self, factor: Fraction) -> Rest:
        """The same rest on a clock with `factor` times the frames, whole ones."""
        first, end = (round_half_up(frame * factor) for frame in (self.first, self.end))
        return replace(self, first=first, end=max(first + 1, end))

    def shifted(self, frames: int) -> Rest:
        """The same rest, `frames` later on the clock."""
        return replace(self, first=self.first + frames, end=self.end + frames)


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle of the canvas filled by one camera.

    Attributes
    ----------
    left_px, top_px : int
        Place on the canvas.
    size : Size
    camera : Camera
    subject : str, optional
        Name of who or what it shows.
    rests : tuple of Rest
        Where its camera was planned to stand still, and why; empty where the camera was solved from subjects.
    """

    left_px: int
    top_px: int
    size: Size
    camera: Camera
    subject: str | None = None
    rests: tuple[Rest, ...] = ()

    def crops(self, frames: npt.ArrayLike, source: Size) -> FloatArray:
        """Source rectangles shown at `frames` (n,): array (n, 4) of left, top, width, height in source px.

        With scale s: width = cell_w / s, left = W / 2 - x / s - width / 2, and the same downwards.
        """
        s, x, y = self.camera.sample(frames).T
        width, height = self.size.width / s, self.size.height / s
        left = source.width / 2 - x / s - width / 2
        top = source.height / 2 - y / s - height / 2
        return np.stack([left, top, width, height], axis=-1)

    def shifted(self, frames: int) -> Cell:
        """The same cell with its camera `frames` later on the clock."""
        return replace(
            self, camera=self.camera.shifted(frames), rests=tuple(rest.shifted(frames) for rest in self.rests)
        )

    def crop_at(self, frame: float, source: Size) -> Rect:
        """The source rectangle shown at one frame."""
        left, top, width, height = (float(v) for v in self.crops([frame], source)[0])
        return Rect(left, top, width, height)


@dataclass(frozen=True, slots=True)
class Framing:
    """Canvas, cells, cameras and background of one clip.

    Attributes
    ----------
    canvas : Size
        The picture that is made.
    source : Size
        The picture of the media, in display px.
    rate : Fraction
        Frames per second of the cameras' clock.
    cells : tuple of Cell
        From back to front.
    background : str
        What shows around a crop that is larger than the source: "black", "blur", "#rrggbb", or a gradient
        "#rrggbb:#rrggbb" from the top to the bottom of the canvas.
    layout : str
        Name of the layout.
    effect : str
        Name of what the camera does.
    why : str
        The reason for this framing, in words.
    metrics : mapping of str to float
        What was measured: how sure it is, how the shot is paced, how good the cameras are.
    unmet : tuple of str
        What a person wanted of it and could not be done, in words.
    corner_radius_px : float
        How round the corners of the source are, source px; 0: not at all.
    has_shadow : bool
        Whether the source throws a shadow on its background.
    digest : str
        Of the cameras as panscan wrote them: where it is not that of the cameras, somebody moved keys. Empty: unknown.
    """

    canvas: Size
    source: Size
    rate: Fraction
    cells: tuple[Cell, ...]
    background: str = "black"
    layout: str = "single"
    effect: str = "STATIC"
    why: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    unmet: tuple[str, ...] = ()
    digest: str = ""
    corner_radius_px: float = 0.0
    has_shadow: bool = False

    def __post_init__(self) -> None:
        if self.corner_radius_px < 0:
            raise ValueError("the radius of corners must not be negative")
        if not self.cells:
            raise ValueError("a framing needs at least one cell")
        if self.rate <= 0:
            raise ValueError("the rate of a framing must be positive")

    @property
    def cuts_captions(self) -> bool:
        """Whether captions of the source are cut off, as far as that was measured."""
        return self.metrics.get("captions_cut", 0.0) >= _CAPTIONS_CUT

    @property
    def confidence(self) -> float | None:
        """How sure it is that this shows what matters, 0..1; None where that was not measured."""
        return self.metrics.get("confidence")

    def shifted(self, frames: int) -> Framing:
        """The same framing with every camera `frames` later on the clock."""
        return replace(self, cells=tuple(cell.shifted(frames) for cell in self.cells))


def key_values_of_crop(crop: Rect, cell: Size, source: Size) -> tuple[float, float, float]:
    """Scale, x_px and y_px that show `crop` (source px) in a cell: the inverse of `Cell.crops`."""
    scale = cell.width / crop.width
    return scale, scale * (source.width / 2 - crop.center_x), scale * (source.height / 2 - crop.center_y)


def shows_person(subject: str | None) -> bool:
    """Whether a cell's subject names a person: "person-1", or several joined by "+"."""
    return any(name.startswith("person") for name in (subject or "").split("+"))
