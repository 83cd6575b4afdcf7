"""Reading all packets of a picture stream once, without decoding: when each is shown, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.clock import ClockFollower
from panscan.decoding.looks import LookFollower
from panscan.decoding.pictures import timestamp
from panscan.model.time import IntArray

# How much shorter than its header promises a file may be before it counts as cut off: headers miscount a little.
_MISSING_SHARE = Fraction(1, 50)
_MISSING_PICTURES = 2


@dataclass(frozen=True, slots=True, eq=False)
class PacketScan:
    """The packets of a picture stream in the order of the file, those that an edit list hides aside.

    Attributes
    ----------
    pts : ndarray (n,), int64
        When each is shown, in ticks of a clock without jumps.
    dts : ndarray (n,), int64
        When each is decoded.
    duration : ndarray (n,), int64
        In ticks; 0 where the file does not say.
    is_key, is_corrupt : ndarray (n,), bool
    is_changed : ndarray (n,), bool
        Whether its picture has another size, pixel format or colours than the first, as far as packets tell.
    clock_offsets : tuple of int
        As `PictureIndex` has them.
    jumps : tuple of (int, int)
        When the clock jumps, and by how much, in ticks.
    hidden_count : int
        Packets that an edit list hides.
    promised_count : int
        Pictures that a file which is cut off promises; 0 for a file that is whole.
    error : str
        Why reading ended early; empty if it did not.
    """

    pts: IntArray
    dts: IntArray
    duration: IntArray
    is_key: npt.NDArray[np.bool_]
    is_corrupt: npt.NDArray[np.bool_]
    is_changed: npt.NDArray[np.bool_]
    clock_offsets: tuple[int, ...]
    jumps: tuple[tuple[int, int], ...]
    hidden_count: int
    promised_count: int
    error: str


def scan_packets(container: Any, stream: Any) -> PacketScan:
    """Read all packets of a stream from the start of a file on."""
    rows: list[tuple[int, int, int, bool, bool, bool]] = []
    starts, hidden, error = [0], 0, ""
    follower, looks = ClockFollower(container.format.name, stream.time_base), LookFollower(stream)
    try:
        for packet in container.demux(stream):
            ticks = timestamp(packet)
            if not packet.size or ticks is None:
                continue
            if packet.is_discard:
                hidden += 1
                continue
            dts = ticks if packet.dts is None else packet.dts
            if packet.dts is not None and follower.jumps(dts):
                starts.append(len(rows))
            is_changed = looks.is_changed(packet)
            rows.append((ticks, dts, packet.duration or 0, packet.is_keyframe, packet.is_corrupt, is_changed))
    except av.error.FFmpegError as broken:
        error = str(broken.strerror)
    raw_pts, raw_dts, durations, keys, corrupt, changed = np.array(rows, np.int64).reshape(-1, 6).T
    lead = _lead(container, stream, raw_pts)
    offsets = tuple(_clock_offsets(raw_pts, durations, [*starts, len(rows)], lead))
    shift = np.repeat(np.array(offsets, np.int64), np.diff([*starts, len(rows)]))
    pts, dts = raw_pts + shift, raw_dts + shift
    jumps = tuple((int(pts[at]), a - b) for at, (a, b) in zip(starts[1:], pairwise(offsets), strict=True))
    promised = _promised(stream, pts - lead, durations, hidden) if len(rows) and not jumps else 0
    flags = keys > 0, corrupt > 0, changed > 0
    return PacketScan(pts, dts, durations, *flags, offsets, jumps, hidden, promised, error)


def _lead(container: Any, stream: Any, ticks: IntArray) -> int:
    """What to add to all times so that none is negative: hardly a container keeps pictures before zero."""
    if not len(ticks) or ticks.min() >= 0:
        return 0
    start_s = Fraction(min(0, container.start_time or 0), av.time_base)  # sound may begin still earlier
    return max(-int(ticks.min()), -math.floor(start_s / Fraction(stream.time_base)))


def _clock_offsets(ticks: IntArray, durations: IntArray, borders: list[int], lead: int) -> Iterator[int]:
    """What to add to each run of packets so that it begins where the one before ends; `lead` to the first."""
    end: int | None = None
    for first, after in pairwise(borders):
        run = ticks[first:after]
        offset = lead if end is None else end - int(run.min())
        yield offset
        if len(run):
            last = int(np.argmax(run))
            end = int(run[last]) + offset + (int(durations[first + last]) or 1)


def _promised(stream: Any, pts: IntArray, durations: IntArray, hidden: int) -> int:
    """How many pictures the header of a file that is cut off promises; 0 if all are there.

    The number alone is no proof: where an edit list shows a part of the file, it counts the other pictures, too; and
    that of AVI counts pictures that were dropped. Time must be missing as well.
    """
    promised = stream.frames - hidden
    missing = promised - len(pts)
    if missing <= max(_MISSING_PICTURES, promised * _MISSING_SHARE) or not stream.duration:
        return 0
    last = int(np.argmax(pts))
    found = (
        int(pts[last]) + int(durations[last]) - int(stream.start_time if stream.start_time is not None else min(pts))
    )
    return promised if stream.duration - found > stream.duration * _MISSING_SHARE else 0
