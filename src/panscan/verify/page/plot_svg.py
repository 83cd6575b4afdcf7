"""A plot of a camera's crop over time and of the faces found, as SVG, without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panscan.timeline.cut import FramedClip
from panscan.verify.measure.faces import FaceSample

# Units of the SVG, which the page scales to its own width: the whole drawing, and its margins for labels.
_WIDTH, _HEIGHT = 720, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 8, 10, 26
_MAX_POINTS = 240  # of a curve: one per three units
# Distances of time labels, and one for clips that are longer than these allow.
_TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600)
_LONGEST_TICK_S = 1800
_MAX_TICKS = 8  # so that labels do not touch


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps frames, and shares of the source's width or height, to positions in the drawing.

    Attributes
    ----------
    first : int
        Frame at the left edge.
    count : int
        Frames from edge to edge.
    """

    first: int
    count: int

    def x(self, frame: float) -> float:
        return _LEFT + (frame - self.first) / max(1, self.count - 1) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, share: float) -> float:
        return _TOP + share * (_HEIGHT - _TOP - _BOTTOM)


def camera_plot(clip: FramedClip, faces: Sequence[FaceSample], record_numbers: Sequence[int]) -> str:
    """An SVG of one clip: what each cell's crop covers on its more movable axis, its keys, and the faces found.

    Parameters
    ----------
    clip : FramedClip
    faces : sequence of FaceSample
        Of this clip.
    record_numbers : sequence of int
        Number of the output picture of each frame of the clip.
    """
    source, first = clip.framing.source, clip.first
    frames = np.unique(np.linspace(first, clip.end - 1, min(_MAX_POINTS, clip.frame_count)).round())
    scale = _Scale(first, clip.frame_count)
    crops = [cell.crops(frames, source) for cell in clip.framing.cells]
    down = _is_vertical(crops, source.width, source.height)
    axis, length = (1, source.height) if down else (0, source.width)
    parts = [_frame(clip, scale, "top" if down else "left", "bottom" if down else "right")]
    for n, (cell, crop) in enumerate(zip(clip.framing.cells, crops, strict=True)):
        low, high = crop[:, axis] / length, (crop[:, axis] + crop[:, axis + 2]) / length
        low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        upper = [f"{scale.x(f):.1f},{scale.y(v):.1f}" for f, v in zip(frames, low, strict=True)]
        lower = [f"{scale.x(f):.1f},{scale.y(v):.1f}" for f, v in zip(frames, high, strict=True)]
        if len(frames) == 1:
            upper, lower = _flat(scale, float(low[0])), _flat(scale, float(high[0]))
        parts.append(f'<polygon class="band c{n % 4}" points="{" ".join([*upper, *reversed(lower)])}"/>')
        middle = (low + high) / 2
        path = [f"{scale.x(f):.1f},{scale.y(v):.1f}" for f, v in zip(frames, middle, strict=True)]
        parts.append(f'<polyline class="path c{n % 4}" points="{" ".join(path)}"/>')
        keys = [k for k in cell.camera.frame if first <= k < clip.end]
        for key in keys:
            x, y = scale.x(key) - 3, scale.y(float(np.interp(key, frames, middle))) - 3
            parts.append(f'<rect class="key c{n % 4}" x="{x:.1f}" y="{y:.1f}" width="6" height="6"/>')
    frame_of = {number: first + k for k, number in enumerate(record_numbers)}
    for sample in faces:
        if sample.face_centre_px is None or sample.number not in frame_of:
            continue
        share = min(1.0, max(0.0, sample.face_centre_px[axis] / length))
        kind = "found" if sample.found else "lost"
        parts.append(
            f'<circle class="{kind}" cx="{scale.x(frame_of[sample.number]):.1f}" cy="{scale.y(share):.1f}" r="4"/>'
        )
    label = f"Camera path of clip {clip.name}"
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_escaped(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def _is_vertical(crops: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.float64]]], width: int, height: int) -> bool:
    """Whether the crops leave more room above and below than at the sides."""
    across = min(float(np.mean(c[:, 2])) / width for c in crops)
    down = min(float(np.mean(c[:, 3])) / height for c in crops)
    return down < across


def _flat(scale: _Scale, share: float) -> list[str]:
    return [f"{_LEFT},{scale.y(share):.1f}", f"{_WIDTH - _RIGHT},{scale.y(share):.1f}"]


def _frame(clip: FramedClip, scale: _Scale, low: str, high: str) -> str:
    """The axes: edges of the source, and seconds."""
    rate = float(clip.framing.rate)
    seconds = clip.frame_count / rate
    step = next((s for s in _TICKS_S if seconds / s <= _MAX_TICKS), _LONGEST_TICK_S)
    parts = [
        f'<rect class="ground" x="{_LEFT}" y="{_TOP}" width="{_WIDTH - _LEFT - _RIGHT}" '
        f'height="{_HEIGHT - _TOP - _BOTTOM}"/>',
        f'<text x="{_LEFT - 6}" y="{_TOP + 10}" text-anchor="end">{low}</text>',
        f'<text x="{_LEFT - 6}" y="{_HEIGHT - _BOTTOM}" text-anchor="end">{high}</text>',
    ]
    for k in range(int(seconds / step) + 1):
        x = scale.x(clip.first + k * step * rate)
        if x > _WIDTH - _RIGHT + 0.5:
            break
        parts.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        anchor = "middle" if x < _WIDTH - 30 else "end"
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{k * step:g} s</text>')
    return "".join(parts)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
