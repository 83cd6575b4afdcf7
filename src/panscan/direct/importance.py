"""How much each subject matters at each moment: the six signals, weighted by the preset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.arrays.samples import nearest_row, next_row
from panscan.direct.scene import ShotContext
from panscan.model.perception import FloatArray, Flow, IntArray, Loudness
from panscan.model.plan import Subject

_STEP_S = 0.2
_KEPT_S = 0.6  # a subject not seen for less than this is still there
_SIZE_POWER = 0.7  # twice the size is not twice as important
_FULL_MOTION_ENERGY = 0.002  # picture widths per second, mean over the picture: a person strolling in a wide shot
_QUIET_DB, _LOUD_DB = -50.0, -20.0
_ASIDE = 0.3  # what a place at the picture's edge costs


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """How much n subjects matter at k moments.

    frame (k,); value (n, k): weighted sum of the signals of each subject, 0 where it is not seen;
    box_px (n, k, 4): what to keep of each, NaN where it is not seen.
    """

    frame: IntArray
    value: FloatArray
    box_px: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Mean over the shot (n,)."""
        return np.asarray(self.value.mean(axis=1)) if self.value.size else np.zeros(len(self.value))


def importance(scene: ShotContext, subjects: tuple[Subject, ...]) -> Importance:
    """The six signals of each subject every fifth of a second, weighted by the scene's preset.

    face: a seen face's score x size^0.7; pose: the same of any seen head; speech: probability that it speaks;
    flow: its share of the picture's motion; objects: a detected object's score x size^0.7; audio: its motion while
    it is loud. All are 0..1; each is damped by a place at the picture's edge and by the user's taste.
    """
    frames = np.arange(scene.shot.first, scene.shot.end, max(1, round(_STEP_S * scene.rate)), dtype=np.int64)
    value = np.zeros((len(subjects), len(frames)))
    boxes = np.full((len(subjects), len(frames), 4), np.nan)
    weights = scene.preset.weights
    loud = _loudness(scene, frames)
    for n, subject in enumerate(subjects):
        row = nearest_row(subject.frame, frames)
        seen = np.abs(subject.frame[row] - frames) <= _KEPT_S * scene.rate
        keep = subject.keep_px[row]
        boxes[n, seen] = keep[seen]
        size = np.clip(keep[:, 3] / scene.bounds.height, 0, 1) ** _SIZE_POWER * subject.score[row]
        aside = np.abs(keep[:, 0] + keep[:, 2] / 2 - scene.bounds.center_x) / scene.bounds.width
        taste = scene.preferences.factor(subject, float(np.median(keep[:, 3])) / scene.bounds.height)
        moving = _motion(subject, row, frames, scene)
        total = weights.flow * moving + weights.audio * moving * loud
        if subject.kind == "person":
            total += weights.face * size * (subject.basis[row] == 0) + weights.pose * size
            total += weights.speech * _speech(subject, frames, scene)
        elif subject.kind == "object":
            total += weights.objects * size
        value[n] = np.where(seen, total * (1 - _ASIDE * aside) * taste, 0.0)
    return Importance(frames, value, boxes)


def mean_motion_share(subject: Subject, scene: ShotContext) -> float:
    """Mean share, 0..1, of the picture's motion that is the subject's while it is seen."""
    frames = np.arange(scene.shot.first, scene.shot.end, max(1, round(_STEP_S * scene.rate)), dtype=np.int64)
    row = nearest_row(subject.frame, frames)
    seen = np.abs(subject.frame[row] - frames) <= _KEPT_S * scene.rate
    return float(_motion(subject, row, frames, scene)[seen].mean()) if seen.any() else 0.0


def _speech(subject: Subject, frames: IntArray, scene: ShotContext) -> FloatArray:
    speaker = scene.speaker
    if speaker is None:
        return np.zeros(len(frames))
    steps, likely = speaker.probabilities(np.array([subject.track]), scene.shot.first, scene.shot.end)
    if not len(steps):
        return np.zeros(len(frames))
    return np.asarray(likely[next_row(steps, frames), 0])


def _motion(subject: Subject, row: IntArray, frames: IntArray, scene: ShotContext) -> FloatArray:
    """Share (k,) of the picture's motion that is the subject's: its own, or that of movers in its middle."""
    flow = scene.perception.get(Flow)
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


def _loudness(scene: ShotContext, frames: IntArray) -> FloatArray:
    loudness = scene.perception.get(Loudness)
    if loudness is None or not len(loudness.level_db):
        return np.zeros(len(frames))
    at = np.clip((frames / scene.rate / loudness.step_s).astype(np.int64), 0, len(loudness.level_db) - 1)
    return np.clip((loudness.level_db[at] - _QUIET_DB) / (_LOUD_DB - _QUIET_DB), 0.0, 1.0)
