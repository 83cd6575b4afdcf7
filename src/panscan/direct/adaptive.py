"""How subjects are chosen. A method sees one shot as a `Scene` and answers with a `Choice`.

adaptive: whoever speaks where several faces do not fit side by side; else the largest steady face, with those beside
it that fit; else what moves; else the centre of interest.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from panscan.direct.aims import aim_at_faces, aim_at_interest, aim_at_motion, aim_at_turns, fit_together
from panscan.direct.scene import Choice, Scene
from panscan.direct.turns import turns
from panscan.model.perception import Faces, Flow, Speaker
from panscan.model.plan import Subject

_STEADY_SHARE = 0.25  # of a shot's looks in which a face must be found to count
_STEADY_SCORE = 0.3
_COMPANION = 0.45  # a second face this important, compared with the first, is kept too when it fits
_PARTNER = 0.3  # faces this important, compared with the first, may take the floor
_SPEAKS = 0.5
_SURE = 0.25  # a face of this weight is the subject whatever moves elsewhere
_BUSY = 0.025  # picture widths per second, mean over the picture: something large moves
_SUPPORT = 0.25  # share of the motion that has to happen around an unsure face


def adaptive(scene: Scene) -> Choice:
    """Choose per shot: faces, else movers, else the centre of interest; say which and why."""
    faces = _steady_faces(scene)
    if faces and (faces[0][1] >= _SURE or not _contradicted(faces[0][0], scene)):
        shown = _companions(faces, scene)
        if len(shown) < len(faces):
            talking = _talking(faces, scene)
            if talking is not None:
                return talking
        why = f"{shown[0][0].name} is the largest steady face (weight {shown[0][1]:.2f})"
        if len(shown) > 1:
            why += f", with {' and '.join(s.name for s, _ in shown[1:])} beside"
        if len(faces) > len(shown):
            why += f"; {len(faces) - len(shown)} more in the shot"
        return Choice(aim_at_faces([s for s, _ in shown], scene), why)
    moving = aim_at_motion(scene)
    if moving is not None:
        return Choice(moving, "no steady face: what moves most against the background")
    return aim_at_interest(scene)


def _talking(faces: list[tuple[Subject, float]], scene: Scene) -> Choice | None:
    """Whoever speaks, turn by turn, where several faces matter and it can be told; else None."""
    speaker = scene.perception.get(Speaker)
    people = [s for s, weight in faces if weight >= _PARTNER * faces[0][1]]
    if speaker is None or len(people) < 2:
        return None
    frames, probability = speaker.table(np.array([s.track for s in people]), scene.shot.first, scene.shot.end)
    if len(frames) < 2 or float(probability.max()) < _SPEAKS:
        return None
    step_s = float(np.median(np.diff(frames))) / scene.rate
    found = turns(probability, step_s)
    edges = [scene.shot.first, *(int(frames[t.first]) for t in found[1:]), scene.shot.end]
    spoken = [(a, b, people[t.who]) for (a, b), t in zip(pairwise(edges), found, strict=True)]
    names = [s.name for _, _, s in spoken]
    why = f"{names[0]} speaks" if len(set(names)) == 1 else f"{len(names)} turns: {', '.join(names[:6])} speak"
    return Choice(aim_at_turns(spoken, scene), f"{why}; {len(people)} faces do not fit side by side")


def _steady_faces(scene: Scene) -> list[tuple[Subject, float]]:
    """Faces that last, most important first, with their weight: share of looks x score x size x place."""
    looks = _looks(scene)
    found = []
    for subject in scene.subjects:
        if subject.kind != "face":
            continue
        share = len(subject.frame) / max(1, looks)
        score = float(np.mean(subject.score))
        if share < _STEADY_SHARE or score < _STEADY_SCORE or (len(subject.frame) < 3 and share < 0.9):
            continue
        box = np.median(subject.box_px, axis=0)
        size = float(box[3]) / scene.bounds.height
        aside = abs(float(box[0] + box[2] / 2) - scene.bounds.center_x) / scene.bounds.width
        found.append((subject, min(1.0, share) * score * size**0.7 * (1 - 0.3 * aside)))
    return sorted(found, key=lambda row: -row[1])


def _looks(scene: Scene) -> int:
    faces = scene.perception.get(Faces)
    if faces is None:
        return 0
    return int(np.count_nonzero((faces.looked >= scene.shot.first) & (faces.looked < scene.shot.end)))


def _companions(faces: list[tuple[Subject, float]], scene: Scene) -> list[tuple[Subject, float]]:
    """The first face and those of similar importance whose heads fit in one window with it."""
    chosen = faces[:1]
    for subject, weight in faces[1:]:
        if weight >= _COMPANION * faces[0][1] and fit_together([*(s for s, _ in chosen), subject], scene):
            chosen = [*chosen, (subject, weight)]
    return chosen


def _contradicted(face: Subject, scene: Scene) -> bool:
    """Whether much moves, and nearly all of it away from this face: a blurred or painted face in the background."""
    flow = scene.perception.get(Flow)
    if flow is None:
        return False
    inside = (flow.since >= scene.shot.first) & (flow.looked < scene.shot.end)
    if not inside.any() or float(np.median(flow.energy[inside])) < _BUSY:
        return False
    rows = np.flatnonzero(np.isin(flow.frame, flow.looked[inside]))
    head = np.stack([np.interp(flow.frame[rows], face.frame, face.keep_px[:, n]) for n in range(4)], axis=-1)
    left, right = flow.box_px[rows, 0], flow.box_px[rows, 0] + flow.box_px[rows, 2]
    middle = head[:, 0] + head[:, 2] / 2
    # A box over most of the picture holds every face: it supports none.
    around = (left <= middle) & (middle <= right) & (flow.box_px[rows, 2] < 0.6 * scene.bounds.width)
    weight = flow.weight[rows]
    return float(weight[around].sum()) < _SUPPORT * float(weight.sum())
