"""Premiere Pro as it reads xmeml and its own OTIO metadata: written from the host's side, apart from the exporters.

A clip at scale 100 shows the source's own pixels. Position is where the source's middle goes: in xmeml from the middle
of the sequence in widths and heights of the source, in OTIO as a fraction of the sequence from its corner; y down.
Crops are percent of the source. Keys are joined by straight lines. The range of a retimed clip in OTIO is what it plays
of its media, and so much of the sequence as that takes at its speed; keys lie at media times. Beside a dissolve a clip
item of xmeml has an end of -1: it is shown up to the end of the dissolve, or from its start on.
"""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import pairwise
from urllib.parse import unquote

from hosts.placed import Mix, Placed, Run, line, mixed
from hosts.resolve_model import speed_of


def play_xmeml(text: str) -> list[dict[int, Placed]]:
    """One mapping of sequence frame to picture per video track; disabled clips are not seen.

    At a dissolve the picture changes at its cut.
    """
    tracks = []
    for runs in _xml_runs(text):
        shown: dict[int, Placed] = {}
        for run, _, enabled in runs:
            if enabled:
                shown |= run.alone()
        tracks.append(shown)
    return tracks


def play_xmeml_dissolves(text: str) -> list[list[Mix]]:
    """The dissolves of each video track."""
    tracks = []
    for runs in _xml_runs(text):
        tracks.append([mixed(a, b, *span) for (a, _, _), (b, span, _) in pairwise(runs) if span is not None])
    return tracks


def xmeml_marks(text: str) -> set[tuple[int, int, str, str]]:
    """All markers: frame of the sequence, frames that they cover, name and comment.

    Those of a clip count its media from the first picture, as `in` does. One without an end is a point.
    """
    sequence = ET.fromstring(text).find("sequence")
    found = [(0, marker) for marker in sequence.findall("marker")]
    for item in sequence.iter("clipitem"):
        if item.find("marker") is not None:
            start, first = (int(item.find(tag).text) for tag in ("start", "in"))
            assert start >= 0, "beside a dissolve the start is not written"
            found += [(start - first, marker) for marker in item.findall("marker")]
    marks = set()
    for shift, marker in found:
        first, end = (int(marker.find(tag).text) for tag in ("in", "out"))
        assert first >= 0 and (end == -1 or end > first + 1)
        count = 1 if end == -1 else end - first
        marks.add((shift + first, count, marker.find("name").text, marker.find("comment").text or ""))
    return marks


def _xml_runs(text: str):
    """Per video track its clip items, the dissolve [start, end) into each, and whether they are switched on."""
    root = ET.fromstring(text)
    files = {file.get("id"): file for file in root.iter("file") if len(file)}
    sequence = root.find("sequence")
    picture = sequence.find("media/video/format/samplecharacteristics")
    canvas = tuple(int(picture.find(side).text) for side in ("width", "height"))
    numbers = {}
    for track in sequence.find("media/video").findall("track"):
        runs = []
        items = [item for item in track if item.tag in ("clipitem", "transitionitem")]
        for number, item in enumerate(items):
            if item.tag == "transitionitem":
                assert item.find("effect/effectid").text == "Cross Dissolve"
                assert item.find("effect/mediatype").text == "video"
                continue
            numbers[item.get("id")] = number + 1
            before, after = (items[n] if 0 <= n < len(items) else None for n in (number - 1, number + 1))
            run, span = _xml_run(item, before, after, files, canvas, _rate(sequence))
            runs.append((run, span, _enabled(item)))
        yield runs
    for link in sequence.find("media/video").iter("link"):
        if link.find("mediatype").text == "video":
            assert int(link.find("clipindex").text) == numbers[link.find("linkclipref").text]


def _xml_run(item, before, after, files, canvas, rate):
    """A clip item, with the two items beside it: an end of -1 is that of the dissolve there."""
    file = files[item.find("file").get("id")]
    assert _rate(item) == rate
    characteristics = file.find("media/video/samplecharacteristics")
    source = tuple(int(characteristics.find(side).text) for side in ("width", "height"))
    start, end, first, last = (int(item.find(tag).text) for tag in ("start", "end", "in", "out"))
    cut_in, cut_out, span = start, end, None
    assert (start == -1) == (before is not None and before.tag == "transitionitem")
    assert (end == -1) == (after is not None and after.tag == "transitionitem")
    if start == -1:
        span = _span(before, rate)
        start, cut_in = span[0], _cut(before, rate)
    if end == -1:
        end, cut_out = _span(after, rate)[1], _cut(after, rate)
    assert end - start == last - first > 0
    assert 0 <= first < last <= int(item.find("duration").text)
    media_start = Fraction(file.find("timecode/frame").text) * rate / _rate(file)
    assert media_start.denominator == 1
    effects = {effect.find("effectid").text: effect for effect in item.iter("effect")}
    shown = {}
    for number in range(end - start):
        when = first + number
        scale = _xml_value(effects["basic"], "scale", when) / 100
        horiz, vert = _xml_value(effects["basic"], "center", when)
        cut = [_xml_value(effects.get("crop"), side, when) / 100 for side in ("left", "top", "right", "bottom")]
        middle = canvas[0] / 2 + horiz * source[0], canvas[1] / 2 + vert * source[1]
        url = unquote(file.find("pathurl").text)
        picture = _retimed_frame(item, effects.get("timeremap"), number, when, file)
        shown[start + number] = _placed(url, picture + int(media_start), scale, middle, source, cut)
    return Run(cut_in, cut_out, shown), span


def _retimed_frame(item, remap, number: int, when: int, file) -> int:
    """The media frame that a clip item shows; Premiere's ticks say its start more finely than `in`.

    Time Remap: at double speed frame 5 of the retimed media is frame 10; backwards its first one is the last.
    """
    if remap is None:
        return when
    said = {p.find("parameterid").text: p.find("value").text for p in remap.findall("parameter")}
    assert (said["variablespeed"], said["frameblending"]) == ("0", "FALSE")
    speed = Fraction(said["speed"]).limit_denominator(10_000) / 100
    at = number + Fraction(item.find("pproTicksIn").text) * _rate(item) / 254_016_000_000
    assert abs(at - when) <= Fraction(1, 2) and speed >= 0
    if not speed:
        return math.floor(at - number + Fraction(1, 100))
    if said["reverse"] == "TRUE":
        at = int(file.find("duration").text) * _rate(item) / _rate(file) - at * speed - 1
    else:
        at *= speed
    return math.floor(at + Fraction(1, 100))


def _enabled(item) -> bool:
    assert item.find("enabled").text in ("TRUE", "FALSE")
    return item.find("enabled").text == "TRUE"


def _span(transition, rate) -> tuple[int, int]:
    assert _rate(transition) == rate
    start, end = (int(transition.find(tag).text) for tag in ("start", "end"))
    assert end > start >= 0
    return start, end


def _cut(transition, rate) -> int:
    """Where the cut lies in a transition: told by Premiere's ticks, and roughly by the alignment."""
    start, end = _span(transition, rate)
    into = Fraction(transition.find("cutPointTicks").text) * rate / 254_016_000_000
    assert into.denominator == 1 and 0 <= into <= end - start
    aligned = {"start": into == 0, "end": into == end - start, "center": 0 < into < end - start}
    assert aligned[transition.find("alignment").text]
    return start + int(into)


def play_otio(text: str, sizes: dict[str, tuple[int, int]]) -> list[dict[int, Placed]]:
    """The same of a .otio; `sizes`: pixels of each media by the end of its file name."""
    timeline = json.loads(text)
    settings = timeline["tracks"]["metadata"]["PremierePro_OTIO"]
    width, height = (settings["VideoResolution"][side] for side in ("width", "height"))
    tracks = []
    for track in timeline["tracks"]["children"]:
        if track["kind"] != "Video":
            continue
        shown: dict[int, Placed] = {}
        record = 0
        for child in track["children"]:
            start, taken = (child["source_range"][part]["value"] for part in ("start_time", "duration"))
            speed, effects = speed_of(child["effects"])
            duration = round(taken / abs(speed)) if speed else int(taken)
            assert abs(duration * abs(speed) - taken) < 1e-6 or not speed
            if speed < 0:
                start += taken - 1
            if child["OTIO_SCHEMA"] == "Clip.2" and child["enabled"]:
                url = unquote(child["media_references"]["DEFAULT_MEDIA"]["target_url"])
                source = next(size for name, size in sizes.items() if url.endswith(name))
                data = [effect["metadata"]["PremierePro_OTIO"] for effect in effects]
                motion = next(d for d in data if d["MatchName"] == "AE.ADBE Motion")
                parameters = {p["ID"]: p for p in motion["Parameters"]}
                for number in range(duration):
                    at = start + number * speed
                    x, y = _otio_value(parameters[1], at)
                    scale = _otio_value(parameters[2], at) / 100
                    cut = [_otio_value(parameters[identifier], at) / 100 for identifier in (8, 9, 10, 11)]
                    middle = x * width, y * height
                    shown[record + number] = _placed(url, math.floor(at + 0.01), scale, middle, source, cut)
            record += duration
        tracks.append(shown)
    return tracks


def otio_marks(text: str) -> set[tuple[int, int, str, str, str]]:
    """All markers of a .otio: frame of the sequence, frames that they cover, name, comment and colour."""
    data = json.loads(text)
    found = [(0, marker) for marker in data["tracks"]["markers"]]
    for track in data["tracks"]["children"]:
        record = 0
        for child in track["children"]:
            start, taken = (child["source_range"][part]["value"] for part in ("start_time", "duration"))
            assert not child["markers"] or speed_of(child["effects"])[0] == 1.0
            found += [(record - start, marker) for marker in child["markers"]]
            record += taken
    marks = set()
    for shift, marker in found:
        first, count = (marker["marked_range"][part]["value"] for part in ("start_time", "duration"))
        marks.add((int(shift + first), int(count), marker["name"], marker["comment"], marker["color"]))
    return marks


def _placed(url, media_frame, scale, middle, source, cut) -> Placed:
    left, top = middle[0] - scale * source[0] / 2, middle[1] - scale * source[1] / 2
    shown = (cut[0] * source[0], cut[1] * source[1], (1 - cut[2]) * source[0], (1 - cut[3]) * source[1])
    return Placed(url, media_frame, scale, left, top, shown)


def _xml_value(effect, identifier, when):
    parameter = (
        next((p for p in effect.iter("parameter") if p.find("parameterid").text == identifier), None)
        if (effect is not None)
        else None
    )
    if parameter is None:
        return 0.0
    keys = [(int(key.find("when").text), _xml_number(key.find("value"))) for key in parameter.findall("keyframe")]
    return line(keys or [(0, _xml_number(parameter.find("value")))], when)


def _xml_number(value):
    if len(value):
        return float(value.find("horiz").text), float(value.find("vert").text)
    return float(value.text)


def _otio_value(parameter, at):
    assert ("Keyframes" in parameter) != ("StartValue" in parameter)
    if "StartValue" in parameter:
        return line([(0, _otio_number(parameter["StartValue"]["Value"]))], at)
    return line([(key["Position"]["value"], _otio_number(key["Value"])) for key in parameter["Keyframes"]], at)


def _otio_number(value):
    return (value["X"], value["Y"]) if isinstance(value, dict) else value


def _rate(element) -> Fraction:
    base = int(element.find("rate/timebase").text)
    return Fraction(base * 1000, 1001) if element.find("rate/ntsc").text == "TRUE" else Fraction(base)
