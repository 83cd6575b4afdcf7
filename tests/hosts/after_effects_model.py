"""A layer of After Effects with pasted keyframe text, in a composition of the canvas's size.

The anchor point of the source is put at Position and scaled by Scale. Pasting puts the earliest key of all at the
current time, which is the layer's first frame.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from hosts.shown import Shown, pinned

_PIN = "ADBE Corner Pin"  # upper left, upper right, lower left, lower right are its parameters 1 to 4


@lru_cache(maxsize=4)
def parse(text: str) -> tuple[dict[str, float], dict[str, list[tuple[int, tuple[float, ...]]]]]:
    """Header numbers, and the keys of each property."""
    lines = text.splitlines()
    assert lines[0] == "Adobe After Effects 8.0 Keyframe Data" and lines[-1] == "End of Keyframe Data"
    head, properties, name = {}, {}, None
    for line in lines[1:-1]:
        cells = line.split("\t")
        if not line:
            continue
        if cells[0] in ("Transform", "Effects"):
            name = cells[-1]
            properties[name] = []
        elif name is None:
            assert cells[0] == "" and len(cells) == 3
            head[cells[1]] = float(cells[2])
        elif cells[1] == "Frame":
            unit, axes = "percent" if name == "Scale" else "pixels", "XY" if name.startswith(_PIN) else "XYZ"
            assert cells == ["", "Frame", *(f"{axis} {unit}" for axis in axes), ""]
        else:
            assert cells[0] == cells[-1] == "" and len(cells) == (5 if name.startswith(_PIN) else 6)
            properties[name].append((int(cells[1]), tuple(float(cell) for cell in cells[2:-1])))
    return head, properties


def play(text: str, frame: int) -> Shown:
    """What the composition shows on a frame of the layer, without any mask."""
    head, properties = parse(text)
    start = min(keys[0][0] for keys in properties.values())
    anchor, position, scale = (_at(properties[name], start + frame) for name in ("Anchor Point", "Position", "Scale"))
    assert scale[0] == scale[1] and scale[2] == 100
    factor = scale[0] / 100
    left, top = position[0] - anchor[0] * factor, position[1] - anchor[1] * factor
    right, bottom = left + factor * head["Source Width"], top + factor * head["Source Height"]
    return Shown(left, top, factor, (left, top, right, bottom))


def place(text: str, frame: int, point: tuple[float, float]) -> tuple[float, float]:
    """Where a point of the layer's source lies in the composition: effects come first, then the transform."""
    head, properties = parse(text)
    start = min(keys[0][0] for keys in properties.values())
    width, height = head["Source Width"], head["Source Height"]
    x, y = point
    if f"{_PIN}-0001" in properties:
        ends = [_at(properties[f"{_PIN}-{n:04d}"], start + frame) for n in (1, 2, 3, 4)]
        x, y = pinned(point, [(0, 0), (width, 0), (0, height), (width, height)], ends)
    anchor, position, scale = (_at(properties[name], start + frame) for name in ("Anchor Point", "Position", "Scale"))
    return tuple(
        p + (at - a) * s / 100 for p, at, a, s in zip(position[:2], (x, y), anchor[:2], scale[:2], strict=True)
    )


def _at(keys: list[tuple[int, tuple[float, ...]]], frame: int) -> tuple[float, ...]:
    frames = [key for key, _ in keys]
    assert frames == sorted(set(frames))
    after = bisect_right(frames, frame)
    if after in (0, len(keys)):
        return keys[max(after - 1, 0)][1]
    (begin, low), (end, high) = keys[after - 1], keys[after]
    share = (frame - begin) / (end - begin)
    return tuple(a + share * (b - a) for a, b in zip(low, high, strict=True))
