"""One cell of one picture, prepared for comparison: the output's part and the expected view of the same rows.

Comparing every px of a large picture costs more than decoding it, and tells little more than bands of it from top to
bottom, which lie elsewhere in every picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.framing import Cell, FloatArray, Framing
from panscan.model.geometry import Rect
from panscan.verify.expectation import Expectation, ExpectedPicture
from panscan.verify.measure.crop_views import expected_view
from panscan.verify.measure.planes import LUMA_SITING, Plane, PlaneSiting
from panscan.verify.measure.proxy_views import visible_box
from panscan.verify.measure.tilted_views import TiltedPicture, picture_of, tilted_view

Stack = npt.NDArray[np.float32]  # levels (bands, rows, columns)
Window = tuple[slice, slice, slice]  # of a stack

_BORDER_PX = 4  # left out at each side of the picture, where kernels repeat its edge
_MIN_WINDOW_PX = 24  # of width and height: fewer px give no reliable comparison
_MIN_WINDOW_AREA = 24 * 24  # px of a window at reduced size
# Beyond this enlargement the output is averaged down first. Otherwise the comparison would measure the two scaling
# kernels, not the pictures.
_MAX_ENLARGEMENT = 8
_COMPARED_PX = 300_000  # of a picture at most: beyond it, four bands are compared
_BANDS = 4
# Of the bands' rows, so that chroma planes and pictures at a quarter of the size have whole rows of them; and rows
# above and below a band, into which alternatives are moved.
_ROW_UNIT, _MARGIN_ROWS = 8, 8
_GOLDEN = (5**0.5 - 1) / 2  # pictures that follow each other have their bands far apart, and no rows are left out


@dataclass(frozen=True, slots=True)
class CellBands:
    """Which px of a cell are compared: some columns of some bands of rows.

    Attributes
    ----------
    tops : tuple of int
        First row of each band, its margin included.
    rows : int
        Of each band, both margins included.
    columns : range
        That show the picture.
    """

    tops: tuple[int, ...]
    rows: int
    columns: range


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of one output picture and what it should show.

    Attributes
    ----------
    expected_picture : ExpectedPicture
    framing : Framing
    index : int
        Number of the cell in its framing.
    number : int
        Of the output picture.
    reduction : int
        The output is averaged down by this factor; an offset of 1 means so many px of the canvas.
    bands : CellBands
        In px of the output so averaged.
    expectation : Expectation
    """

    expected_picture: ExpectedPicture
    framing: Framing
    index: int
    number: int
    reduction: int
    bands: CellBands
    expectation: Expectation

    @property
    def cell(self) -> Cell:
        """The cell itself."""
        return self.framing.cells[self.index]

    @property
    def scale(self) -> float:
        """Compared px per source px."""
        return self.cell.size.width / self.crop().width / self.reduction

    @property
    def down(self) -> npt.NDArray[np.float32]:
        """Where the rows of all bands lie, from -1 to 1 at the cell's upper and lower edge: array (bands, rows)."""
        rows = np.add.outer(np.array(self.bands.tops), np.arange(self.bands.rows) + 0.5)
        return np.asarray(rows * (2 * self.reduction / self.cell.size.height) - 1, np.float32)

    def crop(self, later: int = 0) -> Rect:
        """What the camera shows so many frames later, in display px of the source."""
        return self.cell.crop_at(self.expected_picture.media_frame + later, self.framing.source)

    def picture(self, later: int = 0) -> TiltedPicture:
        """How the camera shows the source so many frames later."""
        return picture_of(self.cell, self.framing, self.expected_picture.media_frame + later)

    def source_luma(self, later: int = 0) -> Plane | None:
        """The source picture so many pictures later."""
        source = self.expectation.source_of(self.expected_picture)
        return source.upright_luma(self.expected_picture.source_picture + later)

    def source_chroma(self) -> tuple[Plane, Plane] | None:
        """Both chroma planes of the source picture; None if it has none."""
        source = self.expectation.source_of(self.expected_picture)
        return source.upright_chroma(self.expected_picture.source_picture)

    def output(self, plane: Plane, smaller: int = 1) -> Stack | None:
        """The output's part of the cell, averaged down; None if the output has another size."""
        sub_x, sub_y, by = plane.siting.sub_x, plane.siting.sub_y, self.reduction * smaller
        width, height = self.cell.size.width // (by * sub_x), self.bands.rows // (smaller * sub_y)
        left = self.cell.left_px // sub_x
        parts = []
        for top in self.bands.tops:
            first = (self.cell.top_px + top * self.reduction) // sub_y
            part = plane.levels(slice(first, first + height * by), slice(left, left + width * by))
            if part.shape != (height * by, width * by):
                return None
            parts.append(part if by == 1 else cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))
        return np.stack(parts)

    def expected(
        self,
        plane: Plane,
        later: int = 0,
        out: PlaneSiting = LUMA_SITING,
        smaller: int = 1,
        corners: FloatArray | None = None,
    ) -> Stack:
        """The same of a source plane, as the camera shows it so many frames later; `corners`: with another tilt."""
        crop, by, size, display = self.crop(later), self.reduction * smaller, self.cell.size, self.framing.source
        width, height = size.width // (by * out.sub_x), self.bands.rows // (smaller * out.sub_y)
        x, y = crop.width / size.width, crop.height / size.height  # display px per px of the canvas
        luma = (plane.width * plane.siting.sub_x, plane.height * plane.siting.sub_y)
        density = (luma[0] / display.width, luma[1] / display.height)
        if by > 1 and (out.sub_x, out.sub_y) != (1, 1):
            # An averaged sample lies in the middle of the samples that it replaces.
            shift = (out.sub_x * (by - 1) / 2 + out.site_x, out.sub_y * (by - 1) / 2 + out.site_y)
            out = PlaneSiting(out.sub_x, out.sub_y, shift[0] / by, shift[1] / by)
        parts = []
        for top in self.bands.tops:
            if self.cell.camera.is_tilted:
                tilted = self.picture(later) if corners is None else replace(self.picture(later), corners=corners)
                place = (0.0, float(top * self.reduction), width * by * out.sub_x, height * by * out.sub_y)
                parts.append(tilted_view(plane, tilted, place, (width, height), out)[0])
                continue
            # Where sizes do not divide evenly, it covers a little less of the crop.
            box = (crop.left, crop.top + top * self.reduction * y, width * by * out.sub_x * x, 0.0)
            box = (*box[:3], height * by * out.sub_y * y)
            parts.append(expected_view(plane, box, density, (width, height), out)[0])
        return np.stack(parts)

    def window(self, siting: PlaneSiting = LUMA_SITING, smaller: int = 1) -> Window | None:
        """The px of a stack that are compared; None if they are too few."""
        across, margin = smaller * siting.sub_x, _MARGIN_ROWS // (smaller * siting.sub_y)
        columns = slice(
            ceil(self.bands.columns.start / across) + _BORDER_PX, self.bands.columns.stop // across - _BORDER_PX
        )
        rows = slice(margin, self.bands.rows // (smaller * siting.sub_y) - margin)
        area = max(0, columns.stop - columns.start) * (rows.stop - rows.start) * len(self.bands.tops)
        return (slice(None), rows, columns) if area >= _MIN_WINDOW_AREA else None


def cell_views(number: int, expectation: Expectation, *, is_whole: bool = False) -> list[CellView]:
    """The cells of one output picture that show enough of it; none in a gap. `is_whole`: with all their rows."""
    expected_picture = expectation.pictures[number]
    if expected_picture is None:
        return []
    framing = expectation.framing_of(expected_picture)
    views = []
    for index, cell in enumerate(framing.cells):
        crop = cell.crop_at(expected_picture.media_frame, framing.source)
        scale = cell.size.width / crop.width
        reduction = 1 if scale < 2 * _MAX_ENLARGEMENT else int(scale / _MAX_ENLARGEMENT)
        box = visible_box(framing, index, crop, expected_picture.media_frame)
        limit = None if is_whole else _COMPARED_PX // len(framing.cells)
        bands = _bands_in([edge / reduction for edge in box], number, limit)
        if bands is not None:
            views.append(CellView(expected_picture, framing, index, number, reduction, bands, expectation))
    return views


def _bands_in(box: list[float], number: int, most_px: int | None) -> CellBands | None:
    """The bands in a part of a cell (left, top, right, bottom) of picture `number`, and all of it if it is small."""
    columns = range(ceil(box[0]), floor(box[2]))
    first, end = ceil(box[1] / _ROW_UNIT) * _ROW_UNIT, floor(box[3] / _ROW_UNIT) * _ROW_UNIT
    if min(len(columns), end - first) < _MIN_WINDOW_PX:
        return None
    rows = end - first
    if most_px is None or rows * len(columns) <= most_px:
        return CellBands((first,), rows, columns)
    rows = max(3 * _ROW_UNIT, most_px // (_BANDS * len(columns)) // _ROW_UNIT * _ROW_UNIT)
    steps = (np.arange(_BANDS) + number * _GOLDEN % 1) * (end - first - rows) / _BANDS
    return CellBands(tuple(first + int(step) // _ROW_UNIT * _ROW_UNIT for step in steps), rows, columns)
