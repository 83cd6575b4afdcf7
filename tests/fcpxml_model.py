"""A second reading of FCPXML, written from the editors' side and sharing nothing with the exporter.

It plays the primary storyline and the lanes above it frame by frame: trim the picture, conform it into the project,
scale it about its centre, move it, with straight lines between keys on the clip's own time axis, which a time map maps
to that of the media. A compound clip is
played in its own sequence first. Two readers are modelled. Final Cut: position in percent of the project's height, y
up; trims in percent of the picture's height. Resolve, as round trips of several authors found it: position
shrunk by the share of the project that the fitted picture fills; trims left and right in percent of the sequence's
height, top and bottom in percent of the picture's height divided by the fit.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import unquote

from hosts.placed import Placed

CLIPS = ("asset-clip", "video", "ref-clip")  # "video": a stretch of a photo, which has no length of its own


@dataclass(frozen=True)
class Shown:
    """What one project frame shows: file, media frame (timecode included), and the source rectangle."""

    file: str
    media_frame: int
    crop: tuple[float, float, float, float]


@dataclass(frozen=True)
class Played:
    """A project: per lane record frame -> picture; the frames of dissolves -> the two pictures (None: black) and the
    share of the later one; record frames at which a clip's own sound is heard; markers (record frame, frames, name,
    note)."""

    size: tuple[int, int]
    start_frame: int
    lanes: list[dict[int, Placed]]
    dissolves: dict[int, tuple[Placed | None, Placed | None, float]]
    sound: set[int]
    marks: list[tuple[int, int, str, str]]


def play(text: str) -> dict[int, Shown]:
    """Project frame -> what its primary storyline shows; frames of gaps are missing."""
    played = play_project(text)
    return {
        record: Shown(placed.file, placed.media_frame, placed.through(0, 0, *played.size))
        for record, placed in played.lanes[0].items()
    }


def play_project(text: str, reader: str = "fcp") -> Played:
    """Everything that a project shows, as "fcp" or "resolve" reads it."""
    root = ET.fromstring(text)
    return _Player(root, reader).project(root.find("library/event/project/sequence"))


class _Player:
    def __init__(self, root: ET.Element, reader: str) -> None:
        self.by_id = {e.get("id"): e for e in root.find("resources")}
        self.reader = reader
        self.compounds: dict[str, Played] = {}

    def project(self, sequence: ET.Element) -> Played:
        frame, size = self._frame(sequence), self._size(sequence)
        start = _time(sequence.get("tcStart"))
        lanes: list[dict[int, Placed]] = [{}]
        dissolves, sound, marks = {}, set(), []
        row = list(sequence.find("spine"))
        cursor = start
        for index, element in enumerate(row):
            if element.tag == "transition":
                at, count = _whole((_time(element.get("offset")) - start) / frame), self._count(element, frame)
                self._check_effects(element)
                before, after = (row[n] if 0 <= n < len(row) else None for n in (index - 1, index + 1))
                assert at <= _whole((cursor - start) / frame) <= at + count
                for n in range(count):
                    sides: list[Placed | None] = []
                    for clip in (before, after):
                        if clip is None or clip.tag == "gap":  # a fade from or to black
                            sides.append(None)
                            continue
                        head = _whole((_time(clip.get("offset")) - start) / frame)
                        sides.append(self._at(clip, at + n - head, frame, size))
                    dissolves[at + n] = (*sides, (n + 0.5) / count)
                continue
            assert _time(element.get("offset")) == cursor, "the storyline has a hole"
            cursor += _time(element.get("duration"))
            record = _whole((_time(element.get("offset")) - start) / frame)
            origin = _time(element.get("start", "0s"))
            for mark in element.findall("marker"):
                at = record + _whole((_time(mark.get("start")) - origin) / frame)
                marks.append((at, self._count(mark, frame), mark.get("value"), mark.get("note", "")))
            if element.tag == "gap":
                continue
            assert element.tag in CLIPS
            count = self._count(element, frame)
            lanes[0].update({record + n: self._at(element, n, frame, size) for n in range(count)})
            if self._sounds(element):
                sound.update(range(record, record + count))
            for child in element:
                if child.tag not in CLIPS:
                    continue
                lane = int(child.get("lane"))
                assert child.get("srcEnable") == "video", "the sound would be heard twice"
                lanes += [{} for _ in range(lane + 1 - len(lanes))]
                head = record + _whole((_time(child.get("offset")) - origin) / frame)
                frames = range(self._count(child, frame))
                lanes[lane].update({head + n: self._at(child, n, frame, size) for n in frames})
        assert _time(sequence.get("duration")) == cursor - start
        return Played(size, _whole(start / frame), lanes, dissolves, sound, marks)

    def _at(self, clip: ET.Element, number: int, frame: Fraction, canvas: tuple[int, int]) -> Placed:
        """The picture of a clip, `number` frames after its head (also before it and after its end, in dissolves)."""
        local = _time(clip.get("start", "0s")) + number * frame
        if clip.tag in ("asset-clip", "video"):
            asset = self.by_id[clip.get("ref")]
            form = self.by_id[asset.get("format")]
            shown = _mapped(clip, local, frame)
            if clip.tag == "video":
                assert asset.get("duration") == "0s" and form.get("frameDuration") is None, "a photo has no time"
            else:
                assert clip.get("format") == asset.get("format")
                assert _time(asset.get("start")) <= shown
                assert shown + frame <= _time(asset.get("start")) + _time(asset.get("duration")), (
                    "the media has no such frame"
                )
            size = int(form.get("width")), int(form.get("height"))
            file = unquote(asset.find("media-rep").get("src"))
            inner = Placed(file, _whole(shown / frame), 1.0, 0.0, 0.0, (0.0, 0.0, float(size[0]), float(size[1])))
        else:
            sequence = self.by_id[clip.get("ref")].find("sequence")
            size = self._size(sequence)
            assert self._frame(sequence) == frame
            played = self._compound(clip.get("ref"), sequence)
            inner = played.lanes[0][_whole((local - _time(sequence.get("tcStart"))) / frame)]
            inner = _cut(inner, (0.0, 0.0, float(size[0]), float(size[1])))
        return self._adjust(clip, inner, size, canvas, local)

    def _adjust(
        self, clip: ET.Element, inner: Placed, size: tuple[int, int], canvas: tuple[int, int], local: Fraction
    ) -> Placed:
        width, height = size
        assert clip.find("adjust-conform").get("type") == "fit"
        fit = min(canvas[0] / width, canvas[1] / height)
        crop = clip.find("adjust-crop")
        if crop is not None:
            assert crop.get("mode") == "trim" and len(crop) == 1
            left, top, right, bottom = (float(crop[0].get(side, "0")) for side in ("left", "top", "right", "bottom"))
            across, down = height / 100, height / 100
            if self.reader == "resolve":
                across, down = canvas[1] / 100, height * fit / 100
            inner = _cut(inner, (left * across, top * down, width - right * across, height - bottom * down))
        transform = clip.find("adjust-transform")
        scale_x, scale_y = _value(transform, "scale", local, (1.0, 1.0))
        right, up = _value(transform, "position", local, (0.0, 0.0))
        assert scale_x == scale_y
        magnified = fit * scale_x
        per_x = per_y = canvas[1] / 100
        if self.reader == "resolve":
            per_x, per_y = per_x * width * fit / canvas[0], per_y * height * fit / canvas[1]
        left = canvas[0] / 2 + right * per_x - magnified * width / 2
        top = canvas[1] / 2 - up * per_y - magnified * height / 2
        return Placed(
            inner.file,
            inner.media_frame,
            inner.scale * magnified,
            inner.left * magnified + left,
            inner.top * magnified + top,
            inner.shown,
        )

    def _compound(self, name: str, sequence: ET.Element) -> Played:
        if name not in self.compounds:
            self.compounds[name] = self.project(sequence)
        return self.compounds[name]

    def _sounds(self, clip: ET.Element) -> bool:
        if clip.get("srcEnable", "all") == "video":
            return False
        if clip.tag == "ref-clip":
            return any(self._sounds(inside) for inside in self.by_id[clip.get("ref")].find("sequence/spine"))
        return self.by_id[clip.get("ref")].get("hasAudio") == "1"

    def _check_effects(self, transition: ET.Element) -> None:
        used = [(e.tag, self.by_id[e.get("ref")].get("uid")) for e in transition]
        assert used[0] == ("filter-video", "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265")
        assert used[1:] in ([], [("filter-audio", "FFAudioTransition")])

    def _count(self, element: ET.Element, frame: Fraction) -> int:
        return _whole(_time(element.get("duration")) / frame)

    def _frame(self, sequence: ET.Element) -> Fraction:
        return _time(self.by_id[sequence.get("format")].get("frameDuration"))

    def _size(self, sequence: ET.Element) -> tuple[int, int]:
        form = self.by_id[sequence.get("format")]
        return int(form.get("width")), int(form.get("height"))


def _mapped(clip: ET.Element, local: Fraction, frame: Fraction) -> Fraction:
    """When the picture begins in its media that a clip shows at a local time: its time map, floored to a frame."""
    found = clip.find("timeMap")
    if found is None:
        return local
    assert found.get("frameSampling") == "floor" and len(found) == 2
    assert all(point.get("interp") == "linear" for point in found)
    (begin, low), (end, high) = ((_time(point.get("time")), _time(point.get("value"))) for point in found)
    assert 0 <= begin <= local and local + frame <= end, "outside the clip's time range"
    return (low + (local - begin) * (high - low) / (end - begin)) // frame * frame


def _cut(placed: Placed, box: tuple[float, float, float, float]) -> Placed:
    """A picture without what lies outside a box (left, top, right, bottom) of the plane that it lies on."""
    s, left, top = placed.scale, placed.left, placed.top
    a, b, c, d = placed.shown
    x0, y0, x1, y1 = box
    shown = max(a, (x0 - left) / s), max(b, (y0 - top) / s), min(c, (x1 - left) / s), min(d, (y1 - top) / s)
    return Placed(placed.file, placed.media_frame, s, left, top, shown)


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
