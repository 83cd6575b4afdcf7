"""Choosing the shots of a photo together: hard rules first, then composition, then how the sizes step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Ratio
from panscan.photos.briefs import CLOSE_UP, ESTABLISHING, MEDIUM, SHOTS, Brief, briefs, joints_across
from panscan.photos.composition import (
    CRAFT,
    VOTED,
    clutter,
    cut_texts,
    halves,
    horizon_off,
    inside_share,
    look_room,
    touching,
    voted_features,
)
from panscan.photos.perception import FloatArray, PhotoPerception, PhotoPerson

_SIZES = 24  # tried per shot, in equal steps of the logarithm
_PLACES = 13  # tried per axis and size
_STEP = 1.6  # of the side from one shot to the next: less looks like a mistake, not like another shot
_MIN_STEP = 1.15  # below, two shots are the same one
_STEP_COST = 5.0  # per missing unit of the logarithm of the step
_MIN_SIDE_SHARE = 0.25  # of the photo's shorter side: a tighter crop shows more pixels than picture
_MIN_SIDE_PX = 96  # of a crop's shorter side
_HEADROOM = 0.03  # of the crop's height above the main head, at least
_HEAD_IN, _HEAD_OUT = 0.98, 0.03  # share of a head from which it is in, and below which it is out
_LOOSE_HEAD = 0.5  # heads of this share of the main one's height are never cut,
_LAST_HEAD = 0.9  # but for those of this share, where nothing else is left
_HEADLESS = 0.5  # how much a body without a head counts against a whole person: nobody looks at it first
_JOINT_GAP = 0.03  # of the body's height, that a crop's lower edge keeps from a joint
_JOINT_COST = 0.6  # for ending at one
_FILL_COST = {ESTABLISHING: 0.3, MEDIUM: 1.5, CLOSE_UP: 2.0}  # per unit of the logarithm of fill over its goal
_RANK_COST = {ESTABLISHING: 1.5, MEDIUM: 1.4, CLOSE_UP: 0.9}  # for each fuller way to meet the shot
_WHOLE = 0.94  # of the largest crop's side: one between looks like a mistake
_NESTED_COST = 2.0  # for a tighter shot that is not inside the wider one
_WIDEST_FACE, _TIGHT_FACE, _TIGHTEST_FACE = 0.15, 0.6, 0.85  # of a close-up's height; the last in headshots alone


@dataclass(frozen=True, slots=True, eq=False)
class PlannedShot:
    """One crop of a photo.

    Attributes
    ----------
    shot : str
        "establishing", "medium" or "close-up".
    ratio : Ratio
    box_px : tuple of int
        Left, top, right, bottom of the upright photo.
    brief : Brief
        What it is about.
    scores : dict
        What each rule says, in standard deviations of people's votes; empty where it was moved by hand.
    is_by_hand : bool
        A person said what it shows.
    is_held : bool
        A person wants it not to come nearer.
    """

    shot: str
    ratio: Ratio
    box_px: tuple[int, int, int, int]
    brief: Brief
    scores: Mapping[str, float]
    is_by_hand: bool = False
    is_held: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ShotSet:
    """The shots of a photo in one shape.

    Attributes
    ----------
    ratio : Ratio
    shots : tuple of PlannedShot
        From wide to tight.
    absent : dict
        Shots that the photo does not allow, with the reason.
    """

    ratio: Ratio
    shots: tuple[PlannedShot, ...]
    absent: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """The best place of one size of one brief."""

    brief: Brief
    window: FloatArray
    score: float
    parts: Mapping[str, float]

    @property
    def side(self) -> float:
        return float(self.window[3] - self.window[1])


def plan_shots(perception: PhotoPerception, main: Sequence[PhotoPerson], ratio: Ratio) -> ShotSet:
    """The shots of a photo in one shape, chosen together.

    Parameters
    ----------
    perception : PhotoPerception
    main : sequence of PhotoPerson
        Those they are about, most important first; nobody for things and scenes.
    ratio : Ratio
    """
    wanted = briefs(perception, main)
    found = {shot: _candidates(wanted[shot], perception, ratio) for shot in SHOTS}
    absent = {shot: _why_none(shot, wanted[shot]) for shot in SHOTS if not found[shot]}
    chosen = _best_set({shot: rows for shot, rows in found.items() if rows})
    for shot in SHOTS:
        if shot in found and found[shot] and shot not in chosen:
            absent[shot] = "the photo is too close already: another crop would look like the same one"
    shots = tuple(_planned(shot, chosen[shot], perception, ratio) for shot in SHOTS if shot in chosen)
    return ShotSet(ratio, shots, absent)


def _why_none(shot: str, wanted: Sequence[Brief]) -> str:
    smallest = wanted[-1]
    return f"no crop of this shape holds the {smallest.what} of {smallest.subject} whole without cutting somebody else"


def _candidates(wanted: Sequence[Brief], perception: PhotoPerception, ratio: Ratio) -> list[_Candidate]:
    """The best place at each size, of every brief; those that cut heads in the back only where nothing else is left."""
    for strict in (True, False):
        found = [
            candidate
            for brief in wanted
            for side in _sides(brief, perception, ratio, strict)
            if (candidate := _best_place(brief, side, perception, ratio, strict))
        ]
        if found:
            return found
    return []


def _sides(brief: Brief, perception: PhotoPerception, ratio: Ratio, strict: bool) -> FloatArray:
    """Heights of crops to try, from the largest."""
    size, aspect = perception.size, ratio.width / ratio.height
    largest = min(size.height, size.width / aspect)
    shorter = min(1.0, aspect)
    least = max(_MIN_SIDE_SHARE * min(size.width, size.height), _MIN_SIDE_PX) / shorter
    inside = _inside_photo(brief.hold_px, perception)
    least = max(least, inside[3] - inside[1], (inside[2] - inside[0]) / aspect)
    if brief.shot == CLOSE_UP and brief.people and brief.people[0].face_px is not None:
        face = brief.people[0].face_px
        least = max(least, (face[3] - face[1]) / (_TIGHT_FACE if strict else _TIGHTEST_FACE))
        largest = min(largest, max(least, (face[3] - face[1]) / _WIDEST_FACE))
    if least > largest * (1 + 1e-9):
        return np.zeros(0)
    sides = np.exp(np.linspace(np.log(largest), np.log(max(least, 1.0)), _SIZES))
    return sides[(sides >= largest * (1 - 1e-9)) | (sides <= _WHOLE * largest)]


def _best_place(
    brief: Brief, side: float, perception: PhotoPerception, ratio: Ratio, strict: bool
) -> _Candidate | None:
    """The best place of a crop of one size that breaks no hard rule, if there is one."""
    windows = _places(brief, side, perception, ratio)
    windows = windows[_allowed(windows, brief, perception, strict)]
    if not len(windows):
        return None
    parts = _weighed(windows, brief, perception)
    total = np.asarray(sum(parts.values()))
    best = int(np.argmax(total))
    return _Candidate(brief, windows[best], float(total[best]), {name: float(v[best]) for name, v in parts.items()})


def _places(brief: Brief, side: float, perception: PhotoPerception, ratio: Ratio) -> FloatArray:
    """Crops (n, 4) of one height that hold the brief's box inside the photo."""
    sides = np.array([side * ratio.width / ratio.height, side])
    photo = np.array([perception.size.width, perception.size.height], np.float64)
    hold = _inside_photo(brief.hold_px, perception)
    low = np.maximum(0.0, hold[2:] - sides)
    high = np.minimum(photo - sides, hold[:2])
    high = np.maximum(high, low) if np.all(high >= low - 1.0) else high
    if np.any(high < low):
        return np.zeros((0, 4))
    x, y = (np.unique(np.linspace(low[axis], high[axis], _PLACES)) for axis in (0, 1))
    left, top = (grid.ravel() for grid in np.meshgrid(x, y, indexing="ij"))
    return np.stack([left, top, left + sides[0], top + sides[1]], axis=1)


def _allowed(windows: FloatArray, brief: Brief, perception: PhotoPerception, strict: bool) -> npt.NDArray[np.bool_]:
    """Which crops (n,) break no hard rule: heads wholly in or out, and air above the main one."""
    tall = windows[:, 3] - windows[:, 1]
    fine = np.ones(len(windows), np.bool_)
    main = [p.head_px for p in brief.people if p.head_px is not None]
    tallest = max((h[3] - h[1] for h in main), default=0.0)
    for head in perception.heads:
        if head[3] - head[1] <= (_LOOSE_HEAD if strict else _LAST_HEAD) * tallest:
            continue  # somebody in the back: `halves` counts it
        share = inside_share(windows, head)
        fine &= (share >= _HEAD_IN) | (share <= _HEAD_OUT)
    for head in main:
        above = head[1] - windows[:, 1]
        fine &= (above >= _HEADROOM * tall) | (windows[:, 1] <= 0.5)
    return fine


def _weighed(windows: FloatArray, brief: Brief, perception: PhotoPerception) -> dict[str, FloatArray]:
    """What each rule says about crops (n, 4), weighed."""
    subject = _inside_photo(brief.subject_px, perception)
    features = voted_features(windows, subject, perception.size)
    if brief.shot != ESTABLISHING:
        # Votes are on large crops of a photo: how large and how central a tighter shot is, others decide.
        features = {n: v for n, v in features.items() if n not in ("area", "shift_across", "shift_along", "level")}
    parts = {name: VOTED[name] * value for name, value in features.items()}
    mine = brief.subject.split(", ")
    behind = [p for p in perception.people if p.name not in mine]
    others = np.array([p.body_px for p in behind], np.float64).reshape(-1, 4)
    relative = np.array([_relative_size(p, brief) for p in behind], np.float64)
    things = np.array([t.box_px for t in perception.things]).reshape(-1, 4)
    parts["clutter"] = CRAFT["clutter"] * clutter(windows, perception.detail, perception.size)
    parts["touching"] = CRAFT["touching"] * touching(windows, np.concatenate([others, things]))
    parts["halves"] = CRAFT["halves"] * halves(windows, others, relative)
    parts["cut_texts"] = CRAFT["cut_texts"] * cut_texts(windows, perception.texts_px)
    if brief.shot == ESTABLISHING and perception.horizon is not None:
        parts["horizon"] = CRAFT["horizon"] * horizon_off(windows, perception.horizon, perception.size)
    if len(brief.people) == 1 and brief.people[0].head_px is not None:
        person = brief.people[0]
        assert person.head_px is not None
        parts["look_room"] = CRAFT["look_room"] * look_room(windows, person.head_px, person.yaw)
    parts["joints"] = -_JOINT_COST * _ends_at_joint(windows, brief)
    parts["brief"] = np.full(len(windows), -_RANK_COST[brief.shot] * brief.rank)
    parts["fill"] = -_FILL_COST[brief.shot] * np.abs(np.log(_fill(windows, brief, perception) / brief.fill))
    return parts


def _relative_size(person: PhotoPerson, brief: Brief) -> float:
    """How large somebody else is, 0..1, against the largest of those a brief is about."""
    if person.head_px is None:
        own = float(person.body_px[3] - person.body_px[1])
        return _HEADLESS * min(1.0, own / max((float(p.body_px[3] - p.body_px[1]) for p in brief.people), default=own))
    own = float(person.head_px[3] - person.head_px[1])
    heads = [float(p.head_px[3] - p.head_px[1]) for p in brief.people if p.head_px is not None]
    return min(1.0, own / max(heads, default=own))


def _ends_at_joint(windows: FloatArray, brief: Brief) -> FloatArray:
    """How many of the people a crop (n,) cuts at a joint."""
    count = np.zeros(len(windows))
    for person in brief.people:
        gap = _JOINT_GAP * (person.body_px[3] - person.body_px[1])
        at = np.array([y for _, y in joints_across(person)])
        if at.size:
            count += np.abs(windows[:, 3, None] - at[None, :]).min(axis=1) < gap
    return count


def _fill(windows: FloatArray, brief: Brief, perception: PhotoPerception) -> FloatArray:
    """Share (n,) of the tighter side that the brief's box fills."""
    hold = _inside_photo(brief.hold_px, perception)
    shares = (hold[2:] - hold[:2]) / (windows[:, 2:] - windows[:, :2])
    return np.asarray(np.clip(shares.max(axis=1), 1e-3, None))


def _best_set(found: Mapping[str, Sequence[_Candidate]]) -> dict[str, _Candidate]:
    """One candidate for each shot, so that sizes step and tighter ones lie inside; without the medium where it must."""
    names = [shot for shot in SHOTS if shot in found]
    for kept in _subsets(names):
        rows = [found[shot] for shot in kept]
        total = np.array([c.score for c in rows[-1]])
        choice: list[npt.NDArray[np.int64]] = []
        for wide, tight in zip(rows[-2::-1], rows[:0:-1], strict=True):  # from the tightest shot to the widest
            sums = _steps(wide, tight) + total[None, :]
            choice.append(sums.argmax(axis=1))
            total = np.array([c.score for c in wide]) + sums.max(axis=1)
        if not np.isfinite(total).any():
            continue
        at = [int(total.argmax())]
        for table in reversed(choice):
            at.append(int(table[at[-1]]))
        return {shot: row[n] for shot, row, n in zip(kept, rows, at, strict=True)}
    return {}


def _steps(wide: Sequence[_Candidate], tight: Sequence[_Candidate]) -> FloatArray:
    """What it is worth (n, m) that one of m tight shots follows one of n wide ones; minus infinity for the same one."""
    step = np.log([[a.side / b.side for b in tight] for a in wide])
    windows = np.array([c.window for c in wide])
    inside = np.stack([inside_share(windows, c.window) for c in tight], axis=1)
    worth = -_STEP_COST * np.maximum(0.0, np.log(_STEP) - step) - _NESTED_COST * (1 - inside)
    return np.where(step >= np.log(_MIN_STEP) - 1e-9, worth, -np.inf)


def _subsets(names: Sequence[str]) -> list[list[str]]:
    """All three shots, else wide and tight, else what is left, one at last."""
    ways = [[*SHOTS], [ESTABLISHING, CLOSE_UP], [ESTABLISHING, MEDIUM], [MEDIUM, CLOSE_UP], *([shot] for shot in SHOTS)]
    kept = [[shot for shot in way if shot in names] for way in ways]
    return [way for n, way in enumerate(kept) if way and way not in kept[:n]]


def _planned(shot: str, candidate: _Candidate, perception: PhotoPerception, ratio: Ratio) -> PlannedShot:
    """A shot with whole px, as near to the ratio as they allow."""
    width, height = perception.size.width, perception.size.height
    left, top, right, bottom = candidate.window
    tall = min(height, max(1, round(bottom - top)))
    wide = min(width, max(1, round(tall * ratio.width / ratio.height)))
    x = min(max(0, round((left + right - wide) / 2)), width - wide)
    y = min(max(0, round((top + bottom - tall) / 2)), height - tall)
    return PlannedShot(shot, ratio, (x, y, x + wide, y + tall), candidate.brief, candidate.parts)


def _inside_photo(box: FloatArray, perception: PhotoPerception) -> FloatArray:
    return np.clip(box, 0, np.array([perception.size.width, perception.size.height] * 2, np.float64))
