"""Cameras as a program shows them that scales whole pictures and moves them by whole px, such as FFmpeg's filters.

What it shows is so known to the px, and a movie that is a px beside it is as wrong as any other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panscan.model.framing import Camera, Cell
from panscan.model.geometry import Size
from panscan.timeline.cut import Cut, FramedClip

# px. Slightly more than a half: halves are frequent (an odd picture in the middle of an even canvas) and must not go
# one way or the other by how many decimals were written.
_ROUNDING_PX = 0.501


def on_whole_px(cut: Cut) -> Cut:
    """The cut with cameras keyed at every frame, whose pictures have whole px and lie on whole px of their cells."""
    return replace(cut, clips=tuple(_clip_on_whole_px(clip) for clip in cut.clips))


def _clip_on_whole_px(clip: FramedClip) -> FramedClip:
    framing = clip.framing
    # The frames beside a clip are compared with it, too.
    frames = range(clip.first - 1, clip.end + 1)
    cells = tuple(replace(cell, camera=_camera_on_whole_px(cell, framing.source, frames)) for cell in framing.cells)
    return replace(clip, framing=replace(framing, cells=cells))


def _camera_on_whole_px(cell: Cell, source: Size, frames: range) -> Camera:
    if cell.camera.is_static:
        frames = range(frames.start, frames.start + 1)
    scale, x_px, y_px = cell.camera.sample(frames).T
    width, height = (np.floor(scale * side + _ROUNDING_PX) for side in (source.width, source.height))
    rows = (
        width / source.width,
        (width - cell.size.width) / 2 - np.floor((width - cell.size.width) / 2 - x_px + _ROUNDING_PX),
        (height - cell.size.height) / 2 - np.floor((height - cell.size.height) / 2 - y_px + _ROUNDING_PX),
    )
    scale, x_px, y_px = (tuple(row.tolist()) for row in rows)
    return replace(cell.camera.resampled(frames, frames), scale=scale, x_px=x_px, y_px=y_px)
