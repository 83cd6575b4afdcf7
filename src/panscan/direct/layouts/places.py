"""Where the cells of a layout lie on a canvas, whatever they show."""

from __future__ import annotations

from panscan.direct.layouts.pip import screen_and_other
from panscan.direct.layouts.split import tile_canvas
from panscan.model.geometry import Size

Place = tuple[int, int, Size]  # left and top on the canvas, px, and size


def cell_places(layout: str, canvas: Size, picture_ratio: float) -> list[Place]:
    """The cells of one of panscan's layouts with several, in their order; none of any other.

    Parameters
    ----------
    layout : str
        Its name.
    canvas : Size
    picture_ratio : float
        Width of the picture over its height.
    """
    name, _, count = layout.partition("-")
    if name == "split" and count.isdecimal():
        return tile_canvas(canvas, int(count))
    screen, other = screen_and_other(canvas, picture_ratio)
    if layout == "pip":
        return [screen, other]
    if layout == "stack":
        whole = screen[2]
        return [(0, 0, other[2]), (canvas.width - whole.width, canvas.height - whole.height, whole)]
    return []
