"""What a tilted cell shows of a plane, px by px: the verifier's own homography.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.framing import EDGE_SLACK_PX, Cell, FloatArray, Framing
from panscan.model.geometry import Rect, Size
from panscan.verify.measure.crop_views import FREE_REDUCTION, Box
from panscan.verify.measure.planes import LUMA_SITING, Gray, Mask, Plane, PlaneSiting

_MARGIN_SAMPLES = 4  # that interpolation reads beside what is shown
_FINER = 4  # px of the finer view, across and down, that one px of a small view is the mean of
ROUNDED_SHARE = 1 - 2**-0.5  # of a radius: so far inside its edges a picture has no round corners
_HALVINGS = 12  # of the search for a box: to a four-thousandth of it
# A change of the tilt by 1.5 degrees, as the change of depth from the middle of a cell to its edge, for a picture seen
# from twice its width: half a turn of it is where another tilt explains a picture better.
_OTHER_TILT = math.sin(math.radians(1.5)) / 4


@dataclass(frozen=True, slots=True, eq=False)
class TiltedPicture:
    """How a cell shows its source at one frame.

    Attributes
    ----------
    cell : Size
        px of the canvas.
    crop : Rect
        What it would show without a tilt, display px.
    corners : ndarray, shape (4, 2)
        Where its corners go, clockwise from the top left one, as fractions of its size.
    source : Size
        Display px.
    """

    cell: Size
    crop: Rect
    corners: FloatArray
    source: Size

    def positions(self, box: Box, size: tuple[int, int], out: PlaneSiting = LUMA_SITING) -> tuple[FloatArray, ...]:
        """Display px x, y (rows, columns) under the samples of a view of a box (px of the canvas, in the cell)."""
        left, top, width, height = box
        x = left + width / (size[0] * out.sub_x) * (out.site_x + out.sub_x * np.arange(size[0]))
        y = top + height / (size[1] * out.sub_y) * (out.site_y + out.sub_y * np.arange(size[1]))
        across, down = np.meshgrid(x / self.cell.width, y / self.cell.height)
        matrix = _to_flat(self.corners)
        u, v, w = (row[0] * across + row[1] * down + row[2] for row in matrix)
        return self.crop.left + u / w * self.crop.width, self.crop.top + v / w * self.crop.height

    def places(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Where display px are seen: px of the cell x, y, (n, 2)."""
        shares = np.column_stack([(x - self.crop.left) / self.crop.width, (y - self.crop.top) / self.crop.height])
        points = np.column_stack([shares, np.ones(len(shares))]) @ np.linalg.inv(_to_flat(self.corners)).T
        return np.asarray(points[:, :2] / points[:, 2:] * (self.cell.width, self.cell.height))

    def holds(self, box: tuple[float, float, float, float], inset_px: float) -> bool:
        """Whether the source, without `inset_px` at its edges, fills a box (left, top, right, bottom) of the cell."""
        matrix = _to_flat(self.corners)
        for across in (box[0] / self.cell.width, box[2] / self.cell.width):
            for down in (box[1] / self.cell.height, box[3] / self.cell.height):
                u, v, w = matrix @ np.array([across, down, 1.0])
                x, y = self.crop.left + u / w * self.crop.width, self.crop.top + v / w * self.crop.height
                if w <= 0 or min(x, y, self.source.width - x, self.source.height - y) < inset_px - EDGE_SLACK_PX:
                    return False
        return True


def picture_of(cell: Cell, framing: Framing, frame: float) -> TiltedPicture:
    """How a cell shows its source at a frame."""
    corners = cell.camera.sample_corners([frame])[0]
    return TiltedPicture(cell.size, cell.crop_at(frame, framing.source), corners, framing.source)


def is_warped(cell: Cell, framing: Framing) -> bool:
    """Whether a cell is drawn with soft edges: where it is tilted, has round corners or a shadow."""
    return cell.camera.is_tilted or framing.corner_radius_px > 0 or framing.has_shadow


def tilted_view(
    plane: Plane, picture: TiltedPicture, box: Box, size: tuple[int, int], out: PlaneSiting = LUMA_SITING
) -> tuple[Gray, Mask]:
    """The view of a box of a tilted cell at `size` (width, height), and a mask of its px that lie well in the source.

    Its edge is soft: what is nearer to it than half a px of the source and half a px of the view is left out.

    Parameters
    ----------
    plane : Plane
        Of the source, upright.
    picture : TiltedPicture
    box : left, top, width, height
        px of the canvas from the cell's corner.
    size : (int, int)
        Width and height of the result, in samples.
    out : PlaneSiting
        Where the samples of the result lie.
    """
    own = plane.siting
    x, y = picture.positions(box, size, out)
    # Display px -> samples of the plane, from its edge.
    u = (x * plane.width * own.sub_x / picture.source.width - own.site_x) / own.sub_x + 0.5
    v = (y * plane.height * own.sub_y / picture.source.height - own.site_y) / own.sub_y + 0.5
    by = _reduction(u, v)
    soft = (1 + max(by, 1.0)) / 2
    inside = (u > soft) & (u < plane.width - soft) & (v > soft) & (v < plane.height - soft)
    columns, rows = _samples_under(u, plane.width), _samples_under(v, plane.height)
    part = plane.levels(rows, columns)
    u, v = u - columns.start, v - rows.start
    if by > FREE_REDUCTION:
        whole = part.shape[::-1]
        small = (max(1, round(whole[0] / by)), max(1, round(whole[1] / by)))
        part = np.asarray(cv2.resize(part, small, interpolation=cv2.INTER_AREA), np.float32)
        u, v = u * small[0] / whole[0], v * small[1] / whole[1]
    maps = (np.asarray(u - 0.5, np.float32), np.asarray(v - 0.5, np.float32))
    view = cv2.remap(part, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(view, np.float32), inside


def small_tilted_view(plane: Plane, picture: TiltedPicture, size: tuple[int, int]) -> tuple[Gray, Mask]:
    """A small view of a whole tilted cell, and a mask of its px that lie well in the source."""
    whole = (0.0, 0.0, float(picture.cell.width), float(picture.cell.height))
    fine, inside = tilted_view(plane, picture, whole, (size[0] * _FINER, size[1] * _FINER))
    view = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.float32)
    share = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    # Beside the picture's edge the first px is left out, too: whoever draws it decides how the edge falls.
    return view, cv2.erode((share == 1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def inner_box(picture: TiltedPicture, radius_px: float) -> tuple[float, float, float, float]:
    """A large box of the cell (left, top, right, bottom) that its source fills, whatever its corners.

    radius_px: of the source's round corners, source px.
    """
    inset = radius_px * ROUNDED_SHARE
    width, height = picture.source.width, picture.source.height
    edges = picture.places(np.array([0.0, width, width, 0.0]), np.array([0.0, 0.0, height, height]))
    seen = np.clip(edges, 0, (picture.cell.width, picture.cell.height))
    low, high = seen.min(axis=0), seen.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2
    least, most = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (least + most) / 2
        box = (*(middle - share * half), *(middle + share * half))
        least, most = (share, most) if picture.holds(box, inset) else (least, share)
    left, top, right, bottom = (float(v) for v in (*(middle - least * half), *(middle + least * half)))
    return left, top, right, bottom


def other_tilts(corners: FloatArray) -> dict[str, FloatArray]:
    """Tilts that a picture must not have in place of its own: none, mirrored ones, and those 1.5 degrees beside it."""
    mirrored = corners[[1, 0, 3, 2]] * (-1, 1) + (1, 0)
    upside = corners[[3, 2, 1, 0]] * (1, -1) + (0, 1)
    found = {"no tilt": _flat(), "tilt mirrored": mirrored, "tilt upside down": upside}
    for name, axis in (("x", 0), ("y", 1)):
        for sign in (-1, 1):
            turned = _flat() - 0.5
            turned = turned / (1 + sign * 2 * _OTHER_TILT * turned[:, axis : axis + 1]) + 0.5
            found[f"tilt {name}{1.5 * sign:+g}"] = _through(corners, turned)
    return found


def _flat() -> FloatArray:
    return np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)


def _through(corners: FloatArray, points: FloatArray) -> FloatArray:
    """Where points of the flat cell go."""
    u, v, w = np.linalg.inv(_to_flat(corners)) @ np.column_stack([points, np.ones(len(points))]).T
    return np.stack([u / w, v / w], axis=-1)


def _to_flat(corners: FloatArray) -> FloatArray:
    """The homography from a tilted cell to the flat one, in fractions of its size: eight equations, solved."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, _flat(), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def _samples_under(at: FloatArray, length: int) -> slice:
    first = min(max(math.floor(at.min()) - _MARGIN_SAMPLES, 0), length - 1)
    return slice(first, max(min(math.ceil(at.max()) + _MARGIN_SAMPLES, length), first + 1))


def _reduction(u: npt.NDArray[Any], v: npt.NDArray[Any]) -> float:
    """Samples of the plane per sample of the view, in its middle."""
    row, column = (min(length // 2, length - 2) for length in u.shape)
    if min(row, column) < 0:
        return 1.0
    here = (slice(row, row + 2), slice(column, column + 2))
    (a, b), (c, _) = u[here]
    (d, e), (f, _) = v[here]
    return math.sqrt(abs((b - a) * (f - d) - (c - a) * (e - d)))
