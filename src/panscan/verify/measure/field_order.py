"""How the pictures of a source were scanned, by their rows alone: whatever their flags and the timeline say.

Nothing here is shared with the renderer, nor with what was measured before a timeline was made, so that a mistake there
cannot hide itself.

Even and odd rows are taken as two fields. Pairs of rows of one field foretell the row of the other one that lies
between them, and the better, the less time has passed. If the top field of the next picture foretells the bottom field
of this one better than the bottom field of the next picture does the top field of this one, top fields come first. In
whole pictures both are equally bad.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import Any, Literal, NamedTuple

import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container
from panscan.verify.measure.planes import luma_plane
from panscan.verify.source_clock import decoded_frames
from panscan.verify.source_pictures import SourcePictures

FieldOrder = Literal["top_first", "bottom_first"]
Rows = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_ORDERS: tuple[FieldOrder, ...] = ("top_first", "bottom_first")
_PICTURES = 9  # in a row: two rounds of 3:2 pulldown, and one picture more
_COLUMN_STEP = 8  # one column of so many is looked at: combs run along rows
_MOVING_LEVELS = 8.0  # of 255, between two pictures: less may be noise
_MOVING_SHARE = 0.01  # of all samples: where less moves, nothing is told
# How much better one of the two fields must be foretold than the other one, and how much worse than by its own picture
# it may be. Of 54 progressive public clips, at most 2 of 24 pairs of pictures are so, of a test pattern 3 of 8; of 17
# clips that were made of fields or 3:2 pulldown, and in which enough moves, 4 of 7 to all, and 1 for the wrong order.
_ASYMMETRY, _MISFIT = 1.19, 1.5
_LEAST_PAIRS, _LEAST_SHARE, _DOMINANCE = 4, 0.5, 2


class _Pair(NamedTuple):
    """How badly fields of two pictures in a row foretell each other where something moves, in levels.

    Attributes
    ----------
    within : float
        The fields of one picture.
    top_next, bottom_next : float
        The top field of the second picture and the bottom field of the first one; the other way round.
    """

    within: float
    top_next: float
    bottom_next: float

    @property
    def order(self) -> FieldOrder | None:
        """Which field comes first; None for whole pictures, and in doubt."""
        if min(self.top_next, self.bottom_next) > _MISFIT * self.within:
            return None
        if self.bottom_next > _ASYMMETRY * self.top_next:
            return "top_first"
        return "bottom_first" if self.top_next > _ASYMMETRY * self.bottom_next else None


def field_order(source: SourcePictures, places: int) -> FieldOrder | None:
    """Which field of a source comes first; None where its pictures are whole, or too little moves to tell.

    places: evenly spread; at each, a few pictures from a key picture on are read.
    """
    orders = [pair.order for rows in _bursts(source, places) for pair in _pairs(rows)]
    rarer, order = sorted(_ORDERS, key=orders.count)
    is_clear = orders.count(order) >= max(_LEAST_PAIRS, _LEAST_SHARE * len(orders), _DOMINANCE * orders.count(rarer))
    return order if is_clear else None


def is_combed(frames: Sequence[Any], order: FieldOrder) -> bool:
    """Whether the second of three pictures in a row is made of two moments, in this order."""
    return [pair.order for pair in _pairs([_rows(frame) for frame in frames])] == [order, order]


def _bursts(source: SourcePictures, places: int) -> Iterator[list[Rows]]:
    """Some columns of a few pictures in a row, at some places of a source; none twice."""
    seen: set[int] = set()
    try:
        with open_container(source.path) as container:
            stream = container.streams[source.index]
            for place in range(places):
                at = int(source.pts[len(source.pts) * place // places])
                container.seek(at, stream=stream, backward=True)
                frames = decoded_frames(container, stream)
                first = next(frames, None)
                if first is not None and first.pts not in seen:
                    seen.add(first.pts)
                    yield [_rows(frame) for frame in islice(chain([first], frames), _PICTURES)]
    except av.error.FFmpegError:  # it cannot be sought in, or is damaged: what was read tells
        return


def _rows(frame: Any) -> Rows:
    return luma_plane(frame).levels(slice(frame.height // 2 * 2), slice(None, None, _COLUMN_STEP))


def _pairs(pictures: Sequence[Rows]) -> Iterator[_Pair]:
    for first, second in pairwise(pictures):
        if first.shape != second.shape:
            continue
        moving = (np.abs(second - first) > _MOVING_LEVELS)[1:-1:2]
        if moving.size and moving.mean() >= _MOVING_SHARE:
            within = (_misfit(first, first, moving) + _misfit(second, second, moving)) / 2
            yield _Pair(within, _misfit(second, first, moving), _misfit(first, second, moving))


def _misfit(top: Rows, bottom: Rows, places: Mask) -> float:
    """Mean error of bottom rows of one picture, foretold by the top rows of another that lie above and below."""
    return float(np.abs(bottom[1:-1:2] - (top[:-2:2] + top[2::2]) / 2)[places].mean())
