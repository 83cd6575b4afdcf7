"""One cell of one picture, prepared for comparison: the output's part, the expected view, and the px to compare."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from panscan.model.framing import Cell
from panscan.verify.expectation import Expectation, ExpectedPicture
from panscan.verify.measure.planes import LUMA_SITING, Gray, Mask, PlaneSiting, expected_view
from panscan.verify.measure.proxy_views import uncovered_mask

Window = tuple[slice, slice]

_BORDER_PX = 4  # left out at each edge of the picture, where kernels repeat it
_MIN_WINDOW_PX = 24  # of width and height: fewer px give no reliable comparison
# Beyond this enlargement the output is averaged down first. Otherwise the comparison would measure the two scaling
# kernels, not the pictures.
_MAX_ENLARGEMENT = 8


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of one output picture and what it should show.

    Attributes
    ----------
    expected_picture : ExpectedPicture
    cell : Cell
    number : int
        Of the output picture.
    reduction : int
        The output is averaged down by this factor; an offset of 1 means so many px of the canvas.
    expectation : Expectation
    """

    expected_picture: ExpectedPicture
    cell: Cell
    number: int
    reduction: int
    expectation: Expectation

    @property
    def index(self) -> int:
        """Number of the cell in its framing."""
        return self.expectation.framing_of(self.expected_picture).cells.index(self.cell)

    @property
    def scale(self) -> float:
        """Compared px per source px."""
        return float(self.cell.size.width / self._crop(self.expected_picture.media_frame)[2] / self.reduction)

    def size(self, sub_x: int = 1, sub_y: int = 1, reduction: int = 1) -> tuple[int, int]:
        """Width and height of the compared part, in samples of a plane."""
        by = self.reduction * reduction
        return self.cell.size.width // (by * sub_x), self.cell.size.height // (by * sub_y)

    def output_part(self, plane: Gray, sub_x: int = 1, sub_y: int = 1, reduction: int = 1) -> Gray | None:
        """The output's part of the cell, averaged down; None if the output has another size."""
        cell, by = self.cell, self.reduction * reduction
        width, height = self.size(sub_x, sub_y, reduction)
        left, top = cell.left_px // sub_x, cell.top_px // sub_y
        found = plane[top : top + height * by, left : left + width * by]
        if found.shape != (height * by, width * by) or min(width, height) < 1:
            return None
        return found if by == 1 else np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_AREA))

    def expected_luma(self, media_frame: int, picture: int, reduction: int = 1) -> tuple[Gray, Mask] | None:
        """The expected luma: one source picture through the camera at one frame."""
        plane = self.expectation.source_of(self.expected_picture).upright_luma(picture)
        return None if plane is None else self._of_luma(plane, media_frame, reduction)

    def luma_of(self, plane: Gray) -> tuple[Gray, Mask]:
        """An upright luma of the source through the expected camera."""
        return self._of_luma(plane, self.expected_picture.media_frame)

    def expected_chroma(self, out: PlaneSiting) -> tuple[list[Gray], Mask] | None:
        """The expected chroma planes with the output's siting; None if the source has none."""
        found = self.expectation.source_of(self.expected_picture).chroma(self.expected_picture.source_picture)
        whole = self.expectation.source_of(self.expected_picture).upright_luma(self.expected_picture.source_picture)
        if found is None or whole is None:
            return None
        planes, siting = found
        coded = (whole.shape[1], whole.shape[0])
        views = [self._of_plane(plane, self.expected_picture.media_frame, siting, coded, out, 1) for plane in planes]
        return [view for view, _ in views], views[0][1]

    def _of_luma(self, plane: Gray, media_frame: int, reduction: int = 1) -> tuple[Gray, Mask]:
        coded = (plane.shape[1], plane.shape[0])
        return self._of_plane(plane, media_frame, LUMA_SITING, coded, LUMA_SITING, reduction)

    def _of_plane(
        self,
        plane: Gray,
        media_frame: int,
        siting: PlaneSiting,
        coded: tuple[int, int],
        out: PlaneSiting,
        reduction: int,
    ) -> tuple[Gray, Mask]:
        display = self.expectation.framing_of(self.expected_picture).source
        density = (coded[0] / display.width, coded[1] / display.height)
        left, top, width, height = self._crop(media_frame)
        size = self.size(out.sub_x, out.sub_y, reduction)
        by = self.reduction * reduction
        # If sizes do not divide evenly, the view covers a little less of the crop.
        width *= size[0] * by * out.sub_x / self.cell.size.width
        height *= size[1] * by * out.sub_y / self.cell.size.height
        if by > 1 and (out.sub_x, out.sub_y) != (1, 1):
            # An averaged sample lies in the middle of the samples that it replaces.
            shift = (out.sub_x * (by - 1) / 2 + out.site_x, out.sub_y * (by - 1) / 2 + out.site_y)
            out = PlaneSiting(out.sub_x, out.sub_y, shift[0] / by, shift[1] / by)
        return expected_view(plane, (left, top, width, height), density, size, siting, out)

    def _crop(self, media_frame: int) -> tuple[float, float, float, float]:
        crop = self.cell.crop_at(media_frame, self.expectation.framing_of(self.expected_picture).source)
        return crop.left, crop.top, crop.width, crop.height

    def window(self, inside: Mask) -> Window | None:
        """Rows and columns that show only the picture, without a border that may be a repeated edge."""
        framing = self.expectation.framing_of(self.expected_picture)
        inside = inside & uncovered_mask(framing, self.index, (inside.shape[1], inside.shape[0]))
        return largest_window(inside)


def cell_views(number: int, expectation: Expectation) -> list[CellView]:
    """The cells of one output picture; none in a gap."""
    expected_picture = expectation.pictures[number]
    if expected_picture is None:
        return []
    framing = expectation.framing_of(expected_picture)
    views = []
    for cell in framing.cells:
        scale = cell.size.width / cell.crop_at(expected_picture.media_frame, framing.source).width
        reduction = 1 if scale < 2 * _MAX_ENLARGEMENT else int(scale / _MAX_ENLARGEMENT)
        views.append(CellView(expected_picture, cell, number, reduction, expectation))
    return views


def largest_window(inside: Mask) -> Window | None:
    """The largest rectangle in a mask: all of it, or what another cell leaves on one side."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows) or not len(columns):
        return None
    box = (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
    part = inside[box[0] : box[1], box[2] : box[3]]
    candidates = [box]
    if not part.all():
        holes_y, holes_x = np.flatnonzero(~part.all(axis=1)), np.flatnonzero(~part.all(axis=0))
        top, bottom = box[0] + int(holes_y[0]), box[0] + int(holes_y[-1]) + 1
        left, right = box[2] + int(holes_x[0]), box[2] + int(holes_x[-1]) + 1
        candidates = [
            (box[0], top, box[2], box[3]),
            (bottom, box[1], box[2], box[3]),
            (box[0], box[1], box[2], left),
            (box[0], box[1], right, box[3]),
        ]
    best = max(candidates, key=lambda c: (c[1] - c[0]) * (c[3] - c[2]))
    border = _BORDER_PX
    if min(best[1] - best[0], best[3] - best[2]) < _MIN_WINDOW_PX:
        return None
    return slice(best[0] + border, best[1] - border), slice(best[2] + border, best[3] - border)
