"""A small Nuke: reads a script by its stack rules and follows the pictures to each FrameRange.

Pictures lie with their bottom-left corner at the origin, y up. Transform sends p to centre + scale * (p - centre) +
translate and keeps the format; TimeWarp shows its input at the frame that its lookup says; Crop with reformat makes its
box the format; Merge2 takes B (its first input, on top of the stack) as the background and lays A over it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from types import SimpleNamespace

from hosts.shown import Shown, pinned, whole


def read(text: str) -> list[tuple[dict, list]]:
    """The nodes on which nothing depends any more: (knobs, inputs), each input of the same form."""
    stack, kept, ends = [], {}, []
    body = re.compile(r"(\w+) \{\n((?: .*\n)*)\}\n|set (\w+) \[stack 0\]\n|push \$(\w+)\n")
    at = text.index("\n") + 1
    while at < len(text):
        match = body.match(text, at)
        assert match, text[at : at + 80]
        at = match.end()
        kind, lines, name, pushed = match.groups()
        if name:
            kept[name] = stack[-1]
        elif pushed:
            stack.append(kept[pushed])
        else:
            knobs = dict(line.strip().split(" ", 1) for line in lines.splitlines())
            knobs["class"] = kind
            if kind == "Root":
                ends.append((knobs, []))
                continue
            count = int(knobs.get("inputs", 1))
            inputs = [stack.pop() for _ in range(count)]
            stack.append((knobs, inputs))
            if kind == "FrameRange":
                ends.append(stack[-1])
    return ends


def play(node: tuple[dict, list], frame: int) -> tuple[tuple[int, int], list[Shown], int]:
    """Size of the picture, what it shows lowest first, and the picture of the file (from 0), on one frame."""
    knobs, inputs = node
    kind = knobs["class"]
    if kind == "Read":
        width, height = (int(v) for v in knobs["format"].strip('"').split()[:2])
        assert knobs["frame_mode"] == '"start at"' and knobs["first"] == "1"
        # The first picture of the file is shown at the frame that "start at" names.
        picture = frame - int(knobs["frame"])
        if knobs["last"] == "1":  # before and after its range a Read holds: a photo stands on every frame
            picture = 0
        assert 0 <= picture < int(knobs["last"])
        return (width, height), [whole(SimpleNamespace(width=width, height=height))], picture
    if kind == "FrameRange":
        assert int(knobs["first_frame"]) <= frame <= int(knobs["last_frame"])
        return play(inputs[0], frame)
    if kind == "TimeWarp":
        assert knobs["filter"] == "none"
        (looked_up,) = _numbers(knobs["lookup"], frame)
        # Between two keys the place is a float: the filter "none" takes the nearest picture.
        assert abs(looked_up - round(looked_up)) < 1e-6, "two pictures would be blended"
        return play(inputs[0], round(looked_up))
    (width, height), shown, picture = play(inputs[0], frame)
    if kind == "Transform":
        x, y = _numbers(knobs["translate"], frame)
        scale = _numbers(knobs.get("scale", "1"), frame)[0]
        centre_x, centre_y = _numbers(knobs.get("center", "{0 0}"), frame)
        left = centre_x + scale * (0 - centre_x) + x
        top_up = centre_y + scale * (height - centre_y) + y  # where the picture's top edge goes, from the bottom
        return (width, height), [s.moved(scale, left, height - top_up) for s in shown], picture
    if kind == "Crop":
        assert knobs["reformat"] == "true"
        a, b, right, top = _numbers(knobs["box"], frame)
        assert (a, b) == (0, 0)
        cut = [s.moved(1, 0, top - height).cropped(right, top) for s in shown]
        return (int(right), int(top)), cut, picture
    assert kind == "Merge2" and knobs["operation"] == "over" and len(inputs) == 2
    _, over, same = play(inputs[1], frame)
    assert same == picture
    # A lies in its own format; both share the bottom-left corner.
    (_, over_height), _, _ = play(inputs[1], frame)
    return (width, height), [*shown, *(s.moved(1, 0, height - over_height) for s in over)], picture


def place(node: tuple[dict, list], frame: int, point: tuple[float, float]) -> tuple[float, float]:
    """Where a point of the source, px from its top left, lies in the picture of a node, px from the bottom left."""
    knobs, inputs = node
    kind = knobs["class"]
    if kind == "Read":
        return point[0], int(knobs["format"].strip('"').split()[1]) - point[1]
    x, y = place(inputs[0], frame, point)
    if kind == "Transform":
        scale = _numbers(knobs.get("scale", "1"), frame)[0]
        along, center = (_numbers(knobs.get(name, "{0 0}"), frame) for name in ("translate", "center"))
        return tuple(c + scale * (at - c) + by for at, c, by in zip((x, y), center, along, strict=True))
    if kind == "CornerPin2D":
        ends = [[_numbers(knobs[f"{name}{n}"], frame) for n in (1, 2, 3, 4)] for name in ("from", "to")]
        return pinned((x, y), *ends)
    assert kind in ("Crop", "FrameRange")
    return x, y


def _numbers(text: str, frame: int) -> list[float]:
    """A knob's numbers on a frame; `{curve L x0 1 x5 2}` runs straight after the letter L."""
    inner = text[1:-1] if text.startswith("{") else text
    parts = re.findall(r"\{curve [^}]*\}|\S+", inner)
    return [_curve(part[1:-1].split()[1:], frame) if part.startswith("{") else float(part) for part in parts]


def _curve(words: list[str], frame: int) -> float:
    assert words[0] == "L" and not {"K", "S", "R", "C"} & set(words)
    frames = [int(word[1:]) for word in words[1::2]]
    values = [float(word) for word in words[2::2]]
    assert frames == sorted(set(frames))
    after = bisect_right(frames, frame)
    if after in (0, len(frames)):
        return values[max(after - 1, 0)]
    share = (frame - frames[after - 1]) / (frames[after] - frames[after - 1])
    return values[after - 1] + share * (values[after] - values[after - 1])
