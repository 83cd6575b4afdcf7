"""Sources made of two fields, deinterlaced by the verifier itself.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
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
_BOTH_MOMENTS = {"mode": "1"}  # two pictures per frame


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
            size = (frame.width, frame.height, frame.format.name)
            graph = _deinterlacer(frame, stream.time_base, _SETTINGS[fields])
        waiting.append(frame.pts if frame.pts is not None else frame.dts)
        graph.push(frame)
        yield from _pulled(graph, waiting, stream)


def moments(frames: Sequence[Any], time_base: Fraction, order: Fields) -> list[Any]:
    """Both moments of each of a few frames in a row, as whole pictures."""
    graph = _deinterlacer(frames[0], time_base, _SETTINGS[order] | _BOTH_MOMENTS)
    for frame in (*frames, None):
        graph.push(frame)
    return list(_ready(graph))


def _deinterlacer(frame: Any, time_base: Fraction, settings: dict[str, str]) -> Any:
    graph = av.filter.Graph()
    ends = (
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=time_base),
        graph.add("bwdif", **settings),
        graph.add("buffersink"),
    )
    graph.link_nodes(*ends).configure()
    return graph


def _ready(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _pulled(graph: Any, waiting: list[int | None], stream: Any) -> Iterator[Any]:
    for frame in _ready(graph):
        frame.pts, frame.time_base = waiting.pop(0), stream.time_base
        yield frame
