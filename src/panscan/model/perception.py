"""Everything measured on one media, before any decision.

Each signal yields one frozen value of arrays. All frames are grid frames counted from the media's first
picture (`model.time`); all boxes are left, top, width, height in display px.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from panscan.model import bodies
from panscan.model.geometry import Rect

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

T = TypeVar("T")


def _no_frames() -> IntArray:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class ShotBoundaries:
    """Where shots change.

    frame (n,): first frame of each new shot after a hard cut, rising, 0 not included; soft_first (k,), soft_end (k,):
    frames [first, end) during which two shots mix (a dissolve), or one goes and the next comes (a fade through a
    flat picture), rising. The middle of such a range is the boundary between its shots.
    """

    frame: IntArray
    soft_first: IntArray = field(default_factory=_no_frames)
    soft_end: IntArray = field(default_factory=_no_frames)


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces found in the pictures that were looked at. Small ones may be found at every third look only.

    looked (m,): frames looked at; one row per face: frame (n,), box_px (n, 4) from brow to chin, score (n,) 0..1,
    sharpness (n,) 0..1 (tells faces in focus from those in a blurred background), points_px (n, 6, 2): the
    person's right eye, left eye, nose tip, mouth, right ear, left ear; life (n,) 0..1, low for pictures of faces that
    stay pixel-still for many seconds while other things move (all 1 unless told). Hands and backs of heads are among
    them: `trust` tells them apart.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    score: FloatArray
    sharpness: FloatArray
    points_px: FloatArray
    life: FloatArray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if len(self.life) != len(self.frame):
            object.__setattr__(self, "life", np.ones(len(self.frame)))

    def at(self, frame: int) -> FloatArray:
        """Boxes (k, 4) of the newest look at or before a frame."""
        look = int(np.searchsorted(self.looked, frame, side="right")) - 1
        return self.box_px[self.frame == self.looked[look]] if look >= 0 else self.box_px[:0]

    @property
    def yaw(self) -> FloatArray:
        """How far faces are turned (n,): 0 towards the camera, -1 and 1 in profile towards the left and right."""
        return 2 * bodies.nose_offset(self.box_px, self.points_px)

    @property
    def confidence(self) -> FloatArray:
        """How surely a face is one worth showing (n,), 0..1: the detector's score, sharpness, proportions, life.

        Measured: faces in focus 0.5 to 1, in a blurred background 0.2 to 0.4, backs of heads 0.1 to 0.3, hands near 0.
        """
        shape = bodies.face_plausibility(self.box_px, self.points_px)
        sure = bodies.ramp(self.score, 0.45, 0.85) * bodies.ramp(self.sharpness, 0.3, 0.8)
        return np.maximum(0.02, shape * sure * self.life)

    def heads_px(self, picture_height_px: float) -> FloatArray:
        """Whole heads with hair (n, 4)."""
        return bodies.head_boxes_from_faces(self.box_px, self.points_px, picture_height_px)


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """Things of known classes found in the pictures that were looked at.

    looked (m,): frames looked at; one row per object, by frame and then by falling score: frame (n,), box_px (n, 4),
    score (n,) 0..1, class_id (n,): its place in names (c,), the classes that the weights know. available: False where
    there were no weights, so that nothing was looked for.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    score: FloatArray
    class_id: IntArray
    names: npt.NDArray[np.str_]
    available: bool = True

    def rows_of_class(self, *names: str) -> IntArray:
        """The rows of objects of these classes."""
        return np.flatnonzero(np.isin(self.class_id, np.flatnonzero(np.isin(self.names, names))))


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The body of one person, looked for while no large face is in the picture.

    looked (m,): frames looked at; one row per body: frame (n,), box_px (n, 4) what is seen of it, head_px (n, 4) the
    whole head, points_px (n, 33, 2) and visibility (n, 33) 0..1 in MediaPipe's order (0 nose, 7 and 8 ears, 11 and
    12 shoulders, 15 and 16 wrists, 23 and 24 hips, 27 and 28 ankles).
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    head_px: FloatArray
    points_px: FloatArray
    visibility: FloatArray

    @property
    def confidence(self) -> FloatArray:
        """How much a body the points make (n,), 0..1: hands alone, taken for bodies, stay under 0.3."""
        return bodies.body_plausibility(self.points_px, self.visibility)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Graphics laid over the picture.

    looked (m,): frames looked at; one row per overlay: first (n,) and end (n,): frames [first, end) it stands,
    box_px (n, 4), kind (n,): 0 to be kept whole (captions, lower thirds), 1 to be ignored (logos, watermarks: small,
    in a corner, always there), score (n,) 0..1.
    """

    looked: IntArray
    first: IntArray
    end: IntArray
    box_px: FloatArray
    kind: IntArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ScreenContent:
    """How much pictures look drawn (screen recordings, slides) rather than seen by a camera.

    looked (m,): frames looked at; flat, hard, still (m,): shares of the picture that are without noise, that hold
    letters or lines on a flat ground, that did not change since the look before; box_px (m, 4): what holds nearly
    all letters and lines.
    """

    looked: IntArray
    flat: FloatArray
    hard: FloatArray
    still: FloatArray
    box_px: FloatArray

    @property
    def confidence(self) -> FloatArray:
        """How surely each look (m,) shows screen content, 0..1.

        Measured: screen recording flat 0.37, hard 0.15, still 0.99; fifteen camera clips hard up to 0.06, or still
        under 0.86.
        """
        dense = bodies.ramp(self.flat, 0.15, 0.3) * bodies.ramp(self.hard, 0.07, 0.12)
        # A slide is mostly empty: what is not flat is letters.
        sparse = bodies.ramp(self.flat, 0.6, 0.75) * bodies.ramp(self.hard / np.maximum(1 - self.flat, 0.02), 0.1, 0.2)
        likeness: FloatArray = np.maximum(dense, sparse) * bodies.ramp(self.still, 0.75, 0.92)
        return likeness


@dataclass(frozen=True, slots=True, eq=False)
class Panels:
    """Rectangles of picture on a flat ground: video calls, split screens, picture-in-picture.

    looked (m,): frames looked at; one row per panel: frame (n,), box_px (n, 4), score (n,) 0..1 how much of a rectangle
    it is. One picture inside bars is none: see `Border`.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What moves against the background.

    looked (m,), since (m,): second and first frame of each measured pair; energy (m,): mean speed of the picture
    against the background, picture widths per second; camera_px_s (m, 2): speed of the background itself;
    frame (n,), box_px (n, 4), weight (n,): movers, one row per connected moving region, weight its share of
    the energy of its pair.
    """

    looked: IntArray
    since: IntArray
    energy: FloatArray
    camera_px_s: FloatArray
    frame: IntArray
    box_px: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """Centre of interest: looked (m,), point_px (m, 2), confidence (m,) 0..1."""

    looked: IntArray
    point_px: FloatArray
    confidence: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """The active picture inside constant dark bars: box_px (4,) left, top, width, height."""

    box_px: FloatArray

    @property
    def active(self) -> Rect:
        """The active picture as a rectangle."""
        left, top, width, height = (float(v) for v in self.box_px)
        return Rect(left, top, width, height)


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """RMS level in dB full scale per 20 ms of sound, from the time of the first picture on."""

    level_db: FloatArray
    step_s: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """Where somebody speaks: probability (k,) 0..1 per `step_s` of sound, from the time of the first picture on.

    segment_start_s, segment_end_s (s,): stretches of speech; pauses under 0.3 s do not split them.
    """

    probability: FloatArray
    segment_start_s: FloatArray
    segment_end_s: FloatArray
    step_s: float = 0.032

    def speaking(self, time_s: float, within_s: float = 0.0, above: float = 0.5) -> bool:
        """Whether the probability exceeds `above` anywhere within `within_s` of a time."""
        first = max(0, int((time_s - within_s) / self.step_s))
        return bool(np.any(self.probability[first : max(0, int((time_s + within_s) / self.step_s) + 1)] > above))


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What is said: start_s (n,), end_s (n,) from the time of the first picture on, text (n,)."""

    start_s: FloatArray
    end_s: FloatArray
    text: npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Lips:
    """How far mouths are open, while somebody speaks: of the only face in the picture for a part of the time.

    looked (m,): frames looked at; one row per face whose lips were found: frame (n,), box_px (n, 4) the face,
    gap (n,): distance of the lips as a share of the face's height.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    gap: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Cepstrum:
    """Short-time spectrum of the sound as 13 coefficients (m, 13) per `step_s`, for the optional speaker network."""

    coefficient: npt.NDArray[np.float32]
    step_s: float = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class ActiveSpeaker:
    """What the optional speaker network says; empty where none was chosen.

    looked (m,): frames looked at; one row per face: frame (n,), box_px (n, 4), logit (n,): above 0 the face speaks.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    logit: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """Who speaks, ten times a second.

    looked (k,): frames of the steps; offscreen (k,): probability that somebody speaks who is not in the picture.
    One row per step and face in the picture: frame (n,), track (n,) its number in `Tracks`, probability (n,) that
    this face speaks, with turns shorter than 0.6 s smoothed away and each turn's start in its place.
    """

    looked: IntArray
    offscreen: FloatArray
    frame: IntArray
    track: IntArray
    probability: FloatArray

    def probabilities(self, tracks: IntArray, first: int = 0, end: int | None = None) -> tuple[IntArray, FloatArray]:
        """Steps (k,) in [first, end) and the probability (k, t) of each of `tracks`; 0 where a face is not seen."""
        steps = self.looked[(self.looked >= first) & ((self.looked < end) if end is not None else True)]
        likely = np.zeros((len(steps), len(tracks)))
        for column, track in enumerate(tracks):
            rows = np.flatnonzero((self.track == track) & np.isin(self.frame, steps))
            likely[np.searchsorted(steps, self.frame[rows]), column] = self.probability[rows]
        return steps, likely


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """How people look: frame (n,), box_px (n, 4) the face, tone (n, k) colour histograms of hair, face and clothes."""

    frame: IntArray
    box_px: FloatArray
    tone: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Detections linked into identities inside one shot.

    One row per detection: track (n,) its number, frame (n,), box_px (n, 4): the face of a person, all of what is
    none; keep_px (n, 4) what a crop must keep of it (the head with hair of a person), score (n,) 0..1; basis (n,)
    what a row of a person rests on: 0 a face that was seen, 1 the head of a pose, 2 the body box of an object. For 1
    the face, for 2 face and head are estimates; what is no person has basis 0. body_px (n, 4): the body of a person
    where it is known, else a row of NaN.
    One row per track: kind (t,) 0 person, 1 mover, 2 object; shot (t,) number of the shot it lives in; person (t,)
    who it is across all shots, -1 for what is no person; label (t,) the class of an object, "person" for a person,
    "" for a mover.
    """

    track: IntArray
    frame: IntArray
    box_px: FloatArray
    keep_px: FloatArray
    score: FloatArray
    kind: IntArray
    shot: IntArray
    person: IntArray
    basis: IntArray
    body_px: FloatArray
    label: npt.NDArray[np.str_]

    def face_rows_of(self, track: int) -> IntArray:
        """The rows of a person whose face was seen; none of what is no person."""
        person = self.kind[track] == 0
        return np.flatnonzero((self.track == track) & (self.basis == 0) & person)


@dataclass(frozen=True, slots=True, eq=False)
class Perception:
    """All signals of one media, by signal name; `digest` names exactly this analysis."""

    media_digest: str
    digest: str
    signals: Mapping[str, Any]

    def get(self, kind: type[T]) -> T | None:
        """The signal whose value is of type `kind`, or None where it was not measured."""
        return next((value for value in self.signals.values() if isinstance(value, kind)), None)

    def need(self, kind: type[T]) -> T:
        """The signal of type `kind`.

        Raises
        ------
        LookupError
            It was not measured.
        """
        value = self.get(kind)
        if value is None:
            raise LookupError(
                f"this perception holds no {kind.__name__}; it has {', '.join(self.signals) or 'nothing'}"
            )
        return value
