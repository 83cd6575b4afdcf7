"""Subjects -> aims: what the camera must hold, what it should hold for free, and where it would rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.arrays.best_sequence import best_sequence
from panscan.arrays.boxes import union_within
from panscan.direct.boxes import extend_with_motion, resample, shrink_to_window, steady_boxes
from panscan.direct.panels import common_panel, panel_of_subject, restrict_to_panel
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.model.perception import Faces, FloatArray, IntArray, Saliency
from panscan.model.plan import Aim, Subject

_EYES = 0.4  # of a face's height from its top: where its eyes are
_LOOK_ASIDE = 0.35  # yaw, 0 to the camera and 1 in profile, from which a face looks to a side
_FAINT = 0.05  # share of a lively sample's motion below which nothing is followed
_SWITCH_COST_SAMPLES = 4.0  # samples' worth of motion that a change of mover must gain: half a second
_INTERESTING = 0.08  # confidence of a centre of interest, 0..1: below, the picture is about even
_SAME_FACE_PX = 2.0  # source px between a face and its track: rounding
_TIGHT = 0.8  # of the window: heads that wide are simply centred
_FITS = 1.02  # of the window: heads may fill it and lose a little hair
_FITS_PERCENTILE = 90  # of the samples, in which they must: in one of ten somebody leans out


def fit_together(subjects: Sequence[Subject], context: ShotContext) -> bool:
    """Whether the heads of all these subjects fit in one window, in nine of ten samples."""
    frames = np.unique(np.concatenate([s.frame for s in subjects]))
    union = union_within(np.stack([resample(s, s.keep_px, frames, context.rate) for s in subjects]), context.bounds)
    sides = union[np.isfinite(union[:, 2]), 2:]
    window = _FITS * np.array(context.window)
    return bool(len(sides)) and bool(np.all(np.percentile(sides, _FITS_PERCENTILE, axis=0) <= window))


def aim_at_subjects(subjects: Sequence[Subject], context: ShotContext) -> Aim:
    """Keep heads, and all of what has none; where it costs nothing, also what moves right beside them (hands, a ball).

    What is wider than the window is held by its middle. People stand with their eyes at the preset's headroom and
    with room on the side they look to.
    """
    frames = np.unique(np.concatenate([s.frame for s in subjects]))
    keep = union_within(np.stack([resample(s, s.keep_px, frames, context.rate) for s in subjects]), context.bounds)
    boxes = union_within(np.stack([resample(s, s.box_px, frames, context.rate) for s in subjects]), context.bounds)
    nice, middle = extend_with_motion(keep, frames, context)
    tight = keep[:, 2] > _TIGHT * context.window[0]
    middle = np.where(tight, keep[:, 0] + keep[:, 2] / 2, middle)  # there is no room for what moves beside
    people = all(s.kind == "person" for s in subjects)
    anchor = _anchor(subjects, context) if people else (0.5, 0.5)
    wish = np.stack([middle, boxes[:, 1] + (_EYES if people else 0.5) * boxes[:, 3]], axis=-1)
    own = (keep if people else shrink_to_window(keep, context), nice, wish)
    must, nice, wish = restrict_to_panel(frames, own, boxes, common_panel(subjects, context), anchor, context)
    return Aim(
        subject="+".join(s.name for s in subjects),
        frame=frames,
        must_keep_px=must,
        nice_to_keep_px=nice,
        target_px=wish,
        weight=np.ones(len(frames)),
        anchor=anchor,
    )


def aim_at_turns(turns: list[tuple[int, int, Subject]], context: ShotContext) -> Aim:
    """Keep the head of whoever speaks; the camera may jump between turns.

    Each turn is (first frame, end frame, subject). Turns follow each other without gaps; where a subject is not seen
    in its turn nothing is kept.
    """
    parts = []
    anchor = _anchor(list({id(s): s for _, _, s in turns}.values()), context)
    for first, end, subject in turns:
        inside = subject.frame[(subject.frame >= first) & (subject.frame < end)]
        frames = np.unique(np.concatenate([[first], inside, [end - 1]])).astype(np.int64)
        heads = union_within(resample(subject, subject.keep_px, frames, context.rate)[None], context.bounds)
        faces = union_within(resample(subject, subject.box_px, frames, context.rate)[None], context.bounds)
        nice, middle = extend_with_motion(heads, frames, context)
        wish = np.stack([middle, faces[:, 1] + _EYES * faces[:, 3]], axis=-1)
        panel = panel_of_subject(subject, context, first, end)
        parts.append((frames, *restrict_to_panel(frames, (heads, nice, wish), faces, panel, anchor, context)))
    frame, must, nice, wish = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Aim(
        subject="+".join(dict.fromkeys(subject.name for _, _, subject in turns)),
        frame=frame,
        must_keep_px=must,
        nice_to_keep_px=nice,
        target_px=wish,
        weight=np.where(np.isfinite(wish[:, 0]), 1.0, 0.0),
        anchor=anchor,
        jumps=tuple(first for first, _, _ in turns[1:]) if context.preset.jump_cuts else (),
    )


def aim_at_strongest(
    candidates: Sequence[Subject], frames: IntArray, strength: FloatArray, context: ShotContext
) -> Aim | None:
    """Follow whichever subject is strongest, with a price on every change; None where all are faint.

    Parameters
    ----------
    candidates : n subjects
    frames : ndarray (k,), rising
        All frames at which one of them was seen.
    strength : ndarray (n, k), 0..1
    context : ShotContext
    """
    boxes = np.full((len(candidates), len(frames), 4), np.nan)
    for n, subject in enumerate(candidates):
        boxes[n, np.searchsorted(frames, subject.frame)] = subject.keep_px
    order = best_sequence(strength.T, switch_cost=_SWITCH_COST_SAMPLES)
    chosen, weight = boxes[order, np.arange(len(frames))], strength[order, np.arange(len(frames))]
    seen = np.isfinite(chosen[:, 0]) & (weight > _FAINT)
    if not seen.any():
        return None
    names = list(dict.fromkeys(candidates[n].name for n in order[seen]))
    frames, chosen, weight = steady_boxes(frames[seen], chosen[seen], weight[seen], context)
    return Aim(
        subject="+".join(names[:3]) + ("+..." if len(names) > 3 else ""),
        frame=frames,
        must_keep_px=union_within(shrink_to_window(chosen, context)[None], context.bounds),
        nice_to_keep_px=extend_with_motion(chosen, frames, context)[0],
        target_px=np.stack([chosen[:, 0] + chosen[:, 2] / 2, chosen[:, 1] + chosen[:, 3] / 2], axis=-1),
        weight=weight,
    )


def choose_center_of_interest(context: ShotContext) -> MethodResult:
    """One resting place for the shot: interest wanders, a camera should not."""
    saliency = context.perception.get(Saliency)
    point = np.array([[context.bounds.center_x, context.bounds.center_y]])
    why = "nothing stands out: the middle of the picture"
    if saliency is not None:
        rows = np.flatnonzero((saliency.looked >= context.shot.first) & (saliency.looked < context.shot.end))
        if rows.size and float(np.mean(saliency.confidence[rows])) > _INTERESTING:
            point = np.median(saliency.point_px[rows], axis=0, keepdims=True)
            why = "no subject: the picture's centre of interest"
    frame = np.array([context.shot.first])
    return MethodResult(Aim("scene", frame, no_boxes(frame), no_boxes(frame), point, np.ones(1)), why)


def aim_at_place(share: tuple[float, float], context: ShotContext) -> Aim:
    """Centre on one place, given as shares of the picture's width and height, for the whole shot."""
    frame = np.array([context.shot.first])
    point = [
        context.bounds.left + share[0] * context.bounds.width,
        context.bounds.top + share[1] * context.bounds.height,
    ]
    return Aim("place", frame, no_boxes(frame), no_boxes(frame), np.array([point]), np.ones(1))


def select_rows(aim: Aim, chosen: npt.NDArray[Any]) -> Aim:
    """Some rows of an aim: a mask (n,), or their numbers in a new order."""
    return replace(
        aim,
        frame=aim.frame[chosen],
        must_keep_px=aim.must_keep_px[chosen],
        nice_to_keep_px=aim.nice_to_keep_px[chosen],
        target_px=aim.target_px[chosen],
        weight=aim.weight[chosen],
    )


def concatenate_aims(aims: Sequence[Aim]) -> Aim:
    """Aims at different times as one, in order of time; the first gives anchor and name."""
    order = np.argsort(np.concatenate([aim.frame for aim in aims]), kind="stable")
    together = replace(
        aims[0],
        frame=np.concatenate([aim.frame for aim in aims]),
        must_keep_px=np.concatenate([aim.must_keep_px for aim in aims]),
        nice_to_keep_px=np.concatenate([aim.nice_to_keep_px for aim in aims]),
        target_px=np.concatenate([aim.target_px for aim in aims]),
        weight=np.concatenate([aim.weight for aim in aims]),
    )
    return select_rows(together, order)


def no_boxes(frames: IntArray) -> FloatArray:
    """Boxes (n, 4) of nothing that must be kept."""
    return np.full((len(frames), 4), np.nan)


def _anchor(subjects: Sequence[Subject], context: ShotContext) -> tuple[float, float]:
    """Where in the crop the eyes belong: at the preset's headroom, with look room for one who looks aside."""
    across = 0.5
    faces = context.perception.get(Faces)
    if len(subjects) == 1 and faces is not None and len(faces.frame):
        own = subjects[0]
        seen = own.frame[own.basis == 0]
        rows = np.flatnonzero(np.isin(faces.frame, seen))
        place = np.stack([np.interp(faces.frame[rows], own.frame, own.box_px[:, n]) for n in (0, 1)], axis=-1)
        rows = rows[np.abs(faces.box_px[rows, :2] - place).max(axis=1) < _SAME_FACE_PX] if rows.size else rows
        if rows.size:
            turn = float(np.median(faces.yaw[rows]))
            if abs(turn) > _LOOK_ASIDE:
                across -= float(np.sign(turn)) * context.preset.look_room
    return across, context.preset.headroom
