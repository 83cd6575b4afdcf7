"""When the pictures of a source are shown: by its packets, and where these leave a doubt, by what they decode to.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container
from panscan.verify.source_clock import decoded_frames, is_jump, timed_pictures

SAFE_THREADS = "NONE"  # frame threads lose good pictures beside those that do not decode
_TIMED_KINDS = ("video", "audio")  # of streams, whose start moves all times where it is negative
_UNTIMED_FORMATS = ("avi", "mxf")  # may store no times of their pictures: FFmpeg guesses which has which


@dataclass(frozen=True, slots=True, eq=False)
class SourceTimes:
    """What decodes of a source, and when.

    Attributes
    ----------
    pts : ndarray (n,), int64
        Ticks of the pictures that decode.
    offsets_s : tuple of Fraction
        What was added to the file's times, from jump to jump of its clock.
    lead : int
        What was added to the first of them, in ticks.
    may_jump : bool
        Whether the clock of the packets jumps.
    is_counted : bool
        Whether the file has no times of its pictures, so that each has its time by its number.
    """

    pts: npt.NDArray[np.int64]
    offsets_s: tuple[Fraction, ...] = (Fraction(0),)
    lead: int = 0
    may_jump: bool = False
    is_counted: bool = False

    def pictures(self, container: Any, stream: Any) -> Iterator[Any]:
        """The pictures of a file from its start, with these times."""
        if self.is_counted:
            for tick, frame in zip(self.pts.tolist(), decoded_frames(container, stream), strict=False):
                frame.pts = tick
                yield frame
            return
        for _, _, frame in timed_pictures(container, stream, self.lead, may_jump=self.may_jump):
            yield frame


class PacketTimes:
    """Times of the packets of a stream, and whether these tell what decodes."""

    def __init__(self, container: Any, stream: Any) -> None:
        self.ticks: list[int] = []
        self.decoding_ticks: list[int] = []
        self.is_doubtful = self.jumps = False
        try:
            for packet in container.demux(stream):
                tick = packet.pts if packet.pts is not None else packet.dts
                if packet.size and tick is not None and not packet.is_discard:
                    self._add(tick, packet, container.format.name)
        except av.error.FFmpegError:
            self.is_doubtful = True
        promised = stream.frames > len(self.ticks)
        self.is_doubtful |= promised

    def _add(self, tick: int, packet: Any, container_format: str) -> None:
        before = self.decoding_ticks[-1] if self.decoding_ticks else None
        after = packet.dts if packet.dts is not None else before if before is not None else tick
        if before is not None and is_jump(container_format, before * packet.time_base, after * packet.time_base):
            self.is_doubtful = self.jumps = True
        self.is_doubtful |= packet.is_corrupt or tick < 0
        self.ticks.append(tick)
        self.decoding_ticks.append(after)


def decoded_times(path: Path, index: int, time_base: Fraction, packets: PacketTimes) -> SourceTimes:
    """Decode all pictures of stream `index` of a file to see which do, and when."""
    with open_container(path) as container:
        stream: Any = container.streams[index]
        stream.thread_type = SAFE_THREADS
        if container.format.name in _UNTIMED_FORMATS:
            ticks = [frame.pts or 0 for frame in decoded_frames(container, stream)]
            if ticks != sorted(ticks):
                return SourceTimes(np.array(sorted(packets.decoding_ticks), np.int64), is_counted=True)
    with open_container(path) as container:
        stream = container.streams[index]
        stream.thread_type = SAFE_THREADS
        lead = 0
        if packets.ticks and min(packets.ticks) < 0:
            timed = [s for s in container.streams if s.type in _TIMED_KINDS]
            start_s = min(Fraction(s.start_time or 0) * Fraction(s.time_base or 1) for s in timed)
            lead = max(-min(packets.ticks), -floor(start_s / time_base))
        found = [(tick, by) for tick, by, _ in timed_pictures(container, stream, lead, may_jump=packets.jumps)]
    offsets_s = tuple(by * time_base for by in dict.fromkeys(by for _, by in found))
    return SourceTimes(np.array([tick for tick, _ in found], np.int64), offsets_s, lead, packets.jumps)
