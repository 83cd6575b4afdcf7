"""A camera whose rests are planned: eased moves in between, as few keys as carry them."""

from __future__ import annotations

from itertools import pairwise

from panscan.model.framing import Camera, Cell, Rest, key_values_of_crop
from panscan.model.geometry import Size
from panscan.model.plan import CellPlan

_Values = tuple[float, float, float]  # scale, x_px and y_px of a key

# Smootherstep, 6 t^5 - 15 t^4 + 10 t^3, at five even steps: straight lines between stay within 2 % of the way of it.
SMOOTHERSTEP = ((0.2, 0.05792), (0.4, 0.31744), (0.6, 0.68256), (0.8, 0.94208))
EASED_FRAMES = 5  # a shorter move has no frame for each of these steps


def planned_cell(plan: CellPlan, source: Size) -> Cell:
    """The cell whose camera stands at the rests of a plan and moves between them."""
    keys: dict[int, _Values] = {}
    for before, after in pairwise((None, *plan.rests)):
        assert after is not None
        values = _rounded(key_values_of_crop(after.crop, plan.size, source))
        if before is not None:
            start = before.rest.end - 1
            keys |= _move(start, keys[start], after.rest, values)
        keys |= {after.rest.first: values, after.rest.end - 1: values}
    frames = tuple(sorted(keys))
    camera = Camera(frames, *zip(*(keys[frame] for frame in frames), strict=True))
    if camera.is_static:
        camera = Camera(camera.frame[:1], camera.scale[:1], camera.x_px[:1], camera.y_px[:1])
    return Cell(plan.left_px, plan.top_px, plan.size, camera, plan.aim.subject, tuple(p.rest for p in plan.rests))


def _move(start: int, values: _Values, to: Rest, target: _Values) -> dict[int, _Values]:
    """The keys inside a move that sets off after a frame and arrives at a rest."""
    length = to.first - start
    if to.easing != "smootherstep" or length < EASED_FRAMES:
        return {}
    return {
        start + round(time * length): _rounded(
            tuple(a + share * (b - a) for a, b in zip(values, target, strict=True))  # type: ignore[arg-type]
        )
        for time, share in SMOOTHERSTEP
    }


def _rounded(values: _Values) -> _Values:
    scale, x_px, y_px = values
    return round(scale, 6), round(x_px, 4), round(y_px, 4)
