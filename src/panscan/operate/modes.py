"""How willingly the camera moves: three settings, each a handful of limits and prices."""

from __future__ import annotations

from dataclasses import dataclass

from panscan.operate.moves import PathCosts


@dataclass(frozen=True, slots=True)
class Mode:
    """One setting: its limits, and its costs. Lengths are in source widths, or windows: the crop's own width or height.

    ============== ======== ======== ========== =========================================================
    limit          stable   balanced responsive
    ============== ======== ======== ========== =========================================================
    dead zone      0.04     0.003    0.0        off the wish by less costs next to nothing
    max speed      0.25     0.39     1.0        source widths per second
    ease           0.5      0.6      none       seconds; longer moves from rest to rest set off and arrive at half speed
    min hold       1.0      0.4      0.2        seconds that a camera which stops rests before it moves on
    calm           4.0      1.0      0.4        factor on all costs of restlessness of a path
    rest margin    -0.03    -0.02    0.08       air round the must-keep box for a camera at rest, windows
    rest tolerance 0.10     0.06     0.02       share of the shot that a camera at rest may miss
    rest miss      1.2      0.6      0.2        seconds in a row that it may miss
    follow margin  0.04     0.06     0.10       air round the must-keep box for a moving camera, windows
    restlessness   1.5      0.7      0.4        factor on the judge's costs of restlessness
    ============== ======== ======== ========== =========================================================

    Attributes
    ----------
    rest_margin, follow_margin : float
        Air round the must-keep box, windows, for a camera at rest and on the move; negative: it may stick out.
    rest_miss_share : float
        Share of the shot that a camera at rest may miss,
    rest_miss_s : float
        and seconds in a row.
    restlessness_cost : float
        Factor on the judge's costs of restlessness.
    point_costs : PathCosts
        Of a camera that follows a point. Not eased: that would take twice the keys.
    box_costs : PathCosts
        Of a camera that keeps boxes inside the crop.
    """

    rest_margin: float
    rest_miss_share: float
    rest_miss_s: float
    follow_margin: float
    restlessness_cost: float
    point_costs: PathCosts
    box_costs: PathCosts


def _mode(
    *,
    rest: tuple[float, float, float],
    follow_margin: float,
    restlessness: float,
    calmness: float,
    dead_zone: float,
    max_speed: float,
    min_hold_s: float,
    ease_s: float,
) -> Mode:
    """A mode from its limits; `calmness` multiplies all costs of restlessness, `rest` is margin, share and seconds."""
    return Mode(
        rest_margin=rest[0],
        rest_miss_share=rest[1],
        rest_miss_s=rest[2],
        follow_margin=follow_margin,
        restlessness_cost=restlessness,
        # In source widths off the wish, per second: set against people's own cameras (the camera benchmark).
        point_costs=PathCosts(
            wish=1.0,
            miss=0.0,
            miss_depth=0.0,
            move_s=0.0015 * calmness,
            moving=0.002 * calmness,
            turn_s=0.038 * calmness,
            dead_zone=dead_zone,
            max_speed=max_speed,
            min_hold_s=min_hold_s,
        ),
        # In seconds of a lost subject: one move costs as much as losing it for 0.05 s, a turn for 0.2 s.
        box_costs=PathCosts(
            wish=0.05,
            miss=1.0,
            miss_depth=5.0,
            move_s=0.05 * calmness,
            moving=0.05 * calmness,
            turn_s=0.2 * calmness,
            dead_zone=dead_zone,
            ease_s=ease_s,
            moment_knots=2,  # boxes are looked at less often than that
            max_speed=max_speed,
            min_hold_s=min_hold_s,
        ),
    )


STABLE = _mode(
    rest=(-0.03, 0.10, 1.2),
    follow_margin=0.04,
    restlessness=1.5,
    calmness=4.0,
    dead_zone=0.04,
    max_speed=0.25,
    min_hold_s=1.0,
    ease_s=0.5,
)
BALANCED = _mode(
    rest=(-0.02, 0.06, 0.6),
    follow_margin=0.06,
    restlessness=0.7,
    calmness=1.0,
    dead_zone=0.003,
    max_speed=0.39,
    min_hold_s=0.4,
    ease_s=0.6,
)
RESPONSIVE = _mode(
    rest=(0.08, 0.02, 0.2),
    follow_margin=0.10,
    restlessness=0.4,
    calmness=0.4,
    dead_zone=0.0,
    max_speed=1.0,
    min_hold_s=0.2,
    ease_s=float("inf"),
)
