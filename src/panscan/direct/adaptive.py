"""The adaptive method.

Whoever speaks, where several people do not fit side by side and it is clear who does. Else the path of the window
that is worth most: it holds whole what matters most, cuts through as little as it can, and moves only where that pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.best_sequence import merge_short_runs
from panscan.arrays.samples import nearest_row, run_bounds
from panscan.direct.aims import (
    aim_at_subjects,
    aim_at_turns,
    concatenate_aims,
    fit_together,
    no_boxes,
    select_rows,
)
from panscan.direct.evidence import BODY, FRONT, MOVER, Evidence, gather_evidence
from panscan.direct.importance import DEFAULT_PARAMETERS, weigh
from panscan.direct.reasons import reason_of, words_on_left_out, words_on_turns
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.direct.turns import find_turns, speaking_elsewhere
from panscan.direct.windows import WindowPath, best_windows, evidence_step_s, is_inside, middle_part
from panscan.model.perception import FloatArray, IntArray
from panscan.model.plan import Aim, Subject

_PARTNER = 0.3  # people of this share of the first one's weight may take turns: a listener in the back is smaller
_ALIKE = 0.7  # people of this share matter as much, a face half as tall hardly: no single one may be shown alone
_COMPANION = 0.25  # of the weight of the first one inside, from which others inside are kept there too
_SPEAKS = 0.5  # probability from which somebody speaks rather than not
# The likeliest speaker's probability must exceed the second's by this much (median while one of them speaks): 0.73
# against 0.27 of a shared voice. In a guess two are about as likely.
_SPEAKER_MARGIN = 0.45
_STEADY_SCORE = 0.3  # mean score, 0..1: below, detectors are as often wrong as right
_STEADY_SHARE = 0.25  # of the moments: people seen less take no turns
_SHOWN_S = 0.8  # seconds: who is inside the window for less is passed, not shown
_HOLD = 0.5  # of the window, that is kept where its path has it: the camera may be off by a quarter
_STEADY_S = 0.6  # seconds on each side: the median over what is inside bridges a lost body


def adaptive(context: ShotContext) -> MethodResult:
    """Choose per shot: who speaks, turn by turn, or the best path of the window over all that is seen."""
    evidence = gather_evidence(context)
    weight = weigh(evidence, context)
    mean = _mean_weights(evidence, weight, len(context.subjects))
    people = _people(context, evidence, mean)
    if len(people) > 1 and not fit_together(people, context):
        turns = follow_speakers(people, context)
        if turns is not None:
            return turns
    path = best_windows(evidence, weight, context)
    shown = _shown_over_time(path, evidence, weight, context)
    aim = _aim_along(path, shown, evidence, weight, context)
    inside = sorted({n for row in shown for n in row}, key=lambda n: (-mean[n], n))
    subjects = tuple(context.subjects[n] for n in inside)
    why = reason_of(subjects, evidence, mean, path, context)
    return MethodResult(aim, why, subjects, _contested(people, evidence, context))


def follow_speakers(people: list[Subject], context: ShotContext) -> MethodResult | None:
    """Whoever of these people speaks, turn by turn, where it can be told; else None."""
    speaker = context.speaker
    if speaker is None or not people:
        return None
    tracks = np.array([s.track for s in people])
    frames, probability = speaker.probabilities(tracks, context.shot.first, context.shot.end)
    elsewhere = speaking_elsewhere(speaker, tracks, context.shot.first, context.shot.end)
    if len(frames) < 2 or not _speaker_is_clear(probability, elsewhere):
        return None
    step_s = float(np.median(np.diff(frames))) / context.rate
    found = find_turns(probability, elsewhere, step_s, context.preset.min_hold_s)
    edges = [context.shot.first, *(int(frames[t.first]) for t in found[1:]), context.shot.end]
    spoken = [(a, b, people[t.who]) for (a, b), t in zip(pairwise(edges), found, strict=True)]
    names = {s.name for _, _, s in spoken}
    why = words_on_turns([s.known_as for _, _, s in spoken])
    left = words_on_left_out([s for s in people if s.name not in names])
    why = f"{why}; {left}" if left else why
    return MethodResult(aim_at_turns(spoken, context), why, tuple(dict.fromkeys(s for _, _, s in spoken)))


def _speaker_is_clear(probability: FloatArray, elsewhere: FloatArray) -> bool:
    """Whether it is clear, while one of n people speaks, who that is: the second likeliest may be somebody else."""
    spoken = probability.max(axis=1) > _SPEAKS
    if not spoken.any():
        return False
    ranked = np.sort(np.column_stack([probability, elsewhere])[spoken], axis=1)
    return float(np.median(ranked[:, -1] - ranked[:, -2])) >= _SPEAKER_MARGIN


def _mean_weights(evidence: Evidence, weight: FloatArray, count: int) -> FloatArray:
    """Mean weight (count,) of each subject over the shot, of the part that a crop would have to keep."""
    rows = (evidence.part != BODY) & (evidence.part != FRONT)
    total = np.bincount(evidence.subject[rows], weight[rows], count)
    return np.asarray(total / max(1, len(evidence.frame)))


def _people(context: ShotContext, evidence: Evidence, mean: FloatArray) -> list[Subject]:
    """People steady enough to take turns or share the canvas, most important first."""
    persons = [(n, s) for n, s in enumerate(context.subjects) if s.kind == "person"]
    most = max((mean[n] for n, _ in persons), default=0.0)
    presence = dict(zip(evidence.subject.tolist(), evidence.presence.tolist(), strict=True))
    steady = [
        (n, s)
        for n, s in persons
        if mean[n] >= _PARTNER * most > 0
        and float(np.mean(s.score)) >= _STEADY_SCORE
        and presence.get(n, 0.0) >= _STEADY_SHARE
    ]
    return [s for _, s in sorted(steady, key=lambda row: (-mean[row[0]], row[0]))]


def _contested(people: Sequence[Subject], evidence: Evidence, context: ShotContext) -> tuple[Subject, ...]:
    """Those of these people who matter alike, wherever they are, if they do not fit side by side; else nobody."""
    anywhere = weigh(evidence, context, replace(DEFAULT_PARAMETERS, aside=0.0))
    mean = _mean_weights(evidence, anywhere, len(context.subjects))
    worth = [mean[context.subjects.index(s)] for s in people]
    alike = tuple(s for s, value in zip(people, worth, strict=True) if value >= _ALIKE * max(worth))
    return alike if len(alike) > 1 and not fit_together(alike, context) else ()


def _shown_over_time(
    path: WindowPath, evidence: Evidence, weight: FloatArray, context: ShotContext
) -> list[tuple[int, ...]]:
    """The subjects (their indices) that the window shows at each moment: inside it, of weight, and not just passing."""
    held = np.zeros((len(path.frame), len(context.subjects)), np.bool_)
    low, high = _edges(evidence, path.axis)
    start = path.start_px[evidence.moment]
    rows = is_inside(*middle_part(low, high, path.length_px), start, path.length_px)
    rows &= (evidence.part != BODY) & (evidence.part != FRONT)
    held[evidence.moment[rows], evidence.subject[rows]] = True
    mean = _mean_weights(evidence, weight, len(context.subjects))
    if not held.any():
        return [()] * len(path.frame)
    strength = np.where(held, mean[None, :], 0.0)
    held &= strength >= _COMPANION * strength.max(axis=1, keepdims=True)
    moving = np.array([s.kind == "mover" for s in context.subjects])
    held &= ~moving | ~held[:, ~moving].any(axis=1, keepdims=True)  # what moves on somebody is somebody's hand
    least = max(1, round(_SHOWN_S / max(evidence_step_s(path.frame, context), 1e-6)))
    for n in np.flatnonzero(held.any(axis=0)):
        held[:, n] = merge_short_runs(held[:, n].astype(np.int64), least).astype(np.bool_)
    return [tuple(int(n) for n in np.flatnonzero(row)) for row in held]


def _aim_along(
    path: WindowPath, shown: Sequence[tuple[int, ...]], evidence: Evidence, weight: FloatArray, context: ShotContext
) -> Aim:
    """The aim at those shown, stretch by stretch; where nobody is, at the middle of the window's own path."""
    numbers = {row: n for n, row in enumerate(dict.fromkeys(shown))}
    bounds = run_bounds(np.array([numbers[row] for row in shown]))
    edges = _stretch_edges(path.frame, bounds, context)
    whole = _whole_inside(path, evidence, weight, context)
    parts: list[Aim] = []
    for (first, _), (start, end) in zip(pairwise(bounds.tolist()), pairwise(edges), strict=True):
        subjects = [context.subjects[n] for n in shown[first]]
        along = _aim_at_path(path, whole, (path.frame >= start) & (path.frame < end), context)
        if subjects:
            found = aim_at_subjects(subjects, context)
            inside = (found.frame >= start) & (found.frame < end)
            if inside.any():
                parts.append(_keep_to_path(select_rows(found, inside), along, path.axis, context))
                continue
        parts.append(along)
    aim = concatenate_aims([part for part in parts if len(part.frame)])
    names = dict.fromkeys(context.subjects[n].name for row in shown for n in row)
    return replace(aim, subject="+".join(names)) if names else aim


def _stretch_edges(frames: IntArray, bounds: IntArray, context: ShotContext) -> list[int]:
    """Frames at which stretches of moments begin, and the end of the shot."""
    inner = [int(frames[b] + frames[b - 1]) // 2 for b in bounds[1:-1]]
    return [context.shot.first, *inner, context.shot.end]


def _aim_at_path(path: WindowPath, whole: FloatArray, rows: npt.NDArray[np.bool_], context: ShotContext) -> Aim:
    """Keep the middle part of the window where the path has it, and aim at the middle of what is whole inside."""
    frames = path.frame[rows]
    middle = path.start_px[rows] + path.length_px / 2
    across, along = 1 - path.axis, path.axis
    boxes = no_boxes(frames)
    low = np.fmin(middle - _HOLD * path.length_px / 2, whole[rows, 0])
    high = np.fmax(middle + _HOLD * path.length_px / 2, whole[rows, 1])
    boxes[:, along], boxes[:, 2 + along] = low, high - low
    boxes[:, across] = (context.bounds.left, context.bounds.top)[across]
    boxes[:, 2 + across] = context.window[across]
    target = boxes[:, :2] + boxes[:, 2:] / 2
    target[:, along] = np.where(np.isfinite(whole[rows, 0]), whole[rows].mean(axis=1), middle)
    return Aim("scene", frames, boxes, boxes.copy(), target, np.ones(len(frames)))


def _keep_to_path(aim: Aim, along: Aim, axis: int, context: ShotContext) -> Aim:
    """An aim at subjects that stays about where the path has the window, and aims at all that is whole inside it."""
    if not len(along.frame):
        return aim
    row = nearest_row(along.frame, aim.frame)
    must, nice = aim.must_keep_px.copy(), aim.nice_to_keep_px.copy()
    for boxes in (must, nice):
        low = np.fmin(boxes[:, axis], along.must_keep_px[row, axis])
        high = np.fmax(
            boxes[:, axis] + boxes[:, 2 + axis], along.must_keep_px[row, axis] + along.must_keep_px[row, 2 + axis]
        )
        fits = high - low <= context.window[axis]
        boxes[fits, axis], boxes[fits, 2 + axis] = low[fits], (high - low)[fits]
    target = aim.target_px.copy()
    if axis == 0:  # up and down, the eyes have a place of their own
        target[:, 0] = along.target_px[row, 0]
    return replace(aim, must_keep_px=must, nice_to_keep_px=nice, target_px=target)


def _whole_inside(path: WindowPath, evidence: Evidence, weight: FloatArray, context: ShotContext) -> FloatArray:
    """First and last px (k, 2) along the path's axis of all that lies whole in the window, NaN where nothing does."""
    low, high = _edges(evidence, path.axis)
    inside = is_inside(low, high, path.start_px[evidence.moment], path.length_px)
    inside &= (evidence.part != MOVER) & (weight > 0)
    result = np.full((len(path.frame), 2), np.nan)
    np.fmin.at(result[:, 0], evidence.moment[inside], low[inside])
    np.fmax.at(result[:, 1], evidence.moment[inside], high[inside])
    reach = max(0, round(_STEADY_S / max(evidence_step_s(path.frame, context), 1e-6)))
    return _running_median(result, reach)


def _edges(evidence: Evidence, axis: int) -> tuple[FloatArray, FloatArray]:
    """First and last px (n,) of all parts along an axis."""
    low = evidence.box_px[:, axis]
    return low, low + evidence.box_px[:, 2 + axis]


def _running_median(rows: FloatArray, reach: int) -> FloatArray:
    """Medians (n, m) over up to `reach` rows on each side; rows of NaN count for nothing, and stay where all are."""
    padded = np.pad(rows, ((reach, reach), (0, 0)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    result = np.full_like(rows, np.nan)
    known = np.flatnonzero(np.isfinite(windows).any(axis=(1, 2)))
    result[known] = np.nanmedian(windows[known], axis=-1)
    return result
