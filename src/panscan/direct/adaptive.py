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
from panscan.direct.scene import MethodResult, ShotContext
from panscan.direct.turns import find_turns
from panscan.model.perception import Faces, FloatArray, Flow, IntArray, Objects
from panscan.model.plan import Aim, Subject

_STEADY_SHARE = 0.25  # of a shot's looks in which a subject must be found to count
_STEADY_SCORE = 0.3
_COMPANION = 0.45  # a second subject this important, compared with the first, is kept too when it fits
_PARTNER = 0.3  # people this important, compared with the first, may take the floor
_CLOSE = 0.7  # people this important, compared with the first, may lead if they move more
_ALIKE = 0.55  # people this important, compared with the first, matter as much
_SPEAKS = 0.5
_SPEAKER_MARGIN = 0.45  # of the likeliest speaker before the second
_SURE = 0.25  # a subject of this weight leads whatever moves elsewhere
_BUSY = 0.025  # picture widths per second, mean over the picture: something large moves
_SUPPORT = 0.25  # share of the motion that has to happen around an unsure subject
_ANIMALS = frozenset(("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"))
_ANIMAL = 0.13  # what an animal counts against a face as tall as all of it: faces are small, and people come first
_UNSEEN_FACE = 0.7  # what a person counts whose face is turned away
_AWAY_S = 0.8  # from what leads the shot is away, others are shown
_KEPT_S = 0.5  # a body not seen for less is still there

WeightedSubject = tuple[Subject, float]


def adaptive(scene: ShotContext) -> MethodResult:
    """Choose per shot: people (and animals, and what the user asked for), else movers, else the centre of interest."""
    leads = _steady_subjects(scene)
    if leads and (leads[0][1] >= _SURE or not _motion_is_elsewhere(leads[0][0], scene)):
        shown = _companions(leads, scene)
        if len(shown) < len(leads):
            people = [s for s, weight in leads if s.kind == "person" and weight >= _PARTNER * leads[0][1]]
            choice = follow_speakers(people, scene) if len(people) > 1 else None
            if choice is not None:
                return choice
        why = f"{shown[0][0].name} is the largest steady {shown[0][0].label} (weight {shown[0][1]:.2f})"
        if len(shown) > 1:
            why += f", with {' and '.join(s.name for s, _ in shown[1:])} beside"
        if len(leads) > len(shown):
            why += f"; {len(leads) - len(shown)} more in the shot"
        alike = tuple(s for s, weight in leads if weight >= _ALIKE * leads[0][1])
        aim, others = _fill_absences(aim_at_subjects([s for s, _ in shown], scene), [s for s, _ in shown], scene)
        if others:
            why += f"; while away: {', '.join(others)}"
        return MethodResult(
            aim,
            why,
            tuple(s for s, _ in shown),
            alike if len(alike) > len(shown) else (),
        )
    moving = aim_at_motion(scene)
    if moving is not None:
        return MethodResult(moving, "nobody steady: what moves most against the background")
    return choose_center_of_interest(scene)


def follow_speakers(people: list[Subject], scene: ShotContext) -> MethodResult | None:
    """Whoever of these people speaks, turn by turn, where it can be told; else None."""
    speaker = scene.speaker
    if speaker is None or not people:
        return None
    frames, probability = speaker.probabilities(np.array([s.track for s in people]), scene.shot.first, scene.shot.end)
    if len(frames) < 2 or not _speaker_is_clear(probability):
        return None
    step_s = float(np.median(np.diff(frames))) / scene.rate
    found = find_turns(probability, step_s, scene.preset.min_hold_s)
    edges = [scene.shot.first, *(int(frames[t.first]) for t in found[1:]), scene.shot.end]
    spoken = [(a, b, people[t.who]) for (a, b), t in zip(pairwise(edges), found, strict=True)]
    names = [s.name for _, _, s in spoken]
    why = f"{names[0]} speaks" if len(set(names)) == 1 else f"{len(names)} turns: {', '.join(names[:6])} speak"
    if len(people) > 1:
        why += f"; {len(people)} people in the shot"
    return MethodResult(aim_at_turns(spoken, scene), why, tuple(dict.fromkeys(s for _, _, s in spoken)))


def _fill_absences(aim: Aim, shown: list[Subject], scene: ShotContext) -> tuple[Aim, list[str]]:
    """The aim, completed by other people where those shown are away for long; and the names of these."""
    step = max(1, round(0.2 * scene.rate))
    times = np.arange(scene.shot.first, scene.shot.end, step)
    away = distance_to_nearest(aim.frame, times) > _AWAY_S * scene.rate
    others = [s for s in scene.of_kind("person") if s not in shown and float(np.mean(s.score)) >= _STEADY_SCORE]
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
        found = aim_at_subjects([person], scene)
        parts.append(select_rows(found, (found.frame >= first) & (found.frame < end)))
        names.append(person.name)
    return (concatenate_aims(parts), list(dict.fromkeys(names))) if names else (aim, [])


def _spans(times: IntArray, flagged: npt.NDArray[np.bool_], step: int) -> list[tuple[int, int]]:
    """Frames [first, end) of the runs of flagged times."""
    return [(int(times[a]), int(times[b - 1]) + step) for a, b in runs_of_true(flagged)]


def _speaker_is_clear(probability: FloatArray) -> bool:
    """Whether it is clear, while somebody speaks, who that is: in a guess two people are about as likely."""
    ranked = np.sort(probability, axis=1)
    spoken = ranked[:, -1] > _SPEAKS
    if not spoken.any():
        return False
    second = ranked[spoken, -2] if ranked.shape[1] > 1 else np.zeros(int(spoken.sum()))
    return float(np.median(ranked[spoken, -1] - second)) >= _SPEAKER_MARGIN


def _steady_subjects(scene: ShotContext) -> list[WeightedSubject]:
    """Subjects that last, most important first: share of looks x score x size x place x what the preset makes of it."""
    found = []
    for subject in scene.of_kind("person", "object"):
        if subject.kind == "object" and subject.label not in _ANIMALS | scene.preferences.liked:
            continue
        share = _presence_share(subject, scene)
        score = float(np.mean(subject.score))
        if share < _STEADY_SHARE or score < _STEADY_SCORE or (len(subject.frame) < 3 and share < 0.9):
            continue
        box = np.median(subject.box_px, axis=0)
        size = float(box[3]) / scene.bounds.height
        aside = abs(float(box[0] + box[2] / 2) - scene.bounds.center_x) / scene.bounds.width
        weight = min(1.0, share) * score * size**0.7 * (1 - 0.3 * aside)
        if subject.kind == "person":
            faced = float(np.mean(subject.basis == 0))
            weight *= faced * scene.relative_weight("face") + _UNSEEN_FACE * (1 - faced) * scene.relative_weight("pose")
        else:
            weight *= scene.relative_weight("objects") * (1.0 if subject.label in scene.preferences.liked else _ANIMAL)
        found.append((subject, weight * scene.preferences.factor(subject, size)))
    return _livelier_first(sorted(found, key=lambda row: -row[1]), scene)


def _livelier_first(leads: list[WeightedSubject], scene: ShotContext) -> list[WeightedSubject]:
    """Among those that are nearly as important as the first, whoever moves more gains."""
    close = [(s, w) for s, w in leads if w >= _CLOSE * leads[0][1]] if leads else []
    if len(close) < 2:
        return leads
    gained = [(s, w * (1 + scene.relative_weight("flow") * mean_motion_share(s, scene))) for s, w in close]
    return [*sorted(gained, key=lambda row: -row[1]), *leads[len(close) :]]


def _presence_share(subject: Subject, scene: ShotContext) -> float:
    """In how much of the shot a subject is seen, 0..1: looks with its face, and time with its body otherwise."""
    objects, faces = scene.perception.get(Objects), scene.perception.get(Faces)
    signal = objects if subject.kind == "object" else faces
    looks = 0 if signal is None else _samples_in_shot(signal.looked, scene)
    own = subject.basis == 0 if subject.kind == "person" else np.ones(len(subject.frame), np.bool_)
    share = min(1.0, float(np.count_nonzero(own)) / max(1, looks))
    if own.all():
        return share
    times = np.arange(scene.shot.first, scene.shot.end, max(1, round(0.2 * scene.rate)))
    near = distance_to_nearest(subject.frame[~own], times) <= _KEPT_S * scene.rate
    return share + (1 - share) * float(near.mean())


def _samples_in_shot(looked: IntArray, scene: ShotContext) -> int:
    return int(np.count_nonzero((looked >= scene.shot.first) & (looked < scene.shot.end)))


def _companions(leads: list[WeightedSubject], scene: ShotContext) -> list[WeightedSubject]:
    """The first subject and those of similar importance that fit in one window with it."""
    chosen = leads[:1]
    for subject, weight in leads[1:]:
        if weight >= _COMPANION * leads[0][1] and fit_together([*(s for s, _ in chosen), subject], scene):
            chosen = [*chosen, (subject, weight)]
    return chosen


def _motion_is_elsewhere(lead: Subject, scene: ShotContext) -> bool:
    """Whether much moves, and nearly all of it away from this subject: a blurred or painted face in the background."""
    flow = scene.perception.get(Flow)
    if flow is None:
        return False
    inside = (flow.since >= scene.shot.first) & (flow.looked < scene.shot.end)
    if not inside.any() or float(np.median(flow.energy[inside])) < _BUSY / max(0.1, scene.relative_weight("flow")):
        return False
    rows = np.flatnonzero(np.isin(flow.frame, flow.looked[inside]))
    head = np.stack([np.interp(flow.frame[rows], lead.frame, lead.keep_px[:, n]) for n in range(4)], axis=-1)
    left, right = flow.box_px[rows, 0], flow.box_px[rows, 0] + flow.box_px[rows, 2]
    middle = head[:, 0] + head[:, 2] / 2
    # A box over most of the picture holds every face: it supports none.
    around = (left <= middle) & (middle <= right) & (flow.box_px[rows, 2] < 0.6 * scene.bounds.width)
    weight = flow.weight[rows]
    return float(weight[around].sum()) < _SUPPORT * float(weight.sum())
