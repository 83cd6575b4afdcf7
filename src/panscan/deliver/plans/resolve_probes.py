"""Where a script inside Resolve looks to see that a clip shows what was planned: three frames, points in each cell."""

from __future__ import annotations

from typing import Any

from panscan.deliver.plans.lua_text import format_rows
from panscan.deliver.sequence.sequence import ClipItem
from panscan.model.framing import Cell

_STEPS = (0.1, 0.3, 0.5, 0.7, 0.9)  # of a cell's width and height


def probe_frames(piece: ClipItem) -> list[dict[str, Any]]:
    """First, middle and last frame of a clip (from 0): the source rectangle of each cell, and points to compare.

    crops: rows of left, top, width and height in source px; points: rows of a canvas px (x, y) and of the place in the
    source that shows there, as shares of its width and height. Points that another cell covers, or where the picture
    does not reach, are left out.
    """
    clip, framing = piece.clip, piece.clip.framing
    source = framing.source
    found = []
    for frame in sorted({0, clip.frame_count // 2, clip.frame_count - 1}):
        crops, points = [], []
        for number, cell in enumerate(framing.cells):
            crop = cell.crop_at(clip.first + frame, source)
            crops.append([round(v, 4) for v in (crop.left, crop.top, crop.width, crop.height)])
            for down in _STEPS:
                for across in _STEPS:
                    x_px = cell.left_px + int(cell.size.width * across)
                    y_px = cell.top_px + int(cell.size.height * down)
                    if any(_holds(over, x_px, y_px) for over in framing.cells[number + 1 :]):
                        continue
                    # The middle of the canvas pixel, seen through the cell.
                    u = (crop.left + (x_px + 0.5 - cell.left_px) / cell.size.width * crop.width) / source.width
                    v = (crop.top + (y_px + 0.5 - cell.top_px) / cell.size.height * crop.height) / source.height
                    if 0.01 < u < 0.99 and 0.01 < v < 0.99:
                        points.append([x_px, y_px, round(u, 6), round(v, 6)])
        found.append({"frame": frame, "crops": format_rows(crops), "points": format_rows(points)})
    return found


def _holds(cell: Cell, x_px: int, y_px: int) -> bool:
    inside = 0 <= x_px - cell.left_px < cell.size.width
    return inside and 0 <= y_px - cell.top_px < cell.size.height
