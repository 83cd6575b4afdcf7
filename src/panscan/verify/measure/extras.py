"""What a movie carries beside picture and sound: subtitles, chapters, timecode, titles and languages.

Nothing here is shared with the renderer: words come from FFmpeg's decoders, not from the bytes of packets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error

from panscan.decoding.containers import open_container
from panscan.verify.source_clock import is_beside, picture_stream, whole_packets

# FFmpeg's names of subtitles that are text; pictures of text are not compared.
_TEXTS = frozenset(("subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"))
_ASS_FIELDS = 8  # before the words of a line, as FFmpeg's decoders give it (ReadOrder, Layer, ... Effect)
_MARKUP = re.compile(r"\{[^}]*\}|<[^<>\n]*>?")  # of ASS and HTML, or what looks like it, which decoders drop or keep
_ASS_ESCAPES = re.compile(r"\\[Nnh]")
_MP4 = "mp4"  # in FFmpeg's name of both formats
_QUICKTIME = "qt"  # the brand of .mov


@dataclass(frozen=True, slots=True)
class Cue:
    """Words of a subtitle; times from the first picture on.

    Attributes
    ----------
    start_s, end_s : Fraction
    words : str
        Without styles, on one line.
    """

    start_s: Fraction
    end_s: Fraction
    words: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a stream is called.

    Attributes
    ----------
    language : str
        By ISO 639-2; empty where it is not known.
    is_default, is_forced : bool
        Players show it without being asked; even if subtitles are off.
    """

    language: str
    is_default: bool
    is_forced: bool


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """One stream of subtitles.

    Attributes
    ----------
    label : Label
    cues : tuple of Cue
        By time.
    """

    label: Label
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter.

    Attributes
    ----------
    start_s : Fraction
        From the first picture on.
    title : str
    """

    start_s: Fraction
    title: str


@dataclass(frozen=True, slots=True)
class Extras:
    """What a movie carries beside picture and sound.

    Attributes
    ----------
    subtitles : tuple of SubtitleTrack
        Those that are text.
    chapters : tuple of Chapter
    timecode : str
        Of its start; empty without one.
    title : str
    picture : Label
        Of the picture stream.
    picture_count : int
        Streams of pictures, cover art aside.
    is_mp4, is_quicktime : bool
        It is an MP4 or .mov; it is a .mov.
    start_s : Fraction
        When the first picture or sound comes, on the file's clock.
    """

    subtitles: tuple[SubtitleTrack, ...]
    chapters: tuple[Chapter, ...]
    timecode: str
    title: str
    picture: Label
    picture_count: int
    is_mp4: bool
    is_quicktime: bool
    start_s: Fraction = Fraction(0)


def read_extras(path: Path, first_picture_s: Fraction) -> Extras:
    """What a file carries; `first_picture_s`: when its first picture is shown, on its own clock."""
    with open_container(path) as container:
        picture = picture_stream(container)
        texts = [s for s in container.streams.subtitles if _is_text(s) and is_beside(container, s, picture)]
        cues: Mapping[int, list[Cue]] = {stream.index: [] for stream in texts}
        for index, cue in _cues(container, texts, first_picture_s):
            cues[index].append(cue)
        tracks = [SubtitleTrack(label_of(s), tuple(sorted(cues[s.index], key=_by_time))) for s in texts]
        chapters = dict.fromkeys(  # some files tell them twice
            Chapter(c["start"] * c["time_base"] - first_picture_s, c["metadata"].get("title", ""))
            for c in container.chapters()
        )
        return Extras(
            tuple(tracks),
            tuple(chapters),
            _timecode(container, picture),
            _tag(container.metadata, "title"),
            label_of(picture),
            sum(not _is_cover(stream) for stream in container.streams.video),
            _MP4 in container.format.name,
            _tag(container.metadata, "major_brand").strip() == _QUICKTIME,
            _start_s(container),
        )


def _start_s(container: Any) -> Fraction:
    timed = [s for s in (*container.streams.video, *container.streams.audio) if s.start_time is not None]
    return max(Fraction(0), min((Fraction(s.start_time * s.time_base) for s in timed), default=Fraction(0)))


def _by_time(cue: Cue) -> tuple[Fraction, str]:
    return cue.start_s, cue.words


def _is_text(stream: Any) -> bool:
    return stream.codec_context is not None and stream.codec_context.name in _TEXTS


def _is_cover(stream: Any) -> bool:
    return "attached_pic" in str(stream.disposition)


def _cues(container: Any, streams: list[Any], first_picture_s: Fraction) -> Iterator[tuple[int, Cue]]:
    """Stream and cue of everything that is shown, in the order of the file."""
    if not streams:
        return
    for packet in whole_packets(container, streams):
        if not packet.size or packet.pts is None:
            continue
        words = _words(packet)
        if words:  # MP4 marks pauses by empty ones
            start_s = packet.pts * packet.time_base - first_picture_s
            yield packet.stream.index, Cue(start_s, start_s + (packet.duration or 0) * packet.time_base, words)


def _words(packet: Any) -> str:
    try:
        lines = [line.ass.decode("utf-8", "replace").split(",", _ASS_FIELDS)[-1] for line in packet.decode()]
    except av.error.FFmpegError:
        return ""
    # Braces of the words themselves are escaped in several ways.
    plain = _ASS_ESCAPES.sub("\n", "\n".join(lines)).replace("{}", "").replace("\\", "")
    return " ".join(_MARKUP.sub("", plain).split())


def _tag(tags: Mapping[str, str], name: str) -> str:
    """A tag, however the container spells its name; empty without it."""
    return next((str(value) for key, value in tags.items() if key.lower() == name), "")


def label_of(stream: Any) -> Label:
    """What a stream is called."""
    language = _tag(stream.metadata, "language")
    marks = str(stream.disposition)
    return Label("" if language == "und" else language, "default" in marks, "forced" in marks)


def _timecode(container: Any, picture: Any) -> str:
    """That of the picture stream, else of the file, else of a stream for it."""
    places = [picture.metadata, container.metadata, *(s.metadata for s in container.streams if s.type == "data")]
    return next((found for found in (_tag(tags, "timecode") for tags in places) if found), "")
