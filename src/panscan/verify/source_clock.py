"""Which streams of a source belong together, and the times of one whose clock may jump, from what it decodes to.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import Any

import av.error

# A step of time beyond these is a jump of the clock, as for FFmpeg (-dts_delta_threshold).
_LONGEST_STEP_S, _LONGEST_STEP_BACK_S = 10, Fraction(1, 10)
_JOINED_FORMATS = ("mpegts", "mpeg")  # FFmpeg's names of formats whose parts may be joined as they are
_TABLE_FORMAT = "mp4"  # its times are sums of durations and cannot jump


def is_jump(container_format: str, before_s: Fraction, after_s: Fraction) -> bool:
    """Whether a clock jumps between two times that follow each other."""
    step_s = after_s - before_s
    if container_format in _JOINED_FORMATS and step_s > _LONGEST_STEP_S:
        return True
    return step_s < -_LONGEST_STEP_BACK_S and _TABLE_FORMAT not in container_format


def picture_stream(container: Any) -> Any:
    """The video stream, cover art and what has no decoder aside; None without one."""
    streams = [s for s in container.streams.video if "attached_pic" not in str(s.disposition) and s.codec_context]
    return streams[0] if streams else None


def sound_streams(container: Any) -> list[Any]:
    """The sound streams of known codecs, in a transport stream only those of the picture's programme."""
    streams, picture = [s for s in container.streams.audio if s.codec_context], picture_stream(container)
    if picture is None:
        return streams
    return [stream for stream in streams if is_beside(container, stream, picture)]


def is_beside(container: Any, stream: Any, picture: Any) -> bool:
    """Whether a stream belongs to the programme of the picture: transport streams may hold several."""
    return container.format.name not in _JOINED_FORMATS or _beside(container, stream) == _beside(container, picture)


def _beside(container: Any, stream: Any) -> list[Any]:
    """Picture and sound that FFmpeg plays with a stream: those of its programme, if it has both."""
    return [container.streams.best(kind, related=stream) for kind in ("video", "audio")]


class SoundClock:
    """Puts the times of one sound stream on the clock of its pictures."""

    def __init__(self, container_format: str, offsets_s: Sequence[Fraction]) -> None:
        """`offsets_s`: what was added to the times of the pictures, from jump to jump."""
        self._format = container_format
        self._offsets_s = list(offsets_s)
        self._last_s: Fraction | None = None

    def time_s(self, file_s: Fraction) -> Fraction:
        """The continuous time of the next packet or frame."""
        if self._last_s is not None and is_jump(self._format, self._last_s, file_s):
            end_s = self._last_s + self._offsets_s[0]
            best = min(range(len(self._offsets_s)), key=lambda n: abs(file_s + self._offsets_s[n] - end_s))
            self._offsets_s = self._offsets_s[best:]
        self._last_s = file_s
        return file_s + self._offsets_s[0]


def timed_pictures(
    container: Any, stream: Any, lead: int = 0, *, may_jump: bool = False
) -> Iterator[tuple[int, int, Any]]:
    """The pictures of a file from where it stands: tick on a clock without jumps, what was added to the file's, frame.

    lead: what is added to the first ones, where times in the file are negative. may_jump: the packets' clock does.
    A picture that the decoder could only guess is left out; where the file breaks, the pictures end.
    """
    last, step, offset = None, 1, lead
    for frame in decoded_frames(container, stream):
        tick = frame.pts if frame.pts is not None else frame.dts
        if tick is None or frame.is_corrupt:
            continue
        if last is not None:
            now, unit = tick + offset, stream.time_base
            if may_jump and is_jump(container.format.name, last * unit, now * unit):
                offset = last + step - tick
            elif now <= last:
                continue
            step = frame.duration or tick + offset - last
        frame.pts = last = tick + offset
        yield last, offset, frame


def decoded_frames(container: Any, stream: Any) -> Iterator[Any]:
    """All frames that decode, whatever does not."""
    for packet in chain(whole_packets(container, [stream]), [None]):
        if packet is not None and not packet.size:
            continue
        try:
            yield from stream.codec_context.decode(packet)
        except av.error.FFmpegError:
            continue


def whole_packets(container: Any, streams: Sequence[Any]) -> Iterator[Any]:
    """The packets of some streams, up to where the file breaks."""
    try:
        yield from container.demux(list(streams))
    except av.error.FFmpegError:
        return
