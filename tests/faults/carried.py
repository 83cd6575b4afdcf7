"""Faults of what movies carry beside picture and sound: subtitles, chapters, titles, languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av

from faults import edits
from faults.fault import FLAGGED, REJECTED, Fault, Plant
from faults.kinds import Stage
from panscan.timeline.flatten import renderable_cut
from panscan.verify import Finding, Verdict
from panscan.verify.checks.extras import check_extras
from panscan.verify.expectation import Expectation

CHECKS = ("subtitles", "chapters", "labels")  # which take no pictures
_MS = Fraction(1, 1000)
_END_MS = 1000  # of the last chapter


class Line(NamedTuple):
    """Words of a subtitle, from one millisecond on for some."""

    start_ms: int
    length_ms: int
    words: str


class Text(NamedTuple):
    """A stream of subtitles; `mark`: its disposition, by PyAV's name."""

    language: str
    mark: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Carried:
    """What a movie carries beside picture and sound.

    chapters: milliseconds and title of each; language: of the picture; pictures: streams of it; late_s: of all streams.
    """

    texts: tuple[Text, ...]
    chapters: tuple[tuple[int, str], ...] = ((0, "One"), (600, "Two"))
    title: str = "A film"
    language: str = "fra"
    pictures: int = 1
    late_s: Fraction = Fraction(0)


_LINES = (Line(100, 300, "Hello you"), Line(450, 250, "second\nline"), Line(800, 200, "the end"))
ENGLISH = Text("eng", "default", _LINES)
GERMAN = Text("deu", "forced", (Line(100, 300, "Hallo du"), Line(450, 250, "zweite Zeile")))
EVERYTHING = Carried((ENGLISH, GERMAN))


def carrying(movie: Path, target: Path, carried: Carried = EVERYTHING) -> Path:
    """Picture and first sound of a movie with what it shall carry, as MP4 or Matroska."""
    with av.open(str(movie)) as source, av.open(str(target), "w") as out:
        picture, sound = source.streams.video[0], source.streams.audio[0]
        copies = {picture.index: [out.add_stream_from_template(picture) for _ in range(carried.pictures)]}
        copies[sound.index] = [out.add_stream_from_template(sound)]
        for stream in copies[picture.index]:
            stream.metadata["language"] = carried.language
        texts = [_text_stream(out, text) for text in carried.texts]
        out.metadata["title"] = carried.title
        if carried.chapters:
            out.set_chapters(_chapters(carried))
        for packet in source.demux(picture, sound):
            for stream in copies[packet.stream.index] if packet.dts is not None else ():
                copy = _packet(bytes(packet), packet.pts, packet.dts, packet.duration, packet.time_base)
                copy.is_keyframe, copy.stream = packet.is_keyframe, stream
                out.mux(_later(copy, carried.late_s))
        for text, stream in zip(carried.texts, texts, strict=True):
            for line in text.lines:
                data = line.words.encode()
                data = len(data).to_bytes(2, "big") + data if out.format.name == "mp4" else data
                packet = _packet(data, line.start_ms, line.start_ms, line.length_ms, _MS)
                packet.is_keyframe, packet.stream = True, stream
                out.mux(_later(packet, carried.late_s))
    return target


def _text_stream(out: Any, text: Text) -> Any:
    stream = out.add_mux_stream("mov_text" if out.format.name == "mp4" else "subrip")
    stream.time_base, stream.metadata["language"] = _MS, text.language
    stream.disposition = getattr(stream.disposition, text.mark).value
    return stream


def _chapters(carried: Carried) -> list[dict[str, Any]]:
    ends = [*(start for start, _ in carried.chapters[1:]), _END_MS]
    return [
        {"id": start, "start": start, "end": end, "time_base": _MS, "metadata": {"title": title}}
        for (start, title), end in zip(carried.chapters, ends, strict=True)
    ]


def _packet(data: bytes, pts: int, dts: int, duration: int, time_base: Fraction) -> Any:
    packet = av.Packet(data)
    packet.pts, packet.dts, packet.duration, packet.time_base = pts, dts, duration, time_base
    return packet


def _later(packet: Any, by_s: Fraction) -> Any:
    ticks = round(by_s / packet.time_base)
    packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
    return packet


def staged(stage: Stage, target: Path, carried: Carried) -> Stage:
    """The same film with everything, and its movie with what it shall carry."""
    film = carrying(Path(stage.source.path), target.with_name("film.mp4"))
    timeline = edits.over(stage.timeline, film)
    return replace(stage, folder=target.parent, timeline=timeline, movie=carrying(stage.movie, target, carried))


def finding(stage: Stage, check: str) -> Finding:
    """What the verifier says of one of `CHECKS`; `stage.report()` says the same, and takes longer."""
    expectation = Expectation(renderable_cut(stage.timeline, folder=stage.folder), is_cfr=stage.is_cfr)
    try:
        found, _ = check_extras(stage.movie, expectation, Fraction(0))
    finally:
        expectation.close()
    return next(finding for finding in found if finding.name == check)


def _carrying(**changes: Any) -> Plant:
    return lambda stage, target: staged(stage, target, replace(EVERYTHING, **changes))


def _second_line(**changes: Any) -> Plant:
    first, second, third = ENGLISH.lines
    return _carrying(texts=(ENGLISH._replace(lines=(first, second._replace(**changes), third)), GERMAN))


def _german(**changes: Any) -> Plant:
    return _carrying(texts=(ENGLISH, GERMAN._replace(**changes)))


def _faults() -> Iterator[tuple[str, Plant, str, Verdict]]:
    yield "no subtitles", _carrying(texts=()), "subtitles", FLAGGED
    yield "one of two subtitles", _carrying(texts=(ENGLISH,)), "subtitles", FLAGGED
    yield "subtitles twice", _carrying(texts=(ENGLISH, GERMAN, GERMAN)), "subtitles", FLAGGED
    yield "subtitles in another order", _carrying(texts=(GERMAN, ENGLISH)), "subtitles", REJECTED
    yield "another word in a subtitle", _second_line(words="second\nlime"), "subtitles", REJECTED
    yield "a subtitle 100 ms late", _second_line(start_ms=550, length_ms=150), "subtitles", REJECTED
    yield "a subtitle 100 ms longer", _second_line(length_ms=350), "subtitles", REJECTED
    yield "a line of a subtitle lost", _german(lines=GERMAN.lines[:1]), "subtitles", REJECTED
    yield "another language of a subtitle", _german(language="ita"), "labels", REJECTED
    yield "no language of a subtitle", _german(language="und"), "labels", FLAGGED
    yield "a subtitle no longer forced", _german(mark="dub"), "labels", FLAGGED
    yield "another subtitle shown unasked", _german(mark="default"), "labels", FLAGGED
    yield "another language of the picture", _carrying(language="eng"), "labels", REJECTED
    yield "another title", _carrying(title="A fill"), "labels", FLAGGED
    yield "two streams of pictures", _carrying(pictures=2), "labels", FLAGGED
    yield "no chapters", _carrying(chapters=()), "chapters", FLAGGED
    yield "a chapter lost", _carrying(chapters=EVERYTHING.chapters[:1]), "chapters", REJECTED
    yield "a chapter 200 ms late", _carrying(chapters=((0, "One"), (800, "Two"))), "chapters", REJECTED
    yield "another name of a chapter", _carrying(chapters=((0, "One"), (600, "Tow"))), "chapters", REJECTED


_WHY = "packets and tags are the same whatever the pictures show"
FAULTS = (
    *(Fault(name, plant, check, ("still camera",), tier, _WHY) for name, plant, check, tier in _faults()),
    Fault("all streams a second late", _carrying(late_s=Fraction(1)), "timestamps", ("still camera",), why=_WHY),
)
