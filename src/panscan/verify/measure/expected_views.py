"""Small views of what output pictures should show: of their cells, of both sides of a dissolve, of whole sources."""

from __future__ import annotations

import numpy as np

from panscan.model.backgrounds import gradient_of
from panscan.model.framing import Cell
from panscan.verify.expectation import Expectation, ExpectedMix, ExpectedPicture
from panscan.verify.measure.blurred_background import blurred_view
from panscan.verify.measure.mixed_views import CanvasView, canvas_view, flat_view, mixed_view
from panscan.verify.measure.planes import Gray, Mask
from panscan.verify.measure.proxy_views import (
    ProxyViews,
    background_level,
    expected_proxy_views,
)
from panscan.verify.measure.similarity import difference_and_likeness

Sides = tuple[CanvasView, CanvasView, float]  # what is mixed, and the share of the second

_SOURCE_SAMPLES = 160  # of the longer side of whole sources, of which only is asked whether another scene begins


class ExpectedViews:
    """What the pictures of a movie should show, for pictures that are asked for in order."""

    def __init__(self, expectation: Expectation) -> None:
        self._expectation = expectation
        self._newest: tuple[ExpectedPicture, Gray] | None = None

    def at(self, number: int) -> tuple[ProxyViews | None, Sides | None]:
        """The expected views of output picture `number`, and what is mixed in it; None where nothing is known."""
        mix, expected_picture = self._expectation.mixes.get(number), self._expectation.pictures[number]
        sides = None if mix is None else self._sides(mix)
        if sides is not None:
            return [mixed_view(*sides)], sides
        return (None if expected_picture is None else self._cells(expected_picture)), None

    def source_change(self, number: int) -> tuple[float, float]:
        """Rms and correlation of the whole source pictures of an output picture and the one before."""
        mixes, pictures = self._expectation.mixes, self._expectation.pictures
        here, before = pictures[number], self._newest
        self._newest = None
        if here is None or number in mixes:
            return 0.0, 1.0
        source = self._expectation.source_of(here)
        is_same_source = before is not None and self._expectation.source_of(before[0]) is source
        if before is not None and is_same_source and before[0].source_picture == here.source_picture:
            self._newest = before
            return 0.0, 1.0
        plane = source.upright_luma(here.source_picture)
        if plane is None:
            return 0.0, 1.0
        every = slice(None, None, max(1, max(plane.width, plane.height) // _SOURCE_SAMPLES))
        self._newest = (here, plane.levels(every, every))
        if before is None:
            return 0.0, 1.0
        return difference_and_likeness(before[1], self._newest[1]) if is_same_source else (float("inf"), 0.0)

    def level(self, colour: str) -> float:
        """Luma of a colour in the movie, which is coded as the first media of the cut."""
        tags = self._expectation.sources[self._expectation.cut.clips[0].path].tags
        # RGB has no range of its own and becomes limited.
        return background_level(colour, tags.matrix, tags.range == 2 and not tags.is_rgb) or 0.0

    def background(self, expected_picture: ExpectedPicture, cell: Cell, size: tuple[int, int]) -> Gray | None:
        """What is seen in a cell beside the source, at a size (width, height); None if the source has no picture."""
        framing = self._expectation.framing_of(expected_picture)
        if framing.background != "blur":
            upper, lower = (self.level(colour) for colour in gradient_of(framing.background))
            down = (cell.top_px + (np.arange(size[1]) + 0.5) / size[1] * cell.size.height) / framing.canvas.height
            return np.repeat((upper + (lower - upper) * down)[:, None], size[0], axis=1).astype(np.float32)
        plane = self._expectation.source_of(expected_picture).upright_luma(expected_picture.source_picture)
        return None if plane is None else blurred_view(plane, cell, framing, size)

    def _cells(self, expected_picture: ExpectedPicture) -> ProxyViews | None:
        plane = self._expectation.source_of(expected_picture).upright_luma(expected_picture.source_picture)
        if plane is None:
            return None
        framing = self._expectation.framing_of(expected_picture)
        views = expected_proxy_views(plane, framing, expected_picture.media_frame)
        return [
            (view if mask.all() else self._beside(view, mask, expected_picture, cell), mask)
            for cell, (view, mask) in zip(framing.cells, views, strict=True)
        ]

    def _beside(self, view: Gray, mask: Mask, expected_picture: ExpectedPicture, cell: Cell) -> Gray:
        """A view with the background beside the source: a strong edge there is told from a faint one."""
        background = self.background(expected_picture, cell, (view.shape[1], view.shape[0]))
        return view if background is None else np.where(mask, view, background)

    def _sides(self, mix: ExpectedMix) -> Sides | None:
        """The two views that are mixed, and the share of the second; None where a source has no picture."""
        shown = [self._canvas(one) if one is not None else None for one in (mix.before, mix.after)]
        flat = flat_view(self._expectation.cut.canvas, self.level(mix.colour))
        if mix.is_cross:
            return None if shown[0] is None or shown[1] is None else (shown[0], shown[1], mix.shares[1])
        if mix.seen is mix.before:
            return None if shown[0] is None else (shown[0], flat, 1 - mix.shares[0])
        return None if shown[1] is None else (flat, shown[1], mix.shares[1])

    def _canvas(self, expected_picture: ExpectedPicture) -> CanvasView | None:
        views = self._cells(expected_picture)
        return None if views is None else canvas_view(views, self._expectation.framing_of(expected_picture))
