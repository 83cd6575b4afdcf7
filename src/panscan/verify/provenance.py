"""Where the pixels of one output picture come from: relative tests against the source, no tuned thresholds.

The expected view must explain the picture better than the same view moved by a pixel or two, than the camera of the
frames beside it, and than the source pictures beside it. Where an alternative looks the same there is no evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from panscan.model.framing import Cell
from panscan.model.geometry import Rect
from panscan.verify.expectation import Expectation, Shown
from panscan.verify.reading import Gray, expected_view

# An alternative must differ by this much (levels of 255, rms) before it can be told from the expected view.
_TELLING_LEVELS = 0.7
# For neighbouring pictures, compared at a quarter of the size where grain and compression are averaged out.
_TELLING_TIME_LEVELS = 1.0
_TIME_REDUCTION = 4
# Half of this is the 1 px that is allowed: a camera that moves less in one frame cannot be seen a frame late.
_TELLING_MOTION_PX = 2.0
_SHIFTS_PX = (-2, -1, 1, 2)
# One px nearer is within what is allowed (the measured offset decides); these are not.
_DISPROOFS = ("x-2 px", "x+2 px", "y-2 px", "y+2 px", "camera -1 frame", "camera +1 frame")
_LIKE = 0.8
_RESPONSE = 0.05
_LIMIT_PX = 1.0
_BORDER_PX = 4
_SMALLEST_PX = 32


@dataclass(frozen=True, slots=True)
class Observation:
    """One cell of one output picture.

    matches: None without evidence. moment: whether it is the right frame, None where its neighbours look the same.
    better: the alternatives that explain the picture better than the expected view.
    offset_px: measured displacement (x, y) where it could be measured; likeness: correlation with the expected view.
    """

    number: int
    clip: int
    matches: bool | None
    moment: bool | None
    better: tuple[str, ...] = ()
    offset_px: tuple[float, float] | None = None
    likeness: float = 0.0


@dataclass(slots=True)
class _Scene:
    """The comparison of one cell: the output, the expected view, and the px that count."""

    output: Gray
    expected: Gray
    window: tuple[slice, slice]
    noise: float
    better: list[str] = field(default_factory=list)


def observe(output: Gray, number: int, expectation: Expectation) -> Iterator[Observation]:
    """Compare output picture `number` with what it should show, cell by cell."""
    shown = expectation.shown[number]
    if shown is None:
        return
    framing = expectation.framing_of(shown)
    for cell in framing.cells:
        yield _observe_cell(output, number, shown, cell, expectation)


def _observe_cell(output: Gray, number: int, shown: Shown, cell: Cell, expectation: Expectation) -> Observation:
    nothing = Observation(number, shown.clip, None, None)
    part = output[cell.top_px : cell.top_px + cell.size.height, cell.left_px : cell.left_px + cell.size.width]
    found = _view(shown, shown.media_frame, shown.picture, cell, expectation)
    if found is None or part.shape != found[0].shape:
        return nothing
    expected, inside = found
    window = _window(inside)
    if window is None:
        return nothing
    expected = _levelled(expected, part, window)
    scene = _Scene(part, expected, window, _rms(part[window] - expected[window]))
    like = _likeness(part[window], expected[window])
    has_evidence = _test_position(scene)
    if not has_evidence:
        return Observation(number, shown.clip, None, None, likeness=like)
    _test_camera(scene, shown, cell, expectation)
    offset = _small_offset(part[window], expected[window])
    is_near = max(abs(v) for v in offset) <= _LIMIT_PX
    if like < _LIKE:
        # Not very alike: badly compressed, or another place altogether. Then the peak of the correlation decides.
        scale = cell.size.width / cell.crop_at(shown.media_frame, expectation.framing_of(shown).source).width
        offset, response = _large_offset(part[window], expected[window], max(1, round(scale)))
        is_near = max(abs(v) for v in offset) <= max(_LIMIT_PX, scale / 2) and response >= _RESPONSE
    late = _test_moment(scene, shown, cell, expectation)
    return Observation(
        number,
        shown.clip,
        is_near and not any(name in scene.better for name in _DISPROOFS),
        None if late is None else not late,
        (*scene.better, *(late or ())),
        offset,
        like,
    )


def _view(
    shown: Shown, media_frame: int, picture: int, cell: Cell, expectation: Expectation, reduction: int = 1
) -> tuple[Gray, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]] | None:
    """The expected look of a cell with the camera of one frame over one source picture."""
    framing = expectation.framing_of(shown)
    upright = expectation.source_of(shown).upright(picture)
    if upright is None:
        return None
    crop: Rect = cell.crop_at(media_frame, framing.source)
    density = (upright.shape[1] / framing.source.width, upright.shape[0] / framing.source.height)
    size = (cell.size.width // reduction, cell.size.height // reduction)
    # With sizes that do not divide, the reduced view covers a little less of the crop.
    width = crop.width * size[0] * reduction / cell.size.width
    height = crop.height * size[1] * reduction / cell.size.height
    return expected_view(upright, (crop.left, crop.top, width, height), density, size)


def _window(inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[slice, slice] | None:
    """Rows and columns that show the picture, without a border that may be repeated edge."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if min(len(rows), len(columns)) < _SMALLEST_PX:
        return None
    return (
        slice(int(rows[0]) + _BORDER_PX, int(rows[-1]) + 1 - _BORDER_PX),
        slice(int(columns[0]) + _BORDER_PX, int(columns[-1]) + 1 - _BORDER_PX),
    )


def _levelled(expected: Gray, output: Gray, window: tuple[slice, slice]) -> Gray:
    """The expected view with the output's brightness and contrast: ranges may differ, positions may not."""
    a, b = expected[window], output[window]
    spread = float(a.std())
    if spread < 1e-3:
        return expected
    gain = float(((a - a.mean()) * (b - b.mean())).mean()) / spread**2
    if not 0.5 < gain < 2.0:  # not the same picture: leave it
        return expected
    return np.asarray((expected - a.mean()) * gain + b.mean(), np.float32)


def _test_position(scene: _Scene) -> bool:
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
            if _rms(moved - expected) < _TELLING_LEVELS:
                continue
            has_evidence = True
            if _rms(scene.output[scene.window] - moved) <= scene.noise:
                scene.better.append(f"{name}{px:+d} px")
    return has_evidence


def _test_camera(scene: _Scene, shown: Shown, cell: Cell, expectation: Expectation) -> None:
    """Try the camera of the frames beside this one, where it moves visibly."""
    source = expectation.framing_of(shown).source
    here = cell.crop_at(shown.media_frame, source)
    for step in (-1, 1):
        there = cell.crop_at(shown.media_frame + step, source)
        scale = cell.size.width / here.width
        moved = max(abs(there.left - here.left), abs(there.right - here.right), abs(there.top - here.top)) * scale
        if moved < _TELLING_MOTION_PX:
            continue
        found = _view(shown, shown.media_frame + step, shown.picture, cell, expectation)
        if found is None:
            continue
        other = _levelled(found[0], scene.output, scene.window)[scene.window]
        is_telling = _rms(other - scene.expected[scene.window]) >= _TELLING_LEVELS
        if is_telling and _rms(scene.output[scene.window] - other) <= scene.noise:
            scene.better.append(f"camera {step:+d} frame")


def _test_moment(scene: _Scene, shown: Shown, cell: Cell, expectation: Expectation) -> tuple[str, ...] | None:
    """Try the source pictures beside the expected one, at reduced size; None where none could be told apart."""
    n = _TIME_REDUCTION
    found = _view(shown, shown.media_frame, shown.picture, cell, expectation, n)
    if found is None:
        return None
    window = _window(found[1])
    if window is None:
        return None
    size = (found[0].shape[1], found[0].shape[0])
    whole = scene.output[: size[1] * n, : size[0] * n]
    output = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)
    expected = _levelled(found[0], output, window)[window]
    here = _rms(output[window] - expected)
    was_tested, better = False, []
    for step in (-1, 1):
        other = _view(shown, shown.media_frame, shown.picture + step, cell, expectation, n)
        if other is None:
            continue
        view = _levelled(other[0], output, window)[window]
        there = _rms(output[window] - view)
        apart = _rms(view - expected)
        # What neither picture explains is compression; a smaller difference drowns in it.
        if apart < _TELLING_TIME_LEVELS or apart < min(here, there):
            continue
        was_tested = True
        if there <= here:
            better.append(f"picture {step:+d}")
    return tuple(better) if was_tested else None


def _small_offset(output: Gray, expected: Gray) -> tuple[float, float]:
    """Displacement of the output against the expected view by least squares: exact up to a px or two."""
    gx = (expected[1:-1, 2:] - expected[1:-1, :-2]) / 2
    gy = (expected[2:, 1:-1] - expected[:-2, 1:-1]) / 2
    difference = (expected - output)[1:-1, 1:-1]
    xx, xy, yy = (float(np.vdot(a, b)) for a, b in ((gx, gx), (gx, gy), (gy, gy)))
    # Where one direction has no structure (a horizon), nothing is said about it.
    damping = 1e-3 * (xx + yy) + 1e-6
    x, y = np.linalg.solve(
        [[xx + damping, xy], [xy, yy + damping]], [float(np.vdot(gx, difference)), float(np.vdot(gy, difference))]
    )
    return float(x), float(y)


def _large_offset(output: Gray, expected: Gray, reduction: int) -> tuple[tuple[float, float], float]:
    """Displacement by phase correlation, and how sure it is (0..1).

    An enlarged picture holds nothing at high frequencies, which phase correlation weighs as much as all others:
    both are reduced to about the source's own size first.
    """
    size = (output.shape[1] // reduction, output.shape[0] // reduction)
    a, b = (cv2.resize(v, size, interpolation=cv2.INTER_AREA) if reduction > 1 else v for v in (expected, output))
    # cv2.phaseCorrelate is 0.5 px off where it has to pad to an odd size: cut to a size that needs no padding.
    rows, columns = (_even_dft_size(length) for length in a.shape)
    a, b = (np.ascontiguousarray(v[:rows, :columns], np.float32) for v in (a, b))
    (x, y), response = cv2.phaseCorrelate(a, b, cv2.createHanningWindow((columns, rows), cv2.CV_32F))
    return (float(x) * reduction, float(y) * reduction), float(response)


def _even_dft_size(length: int) -> int:
    """Largest even size <= `length` that is a product of 2, 3 and 5."""
    size = length - length % 2
    while size > 2 and cv2.getOptimalDFTSize(size) != size:
        size -= 2
    return size


def _rms(difference: Gray) -> float:
    return float(np.sqrt(np.mean(np.square(difference))))


def _likeness(a: Gray, b: Gray) -> float:
    spread = float(a.std()) * float(b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread > 1e-6 else 0.0
