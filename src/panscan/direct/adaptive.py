"""The adaptive method.

Whoever speaks where several people do not fit side by side; else the steadiest, largest people, with those beside them
that fit; else what moves; else the centre of interest. The preset's weights shift these steps.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import distance_to_nearest, runs_of_true
from panscan.direct.aims import (
    aim_at_motion,
    aim_at_subjects,
    aim_at_turns,
    choose_center_of_interest,
    concatenate_aims,
    fit_together,
    select_rows,
)
from panscan.direct.importance import mean_motion_share
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.direct.turns import find_turns, speaking_elsewhere
from panscan.model.perception import Faces, FloatArray, Flow, IntArray, Objects
from panscan.model.plan import Aim, Subject

# Weights are compared with that of the first subject of the shot; the shares below were chosen while looking at the
# clips of the framing benchmark.
_STEADY_SHARE = 0.25  # of a shot's samples, in which a subject must be found: one who only passes does not lead
_STEADY_SCORE = 0.3  # mean score, 0..1: below, detectors are as often wrong as right
_FEW_SAMPLES, _FEW_SAMPLES_SHARE = 3, 0.9  # seen less often than that, a subject must be there nearly all the time
_COMPANION = 0.45  # a subject of this share of the first one's weight is kept too when it fits
_PARTNER = 0.3  # people of this share may take turns: a listener in the back is smaller than one who talks in front
_CLOSE = 0.7  # people of this share may lead if they move more
_ALIKE = 0.55  # people of this share matter as much: no single one may be shown alone
_SPEAKS = 0.5  # probability from which somebody speaks rather than not
# The likeliest speaker's probability must exceed the second's by this much (median while one of them speaks): 0.73
# against 0.27 of a shared voice. In a guess two are about as likely.
_SPEAKER_MARGIN = 0.45
_SURE = 0.25  # a subject of this weight leads whatever moves elsewhere: a clear face of a sixth of the picture's height
_BUSY = 0.025  # picture widths per second, mean over the picture: something large moves
_SUPPORT = 0.25  # share of the motion that has to happen around an unsure subject
_WIDE_MOTION = 0.6  # of the picture's width: so wide a box of motion holds every face and supports none
_ANIMALS = frozenset(("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"))
# Factor on an animal's weight: its box is the whole animal, a person's only the face, and people come first.
_ANIMAL = 0.13
_UNSEEN_FACE = 0.7  # factor on the weight of a person whose face is turned away: faces are what people look at
_SIZE_POWER = 0.7  # of the size in a weight: twice the size is not twice as important
_ASIDE = 0.3  # share of its weight that a place at the picture's edge costs a subject
_AWAY_S = 0.8  # seconds from which what leads the shot is away and others are shown: a turn of the head is shorter
_KEPT_S = 0.5  # seconds: a body not seen for less is still there
_LOOK_S = 0.2  # seconds between the moments at which presence is asked

WeightedSubject = tuple[Subject, float]


def adaptive(context: ShotContext) -> MethodResult:
    """Choose per shot: people (and animals, and what the user asked for), else movers, else the centre of interest."""
    leads = _steady_subjects(context)
    if leads and (leads[0][1] >= _SURE or not _motion_is_elsewhere(leads[0][0], context)):
        shown = _companions(leads, context)
        if len(shown) < len(leads):
            people = [s for s, weight in leads if s.kind == "person" and weight >= _PARTNER * leads[0][1]]
            choice = follow_speakers(people, context) if len(people) > 1 else None
            if choice is not None:
                return choice
        why = f"{shown[0][0].name} is the largest steady {shown[0][0].label} (weight {shown[0][1]:.2f})"
        if len(shown) > 1:
            why += f", with {' and '.join(s.name for s, _ in shown[1:])} beside"
        if len(leads) > len(shown):
            why += f"; {len(leads) - len(shown)} more in the shot"
        alike = tuple(s for s, weight in leads if weight >= _ALIKE * leads[0][1])
        aim, others = _fill_absences(aim_at_subjects([s for s, _ in shown], context), [s for s, _ in shown], context)
        if others:
            why += f"; while away: {', '.join(others)}"
        return MethodResult(
            aim,
            why,
            tuple(s for s, _ in shown),
            alike if len(alike) > len(shown) else (),
        )
    moving = aim_at_motion(context)
    if moving is not None:
        return MethodResult(moving, "nobody steady: what moves most against the background")
    return choose_center_of_interest(context)


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
    names = [s.name for _, _, s in spoken]
    why = f"{names[0]} speaks" if len(set(names)) == 1 else f"{len(names)} turns: {', '.join(names[:6])} speak"
    if len(people) > 1:
        why += f"; {len(people)} people in the shot"
    return MethodResult(aim_at_turns(spoken, context), why, tuple(dict.fromkeys(s for _, _, s in spoken)))


def _fill_absences(aim: Aim, shown: list[Subject], context: ShotContext) -> tuple[Aim, list[str]]:
    """The aim, completed by other people where those shown are away for long; and the names of these."""
    step = max(1, round(_LOOK_S * context.rate))
    times = np.arange(context.shot.first, context.shot.end, step)
    away = distance_to_nearest(aim.frame, times) > _AWAY_S * context.rate
    others = [s for s in context.of_kind("person") if s not in shown and float(np.mean(s.score)) >= _STEADY_SCORE]
    parts, names = [aim], []
    for first, end in _spans(times, away, step):
        inside = [
            (s, int(np.count_nonzero((s.frame >= first) & (s.frame < end)) * np.median(s.keep_px[:, 3])))
            for s in others
        ]
        seen = [(s, weight) for s, weight in inside if weight > 0]
        if not seen:
            continue
        person = max(seen, key=lambda row: row[1])[0]
        found = aim_at_subjects([person], context)
        parts.append(select_rows(found, (found.frame >= first) & (found.frame < end)))
        names.append(person.name)
    return (concatenate_aims(parts), list(dict.fromkeys(names))) if names else (aim, [])


def _spans(times: IntArray, flagged: npt.NDArray[np.bool_], step: int) -> list[tuple[int, int]]:
    """Frames [first, end) of the runs of flagged times."""
    return [(int(times[a]), int(times[b - 1]) + step) for a, b in runs_of_true(flagged)]


def _speaker_is_clear(probability: FloatArray, elsewhere: FloatArray) -> bool:
    """Whether it is clear, while one of n people speaks, who that is: the second likeliest may be somebody else."""
    spoken = probability.max(axis=1) > _SPEAKS
    if not spoken.any():
        return False
    ranked = np.sort(np.column_stack([probability, elsewhere])[spoken], axis=1)
    return float(np.median(ranked[:, -1] - ranked[:, -2])) >= _SPEAKER_MARGIN


def _steady_subjects(context: ShotContext) -> list[WeightedSubject]:
    """Subjects that are present for long, most important first.

    Weight = share of samples x score x size x position x the preset's weight for the signal.
    """
    found = []
    for subject in context.of_kind("person", "object"):
        if subject.kind == "object" and subject.label not in _ANIMALS | context.preferences.liked:
            continue
        share = _presence_share(subject, context)
        score = float(np.mean(subject.score))
        if (
            share < (_STEADY_SHARE if len(subject.frame) >= _FEW_SAMPLES else _FEW_SAMPLES_SHARE)
            or score < _STEADY_SCORE
        ):
            continue
        box = np.median(subject.box_px, axis=0)
        size = float(box[3]) / context.bounds.height
        aside = abs(float(box[0] + box[2] / 2) - context.bounds.center_x) / context.bounds.width
        weight = min(1.0, share) * score * size**_SIZE_POWER * (1 - _ASIDE * aside)
        if subject.kind == "person":
            faced = float(np.mean(subject.basis == 0))
            weight *= faced * context.relative_weight("face") + _UNSEEN_FACE * (1 - faced) * context.relative_weight(
                "pose"
            )
        else:
            weight *= context.relative_weight("objects") * (
                1.0 if subject.label in context.preferences.liked else _ANIMAL
            )
        found.append((subject, weight * context.preferences.factor(subject, size)))
    return _livelier_first(sorted(found, key=lambda row: -row[1]), context)


def _livelier_first(leads: list[WeightedSubject], context: ShotContext) -> list[WeightedSubject]:
    """Among those that are nearly as important as the first, whoever moves more gains."""
    close = [(s, w) for s, w in leads if w >= _CLOSE * leads[0][1]] if leads else []
    if len(close) < 2:
        return leads
    gained = [(s, w * (1 + context.relative_weight("flow") * mean_motion_share(s, context))) for s, w in close]
    return [*sorted(gained, key=lambda row: -row[1]), *leads[len(close) :]]


def _presence_share(subject: Subject, context: ShotContext) -> float:
    """In how much of the shot a subject is seen, 0..1: samples with its face, and else the time with its body."""
    objects, faces = context.perception.get(Objects), context.perception.get(Faces)
    signal = objects if subject.kind == "object" else faces
    looks = 0 if signal is None else _samples_in_shot(signal.looked, context)
    own = subject.basis == 0 if subject.kind == "person" else np.ones(len(subject.frame), np.bool_)
    share = min(1.0, float(np.count_nonzero(own)) / max(1, looks))
    if own.all():
        return share
    times = np.arange(context.shot.first, context.shot.end, max(1, round(_LOOK_S * context.rate)))
    near = distance_to_nearest(subject.frame[~own], times) <= _KEPT_S * context.rate
    return share + (1 - share) * float(near.mean())


def _samples_in_shot(looked: IntArray, context: ShotContext) -> int:
    return int(np.count_nonzero((looked >= context.shot.first) & (looked < context.shot.end)))


def _companions(leads: list[WeightedSubject], context: ShotContext) -> list[WeightedSubject]:
    """The first subject and those of similar importance that fit in one window with it."""
    chosen = leads[:1]
    for subject, weight in leads[1:]:
        if weight >= _COMPANION * leads[0][1] and fit_together([*(s for s, _ in chosen), subject], context):
            chosen = [*chosen, (subject, weight)]
    return chosen


def _motion_is_elsewhere(lead: Subject, context: ShotContext) -> bool:
    """Whether much moves, and nearly all of it away from this subject: a blurred or painted face in the background."""
    flow = context.perception.get(Flow)
    if flow is None:
        return False
    inside = (flow.since >= context.shot.first) & (flow.looked < context.shot.end)
    if not inside.any() or float(np.median(flow.energy[inside])) < _BUSY / max(0.1, context.relative_weight("flow")):
        return False
    rows = np.flatnonzero(np.isin(flow.frame, flow.looked[inside]))
    head = np.stack([np.interp(flow.frame[rows], lead.frame, lead.keep_px[:, n]) for n in range(4)], axis=-1)
    left, right = flow.box_px[rows, 0], flow.box_px[rows, 0] + flow.box_px[rows, 2]
    middle = head[:, 0] + head[:, 2] / 2
    # A box over most of the picture holds every face: it supports none.
    around = (left <= middle) & (middle <= right) & (flow.box_px[rows, 2] < _WIDE_MOTION * context.bounds.width)
    weight = flow.weight[rows]
    return float(weight[around].sum()) < _SUPPORT * float(weight.sum())
