"""Who has the floor: from the evidence of each face to turns that begin where they begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.arrays.best_sequence import best_sequence, merge_short_runs
from panscan.arrays.samples import distance_to_nearest, run_bounds, runs_of_numbers
from panscan.model.perception import FloatArray, IntArray
from panscan.perceive.speaking.lip_sync import STEP_S, audio_correlation, moving_mean

Mask = npt.NDArray[np.bool_]

SPEAKING_SCORE = 1.1  # rank above which a face speaks rather than not
_LIVELY = 0.004  # change of the gap per 0.04 s at which a mouth moves as a talker's does; at 25 looks/s it reads 0.005
_SURE = 0.15  # how far from `TALKS` a rank must be to be sure (logistic scale)
_ONLY_FACE = 1.3  # rank of the only face in the picture while its mouth is not measured
_BURST_HOLD_S = 3.0  # the only face is looked at now and then: what was seen counts this long before and after
_UNREAD_FACE = 1.0  # rank of one of several faces whose mouth is not seen: it is the speaker if no other moves
_OFFSCREEN_SCORE = 0.9  # rank at which it is likelier that the voice comes from elsewhere
_OFFSCREEN_SCORE_ONE_FACE = 0.75  # the same where one face is in the picture: some speakers hardly move their lips
_HIDDEN = -2.0  # a face out of the picture

_NETWORK_SURE = 1.5  # logit beyond which the network is sure
_NETWORK_MIDDLE = 0.6  # what its doubt counts: with the usual fit a rank a little under `TALKS`
_USUAL_FIT = 0.3

_WINDOW_S, _WINDOW_AT_TURNS_S, _NEAR_TURN_S = 4.0, 3.0, 2.0
_BURST_STRETCH, _LONGEST_STRETCH = 1.5, 3.5
_BEYOND = round(0.5 / STEP_S)  # a mouth's motion counts this many steps before and after it was seen
_SWITCH_COST = 0.3  # lead times seconds that a new speaker must have
_LEAST_TURN_STEPS = round(0.6 / STEP_S)
_MOVE_START_S = 0.8  # how far the start of a turn is looked for

NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class SpeakingEvidence:
    """One face at each step: how lively the mouth is, 0..1, and how well it fits the sound in 4 s and in 3 s around.

    NaN where the mouth was not seen. Motion alone takes a grimace for speech, fit alone takes a still mouth for a
    speaker: a rank is the sum of both, 0..2.
    """

    mouth_activity: FloatArray
    sync: FloatArray
    sync_near_turns: FloatArray

    @classmethod
    def of(cls, moved: FloatArray, loudness: FloatArray, logit: FloatArray) -> SpeakingEvidence:
        """What the motion (k,) of a mouth, the loudness (k,) and the network (k,) tell."""
        curves = np.full((3, len(moved)), np.nan)
        known = np.flatnonzero(np.isfinite(moved))
        if len(known):
            part = slice(max(0, known[0] - _BEYOND), known[-1] + _BEYOND)
            lively = np.minimum(moving_mean(moved[part], 1.0) / _LIVELY, 1.0)
            curves[0, part] = lively
            # A face that is looked at now and then needs a longer window to tell as much.
            stretch = np.clip((known[-1] - known[0] + 1) / len(known), 1.0, _LONGEST_STRETCH)
            for row, window_s in ((1, _WINDOW_S), (2, _WINDOW_AT_TURNS_S)):
                fits, seconds = audio_correlation(
                    moved[part], loudness[part], window_s * (stretch if stretch > _BURST_STRETCH else 1.0)
                )
                # Under 2 s a correlation is chance: then motion speaks for it, with caution.
                trust = np.clip(seconds - 1.0, 0.0, 1.0)
                curves[row, part] = trust * fits + (1 - trust) * 0.3 * lively
        # The network knows better than motion how a talker looks, but does not notice a foreign voice: fit stays.
        said = np.isfinite(logit)
        curves[0, said] = np.clip(logit[said] / _NETWORK_SURE, -1, 1) + _NETWORK_MIDDLE
        curves[1:, said] = np.where(np.isfinite(curves[1:, said]), curves[1:, said], _USUAL_FIT)
        return cls(*curves)


def speaking_scores(
    moved: FloatArray, loudness: FloatArray, seen: Mask, speech: Mask, logit: FloatArray | None = None
) -> FloatArray:
    """Ranks (k, t) of all faces of a shot, with a closer look at the turns; NaN where a mouth was not seen.

    Parameters
    ----------
    moved : ndarray, shape (k, t)
        Motion of each mouth.
    loudness : ndarray, shape (k,)
    seen : ndarray of bool, shape (k, t)
        Where each face is in the picture.
    speech : ndarray of bool, shape (k,)
    logit : ndarray, shape (k, t), optional
        What the network says of each face.
    """
    said = np.full(moved.shape, np.nan) if logit is None else logit
    # The only face may close its mouth in a pause: that does not tell whose the voice is.
    alone = seen.sum(axis=1) == 1
    moved = np.where((alone & ~speech)[:, None], np.nan, moved)
    faces = [SpeakingEvidence.of(moved[:, i], loudness, said[:, i]) for i in range(moved.shape[1])]
    if not faces:
        return moved
    wide = np.stack([face.mouth_activity + face.sync for face in faces], axis=1)
    near = np.zeros(len(moved), bool)
    for turn in np.flatnonzero(np.diff(floor_holders(fill_and_smooth_scores(wide, seen), speech))):
        near[max(0, turn - round(_NEAR_TURN_S / STEP_S)) : turn + round(_NEAR_TURN_S / STEP_S)] = True
    return np.where(
        near[:, None], np.stack([face.mouth_activity + face.sync_near_turns for face in faces], axis=1), wide
    )


def fill_and_smooth_scores(known: FloatArray, seen: Mask) -> FloatArray:
    """Ranks (k, t + 1) with a value for every face, smoothed by a median of 0.5 s; the last column is nobody's."""
    from scipy.ndimage import median_filter

    read = np.isfinite(known) & seen
    alone = seen.sum(axis=1, keepdims=True) == 1
    filled = np.where(alone, _only_face_scores(known, read), np.where(read, known, _UNREAD_FACE))
    if filled.size:
        filled = median_filter(filled, (round(0.5 / STEP_S) | 1, 1), mode="nearest")
    nobody = np.where(read.any(axis=1), _OFFSCREEN_SCORE, _UNREAD_FACE + 0.05)
    nobody[alone[:, 0]] = _OFFSCREEN_SCORE_ONE_FACE
    return np.column_stack([np.where(seen, filled, _HIDDEN), nobody])


def _only_face_scores(known: FloatArray, read: Mask) -> FloatArray:
    """Ranks (k, t) of faces while they are alone: one per sample of the mouth, and from each sample to the next.

    A sample's middle rank counts for all of it: its ends are made from a few looks.
    """
    held = np.full(known.shape, _ONLY_FACE)
    steps_now = np.arange(len(known))
    for column in range(known.shape[1]):
        told = np.flatnonzero(read[:, column])
        if not len(told):
            continue
        rank = known[told, column].copy()
        for first, end in np.searchsorted(told, runs_of_numbers(told)):
            if (end - first) * STEP_S <= _BURST_HOLD_S:
                rank[first:end] = np.median(rank[first:end])
        near = distance_to_nearest(told, steps_now) * STEP_S <= _BURST_HOLD_S
        held[near, column] = np.interp(steps_now, told, rank)[near]
    return held


def floor_holders(scores: FloatArray, speech: Mask) -> IntArray:
    """Who has the floor at each step (k,): a column of `scores` (k, t + 1), `NOBODY` for the last.

    The best sequence over the whole shot: a face must lead by more than chance to take the floor, then has it
    from where it began to lead. In pauses the floor stays where it is; turns under 0.6 s are no turns.
    """
    gained = np.where(speech[:, None] | (scores == _HIDDEN), scores, 0.0) * STEP_S
    chosen = merge_short_runs(best_sequence(gained, _SWITCH_COST), _LEAST_TURN_STEPS, weight=speech)
    return np.where(chosen == scores.shape[1] - 1, NOBODY, chosen)


def align_turn_starts(chosen: IntArray, moved: FloatArray, speech: Mask) -> IntArray:
    """Move each change of the floor to where one mouth stops and the other starts, at the start of speech in a pause.

    Windows of seconds find who speaks, but blur when: the motion within 0.4 s knows better.
    """
    chosen = chosen.copy()
    reach = round(_MOVE_START_S / STEP_S)
    lively = np.column_stack(
        [np.minimum(np.nan_to_num(moving_mean(column, 0.4)) / _LIVELY, 1.0) for column in moved.T]
        or [np.zeros(len(chosen))]
    )
    bounds = run_bounds(chosen)
    for before, edge, after in zip(bounds[:-2], bounds[1:-1], bounds[2:], strict=True):
        old, new = int(chosen[edge - 1]), int(chosen[edge])
        if NOBODY in (old, new):
            continue
        first, end = max(before + 1, edge - reach), min(after - 1, edge + reach)
        if end <= first:
            continue
        lead = np.where(speech[first:end], lively[first:end, old] - lively[first:end, new], 0.0)
        gain = np.concatenate([[0.0], np.cumsum(lead)])
        best = first + int(np.flatnonzero(gain >= gain.max() - 1e-9)[-1])  # of equals, the last: the end of a pause
        chosen[first:best], chosen[best:end] = old, new
    return chosen


def speaking_probabilities(
    scores: FloatArray, seen: Mask, chosen: IntArray, speech: Mask
) -> tuple[FloatArray, FloatArray]:
    """Probability that each face speaks (k, t) and that a voice comes from elsewhere (k,), true to the floor.

    Who has the floor leads and has at least even chances; while nobody in the picture has it, nobody has.
    """
    faces = 1 / (1 + np.exp(-np.clip((scores[:, :-1] - SPEAKING_SCORE) / _SURE, -50, 50))) * seen
    elsewhere = np.prod(1 - faces, axis=1)
    holds = chosen[:, None] == np.arange(faces.shape[1])
    top = np.maximum(faces.max(axis=1, initial=0.0, keepdims=True), 0.5)
    taken = np.any(holds & seen, axis=1)
    faces = np.where(holds, top, np.minimum(faces, np.where(taken[:, None], 0.9 * top, 0.45))) * seen
    elsewhere = np.where(taken, np.minimum(elsewhere, 0.45), np.maximum(elsewhere, 0.5))
    return faces * speech[:, None], elsewhere * speech
