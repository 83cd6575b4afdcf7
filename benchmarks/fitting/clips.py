"""Clips with truth, made ready once so that many sets of parameters can be tried on them in a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judge.truths import Truth
from panscan.arrays.samples import nearest_row
from panscan.direct.evidence import Evidence, gather_evidence
from panscan.direct.importance import ImportanceParameters, weigh
from panscan.direct.shot_context import ShotContext
from panscan.direct.windows import WindowPlaces, best_places, window_places

SHARES = ("must", "any", "speaker")
MATTERS = np.array([1.0, 0.5, 0.5])  # what each share counts: `must` leaves no choice
MOVE_PRICE = 4.0  # points that a move per second costs: a move that gains nothing is not made
SLACK = 0.02  # of the window, by which a box may stick out, as in the framing scorer
EARLY_S = 0.6  # after a turn, in which the camera may still be at the last speaker
SPOKEN = 0.6  # middle part of a speaker's box that has to be shown: the boxes are shoulders or panels
NEIGHBOURS = np.array([0.25, 0.5, 0.25])  # places before, at and after: what nearly holds a box is nearly right

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedShot:
    """A shot with what each place of the window is worth by the truth.

    Attributes
    ----------
    context, evidence, places
        As the director has them.
    moment : ndarray (r,), int64
        The moment of each demand of the truth.
    share : ndarray (r,), int64
        Which of `SHARES` it counts for.
    met : ndarray (r, p)
        1 where the window meets it, else 0.
    """

    context: ShotContext
    evidence: Evidence
    places: WindowPlaces
    moment: npt.NDArray[np.int64]
    share: npt.NDArray[np.int64]
    met: Floats

    def framed(self, parameters: ImportanceParameters) -> npt.NDArray[np.int64]:
        """The place of the window at each moment."""
        return best_places(self.places, weigh(self.evidence, self.context, parameters), parameters)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedClip:
    """All shots of a clip in one shape, with one set of eyes."""

    name: str
    shots: tuple[JudgedShot, ...]

    @property
    def duration_s(self) -> float:
        """Its length."""
        return sum(shot.context.duration_s for shot in self.shots)


@dataclass(frozen=True, slots=True, eq=False)
class ClipFigures:
    """How well a clip is framed.

    Attributes
    ----------
    shares_pct, smooth_pct : ndarray (3,)
        Demands met, by `SHARES`, NaN where the truth has none; smooth: a place next to one that meets it counts a
        quarter, as a small step of a parameter shall show.
    moves_s : float
        Moves of the window per second.
    """

    shares_pct: Floats
    smooth_pct: Floats
    moves_s: float

    @property
    def worth(self) -> float:
        """Points, 0..100: what is shown, less what moves cost."""
        known = np.where(np.isnan(self.smooth_pct), 0.0, MATTERS)
        return float(np.nan_to_num(self.smooth_pct) @ known / max(known.sum(), 1e-9) - MOVE_PRICE * self.moves_s)


def judged_clip(name: str, contexts: Sequence[ShotContext], truth: Truth) -> JudgedClip:
    """A clip made ready; shots that the truth says nothing about count by their moves."""
    return JudgedClip(name, tuple(_judged_shot(context, truth) for context in contexts))


def figures_of(clip: JudgedClip, parameters: ImportanceParameters) -> ClipFigures:
    """How well a clip is framed with some parameters."""
    met: list[Floats] = []
    smooth: list[Floats] = []
    moves = 0
    for shot in clip.shots:
        path = shot.framed(parameters)
        moves += np.count_nonzero(np.diff(path))
        at = path[shot.moment][:, None]
        near = np.clip(at + np.arange(-1, 2), 0, shot.met.shape[1] - 1)
        met.append(np.take_along_axis(shot.met, at, axis=1)[:, 0])
        smooth.append(np.take_along_axis(shot.met, near, axis=1) @ NEIGHBOURS)
    return ClipFigures(_shares_pct(clip, met), _shares_pct(clip, smooth), moves / max(clip.duration_s, 1e-9))


def most_pct(clip: JudgedClip) -> Floats:
    """Shares (3,) that the best place at each moment would have, were moves free."""
    return _shares_pct(clip, [shot.met.max(axis=1) for shot in clip.shots])


def _shares_pct(clip: JudgedClip, met: Sequence[Floats]) -> Floats:
    """Shares (3,) of demands met, from how far each one of each shot is."""
    share = np.concatenate([shot.share for shot in clip.shots])
    with np.errstate(invalid="ignore"):  # 0 of 0 is NaN: there is none
        return np.asarray(100 * np.bincount(share, np.concatenate(met), 3) / np.bincount(share, minlength=3))


def _judged_shot(context: ShotContext, truth: Truth) -> JudgedShot:
    evidence = gather_evidence(context)
    places = window_places(evidence, context)
    demands = list(_demands(context, truth, _windows(context, places), evidence.frame))
    met = np.array([row for _, _, row in demands], np.float64).reshape(-1, len(places.start_px))
    frames = np.array([frame for frame, _, _ in demands], np.int64)
    moment = nearest_row(evidence.frame, frames) if len(frames) else frames
    return JudgedShot(context, evidence, places, moment, np.array([k for _, k, _ in demands], np.int64), met)


def _windows(context: ShotContext, places: WindowPlaces) -> Floats:
    """Left, top, right and bottom (p, 4) of the window at each place, with the slack."""
    low = np.tile([context.bounds.left, context.bounds.top], (len(places.start_px), 1))
    low[:, places.axis] = places.start_px
    slack = SLACK * context.window[0]
    return np.hstack([low - slack, low + np.array(context.window) + slack])


def _demands(
    context: ShotContext, truth: Truth, windows: Floats, moments: npt.NDArray[np.int64]
) -> Iterator[tuple[int, int, npt.NDArray[np.bool_]]]:
    """The frame of each demand of the truth in a shot, its number in `SHARES`, and which places (p,) meet it."""
    shot = context.shot
    for sample in truth.samples:
        if shot.first <= sample.frame < shot.end:
            if len(sample.must):
                yield sample.frame, 0, _inside(sample.must, windows).all(axis=0)
            if len(sample.any_of):
                yield sample.frame, 1, _inside(sample.any_of, windows).any(axis=0)
    for first, end, box in truth.turns:
        spoken = _inside(_middle_part(box)[None, :], windows)[0]
        for frame in moments[(moments >= first + EARLY_S * context.rate) & (moments < end)].tolist():
            yield frame, 2, spoken


def _inside(boxes: Floats, windows: Floats) -> npt.NDArray[np.bool_]:
    """Whether each box lies inside each window (n, p)."""
    low = (boxes[:, None, :2] >= windows[None, :, :2]).all(axis=2)
    return np.asarray(low & (boxes[:, None, 2:] <= windows[None, :, 2:]).all(axis=2))


def _middle_part(box: Floats) -> Floats:
    middle, half = (box[:2] + box[2:]) / 2, SPOKEN * (box[2:] - box[:2]) / 2
    return np.concatenate([middle - half, middle + half])
