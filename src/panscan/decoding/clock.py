"""One clock without jumps for all streams of a file, however often the file's own clock jumps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panscan.model.media import PictureIndex

# A longer step forward is a jump, a shorter one a gap in the reception; FFmpeg's own border (-dts_delta_threshold).
_MAX_STEP_S = 10
_MAX_STEP_BACK_S = Fraction(1, 10)  # decoding times rise; FFmpeg, too, forgives a tenth of a second
# FFmpeg's names of formats whose clock may jump forward: streams that are cut and joined without being written anew.
_JOINED_FORMATS = ("mpegts", "mpeg")
_TABLE_FORMAT = "mp4"  # its timestamps are made of tables of durations: they cannot jump


class ClockFollower:
    """Follows the decoding times of one stream and sees where they jump."""

    def __init__(self, container_format: str, time_base: Fraction) -> None:
        self._can_jump = _TABLE_FORMAT not in container_format
        self._can_jump_forward = container_format in _JOINED_FORMATS
        self._max_step, self._max_step_back = int(_MAX_STEP_S / time_base), int(_MAX_STEP_BACK_S / time_base)
        self._last: int | None = None

    def jumps(self, dts: int) -> bool:
        """Whether the clock jumped before a packet with this decoding time."""
        last, self._last = self._last, dts
        if last is None or not self._can_jump:
            return False
        if dts < last - self._max_step_back:
            return True
        return self._can_jump_forward and dts > last + self._max_step


@dataclass(slots=True)
class _Position:
    """Where one stream is on its clock.

    Attributes
    ----------
    follower : ClockFollower
    run : int
        Number of jumps so far.
    end : int
        Of its last packet, in ticks of the file's clock.
    shown : int
        Decoding time of its last packet on the clock without jumps.
    """

    follower: ClockFollower
    run: int = 0
    end: int = 0
    shown: int = -(1 << 62)  # before any time


def demuxed(container: Any, streams: Sequence[Any], index: PictureIndex) -> Iterator[Any]:
    """The packets of some streams of a file, on the clock of its pictures' index."""
    packets: Iterable[Any] = container.demux(list(streams))
    return iter(packets) if index.clock_offsets == (0,) else _bridged(packets, container.format.name, index)


def _bridged(packets: Iterable[Any], container_format: str, index: PictureIndex) -> Iterator[Any]:
    positions: dict[int, _Position] = {}
    for packet in packets:
        stream = packet.stream
        if packet.pts is not None or packet.dts is not None:
            if stream.index not in positions:
                positions[stream.index] = _Position(ClockFollower(container_format, stream.time_base))
            position = positions[stream.index]
            offsets = [round(jump * index.time_base / stream.time_base) for jump in index.clock_offsets]
            if packet.dts is not None:
                if position.follower.jumps(packet.dts):
                    position.run = _next_run(position, packet.dts, offsets, is_picture=stream.index == index.stream)
                position.end = packet.dts + (packet.duration or 0)
            _shift(packet, offsets[position.run])
            if packet.dts is not None and packet.dts <= position.shown and stream.index != index.stream:
                continue  # after a jump, while sound of the recording before it is still heard
            position.shown = packet.dts if packet.dts is not None else position.shown
        yield packet


def _next_run(position: _Position, ticks: int, offsets: Sequence[int], *, is_picture: bool) -> int:
    """The run of the clock that a packet after a jump belongs to: for sound the one on which it follows best."""
    if is_picture:
        return min(position.run + 1, len(offsets) - 1)
    wanted = position.end + offsets[position.run]
    runs = range(position.run, len(offsets))
    return min(runs, key=lambda run: abs(ticks + offsets[run] - wanted))


def _shift(packet: Any, offset: int) -> None:
    if packet.pts is not None:
        packet.pts += offset
    if packet.dts is not None:
        packet.dts += offset
