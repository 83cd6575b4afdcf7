"""Premiere's Motion as a plan sets it, read from the plan alone: what each frame of each layer shows.

Scale 100 shows the source's own pixels, Position is where its middle lies as a fraction of the sequence, y down, Crop
is percent of the source; keys lie at ticks of media time and are joined by straight lines.
"""

from __future__ import annotations

import json
from fractions import Fraction

from hosts.placed import Placed, line

TICKS = 254_016_000_000


def play(text: str) -> list[dict[int, Placed]]:
    """One mapping of sequence frame to picture per layer."""
    plan = json.loads(text)
    width, height = plan["canvas_px"]
    per_frame = TICKS / Fraction(*plan["rate"])
    tracks: list[dict[int, Placed]] = [{} for _ in range(max(len(clip["layers"]) for clip in plan["clips"]))]
    for clip in plan["clips"]:
        source = clip["source_px"]
        first, end, start = (int(clip[name]) for name in ("in_ticks", "out_ticks", "start_ticks"))
        begin = round(int(clip["media_start_ticks"]) / per_frame)
        for number in range(round((end - first) / per_frame)):
            at = first + round(number * per_frame)
            for track, layer in zip(tracks, clip["layers"], strict=False):
                x, y = _value(layer["position"], ("x", "y"), at)
                scale = _value(layer["scale"], ("percent",), at) / 100
                sides = ("left", "top", "right", "bottom")
                cut = [side / 100 for side in _value(layer["crop"], sides, at)] if layer["crop"] else [0, 0, 0, 0]
                shown = (cut[0] * source[0], cut[1] * source[1], (1 - cut[2]) * source[0], (1 - cut[3]) * source[1])
                left, top = x * width - scale * source[0] / 2, y * height - scale * source[1] / 2
                frame = round(start / per_frame) + number
                track[frame] = Placed(clip["file"], round(at / per_frame) + begin, scale, left, top, shown)
    return tracks


def _value(curve, names, at):
    columns = zip(*(curve[name] for name in names), strict=True)
    keys = [(int(ticks), row) for ticks, row in zip(curve["ticks"], columns, strict=True)]
    return line(keys, at)
