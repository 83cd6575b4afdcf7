"""Samples of decoded frames, and the expected view of a crop: the verifier's own geometry.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Samples = npt.NDArray[Any]  # uint8, or uint16 of deeper pictures

FREE_REDUCTION = 1.25  # up to this reduction, interpolation alone shows no aliasing


@dataclass(frozen=True, slots=True)
class PlaneSiting:
    """Where the samples of a plane lie, in luma px.

    Attributes
    ----------
    sub_x, sub_y : int
        Luma px per sample.
    site_x, site_y : float
        Middle of the first sample.
    """

    sub_x: int = 1
    sub_y: int = 1
    site_x: float = 0.5
    site_y: float = 0.5

    def mirrored(self) -> PlaneSiting:
        """The same samples after mirroring left to right."""
        return PlaneSiting(self.sub_x, self.sub_y, self.sub_x - self.site_x, self.site_y)

    def turned(self, quarter_turns: int) -> PlaneSiting:
        """The same samples after counter-clockwise turns by 90 degrees."""
        far_x, far_y = self.sub_x - self.site_x, self.sub_y - self.site_y
        return (
            self,
            PlaneSiting(self.sub_y, self.sub_x, self.site_y, far_x),
            PlaneSiting(self.sub_x, self.sub_y, far_x, far_y),
            PlaneSiting(self.sub_y, self.sub_x, far_y, self.site_x),
        )[quarter_turns % 4]


LUMA_SITING = PlaneSiting()


def chroma_siting(frame: Any) -> PlaneSiting:
    """The chroma siting of H.264 and most other codecs: on the left, between the rows."""
    sub_x = round(frame.width / frame.planes[1].width)
    sub_y = round(frame.height / frame.planes[1].height)
    return PlaneSiting(sub_x, sub_y, 0.5, sub_y / 2)


def has_chroma(frame: Any) -> bool:
    """Whether luma and chroma are three separate planes, as in nearly every movie."""
    kind = frame.format
    return bool(kind.is_planar and not kind.is_rgb and len(frame.planes) == 3)


def samples(frame: Any, n: int) -> Samples:
    """Plane `n` as decoded, without a copy; luma if the frame has no planes of its own."""
    kind = frame.format
    if kind.is_planar and not kind.is_rgb and not kind.has_palette:
        plane = frame.planes[n]
        # The wide types are little-endian wherever FFmpeg decodes to planes.
        array = np.frombuffer(plane, np.uint8 if kind.components[0].bits == 8 else np.uint16)
        rows: Samples = array.reshape(-1, plane.line_size // array.itemsize)[: plane.height, : plane.width]
        return rows
    return np.asarray(frame.reformat(format="gray").to_ndarray(), np.uint8)


def eight_bit(plane: Samples, frame: Any) -> Gray:
    """Samples on the scale of 8 bits."""
    bits = frame.format.components[0].bits if plane.dtype != np.uint8 else 8
    return np.asarray(plane, np.float32) / np.float32(1 << (bits - 8))


def luma(frame: Any) -> Gray:
    """The luma of a frame as decoded, on the scale of 8 bits: array (height, width)."""
    return eight_bit(samples(frame, 0), frame)


def reduced_luma(frame: Any, size: tuple[int, int]) -> Gray:
    """The luma of a frame averaged down to (width, height), on the scale of 8 bits."""
    return eight_bit(np.asarray(cv2.resize(samples(frame, 0), size, interpolation=cv2.INTER_AREA)), frame)


def expected_view(
    picture: Gray,
    crop: tuple[float, float, float, float],
    density: tuple[float, float],
    size: tuple[int, int],
    siting: PlaneSiting = LUMA_SITING,
    out: PlaneSiting = LUMA_SITING,
) -> tuple[Gray, Mask]:
    """The view of a crop at `size` (width, height), and a mask of its px that lie in the picture.

    Parameters
    ----------
    picture : ndarray, shape (height, width), float32
        One plane of the source, upright.
    crop : left, top, width, height
        Display px.
    density : (float, float)
        Luma px of the source per display px, across and down.
    size : (int, int)
        Width and height of the result, in samples.
    siting, out : PlaneSiting
        Where the samples of `picture` and of the result lie.
    """
    left, top, width, height = crop
    x = _line(left, width, density[0], size[0], (siting.sub_x, siting.site_x), (out.sub_x, out.site_x))
    y = _line(top, height, density[1], size[1], (siting.sub_y, siting.site_y), (out.sub_y, out.site_y))
    rows, columns = picture.shape
    # If the result is smaller, average first; then interpolate.
    if max(x[0], y[0]) > FREE_REDUCTION:
        small = (max(1, round(columns / max(1.0, x[0]))), max(1, round(rows / max(1.0, y[0]))))
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.float32)
        x, y = ((line[0] * a / b, line[1] * a / b) for line, a, b in ((x, small[0], columns), (y, small[1], rows)))
        columns, rows = small
    matrix = np.array([[x[0], 0, x[1] - 0.5], [0, y[0], y[1] - 0.5]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    view = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    u, v = x[1] + x[0] * np.arange(size[0]), y[1] + y[0] * np.arange(size[1])
    inside = ((v > 0) & (v < rows))[:, None] & ((u > 0) & (u < columns))[None, :]
    return np.asarray(view, np.float32), inside


def _line(
    start: float, length: float, density: float, count: int, into: tuple[int, float], out: tuple[int, float]
) -> tuple[float, float]:
    """Step and start of the positions of `count` result samples, in source samples from the edge of the plane."""
    px = length / (count * out[0])  # display px per px of the result
    step = density * px * out[0] / into[0]
    return step, (density * (start + px * out[1]) - into[1]) / into[0] + 0.5
