"""Where the pixels of one output picture come from: relative tests against the source.

The expected view must explain the picture better than the same view moved by a pixel or two, than the camera of the
frames beside it, and than the source pictures beside it. Where an alternative looks the same there is no evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from panscan.verify.checks.chroma import ChromaComparison, compare_chroma
from panscan.verify.expectation import Expectation
from panscan.verify.measure.cells import CellView, Window, cell_views
from panscan.verify.measure.offsets import large_offset, small_offset
from panscan.verify.measure.planes import Gray, luma
from panscan.verify.measure.similarity import fit_gain_and_lift, likeness, rms

# An alternative must differ by this much (levels of 255, rms) before it can be told from the expected view.
_TELLING_LEVELS = 0.7
# For neighbouring pictures, compared at a quarter of the size where grain and compression are averaged out.
_TELLING_TIME_LEVELS = 1.0
_TIME_REDUCTION = 4
# Half of this is the 1 px that is allowed: a single picture cannot tell a slower camera from its neighbour.
_TELLING_MOTION_PX = 2.0
# All pictures together can, down to this; below it the kernels' own differences would speak.
_LEAST_MOTION_PX = 0.1
_SHIFTS_PX = (-2, -1, 1, 2)
# One px nearer is within what is allowed (the measured offset decides); these are not.
_DISPROOFS = ("x-2 px", "x+2 px", "y-2 px", "y+2 px", "camera -1 frame", "camera +1 frame")
_LIKE = 0.8
_RESPONSE = 0.05
_LIMIT_PX = 1.0
_ZOOM_LIMIT_PX = 1.0
_FINE_LEVELS = 2.0
_COARSE_PX = 2.0


@dataclass(frozen=True, slots=True)
class CellComparison:
    """One cell of one output picture.

    Attributes
    ----------
    number : int
        Of the picture.
    clip, cell : int
        Their numbers.
    matches : bool, optional
        Whether it shows what is expected; None without evidence.
    is_right_frame : bool, optional
        None where the frames before and after look the same.
    better : tuple of str
        The alternatives that explain the picture better than the expected view.
    offset_px : (float, float), optional
        Measured displacement, where it could be measured.
    zoom_error_px : (float, float), optional
        How much more displacement there is at the right and the lower edge.
    likeness : float
        Correlation with the expected view.
    late_frames, late_weight : float
        How many frames the camera is late, and how much evidence (squared levels) says so.
    sharpness : float, optional
        Share of the expected fine detail that is there; None where there is none to expect.
    chroma : ChromaComparison, optional
    unit_px : int
        The offsets were measured in steps of so many px of the canvas.
    """

    number: int
    clip: int
    matches: bool | None
    is_right_frame: bool | None
    better: tuple[str, ...] = ()
    offset_px: tuple[float, float] | None = None
    zoom_error_px: tuple[float, float] | None = None
    likeness: float = 0.0
    late_frames: float = 0.0
    late_weight: float = 0.0
    sharpness: float | None = None
    chroma: ChromaComparison | None = None
    cell: int = 0
    unit_px: int = 1


@dataclass(slots=True)
class _CellPair:
    """The comparison of one cell: the output, the expected view, and the px that count."""

    output: Gray
    expected: Gray
    window: Window
    noise: float
    better: list[str] = field(default_factory=list)
    late: list[tuple[float, float]] = field(default_factory=list)


def compare_cells(frame: Any, number: int, expectation: Expectation) -> Iterator[CellComparison]:
    """Compare output picture `number` with what it should show, cell by cell."""
    views = cell_views(number, expectation)
    if not views:
        return
    plane = luma(frame)
    for view in views:
        yield _observe_cell(frame, plane, view)


def _observe_cell(frame: Any, plane: Gray, view: CellView) -> CellComparison:
    shown = view.expected_picture
    nothing = CellComparison(view.number, shown.clip, None, None, cell=view.index)
    part, found = view.output_part(plane), view.expected_luma(shown.media_frame, shown.source_picture)
    if part is None or found is None or part.shape != found[0].shape:
        return nothing
    expected, inside = found
    window = view.window(inside)
    if window is None:
        return nothing
    chroma = compare_chroma(frame, view, part, expected)
    expected = _levelled(expected, part, window)
    scene = _CellPair(part, expected, window, rms(part[window], expected[window]))
    like = likeness(part[window], expected[window])
    if not _test_position(scene):
        return CellComparison(view.number, shown.clip, None, None, likeness=like, chroma=chroma, cell=view.index)
    _test_camera(scene, view)
    x, y, *zoom = small_offset(part[window], expected[window])
    offset = (x, y)
    is_near = max(abs(v) for v in offset) <= _LIMIT_PX and max(abs(v) for v in zoom) <= _ZOOM_LIMIT_PX
    if like < _LIKE:
        # Not very alike: badly compressed, or another place altogether. Then the peak of the correlation decides.
        offset, response = large_offset(part[window], expected[window], max(1, round(view.scale)))
        is_near = max(abs(v) for v in offset) <= max(_LIMIT_PX, view.scale / 2) and response >= _RESPONSE
        zoom = [0.0, 0.0]
    late = _test_moment(scene, plane, view)
    weight = sum(w for _, w in scene.late)
    return CellComparison(
        view.number,
        shown.clip,
        is_near and not any(name in scene.better for name in _DISPROOFS),
        None if late is None else not late,
        (*scene.better, *(late or ())),
        (offset[0] * view.reduction, offset[1] * view.reduction),
        (zoom[0] * view.reduction, zoom[1] * view.reduction),
        like,
        sum(t * w for t, w in scene.late) / weight if weight else 0.0,
        weight,
        _sharpness(part, expected, window, view.coded_scale),
        chroma,
        view.index,
        view.reduction,
    )


def _levelled(expected: Gray, output: Gray, window: Window) -> Gray:
    """The expected view with the output's brightness and contrast: levels have a finding of their own."""
    gain, lift, like = fit_gain_and_lift(expected[window], output[window])
    if not 0.5 < gain < 2.0 or like == 0.0:  # not the same picture, or flat: leave it
        return expected
    return np.asarray(expected * np.float32(gain) + np.float32(lift), np.float32)


def _test_position(scene: _CellPair) -> bool:
    """Try the expected view moved by whole px; whether any such move would have been noticed."""
    rows, columns = scene.window
    expected = scene.expected[scene.window]
    has_evidence = False
    for axis, name in ((1, "x"), (0, "y")):
        for px in _SHIFTS_PX:
            moved = (
                scene.expected[rows, columns.start - px : columns.stop - px]
                if axis
                else scene.expected[rows.start - px : rows.stop - px, columns]
            )
            if rms(moved, expected) < _TELLING_LEVELS:
                continue
            has_evidence = True
            if rms(scene.output[scene.window], moved) <= scene.noise:
                scene.better.append(f"{name}{px:+d} px")
    return has_evidence


def _test_camera(scene: _CellPair, view: CellView) -> None:
    """Try the camera of the frames beside this one, where it moves."""
    frame = view.expected_picture.media_frame
    fast: list[tuple[float, float]] = []
    for step in (-1, 1):
        moved = camera_step_px(view, frame + step)
        if moved < _LEAST_MOTION_PX:
            continue
        found = view.expected_luma(frame + step, view.expected_picture.source_picture)
        if found is None:
            continue
        other = _levelled(found[0], scene.output, scene.window)[scene.window]
        expected, output = scene.expected[scene.window], scene.output[scene.window]
        change = other - expected
        weight = rms(other, expected) ** 2
        if moved < _TELLING_MOTION_PX * view.reduction and weight > 1e-3:
            # How far along the way from this camera to that one the picture lies, by least squares.
            scene.late.append((-step * float(np.mean((output - expected) * change)) / weight, weight))
        if moved >= _TELLING_MOTION_PX * view.reduction and weight**0.5 >= _TELLING_LEVELS:
            there = rms(output, other)
            fast.append((float(-step if there <= scene.noise else 0), weight))
            if there <= scene.noise:
                scene.better.append(f"camera {step:+d} frame")
    # Where one neighbour is the better one, the other says nothing.
    scene.late += [side for side in fast if side[0]] or fast


def camera_step_px(view: CellView, frame: int) -> float:
    """How far the crop's edges move between the expected frame and another one, px of the canvas."""
    source = view.expectation.framing_of(view.expected_picture).source
    here, there = (view.cell.crop_at(f, source) for f in (view.expected_picture.media_frame, frame))
    scale = view.cell.size.width / here.width
    edges = ("left", "right", "top", "bottom")
    return float(max(abs(getattr(there, edge) - getattr(here, edge)) for edge in edges)) * scale


def _test_moment(scene: _CellPair, plane: Gray, view: CellView) -> tuple[str, ...] | None:
    """Try the source pictures beside the expected one, at reduced size; None where none could be told apart."""
    n = _TIME_REDUCTION if view.reduction == 1 else 1
    found, output = (
        view.expected_luma(view.expected_picture.media_frame, view.expected_picture.source_picture, n),
        view.output_part(plane, reduction=n),
    )
    if found is None or output is None:
        return None
    window = view.window(found[1])
    if window is None:
        return None
    expected = _levelled(found[0], output, window)[window]
    here = rms(output[window], expected)
    was_tested, better = False, []
    for step in (-1, 1):
        other = view.expected_luma(view.expected_picture.media_frame, view.expected_picture.source_picture + step, n)
        if other is None:
            continue
        neighbour = _levelled(other[0], output, window)[window]
        there, apart = rms(output[window], neighbour), rms(neighbour, expected)
        # What neither picture explains is compression; a smaller difference drowns in it.
        if apart < _TELLING_TIME_LEVELS or apart < min(here, there):
            continue
        was_tested = True
        if there <= here:
            better.append(f"picture {step:+d}")
    return tuple(better) if was_tested else None


def _sharpness(output: Gray, expected: Gray, window: Window, scale: float) -> float | None:
    """The share of the expected fine detail that is in the output; None without any.

    Only what both have in common counts: grain and blocks of the compression are no sharpness. Of a smooth picture
    the next coarser detail is taken: what is faint may be lost to compression, not to blur.
    """
    pair = output[window], expected[window]
    if scale >= 2 * _COARSE_PX:
        # A source px covers many of the canvas: averaged down they hold the same, for a fraction of the work.
        by = int(scale / _COARSE_PX)
        size = (pair[0].shape[1] // by, pair[0].shape[0] // by)
        pair = (_averaged(pair[0], size), _averaged(pair[1], size))
        scale /= by
    for coarse in (1, 2, 3):
        sigma = coarse * max(1.0, scale)
        a, b = (np.asarray(v - cv2.GaussianBlur(v, (0, 0), sigma)) for v in pair)
        strength = float(np.vdot(b, b)) / b.size
        if strength > _FINE_LEVELS**2:
            return float(np.vdot(a, b)) / b.size / strength
    return None


def _averaged(picture: Gray, size: tuple[int, int]) -> Gray:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
