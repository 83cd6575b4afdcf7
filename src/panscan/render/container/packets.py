"""Packets of a file in the order in which they are stored, up to a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error

from panscan.decoding.clock import demuxed
from panscan.decoding.containers import open_container
from panscan.decoding.index import read_index


class Packets:
    """The packets of some streams of one file, read no further than needed."""

    def __init__(self, path: Path, streams: Iterable[int], origin_s: Fraction) -> None:
        """`streams`: their indices; `origin_s`: the time on the file's clock that becomes zero."""
        self._container = open_container(path)
        self._origin_s = origin_s
        self._packets = demuxed(self._container, [self._container.streams[n] for n in streams], read_index(path))
        self._pending: Any = None

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets up to a time; all that are left with None."""
        try:
            while True:
                packet, self._pending = self._pending or self._next(), None
                if packet is None:
                    return
                ticks = packet.dts if packet.dts is not None else packet.pts
                if time_s is not None and ticks * packet.time_base > time_s:
                    self._pending = packet
                    return
                yield packet
        except av.error.FFmpegError:
            return  # the file breaks: what is whole before that is kept, as of the picture

    def _next(self) -> Any:
        for packet in self._packets:
            if packet.pts is None and packet.dts is None:  # the demuxer's end mark
                continue
            origin = round(self._origin_s / packet.time_base)
            packet.pts = None if packet.pts is None else packet.pts - origin
            packet.dts = None if packet.dts is None else packet.dts - origin
            return packet
        return None

    def close(self) -> None:
        """Close the file."""
        self._container.close()
