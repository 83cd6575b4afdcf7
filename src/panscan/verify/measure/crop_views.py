"""What a crop of a plane shows, interpolated px by px or averaged to a small view: the verifier's own geometry.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.framing import EDGE_SLACK_PX
from panscan.verify.measure.planes import LUMA_SITING, Gray, Mask, Plane, PlaneSiting

Box = tuple[float, float, float, float]  # left, top, width, height
_Floats = npt.NDArray[np.floating[Any]]

FREE_REDUCTION = 1.25  # up to this reduction, interpolation alone shows no aliasing
_MARGIN_SAMPLES = 3  # that interpolation reads beside a crop
# Samples across a px of a small view. With fewer, it matters how the picture is interpolated, and it is; twice as many
# are averaged two by two before, which is faster.
_ENOUGH_SAMPLES = 3
_ROUNDED_UP = 1 / 8  # of a sample: by so much, on average, the mean of two by two whole numbers is rounded up
_MIN_SAMPLES = 1e-3  # a px beside the plane covers none


def expected_view(
    plane: Plane, crop: Box, density: tuple[float, float], size: tuple[int, int], out: PlaneSiting = LUMA_SITING
) -> tuple[Gray, Mask]:
    """The view of a crop at `size` (width, height), and a mask of its px that lie in the picture.

    Parameters
    ----------
    plane : Plane
        Of the source, upright.
    crop : left, top, width, height
        Display px.
    density : (float, float)
        Luma px of the source per display px, across and down.
    size : (int, int)
        Width and height of the result, in samples.
    out : PlaneSiting
        Where the samples of the result lie.
    """
    left, top, width, height = crop
    own = plane.siting
    x = _line(left, width, density[0], size[0], (own.sub_x, own.site_x), (out.sub_x, out.site_x))
    y = _line(top, height, density[1], size[1], (own.sub_y, own.site_y), (out.sub_y, out.site_y))
    u, v = x[1] + x[0] * np.arange(size[0]), y[1] + y[0] * np.arange(size[1])
    inside = ((v > 0) & (v < plane.height))[:, None] & ((u > 0) & (u < plane.width))[None, :]
    columns, rows = _samples_under(u, x[0], plane.width), _samples_under(v, y[0], plane.height)
    part = plane.levels(rows, columns)
    x, y = (x[0], x[1] - columns.start), (y[0], y[1] - rows.start)
    # If the result is smaller, average first; then interpolate.
    if max(x[0], y[0]) > FREE_REDUCTION:
        length_y, length_x = part.shape
        small = (max(1, round(length_x / max(1.0, x[0]))), max(1, round(length_y / max(1.0, y[0]))))
        part = np.asarray(cv2.resize(part, small, interpolation=cv2.INTER_AREA), np.float32)
        x, y = ((line[0] * a / b, line[1] * a / b) for line, a, b in ((x, small[0], length_x), (y, small[1], length_y)))
    matrix = np.array([[x[0], 0, x[1] - 0.5], [0, y[0], y[1] - 0.5]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    view = cv2.warpAffine(part, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(view, np.float32), inside


def _line(
    start: float, length: float, density: float, count: int, into: tuple[int, float], out: tuple[int, float]
) -> tuple[float, float]:
    """Step and start of the positions of `count` result samples, in source samples from the edge of the plane."""
    px = length / (count * out[0])  # display px per px of the result
    step = density * px * out[0] / into[0]
    return step, (density * (start + px * out[1]) - into[1]) / into[0] + 0.5


def _samples_under(line: _Floats, step: float, length: int) -> slice:
    """The samples of a plane of some length at rising positions, and those that are read beside them."""
    margin = math.ceil(_MARGIN_SAMPLES * max(1.0, step))
    first = min(max(math.floor(line[0]) - margin, 0), length - 1)
    return slice(first, max(min(math.ceil(line[-1]) + margin, length), first + 1))


@dataclass(frozen=True, slots=True, eq=False)
class _PxEdges:
    """Where the px of a small view lie along one side of a plane.

    Attributes
    ----------
    under : slice
        The samples under them, and some beside.
    places : ndarray
        Edges of the px, counted from the first of these samples.
    inside : ndarray
        Which px lie in the plane, and not at an edge of it beside which the view goes on.
    """

    under: slice
    places: _Floats
    inside: npt.NDArray[np.bool_]


def averaged_view(plane: Plane, box: Box, size: tuple[int, int]) -> tuple[Gray, Mask]:
    """The mean of the samples under each px of a small view of a box, and a mask of its px that lie well in the plane.

    Where a view goes on beside the plane, the first px inside is left out too: whoever draws the picture decides how
    its edge falls between two px, and encoders smear an edge over its neighbours.
    Sums over all samples above and to the left tell the sum under any px, whatever parts of samples it covers.

    Parameters
    ----------
    plane : Plane
    box : left, top, width, height
        Samples.
    size : (int, int)
        Width and height of the view.
    """
    under = min(box[2] / size[0], box[3] / size[1])
    across, down = _px_edges(box[0], box[2], size[0], plane.width), _px_edges(box[1], box[3], size[1], plane.height)
    x, y, part = across.places, down.places, plane.samples[down.under, across.under]
    if under < _ENOUGH_SAMPLES:
        finer = math.ceil(_ENOUGH_SAMPLES / under)
        part = cv2.resize(np.asarray(part, np.float32), None, fx=finer, fy=finer, interpolation=cv2.INTER_CUBIC)
        x, y = x * finer, y * finer
    elif part.strides[1] != part.itemsize:  # turned
        part = np.ascontiguousarray(part)
    too_bright = 0.0
    while under >= 2 * _ENOUGH_SAMPLES and min(part.shape) > 1:
        half = (part.shape[1] // 2, part.shape[0] // 2)
        part = cv2.resize(part[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
        under, x, y = under / 2, np.minimum(x / 2, half[0]), np.minimum(y / 2, half[1])
        too_bright += _ROUNDED_UP
    sums = _between_rows(_between_rows(cv2.integral(part), y).T, x).T
    means = np.diff(np.diff(sums, axis=0), axis=1)
    means /= np.maximum(np.diff(y) * plane.unit, _MIN_SAMPLES)[:, None]
    means /= np.maximum(np.diff(x), _MIN_SAMPLES)
    means -= too_bright / plane.unit
    return means.astype(np.float32, order="C"), down.inside[:, None] & across.inside[None, :]


@lru_cache(maxsize=64)  # many cameras stand still, and cells of the movie always do
def _px_edges(start: float, length: float, count: int, samples: int) -> _PxEdges:
    edges = start + length * np.arange(count + 1) / count
    under = _samples_under(edges, 1, samples)
    margin, end = edges[1] - edges[0], samples + EDGE_SLACK_PX
    first = margin if edges[0] < -EDGE_SLACK_PX else edges[0]
    last = samples - margin if edges[-1] > end else end
    inside = (edges[:-1] >= first) & (edges[1:] <= last)
    return _PxEdges(under, np.clip(edges, under.start, under.stop) - under.start, inside)


def _between_rows(sums: npt.NDArray[Any], at: _Floats) -> _Floats:
    above = np.minimum(at.astype(np.int64), len(sums) - 2)
    upper = sums[above]
    return np.asarray(upper + (sums[above + 1] - upper) * (at - above)[:, None])
