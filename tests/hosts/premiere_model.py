"""Premiere Pro as it reads xmeml and its own OTIO metadata: written from the host's side, apart from the exporters.

A clip at scale 100 shows the source's own pixels. Position is where the source's middle goes: in xmeml from the middle
of the sequence in widths and heights of the source, in OTIO as a fraction of the sequence from its corner; y down.
Crops are percent of the source. Keys are joined by straight lines. The range of a retimed clip in OTIO is what it plays
of its media, and so much of the sequence as that takes at its speed; keys lie at media times.
"""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from fractions import Fraction
from urllib.parse import unquote

from hosts.placed import Placed, line
from hosts.resolve_model import speed_of


def play_xmeml(text: str) -> list[dict[int, Placed]]:
    """One mapping of sequence frame to picture per video track; disabled clips are not seen."""
    root = ET.fromstring(text)
    files = {file.get("id"): file for file in root.iter("file") if len(file)}
    sequence = root.find("sequence")
    rate = _rate(sequence)
    picture = sequence.find("media/video/format/samplecharacteristics")
    width, height = (int(picture.find(side).text) for side in ("width", "height"))
    tracks = []
    for track in sequence.find("media/video").findall("track"):
        shown: dict[int, Placed] = {}
        for item in track.findall("clipitem"):
            file = files[item.find("file").get("id")]
            assert _rate(item) == rate
            characteristics = file.find("media/video/samplecharacteristics")
            source = tuple(int(characteristics.find(side).text) for side in ("width", "height"))
            start, end, first, last = (int(item.find(tag).text) for tag in ("start", "end", "in", "out"))
            assert end - start == last - first > 0
            assert item.find("enabled").text in ("TRUE", "FALSE")
            media_start = Fraction(file.find("timecode/frame").text) * rate / _rate(file)
            assert media_start.denominator == 1
            effects = {effect.find("effectid").text: effect for effect in item.iter("effect")}
            for number in range(end - start):
                when = first + number
                scale = _xml_value(effects["basic"], "scale", when) / 100
                horiz, vert = _xml_value(effects["basic"], "center", when)
                cut = [_xml_value(effects.get("crop"), side, when) / 100 for side in ("left", "top", "right", "bottom")]
                middle = width / 2 + horiz * source[0], height / 2 + vert * source[1]
                if item.find("enabled").text == "TRUE":
                    url = unquote(file.find("pathurl").text)
                    shown[start + number] = _placed(url, when + int(media_start), scale, middle, source, cut)
        tracks.append(shown)
    return tracks


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
