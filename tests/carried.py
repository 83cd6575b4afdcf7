"""A film with what movies carry beside picture and sound, and copies of movies in which some of that is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av

import media

PICTURE, SOUND, ENGLISH, GERMAN = range(4)  # streams of the film
_MS = Fraction(1, 1000)
_TITLE_TICKS = 600  # ms: where the second chapter begins


class Line(NamedTuple):
    """Words of a subtitle, from one millisecond on for some."""

    start_ms: int
    length_ms: int
    words: str


LINES = {
    ENGLISH: (Line(100, 300, "Hello you"), Line(450, 250, "second\nline"), Line(760, 200, "the end")),
    GERMAN: (Line(100, 300, "Hallo du"), Line(450, 250, "zweite Zeile")),
}


def film(path: Path) -> Path:
    """Two subtitles, the second one forced, two chapters, a title, and a language of each stream."""
    bare = media.write_clip(path.with_name("bare.mp4"), tones={"eng": 440.0})
    with av.open(str(bare)) as source, av.open(str(path), "w") as out:
        streams = {s.index: out.add_stream_from_template(s) for s in source.streams if s.type in ("video", "audio")}
        streams[PICTURE].metadata["language"], streams[SOUND].metadata["language"] = "fra", "eng"
        for index, language in ((ENGLISH, "eng"), (GERMAN, "deu")):
            text = streams[index] = out.add_mux_stream("mov_text" if path.suffix == ".mp4" else "subrip")
            text.time_base, text.metadata["language"] = _MS, language
        streams[ENGLISH].disposition = streams[ENGLISH].disposition.default.value
        streams[GERMAN].disposition = streams[GERMAN].disposition.forced.value
        out.metadata["title"] = "A film"
        out.set_chapters([chapter(0, _TITLE_TICKS, "One"), chapter(_TITLE_TICKS, 1000, "Two")])
        for packet in source.demux(source.streams.video[0], source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
        for index, lines in LINES.items():
            for line in lines:
                out.mux(_packet(line, streams[index], is_mp4=path.suffix == ".mp4"))
    return path


def hdr_film(path: Path, *, bits: int = 10, max_nits: int = 1000, light: str = "max-cll=1000,400") -> Path:
    """PQ, with a mastering display and light levels."""
    display = f"G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L({max_nits * 10_000},1)"
    told = f"hdr10=1:master-display={display}:{light}" if light else ""
    pixel_format = "yuv420p10le" if bits == 10 else "yuv420p"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=25, options={"crf": "10", "x265-params": f"log-level=error:{told}"})
        stream.width, stream.height, stream.pix_fmt = *media.SMALL, pixel_format
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        for n in range(6):
            frame = media.picture(media.coded_value, n, media.SMALL, pixel_format)
            frame.pts = n
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def chapter(start_ms: int, end_ms: int, title: str) -> dict[str, Any]:
    """A chapter as PyAV takes it."""
    return {"id": start_ms, "start": start_ms, "end": end_ms, "time_base": _MS, "metadata": {"title": title}}


def _packet(line: Line, stream: Any, *, is_mp4: bool) -> Any:
    data = line.words.encode()
    packet = av.Packet(len(data).to_bytes(2, "big") + data if is_mp4 else data)
    packet.pts = packet.dts = line.start_ms
    packet.duration, packet.time_base, packet.stream, packet.is_keyframe = line.length_ms, _MS, stream, True
    return packet


def remuxed(
    movie: Path,
    target: Path,
    *,
    streams: Iterable[int] = (PICTURE, SOUND, ENGLISH, GERMAN),
    languages: Mapping[int, str] | None = None,
    marks: Mapping[int, str] | None = None,
    title: str = "A film",
    chapters: Callable[[list[Any]], list[Any]] = lambda found: found,
    line: Callable[[Line], Line | None] = lambda found: found,
    late_s: Fraction = Fraction(0),
) -> Path:
    """An MP4 with the same packets; what is named is changed.

    streams: which, in their new order; marks: the disposition of streams; line: each line of the first subtitles;
    late_s: of all streams.
    """
    with av.open(str(movie)) as source, av.open(str(target), "w") as out:
        made: dict[int, list[Any]] = {}
        for index in streams:
            old = source.streams[index]
            new = out.add_stream_from_template(old)
            new.metadata["language"] = (languages or {}).get(index, old.metadata.get("language", "und"))
            mark = (marks or {}).get(index)
            new.disposition = getattr(new.disposition, mark).value if mark else old.disposition.value
            made.setdefault(index, []).append(new)
        out.metadata["title"] = title
        moved = chapters(source.chapters())
        if moved:
            out.set_chapters(moved)
        for packet in source.demux([source.streams[index] for index in made]):
            index = packet.stream.index
            if packet.dts is None or (index in LINES and packet.size <= 2):  # pauses are written by the muxer
                continue
            for copy in _copies(packet, made[index], line if index == ENGLISH else None):
                copy.pts += round(late_s / copy.time_base)
                copy.dts += round(late_s / copy.time_base)
                out.mux(copy)
    return target


def _copies(packet: Any, streams: Iterable[Any], line: Callable[[Line], Line | None] | None) -> Iterable[Any]:
    if line is not None:
        ticks_ms = packet.time_base / _MS
        found = line(Line(int(packet.pts * ticks_ms), int(packet.duration * ticks_ms), bytes(packet)[2:].decode()))
        if found is not None:
            yield _packet(found, next(iter(streams)), is_mp4=True)
        return
    for stream in streams:
        copy = av.Packet(bytes(packet))
        copy.pts, copy.dts, copy.duration, copy.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
        copy.is_keyframe, copy.stream = packet.is_keyframe, stream
        yield copy


def one_frame_later(movie: Path, target: Path) -> Path:
    """A movie with another timecode."""
    data = bytearray(movie.read_bytes())
    with av.open(str(movie)) as container:
        (track,) = [stream for stream in container.streams if "timecode" in stream.metadata and stream.type == "data"]
        packet = next(container.demux(track))
        data[packet.pos + 3] += 1  # it holds the number of the first frame
    target.write_bytes(data)
    return target
