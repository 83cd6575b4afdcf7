"""Subjects inside panels (see `perception.Panels`): the crop stays inside, and keeps the panel's own composition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panscan.arrays.boxes import centers, intersection_and_union
from panscan.arrays.samples import distance_to_nearest
from panscan.direct.shot_context import ShotContext
from panscan.model.perception import FloatArray, IntArray, Panels
from panscan.model.plan import Subject

Mask = npt.NDArray[np.bool_]

_SAME = 0.8  # overlap over union of boxes that are one panel: edges are found to a few px
_MOST = 0.5  # of the samples, in which it must hold the subject
_CENTRED = 1.7  # windows: wider panels are pictures of their own, in which the camera follows
_HELD = 0.9  # of the samples, in which the middle of the panel must hold the head
_EDGE = 0.1  # of the head on each side, that the operator may still have to bring in
_NOD_S = 1.0  # seconds on each side: the median over the edges of a head outlasts a nod
_NEAR_S = 1.0  # seconds: further from its samples, a subject's place is not known
_AIR = 0.95  # of a crop, that the largest sample of a head may fill when the crop comes closer for a panel
_SEAM = 0.0025  # of the picture's width: edges are known to one or two px of a view 640 px wide


def common_panel(subjects: Sequence[Subject], context: ShotContext) -> FloatArray | None:
    """The panel (4,) that holds all of these subjects, in source px; None where they stand in several or in none."""
    found = [panel_of_subject(subject, context) for subject in subjects]
    boxes = [box for box in found if box is not None]
    if not boxes or len(boxes) < len(found) or not _is_same_panel(np.array(boxes), boxes[0]).all():
        return None
    return boxes[0]


def panel_of_subject(
    subject: Subject, context: ShotContext, first: int | None = None, end: int | None = None
) -> FloatArray | None:
    """The panel (4,) that holds the middle of a subject's face in most samples, in source px; None without one.

    Only samples in frames [first, end) are used; where there are none, or no range is given, those of the whole shot.
    """
    panels = context.perception.get(Panels)
    if panels is None or not len(panels.frame) or not len(subject.frame):
        return None
    looks = _samples(panels, context.shot.first, context.shot.end)
    part = looks[
        (looks >= (context.shot.first if first is None else first))
        & (looks < (context.shot.end if end is None else end))
    ]
    looks = part if part.size else looks
    seen = distance_to_nearest(subject.frame, looks) <= _NEAR_S * context.rate
    looks = looks[seen]
    place = np.stack(
        [np.interp(looks, subject.frame, subject.box_px[:, n] + subject.box_px[:, 2 + n] / 2) for n in (0, 1)], axis=-1
    )
    holding = []
    for look, point in zip(looks, place, strict=True):
        boxes = panels.box_px[panels.frame == look]
        inside = _contains(boxes, np.broadcast_to(point, (len(boxes), 2)))
        holding += [min(boxes[inside], key=lambda box: float(box[2] * box[3]))] if inside.any() else []
    if not holding:
        return None
    boxes = np.array(holding)
    same = max((_is_same_panel(boxes, box) for box in boxes), key=lambda rows: int(rows.sum()))
    return np.median(boxes[same], axis=0) if int(same.sum()) > _MOST * len(looks) else None


def panel_zoom(subject: Subject, context: ShotContext) -> float:
    """How much closer than the context's window a crop must be to show nothing but the subject's panel; 1 without one.

    Less, where the head would not fit in it all the time.
    """
    panel = panel_of_subject(subject, context)
    if panel is None:
        return 1.0
    sizes = [float(side) - 2 * _SEAM * context.bounds.width for side in panel[2:]]
    filled = max(length / max(1.0, size) for length, size in zip(context.window, sizes, strict=True))
    heads = np.maximum(1.0, subject.keep_px[:, 2:].max(axis=0))
    return max(1.0, min(filled, _AIR * float((np.array(context.window) / heads).min())))


def restrict_to_panel(
    frames: IntArray,
    rows: tuple[FloatArray, FloatArray, FloatArray],
    faces: FloatArray,
    panel: FloatArray | None,
    anchor: tuple[float, float],
    context: ShotContext,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """An aim's rows for a subject in a panel.

    Parameters
    ----------
    frames : ndarray (n,), rising
    rows : must (n, 4), nice (n, 4), wish (n, 2)
        As in `Aim`, source px.
    faces : ndarray (n, 4)
        Where the subject is; rows in which its middle is outside the panel stay as they are.
    panel : ndarray (4,) or None
        None leaves everything as it is.
    anchor : tuple
        Where in the crop the wish belongs.
    context : ShotContext

    Returns
    -------
    must, nice, wish
        Nothing of a subject lies outside its panel, so both boxes are cut to it. The wish is moved so that the crop
        is in the middle of a panel that is not much larger, where that holds the head, and inside of a larger one. A
        nod must not move a crop that is centred on its panel: the box to keep is then a median over two seconds.
    """
    must, nice, wish = (column.copy() for column in rows)
    if panel is None:
        return must, nice, wish
    concerned = _contains(np.broadcast_to(panel, faces.shape), centers(faces))
    if not concerned.any():
        return must, nice, wish
    bounds = ((context.bounds.left, context.bounds.right), (context.bounds.top, context.bounds.bottom))
    for axis, (length, (least, most)) in enumerate(zip(context.window, bounds, strict=True)):
        if length >= most - least:
            continue  # the camera cannot move this way
        low, high = _inner_edges(float(panel[axis]), float(panel[axis] + panel[2 + axis]), least, most, context)
        middle, size = (low + high) / 2, high - low
        _clip_boxes(must, axis, low, high, concerned)
        offset = (0.5 - anchor[axis]) * length
        if size <= length or (size <= _CENTRED * length and _middle_holds_head(must[concerned], axis, middle, length)):
            target = np.full(len(wish), middle)
            low, high = max(low, middle - length / 2), min(high, middle + length / 2)
            _smooth_edges(must, axis, frames, concerned, context.rate)
        else:
            target = np.clip(wish[:, axis] + offset, low + length / 2, high - length / 2)
        _clip_boxes(nice, axis, low, high, concerned)
        known = concerned & np.isfinite(wish[:, axis])
        wish[known, axis] = target[known] - offset
    return must, nice, wish


def _inner_edges(low: float, high: float, least: float, most: float, context: ShotContext) -> tuple[float, float]:
    """A panel's edges on one axis without the seam itself; the picture's own edges have none."""
    seam = _SEAM * context.bounds.width
    return (least if low <= least + seam else low + seam), (most if high >= most - seam else high - seam)


def _clip_boxes(boxes: FloatArray, axis: int, low: float, high: float, rows: Mask) -> None:
    """Cut some rows of boxes (n, 4) to [low, high] on one axis; what lies outside altogether stays."""
    start, end = np.maximum(boxes[:, axis], low), np.minimum(boxes[:, axis] + boxes[:, 2 + axis], high)
    chosen = rows & (end > start)
    boxes[chosen, axis], boxes[chosen, 2 + axis] = start[chosen], (end - start)[chosen]


def _smooth_edges(boxes: FloatArray, axis: int, frames: IntArray, rows: Mask, rate: float) -> None:
    """Edges of some rows of boxes (n, 4) become medians over two seconds, on one axis."""
    chosen = np.flatnonzero(rows & np.isfinite(boxes[:, axis]))
    edges = np.stack([boxes[chosen, axis], boxes[chosen, axis] + boxes[chosen, 2 + axis]], axis=-1)
    for row, frame in zip(chosen, frames[chosen], strict=True):
        start, end = np.median(edges[np.abs(frames[chosen] - frame) <= _NOD_S * rate], axis=0)
        boxes[row, axis], boxes[row, 2 + axis] = start, end - start


def _middle_holds_head(must: FloatArray, axis: int, middle: float, length: float) -> bool:
    """Whether a window around `middle` holds, in nearly all rows, the boxes (n, 4) but for an edge."""
    known = must[np.isfinite(must[:, 0])]
    away = np.abs(known[:, axis] + known[:, 2 + axis] / 2 - middle)
    inside = away + (0.5 - _EDGE) * known[:, 2 + axis] <= length / 2
    return not len(known) or float(inside.mean()) >= _HELD


def _samples(panels: Panels, first: int, end: int) -> IntArray:
    return panels.looked[(panels.looked >= first) & (panels.looked < end)]


def _contains(boxes: FloatArray, points: FloatArray) -> Mask:
    """Which boxes (n, 4) hold their points (n, 2)."""
    away = points - boxes[:, :2]
    return np.asarray(((away >= 0) & (away <= boxes[:, 2:])).all(axis=1), np.bool_)


def _is_same_panel(boxes: FloatArray, box: FloatArray) -> Mask:
    """Which boxes (n, 4) are one panel with `box` (4,)."""
    shared, both = intersection_and_union(boxes, box)
    return np.asarray(shared >= _SAME * both, np.bool_)
