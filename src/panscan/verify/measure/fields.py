"""Sources made of two fields, deinterlaced by the verifier itself.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import av
import av.error
import av.filter

from panscan.model.media import Fields

# FFmpeg's filter and what it is told: a picture per frame; which pictures; which field is the earlier one.
_SETTINGS: dict[Fields, dict[str, str]] = {
    "flagged": {"mode": "0", "deint": "1", "parity": "-1"},
    "top_first": {"mode": "0", "deint": "0", "parity": "0"},
    "bottom_first": {"mode": "0", "deint": "0", "parity": "1"},
}


def whole_pictures(frames: Iterable[Any], stream: Any, fields: Fields) -> Iterator[Any]:
    """Each frame of a stream as one moment, at the frame's own time."""
    graph: Any = None
    size: tuple[int, int, str] | None = None
    waiting: list[int | None] = []
    for frame in chain(frames, (None,)):
        if graph is not None and (frame is None or (frame.width, frame.height, frame.format.name) != size):
            graph.push(None)
            yield from _pulled(graph, waiting, stream)
            graph = None
        if frame is None:
            return
        if graph is None:
            size, graph = (frame.width, frame.height, frame.format.name), av.filter.Graph()
            ends = (
                graph.add_buffer(width=size[0], height=size[1], format=frame.format, time_base=stream.time_base),
                graph.add("bwdif", **_SETTINGS[fields]),
                graph.add("buffersink"),
            )
            graph.link_nodes(*ends).configure()
        waiting.append(frame.pts if frame.pts is not None else frame.dts)
        graph.push(frame)
        yield from _pulled(graph, waiting, stream)


def _pulled(graph: Any, waiting: list[int | None], stream: Any) -> Iterator[Any]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        frame.pts, frame.time_base = waiting.pop(0), stream.time_base
        yield frame
