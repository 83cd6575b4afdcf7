"""Sampling one plane of samples at `step * k + offset`: copy, sub-pixel pan, zoom in, zoom out.

All positions are sample indices (0 is the centre of the first sample). Every kernel is exact to a few thousandths of a
sample. There is no linear interpolation: in a slow pan, sharpness would change with each px of movement.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import mul
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[Any]

_LANCZOS_LOBES = 3  # the usual compromise between sharpness and ringing
_CUBIC_REACH = 2  # samples to each side that cubic interpolation reads

# Samples. Cameras are stored to 1e-4 px and 1e-6 of scale: a position this near to a whole sample is meant to be whole.
_WHOLE_TOLERANCE = 0.004

# Samples by which the edges of a zoom may be off if that saves a filter. At most this many start positions are tried;
# more would cost more than the filter.
_EDGE_TOLERANCE = 0.02
_MAX_LEAD = 96

# Factor. Up to this reduction, cubic interpolation alone is sharp and shows no visible aliasing.
FREE_REDUCTION = 1.2

# Factor. From here on, whole groups of samples are averaged first: the filter would grow with the reduction.
_AREA_REDUCTION = 4.0

# Steps to which filters are rounded, far finer than can be seen or measured, so that slow pans use each filter often:
# parts of a sample for its shift, and parts of its width.
_SHIFT_STEPS, _WIDTH_STEPS = 4096, 1024


@dataclass(frozen=True, slots=True)
class AxisSampling:
    """Output sample k of one axis is input sample `step * k + offset`.

    Attributes
    ----------
    step : float
        Input samples per output sample: below 1 enlarges.
    offset : float
        Input sample of output sample 0.
    """

    step: float
    offset: float

    def snapped(self, count: int) -> AxisSampling:
        """The axis for `count` output samples without the rounding errors of the stored camera."""
        step, offset = self.step, self.offset
        if abs(step - 1.0) * count < _WHOLE_TOLERANCE:
            offset += (step - 1.0) * (count - 1) / 2
            step = 1.0
            if abs(offset - round(offset)) < _WHOLE_TOLERANCE:
                offset = float(round(offset))
        return AxisSampling(step, offset)

    @property
    def is_whole_step(self) -> bool:
        """Whether the axis is a plain slice."""
        return self.step == 1.0 and self.offset == round(self.offset)


@dataclass(frozen=True, slots=True)
class _Window:
    """One axis of the general path: read, filter, drop the margins, resize, skip the first samples.

    Attributes
    ----------
    start, stop : int
        Input samples [start, stop) to read.
    taps : ndarray
        The filter.
    step : float
        Input samples per output sample: the resize is by 1 / step.
    lead : int
        Output samples to skip.
    """

    start: int
    stop: int
    taps: npt.NDArray[np.float32]
    step: float
    lead: int

    @property
    def before(self) -> int:
        """Samples that the taps reach back; they reach one more ahead."""
        return max(0, len(self.taps) // 2 - 1)

    @property
    def kept(self) -> slice:
        """The filtered samples whose neighbours were all read."""
        return slice(self.before, self.stop - self.start - len(self.taps) // 2)


def resample(plane: Plane, out: Plane, x: AxisSampling, y: AxisSampling, peak: int) -> None:
    """Fill `out` with out[v, u] = plane at (x.step * u + x.offset, y.step * v + y.offset).

    Parameters
    ----------
    plane, out : ndarray, shape (height, width), uint8 or uint16
        Positions outside `plane` repeat its edge.
    x, y : AxisSampling
    peak : int
        Largest sample value: negative lobes overshoot it, and uint16 does not stop at 1023 by itself.
    """
    height, width = out.shape
    x, y = x.snapped(width), y.snapped(height)
    if x.is_whole_step and y.is_whole_step:
        left, top = round(x.offset), round(y.offset)
        np.copyto(out, _cut(plane, left, left + width, top, top + height))
        return
    if max(x.step, y.step) >= _AREA_REDUCTION:
        plane, x, y = _averaged(plane, x, y)
    across, down = _window(x, width, plane.shape[1]), _window(y, height, plane.shape[0])
    picture = _cut(plane, across.start, across.stop, down.start, down.stop)
    if picture.dtype == np.uint16:
        # OpenCV filters floats several times as fast, and nothing is rounded or clipped between the steps.
        picture = _SCRATCH.filled(picture, np.float32)
    elif max(across.taps.size, down.taps.size) == 1:
        # OpenCV's resize takes twice as long on memory outside the processor's cache, as a decoder's always is.
        picture = _SCRATCH.filled(picture, np.uint8)
    picture = _filtered(picture, across, down)[down.kept, across.kept]
    if across.step != 1.0 or down.step != 1.0:
        picture = _resized(picture, 1 / across.step, 1 / down.step)
    picture = picture[down.lead : down.lead + height, across.lead : across.lead + width]
    if picture.dtype == np.float32:
        np.clip(np.rint(picture, out=picture), 0, peak, out=picture)
    np.copyto(out, picture, casting="unsafe")


def _filtered(picture: Plane, across: _Window, down: _Window) -> Plane:
    # For taps that are not symmetric, two passes cost half of OpenCV's separable filter.
    passes = ((across.taps[None, :], (across.before, 0)), (down.taps[:, None], (0, down.before)))
    for taps, anchor in passes:
        if taps.size > 1:
            into = _SCRATCH.array(picture.shape, picture.dtype)
            picture = cv2.filter2D(picture, -1, taps, into, anchor=anchor, borderType=cv2.BORDER_REPLICATE)
    return picture


def _resized(picture: Plane, zoom_x: float, zoom_y: float) -> Plane:
    # fx and fy keep the exact continuous scale; a target size would round it to whole samples.
    shape = (round(picture.shape[0] * zoom_y), round(picture.shape[1] * zoom_x))
    into = _SCRATCH.array(shape, picture.dtype)
    return cv2.resize(picture, None, into, fx=zoom_x, fy=zoom_y, interpolation=cv2.INTER_CUBIC)


class _Scratch(threading.local):
    """Reused memory of each thread for results between two steps: new memory costs as much as the steps themselves."""

    def __init__(self) -> None:
        self._buffers = [np.empty(0, np.uint8), np.empty(0, np.uint8)]

    def array(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Plane:
        """An array of that shape with any content; the array of the call before is not touched."""
        self._buffers.reverse()
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if self._buffers[0].size < size:
            self._buffers[0] = np.empty(size + size // 8, np.uint8)  # a zoom needs a little more in each picture
        return self._buffers[0][:size].view(dtype).reshape(shape)

    def filled(self, values: Plane, dtype: npt.DTypeLike) -> Plane:
        """A copy of `values`, in a type of choice."""
        copy = self.array(values.shape, dtype)
        np.copyto(copy, values, casting="unsafe")
        return copy


_SCRATCH = _Scratch()


@lru_cache(maxsize=64)  # both chroma planes need the same
def _window(axis: AxisSampling, count: int, limit: int) -> _Window:
    """How `count` samples of an axis are made from a plane of `limit` samples."""
    step = axis.step
    if step == 1.0:
        start = math.floor(axis.offset)
        return _reading(start, count, _taps(axis.offset - start, 1.0), 1.0, 0)
    # cv2.resize puts its first output sample at step / 2 - 1 / 2. Start `lead` samples early so that the cubic never
    # reaches the edge of what was read, and move the picture by the rest with the filter.
    width = max(1.0, step / FREE_REDUCTION)
    margin = math.ceil((_CUBIC_REACH + 1) / step)
    unled = axis.offset - 0.5 * step + 0.5  # where the resize starts with a lead of 0
    lead = _free_lead(unled, step, margin) if width == 1.0 else None
    if lead is None:
        lead = margin
        origin = unled - step * lead
        start = math.floor(origin + _WHOLE_TOLERANCE / 2)
        shift = origin - start
        taps = _taps(0.0 if abs(shift) < _WHOLE_TOLERANCE / 2 else shift, width)
    else:
        origin = unled - step * lead
        start, taps = round(origin), _taps(0.0, 1.0)
        step += (origin - start) / (lead + count / 2)  # puts the middle exactly where it belongs
    window = _reading(start, math.ceil((count + lead + margin) * step) + 1, taps, step, lead)
    if window.stop > limit and len(taps) == 1 and round((limit - start) / step) >= lead + count:
        return replace(window, stop=limit)  # the resize repeats the plane's edge itself
    return window


def _free_lead(unled: float, step: float, margin: int) -> int | None:
    """How many samples early the resize must start so that its positions are exact without a filter.

    Each earlier start lies at another fraction of a sample; a few more samples cost less than a filter over all. At the
    very edge of the plane no lead is needed. None if no start fits.
    """
    if abs(unled) < _EDGE_TOLERANCE:
        return 0
    for lead in range(margin, margin + _MAX_LEAD):
        origin = unled - step * lead
        if origin < 0:
            return None
        if abs(origin - round(origin)) < _EDGE_TOLERANCE:
            return lead
    return None


def _reading(start: int, length: int, taps: npt.NDArray[np.float32], step: float, lead: int) -> _Window:
    ahead = len(taps) // 2
    return _Window(start - max(0, ahead - 1), start + length + ahead, taps, step, lead)


def _taps(shift: float, width: float) -> npt.NDArray[np.float32]:
    """Lanczos taps that move a picture by `shift` samples (0 <= shift < 1) and remove detail below `width` samples.

    2 n taps for the samples -n + 1 to n, or a single 1 if there is nothing to do.
    """
    return _taps_of(round(shift * _SHIFT_STEPS), round(width * _WIDTH_STEPS))


@lru_cache(maxsize=4096)
def _taps_of(shift_steps: int, width_steps: int) -> npt.NDArray[np.float32]:
    shift, width = shift_steps / _SHIFT_STEPS, width_steps / _WIDTH_STEPS
    if shift == 0.0 and width == 1.0:
        return np.ones(1, np.float32)
    reach = math.ceil(_LANCZOS_LOBES * width)
    # Plain numbers: arrays are slower for so few, and every picture of a zoom needs new taps.
    at = [(n - shift) / width for n in range(1 - reach, reach + 1)]
    taps = [_lanczos(x) for x in at]
    # Plain Lanczos moves soft shading by up to 0.018 samples too much or too little. A little of a slope is added so
    # that the sum is 1 and the centre of mass is exactly the shift.
    slope = [x * math.exp(-x * x) for x in at]
    taps_sum, slope_sum = sum(taps), sum(slope)
    taps_moment, slope_moment = (sum(map(mul, weights, at)) for weights in (taps, slope))
    determinant = taps_sum * slope_moment - slope_sum * taps_moment
    gain, slope_gain = slope_moment / determinant, -taps_moment / determinant
    return np.array([gain * tap + slope_gain * part for tap, part in zip(taps, slope, strict=True)], np.float32)


def _lanczos(x: float) -> float:
    if x == 0.0:
        return 1.0
    angle = math.pi * x
    window_angle = angle / _LANCZOS_LOBES
    return math.sin(angle) / angle * (math.sin(window_angle) / window_angle) if abs(x) < _LANCZOS_LOBES else 0.0


def _averaged(plane: Plane, x: AxisSampling, y: AxisSampling) -> tuple[Plane, AxisSampling, AxisSampling]:
    """The plane with groups of samples averaged so that less than a fourfold reduction remains."""
    nx, ny = (max(1, math.floor(axis.step / 2)) for axis in (x, y))
    height, width = plane.shape[0] // ny, plane.shape[1] // nx
    if width == 0 or height == 0:
        return plane, x, y
    small = cv2.resize(plane[: height * ny, : width * nx], (width, height), interpolation=cv2.INTER_AREA)
    # Sample j of the reduced plane is centred on n * j + (n - 1) / 2.
    return (
        small,
        AxisSampling(x.step / nx, (x.offset - (nx - 1) / 2) / nx),
        AxisSampling(y.step / ny, (y.offset - (ny - 1) / 2) / ny),
    )


def _cut(plane: Plane, left: int, right: int, top: int, bottom: int) -> Plane:
    """plane[top:bottom, left:right], with the edge repeated where that leaves the plane."""
    height, width = plane.shape
    if min(left, top) >= 0 and right <= width and bottom <= height:
        return plane[top:bottom, left:right]
    # At least one sample is kept, so that a window wholly outside repeats the nearest edge.
    x0, x1 = min(max(left, 0), width - 1), max(min(right, width), 1)
    y0, y1 = min(max(top, 0), height - 1), max(min(bottom, height), 1)
    inner = np.ascontiguousarray(plane[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)])
    rows, columns = inner.shape
    over_left, over_top = max(x0 - left, 0), max(y0 - top, 0)
    over_right, over_bottom = max(right - left - over_left - columns, 0), max(bottom - top - over_top - rows, 0)
    padded = cv2.copyMakeBorder(inner, over_top, over_bottom, over_left, over_right, cv2.BORDER_REPLICATE)
    return padded[: bottom - top, : right - left]
