"""Whether the colour planes of a picture are the source's: neither swapped nor moved nor changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from panscan.verify.measure.cells import CellView
from panscan.verify.measure.colours import ColourSums, luma_at_chroma_size, sums_of
from panscan.verify.measure.planes import Gray, chroma_siting, eight_bit, has_chroma, samples
from panscan.verify.measure.similarity import mean_and_spread, rms

# Levels (rms) by which an alternative must differ before it can be told from the expected colours.
_TELLING_LEVELS = 0.7
_SHIFTS = (-2, -1, 1, 2)
# A shift by one sample is within what coarse compression blurs, unless it explains the picture far better.
_FAR_BETTER = 0.6
_HUE_LEVELS = 6.0


@dataclass(frozen=True, slots=True)
class ChromaComparison:
    """matches: None where nothing could be told. better: what explains the colours better; error, hue: levels, rms.

    sums: what the map of all colours is made from.
    """

    matches: bool | None
    better: tuple[str, ...]
    error: float
    hue: float
    sums: ColourSums


def compare_chroma(frame: Any, view: CellView, seen_luma: Gray, expected_luma: Gray) -> ChromaComparison | None:
    """Compare the colours of one cell; None where output or source has no colour planes, or none that align.

    seen_luma, expected_luma: brightness of the cell, of one shape.
    """
    if not has_chroma(frame):
        return None
    out = chroma_siting(frame)
    if view.cell.left_px % out.sub_x or view.cell.top_px % out.sub_y:
        return None
    found = view.expected_chroma(out)
    parts = [view.output_part(eight_bit(samples(frame, n), frame), out.sub_x, out.sub_y) for n in (1, 2)]
    if found is None or parts[0] is None or parts[1] is None or parts[0].shape != found[0][0].shape:
        return None
    window = view.window(found[1])
    if window is None:
        return None
    seen, expected = (parts[0], parts[1]), (found[0][0], found[0][1])
    rows, columns = window
    here = _error(seen, expected, window, window)
    hue = max(
        abs(mean_and_spread(a[window])[0] - mean_and_spread(b[window])[0]) for a, b in zip(seen, expected, strict=True)
    )
    has_evidence, better = False, []
    if _error(expected, expected[::-1], window, window) >= _TELLING_LEVELS:
        has_evidence = True
        if _error(seen, expected[::-1], window, window) < here:
            better.append("planes swapped")
    for shift in _SHIFTS:
        for name, moved in (
            (f"x{shift:+d} samples", (rows, slice(columns.start - shift, columns.stop - shift))),
            (f"y{shift:+d} samples", (slice(rows.start - shift, rows.stop - shift), columns)),
        ):
            if _error(expected, expected, window, moved) < _TELLING_LEVELS:
                continue
            has_evidence = True
            limit = here if abs(shift) > 1 else here * _FAR_BETTER
            if _error(seen, expected, window, moved) < limit:
                better.append(name)
    if hue > _HUE_LEVELS:
        has_evidence = True
        better.append("another hue")
    own, other = luma_at_chroma_size(expected_luma, expected[0]), luma_at_chroma_size(seen_luma, seen[0])
    sums = sums_of(
        (other[window], seen[0][window], seen[1][window]), (own[window], expected[0][window], expected[1][window])
    )
    return ChromaComparison(not better if has_evidence else None, tuple(better), here, hue, sums)


def _error(a: tuple[Gray, ...], b: tuple[Gray, ...], window: Any, moved: Any) -> float:
    """Rms difference of both planes, one in `window`, the other in `moved`."""
    squares = [rms(x[window], y[moved]) ** 2 for x, y in zip(a, b, strict=True)]
    return float(np.sqrt(sum(squares) / 2))
