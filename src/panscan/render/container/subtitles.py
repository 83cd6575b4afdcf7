"""Converting text subtitles from one container to another: words and times stay, styles may be lost."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

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
    return re.sub(r"</?[A-Za-z][^>]*>", "", text)


class ConvertedSubtitles:
    """The packets of one text subtitle stream, in the form of another codec."""

    def __init__(self, path: Path, index: int, target: Any, origin_s: Fraction) -> None:
        """`index`: of the source stream; `target`: made by `add_subtitles`; `origin_s`: what becomes zero."""
        self._target = target
        self._is_mp4 = target.container.format.name in ("mp4", "mov")
        self._packets = Packets(path, [index], origin_s)

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets up to a time."""
        for packet in self._packets.until(time_s):
            text = plain_text(bytes(packet), packet.stream.codec_context.codec.canonical_name).encode()
            if not text:  # MP4 marks pauses with empty texts; the muxer writes its own
                continue
            made = av.Packet(struct.pack(">H", len(text)) + text if self._is_mp4 else text)
            made.pts = made.dts = packet.pts
            made.duration, made.time_base = packet.duration, packet.time_base
            made.is_keyframe = True
            made.stream = self._target
            yield made

    def close(self) -> None:
        """Close the file."""
        self._packets.close()
