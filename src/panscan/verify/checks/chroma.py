"""Whether the chroma planes of a picture are the source's: not swapped, moved or changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from panscan.verify.measure.cells import CellView
from panscan.verify.measure.colours import ColourSums, luma_at_chroma_size, sums_of
from panscan.verify.measure.planes import Gray, chroma_siting, eight_bit, has_chroma, samples
from panscan.verify.measure.similarity import mean_and_spread, rms

# Levels (rms) by which an alternative must differ from the expected colours before it can be distinguished from them.
_DISTINCT_LEVELS = 0.7
_SHIFTS_SAMPLES = (-2, -1, 1, 2)  # of the chroma planes that are tried as alternatives
# Coarse compression can blur colours by one sample: a shift of one sample counts only if its error is below this share.
_MUCH_BETTER = 0.6
_BETTER_ALONE = 0.8  # the same for a shift of two samples of one plane, which has less to go by than both
_PLANES = ("", " of u", " of v")  # what is said to be moved: both, or one of them
_HUE_LEVELS = 6.0  # difference of the mean colour: compression changes it by less


@dataclass(frozen=True, slots=True)
class ChromaComparison:
    """The colours of one cell of one picture against the source's.

    Attributes
    ----------
    matches : bool, optional
        None without evidence.
    better : tuple of str
        Alternatives that explain the colours better.
    error : float
        Difference from the expected colours, rms levels of 255.
    hue : float
        Largest difference of a plane's mean, levels of 255.
    sums : ColourSums
        From which the map of all colours is made.
    """

    matches: bool | None
    better: tuple[str, ...]
    error: float
    hue: float
    sums: ColourSums


def compare_chroma(frame: Any, view: CellView, output_luma: Gray, expected_luma: Gray) -> ChromaComparison | None:
    """Compare the colours of one cell; None if output or source has no chroma planes, or the cell's edges are odd.

    output_luma, expected_luma: luma of the cell, of the same shape.
    """
    if not has_chroma(frame):
        return None
    out = chroma_siting(frame)
    if view.cell.left_px % out.sub_x or view.cell.top_px % out.sub_y:
        return None
    expected_planes = view.expected_chroma(out)
    parts = [view.output_part(eight_bit(samples(frame, n), frame), out.sub_x, out.sub_y) for n in (1, 2)]
    if expected_planes is None or parts[0] is None or parts[1] is None or parts[0].shape != expected_planes[0][0].shape:
        return None
    window = view.window(expected_planes[1])
    if window is None:
        return None
    output, expected = (parts[0], parts[1]), (expected_planes[0][0], expected_planes[0][1])
    rows, columns = window
    here = _errors(output, expected, window, window)
    hue = max(
        abs(mean_and_spread(a[window])[0] - mean_and_spread(b[window])[0])
        for a, b in zip(output, expected, strict=True)
    )
    has_evidence, better = False, []
    if _errors(expected, expected[::-1], window, window)[0] >= _DISTINCT_LEVELS:
        has_evidence = True
        if _errors(output, expected[::-1], window, window)[0] < here[0]:
            better.append("planes swapped")
    for shift in _SHIFTS_SAMPLES:
        for name, moved in (
            (f"x{shift:+d} samples", (rows, slice(columns.start - shift, columns.stop - shift))),
            (f"y{shift:+d} samples", (slice(rows.start - shift, rows.stop - shift), columns)),
        ):
            apart, there = _errors(expected, expected, window, moved), _errors(output, expected, window, moved)
            for n, of_plane in enumerate(_PLANES):
                if apart[n] < _DISTINCT_LEVELS:
                    continue
                has_evidence = True
                share = _MUCH_BETTER if abs(shift) == 1 else _BETTER_ALONE if of_plane else 1.0
                if there[n] < here[n] * share:
                    better.append(name + of_plane)
    if hue > _HUE_LEVELS:
        has_evidence = True
        better.append("another hue")
    own, other = luma_at_chroma_size(expected_luma, expected[0]), luma_at_chroma_size(output_luma, output[0])
    sums = sums_of(
        (other[window], output[0][window], output[1][window]), (own[window], expected[0][window], expected[1][window])
    )
    return ChromaComparison(not better if has_evidence else None, tuple(better), here[0], hue, sums)


def _errors(a: tuple[Gray, ...], b: tuple[Gray, ...], window: Any, moved: Any) -> tuple[float, float, float]:
    """Rms difference of both planes together, and of each, one picture in `window`, the other in `moved`."""
    first, second = (rms(x[window], y[moved]) for x, y in zip(a, b, strict=True))
    return math.sqrt((first**2 + second**2) / 2), first, second
