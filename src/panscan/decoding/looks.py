"""How pictures are coded (size, pixel format, colours), and where in a stream that changes."""

from __future__ import annotations

from typing import Any, NamedTuple

import av
import av.error
from av.bitstream import BitStreamFilterContext

# FFmpeg's numbers.
_LIMITED, _FULL = 1, 2
_NO_MATRIX = frozenset((0, 2, 3))  # RGB, unspecified, reserved: nothing to convert from or to
_MAX_HEADERS = 8  # that a picture is decoded for; a stream with more of them is left to whoever decodes it
_LENGTHS_AT = {"h264": 4, "hevc": 21}  # place in MP4's extradata of the number of bytes of lengths


class Look(NamedTuple):
    """How a picture is coded.

    Attributes
    ----------
    width, height : int
    pixel_format : str
        FFmpeg's name.
    matrix, colour_range : int
        FFmpeg's numbers.
    """

    width: int
    height: int
    pixel_format: str
    matrix: int
    colour_range: int

    def differs(self, first: Look) -> bool:
        """Whether pictures of this look are converted where those of `first` are expected."""
        is_same = self[:3] == first[:3] and self.colour_range == first.colour_range
        return not is_same or (self.matrix != first.matrix and not {self.matrix, first.matrix} & _NO_MATRIX)


def look_of(frame: Any) -> Look:
    """The look of a decoded frame."""
    name = frame.format.name
    colour_range = _FULL if name.startswith("yuvj") else int(frame.color_range) or _LIMITED
    return Look(frame.width, frame.height, name.replace("yuvj", "yuv"), int(frame.colorspace), colour_range)


def changed_note(count: int, total: int, from_s: float | None = None) -> str:
    """The line about pictures, of `total`, that look otherwise than the first."""
    since = "" if from_s is None else f", from {from_s:.2f} s on,"
    return f"{count} of {total} picture(s){since} have another size, pixel format or colours than the first: converted"


class LookFollower:
    """Follows the packets of a stream in the order of the file, and sees where its look changes.

    Key pictures of many codecs bring headers. Where these change, one key picture with them is decoded.
    """

    def __init__(self, stream: Any) -> None:
        self._codec, self._extradata = stream.codec_context.name, stream.codec_context.extradata or b""
        self._lengths_bytes = _bytes_of_lengths(self._codec, self._extradata)
        try:
            self._filter: Any = BitStreamFilterContext("extract_extradata", stream)
        except ValueError:
            self._filter = None  # a codec without such headers
        self._header: bytes | None = None
        self._first = b""  # the first key picture
        self._looks: dict[bytes, Look | None] = {}
        self._is_changed = False

    def is_changed(self, packet: Any) -> bool:
        """Whether the picture of a packet looks otherwise than the first one."""
        if packet.is_keyframe and self._filter is not None:
            content, beside = bytes(packet), _new_extradata(packet)
            header = beside or self._header_in(content)
            if self._header is None:
                self._header, self._first = header, content
            elif header and header != self._header:
                self._header, self._is_changed = header, self._differs(header, content, beside)
        return self._is_changed

    def _header_in(self, content: bytes) -> bytes:
        annexed = _with_start_codes(content, self._lengths_bytes) if self._lengths_bytes else content
        try:
            return b"".join(map(_new_extradata, self._filter.filter(av.Packet(annexed))))
        except av.error.FFmpegError:  # damaged
            return b""

    def _differs(self, header: bytes, content: bytes, beside: bytes) -> bool:
        if not self._looks:
            self._looks[b""] = self._decoded_look(self._first, self._extradata)
        if header not in self._looks and len(self._looks) < _MAX_HEADERS:
            self._looks[header] = self._decoded_look(content, beside or self._extradata)
        first, here = self._looks[b""], self._looks.get(header)
        return first is not None and here is not None and here.differs(first)

    def _decoded_look(self, content: bytes, extradata: bytes) -> Look | None:
        decoder: Any = av.CodecContext.create(self._codec, "r")
        if extradata:
            decoder.extradata = extradata
        try:
            return look_of([*decoder.decode(av.Packet(content)), *decoder.decode(None)][0])
        except (av.error.FFmpegError, IndexError):  # it does not decode
            return None


def _new_extradata(packet: Any) -> bytes:
    """Headers that a container or a filter has put beside a packet."""
    return b"".join(bytes(data) for data in packet.iter_sidedata() if data.data_type == "new_extradata")


def _bytes_of_lengths(codec: str, extradata: bytes) -> int:
    """How many bytes say how long each part of a packet is, as in MP4; 0 where start codes part them."""
    place = _LENGTHS_AT.get(codec, 0)
    return (extradata[place] & 3) + 1 if place and len(extradata) > place and extradata[0] == 1 else 0


def _with_start_codes(content: bytes, lengths_bytes: int) -> bytes:
    parts, at = [], 0
    while at + lengths_bytes < len(content):
        start = at + lengths_bytes
        at = start + int.from_bytes(content[at:start], "big")
        parts.append(content[start:at])
    return b"".join(b"\0\0\0\1" + part for part in parts)
