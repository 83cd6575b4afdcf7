"""Who speaks: lip motion and its fit with the sound, face by face, shot by shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from panscan.arrays.samples import distance_to_nearest, is_between_samples, newest_row
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import ActiveSpeaker, FloatArray, IntArray, Lips, Loudness, Speech, Tracks
from panscan.model.plan import Shot
from panscan.model.shots import shots_of
from panscan.perceive.signal import DerivedSignal
from panscan.perceive.speaking.lip_sync import STEP_S, lip_motion, resample, rms_on_grid
from panscan.perceive.speaking.speaker_scores import Mask, speaking_probabilities, speaking_scores

_OUT_STEP_S = 0.1
_PERSON = 0  # kind of a person in Tracks
_SEEN_BEYOND_S = 0.2  # a face is in the picture for this long before its first and after its last look
_FACE_GAP_S = 1.3  # between two looks further apart nobody saw the face: its lips say nothing
_SAME_FACE = 0.6  # distance of a lips' box from its track, in face sizes


class SpeakerSignal(DerivedSignal):
    """Probability that each face speaks, ten times a second."""

    name: ClassVar[str] = "speaker"
    version: ClassVar[int] = 2
    produces: ClassVar[type] = perception.Speaker
    depends_on: ClassVar[tuple[str, ...]] = ("cuts", "tracks", "lips", "asd", "speech", "loudness")

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._media = media

    def derive(self, others: Mapping[str, Any]) -> perception.Speaker:
        """Judge each shot for itself; nothing is known without tracks and speech."""
        tracks, speech = others.get("tracks"), others.get("speech")
        if tracks is None or speech is None:
            return _value([], [], [], [], [])
        rate, frame_count = float(self._media.video.rate), self._media.frame_count
        step_count = int(frame_count / rate / _OUT_STEP_S) + 1
        looked = np.unique(np.round(np.arange(step_count) * _OUT_STEP_S * rate).astype(np.int64))
        heard = _Sound(speech, others.get("loudness"))
        lips, said = (_FaceSamples.of(others.get(name), tracks, rate) for name in ("lips", "asd"))
        parts = []
        for number, shot in enumerate(shots_of(others.get("cuts"), frame_count)):
            people = np.flatnonzero((tracks.kind == _PERSON) & (tracks.shot == number))
            # A head seen from behind has no lips: such a person may speak as somebody off screen does.
            faces = np.array([track for track in people if tracks.face_rows_of(int(track)).size], np.int64)
            frames = looked[(looked >= shot.first) & (looked < shot.end)]
            parts.append(_judge(shot, rate, frames, tracks, faces, heard, lips, said))
        return _value(*zip(*parts, strict=True))


def match_to_tracks(frame: IntArray, box_px: FloatArray, tracks: Tracks, rate: float) -> IntArray:
    """The track each look at a face (frame (n,), box_px (n, 4)) belongs to, -1 where none: the nearest at that time."""
    owner = np.full(len(frame), -1, np.int64)
    nearest = np.full(len(frame), _SAME_FACE)
    for track in np.flatnonzero(tracks.kind == _PERSON):
        rows = tracks.face_rows_of(int(track))
        if not rows.size:
            continue
        looks = tracks.frame[rows]
        last = newest_row(looks, frame)
        # Mouths are looked for where the face was seen last: never before its first look.
        fresh = frame - looks[last] <= _FACE_GAP_S * rate
        near = np.flatnonzero((last >= 0) & fresh & (frame <= looks[-1] + _SEEN_BEYOND_S * rate))
        box, other = tracks.box_px[rows[last[near]]], box_px[near]
        apart = np.hypot(*(box[:, :2] + box[:, 2:] / 2 - other[:, :2] - other[:, 2:] / 2).T)
        distance = apart / np.maximum(other[:, 2:].max(axis=1), 1.0)
        closer = distance < nearest[near]
        owner[near[closer]], nearest[near[closer]] = track, distance[closer]
    return owner


@dataclass(frozen=True, slots=True, eq=False)
class _FaceSamples:
    """What was measured at looks at faces, and whose face each was."""

    frame: IntArray
    value: FloatArray
    owner: IntArray

    @classmethod
    def of(cls, seen: Lips | ActiveSpeaker | None, tracks: Tracks, rate: float) -> _FaceSamples:
        """Gaps of lips or logits of the network; nothing where they were not measured."""
        if seen is None:
            return cls(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
        value = seen.gap if isinstance(seen, Lips) else seen.logit
        return cls(seen.frame, value, match_to_tracks(seen.frame, seen.box_px, tracks, rate))

    def within(self, track: int, shot: Shot) -> tuple[IntArray, FloatArray]:
        """Frames and values of one track; looks right after a cut may still follow the boxes before it."""
        own = (self.owner == track) & (self.frame >= shot.first) & (self.frame < shot.end)
        return self.frame[own], self.value[own]


def _judge(
    shot: Shot,
    rate: float,
    frames: IntArray,
    tracks: Tracks,
    faces: IntArray,
    heard: _Sound,
    lips: _FaceSamples,
    said: _FaceSamples,
) -> tuple[IntArray, FloatArray, IntArray, IntArray, FloatArray]:
    """One shot: its steps, off-screen probability and the rows of its faces (see the fields of the value)."""
    start_s, end_s = shot.first / rate, shot.end / rate
    grid_s: FloatArray = start_s + STEP_S * np.arange(max(1, round((end_s - start_s) / STEP_S)), dtype=np.float64)
    shape = (len(grid_s), len(faces))
    seen, moved, logit = np.zeros(shape, bool), np.full(shape, np.nan), np.full(shape, np.nan)
    for column, track in enumerate(faces):
        seen[:, column] = _seen(tracks.frame[tracks.face_rows_of(int(track))] / rate, grid_s)
        looks, gaps = lips.within(int(track), shot)
        moved[:, column] = lip_motion(looks / rate, gaps, grid_s)
        looks, logits = said.within(int(track), shot)
        logit[:, column] = resample(looks / rate, logits, grid_s)
    probability, elsewhere = estimate_speakers(moved, heard.loudness(grid_s), seen, heard.is_speech(grid_s), logit)
    at = np.minimum(np.round((frames / rate - start_s) / STEP_S).astype(np.int64), len(grid_s) - 1)
    step, column_of = np.nonzero(seen[at])
    return frames, elsewhere[at], frames[step], faces[column_of], probability[at[step], column_of]


@dataclass(frozen=True, slots=True, eq=False)
class _Sound:
    """The sound, at any times."""

    speech: Speech
    level: Loudness | None

    def loudness(self, grid_s: FloatArray) -> FloatArray:
        """Linear RMS; NaN where it was not measured."""
        if self.level is None:
            return np.full(len(grid_s), np.nan)
        return rms_on_grid(self.level.level_db, self.level.step_s, grid_s)

    def is_speech(self, grid_s: FloatArray) -> Mask:
        """Whether a time lies inside a stretch of speech."""
        begun = np.searchsorted(self.speech.segment_start_s, grid_s, side="right")
        return np.asarray(begun > np.searchsorted(self.speech.segment_end_s, grid_s, side="right"))


def estimate_speakers(
    moved: FloatArray,
    loudness: FloatArray,
    seen: Mask,
    speech: Mask,
    logit: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Who speaks in one shot, in steps of 0.04 s.

    Parameters
    ----------
    moved : ndarray, shape (k, t)
        Motion of each mouth per step, NaN where it was not measured.
    loudness : ndarray, shape (k,)
        Linear RMS of the sound.
    seen : ndarray of bool, shape (k, t)
        Where each face is in the picture.
    speech : ndarray of bool, shape (k,)
        Where somebody speaks.
    logit : ndarray, shape (k, t), optional
        What the network says of each face, NaN where it says nothing.

    Returns
    -------
    probability that each face speaks (k, t), and that the voice comes from outside the picture (k,)
    """
    scores = speaking_scores(moved, loudness, seen, speech, logit)
    return speaking_probabilities(scores, seen, speech)


def _seen(looks_s: FloatArray, grid_s: FloatArray) -> Mask:
    """Where a face is in the picture: from its first look to its last, and a little beyond; not in long gaps."""
    near = distance_to_nearest(looks_s, grid_s) <= _SEEN_BEYOND_S
    return np.asarray(is_between_samples(looks_s, grid_s, _FACE_GAP_S) | near)


def _value(looked: Any, offscreen: Any, frame: Any, track: Any, probability: Any) -> perception.Speaker:
    def joined(parts: Any, kind: type) -> Any:
        return np.concatenate([np.zeros(0, kind), *parts]).astype(kind)

    return perception.Speaker(
        looked=joined(looked, np.int64),
        offscreen=joined(offscreen, np.float64),
        frame=joined(frame, np.int64),
        track=joined(track, np.int64),
        probability=joined(probability, np.float64),
    )
