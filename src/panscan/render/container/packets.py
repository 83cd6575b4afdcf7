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

    def __init__(self, path: Path, streams: Iterable[int]) -> None:
        """`streams`: their indices."""
        self._container = open_container(path)
        self._packets = demuxed(self._container, [self._container.streams[n] for n in streams], read_index(path))
        self._pending: Any = None

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets up to a time on the file's clock; all that are left with None."""
        try:
            while True:
                packet, self._pending = self._pending or next(self._packets, None), None
                if packet is None:
                    return
                ticks = packet.dts if packet.dts is not None else packet.pts
                if ticks is None:  # the demuxer's end mark
                    continue
                if time_s is not None and ticks * packet.time_base > time_s:
                    self._pending = packet
                    return
                yield packet
        except av.error.FFmpegError:
            return  # the file breaks: what is whole before that is kept, as of the picture

    def close(self) -> None:
        """Close the file."""
        self._container.close()
