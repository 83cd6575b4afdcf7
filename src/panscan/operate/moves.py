"""One axis of a camera path as rests and straight moves: the cheapest there is, by dynamic programming.

minimise   Σ h cost(x) + move_s · (moves) + moving · (seconds on the move) + turn_s · (turns)

over all paths that rest on a level or go straight from one level to another. The cost of a place at a moment may have
any shape: here the distance from the wish (not squared: an outlier weighs no more than any other knot) and what the
corridor misses. Keys, turns and time on the move are counted, as a viewer notices them; a convex programme could only
penalise distance and speed. Levels and moments are coarse; a last step moves every bend to its best place between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import run_bounds
from panscan.operate.solve import weighted_median
from panscan.operate.targets import AxisTargets

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SmallArray = npt.NDArray[np.float32]

_LEVEL = 1 / 64  # source widths between levels: 30 px of 1920; a last step moves rests between them
_FEWEST_LEVELS, _MOST_LEVELS = 9, 48  # a short way still has choices; 10 000 frames are solved in 0.3 s
_LENGTHS = (1, 2, 3, 5, 8, 12, 18)  # moments that one straight move may last; longer ones are chained
_COST_SAMPLES = 3  # places along a move at which its cost is read
_CHUNK = 512  # moments whose moves are priced at once: memory stays flat in length
_SHIFTS = (-1.0, -0.5, -0.25, -0.1, 0.1, 0.25, 0.5, 1.0)  # of a level: tries between levels
_PASSES = 2  # over all rests and bends, the second with half the shifts
_MERGED_LEVELS = 2  # levels: rests nearer than this may become one
_EASE = 0.2  # of a move, at each end
_EASED_SPEED = 0.5  # of the speed between: the ends of an eased move set off and arrive so
_LEAST_EASED_KNOTS = 4  # knots: in a shorter move an end has no knot of its own
_ALIKE = 1e-6  # source widths: shorter ways are rounding
_NOTHING = 1e-9  # source widths, seconds: less is rounding of floats
_INF = np.float32(np.inf)


@dataclass(frozen=True, slots=True)
class PathCosts:
    """What being elsewhere costs per second, and what restlessness costs, in seconds at a cost of 1.

    Attributes
    ----------
    wish : float
        Per second and source width off the wish.
    miss : float
        Per second of missing the corridor,
    miss_depth : float
        and per second and source width of the miss.
    move_s : float
        Per move.
    moving : float
        Per second on the move.
    turn_s : float
        Per change of direction.
    max_speed : float
        Fastest move, source widths per second.
    min_hold_s : float
        A camera that stops rests at least so long before it moves again.
    dead_zone : float
        Source widths: being off the wish by less costs next to nothing.
    ease_s : float
        Shortest move that is eased at its ends.
    moment_knots : int
        Knots per moment of the programme, where moves may begin and end.
    """

    wish: float
    miss: float
    miss_depth: float
    move_s: float
    moving: float
    turn_s: float
    max_speed: float
    min_hold_s: float = 0.0
    dead_zone: float = 0.0
    ease_s: float = float("inf")
    moment_knots: int = 1


def solve_path(axis: AxisTargets, step_s: float, costs: PathCosts, at_frames: FloatArray | None = None) -> FloatArray:
    """Positions (n,) at knots `step_s` apart: straight between few bends, always within floor..ceiling.

    at_frames (n,): the knots' frames, where they are not quite evenly apart; the path is straight over these.
    """
    count, room = len(axis.wish), axis.ceiling - axis.floor
    stride = costs.moment_knots
    if room < _NOTHING or count < 2 * stride:
        return np.full(count, (axis.floor + axis.ceiling) / 2)
    size = int(np.clip(np.ceil(room / _LEVEL) + 1, _FEWEST_LEVELS, _MOST_LEVELS))
    levels = np.linspace(axis.floor, axis.ceiling, size)
    moments = np.append(np.arange(0, count - stride, stride), count - 1)
    fine = step_s * _place_cost(axis, levels[None, :], slice(None), costs)
    cost = np.add.reduceat(fine, np.append(0, moments[1:] - stride // 2), axis=0).astype(np.float32)
    bends, chosen = _PathSolver(cost, levels[1] - levels[0], step_s * stride, costs).solve()
    at, places = moments[bends], levels[chosen]
    places = _refine_places(axis, at, places, levels[1] - levels[0], step_s, costs)
    places = _merge_close_rests(axis, at, places, _MERGED_LEVELS * (levels[1] - levels[0]), step_s, costs)
    at, places = _eased(at, places, step_s, costs)
    times = np.arange(count) if at_frames is None else at_frames
    return np.asarray(np.clip(np.interp(times, times[at], places), axis.floor, axis.ceiling))


def _eased(at: IntArray, places: FloatArray, step_s: float, prices: PathCosts) -> tuple[IntArray, FloatArray]:
    """Ease moves that go from rest to rest and last long enough.

    Their first and last fifth run at half speed, which takes two more bends. A move that would have to be faster in
    between than allowed stays as it is.
    """
    shortest_knots = max(_LEAST_EASED_KNOTS, prices.ease_s / step_s)
    new_at, new_places = [int(at[0])], [float(places[0])]
    for n in range(1, len(at)):
        length, way = int(at[n] - at[n - 1]), float(places[n] - places[n - 1])
        from_rest = n < 2 or places[n - 2] == places[n - 1]
        to_rest = n + 1 >= len(at) or places[n + 1] == places[n]
        soft = max(1, round(_EASE * length))
        slow_enough = abs(way) <= prices.max_speed * step_s * (length - soft)
        if way and from_rest and to_rest and length >= shortest_knots and slow_enough:
            share = _EASED_SPEED * soft / (length - soft)
            new_at += [int(at[n - 1]) + soft, int(at[n]) - soft]
            new_places += [float(places[n - 1]) + share * way, float(places[n]) - share * way]
        new_at.append(int(at[n]))
        new_places.append(float(places[n]))
    return np.array(new_at), np.array(new_places)


def _place_cost(axis: AxisTargets, places: FloatArray, knots: slice, prices: PathCosts) -> FloatArray:
    """Cost per second of being at places (n, m) or (1, m) at the knots."""
    wish, weight, low, high = (v[knots, None] for v in (axis.wish, axis.weight, axis.low, axis.high))
    depth = np.maximum(np.maximum(low - places, places - high), 0.0)
    missed = prices.miss * (depth > _NOTHING) + prices.miss_depth * depth
    off = np.sqrt((places - wish) ** 2 + prices.dead_zone**2) - prices.dead_zone
    return np.asarray(prices.wish * weight * off + missed, np.float64)


class _PathSolver:
    """The sweep over moments. Direction 0 is towards higher levels, 1 towards lower ones.

    arrived[t, d, j]: cheapest way to have just ended a move of direction d at level j; rested[t, d, j]: to have rested
    there long enough to move again. ready[t, d, j]: cheapest way to be about to move in direction d, of these.
    """

    def __init__(self, cost: SmallArray, level: float, step_s: float, prices: PathCosts) -> None:
        self.cost, self.prices = cost, prices
        self.count, self.size = cost.shape
        self.hold = max(1, round(prices.min_hold_s / step_s))
        self.front = max(_LENGTHS)
        reach = [min(self.size - 1, int(prices.max_speed * n * step_s / level)) for n in _LENGTHS]
        rows = [(n, r) for n, most in zip(_LENGTHS, reach, strict=True) for r in range(1, max(1, most) + 1)]
        self.length, self.rise = (np.array(column) for column in zip(*rows, strict=True))
        self.price = (prices.move_s + prices.moving * self.length * step_s).astype(np.float32)

    def solve(self) -> tuple[IntArray, IntArray]:
        """Bends of the cheapest path: moments and levels."""
        count, size, front, hold = self.count, self.size, self.front, self.hold
        total = np.concatenate([np.zeros((1, size), np.float32), np.cumsum(self.cost, axis=0, dtype=np.float32)])
        arrived, rested = (np.full((count, 2, size), _INF) for _ in range(2))
        self.row, self.source, self.held = (np.zeros((count, 2, size), np.int16) for _ in range(3))
        # `ready` has room before the first moment and beyond the levels, so that no look needs a bounds check.
        wide = 3 * size
        ready = np.full((front + count, 2, wide), _INF)
        flat = ready.ravel()
        level, both = np.arange(size), np.arange(2)[:, None]
        sign = np.array([1, -1])[:, None, None]
        looks = both[..., None] * wide + size + level - self.length[:, None] * 2 * wide - sign * self.rise[:, None]
        turn_s = np.float32(self.prices.turn_s)
        choices = np.empty((3, 2, size), np.float32)
        rested[0] = self.cost[0]
        for t in range(count):
            if t % _CHUNK == 0:
                moves = self._move_costs(t, min(t + _CHUNK, count))
            if t:
                ways = flat[looks + (front + t) * 2 * wide] + moves[t % _CHUNK]
                self.row[t] = best = ways.argmin(axis=1)
                arrived[t] = ways[both, best, level]
                rested[t] = rested[t - 1] + self.cost[t]
                if t >= hold:
                    stopped = arrived[t - hold] + (total[t + 1] - total[t - hold + 1])
                    self.held[t] = stopped < rested[t]
                    rested[t] = np.minimum(stopped, rested[t])
            choices[0], choices[1], choices[2] = rested[t], rested[t, ::-1] + turn_s, arrived[t]
            self.source[t] = choices.argmin(axis=0)
            ready[front + t, :, size : 2 * size] = choices.min(axis=0)
        return self._trace_back(arrived, rested, total)

    def _move_costs(self, first: int, end: int) -> SmallArray:
        """Cost (moments, 2, rows, levels) of the moves that end in [first, end) at each level."""
        size, front = self.size, self.front
        padded = np.full((front + end - first, 3 * size), _INF)
        start = max(0, first - front)
        padded[front - (first - start) :, size : 2 * size] = self.cost[start:end]
        result = np.empty((end - first, 2, len(self.length), size), np.float32)
        for row, (length, rise) in enumerate(zip(self.length.tolist(), self.rise.tolist(), strict=True)):
            looks = range(1, length + 1) if length <= _COST_SAMPLES else np.linspace(1, length, _COST_SAMPLES + 1)[1:]
            backs = [round(length - look) for look in looks]
            for d, sign in enumerate((1, -1)):
                total = np.zeros((end - first, size), np.float32)
                for back in backs:
                    off = size - sign * round(rise * back / length)
                    total += padded[front - back : front - back + end - first, off : off + size]
                result[:, d, row] = total * np.float32(length / len(backs)) + self.price[row]
        return result

    def _trace_back(self, arrived: SmallArray, rested: SmallArray, total: SmallArray) -> tuple[IntArray, IntArray]:
        last = self.count - 1
        tails = [(float(rested[last, d].min()), 0, d, last, int(rested[last, d].argmin())) for d in range(2)]
        for t in range(max(1, last - self.hold + 1), last + 1):  # a shot may end before a rest is long enough
            for d in range(2):
                ends = arrived[t, d] + (total[last + 1] - total[t + 1])
                tails.append((float(ends.min()), 1, d, t, int(ends.argmin())))
        _, moving, d, t, j = min(tails)
        bends = [(last, j)]
        while t > 0:
            if moving:
                bends.append((t, j))
                row, sign = int(self.row[t, d, j]), 1 - 2 * d
                t, j = t - int(self.length[row]), j - sign * int(self.rise[row])
                bends.append((t, j))
                source = int(self.source[t, d, j])
                moving, d = int(source == 2), 1 - d if source == 1 else d
            elif self.held[t, d, j]:
                t, moving = t - self.hold, 1
            else:
                t -= 1
        bends.append((0, j))
        unique = sorted(set(bends))
        return np.array([t for t, _ in unique], np.int64), np.array([j for _, j in unique], np.int64)


def _refine_places(
    axis: AxisTargets, at: IntArray, places: FloatArray, level: float, step_s: float, prices: PathCosts
) -> FloatArray:
    """Move each rest and each bend to its cheapest place near by, the others unmoved; rests stay rests."""
    edges = run_bounds(places).tolist()
    places = places.copy()
    for shrink in range(_PASSES):
        tries = np.concatenate([[0.0], np.array(_SHIFTS) * level / 2**shrink, [0.0]])
        for start, end in pairwise(edges):
            first, last = max(0, start - 1), min(len(places) - 1, end)
            span = np.arange(at[first], at[last] + 1)
            rest = slice(int(at[start]), int(at[end - 1]) + 1)
            median = weighted_median(axis.wish[rest], axis.weight[rest]) - places[start]
            tries[-1] = median if abs(median) <= level else 0.0
            moved = np.repeat(places[first : last + 1, None], len(tries), axis=1)
            own = slice(start - first, end - first)
            moved[own] = np.clip(moved[own] + tries, axis.floor, axis.ceiling)
            limit = prices.max_speed * step_s * np.diff(at[first : last + 1])
            moved = _undo_invalid_shifts(moved, places[first : last + 1], own, limit)
            share = np.interp(span, at[first : last + 1], np.arange(last + 1 - first))
            left = np.minimum(share.astype(np.int64), last - first - 1) if last > first else np.zeros(len(span), int)
            part = (share - left)[:, None]
            lines = moved[left] + part * (moved[np.minimum(left + 1, last - first)] - moved[left])
            cost = _place_cost(axis, lines, slice(int(span[0]), int(span[-1]) + 1), prices).sum(axis=0)
            places[start:end] = moved[start - first, int(cost.argmin())]
    return places


def _merge_close_rests(
    axis: AxisTargets, at: IntArray, places: FloatArray, most: float, step_s: float, prices: PathCosts
) -> FloatArray:
    """Join neighbouring rests less than `most` apart where one of the two places does for both.

    With levels only, the solver may move between two neighbouring ones; a rest between them can make that needless.
    """
    n = 1
    while n < len(places):
        if 0 < abs(places[n] - places[n - 1]) <= most:
            start, end = _run(places, n - 1)[0], _run(places, n)[1]
            inner = start > 0 and end < len(places)
            if inner and (at[end - 1] - at[start]) * step_s < prices.min_hold_s - _NOTHING:
                n += 1
                continue
            joined = []
            rest = slice(int(at[start]), int(at[end - 1]) + 1)
            median = weighted_median(axis.wish[rest], axis.weight[rest])
            for place in (places[n - 1], places[n], float(np.clip(median, axis.floor, axis.ceiling))):
                one = places.copy()
                one[start:end] = place
                joined.append((_path_cost(axis, at, one, max(0, start - 1), end, step_s, prices), place))
            limit = prices.max_speed * step_s * np.diff(at)
            price, place = min(joined)
            one[start:end] = place
            within = np.abs(np.diff(one)) <= np.maximum(limit, np.abs(np.diff(places)))
            if within.all() and price < _path_cost(axis, at, places, max(0, start - 1), end, step_s, prices):
                places = one
        n += 1
    return places


def _run(places: FloatArray, n: int) -> tuple[int, int]:
    """The bends [start, end) of equal place around bend n."""
    start, end = n, n + 1
    while start > 0 and places[start - 1] == places[n]:
        start -= 1
    while end < len(places) and places[end] == places[n]:
        end += 1
    return start, end


def _path_cost(
    axis: AxisTargets, at: IntArray, places: FloatArray, start: int, end: int, step_s: float, prices: PathCosts
) -> float:
    """What bends [start, end] cost and pay; turns are counted over the whole path."""
    part = slice(start, end + 1)
    knots = np.arange(at[part][0], at[part][-1] + 1)
    line = np.interp(knots, at[part], places[part])
    spent = step_s * float(_place_cost(axis, line[:, None], slice(int(knots[0]), int(knots[-1]) + 1), prices).sum())
    moved = np.diff(places[part]) != 0
    way = np.sign(np.diff(places))
    turns = int(np.sum(np.diff(way[way != 0]) != 0))
    moving = prices.moving * step_s * float(np.diff(at[part])[moved].sum())
    return spent + prices.move_s * int(moved.sum()) + moving + prices.turn_s * turns


def _undo_invalid_shifts(moved: FloatArray, places: FloatArray, own: slice, limit: FloatArray) -> FloatArray:
    """Undo shifts that would reverse a move, end it, or make it too fast: the path's costs did not include these."""
    for before, after in ((own.start - 1, own.start), (own.stop - 1, own.stop)):
        if before >= 0 and after < len(places):
            way, most = moved[after] - moved[before], limit[before]
            was = places[after] - places[before]
            other = way * np.sign(was) < _ALIKE if was else way != 0
            moved[own, other | (np.abs(way) > max(most, abs(was)))] = places[own.start]
    return moved
