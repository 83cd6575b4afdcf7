"""How much each subject matters at each moment: the six signals, weighted by the preset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.arrays.samples import nearest_row, next_row
from panscan.direct.shot_context import ShotContext
from panscan.model.perception import FloatArray, Flow, IntArray, Loudness
from panscan.model.plan import Subject

_STEP_S = 0.2  # seconds between the moments: slower than a turn, faster than a walk through the picture
_KEPT_S = 0.6  # seconds: a subject not seen for less is still there
_SIZE_POWER = 0.7  # of the size: twice the size is not twice as important
_FULL_MOTION_ENERGY = 0.002  # picture widths per second, mean over the picture: a person strolling in a wide shot
_QUIET_DB, _LOUD_DB = -50.0, -20.0  # dBFS that count as 0 and as 1: a silent room, a voice near the microphone
_ASIDE = 0.3  # share that a place at the picture's edge costs


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """How much n subjects matter at k moments.

    Attributes
    ----------
    frame : ndarray, shape (k,)
        The moments.
    value : ndarray, shape (n, k)
        Weighted sum of the signals of each subject, 0 where it is not seen.
    box_px : ndarray, shape (n, k, 4)
        What to keep of each, source px, NaN where it is not seen.
    """

    frame: IntArray
    value: FloatArray
    box_px: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Mean over the shot (n,)."""
        return np.asarray(self.value.mean(axis=1)) if self.value.size else np.zeros(len(self.value))


def importance(context: ShotContext, subjects: tuple[Subject, ...]) -> Importance:
    """The six signals of each subject every fifth of a second, weighted by the preset.

    face: a seen face's score x size^0.7; pose: the same of any seen head; speech: probability that it speaks;
    flow: its share of the picture's motion; objects: a detected object's score x size^0.7; audio: its motion while
    it is loud. All are 0..1; each is damped by a place at the picture's edge and by the user's taste.
    """
    frames = np.arange(context.shot.first, context.shot.end, max(1, round(_STEP_S * context.rate)), dtype=np.int64)
    value = np.zeros((len(subjects), len(frames)))
    boxes = np.full((len(subjects), len(frames), 4), np.nan)
    weights = context.preset.weights
    loud = _loudness(context, frames)
    for n, subject in enumerate(subjects):
        row = nearest_row(subject.frame, frames)
        seen = np.abs(subject.frame[row] - frames) <= _KEPT_S * context.rate
        keep = subject.keep_px[row]
        boxes[n, seen] = keep[seen]
        size = np.clip(keep[:, 3] / context.bounds.height, 0, 1) ** _SIZE_POWER * subject.score[row]
        aside = np.abs(keep[:, 0] + keep[:, 2] / 2 - context.bounds.center_x) / context.bounds.width
        taste = context.preferences.factor(subject, float(np.median(keep[:, 3])) / context.bounds.height)
        moving = _motion(subject, row, frames, context)
        total = weights.flow * moving + weights.audio * moving * loud
        if subject.kind == "person":
            total += weights.face * size * (subject.basis[row] == 0) + weights.pose * size
            total += weights.speech * _speech(subject, frames, context)
        elif subject.kind == "object":
            total += weights.objects * size
        value[n] = np.where(seen, total * (1 - _ASIDE * aside) * taste, 0.0)
    return Importance(frames, value, boxes)


def mean_motion_share(subject: Subject, context: ShotContext) -> float:
    """Mean share, 0..1, of the picture's motion that is the subject's while it is seen."""
    frames = np.arange(context.shot.first, context.shot.end, max(1, round(_STEP_S * context.rate)), dtype=np.int64)
    row = nearest_row(subject.frame, frames)
    seen = np.abs(subject.frame[row] - frames) <= _KEPT_S * context.rate
    return float(_motion(subject, row, frames, context)[seen].mean()) if seen.any() else 0.0


def _speech(subject: Subject, frames: IntArray, context: ShotContext) -> FloatArray:
    speaker = context.speaker
    if speaker is None:
        return np.zeros(len(frames))
    steps, likely = speaker.probabilities(np.array([subject.track]), context.shot.first, context.shot.end)
    if not len(steps):
        return np.zeros(len(frames))
    return np.asarray(likely[next_row(steps, frames), 0])


def _motion(subject: Subject, row: IntArray, frames: IntArray, context: ShotContext) -> FloatArray:
    """Share (k,) of the picture's motion that is the subject's: its own, or that of movers in its middle."""
    flow = context.perception.get(Flow)
    if flow is None or not len(flow.looked):
        return np.zeros(len(frames))
    sample = next_row(flow.looked, frames)
    alive = np.minimum(1.0, flow.energy[sample] / _FULL_MOTION_ENERGY)
    if subject.kind == "mover":
        return np.asarray(subject.score[row] * alive)
    share = np.zeros(len(frames))
    body = np.where(np.isfinite(subject.body_px), subject.body_px, subject.keep_px)[row]
    for n, at in enumerate(flow.looked[sample]):
        rows = np.flatnonzero(flow.frame == at)
        x = flow.box_px[rows, 0] + flow.box_px[rows, 2] / 2
        y = flow.box_px[rows, 1] + flow.box_px[rows, 3] / 2
        left, top, width, height = body[n]
        inside = (x >= left) & (x <= left + width) & (y >= top) & (y <= top + max(height, width))
        share[n] = flow.weight[rows[inside]].sum()
    return np.asarray(np.minimum(1.0, share) * alive)


def _loudness(context: ShotContext, frames: IntArray) -> FloatArray:
    loudness = context.perception.get(Loudness)
    if loudness is None or not len(loudness.level_db):
        return np.zeros(len(frames))
    at = np.clip((frames / context.rate / loudness.step_s).astype(np.int64), 0, len(loudness.level_db) - 1)
    return np.clip((loudness.level_db[at] - _QUIET_DB) / (_LOUD_DB - _QUIET_DB), 0.0, 1.0)
