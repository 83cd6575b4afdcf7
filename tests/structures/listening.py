"""What is heard of a delivery, by a few rules of the program that reads it and nothing of panscan."""

from __future__ import annotations

import json
import math
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

from hosts import fake_bpy
from structures.sounds import FILES, FPS, Factor, Heard

_SAME_FACTOR = 0.02  # programs key a curve at its frames and go straight between them


def _stem(url: str) -> str:
    return Path(unquote(urlsplit(url).path)).stem


def _amount(text: str) -> float:
    return float(text.removesuffix("dB"))


def _straight(keys: list[tuple[float, float]], at: float) -> float:
    """Between keys in straight lines, constant outside."""
    if at <= keys[0][0]:
        return keys[0][1]
    for (a, one), (b, other) in pairwise(keys):
        if at < b:
            return one + (other - one) * (at - a) / (b - a)
    return keys[-1][1]


def _db(level: float) -> float:
    return float(10 ** (level / 20))


def _power(part: float) -> float:
    return math.sin(math.pi / 2 * part)


def _part(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _product(factors: Iterable[Factor]) -> Factor:
    listed = list(factors)
    return lambda frame: math.prod(factor(frame) for factor in listed)


def differences(found: Iterable[Heard], wanted: Iterable[Heard]) -> list[str]:
    """What is heard and not wanted, or wanted and not heard; channels of a sound that are written apart are one."""
    left, missing = _whole(found), []
    for each in _whole(wanted):
        same = next((one for one in left if one.key == each.key and _as_loud(one, each)), None)
        if same is None:
            missing.append(each)
        else:
            left.remove(same)
    return [f"{what} {one.key} {one.loudness}" for what, row in (("heard", left), ("missed", missing)) for one in row]


def _whole(found: Iterable[Heard]) -> list[Heard]:
    together: dict[tuple[object, ...], Heard] = {}
    for one in found:
        key = (*replace(one, channels=(0,)).key, *(round(factor, 1) for factor in one.loudness))
        own = one.channels or tuple(range(FILES[one.stem][0]))
        channels = {*own, *(together[key].channels if key in together else ())}
        together[key] = replace(one, channels=tuple(sorted(channels)))
    return list(together.values())


def _as_loud(one: Heard, other: Heard) -> bool:
    return max(abs(a - b) for a, b in zip(one.loudness, other.loudness, strict=True)) < _SAME_FACTOR


# --- FCPXML: times in seconds; a connected clip lies on the clock of its parent


def by_fcpxml(text: bytes) -> list[Heard]:
    root = ET.fromstring(text)
    ids = {element.get("id"): element for element in root.find("resources")}
    spine = root.find("library/event/project/sequence/spine")
    start = _seconds(root.find("library/event/project/sequence").get("tcStart"))
    found: list[Heard] = []
    elements = list(spine)
    for index, element in enumerate(elements):
        if element.tag == "transition":
            continue
        record = _seconds(element.get("offset")) - start
        if element.tag == "asset-clip" and element.get("srcEnable", "all") != "video":
            found.append(_storyline_clip(element, record, ids, elements[:index], elements[index + 1 :], start))
        for child in element.findall("asset-clip"):
            if child.get("srcEnable", "all") == "video" or child.get("audioRole") is None:
                continue
            assert int(child.get("lane")) < 0
            at = record + _seconds(child.get("offset")) - _seconds(element.get("start", "0s"))
            found.append(_connected(child, at, ids))
    lanes: dict[str, list[tuple[Fraction, Fraction]]] = {}
    for element in elements:
        for child in element.findall("asset-clip"):
            at = _seconds(element.get("offset")) + _seconds(child.get("offset")) - _seconds(element.get("start", "0s"))
            lanes.setdefault(child.get("lane"), []).append((at, at + _seconds(child.get("duration"))))
    for spans in lanes.values():
        assert all(a[1] <= b[0] for a, b in zip(sorted(spans), sorted(spans)[1:], strict=False)), "a lane overlaps"
    return found


def _storyline_clip(
    element: ET.Element, record: Fraction, ids: Any, before: list[ET.Element], after: list[ET.Element], start: Fraction
) -> Heard:
    """A clip of the storyline, with the handles of transitions that cross the sound."""
    own = _connected(element, record, ids)
    factors: list[Factor] = []
    for side, near in ((0, before[-1:]), (1, after[:1])):
        if not near or near[0].tag != "transition" or near[0].find("filter-audio") is None:
            continue
        first = (_seconds(near[0].get("offset")) - start) * FPS
        end = first + _seconds(near[0].get("duration")) * FPS
        if side:
            factors.append(lambda frame, end=end, first=first: _power(_part((end - frame) / (end - first))))
            own = replace(own, end=end)
        else:
            factors.append(lambda frame, end=end, first=first: _power(_part((frame - first) / (end - first))))
            own = replace(own, first=first, media=own.media - (own.first - first))
    return replace(own, factor=_product([own.factor, *factors]))


def _connected(element: ET.Element, record: Fraction, ids: Any) -> Heard:
    asset = ids[element.get("ref")]
    assert asset.get("hasAudio") == "1"
    begin, length = _seconds(element.get("start")), _seconds(element.get("duration"))
    media, speed = begin - _seconds(asset.get("start")), Fraction(1)
    points = [(_seconds(p.get("time")), _seconds(p.get("value"))) for p in element.findall("timeMap/timept")]
    if points:
        (t0, v0), (t1, v1) = points
        speed = (v1 - v0) / (t1 - t0)
        media = v0 + (begin - t0) * speed - _seconds(asset.get("start"))
    first, end = record * FPS, (record + length) * FPS
    channels = range(int(asset.get("audioChannels")))
    sources = element.findall("audio-channel-source")
    if sources:
        on = [source for source in sources if source.get("active", "1") == "1"]
        channels = [int(n) - 1 for source in on for n in source.get("srcCh").split(",")]
    panner = element.find("adjust-panner")
    pan = 0.0 if panner is None else float(panner.get("amount")) / 100
    factor = _fcpxml_factor(element, first, end, lambda frame: float(begin + (Fraction(frame) - first) / FPS))
    stem = _stem(asset.find("media-rep").get("src"))
    return Heard(stem, first, end, media * FPS, tuple(channels), speed, pan, factor)


def _fcpxml_factor(element: ET.Element, first: Fraction, end: Fraction, local: Factor) -> Factor:
    volume = element.find("adjust-volume")
    if volume is None:
        return lambda frame: 1.0
    level = _amount(volume.get("amount", "0dB"))
    keys = [(float(_seconds(k.get("time"))), _amount(k.get("value"))) for k in volume.iter("keyframe")] or [
        (0.0, level)
    ]
    factors: list[Factor] = [lambda frame: _db(_straight(keys, local(frame)))]
    for tag in ("fadeIn", "fadeOut"):
        fade = volume.find(f"param/{tag}")
        if fade is not None:
            frames = float(_seconds(fade.get("duration")) * FPS)
            shape = {"linear": float, "easeIn": _power}[fade.get("type")]
            if tag == "fadeIn":
                factors.append(lambda frame, n=frames, s=shape: s(_part((frame - float(first)) / n)))
            else:
                factors.append(lambda frame, n=frames, s=shape: s(_part((float(end) - frame) / n)))
    return _product(factors)


def _seconds(text: str | None) -> Fraction:
    return Fraction((text or "0s").removesuffix("s"))


# --- FCP7 XML: frames; one clip item per channel; -1 at the ends that transitions hide


def by_xmeml(text: bytes) -> list[Heard]:
    root = ET.fromstring(text)
    files = {f.get("id"): f for f in reversed(list(root.iter("file"))) if len(f)}
    found: list[Heard] = []
    for track in root.findall("sequence/media/audio/track"):
        items = [item for item in track if item.tag in ("clipitem", "transitionitem")]
        for index, item in enumerate(items):
            if item.tag == "clipitem" and item.findtext("enabled") == "TRUE":
                around = (items[index - 1] if index else None, items[index + 1] if index + 1 < len(items) else None)
                found.append(_clip_item(item, *around, files))
    return found


def _clip_item(item: ET.Element, before: ET.Element | None, after: ET.Element | None, files: Any) -> Heard:
    first, end, begin, out = (int(item.findtext(tag, "")) for tag in ("start", "end", "in", "out"))
    factors: list[Factor] = []
    if first == -1:
        assert before is not None and before.tag == "transitionitem"
        first = int(before.findtext("start", ""))
        factors.append(_transition(before, rises=True))
    if end == -1:
        assert after is not None and after.tag == "transitionitem"
        end = int(after.findtext("end", ""))
        factors.append(_transition(after, rises=False))
    assert end - first == out - begin
    file = files[item.find("file").get("id")]
    pan = 0.0
    for effect in item.iterfind("filter/effect"):
        parameter = effect.find("parameter")
        value = float(parameter.findtext("value", ""))
        if effect.findtext("effectid") == "audiopan":
            pan = value
            continue
        assert effect.findtext("effectid") == "audiolevels"
        keys = [(int(k.findtext("when", "")), float(k.findtext("value", ""))) for k in parameter.iter("keyframe")]
        # Between keys: in dB, as editors draw it.
        levels = [(float(when), 20 * math.log10(one)) for when, one in keys or [(0, value)]]
        factors.append(lambda frame, levels=levels, shift=begin - first: _db(_straight(levels, frame + shift)))
    channel = int(item.findtext("sourcetrack/trackindex", "")) - 1
    stem = _stem(file.findtext("pathurl", ""))
    return Heard(stem, Fraction(first), Fraction(end), Fraction(begin), (channel,), pan=pan, factor=_product(factors))


def _transition(item: ET.Element, *, rises: bool) -> Factor:
    first, end = int(item.findtext("start", "")), int(item.findtext("end", ""))
    assert item.findtext("effect/mediatype") == "audio"
    shape = {"KGAudioTransCrossFade0dB": float, "KGAudioTransCrossFade3dB": _power}[
        item.findtext("effect/effectid", "")
    ]
    if rises:
        return lambda frame: shape(_part((frame - first) / (end - first)))
    return lambda frame: shape(_part((end - frame) / (end - first)))


# --- OTIO: tracks of clips, gaps and transitions


def by_otio(text: bytes) -> list[Heard]:
    timeline = json.loads(text)
    premiere = "PremierePro_OTIO" in timeline["metadata"]
    found: list[Heard] = []
    for track in timeline["tracks"]["children"]:
        if track["kind"] != "Audio":
            continue
        cursor = Fraction(0)
        children = track["children"]
        for index, child in enumerate(children):
            if child["OTIO_SCHEMA"].startswith("Transition"):
                continue
            speed = next((Fraction(e["time_scalar"]) for e in child["effects"]), Fraction(1))
            length = _time(child["source_range"]["duration"])
            length = length / abs(speed) if premiere else length
            if child["OTIO_SCHEMA"].startswith("Clip"):
                around = (
                    children[index - 1] if index else {},
                    children[index + 1] if index + 1 < len(children) else {},
                )
                found.append(_otio_clip(child, cursor, length, speed, *around))
            cursor += length
    return found


def _otio_clip(clip: Any, first: Fraction, length: Fraction, speed: Fraction, before: Any, after: Any) -> Heard:
    reference = clip["media_references"]["DEFAULT_MEDIA"]
    media = _time(clip["source_range"]["start_time"]) - _time(reference["available_range"]["start_time"])
    end = first + length
    factors: list[Factor] = []
    stem = _stem(reference["target_url"])
    if before.get("OTIO_SCHEMA", "").startswith("Transition"):
        head, span = _time(before["in_offset"]), _time(before["in_offset"]) + _time(before["out_offset"])
        first, media = first - head, media - head * speed
        factors.append(lambda frame: _named(before)(_part((frame - float(first)) / float(span))))
    if after.get("OTIO_SCHEMA", "").startswith("Transition"):
        tail, width = _time(after["out_offset"]), _time(after["in_offset"]) + _time(after["out_offset"])
        end += tail
        factors.append(lambda frame: _named(after)(_part((float(end) - frame) / float(width))))
    said = clip["metadata"].get("Resolve_OTIO", {}).get("Channels")
    channels = tuple(c["Source Channel ID"] for c in said) if said else tuple(range(FILES[stem][0]))
    return Heard(stem, first, end, media, channels, speed, factor=_product(factors))


def _named(transition: Any) -> Factor:
    return _power if "+3" in transition["name"] else float


def _time(value: Any) -> Fraction:
    assert value["rate"] == FPS
    return Fraction(value["value"])


# --- MLT: playlists of a tractor; Kdenlive has tractors of two playlists


def by_mlt(text: bytes) -> list[Heard]:
    root = ET.fromstring(text)
    by_id = {element.get("id"): element for element in root}
    tractor = by_id["main"]
    mixed = {_property(t, "b_track") for t in tractor.findall("transition") if _property(t, "mlt_service") == "mix"}
    found: list[Heard] = []
    for number, track in enumerate(tractor.findall("track")):
        if str(number) in mixed:
            found += _joined(_of_mlt(by_id[track.get("producer")], by_id, Fraction(0), []))
    return found


def _joined(parts: Iterable[Heard]) -> Iterator[Heard]:
    """Parts that go on in record and media, as those of a clip in and outside a dissolve, are one; silence is none."""
    open_parts: list[Heard] = []
    for part in sorted(parts, key=lambda one: one.first):
        if part.factor(float(part.first + part.end) / 2) == 0:
            continue
        for number, last in enumerate(open_parts):
            goes_on = last.end == part.first and last.media + (last.end - last.first) * last.speed == part.media
            if goes_on and (last.stem, last.speed) == (part.stem, part.speed):
                at = float(part.first)
                both = lambda frame, a=last, b=part, at=at: (a if frame < at else b).factor(frame)  # noqa: E731
                open_parts[number] = replace(last, end=part.end, factor=both)
                break
        else:
            open_parts.append(part)
    yield from open_parts


def _of_mlt(element: ET.Element, by_id: Any, record: Fraction, factors: list[Factor]) -> Iterator[Heard]:
    """What is heard of a playlist or tractor that begins at a record frame."""
    if element.tag == "tractor":
        mixes = [t for t in element.findall("transition") if _property(t, "mlt_service") == "mix"]
        for side, track in enumerate(element.findall("track")):
            faded = [*factors, *(_mlt_mix(mix, side, record) for mix in mixes if _property(mix, "start") == "-1")]
            yield from _of_mlt(by_id[track.get("producer")], by_id, record, faded)
        return
    cursor = record
    for entry in element:
        if entry.tag == "blank":
            cursor += int(entry.get("length"))
        elif entry.tag == "entry":
            begin, last = int(entry.get("in")), int(entry.get("out"))
            producer = by_id[entry.get("producer")]
            if producer.tag == "tractor":
                yield from _of_mlt(producer, by_id, cursor, factors)
            elif _property(producer, "audio_index") != "-1":
                yield _mlt_entry(entry, producer, cursor, begin, last + 1, factors)
            cursor += last + 1 - begin


def _mlt_mix(mix: ET.Element, side: int, record: Fraction) -> Factor:
    """A cross fade between two playlists, which has the later one's number in Kdenlive's `reverse`."""
    first, end = float(record) + int(mix.get("in")), float(record) + int(mix.get("out")) + 1
    rises = (side == 1) != (_property(mix, "reverse") == "1")

    def factor(frame: float) -> float:
        part = _part((frame - first) / (end - first))
        return (part if rises else 1 - part) if first <= frame <= end else 1.0

    return factor


def _mlt_entry(
    entry: ET.Element, producer: ET.Element, cursor: Fraction, begin: int, end: int, factors: list[Factor]
) -> Heard:
    stem = _stem(_property(producer, "resource"))
    channels, pan, own = tuple(range(FILES[stem][0])), 0.0, [*factors]
    for one in entry.findall("filter"):
        service = _property(one, "mlt_service")
        # Without a range keys count from the start of the media.
        first = cursor + (int(one.get("in")) - begin if one.get("in") else -begin)
        count = int(one.get("out", end)) + 1 - int(one.get("in", begin))
        if service == "channelcopy":
            channels = (int(_property(one, "from")),)
        elif service == "panner":
            assert _property(one, "channel") == "-1" and _property(one, "start")
            pan = 2 * float(_property(one, "split")) - 1
        elif service == "volume" and _property(one, "level"):
            keys = [key.split("=") for key in _property(one, "level").split(";")]
            levels = [(float(k[0]) if k[1:] else 0.0, float(k[-1])) for k in keys]
            span = (float(first), float(first) + count) if one.get("in") else (-math.inf, math.inf)
            own.append(_within(span, lambda frame, at=float(first), k=levels: _by_frames(k, frame - at)))
        elif service == "volume" and not _property(one, "end"):
            assert _property(one, "gain") == "0"  # silent up to there, or from there on
            if first == cursor:
                silent = count
                cursor, begin = cursor + silent, begin + silent
            else:
                end = begin + int(first - cursor)
        elif service == "volume":
            gains = [float(_property(one, "gain")), float(_property(one, "end"))]
            ramp = [(float(first), gains[0]), (float(first) + count, gains[1])]
            own.append(_within((float(first), float(first) + count), lambda frame, k=ramp: _straight(k, frame)))
    media, speed = Fraction(begin), Fraction(1)
    time_map = _property(producer.find("link"), "time_map") if producer.find("link") is not None else ""
    if time_map:
        (n0, t0), (n1, t1) = ([float(part) for part in key.split("=")] for key in time_map.split(";"))
        speed = Fraction((t1 - t0) / (n1 - n0) * FPS).limit_denominator(1000)
        media = Fraction(round((t0 + (begin - n0) * (t1 - t0) / (n1 - n0)) * FPS, 6)).limit_denominator(1000)
    if len(channels) < FILES[stem][0]:  # one channel on both sides: the level makes up for it
        own.append(lambda frame: math.sqrt(2))
    return Heard(stem, cursor, cursor + end - begin, media, channels, speed, pan, _product(own))


def _by_frames(levels: list[tuple[float, float]], frame: float) -> float:
    """The volume filter looks at its level on each frame, and goes straight between these."""
    at = math.floor(frame)
    gains = [_db(_straight(levels, n)) for n in (at, at + 1)]
    return gains[0] + (gains[1] - gains[0]) * (frame - at)


def _within(span: tuple[float, float], factor: Factor) -> Factor:
    return lambda frame: factor(frame) if span[0] <= frame < span[1] else 1.0


def _property(element: ET.Element, name: str) -> str:
    return next((p.text or "" for p in element.findall("property") if p.get("name") == name), "")


# --- edit lists: events with channels


_EVENT = re.compile(r"^\d+\s+\S+\s+(\S+)\s+C\s+(\S+) (\S+) (\S+) (\S+)$")


def by_edl(text: bytes) -> list[Heard]:
    found: list[Heard] = []
    lines = text.decode().splitlines()
    for index, line in enumerate(lines):
        event = _EVENT.match(line)
        if event is None or line.split()[1] == "BL":
            continue
        own = lines[index + 1 : index + 12]
        own = own[: next((n for n, more in enumerate(own) if not more or _EVENT.match(more)), len(own))]
        path = next(more.split(":", 1)[1].strip() for more in own if more.startswith("* SOURCE FILE:"))
        motion = next((float(more.split()[2]) for more in own if more.startswith("M2")), float(FPS))
        begin, _, first, end = (_frames(event[n]) for n in range(2, 6))
        names = {"V": [], "B": [0], "AA/V": [0, 1], "A": [0], "A2": [1], "AA": [0, 1], "NONE": []}[event[1]]
        extra = [int(n) - 3 for more in own if more.startswith("AUD") for n in more.split()[1:]]
        channels = tuple(names + extra)
        stem = Path(path).stem
        if channels:
            if FILES[stem][0] == 1:
                channels = (0,)
            found.append(Heard(stem, first, end, begin, channels, Fraction(motion) / FPS))
    return found


def _frames(text: str) -> Fraction:
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", text))
    return Fraction(((hours * 60 + minutes) * 60 + seconds) * FPS + frames)


# --- Blender: the script, run in a stand-in


def by_blender(text: bytes) -> list[Heard]:
    bpy, scenes = fake_bpy.make(version=5, lengths=_Endless())
    with mock.patch.dict(sys.modules, {"bpy": bpy}):
        exec(compile(text, "cut.blender.py", "exec"), {"__name__": "__main__"})
    (scene,) = scenes
    found: list[Heard] = []
    for strip in scene.sequence_editor.row:
        if strip.kind != "SOUND" or strip.mute:
            continue
        first = strip.frame_final_start - 1
        media = strip.frame_final_start - strip.frame_start
        curve = scene.animation_data.action.curves.get(strip.path_from_id("volume"))
        factor = (lambda frame, curve=curve: curve.at(frame + 1)) if curve else (lambda frame, v=strip.volume: v)
        end = first + strip.frame_final_duration
        found.append(Heard(Path(strip.filepath).stem, Fraction(first), Fraction(end), Fraction(media), factor=factor))
    return found


class _Endless(dict[str, int]):
    def __missing__(self, path: str) -> int:
        return 100


READERS: dict[str, Callable[[bytes], list[Heard]]] = {
    "fcpxml": by_fcpxml, "xmeml": by_xmeml, "otio-resolve": by_otio, "otio-premiere": by_otio, "mlt": by_mlt,
    "edl": by_edl, "blender": by_blender,
}  # fmt: skip
