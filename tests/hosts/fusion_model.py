"""A small Fusion: reads a .setting and follows the pictures from MediaIn1 to the active tool on one comp frame.

Merge puts its foreground, scaled by Size about its own centre, with that centre at Center (shares of the background,
from the bottom-left corner). The background makes the size of the result. Splines are Bezier curves with absolute
handles; Flags are not trusted.
"""

from __future__ import annotations

import re
from functools import lru_cache

from hosts.shown import Shown, pinned, whole

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([{}=\[\],()]))')


@lru_cache(maxsize=4)
def parse(text: str) -> dict:
    """The table of a .setting: named entries, `[n]` entries and plain values (under 1, 2, ...)."""
    tokens = [match.groups() for match in _TOKEN.finditer(text)]
    assert "".join("".join(t or "" for t in token) for token in tokens) == re.sub(r"\s", "", text)
    value, rest = _value(tokens)
    assert not rest
    return value


def _value(tokens):
    string, digits, name, mark = tokens[0]
    if string:
        return string[1:-1], tokens[1:]
    if digits:
        return float(digits), tokens[1:]
    if name in ("true", "false"):
        return name == "true", tokens[1:]
    if name:  # a constructor: Merge { ... } or ordered() { ... }
        rest = tokens[1:]
        if rest[0][3] == "(":
            rest = rest[2:]
        table, rest = _value(rest)
        return {"type": name, **table}, rest
    assert mark == "{"
    table, rest, count = {}, tokens[1:], 0
    while rest[0][3] != "}":
        if rest[0][3] == "[":
            key, rest = float(rest[1][1]), rest[4:]
        elif rest[0][2] and rest[1][3] == "=":
            key, rest = rest[0][2], rest[2:]
        else:
            count += 1
            key = count
        table[key], rest = _value(rest)
        if rest[0][3] == ",":
            rest = rest[1:]
    return table, rest[1:]


def play(text: str, frame: float, source) -> tuple[tuple[float, float], list[Shown]]:
    """Size of the picture and what it shows of the source, lowest first."""
    setting = parse(text)
    tools = {name: tool for name, tool in setting["Tools"].items() if name != "type"}
    return _render(setting["ActiveTool"], tools, frame, source)


def _render(name: str, tools: dict, frame: float, source):
    if name == "MediaIn1":
        return (source.width, source.height), [whole(source)]
    tool = tools[name]
    inputs = tool["Inputs"]
    if tool["type"] == "Background":
        assert inputs["UseFrameFormatSettings"]["Value"] == 0
        return (inputs["Width"]["Value"], inputs["Height"]["Value"]), []
    assert tool["type"] == "Merge"
    (width, height), shown = _render(_wire(inputs["Background"]), tools, frame, source)
    (over_width, over_height), over = _render(_wire(inputs["Foreground"]), tools, frame, source)
    size = _number(inputs["Size"], tools, frame)
    x, y = _point(inputs["Center"], tools, frame)
    left, top = x * width - size * over_width / 2, (1 - y) * height - size * over_height / 2
    return (width, height), [*shown, *(s.moved(size, left, top).cropped(width, height) for s in over)]


def place(text: str, frame: float, point: tuple[float, float], source) -> tuple[float, float]:
    """Where a point of the source, px from its top left, lies in the picture of the active tool, px from there, too."""
    setting = parse(text)
    tools = {name: tool for name, tool in setting["Tools"].items() if name != "type"}
    return _placed(setting["ActiveTool"], tools, frame, point, source)[1]


def _placed(name: str, tools: dict, frame: float, point, source):
    """Size of a tool's picture, and where the point lies in it."""
    if name == "MediaIn1":
        return (source.width, source.height), point
    inputs = tools[name]["Inputs"]
    if tools[name]["type"] == "Background":
        return (inputs["Width"]["Value"], inputs["Height"]["Value"]), None
    if tools[name]["type"] == "CornerPositioner":
        assert inputs["MappingType"]["Value"] == 1
        (width, height), (x, y) = _placed(_wire(inputs["Input"]), tools, frame, point, source)
        ends = [_point(inputs[end], tools, frame) for end in ("TopLeft", "TopRight", "BottomLeft", "BottomRight")]
        x, y = pinned((x / width, 1 - y / height), [(0, 1), (1, 1), (0, 0), (1, 0)], ends)
        return (width, height), (x * width, (1 - y) * height)
    (width, height), _ = _placed(_wire(inputs["Background"]), tools, frame, point, source)
    over, (x, y) = _placed(_wire(inputs["Foreground"]), tools, frame, point, source)
    size, (across, up) = _number(inputs["Size"], tools, frame), _point(inputs["Center"], tools, frame)
    middle = (across * width, (1 - up) * height)
    return (width, height), tuple(m + size * (at - side / 2) for m, at, side in zip(middle, (x, y), over, strict=True))


def _wire(entry: dict) -> str:
    assert entry["type"] == "Input" and entry["Source"] == "Output"
    return entry["SourceOp"]


def _number(entry: dict, tools: dict, frame: float) -> float:
    if "Value" in entry:
        return entry["Value"]
    spline = tools[entry["SourceOp"]]
    assert spline["type"] == "BezierSpline" and entry["Source"] == "Value"
    return _bezier(spline["KeyFrames"], frame)


def _point(entry: dict, tools: dict, frame: float) -> tuple[float, float]:
    if "Value" in entry:
        return entry["Value"][1], entry["Value"][2]
    path = tools[entry["SourceOp"]]
    assert path["type"] == "XYPath" and path["DrawMode"] == "ModifyOnly"
    return _number(path["Inputs"]["X"], tools, frame), _number(path["Inputs"]["Y"], tools, frame)


def _bezier(keys: dict, frame: float) -> float:
    frames = sorted(keys)
    if frame <= frames[0]:
        return keys[frames[0]][1]
    if frame >= frames[-1]:
        return keys[frames[-1]][1]
    end = next(f for f in frames if f > frame)
    start = frames[frames.index(end) - 1]
    right, left = keys[start]["RH"], keys[end]["LH"]
    times = (start, right[1], left[1], end)
    values = (keys[start][1], right[2], left[2], keys[end][1])
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _cubic(times, middle) < frame else (low, middle)
    return _cubic(values, low)


def _cubic(p, t: float) -> float:
    return (1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3]
