"""Ways to choose who is shown. A method sees one shot as a `ShotContext` and answers with a `MethodResult`.

Each falls back to something that is there: no method ever answers with nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panscan.arrays.boxes import centers
from panscan.arrays.samples import distance_to_nearest, interpolate_rows
from panscan.direct.adaptive import adaptive, follow_speakers
from panscan.direct.aims import aim_at_strongest, aim_at_subjects, choose_center_of_interest, fit_together, no_boxes
from panscan.direct.importance import importance
from panscan.direct.reasons import list_names
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.model.perception import FloatArray
from panscan.model.plan import Aim, Subject

__all__ = ["adaptive", "gravity", "max_movement", "max_weight", "single_object", "talking_person"]

_BRIEF_S = 0.5  # seconds: a subject seen for less cannot lead a shot that is longer
_BRIEF_SAMPLES = 5  # unless it is seen more often than this
_FAST = 0.25  # picture widths per second: faster does not count for more, it crosses the picture in four seconds
_SPEED_S = 0.4  # seconds over which speed is measured: shorter, boxes tremble
_SEEN_S = 0.5  # seconds: a subject not seen for longer has no speed
_LEAST_PRESENCE = 0.1  # of the shot, that every subject counts


def single_object(context: ShotContext) -> MethodResult:
    """The largest person, for the whole shot; without one the largest object, then the largest mover."""
    for kind in ("person", "object", "mover"):
        found = _lasting_subjects(context, kind)
        if found:
            size = [float(np.median(s.keep_px[:, 2] * s.keep_px[:, 3])) * _presence(s, context) for s in found]
            size = [v * context.preferences.factor(s) for v, s in zip(size, found, strict=True)]
            chosen = found[int(np.argmax(size))]
            why = f"shows {chosen.known_as}, the largest {chosen.label or kind}"
            return MethodResult(aim_at_subjects([chosen], context), why, (chosen,))
    return choose_center_of_interest(context)


def talking_person(context: ShotContext) -> MethodResult:
    """Whoever speaks, turn by turn; where that cannot be told, as the adaptive method."""
    people = [s for s in _lasting_subjects(context, "person") if (s.basis == 0).any()]
    choice = follow_speakers(people, context) if len(people) > 1 else None
    if choice is not None:
        return choice
    other = adaptive(context)
    return replace(other, why=f"{other.why}; nobody is seen to speak")


def max_weight(context: ShotContext) -> MethodResult:
    """As many subjects as fit in one window, the most important first."""
    found = [s for kind in ("person", "object", "mover") for s in _lasting_subjects(context, kind)]
    if not found:
        return choose_center_of_interest(context)
    weight = importance(context, tuple(found)).mean
    shown: list[Subject] = []
    for n in np.argsort(-weight, kind="stable"):
        if weight[n] > 0 and (not shown or fit_together([*shown, found[n]], context)):
            shown.append(found[n])
    if not shown:
        return choose_center_of_interest(context)
    why = f"shows {list_names(shown, found)}: {len(shown)} of {len(found)} fit"
    return MethodResult(aim_at_subjects(shown, context), why, tuple(shown))


def max_movement(context: ShotContext) -> MethodResult:
    """The fastest subject; a change needs a clear gain."""
    found = tuple(s for kind in ("person", "object", "mover") for s in _lasting_subjects(context, kind))
    if found:
        frames = np.unique(np.concatenate([s.frame for s in found]))
        strength = np.stack([_speed(s, frames, context) for s in found]) / _FAST
        choice = aim_at_strongest(found, frames, np.minimum(strength, 1.0), context)
        if choice is not None:
            names = choice.subject.removesuffix("+...").split("+")
            shown = tuple(s for name in names for s in found if s.name == name)
            return MethodResult(choice, f"follows {list_names(shown, found)}, the fastest", shown)
    other = single_object(context)
    return MethodResult(other.aim, f"{other.why}; nothing moves", other.subjects)


def gravity(context: ShotContext) -> MethodResult:
    """The centre of mass of all subjects, weighted by how much each matters at each moment."""
    found = context.subjects
    if not found:
        return choose_center_of_interest(context)
    weighed = importance(context, found)
    total = weighed.value.sum(axis=0)
    known = total > 1e-6
    if not known.any():
        return choose_center_of_interest(context)
    box = np.nan_to_num(weighed.box_px[:, known])
    middle = box[..., :2] + box[..., 2:] / 2
    share = weighed.value[:, known] / total[known]
    wish = (share[..., None] * middle).sum(axis=0)
    frames = weighed.frame[known]
    nothing = no_boxes(frames)
    aim = Aim("gravity", frames, nothing, nothing.copy(), wish, np.clip(total[known] / max(total.max(), 1e-9), 0.1, 1))
    shown = tuple(found[n] for n in np.argsort(-weighed.mean, kind="stable"))
    return MethodResult(aim, f"centre of mass of {len(found)} subjects, mostly {shown[0].known_as}", shown)


def _lasting_subjects(context: ShotContext, kind: str) -> list[Subject]:
    """Subjects of a kind that are there for half a second, or throughout a shorter shot."""
    need = min(_BRIEF_S, 0.5 * context.duration_s)

    def lasts(s: Subject) -> bool:
        return (s.frame[-1] - s.frame[0] + 1) / context.rate >= need or len(s.frame) > _BRIEF_SAMPLES

    return [s for s in context.of_kind(kind) if lasts(s)]


def _presence(subject: Subject, context: ShotContext) -> float:
    """Share of the shot between a subject's first and last look, at least a tenth."""
    return max(_LEAST_PRESENCE, float(subject.frame[-1] - subject.frame[0] + 1) / context.shot.frame_count)


def _speed(subject: Subject, frames: np.typing.NDArray[np.int64], context: ShotContext) -> FloatArray:
    """Speed (k,) in picture widths per second at frames where the subject was just seen, else 0."""
    if len(subject.frame) < 2:
        return np.zeros(len(frames))
    middle = centers(subject.box_px)
    reach = _SPEED_S * context.rate / 2
    ends = [np.clip(frames + side * reach, subject.frame[0], subject.frame[-1]) for side in (-1, 1)]
    places = [interpolate_rows(subject.frame, middle, at) for at in ends]
    seconds = np.maximum(ends[1] - ends[0], 1) / context.rate
    speed = np.hypot(*(places[1] - places[0]).T) / seconds / context.bounds.width
    seen = distance_to_nearest(subject.frame, frames) <= _SEEN_S * context.rate
    return np.where(seen, speed, 0.0)
