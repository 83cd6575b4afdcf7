"""One canvas from one decoded picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import av
import numpy as np

from panscan.model.framing import EDGE_SLACK_PX, Cell, FloatArray, Framing
from panscan.model.geometry import Size
from panscan.render.picture.backgrounds import background_planes, darken, draw_blurred, fill, shadow_under
from panscan.render.picture.corner_pin import (
    lay_over,
    picture_mask,
    plane_matrix,
    stays_inside,
    warp,
    warped_mask,
)
from panscan.render.picture.kernels import AxisSampling, resample
from panscan.render.picture.planes import (
    PLANAR_FORMATS,
    PlanarFormat,
    Plane,
    Siting,
    background_yuv,
    siting,
    turn,
    views,
)
from panscan.render.picture.tilt import flat_frames, warped_cells


@dataclass(frozen=True, slots=True)
class _CellPlacement:
    """Where a cell lies in a plane, and which part of the source it shows there.

    Attributes
    ----------
    cell : tuple of four int
        Columns and rows x0, x1, y0, y1 of the plane that the cell covers, the ends not included.
    picture : tuple of four int
        Those of them that show the picture; the others show the background.
    x, y : AxisSampling
        From samples of `picture` to samples of the source plane.
    """

    cell: tuple[int, int, int, int]
    picture: tuple[int, int, int, int]
    x: AxisSampling
    y: AxisSampling


class Compositor:
    """Draws the canvas of one clip, picture by picture. Safe to use from several threads at once."""

    def __init__(
        self,
        framing: Framing,
        first: int,
        count: int,
        *,
        pixel_format: str,
        coded: Size,
        coded_format: str = "",
        quarter_turns: int = 0,
        is_mirrored: bool = False,
        matrix: int = 2,
        colour_range: int = 0,
        centred_chroma: bool = False,
        corner_pins: Mapping[int, FloatArray] | None = None,
    ) -> None:
        """Prepare a clip.

        Parameters
        ----------
        framing : Framing
        first, count : int
            The clip's range on its source clock; cameras are sampled once for all its frames.
        pixel_format : str
            A name of `planes.PLANAR_FORMATS`, of the canvas.
        coded : Size
            Size of the pictures as decoded, before turning and pixel aspect.
        coded_format : str
            Of the decoded pictures, with the same bits; "" for that of the canvas.
        quarter_turns : int
            Counter-clockwise turns by 90 degrees that show the picture upright, after mirroring.
        is_mirrored : bool
            The coded picture is mirrored left to right before it is turned.
        matrix, colour_range : int
            Colour tags (ITU-T H.273) for the background colour.
        centred_chroma : bool
            The source has JPEG's chroma siting.
        corner_pins : mapping of int to ndarray, shape (count, 3, 3)
            By number of a cell: homographies from canvas px to display px, in place of its camera.
        """
        self._framing = framing
        self._first = first
        self._last = count - 1
        self._format = PLANAR_FORMATS[pixel_format]
        self._coded_format = PLANAR_FORMATS[coded_format or pixel_format]
        self._quarter_turns, self._is_mirrored = quarter_turns % 4, is_mirrored
        tags = (self._format, matrix, colour_range)
        self._background = background_planes(framing.background, framing.canvas, *tags)
        self._black = background_yuv("black", *tags)
        clock = np.arange(first, first + count)
        self._crops: list[FloatArray] = [cell.crops(clock, framing.source) for cell in framing.cells]
        self._matrices = warped_cells(framing, first, count) | dict(corner_pins or {})
        self._flat = {n: flat_frames(framing.cells[n], clock) for n in self._matrices if n not in (corner_pins or {})}
        self._kept_masks: dict[tuple[Any, ...], tuple[FloatArray, Plane, Plane | None]] = {}
        upright = Size(coded.height, coded.width) if self._quarter_turns % 2 else coded
        self._upright = upright
        # Decoded px per display px: other than 1 only if the px are not square.
        self._density = (upright.width / framing.source.width, upright.height / framing.source.height)
        self._siting_in = [self._siting_of_upright(n, coded, centred=centred_chroma) for n in range(3)]
        self._siting_out = [siting(self._format, n) for n in range(3)]
        area = sum(c.size.width * c.size.height for c in framing.cells)
        self._cells_cover_canvas = area >= framing.canvas.width * framing.canvas.height

    def _siting_of_upright(self, n: int, coded: Size, *, centred: bool) -> Siting:
        fmt = self._coded_format
        plane, size = siting(fmt, n, centred=centred), _plane_size(coded, fmt, n)
        return (plane.mirrored(coded, size) if self._is_mirrored else plane).turned(self._quarter_turns, coded, size)

    def compose(self, picture: Any, frame: int, onto: Any = None) -> Any:
        """The canvas at `frame` of the source clock. Outside the clip the camera stands still.

        Parameters
        ----------
        picture : av.VideoFrame
        frame : int
        onto : av.VideoFrame, optional
            What to draw on; without it a new video frame.
        """
        canvas = self._framing.canvas
        result = onto or av.VideoFrame(canvas.width, canvas.height, self._format.name)
        at = min(max(frame - self._first, 0), self._last)
        planes_in, planes_out = views(picture, self._coded_format), views(result, self._format)
        for n, (source, target) in enumerate(zip(planes_in, planes_out, strict=True)):
            upright = turn(source, self._quarter_turns, is_mirrored=self._is_mirrored)
            if not self._cells_cover_canvas:
                target[:] = self._background[n]
            for number, crops in enumerate(self._crops):
                if number in self._matrices:
                    self._draw_warped(upright, target, n, number, at)
                else:
                    self._draw(upright, target, n, number, crops[at].tolist())
        return result

    def _draw(self, source: Plane, target: Plane, n: int, number: int, crop: list[float]) -> None:
        cell = self._framing.cells[number]
        place = self._place(target.shape, n, cell, crop)
        if place.cell != place.picture:
            self._draw_background(source, target, n, cell)
        u0, u1, v0, v1 = place.picture
        if u1 > u0 and v1 > v0:
            resample(source, target[v0:v1, u0:u1], place.x, place.y, self._format.peak)

    def _draw_warped(self, source: Plane, target: Plane, n: int, number: int, at: int) -> None:
        """A cell through a homography from canvas px to display px, over its background and its shadow."""
        cell, out, into = self._framing.cells[number], self._siting_out[n], self._siting_in[n]
        crop = self._crops[number][at].tolist() if number in self._flat and self._flat[number][at] else None
        x0, x1, y0, y1 = self._cell_span(target.shape, n, cell)
        part = target[y0:y1, x0:x1]
        matrix = plane_matrix(self._matrices[number][at], out, into, self._density, (x0, y0))
        radius_px = self._framing.corner_radius_px
        radius = (radius_px * self._density[0] / into.sub_x, radius_px * self._density[1] / into.sub_y)
        if stays_inside(matrix, part, source, max(radius)):
            if crop is None:
                warp(source, part, matrix, self._format.peak)
            else:
                self._draw(source, target, n, number, crop)
            return
        self._draw_background(source, target, n, cell)
        shown, dark = self._masks(source, part, n, number, matrix, radius)
        if dark is not None:
            darken(part, dark, self._black[n])
        picture = np.empty_like(part)
        if crop is None:
            warp(source, picture, matrix, self._format.peak)
        else:  # not tilted at this frame: the kernels of all other pictures are faster, and repeat edges, too
            x, y = self._axes(n, cell, crop)
            axes = (AxisSampling(x.step, x.offset + x.step * x0), AxisSampling(y.step, y.offset + y.step * y0))
            resample(source, picture, *axes, self._format.peak)
        lay_over(picture, part, shown)

    def _masks(
        self, source: Plane, part: Plane, n: int, number: int, matrix: FloatArray, radius: tuple[float, float]
    ) -> tuple[Plane, Plane | None]:
        """What of the picture is seen, and how dark its shadow is; kept while the camera stands still."""
        place = (number, part.shape, source.shape)  # both chroma planes have the same
        kept = self._kept_masks.get(place)
        if kept is not None and np.array_equal(kept[0], matrix):
            return kept[1], kept[2]
        shown = warped_mask(picture_mask(source.shape[1], source.shape[0], radius), part, matrix)
        dark = shadow_under(shown, matrix, self._siting_in[n], self._upright) if self._framing.has_shadow else None
        self._kept_masks[place] = matrix, shown, dark
        return shown, dark

    def _place(self, shape: tuple[int, ...], n: int, cell: Cell, crop: list[float]) -> _CellPlacement:
        """Where a cell lies in plane `n`, and which part of the source plane it shows."""
        into = self._siting_in[n]
        x0, x1, y0, y1 = self._cell_span(shape, n, cell)
        x, y = self._axes(n, cell, crop)
        u0, u1 = _inside(x, x0, x1, into.sub_x, into.phase_x, self._upright.width)
        v0, v1 = _inside(y, y0, y1, into.sub_y, into.phase_y, self._upright.height)
        return _CellPlacement(
            (x0, x1, y0, y1),
            (u0, u1, v0, v1),
            AxisSampling(x.step, x.offset + x.step * u0),
            AxisSampling(y.step, y.offset + y.step * v0),
        )

    def _axes(self, n: int, cell: Cell, crop: list[float]) -> tuple[AxisSampling, AxisSampling]:
        """From samples of plane `n` of the canvas to samples of the source's, across and down."""
        left, top, width, height = crop
        out, into = self._siting_out[n], self._siting_in[n]
        px = (width / cell.size.width, height / cell.size.height)  # display px per canvas px
        return (
            _axis(left - cell.left_px * px[0], px[0], self._density[0], out, into, across=True),
            _axis(top - cell.top_px * px[1], px[1], self._density[1], out, into, across=False),
        )

    def _draw_background(self, source: Plane, target: Plane, n: int, cell: Cell) -> None:
        """Fill the cell's part of a plane with what lies beneath its picture; `target`: the whole plane."""
        x0, x1, y0, y1 = self._cell_span(target.shape, n, cell)
        part = target[y0:y1, x0:x1]
        if self._framing.background == "blur":
            draw_blurred(source, part, self._siting_in[n], cell.size, self._framing.source)
        else:
            fill(part, self._background, n, slice(y0, y1), slice(x0, x1))

    def _cell_span(self, shape: tuple[int, ...], n: int, cell: Cell) -> tuple[int, int, int, int]:
        """Columns and rows x0, x1, y0, y1 of plane `n` that a cell covers."""
        out = self._siting_out[n]
        across = _span(cell.left_px, cell.size.width, out.sub_x, shape[1])
        return (*across, *_span(cell.top_px, cell.size.height, out.sub_y, shape[0]))


def blank(canvas: Any, matrix: int, colour_range: int, colour: str = "black") -> Any:
    """The canvas, emptied: for gaps of the timeline and for what fades mix with a picture."""
    fmt = PLANAR_FORMATS[canvas.format.name]
    for plane, value in zip(views(canvas, fmt), background_yuv(colour, fmt, matrix, colour_range), strict=True):
        plane[:] = value
    return canvas


def _plane_size(luma: Size, fmt: PlanarFormat, n: int) -> Size:
    if n == 0:
        return luma
    return Size(-(-luma.width // fmt.sub_x), -(-luma.height // fmt.sub_y))


def _span(start: int, length: int, sub: int, limit: int) -> tuple[int, int]:
    """Samples of a plane that belong to luma columns (or rows) [start, start + length)."""
    return max(0, -(-start // sub)), min(limit, -(-(start + length) // sub))


def _axis(origin: float, px: float, density: float, out: Siting, into: Siting, *, across: bool) -> AxisSampling:
    """Sample k of the output plane -> sample index of the (upright) input plane.

    Output sample k has its centre at canvas px sub * k + phase + 1/2; that shows display px origin + px * there,
    which is luma index density * there - 1/2 and plane index (that - phase) / sub.
    """
    sub_out, phase_out = (out.sub_x, out.phase_x) if across else (out.sub_y, out.phase_y)
    sub_in, phase_in = (into.sub_x, into.phase_x) if across else (into.sub_y, into.phase_y)
    step = density * px * sub_out / sub_in
    offset = (density * (origin + px * (phase_out + 0.5)) - 0.5 - phase_in) / sub_in
    return AxisSampling(step, offset)


def _inside(axis: AxisSampling, start: int, end: int, sub: int, phase: float, length: int) -> tuple[int, int]:
    """The part of [start, end) whose positions lie in the picture of `length` luma samples."""
    low = (-0.5 - EDGE_SLACK_PX - phase) / sub
    high = (length - 0.5 + EDGE_SLACK_PX - phase) / sub
    first = math.ceil((low - axis.offset) / axis.step)
    last = math.floor((high - axis.offset) / axis.step)
    first = min(max(first, start), end)
    return first, min(max(last + 1, first), end)
