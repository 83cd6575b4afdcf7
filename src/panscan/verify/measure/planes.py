"""The planes of decoded frames, as they were decoded and without copies.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.float32]  # levels, on the scale of 8 bits
Mask = npt.NDArray[np.bool_]
Samples = npt.NDArray[Any]  # uint8, or uint16 of deeper pictures


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


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One plane of a decoded frame.

    Attributes
    ----------
    samples : ndarray, shape (height, width)
    unit : float
        What one level of 8 bits is in samples: 4 where these have 10 bits.
    siting : PlaneSiting
    """

    samples: Samples
    unit: float = 1.0
    siting: PlaneSiting = LUMA_SITING

    @property
    def height(self) -> int:
        """In samples."""
        return int(self.samples.shape[0])

    @property
    def width(self) -> int:
        """In samples."""
        return int(self.samples.shape[1])

    def levels(self, rows: slice = slice(None), columns: slice = slice(None)) -> Gray:
        """A part of the plane, copied."""
        part = np.ascontiguousarray(self.samples[rows, columns], np.float32)
        return part if self.unit == 1 else part / np.float32(self.unit)

    def shown(self, *, is_mirrored: bool, quarter_turns: int) -> Plane:
        """The plane mirrored left to right, and then turned counter-clockwise by 90 degrees some times."""
        siting = (self.siting.mirrored() if is_mirrored else self.siting).turned(quarter_turns)
        mirrored = self.samples[:, ::-1] if is_mirrored else self.samples
        return Plane(np.rot90(mirrored, quarter_turns), self.unit, siting)


def luma_plane(frame: Any) -> Plane:
    """The luma of a frame."""
    kind = frame.format
    if kind.is_planar and not kind.is_rgb and not kind.has_palette:
        return _plane(frame, 0, LUMA_SITING)
    return Plane(np.asarray(frame.reformat(format="gray").to_ndarray(), np.uint8))


def chroma_planes(frame: Any) -> tuple[Plane, Plane] | None:
    """Both chroma planes of a frame; None unless luma and chroma are three planes, as in nearly every movie."""
    kind = frame.format
    if not kind.is_planar or kind.is_rgb or len(frame.planes) != 3:
        return None
    sub_x, sub_y = (
        round(whole / part)
        for whole, part in ((frame.width, frame.planes[1].width), (frame.height, frame.planes[1].height))
    )
    # The siting of H.264 and most other codecs: on the left, between the rows.
    siting = PlaneSiting(sub_x, sub_y, 0.5, sub_y / 2)
    return _plane(frame, 1, siting), _plane(frame, 2, siting)


def _plane(frame: Any, n: int, siting: PlaneSiting) -> Plane:
    plane, bits = frame.planes[n], frame.format.components[0].bits
    # The wide types are little-endian wherever FFmpeg decodes to planes.
    array = np.frombuffer(plane, np.uint8 if bits == 8 else np.uint16)
    rows = array.reshape(-1, plane.line_size // array.itemsize)
    return Plane(rows[: plane.height, : plane.width], float(1 << (bits - 8)), siting)
