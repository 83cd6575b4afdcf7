"""Subjects -> aims: what the camera must hold, what it should hold for free, and where it would rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.direct.panels import common_panel, framed_by_panel, inside_panel
from panscan.direct.scene import Choice, Scene
from panscan.model.geometry import Rect
from panscan.model.perception import Faces, FloatArray, Flow, IntArray, Saliency
from panscan.model.plan import Aim, Subject

_EYES = 0.4  # of a face's height: where its eyes are
_LOOK_ASIDE = 0.35  # turn of a face from which it looks to a side
_STEADY_S = 0.5  # half-width of the median over a mover's box
_LIVELY = 0.002  # picture widths per second, mean over the picture: a person strolling in a wide shot
_FAINT = 0.05  # share of a lively look's motion below which nothing is followed
_SWITCH_LOOKS = 4.0  # a change of mover must gain this many looks' worth of motion
_PAUSE_S = 1.0
_BRIEF_FACE_LOOKS = 5
_BRIEF_FACE_WEIGHT = 0.5
_HELPER_SHARE = 0.1  # of a look's motion, for a mover to count as part of a subject beside it
_REACH = 0.65  # windows from a subject's middle within which motion draws the camera
_TIGHT = 0.8  # of the window: heads that wide are simply centred
_CORE = 0.7  # of the window, that is held of something wider
_FITS = 1.02  # heads may fill the window and lose a little hair


def fit_together(subjects: Sequence[Subject], scene: Scene) -> bool:
    """Whether the heads of all these subjects fit in one window, in nine of ten looks."""
    frames = np.unique(np.concatenate([s.frame for s in subjects]))
    union = _union(np.stack([_resample(s, s.keep_px, frames, scene.rate) for s in subjects]), scene.bounds)
    sides = union[np.isfinite(union[:, 2]), 2:]
    return bool(len(sides)) and bool(np.all(np.percentile(sides, 90, axis=0) <= _FITS * np.array(scene.window)))


def aim_at_subjects(subjects: Sequence[Subject], scene: Scene) -> Aim:
    """Keep heads, and all of what has none; where it costs nothing, also what moves right beside them (hands, a ball).

    What is wider than the window is held by its middle. People stand with their eyes at the preset's headroom and
    with room on the side they look to.
    """
    frames = np.unique(np.concatenate([s.frame for s in subjects]))
    keep = _union(np.stack([_resample(s, s.keep_px, frames, scene.rate) for s in subjects]), scene.bounds)
    boxes = _union(np.stack([_resample(s, s.box_px, frames, scene.rate) for s in subjects]), scene.bounds)
    nice, middle = _with_motion(keep, frames, scene)
    tight = keep[:, 2] > _TIGHT * scene.window[0]
    middle = np.where(tight, keep[:, 0] + keep[:, 2] / 2, middle)  # there is no room for what moves beside
    people = all(s.kind == "person" for s in subjects)
    anchor = _anchor(subjects, scene) if people else (0.5, 0.5)
    wish = np.stack([middle, boxes[:, 1] + (_EYES if people else 0.5) * boxes[:, 3]], axis=-1)
    own = (keep if people else _cores(keep, scene), nice, wish)
    must, nice, wish = inside_panel(frames, own, boxes, common_panel(subjects, scene), anchor, scene)
    return Aim(
        subject="+".join(s.name for s in subjects),
        frame=frames,
        must_px=must,
        nice_px=nice,
        wish_px=wish,
        weight=np.ones(len(frames)),
        anchor=anchor,
    )


def aim_at_turns(turns: list[tuple[int, int, Subject]], scene: Scene) -> Aim:
    """Keep the head of whoever has the floor: (first frame, end frame, subject) per turn; the camera may jump between.

    Turns follow each other without gaps; where a subject is not seen in its turn nothing is kept.
    """
    parts = []
    anchor = _anchor(list({id(s): s for _, _, s in turns}.values()), scene)
    for first, end, subject in turns:
        inside = subject.frame[(subject.frame >= first) & (subject.frame < end)]
        frames = np.unique(np.concatenate([[first], inside, [end - 1]])).astype(np.int64)
        heads = _union(_resample(subject, subject.keep_px, frames, scene.rate)[None], scene.bounds)
        faces = _union(_resample(subject, subject.box_px, frames, scene.rate)[None], scene.bounds)
        nice, middle = _with_motion(heads, frames, scene)
        wish = np.stack([middle, faces[:, 1] + _EYES * faces[:, 3]], axis=-1)
        panel = framed_by_panel(subject, scene, first, end)
        parts.append((frames, *inside_panel(frames, (heads, nice, wish), faces, panel, anchor, scene)))
    frame, must, nice, wish = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Aim(
        subject="+".join(dict.fromkeys(subject.name for _, _, subject in turns)),
        frame=frame,
        must_px=must,
        nice_px=nice,
        wish_px=wish,
        weight=np.where(np.isfinite(wish[:, 0]), 1.0, 0.0),
        anchor=anchor,
        jumps=tuple(first for first, _, _ in turns[1:]) if scene.preset.jump_cuts else (),
    )


def aim_at_motion(scene: Scene) -> Aim | None:
    """Follow the strongest mover at each look; one that stops inside the picture is still there, and is kept.

    Faces too brief to lead the shot count as evidence of a person, so that one who stands still is not left.
    """
    brief = [s for s in scene.subjects if s.kind == "person" and len(s.frame) >= _BRIEF_FACE_LOOKS]
    candidates = [*brief, *(s for s in scene.subjects if s.kind == "mover")]
    flow = scene.perception.get(Flow)
    if not candidates or flow is None:
        return None
    energy = dict(zip(flow.looked.tolist(), flow.energy.tolist(), strict=True))
    frames = np.unique(np.concatenate([s.frame for s in candidates]))
    strength = np.zeros((len(candidates), len(frames)))
    for n, subject in enumerate(candidates):
        rows = np.searchsorted(frames, subject.frame)
        if subject.kind == "person":
            strength[n, rows] = _BRIEF_FACE_WEIGHT * subject.score
            continue
        # Shares of each look's motion, not speed: who moves alone matters, however gently.
        alive = np.array([min(1.0, energy.get(int(f), 0.0) / _LIVELY) for f in subject.frame])
        strength[n, rows] = subject.score * alive * min(1.0, (len(subject.frame) - 1) / 4)  # one look is a flicker
    return aim_at_strongest(candidates, frames, strength, scene)


def aim_at_strongest(candidates: Sequence[Subject], frames: IntArray, strength: FloatArray, scene: Scene) -> Aim | None:
    """Follow whichever subject is strongest, with a price on every change; None where all are faint.

    Parameters
    ----------
    candidates : n subjects
    frames : ndarray (k,), rising
        All frames at which one of them was seen.
    strength : ndarray (n, k), 0..1
    scene : Scene
    """
    boxes = np.full((len(candidates), len(frames), 4), np.nan)
    for n, subject in enumerate(candidates):
        boxes[n, np.searchsorted(frames, subject.frame)] = subject.keep_px
    order = _stay(strength, price=_SWITCH_LOOKS)
    chosen, weight = boxes[order, np.arange(len(frames))], strength[order, np.arange(len(frames))]
    seen = np.isfinite(chosen[:, 0]) & (weight > _FAINT)
    if not seen.any():
        return None
    names = list(dict.fromkeys(candidates[n].name for n in order[seen]))
    frames, chosen, weight = _resting(frames[seen], chosen[seen], weight[seen], scene)
    return Aim(
        subject="+".join(names[:3]) + ("+..." if len(names) > 3 else ""),
        frame=frames,
        must_px=_union(_cores(chosen, scene)[None], scene.bounds),
        nice_px=_with_motion(chosen, frames, scene)[0],
        wish_px=np.stack([chosen[:, 0] + chosen[:, 2] / 2, chosen[:, 1] + chosen[:, 3] / 2], axis=-1),
        weight=weight,
    )


def aim_at_interest(scene: Scene) -> Choice:
    """One resting place for the shot: interest wanders, a camera should not."""
    saliency = scene.perception.get(Saliency)
    point = np.array([[scene.bounds.center_x, scene.bounds.center_y]])
    why = "nothing stands out: the middle of the picture"
    if saliency is not None:
        rows = np.flatnonzero((saliency.looked >= scene.shot.first) & (saliency.looked < scene.shot.end))
        if rows.size and float(np.mean(saliency.confidence[rows])) > 0.08:
            point = np.median(saliency.point_px[rows], axis=0, keepdims=True)
            why = "no subject: the picture's centre of interest"
    frame = np.array([scene.shot.first])
    return Choice(Aim("scene", frame, motionless(frame), motionless(frame), point, np.ones(1)), why)


def aim_at_place(share: tuple[float, float], scene: Scene) -> Aim:
    """Centre on one place, given as shares of the picture's width and height, for the whole shot."""
    frame = np.array([scene.shot.first])
    point = [
        scene.bounds.left + share[0] * scene.bounds.width,
        scene.bounds.top + share[1] * scene.bounds.height,
    ]
    return Aim("place", frame, motionless(frame), motionless(frame), np.array([point]), np.ones(1))


def rows_of(aim: Aim, chosen: npt.NDArray[Any]) -> Aim:
    """Some rows of an aim: a mask (n,), or their numbers in a new order."""
    return replace(
        aim,
        frame=aim.frame[chosen],
        must_px=aim.must_px[chosen],
        nice_px=aim.nice_px[chosen],
        wish_px=aim.wish_px[chosen],
        weight=aim.weight[chosen],
    )


def joined(aims: Sequence[Aim]) -> Aim:
    """Aims at different times as one, in order of time; the first gives anchor and name."""
    order = np.argsort(np.concatenate([aim.frame for aim in aims]), kind="stable")
    together = replace(
        aims[0],
        frame=np.concatenate([aim.frame for aim in aims]),
        must_px=np.concatenate([aim.must_px for aim in aims]),
        nice_px=np.concatenate([aim.nice_px for aim in aims]),
        wish_px=np.concatenate([aim.wish_px for aim in aims]),
        weight=np.concatenate([aim.weight for aim in aims]),
    )
    return rows_of(together, order)


def motionless(frames: IntArray) -> FloatArray:
    """Boxes (n, 4) of nothing that must be kept."""
    return np.full((len(frames), 4), np.nan)


def _cores(boxes: FloatArray, scene: Scene) -> FloatArray:
    """Boxes no longer than most of the window: what is wider cannot be held whole, so its middle is."""
    cores = boxes.copy()
    for axis, length in enumerate(scene.window):
        core = np.minimum(boxes[:, 2 + axis], _CORE * length)
        cores[:, axis] = boxes[:, axis] + (boxes[:, 2 + axis] - core) / 2
        cores[:, 2 + axis] = core
    return cores


def _anchor(subjects: Sequence[Subject], scene: Scene) -> tuple[float, float]:
    """Where in the crop the eyes belong: at the preset's headroom, with look room for one who looks aside."""
    across = 0.5
    faces = scene.perception.get(Faces)
    if len(subjects) == 1 and faces is not None and len(faces.frame):
        own = subjects[0]
        seen = own.frame[own.basis == 0]
        rows = np.flatnonzero(np.isin(faces.frame, seen))
        place = np.stack([np.interp(faces.frame[rows], own.frame, own.box_px[:, n]) for n in (0, 1)], axis=-1)
        rows = rows[np.abs(faces.box_px[rows, :2] - place).max(axis=1) < 2.0] if rows.size else rows
        if rows.size:
            turn = float(np.median(faces.yaw[rows]))
            if abs(turn) > _LOOK_ASIDE:
                across -= float(np.sign(turn)) * scene.preset.look_room
    return across, scene.preset.headroom


def _resample(subject: Subject, boxes: FloatArray, frames: IntArray, rate: float) -> FloatArray:
    """Boxes of a subject at other frames: linear between its looks, kept for a second around them, else NaN."""
    at = np.asarray(frames, np.float64)
    result = np.stack([np.interp(at, subject.frame, boxes[:, n]) for n in range(4)], axis=-1)
    result[np.abs(at[:, None] - subject.frame[None, :]).min(axis=1) > rate] = np.nan
    return result


def _union(boxes: FloatArray, bounds: Rect) -> FloatArray:
    """Union per row of boxes (k, n, 4), cut to `bounds`; NaN rows where none is present."""
    present = ~np.isnan(boxes[..., 0])
    left = np.where(present, boxes[..., 0], np.inf).min(axis=0)
    top = np.where(present, boxes[..., 1], np.inf).min(axis=0)
    right = np.where(present, boxes[..., 0] + boxes[..., 2], -np.inf).max(axis=0)
    bottom = np.where(present, boxes[..., 1] + boxes[..., 3], -np.inf).max(axis=0)
    left, right = np.maximum(left, bounds.left), np.minimum(right, bounds.right)
    top, bottom = np.maximum(top, bounds.top), np.minimum(bottom, bounds.bottom)
    union = np.stack([left, top, right - left, bottom - top], axis=-1)
    union[(right <= left) | (bottom <= top) | ~present.any(axis=0)] = np.nan
    return union


def _with_motion(boxes: FloatArray, frames: IntArray, scene: Scene) -> tuple[FloatArray, FloatArray]:
    """What moves beside a subject belongs to it: hands, a ball, what it points at.

    Returns
    -------
    grown : ndarray (n, 4)
        Boxes with the movers that touch or nearly touch them, where all still fits in the window.
    middle : ndarray (n,)
        Horizontal middle of each box together with the movers within reach of a window around it.
    """
    grown, reached = boxes.copy(), boxes.copy()
    flow = scene.perception.get(Flow)
    rows_at: dict[int, IntArray] = {}
    if flow is not None:
        true_rows = np.flatnonzero(np.isin(flow.frame, flow.looked[flow.since >= scene.shot.first]))
        for frame in frames:
            near = np.abs(flow.frame[true_rows] - frame) <= scene.rate / 10
            rows_at[int(frame)] = true_rows[near]
    for n, frame in enumerate(frames):
        rows = rows_at.get(int(frame), np.zeros(0, np.int64))
        if flow is None or not np.isfinite(boxes[n, 0]):
            continue
        for row in rows[np.argsort(-flow.weight[rows], kind="stable")]:
            if flow.weight[row] < _HELPER_SHARE:
                continue
            mover = flow.box_px[row]
            near_px = 0.5 * boxes[n, 2]
            if mover[0] <= grown[n, 0] + grown[n, 2] + near_px and mover[0] + mover[2] >= grown[n, 0] - near_px:
                both = _union(np.stack([grown[n], mover])[:, None], scene.bounds)[0]
                if both[2] <= 0.95 * scene.window[0]:
                    grown[n] = both
            middle = boxes[n, 0] + boxes[n, 2] / 2
            left = max(float(mover[0]), middle - _REACH * scene.window[0])
            right = min(float(mover[0] + mover[2]), middle + _REACH * scene.window[0])
            if right > left:
                part = np.array([left, mover[1], right - left, mover[3]])
                reached[n] = _union(np.stack([reached[n], part])[:, None], scene.bounds)[0]
    return grown, reached[:, 0] + reached[:, 2] / 2


def _resting(
    frames: IntArray, boxes: FloatArray, weight: FloatArray, scene: Scene
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Steadied boxes, and the last one repeated while nothing moves, unless it left through the picture's edge."""
    steady = _steadied(boxes, frames, scene.rate)
    following = np.append(frames[1:], scene.shot.end)
    new_frames, new_boxes, new_weight = [frames], [steady], [weight]
    inset = 0.02 * scene.bounds.width
    for n in np.flatnonzero(following - frames > _PAUSE_S * scene.rate):
        last = np.median(boxes[max(0, n - 2) : n + 1], axis=0)
        if last[0] <= scene.bounds.left + inset or last[0] + last[2] >= scene.bounds.right - inset:
            continue
        quiet = np.arange(frames[n] + scene.rate / 2, following[n] - scene.rate / 4, scene.rate / 2).astype(np.int64)
        new_frames.append(quiet)
        new_boxes.append(np.repeat(last[None], len(quiet), axis=0))
        new_weight.append(np.full(len(quiet), 0.5))
    joined = np.concatenate(new_frames)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(new_boxes)[order], np.concatenate(new_weight)[order]


def _steadied(boxes: FloatArray, frames: IntArray, rate: float) -> FloatArray:
    """Boxes whose edges are medians over about a second: now an arm moves, now a leg, the body is both."""
    result = np.empty_like(boxes)
    edges = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    for n, frame in enumerate(frames):
        middle = np.median(edges[np.abs(frames - frame) <= _STEADY_S * rate], axis=0)
        result[n] = [middle[0], middle[1], middle[2] - middle[0], middle[3] - middle[1]]
    return result


def _stay(strength: FloatArray, price: float) -> IntArray:
    """Which row to follow at each column: most strength in all, with a price on every change (Viterbi)."""
    rows, columns = strength.shape
    best = strength[:, 0].copy()
    origin = np.zeros((rows, columns), np.int64)
    for column in range(1, columns):
        switch = int(np.argmax(best))
        stays = best >= best[switch] - price
        origin[:, column] = np.where(stays, np.arange(rows), switch)
        best = np.where(stays, best, best[switch] - price) + strength[:, column]
    path = np.zeros(columns, np.int64)
    path[-1] = int(np.argmax(best))
    for column in range(columns - 1, 0, -1):
        path[column - 1] = origin[path[column], column]
    return path
