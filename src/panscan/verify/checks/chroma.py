"""Whether the chroma planes of a picture are the source's: not swapped, moved or changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from panscan.verify.measure.cells import CellView, Stack, Window
from panscan.verify.measure.colours import ColourSums, luma_at_chroma_size, sums_of
from panscan.verify.measure.planes import chroma_planes
from panscan.verify.measure.similarity import mean_and_spread, rms

# Levels (rms) by which an alternative must differ from the expected colours before it can be distinguished from them.
_DISTINCT_LEVELS = 0.7
_SHIFTS_SAMPLES = (-2, -1, 1, 2)  # of the chroma planes that are tried as alternatives
# A shift by so many samples counts only if its error is below this share: coarse compression blurs colours by one
# sample, and reaches 0.92 with two; planes that are moved by two have 0.64, in one direction each 0.80.
_BETTER = {1: 0.6, 2: 0.9}
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


def compare_chroma(frame: Any, view: CellView, output_luma: Stack, expected_luma: Stack) -> ChromaComparison | None:
    """Compare the colours of one cell; None if output or source has no chroma planes, or the cell's edges are odd.

    output_luma, expected_luma: luma of the cell, of the same shape.
    """
    shown, wanted = chroma_planes(frame), view.source_chroma()
    if shown is None or wanted is None:
        return None
    out = shown[0].siting
    window = view.window(out)
    if window is None or view.cell.left_px % out.sub_x or view.cell.top_px % out.sub_y:
        return None
    found = view.output(shown[0]), view.output(shown[1])
    if found[0] is None or found[1] is None:
        return None
    output, expected = (found[0], found[1]), (view.expected(wanted[0], out=out), view.expected(wanted[1], out=out))
    bands, rows, columns = window
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
            (f"x{shift:+d} samples", (bands, rows, slice(columns.start - shift, columns.stop - shift))),
            (f"y{shift:+d} samples", (bands, slice(rows.start - shift, rows.stop - shift), columns)),
        ):
            apart, there = _errors(expected, expected, window, moved), _errors(output, expected, window, moved)
            for n, of_plane in enumerate(_PLANES):
                if apart[n] < _DISTINCT_LEVELS:
                    continue
                has_evidence = True
                if there[n] < here[n] * _BETTER[abs(shift)]:
                    better.append(name + of_plane)
    if hue > _HUE_LEVELS:
        has_evidence = True
        better.append("another hue")
    sums = _sums((output_luma, *output), (expected_luma, *expected), window)
    return ChromaComparison(not better if has_evidence else None, tuple(better), here[0], hue, sums)


def _sums(output: tuple[Stack, Stack, Stack], expected: tuple[Stack, Stack, Stack], window: Window) -> ColourSums:
    """Sums over the window of all bands of three planes (y, u, v), luma at its own size."""
    _, rows, columns = window
    found = []
    for band in range(len(output[0])):
        sides = []
        for y, u, v in (output, expected):
            planes = (luma_at_chroma_size(y[band], u[band]), u[band], v[band])
            sides.append((planes[0][rows, columns], planes[1][rows, columns], planes[2][rows, columns]))
        found.append(sums_of(*sides))
    return ColourSums(
        np.sum([one.auto_moments for one in found], axis=0), np.sum([one.cross_moments for one in found], axis=0)
    )


def _errors(
    a: tuple[Stack, Stack], b: tuple[Stack, Stack], window: Window, moved: Window
) -> tuple[float, float, float]:
    """Rms difference of both planes together, and of each, one picture in `window`, the other in `moved`."""
    first, second = (rms(x[window], y[moved]) for x, y in zip(a, b, strict=True))
    return math.sqrt((first**2 + second**2) / 2), first, second
