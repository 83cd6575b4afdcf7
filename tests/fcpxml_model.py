"""A second reading of FCPXML, written from Final Cut's side and sharing nothing with the exporter.

It plays an asset-clip frame by frame: conform the picture into the project, scale it about its centre, move it by
percent of the project's height (y up), with straight lines between keys on the clip's own time axis.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Shown:
    """What one project frame shows: file, media frame (timecode included), and the source rectangle."""

    file: str
    media_frame: int
    crop: tuple[float, float, float, float]


def play(text: str) -> dict[int, Shown]:
    """Project frame -> what it shows; frames of gaps are missing."""
    root = ET.fromstring(text)
    formats = {f.get("id"): f for f in root.iter("format")}
    assets = {a.get("id"): a for a in root.iter("asset")}
    sequence = next(root.iter("sequence"))
    project = formats[sequence.get("format")]
    frame = _time(project.get("frameDuration"))
    height = int(project.get("height"))
    width = int(project.get("width"))
    shown: dict[int, Shown] = {}
    for clip in sequence.find("spine"):
        if clip.tag != "asset-clip":
            continue
        asset = assets[clip.get("ref")]
        assert formats[clip.get("format")] is formats[asset.get("format")]
        source_width, source_height = (int(formats[asset.get("format")].get(side)) for side in ("width", "height"))
        assert clip.find("adjust-conform").get("type") == "fit"
        conformed = min(width / source_width, height / source_height)
        transform = clip.find("adjust-transform")
        start, offset, duration = (_time(clip.get(name)) for name in ("start", "offset", "duration"))
        for number in range(_whole(duration / frame)):
            local = start + number * frame
            scale_x, scale_y = _value(transform, "scale", local, (1.0, 1.0))
            right, up = _value(transform, "position", local, (0.0, 0.0))
            assert scale_x == scale_y
            magnified = conformed * scale_x
            center_x = width / 2 + right * height / 100
            center_y = height / 2 - up * height / 100
            left = (0 - (center_x - magnified * source_width / 2)) / magnified
            top = (0 - (center_y - magnified * source_height / 2)) / magnified
            shown[_whole(offset / frame) + number] = Shown(
                file=asset.find("media-rep").get("src"),
                media_frame=_whole(local / frame),
                crop=(left, top, width / magnified, height / magnified),
            )
    return shown


def _value(transform: ET.Element, name: str, at: Fraction, default: tuple[float, float]) -> tuple[float, float]:
    parameter = next((p for p in transform.findall("param") if p.get("name") == name), None)
    if parameter is None:
        text = transform.get(name)
        return _pair(text) if text else default
    keys = parameter.findall("keyframeAnimation/keyframe")
    assert all(key.get("curve") == "linear" and key.get("interp", "linear") == "linear" for key in keys)
    times = [_time(key.get("time")) for key in keys]
    assert times == sorted(set(times))
    values = [_pair(key.get("value")) for key in keys]
    after = bisect_right(times, at)
    if after == 0:
        return values[0]
    if after == len(times):
        return values[-1]
    share = float((at - times[after - 1]) / (times[after] - times[after - 1]))
    before, behind = values[after - 1], values[after]
    return before[0] + share * (behind[0] - before[0]), before[1] + share * (behind[1] - before[1])


def _pair(text: str) -> tuple[float, float]:
    first, second = text.split()
    return float(first), float(second)


def _time(text: str) -> Fraction:
    assert text.endswith("s")
    return Fraction(text[:-1])


def _whole(value: Fraction) -> int:
    assert value.denominator == 1
    return value.numerator
