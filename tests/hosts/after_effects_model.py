"""A layer of After Effects with pasted keyframe text, in a composition of the canvas's size.

The anchor point of the source is put at Position and scaled by Scale. Pasting puts the earliest key of all at the
current time, which is the layer's first frame.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from hosts.shown import Shown


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
        if cells[0] == "Transform":
            name = cells[1]
            properties[name] = []
        elif name is None:
            assert cells[0] == "" and len(cells) == 3
            head[cells[1]] = float(cells[2])
        elif cells[1] == "Frame":
            unit = "percent" if name == "Scale" else "pixels"
            assert cells == ["", "Frame", f"X {unit}", f"Y {unit}", f"Z {unit}", ""]
        else:
            assert cells[0] == cells[-1] == "" and len(cells) == 6
            properties[name].append((int(cells[1]), tuple(float(cell) for cell in cells[2:5])))
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


def _at(keys: list[tuple[int, tuple[float, ...]]], frame: int) -> tuple[float, ...]:
    frames = [key for key, _ in keys]
    assert frames == sorted(set(frames))
    after = bisect_right(frames, frame)
    if after in (0, len(keys)):
        return keys[max(after - 1, 0)][1]
    (begin, low), (end, high) = keys[after - 1], keys[after]
    share = (frame - begin) / (end - begin)
    return tuple(a + share * (b - a) for a, b in zip(low, high, strict=True))
