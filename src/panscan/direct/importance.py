"""How much each subject matters at each moment: one rule for persons, animals, things and movers, for all methods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.direct.evidence import BODY, FACE, FRONT, HAND, HEAD, MOVER, OBJECT, TITLE, Evidence, gather_evidence
from panscan.direct.shot_context import NEUTRAL_WEIGHTS, ShotContext
from panscan.model.perception import FloatArray, IntArray
from panscan.model.plan import Subject

_SMALLEST = 0.02  # of the picture: smaller counts as this small, so that a power of it stays above 0
_LEAN = 1 / 3  # power of a preset's relative weights: six times the usual counts not quite twice
_CLEAR = 4.0  # a face whose head and shoulders fill a quarter of the picture's height is clear


@dataclass(frozen=True, slots=True)
class ImportanceParameters:
    """What weighs how much; a face that fills the picture, straight on and all along, weighs 1.

    The values are chosen on clips with truth, all at once; `benchmarks/fit_importance.py` fits them, says what a fit is
    worth on clips left out, and what each value does.

    Attributes
    ----------
    head : float
        A head whose face is not seen.
    body : float
        The rest of a person.
    object : float
        An animal, a vehicle, a ball or another thing; a hand, as far as no face is clear.
    front : float
        Factor on the end of a thing that goes ahead.
    mover : float
        Something that moves, whatever it is.
    title : float
        A title: it is there to be read, as a face is to be seen.
    motion_profile, interest_profile : float
        The picture's columns that change by themselves, and those unlike its border.
    center_of_interest, middle : float
        The picture's centre of interest, and its middle.
    size, presence : float
        Powers of a subject's size and of its share of the shot.
    speech, motion : float
        What speaking, and all of the picture's motion, add to a subject's weight, in shares of it.
    held : float
        The same for a hand that is at a thing all along, where no face is clear: people handle what they are about.
    aside : float
        What a place one picture's width from the middle takes of a weight.
    wide : float
        Power of the share of a body or thing that fits in the window, and of what a mover leaves of the picture.
    beside_face : float
        What a clear face in the shot takes of all that is no person, as a share.
    crowd : float
        How subjects of one kind add up: the norm's power, 1 for a sum; the higher, the more the greatest alone counts.
    cut : float
        What a window loses that cuts through a subject, in weights of the subject.
    move : float
        Seconds of the best view that a move costs.
    way : float
        Seconds of the best view that a window's width of way costs.
    """

    head: float = 0.34
    body: float = 0.15
    object: float = 0.36
    front: float = 0.41
    mover: float = 0.085
    title: float = 1.0
    motion_profile: float = 0.33
    interest_profile: float = 0.4
    center_of_interest: float = 0.17
    middle: float = 0.02
    size: float = 0.44
    presence: float = 0.39
    speech: float = 2.5
    motion: float = 1.35
    held: float = 4.0
    aside: float = 0.87
    wide: float = 4.1
    beside_face: float = 0.23
    crowd: float = 6.0
    cut: float = 0.6
    move: float = 0.1
    way: float = 0.24


DEFAULT_PARAMETERS = ImportanceParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """How much n subjects matter at k moments.

    Attributes
    ----------
    frame : ndarray, shape (k,)
        The moments.
    value : ndarray, shape (n, k)
        The weight of each subject, 0 where it is not seen.
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


def weigh(
    evidence: Evidence, context: ShotContext, parameters: ImportanceParameters = DEFAULT_PARAMETERS
) -> FloatArray:
    """The weight (n,) of each part of a subject: its kind's, by size, presence, speech, motion and place."""
    p, part = parameters, evidence.part
    unclear = 1 - _clearest_face(evidence)
    kind = np.array([1.0, p.head, p.body, p.object, p.object * p.front, p.object * unclear, p.mover, p.title])[part]
    signals = ("face", "pose", "pose", "objects", "objects", "objects")
    preset = np.array([*(lean(context, name) for name in signals), 1.0, 1.0])
    subjects = part != MOVER
    sides = np.maximum(evidence.box_px[:, 2:], 1e-3)
    held = np.minimum(1.0, np.array(context.window) / sides).min(axis=1)
    held[(part == FACE) | (part == HEAD)] = 1.0  # wider ones are close to the camera: that makes them no less worth
    fits = np.where(subjects, held, np.clip(1 - sides[:, 0] / context.bounds.width, 0.0, 1.0))
    weights, neutral = context.preset.weights, NEUTRAL_WEIGHTS
    sounding = (weights.flow + weights.audio * evidence.loud) / (neutral.flow + neutral.audio * evidence.loud)
    moving = sounding**_LEAN * evidence.motion
    weight = kind * preset[part] * evidence.score * fits**p.wide * np.clip(1 - p.aside * evidence.aside, 0.0, 1.0)
    weight *= np.where(subjects, np.maximum(evidence.size, _SMALLEST) ** p.size * evidence.presence**p.presence, 1.0)
    weight *= 1 + p.speech * lean(context, "speech") * evidence.speech
    weight *= 1 + p.held * unclear * evidence.held
    weight *= np.where(subjects, 1 + p.motion * moving, moving)
    no_person = (part == OBJECT) | (part == FRONT) | (part == HAND) | (part == MOVER) | (part == TITLE)
    weight *= np.where(no_person, 1 - p.beside_face * (1 - unclear), 1.0)
    if context.preferences.liked or context.preferences.avoided:
        factor = [context.preferences.factor(s, _height(s, context)) for s in context.subjects]
        weight *= np.array([*factor, 1.0])[evidence.subject]
    return np.asarray(weight)


def lean(context: ShotContext, signal: str) -> float:
    """The factor of a preset on what a signal says: a root of its relative weight.

    Presets were written for sums in which a weight of six times the usual made one signal decide alone; here all
    evidence of a subject is multiplied, and a root is enough to shift who leads.
    """
    return float(context.relative_weight(signal) ** _LEAN)


def importance(context: ShotContext, subjects: tuple[Subject, ...]) -> Importance:
    """The weight of some subjects of a shot over time: that of the part which a crop would have to keep."""
    evidence = gather_evidence(context)
    weight = weigh(evidence, context)
    value = np.zeros((len(subjects), len(evidence.frame)))
    boxes = np.full((*value.shape, 4), np.nan)
    for n, subject in enumerate(subjects):
        mine = evidence.subject == context.subjects.index(subject)
        rows = np.flatnonzero(mine & (evidence.part != BODY) & (evidence.part != FRONT))
        value[n, evidence.moment[rows]] = weight[rows]
        boxes[n, evidence.moment[rows]] = evidence.box_px[rows]
    return Importance(evidence.frame, value, boxes)


def _clearest_face(evidence: Evidence) -> float:
    """How clearly a face is in the shot, 0..1: the best of all subjects' presence x score x size."""
    rows = evidence.part == FACE
    clear = evidence.presence[rows] * evidence.score[rows] * np.minimum(1.0, evidence.size[rows] * _CLEAR)
    return float(np.clip(clear.max(), 0.0, 1.0)) if clear.size else 0.0


def _height(subject: Subject, context: ShotContext) -> float:
    """Median height of what must be kept of a subject, as a share of the picture's height."""
    return float(np.median(subject.keep_px[:, 3])) / context.bounds.height
