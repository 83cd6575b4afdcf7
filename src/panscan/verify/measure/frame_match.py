"""Where the px of one output picture come from: comparisons with the expected view and with its alternatives.

The expected view must explain the picture better than the same view moved by a px or two, than the cameras of the
neighbouring frames, and than the neighbouring source pictures. An alternative that looks the same is no evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from panscan.verify.checks.chroma import ChromaComparison, compare_chroma
from panscan.verify.expectation import Expectation
from panscan.verify.measure.cells import CellView, Stack, Window, cell_views
from panscan.verify.measure.offsets import large_offset, small_offset, small_turn
from panscan.verify.measure.planes import Plane, luma_plane
from panscan.verify.measure.similarity import fit_gain_and_lift, likeness, rms
from panscan.verify.measure.tilted_views import other_tilts

# Levels (rms, of 255) by which an alternative must differ from the expected view to be distinguished from it.
_DISTINCT_LEVELS = 0.7
# The same for neighbouring pictures, which are compared at a quarter of the size, where grain and compression are
# averaged out.
_DISTINCT_TIME_LEVELS = 1.0
_TIME_REDUCTION = 4
# A camera step must be this large to count as evidence; half of it is the allowed 1 px. With smaller steps one picture
# cannot show a late camera.
_DISTINCT_MOTION_PX = 2.0
# All pictures together can show it, down to this step; below it the differences between scaling kernels are larger.
_MIN_MOTION_PX = 0.1
_SHIFTS_PX = (-2, -1, 1, 2)
# Alternatives that disprove the position. A shift of 1 px is not one of them: it is allowed, and the measured offset
# decides.
_DISPROOFS = ("x-2 px", "x+2 px", "y-2 px", "y+2 px", "camera -1 frame", "camera +1 frame")
_MIN_LIKENESS = 0.8  # correlation: below it, least squares find no offset, and phase correlation decides
_MIN_RESPONSE = 0.05  # of the phase correlation: below it, its peak is noise
_LIMIT_PX = 1.0  # of the offset
_ZOOM_LIMIT_PX = 1.0  # of the offset at the edges by a wrong size or a wrong tilt
_BETTER_SHARE = 0.9  # of the difference that is left: two kernels explain thin letters differently by less
_PLAUSIBLE_GAINS = (0.5, 2.0)  # outside, the pictures are not the same, and levels are not adapted
_MIN_WEIGHT = 1e-3  # squared levels: two views that differ by less are equal


@dataclass(frozen=True, slots=True)
class CellComparison:
    """One cell of one output picture, compared with what it should show.

    Attributes
    ----------
    number : int
        Of the output picture.
    clip : int
        Of the cut.
    matches : bool, optional
        The expected crop is shown; None without evidence.
    is_right_frame : bool, optional
        The expected source picture is shown; None if its neighbours look the same.
    better : tuple of str
        Alternatives that explain the picture better than the expected view.
    offset_px : tuple of two float, optional
        Measured offset (x, y) in px of the canvas.
    zoom_error_px : tuple of two float, optional
        How much larger the offset is at the right and at the lower edge.
    likeness : float
        Correlation with the expected view.
    late_frames, late_weight : float
        How late the camera is, and the evidence for it (squared levels).
    chroma : ChromaComparison, optional
    cell : int
        Of the framing.
    unit_px : int
        Offsets were measured in units of so many px of the canvas.
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
    chroma: ChromaComparison | None = None
    cell: int = 0
    unit_px: int = 1


@dataclass(slots=True)
class _CellPair:
    """The output and the expected view of one cell.

    Attributes
    ----------
    output, expected : ndarray, shape (bands, rows, columns)
        Luma in levels of 255.
    window : tuple of slice
        The part of them to compare.
    noise : float
        Rms difference between the two in the window.
    better : list of str
        Alternatives that explain the output better.
    late : list of (float, float)
        How late the camera looks, in frames, and the evidence for it.
    """

    output: Stack
    expected: Stack
    window: Window
    noise: float
    better: list[str] = field(default_factory=list)
    late: list[tuple[float, float]] = field(default_factory=list)


def compare_cells(frame: Any, number: int, expectation: Expectation) -> Iterator[CellComparison]:
    """Compare output picture `number` with what it should show, cell by cell."""
    plane = luma_plane(frame)
    for view in cell_views(number, expectation):
        yield _compare_cell(frame, plane, view)


def _compare_cell(frame: Any, plane: Plane, view: CellView) -> CellComparison:
    clip = view.expected_picture.clip
    source, window = view.source_luma(), view.window()
    output = view.output(plane)
    if source is None or window is None or output is None:
        return CellComparison(view.number, clip, None, None, cell=view.index)
    expected = view.expected(source)
    chroma = compare_chroma(frame, view, output, expected)
    expected = _levelled(expected, output, window)
    pair = _CellPair(output, expected, window, rms(output[window], expected[window]))
    like = likeness(output[window], expected[window])
    if not _test_position(pair):
        return CellComparison(view.number, clip, None, None, likeness=like, chroma=chroma, cell=view.index)
    _test_camera(pair, view, source)
    other_tilt = _test_tilt(pair, view, source)
    if like < _MIN_LIKENESS:
        # Not very alike: badly compressed, or another part of the source.
        is_near, offset = _is_near_by_correlation(plane, view.number, view.index, view.expectation)
        zoom = [0.0, 0.0]
    else:
        x, y, *zoom = small_offset(output[window], expected[window], view.down[window[:2]])
        offset = (x, y)
        turn = (0.0, 0.0)
        if view.cell.camera.is_tilted:
            half_height = view.cell.size.height / 2 / view.reduction
            turn = small_turn(output[window], expected[window], view.down[window[:2]], half_height)
        is_near = max(abs(v) for v in offset) <= _LIMIT_PX and max(abs(v) for v in (*zoom, *turn)) <= _ZOOM_LIMIT_PX
    late = _test_moment(plane, view)
    weight = sum(w for _, w in pair.late)
    return CellComparison(
        view.number,
        clip,
        is_near and not other_tilt and not any(name in pair.better for name in _DISPROOFS),
        None if late is None else not late,
        (*pair.better, *(late or ())),
        (offset[0] * view.reduction, offset[1] * view.reduction),
        (zoom[0] * view.reduction, zoom[1] * view.reduction),
        like,
        sum(t * w for t, w in pair.late) / weight if weight else 0.0,
        weight,
        chroma,
        view.index,
        view.reduction,
    )


def _is_near_by_correlation(
    plane: Plane, number: int, index: int, expectation: Expectation
) -> tuple[bool, tuple[float, float]]:
    """Whether the peak of the correlation lies where it should, and where it lies, over the whole cell."""
    (view,) = (one for one in cell_views(number, expectation, is_whole=True) if one.index == index)
    source, window, output = view.source_luma(), view.window(), view.output(plane)
    assert source is not None and window is not None and output is not None
    expected = view.expected(source)
    offset, response = large_offset(output[window][0], expected[window][0], max(1, round(view.scale)))
    return max(abs(v) for v in offset) <= max(_LIMIT_PX, view.scale / 2) and response >= _MIN_RESPONSE, offset


def _levelled(expected: Stack, output: Stack, window: Window) -> Stack:
    """The expected view with the output's gain and lift: levels have a finding of their own."""
    gain, lift, like = fit_gain_and_lift(expected[window], output[window])
    if not _PLAUSIBLE_GAINS[0] < gain < _PLAUSIBLE_GAINS[1] or like == 0.0:  # not the same picture, or flat
        return expected
    return np.asarray(expected * np.float32(gain) + np.float32(lift), np.float32)


def _test_position(pair: _CellPair) -> bool:
    """Try the expected view moved by whole px. Returns whether any such move would have been noticed."""
    bands, rows, columns = pair.window
    output, expected = pair.output[pair.window], pair.expected[pair.window]
    has_evidence = False
    for axis, name in ((1, "x"), (0, "y")):
        for px in _SHIFTS_PX:
            moved_rows = rows if axis else slice(rows.start - px, rows.stop - px)
            moved_columns = slice(columns.start - px, columns.stop - px) if axis else columns
            moved = pair.expected[bands, moved_rows, moved_columns]
            if rms(moved, expected) < _DISTINCT_LEVELS:
                continue
            has_evidence = True
            if rms(output, moved) <= pair.noise:
                pair.better.append(f"{name}{px:+d} px")
    return has_evidence


def _test_camera(pair: _CellPair, view: CellView, source: Plane) -> None:
    """Try the cameras of the neighbouring frames, if the camera moves."""
    expected, output = pair.expected[pair.window], pair.output[pair.window]
    fast: list[tuple[float, float]] = []
    for step in (-1, 1):
        moved = camera_step_px(view, step)
        if moved < _MIN_MOTION_PX:
            continue
        other = _levelled(view.expected(source, step), pair.output, pair.window)[pair.window]
        change = other - expected
        weight = rms(other, expected) ** 2
        if moved < _DISTINCT_MOTION_PX * view.reduction and weight > _MIN_WEIGHT:
            # Where the picture lies on the line from this camera's view to the other's, by least squares.
            pair.late.append((-step * float(np.mean((output - expected) * change)) / weight, weight))
        if moved >= _DISTINCT_MOTION_PX * view.reduction and weight**0.5 >= _DISTINCT_LEVELS:
            there = rms(output, other)
            fast.append((float(-step if there <= pair.noise else 0), weight))
            if there <= pair.noise:
                pair.better.append(f"camera {step:+d} frame")
    # Where one neighbour is the better one, the other says nothing.
    pair.late += [side for side in fast if side[0]] or fast


def _test_tilt(pair: _CellPair, view: CellView, source: Plane) -> bool:
    """Try other tilts of a tilted cell. Returns whether one of them explains the picture better."""
    if not view.cell.camera.is_tilted:
        return False
    expected, output = pair.expected[pair.window], pair.output[pair.window]
    better = []
    for name, corners in other_tilts(view.picture().corners).items():
        other = _levelled(view.expected(source, corners=corners), pair.output, pair.window)[pair.window]
        if rms(other, expected) >= _DISTINCT_LEVELS and rms(output, other) <= _BETTER_SHARE * pair.noise:
            better.append(name)
    pair.better += better
    return bool(better)


def camera_step_px(view: CellView, later: int) -> float:
    """How far the crop's edges move between the expected frame and one so many frames later, px of the canvas."""
    here, there = view.crop(), view.crop(later)
    scale = view.cell.size.width / here.width
    edges = ("left", "right", "top", "bottom")
    turned = np.abs(view.picture(later).corners - view.picture().corners).max() * view.cell.size.width
    moved = max(float(abs(getattr(there, edge) - getattr(here, edge))) for edge in edges)
    return max(moved * scale, float(turned))


def _test_moment(plane: Plane, view: CellView) -> tuple[str, ...] | None:
    """Try the source pictures beside the expected one, at reduced size; None if none can be distinguished."""
    n = _TIME_REDUCTION if view.reduction == 1 else 1
    window, output = view.window(smaller=n), view.output(plane, n)
    if window is None or output is None:
        return None

    def shown(later: int) -> Stack | None:
        source = view.source_luma(later)
        return None if source is None else _levelled(view.expected(source, smaller=n), output, window)[window]

    expected = shown(0)
    if expected is None:
        return None
    here = rms(output[window], expected)
    was_tested, better = False, []
    for step in (-1, 1):
        neighbour = shown(step)
        if neighbour is None:
            continue
        there, apart = rms(output[window], neighbour), rms(neighbour, expected)
        # What neither picture explains is compression; a smaller difference than that is no evidence.
        if apart < _DISTINCT_TIME_LEVELS or apart < min(here, there):
            continue
        was_tested = True
        if there <= here:
            better.append(f"picture {step:+d}")
    return tuple(better) if was_tested else None
