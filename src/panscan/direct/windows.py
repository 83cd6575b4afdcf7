"""What each place of the window is worth at each moment, and the best way through these places.

A window gains by what lies wholly inside it and loses by what it cuts through. Places are a row along the axis on
which the window can move most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.arrays.best_path import best_path
from panscan.arrays.samples import next_row
from panscan.direct.evidence import FACE, HEAD, MOVER, Evidence
from panscan.direct.importance import DEFAULT_PARAMETERS, ImportanceParameters, lean
from panscan.direct.shot_context import ShotContext
from panscan.model.perception import FloatArray, Flow, IntArray, Saliency

_STEP = 0.05  # windows between two places
_FULL = 0.9  # of the window, that something wider counts as: its middle can be held, and some place holds it
_SLACK = 0.01  # of the window, that something may stick out: detectors err by as much
_TOUCHED = 0.08  # of its width, from which something is cut rather than outside
_OFF_CENTER = 0.3  # share of its worth that something at the window's edge loses: air on both sides
_FASTEST = 1.5  # windows per second: faster, a camera is not followed by the eye
# Mean of the motion profile of a shot in which something clearly moves: talking heads have 4 to 20.
_LIVELY_LEVELS = 10.0
_FAINTEST = 0.05  # of the shot's best view, that the best of a moment counts as at least
_STAYS = 1e-6  # windows: a window that goes no further stays
_INTEREST = 0.1  # windows on each side of the centre of interest that a crop should hold
_MIDDLE = 0.02  # windows on each side of the picture's middle, likewise


@dataclass(frozen=True, slots=True, eq=False)
class WindowPath:
    """Where the window goes.

    Attributes
    ----------
    axis : int
        0: it moves across, 1: up and down.
    frame : ndarray (k,), int64
        The moments.
    start_px : ndarray (k,)
        Its left or upper edge, source px.
    length_px : float
        Its extent along the axis.
    """

    axis: int
    frame: IntArray
    start_px: FloatArray
    length_px: float

    @property
    def moves(self) -> bool:
        """Whether it leaves the place where it begins."""
        return float(np.ptp(self.start_px)) > _STAYS * self.length_px


@dataclass(frozen=True, slots=True, eq=False)
class HeldAndCut:
    """What windows hold and cut of n parts of subjects that count together.

    Attributes
    ----------
    rows : ndarray (n,), int64
        The parts, as rows of the evidence, in order of moments.
    moments, first : ndarray (m,), int64
        The moments at which some are seen, and where in `rows` each moment begins.
    held : ndarray (n, p)
        Share of its weight that a part is worth in each place of the window.
    cut : ndarray (n, p)
        Share of its weight that is lost there, as the window cuts through it.
    adds_up : bool
        Whether weights add up; else the greatest counts most.
    """

    rows: IntArray
    moments: IntArray
    first: IntArray
    held: FloatArray
    cut: FloatArray
    adds_up: bool


@dataclass(frozen=True, slots=True, eq=False)
class WindowPlaces:
    """All places of the window in a shot, and what each holds, before anything is weighed.

    Attributes
    ----------
    axis : int
        0: the window moves across, 1: up and down.
    frame : ndarray (k,), int64
        The moments.
    step_s : float
        Seconds between them.
    start_px : ndarray (p,)
        Its left or upper edge, source px.
    length_px : float
        Its extent along the axis.
    groups : tuple of HeldAndCut
        People, things, movers.
    motion_profile, interest_profile, center_of_interest, middle : ndarray (k or 1, p)
        Shares, 0..1, of the picture's motion, of what is unlike its border, of its centre of interest, of its middle.
    """

    axis: int
    frame: IntArray
    step_s: float
    start_px: FloatArray
    length_px: float
    groups: tuple[HeldAndCut, ...]
    motion_profile: FloatArray
    interest_profile: FloatArray
    center_of_interest: FloatArray
    middle: FloatArray


def best_windows(
    evidence: Evidence, weight: FloatArray, context: ShotContext, parameters: ImportanceParameters = DEFAULT_PARAMETERS
) -> WindowPath:
    """The path of the window that is worth most over the whole shot, moves paid for."""
    places = window_places(evidence, context)
    return WindowPath(
        places.axis, places.frame, places.start_px[best_places(places, weight, parameters)], places.length_px
    )


def window_places(evidence: Evidence, context: ShotContext) -> WindowPlaces:
    """What each place of the window holds; it depends on no parameter, so that many can be tried on it."""
    axis, start, length = _places(context)
    return WindowPlaces(
        axis,
        evidence.frame,
        evidence_step_s(evidence.frame, context),
        start,
        length,
        tuple(_held_and_cut(evidence, axis, start, length)),
        *_profiles(evidence.frame, context, axis, start, length),
        *_points(context, axis, start, length),
    )


def best_places(
    places: WindowPlaces, weight: FloatArray, parameters: ImportanceParameters = DEFAULT_PARAMETERS
) -> IntArray:
    """The place (k,) of the window at each moment on the path that is worth most, by the weights (n,) of all parts."""
    value = window_values(places, weight, parameters)
    start = places.start_px
    pace = (start[1] - start[0]) / places.length_px
    return best_path(
        value * (places.step_s / _scale(value)),
        parameters.move,
        parameters.way * pace,
        max(1, int(_FASTEST * places.step_s / pace)) if pace > 0 else len(start),
    )


def _scale(value: FloatArray) -> FloatArray:
    """What a view of each moment (k, 1) is measured by: the best of the shot and of the moment, half each.

    By the shot's alone, whoever spoke loudest would fix the camera for as long as the shot lasts; by the moment's
    alone, it would go after every trifle.
    """
    best = value.max(axis=1, keepdims=True)
    mean = max(float(best.mean()), 1e-9)
    return np.asarray(np.sqrt(mean * np.maximum(best, _FAINTEST * mean)))


def evidence_step_s(frames: IntArray, context: ShotContext) -> float:
    """Seconds between the moments of a shot."""
    return float(np.median(np.diff(frames))) / context.rate if len(frames) > 1 else context.duration_s


def inside_share(low: FloatArray, high: FloatArray, start: FloatArray, length: float) -> tuple[FloatArray, FloatArray]:
    """How much (n, p) of intervals lies in windows, and by how many half windows their middles are off (n, p).

    What is wider than the window counts by its middle part.
    """
    left, right = (edge[:, None] for edge in middle_part(low, high, length))
    shared = np.minimum(right, start + length) - np.maximum(left, start)
    whole = is_inside(left, right, start, length)
    share = np.where(whole, 1.0, np.clip(shared / (right - left), 0.0, 1.0 - 1e-9))
    off = np.abs((left + right) / 2 - (start + length / 2)) / (length / 2)
    return share, np.minimum(1.0, off)


def middle_part(low: FloatArray, high: FloatArray, length: float) -> tuple[FloatArray, FloatArray]:
    """Intervals (n,), of those wider than most of a window the part in their middle that it can hold."""
    middle = (low + high) / 2
    half = np.clip((high - low) / 2, 1e-6, _FULL * length / 2)
    return middle - half, middle + half


def is_inside(low: FloatArray, high: FloatArray, start: FloatArray, length: float) -> npt.NDArray[np.bool_]:
    """Whether intervals lie whole in windows; both as wide as numpy makes them."""
    slack = _SLACK * length
    return np.asarray((low >= start - slack) & (high <= start + length + slack))


def _places(context: ShotContext) -> tuple[int, FloatArray, float]:
    """Axis, window starts (p,) and window length, source px."""
    bounds, window = context.bounds, context.window
    room = (bounds.width - window[0], bounds.height - window[1])
    axis = int(room[1] > room[0])
    first = (bounds.left, bounds.top)[axis]
    # An odd number, so that one of them is the picture's middle.
    places = 1 + 2 * max(1, int(np.ceil(room[axis] / (2 * _STEP * window[axis]))))
    return axis, np.linspace(first, first + max(0.0, room[axis]), places), window[axis]


def _held_and_cut(evidence: Evidence, axis: int, start: FloatArray, length: float) -> Iterator[HeldAndCut]:
    """People, things and movers, each as far as windows hold and cut them."""
    people = (evidence.part == FACE) | (evidence.part == HEAD)
    movers = evidence.part == MOVER
    for group, adds_up in ((people, False), (~people & ~movers, False), (movers, True)):
        rows = np.flatnonzero(group)
        low = evidence.box_px[rows, axis]
        share, off = inside_share(low, low + evidence.box_px[rows, 2 + axis], start, length)
        held = np.where(share >= 1.0, 1 - _OFF_CENTER * off, 0.0)
        cut = np.where((share > _TOUCHED) & (share < 1.0), 2 * share * (1 - share), 0.0)
        moments, first = np.unique(evidence.moment[rows], return_index=True)
        yield HeldAndCut(rows, moments, first, held, cut, adds_up)


def window_values(places: WindowPlaces, weight: FloatArray, parameters: ImportanceParameters) -> FloatArray:
    """What all places (k, p) are worth.

    People add up among themselves, and so do things, by a norm: ten small faces do not outweigh one large.
    """
    value = np.zeros((len(places.frame), len(places.start_px)))
    for name in ("motion_profile", "interest_profile", "center_of_interest", "middle"):
        value += getattr(parameters, name) * getattr(places, name)
    for group in places.groups:
        if group.rows.size:
            power = 1.0 if group.adds_up else parameters.crowd
            strength = (weight[group.rows] ** power)[:, None]
            gain, loss = (
                np.add.reduceat(strength * share, group.first, axis=0) ** (1 / power)
                for share in (group.held, group.cut)
            )
            value[group.moments] += gain - parameters.cut * loss
    return value


def _profiles(
    frames: IntArray, context: ShotContext, axis: int, start: FloatArray, length: float
) -> tuple[FloatArray, FloatArray]:
    """Shares (k or 1, p) of the picture's motion and of what is unlike its border; 0 on the axis without profiles."""
    motion = interest = np.zeros((1, len(start)))
    flow, saliency = context.perception.get(Flow), context.perception.get(Saliency)
    if saliency is not None and axis == 0:
        rows = (saliency.looked >= context.shot.first) & (saliency.looked < context.shot.end)
        if rows.any():
            share = _profile_share(saliency.profile[rows], context, start, length)
            interest = share[next_row(saliency.looked[rows], frames)]
    if flow is not None and axis == 0:
        rows = (flow.since >= context.shot.first) & (flow.looked < context.shot.end)
        if rows.any():
            lively = min(1.0, float(np.median(flow.profile[rows].mean(axis=1))) / _LIVELY_LEVELS)
            share = _profile_share(flow.profile[rows], context, start, length)
            motion = lean(context, "flow") * lively * share[next_row(flow.looked[rows], frames)]
    return motion, interest


def _points(context: ShotContext, axis: int, start: FloatArray, length: float) -> tuple[FloatArray, FloatArray]:
    """How well windows (1, p) hold the centre of interest, as far as that is sure, and the picture's middle."""
    interest = np.zeros((1, len(start)))
    saliency = context.perception.get(Saliency)
    if saliency is not None:
        rows = (saliency.looked >= context.shot.first) & (saliency.looked < context.shot.end)
        if rows.any():
            point = float(np.median(saliency.point_px[rows, axis]))
            interest = float(np.mean(saliency.confidence[rows])) * _held_point(point, _INTEREST, start, length)
    center = (context.bounds.center_x, context.bounds.center_y)[axis]
    return interest, _held_point(center, _MIDDLE, start, length)


def _held_point(point_px: float, reach: float, start: FloatArray, length: float) -> FloatArray:
    """What windows (1, p) hold of a point that needs some windows of room on each side."""
    edges = np.array([point_px - reach * length]), np.array([point_px + reach * length])
    share, off = inside_share(*edges, start, length)
    return np.where(share >= 1.0, 1 - _OFF_CENTER * off, 0.0)


def _profile_share(
    profile: npt.NDArray[np.float32], context: ShotContext, start: FloatArray, length: float
) -> FloatArray:
    """Share (m, p) of each profile (m, c), of the whole picture's columns, that lies in each window."""
    total = np.concatenate([np.zeros((len(profile), 1)), np.cumsum(profile, axis=1, dtype=np.float64)], axis=1)
    column = context.source_width_px / profile.shape[1]

    def before(x_px: FloatArray) -> FloatArray:
        at = np.clip(x_px / column, 0.0, profile.shape[1])
        low = np.minimum(at.astype(np.int64), profile.shape[1] - 1)
        return np.asarray(total[:, low] + (at - low) * (total[:, low + 1] - total[:, low]))

    return np.asarray((before(start + length) - before(start)) / np.maximum(total[:, -1:], 1e-6))
