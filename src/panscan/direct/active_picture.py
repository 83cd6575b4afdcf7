"""The picture inside bars, shot by shot: what single pictures show of bars is put to the vote.

A shot has bars if most of its pictures that can tell agree on them to a pixel or two; a picture that is plain where the
bars would be, as at night, cannot tell. A shot of such pictures alone has the bars of its neighbours. Bars at left and
right, and those at top and bottom, are decided apart. Where nothing is certain, nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Rect, Size
from panscan.model.perception import Border
from panscan.model.plan import Shot

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_VIEW_PX = 640  # longer side of the view in which bars are looked for
_SAME_PX = 2.0  # of the view: edges within it are one edge, and a picture is no wider than its bars
_EDGE_PX = 0.5  # of the view: how exactly edges are found
_BLEND_PX = 0.25  # of the media: colour runs over an edge
_AGREED = 0.75  # share of the pictures that can tell
_SEEN = 0.2  # share of all pictures of the shot that see the bars
_SEEN_ONCE = 0.75  # share of the weaker edge that a picture must show to decide alone


def active_pictures(border: Border | None, shots: Sequence[Shot], display: Size) -> list[Rect]:
    """The picture of each shot without its bars, display px; the whole one where no bars are certain.

    Parameters
    ----------
    border : Border, optional
        Without it there are no bars.
    shots : sequence of Shot
    display : Size
        Of the media.
    """
    whole = Rect(0, 0, display.width, display.height)
    if border is None:
        return [whole for _ in shots]
    px = max(1.0, max(display.width, display.height) / _VIEW_PX)
    rows = [(border.looked >= shot.first) & (border.looked < shot.end) for shot in shots]
    across, down = (
        _bars_of_shots(
            border.inset_px[:, [axis, axis + 2]],
            border.score[:, axis],
            border.depth_px[:, [axis, axis + 2]],
            rows,
            _SAME_PX * px,
        )
        for axis in (0, 1)
    )
    margin = _EDGE_PX * px + _BLEND_PX
    return [_inside(display, side, up, margin) for side, up in zip(across, down, strict=True)]


def _bars_of_shots(
    inset: FloatArray, score: FloatArray, depth: FloatArray, rows: Sequence[Mask], same_px: float
) -> list[FloatArray]:
    """Widths (2,) of the bars on both sides for each shot, zeros for none."""
    found = [_agreed(inset[some], score[some], depth[some], same_px) for some in rows]
    result = []
    for n, bars in enumerate(found):
        if bars is None:
            before = next((b for b in found[:n][::-1] if b is not None), None)
            after = next((b for b in found[n + 1 :] if b is not None), None)
            bars = _of_neighbours(depth[rows[n]], [b for b in (before, after) if b is not None], same_px)
        result.append(_shared(bars, inset, same_px))
    return result


def _agreed(inset: FloatArray, score: FloatArray, depth: FloatArray, same_px: float) -> FloatArray | None:
    """The bars (2,) that a shot's pictures agree on, zeros for none; None where they cannot tell."""
    support = np.zeros(len(inset), np.bool_)
    for candidate in inset[score > 0]:
        agree = (score > 0) & (np.abs(inset - candidate).max(axis=1) <= same_px)
        support = agree if agree.sum() > support.sum() else support
    if not support.any():
        return None if (depth > same_px).all() else np.zeros(2)
    bars = np.median(inset[support], axis=0)
    against = ~support & ~(depth >= bars - same_px).all(axis=1)
    sure = support.sum() >= _AGREED * (support.sum() + against.sum()) and support.mean() >= _SEEN
    if sure and (support.sum() > 1 or score[support].max() >= _SEEN_ONCE):
        return np.asarray(bars)
    return np.zeros(2) if against.any() else None


def _of_neighbours(depth: FloatArray, beside: Sequence[FloatArray], same_px: float) -> FloatArray:
    """The bars that the shots before and after have, if the pictures (n, 2) of a shot that cannot tell allow them."""
    alike = bool(beside) and bool(np.abs(beside[0] - beside[-1]).max() <= same_px)
    return beside[0] if alike and (depth >= beside[0] - same_px).all() else np.zeros(2)


def _shared(bars: FloatArray, inset: FloatArray, same_px: float) -> FloatArray:
    """The bars as all shots with the same ones see them: the picture's size does not change at a cut."""
    alike = np.abs(inset - bars).max(axis=1) <= same_px
    return np.asarray(np.median(inset[alike], axis=0)) if bars.any() and alike.any() else bars


def _inside(display: Size, across: FloatArray, down: FloatArray, margin_px: float) -> Rect:
    left, right, top, bottom = (float(bar) + margin_px if bar > 0 else 0.0 for bar in (*across, *down))
    return Rect(left, top, display.width - left - right, display.height - top - bottom)
