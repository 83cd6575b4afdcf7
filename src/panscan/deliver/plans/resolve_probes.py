"""Where a script inside Resolve checks that a clip shows what was planned: three frames, and points in each cell."""

from __future__ import annotations

from typing import Any

from panscan.deliver.host_space import shown_at
from panscan.deliver.plans.lua_text import format_rows
from panscan.deliver.sequence import ClipItem
from panscan.model.framing import Cell

_STEPS = (0.1, 0.3, 0.5, 0.7, 0.9)  # of a cell's width and height: 25 points, none at its edge
_EDGE = 0.01  # of the source's width and height: so near to its edge a picture may be another one's
_SHARE_DECIMALS = 6  # of the source's width and height
_CROP_DECIMALS = 4  # of source px


def probe_frames(clip_item: ClipItem) -> list[dict[str, Any]]:
    """First, middle and last frame of a clip item (from 0), each with what to look for.

    Each has `crops`, rows of left, top, width and height of a cell's source rectangle in px; and `points`, rows of a
    canvas px (x, y) and of the place in the source that shows there, in fractions of its width and height. Points that
    another cell covers, or where the picture does not reach, are left out.
    """
    clip, framing = clip_item.clip, clip_item.clip.framing
    source = framing.source
    found = []
    for frame in sorted({0, clip.frame_count // 2, clip.frame_count - 1}):
        crops, points = [], []
        for number, cell in enumerate(framing.cells):
            crop = cell.crop_at(clip.first + frame, source)
            crops.append([round(side, _CROP_DECIMALS) for side in (crop.left, crop.top, crop.width, crop.height)])
            for down in _STEPS:
                for across in _STEPS:
                    x_px = cell.left_px + int(cell.size.width * across)
                    y_px = cell.top_px + int(cell.size.height * down)
                    if any(_holds(over, x_px, y_px) for over in framing.cells[number + 1 :]):
                        continue
                    u, v = shown_at(x_px, y_px, cell, crop, source)
                    if _EDGE < u < 1 - _EDGE and _EDGE < v < 1 - _EDGE:
                        points.append([x_px, y_px, round(u, _SHARE_DECIMALS), round(v, _SHARE_DECIMALS)])
        found.append({"frame": frame, "crops": format_rows(crops), "points": format_rows(points)})
    return found


def _holds(cell: Cell, x_px: int, y_px: int) -> bool:
    inside = 0 <= x_px - cell.left_px < cell.size.width
    return inside and 0 <= y_px - cell.top_px < cell.size.height
