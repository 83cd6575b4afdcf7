"""What is measured of people and objects: detections, tracks, looks, and who speaks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from panscan.model import bodies
from panscan.model.bodies import FloatArray
from panscan.model.time import IntArray

HAND_LABEL = "hand"  # `Tracks.label` of a hand


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces in the sampled pictures. Small ones may be found in every third sample only.

    Hands and backs of heads are among them: `confidence` tells them apart.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    frame : ndarray (n,), int64
        Frame of each face.
    box_px : ndarray (n, 4)
        From brow to chin.
    score : ndarray (n,)
        The detector's score, 0..1.
    sharpness : ndarray (n,)
        0..1; low for faces in a blurred background.
    points_px : ndarray (n, 6, 2)
        The person's right eye, left eye, nose tip, mouth, right ear, left ear.
    life : ndarray (n,)
        0..1; low for faces in still images (posters, photos), which do not change by a pixel for many seconds while
        other things move. All 1 where this was not measured.
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
        """Boxes (k, 4) of the newest sample at or before a frame."""
        sample = int(np.searchsorted(self.looked, frame, side="right")) - 1
        return self.box_px[self.frame == self.looked[sample]] if sample >= 0 else self.box_px[:0]

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
    """Objects of known classes in the sampled pictures; one row per object, by frame and then by falling score.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    frame : ndarray (n,), int64
        Frame of each object.
    box_px : ndarray (n, 4)
    score : ndarray (n,)
        The detector's score, 0..1.
    class_id : ndarray (n,), int64
        The object's class, as a place in `names`.
    names : ndarray (c,), str
        The classes that the weights know.
    available : bool
        False where there were no weights, so that nothing was searched for.
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
class Hands:
    """Hands in the sampled pictures; now and then a face or a shoulder is among them.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    frame : ndarray (n,), int64
        Frame of each hand.
    box_px : ndarray (n, 4)
        Palm and fingers.
    score : ndarray (n,)
        The detector's score, 0..1.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The body of one person, searched for while no large face is in the picture.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    frame : ndarray (n,), int64
        Frame of each body.
    box_px : ndarray (n, 4)
        The visible part of the body.
    head_px : ndarray (n, 4)
        The whole head.
    points_px : ndarray (n, 33, 2)
        In MediaPipe's order: 0 nose, 7 and 8 ears, 11 and 12 shoulders, 15 and 16 wrists, 23 and 24 hips, 27 and 28
        ankles.
    visibility : ndarray (n, 33)
        How surely each point is visible, 0..1.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    head_px: FloatArray
    points_px: FloatArray
    visibility: FloatArray

    @property
    def confidence(self) -> FloatArray:
        """How plausible a body the points make (n,), 0..1: hands alone, taken for bodies, stay under 0.3."""
        return bodies.body_plausibility(self.points_px, self.visibility)


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """How people look, to know one person again in another shot.

    Attributes
    ----------
    frame : ndarray (n,), int64
    box_px : ndarray (n, 4)
        The face.
    tone : ndarray (n, k)
        Colour histograms of hair, face and clothes.
    """

    frame: IntArray
    box_px: FloatArray
    tone: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Detections linked into identities inside one shot: n rows (detections) of t tracks.

    Attributes
    ----------
    track : ndarray (n,), int64
        Number of the row's track.
    frame : ndarray (n,), int64
    box_px : ndarray (n, 4)
        The face of a person, or the whole mover or object.
    keep_px : ndarray (n, 4)
        What a crop must keep: the head with hair of a person, or the whole mover or object.
    score : ndarray (n,)
        0..1.
    kind : ndarray (t,), int64
        0 person, 1 mover, 2 object.
    shot : ndarray (t,), int64
        Number of the shot that the track is in.
    person : ndarray (t,), int64
        Who it is, over all shots; -1 for movers and objects.
    basis : ndarray (n,), int64
        How the row of a person was measured. 0: the face was seen. 1: only the head of a pose was seen, the face box
        is an estimate. 2: only an object's body box was seen, face and head are estimates. Movers and objects: 0.
    body_px : ndarray (n, 4)
        The body of a person, NaN where it is not known.
    label : ndarray (t,), str
        The class of an object, "person" for a person or, where the face is an animal's, that animal, "" for a mover.
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
        """The rows of a person whose face was seen; none for movers and objects."""
        person = self.kind[track] == 0
        return np.flatnonzero((self.track == track) & (self.basis == 0) & person)


@dataclass(frozen=True, slots=True, eq=False)
class Lips:
    """How far mouths are open, while somebody speaks. Where only one face is in the picture, for a part of the time.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    frame : ndarray (n,), int64
        Frame of each face whose lips were found.
    box_px : ndarray (n, 4)
        The face.
    gap : ndarray (n,)
        Distance of the lips, as a share of the face's height.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    gap: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ActiveSpeaker:
    """What the optional speaker network says; empty where no weights were chosen.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    frame : ndarray (n,), int64
        Frame of each face.
    box_px : ndarray (n, 4)
    logit : ndarray (n,)
        Above 0 the face speaks.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    logit: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """How likely it is that each face speaks, ten times a second: evidence, of which `direct` makes turns.

    One row per step and face in the picture. While somebody is heard, the probabilities of a step and `offscreen` add
    up to 1; else all are 0.

    Attributes
    ----------
    looked : ndarray (k,), int64
        Frames of the steps.
    offscreen : ndarray (k,)
        Probability that somebody speaks who is not in the picture.
    frame : ndarray (n,), int64
        Frame of each row.
    track : ndarray (n,), int64
        Number of the face in `Tracks`.
    probability : ndarray (n,)
        That this face speaks.
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
