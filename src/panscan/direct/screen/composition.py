"""The part of the screen that a cell shows so that a region is seen: whole, with air, and never too close."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from panscan.direct.shot_context import ShotContext
from panscan.model.geometry import Rect, Size
from panscan.model.plan import CellPlan
from panscan.model.request import COMPOSITIONS
from panscan.model.style import Style

_AIR = 0.04  # of the screen, around a region: twice what two of six recordings need, as regions are seen a little small
_LEAST_AIR = 0.01  # of the same, where more would leave thin bars
_MOST_ENLARGED = 4.0  # canvas px per source px: letters that are enlarged more are blocks
_LARGEST_TEXT = 0.1  # of the cell's shorter side, a line of text: twice a subtitle, larger reads no better
_UPRIGHT = 0.9  # width over height of a cell, below which views of a landscape screen move sideways only
_THIN_BARS = 1.15  # times the screen: bars that are so thin look like a mistake
_LEAST_CLOSER = 1.1  # times: a view that is hardly closer is not worth a move

# How long a move takes, in seconds: in to 1.5 times 0.6 s, to twice 0.75 s; a short pan 0.4 s, by a whole view 0.7 s.
_ZOOM_MOVE_S, _PER_DOUBLING_S = 0.4, 0.35
_PAN_MOVE_S, _PER_VIEW_S = 0.4, 0.3
_LONGEST_MOVE_S = 1.0


@dataclass(frozen=True, slots=True)
class Composition:
    """How the views of one cell are composed.

    Attributes
    ----------
    cell : Size
    screen : Rect
        The picture that is shown, source px.
    anchor : (float, float)
        Where in a view the middle of its region belongs, as shares of width and height.
    style : Style
        Its padding surrounds the whole screen, and it says how close views are.
    """

    cell: Size
    screen: Rect
    anchor: tuple[float, float] = (0.5, 0.5)
    style: Style = field(default_factory=Style)

    @property
    def whole(self) -> Rect:
        """The view that holds the whole screen, and the padding around it."""
        if not self.style.padding:
            return self.around(self.screen)
        free = 2 * self.style.padding * min(self.cell.width, self.cell.height)
        sides = (self.screen.width / (self.cell.width - free), self.screen.height / (self.cell.height - free))
        return self._placed(self.cell.width * max(sides), self.screen, None)

    @property
    def upright_width(self) -> float:
        """Least width of views on an upright cell, as high as a landscape screen; 0 where there is none."""
        shape = self.cell.width / self.cell.height
        is_upright = shape < _UPRIGHT and self.screen.width >= self.screen.height
        return self.screen.height * shape if is_upright else 0.0

    @property
    def air_px(self) -> float:
        """Air at the left and the right of a region, source px."""
        return _AIR * self.screen.width

    def closeness(self, view: Rect) -> float:
        """How many times closer a view is than the whole screen without padding."""
        return max(1.0, self.around(self.screen).width / view.width)

    def view(self, region: Rect, keyboard_top_px: float | None = None, text_height_px: float = 0.0) -> Rect:
        """The view in which a region is seen, above an on-screen keyboard if there is one.

        On a cell that is upright, views of a landscape screen have its full height or more: they move sideways only.
        Views of a phone have its full width: so have its fields. Text of a known height is shown no larger than needed.
        """
        kept, least = (self._with_air(region, air, keyboard_top_px) for air in (_AIR, _LEAST_AIR))
        shape = self.cell.width / self.cell.height
        width = max(
            kept.width,
            kept.height * shape,
            self.style.closest * max(self.screen.width, self.screen.height) * min(1.0, shape),
            self.cell.width / _MOST_ENLARGED,
            text_height_px * max(1.0, shape) / _LARGEST_TEXT,
            self.upright_width,
            self.screen.width if self.screen.width < self.screen.height else 0.0,
        )
        width = max(least.width, least.height * shape, self._without_thin_bars(width))
        if self.around(self.screen).width < _LEAST_CLOSER * width:
            return self.whole
        fits = max(kept.width, kept.height * shape) <= width
        return self._placed(width, kept if fits else least, keyboard_top_px)

    def with_air(self, region: Rect) -> Rect:
        """A region and the air that belongs around it."""
        return self._with_air(region, _AIR, None)

    def visible(self, region: Rect) -> Rect:
        """The part of a region that is on the screen, of 1 px at least."""
        screen = self.screen
        left = max(min(region.left, screen.right - 1), screen.left)
        top = max(min(region.top, screen.bottom - 1), screen.top)
        right, bottom = min(region.right, screen.right), min(region.bottom, screen.bottom)
        return Rect(left, top, max(1.0, right - left), max(1.0, bottom - top))

    def around(self, region: Rect) -> Rect:
        """The smallest view that holds a region, on the screen as far as it fits there."""
        width = max(region.width, region.height * self.cell.width / self.cell.height)
        return self._placed(width, region, None)

    def _with_air(self, region: Rect, air: float, keyboard_top_px: float | None) -> Rect:
        """A region and what is around it, by a share of the screen's width and height; keys are no air."""
        aside, above = air * self.screen.width, air * self.screen.height
        below = above if keyboard_top_px is None else min(above, max(0.0, keyboard_top_px - region.bottom))
        return self.visible(
            Rect(region.left - aside, region.top - above, region.width + 2 * aside, region.height + above + below)
        )

    def _without_thin_bars(self, width: float) -> float:
        """The width of a view, or that of the screen's own width or height where it hardly reaches beyond it."""
        for side in (self.screen.width, self.screen.height * self.cell.width / self.cell.height):
            if side < width <= side * _THIN_BARS:
                return side
        return width

    def _placed(self, width: float, kept: Rect, keyboard_top_px: float | None) -> Rect:
        height = width * self.cell.height / self.cell.width
        screen = self.screen
        bottom = screen.bottom if keyboard_top_px is None else max(keyboard_top_px, kept.bottom)
        air = self.style.padding * min(self.cell.width, self.cell.height) * width / self.cell.width
        across = _with_padding(screen.left, screen.right, width, air)
        down = _with_padding(screen.top, screen.bottom, height, air)
        left = _place(width, self.anchor[0], (kept.left, kept.right), across, across[1])
        top = _place(height, self.anchor[1], (kept.top, kept.bottom), down, bottom + down[1] - screen.bottom)
        return Rect(left, top, width, height)


def composition_of(context: ShotContext, cell: Size) -> Composition:
    """The composition of a cell in a shot, as its preset says."""
    return Composition(cell, context.bounds, COMPOSITIONS[context.preset.composition], context.style)


def enlarged_note(cells: Sequence[CellPlan]) -> str:
    """That letters are not sharp, where a camera comes so close to a small recording; else nothing."""
    times = max((cell.size.width / at.crop.width for cell in cells for at in cell.rests), default=0.0)
    return f"letters enlarged {times:.1f} times are not sharp" if times >= _MOST_ENLARGED + 0.1 else ""


def move_seconds(before: Rect, after: Rect) -> float:
    """How long a move between two views takes: the further and the more zoom, the longer."""
    doublings = abs(math.log2(after.width / before.width))
    way = math.hypot(after.center_x - before.center_x, after.center_y - before.center_y)
    pan_s = _PAN_MOVE_S + _PER_VIEW_S * way / max(before.width, after.width)
    return min(_LONGEST_MOVE_S, max(_ZOOM_MOVE_S + _PER_DOUBLING_S * doublings, pan_s))


def union(one: Rect, other: Rect) -> Rect:
    """The smallest rectangle that holds both."""
    left, top = min(one.left, other.left), min(one.top, other.top)
    return Rect(left, top, max(one.right, other.right) - left, max(one.bottom, other.bottom) - top)


def _with_padding(start: float, end: float, side: float, padding: float) -> tuple[float, float]:
    """The ends of a screen along one axis, with the padding that a closer view of its edge shows, too."""
    return (start - padding, end + padding) if side < end - start else (start, end)


def _place(side: float, anchor: float, kept: tuple[float, float], screen: tuple[float, float], last: float) -> float:
    """Where a view starts along one axis: its region at the anchor, all of it inside, no edge beyond the screen.

    last: where the view should end at the latest, if its region and the screen's edge allow it.
    """
    if side >= screen[1] - screen[0]:
        return (screen[0] + screen[1] - side) / 2
    start = (kept[0] + kept[1]) / 2 - anchor * side
    start = min(max(start, kept[1] - side), kept[0], last - side)
    return min(max(start, screen[0]), screen[1] - side)
