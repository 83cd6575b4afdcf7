"""Pictures made of two fields: one whole picture is made of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import av
import av.error
import av.filter

from panscan.model.media import Fields

# One picture per frame: two would double the rate of the movie.
_BWDIF = {
    "flagged": "mode=send_frame:parity=auto:deint=interlaced",
    "top_first": "mode=send_frame:parity=tff:deint=all",
    "bottom_first": "mode=send_frame:parity=bff:deint=all",
}


def deinterlaced(frames: Iterator[Any], stream: Any, fields: Fields) -> Iterator[Any]:
    """The frames of a stream, each showing one moment, tagged progressive; count and timestamps stay.

    Each is made of the frames before and after it too, so the first after a seek is a little less sharp.
    """
    if fields == "progressive":
        yield from frames
        return
    bwdif = _Bwdif(stream.time_base, fields)
    for frame in frames:
        yield from bwdif.put(frame)
    yield from bwdif.flush()


class _Bwdif:
    """FFmpeg's deinterlacer of that name, for frames whose size and format may change."""

    def __init__(self, time_base: Any, fields: Fields) -> None:
        self._time_base = time_base
        self._arguments = _BWDIF[fields]
        self._graph: Any = None
        self._shape: tuple[int, int, str] | None = None
        self._times: deque[tuple[int | None, int]] = deque()

    def put(self, frame: Any) -> Iterator[Any]:
        """Give one frame; yields what is ready."""
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            yield from self.flush()
            self._graph, self._shape = self._new_graph(*shape), shape
        self._times.append((frame.pts if frame.pts is not None else frame.dts, frame.duration or 0))
        self._graph.push(frame)
        yield from self._ready()

    def flush(self) -> Iterator[Any]:
        """Yield what is left."""
        if self._graph is not None:
            self._graph.push(None)
            yield from self._ready()
            self._graph = self._shape = None

    def _ready(self) -> Iterator[Any]:
        while True:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            # The filter counts in half ticks; whoever reads the movie counts in those of the stream.
            frame.pts, frame.duration = self._times.popleft()
            frame.time_base = self._time_base
            yield frame

    def _new_graph(self, width: int, height: int, pixel_format: str) -> Any:
        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=width, height=height, format=av.VideoFormat(pixel_format), time_base=self._time_base
        )
        bwdif, sink = graph.add("bwdif", self._arguments), graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        graph.configure()
        return graph
