"""Edits of the cameras of a timeline, as after a movie was rendered from it; each gives a changed copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from faults import films
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline.effect import attach_framing, framing_of

# Of a timeline, giving another one.
Edit = Callable[[Any], Any]


def reframed(timeline: Any, change: Callable[[Framing], Framing], clip: int | None = None) -> Any:
    """The framings of all clips changed, or of one, counted from 0."""
    edited = timeline.deepcopy()
    framed = [one for one in edited.find_clips() if framing_of(one) is not None]
    for one in framed if clip is None else [framed[clip]]:
        attach_framing(one, change(framing_of(one)))
    return edited


def filmed(timeline: Any, change: Callable[[Camera], Camera], clip: int | None = None) -> Any:
    """The cameras of all cells of all clips changed, or of one clip."""
    cells = lambda f: tuple(replace(cell, camera=change(cell.camera)) for cell in f.cells)  # noqa: E731
    return reframed(timeline, lambda f: replace(f, cells=cells(f)), clip)


def moved(timeline: Any, x_px: float = 0, y_px: float = 0, clip: int | None = None) -> Any:
    """All pictures so many px of the canvas to the right, and down."""

    def change(camera: Camera) -> Camera:
        return replace(camera, x_px=tuple(x + x_px for x in camera.x_px), y_px=tuple(y + y_px for y in camera.y_px))

    return filmed(timeline, change, clip)


def zoomed(timeline: Any, factor: float) -> Any:
    """The same cameras over the same middles, nearer by a factor."""

    def change(camera: Camera) -> Camera:
        columns = (camera.scale, camera.x_px, camera.y_px)
        return Camera(camera.frame, *(tuple(v * factor for v in column) for column in columns))

    return filmed(timeline, change)


def late(timeline: Any, frames: int) -> Any:
    """All keys so many frames later."""
    return reframed(timeline, lambda framing: framing.shifted(frames))


def held(timeline: Any) -> Any:
    """Cameras that stay at their first key."""
    return filmed(timeline, lambda c: Camera(c.frame[:1], c.scale[:1], c.x_px[:1], c.y_px[:1]))


def turned_round(timeline: Any) -> Any:
    """Cameras that move the other way."""
    return filmed(timeline, lambda c: Camera(c.frame, c.scale[::-1], c.x_px[::-1], c.y_px[::-1]))


def bent(timeline: Any, x_px: float) -> Any:
    """A third key half-way, so many px of the canvas off the straight line."""

    def change(camera: Camera) -> Camera:
        first, last = camera.frame[0], camera.frame[-1]
        scale, x, y = camera.sample([(first + last) // 2])[0]
        columns = zip(camera.scale, camera.x_px, camera.y_px, strict=True)
        start, *_, end = columns
        rows = (start, (scale, x + x_px, y), end)
        return Camera((first, (first + last) // 2, last), *zip(*rows, strict=True))

    return filmed(timeline, change)


def swapped_cells(timeline: Any) -> Any:
    """What the first of two cells shows in place of the second."""

    def change(framing: Framing) -> Framing:
        cameras = [cell.camera for cell in framing.cells[::-1]]
        cells = (replace(c, camera=camera) for c, camera in zip(framing.cells, cameras, strict=True))
        return replace(framing, cells=tuple(cells))

    return reframed(timeline, change)


def resized_cells(timeline: Any, by_px: int) -> Any:
    """The line between two cells so many px lower, over the same cameras."""

    def change(framing: Framing) -> Framing:
        upper, lower = framing.cells
        width = upper.size.width
        return replace(
            framing,
            cells=(
                replace(upper, size=Size(width, upper.size.height + by_px)),
                replace(lower, size=Size(width, lower.size.height - by_px), top_px=lower.top_px + by_px),
            ),
        )

    return reframed(timeline, change)


def single(timeline: Any) -> Any:
    """One cell that fills the canvas in place of several."""

    def change(framing: Framing) -> Framing:
        one = framing.cells[0]
        return replace(framing, cells=(Cell(0, 0, framing.canvas, one.camera),), layout="single")

    return reframed(timeline, change)


def split(timeline: Any) -> Any:
    """Two cells in place of one."""
    return reframed(timeline, lambda f: replace(films.halves(f.canvas), rate=f.rate), 0)


def over(timeline: Any, film: Path) -> Any:
    """The same over another file."""
    edited = timeline.deepcopy()
    for clip in edited.find_clips():
        clip.media_reference.target_url = str(film)
    return edited


def behind(timeline: Any, background: str) -> Any:
    """Another background."""
    return reframed(timeline, lambda f: replace(f, background=background))


def with_edge(timeline: Any, *, corner_radius_px: float, has_shadow: bool) -> Any:
    """Other corners, with or without a shadow."""
    return reframed(timeline, lambda f: replace(f, corner_radius_px=corner_radius_px, has_shadow=has_shadow))


def on_canvas(timeline: Any, width: int) -> Any:
    """Another width of the canvas."""
    return reframed(timeline, lambda f: replace(f, canvas=Size(width, f.canvas.height)))
