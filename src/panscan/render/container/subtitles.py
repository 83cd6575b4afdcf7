"""Converting text subtitles from one container to another: words and times stay, styles may be lost."""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av

from panscan.render.container.packets import Packets

_TEXT = ("subrip", "ass", "ssa", "mov_text", "webvtt", "text")
_TARGETS = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip"}
# Fields of an ASS event before its text, as Matroska and MP4 carry it (ReadOrder, Layer, ... Effect).
_ASS_FIELDS = 8

# MP4 needs a description of the text style with the stream; FFmpeg makes it from the head of an ASS script.
_HEAD = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def target_codec(container: Any, source: Any) -> str | None:
    """The codec that a subtitle stream gets in `container`; None for subtitles that are pictures."""
    name = source.codec_context.codec.canonical_name if source.codec_context else ""
    return _TARGETS.get(container.format.name) if name in _TEXT else None


def add_subtitles(container: Any, source: Any, codec: str) -> Any:
    """A stream of `codec` (from `target_codec`) for the words of a subtitle stream that cannot be copied."""
    if codec == "mov_text":
        stream = container.add_stream(codec)
        stream.codec_context.subtitle_header = _HEAD
    else:
        stream = container.add_mux_stream(codec)
    stream.time_base = Fraction(source.time_base)
    return stream


def plain_text(data: bytes, codec: str) -> str:
    """The plain text of one subtitle packet of `codec`."""
    if codec == "mov_text":
        (length,) = struct.unpack(">H", data[:2]) if len(data) >= 2 else (0,)
        return data[2 : 2 + length].decode("utf-8", "replace")
    text = data.decode("utf-8", "replace").strip("\r\n\0")
    if codec in ("ass", "ssa"):
        text = text.split(",", _ASS_FIELDS)[-1]
        text = re.sub(r"\{[^}]*\}", "", text).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    text = re.sub(r"</?[A-Za-z][^>]*>", "", text)
    return html.unescape(text) if codec == "webvtt" else text


class _Line(NamedTuple):
    """A line of text; times in ticks.

    Attributes
    ----------
    text : str
    start, duration : int
    time_base : Fraction
    """

    text: str
    start: int
    duration: int
    time_base: Fraction

    @property
    def end_s(self) -> Fraction:
        """When it goes."""
        return (self.start + self.duration) * self.time_base

    def before(self, after: _Line) -> _Line:
        """The same, gone when another one begins."""
        return self._replace(duration=min(self.duration, after.start - self.start))

    def beside(self, other: _Line) -> _Line:
        """Both, under each other, as long as one of them is seen."""
        return other._replace(text=f"{other.text}\n{self.text}", duration=max(self.duration, other.duration))


class ConvertedSubtitles:
    """The packets of one text subtitle stream, in the form of another codec.

    MP4 shows one line at a time: one that goes on while the next one begins is cut off there, and lines that begin
    together become one. FFmpeg would let the next one begin later.
    """

    def __init__(self, path: Path, index: int, target: Any, origin_s: Fraction) -> None:
        """`index`: of the source stream; `target`: made by `add_subtitles`; `origin_s`: what becomes zero."""
        self._target = target
        self._is_mp4 = target.container.format.name in ("mp4", "mov")
        self._packets = Packets(path, [index], origin_s)
        self._held: _Line | None = None  # until it is known when the next one begins

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets up to a time."""
        for packet in self._packets.until(time_s):
            text = plain_text(bytes(packet), packet.stream.codec_context.codec.canonical_name)
            if not text:  # MP4 marks pauses with empty texts; the muxer writes its own
                continue
            line = _Line(text, packet.pts, packet.duration or 0, packet.time_base)
            held, self._held = self._held, line
            if held is not None and self._is_mp4:
                self._held, held = (line.beside(held), None) if line.start == held.start else (line, held.before(line))
            if held is not None:
                yield self._packet(held)
        if self._held is not None and (time_s is None or self._held.end_s <= time_s):
            held, self._held = self._held, None
            yield self._packet(held)

    def _packet(self, line: _Line) -> Any:
        text = line.text.encode()
        made = av.Packet(struct.pack(">H", len(text)) + text if self._is_mp4 else text)
        made.pts = made.dts = line.start
        made.duration, made.time_base = line.duration, line.time_base
        made.is_keyframe = True
        made.stream = self._target
        return made

    def close(self) -> None:
        """Close the file."""
        self._packets.close()
