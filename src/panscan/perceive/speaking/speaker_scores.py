"""What mouths and sound tell of who speaks at each moment: evidence only, no turns.

A score of 0..2 says how much a face looks and moves like the one that is heard. The scores of all faces, and that of
a voice from outside the picture, become probabilities that add up to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import distance_to_nearest, runs_of_numbers
from panscan.model.perception import FloatArray
from panscan.perceive.speaking.lip_sync import STEP_S, audio_correlation, moving_mean

Mask = npt.NDArray[np.bool_]

# Change of the lips' gap per step (face heights) at which a mouth moves as a talker's does; at 25 looks/s talkers of
# the demo clips read 0.005.
_LIVELY_MOTION = 0.004
# Long windows tell who speaks, short ones when a turn begins: evidence is the mean of both, in seconds.
_ACTIVITY_WINDOWS_S = (1.0, 0.4)  # longer than a talker keeps the mouth shut; two syllables, in which it surely moves
_SYNC_WINDOWS_S = (4.0, 1.0)  # over less than 3 s a grimace fits any voice now and then; a word or two
_LEAST_SYNC_S = 1.0  # a correlation over less tells nothing, from 1 s more on it is trusted in full
_SYNC_OF_MOVING_MOUTH = 0.3  # usual correlation of a talker: expected of a moving mouth while it cannot be measured
_STRETCH_FROM, _STRETCH_MOST = 1.5, 3.5  # a mouth seen in 1/1.5 of the time or less needs a longer window
_BEYOND = round(0.5 / STEP_S)  # steps: a mouth's motion counts this long before and after it was seen
_SMOOTH = round(0.5 / STEP_S) | 1  # steps, odd: window of the median over scores, longer than a detector's slip

# Scores where a mouth is not measured, and of a voice from outside. A talker has 1.3 to 1.7, a still mouth 0 to 0.3.
_UNREAD_FACE = 1.0  # one of several faces, mouth not seen: it is likelier than "outside" if no other mouth moves
_OFFSCREEN = 0.9
_OFFSCREEN_NO_MOUTH = 1.05  # where no mouth is seen nothing speaks for any face: just above all of them
_ONLY_FACE = 1.3  # the only face, mouth not measured: most lone faces that are filmed speak
_OFFSCREEN_ONE_FACE = 0.75  # lower, as some lone speakers hardly move their lips
_BURST_HOLD_S = 3.0  # the only face is looked at every 5 s: what was seen counts this long before and after

# A lead of this much makes a face e times as likely as another: set so that leads of talkers over grimaces (0.3 to 0.6)
# give odds of 3 to 7.
_SCORE_PER_E = 0.3

_NETWORK_SURE = 1.5  # logit beyond which the network is sure
_NETWORK_MIDDLE = 0.6  # activity that stands for its doubt: with the usual sync a score between face and outside


@dataclass(frozen=True, slots=True, eq=False)
class SpeakingEvidence:
    """One face at each step; NaN where its mouth was not seen.

    Activity alone takes a grimace for speech, sync alone takes a still mouth for a speaker: a score is their sum.

    Attributes
    ----------
    activity : ndarray, shape (k,)
        How lively the mouth is, 0..1.
    sync : ndarray, shape (k,)
        How well its motion follows the loudness of the sound, -1..1.
    """

    activity: FloatArray
    sync: FloatArray

    @classmethod
    def of(cls, moved: FloatArray, loudness: FloatArray, logit: FloatArray) -> SpeakingEvidence:
        """What the motion (k,) of a mouth, the loudness (k,) and the network (k,) tell."""
        activity, sync = np.full((2, len(moved)), np.nan)
        known = np.flatnonzero(np.isfinite(moved))
        if len(known):
            part = slice(max(0, known[0] - _BEYOND), known[-1] + _BEYOND)
            activity[part] = np.mean([_liveliness(moved[part], window_s) for window_s in _ACTIVITY_WINDOWS_S], axis=0)
            # A face that is looked at now and then needs longer windows to tell as much.
            stretch = np.clip((known[-1] - known[0] + 1) / len(known), 1.0, _STRETCH_MOST)
            windows_s = np.array(_SYNC_WINDOWS_S) * (stretch if stretch > _STRETCH_FROM else 1.0)
            fits, seconds = zip(*(audio_correlation(moved[part], loudness[part], w) for w in windows_s), strict=True)
            trust = np.clip(seconds[0] - _LEAST_SYNC_S, 0.0, 1.0)
            sync[part] = trust * np.mean(fits, axis=0) + (1 - trust) * _SYNC_OF_MOVING_MOUTH * activity[part]
        # The network knows better than motion how a talker looks, but does not notice a foreign voice: sync stays.
        said = np.isfinite(logit)
        activity[said] = np.clip(logit[said] / _NETWORK_SURE, -1, 1) + _NETWORK_MIDDLE
        sync[said] = np.where(np.isfinite(sync[said]), sync[said], _SYNC_OF_MOVING_MOUTH)
        return cls(activity, sync)


def _liveliness(moved: FloatArray, window_s: float) -> FloatArray:
    """Mean motion in a window around each step, as a share of a talker's, 1 at the most."""
    return np.minimum(moving_mean(moved, window_s) / _LIVELY_MOTION, 1.0)


def speaking_scores(
    moved: FloatArray, loudness: FloatArray, seen: Mask, speech: Mask, logit: FloatArray | None = None
) -> FloatArray:
    """Scores (k, t + 1) of all faces of a shot; the last column is that of a voice from outside the picture.

    Parameters
    ----------
    moved : ndarray, shape (k, t)
        Motion of each mouth, NaN where it was not seen.
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
    known = np.stack([face.activity + face.sync for face in faces], axis=1) if faces else moved
    return _fill_and_smooth(known, seen)


def _fill_and_smooth(known: FloatArray, seen: Mask) -> FloatArray:
    """Scores (k, t + 1) with a value for every face that is seen, smoothed by a median over half a second."""
    from scipy.ndimage import median_filter

    read = np.isfinite(known) & seen
    alone = seen.sum(axis=1, keepdims=True) == 1
    filled = np.where(alone, _only_face_scores(known, read), np.where(read, known, _UNREAD_FACE))
    if filled.size:
        filled = median_filter(filled, (_SMOOTH, 1), mode="nearest")
    offscreen = np.where(read.any(axis=1), _OFFSCREEN, _OFFSCREEN_NO_MOUTH)
    offscreen[alone[:, 0]] = _OFFSCREEN_ONE_FACE
    return np.column_stack([filled, offscreen])


def _only_face_scores(known: FloatArray, read: Mask) -> FloatArray:
    """Scores (k, t) of faces while they are alone: one per burst of looks at the mouth, and from burst to burst.

    A burst's middle score counts for all of it: its ends are made from a few looks.
    """
    held = np.full(known.shape, _ONLY_FACE)
    steps_now = np.arange(len(known))
    for column in range(known.shape[1]):
        told = np.flatnonzero(read[:, column])
        if not len(told):
            continue
        score = known[told, column].copy()
        for first, end in np.searchsorted(told, runs_of_numbers(told)):
            if (end - first) * STEP_S <= _BURST_HOLD_S:
                score[first:end] = np.median(score[first:end])
        near = distance_to_nearest(told, steps_now) * STEP_S <= _BURST_HOLD_S
        held[near, column] = np.interp(steps_now, told, score)[near]
    return held


def speaking_probabilities(scores: FloatArray, seen: Mask, speech: Mask) -> tuple[FloatArray, FloatArray]:
    """Probability that each face speaks (k, t) and that the voice comes from outside (k,); 0 where nobody speaks.

    One voice at a time: they add up to 1 while somebody speaks. Two who speak at once share it.
    """
    in_play = np.column_stack([seen, np.ones(len(seen), np.bool_)])
    odds = np.where(in_play, np.exp((scores - scores.max(axis=1, keepdims=True)) / _SCORE_PER_E), 0.0)
    likely = odds / odds.sum(axis=1, keepdims=True) * speech[:, None]
    return likely[:, :-1], likely[:, -1]
