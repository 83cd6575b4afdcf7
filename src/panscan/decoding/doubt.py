"""Which packets of a picture stream decode. Only stretches that leave a doubt are decoded to find out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import runs_of_true
from panscan.decoding.clock import demuxed
from panscan.decoding.containers import open_container
from panscan.decoding.looks import changed_note
from panscan.decoding.packets import PacketScan
from panscan.decoding.pictures import frames_of, rising, timestamp
from panscan.model.media import PictureIndex
from panscan.model.time import IntArray

_MAX_PLACES_TOLD = 3  # places of damage that a note names

Flags = npt.NDArray[np.bool_]


def decoding_packets(path: Path, scan: PacketScan, index: PictureIndex, head: Sequence[int]) -> Flags:
    """Whether each packet decodes to a picture.

    In doubt are the start, where the first pictures that decode are not the earliest ones; groups of pictures with
    corrupt packets and those after them, whose first pictures refer to them; and the end of a file that is cut off.

    Parameters
    ----------
    path : Path
    scan : PacketScan
    index : PictureIndex
        As if all packets decoded.
    head : sequence of int
        Timestamps of the first pictures that were decoded.
    """
    decodes = np.ones(len(scan.pts), bool)
    if not head:
        return ~decodes
    is_key = scan.is_key.copy()
    is_key[0] = True
    group = np.cumsum(is_key) - 1
    is_damaged = np.zeros(int(group[-1]) + 2, bool)
    broken = np.unique(group[scan.is_corrupt])
    is_damaged[broken] = is_damaged[broken + 1] = True
    is_damaged[group[-1]] |= bool(scan.error) or scan.promised_count > 0
    doubtful = is_damaged[group]
    starts_late = not np.array_equal(head, index.pts[: len(head)])
    if starts_late:
        doubtful |= group <= group[np.flatnonzero(scan.pts <= head[0]).max(initial=0)] + 1
    _decode(path, scan, index, doubtful, decodes)
    if starts_late and np.any(~decodes & ~is_damaged[group] & (scan.pts > head[0])):
        # Packets without a picture of their own, as single fields or hidden pictures have them: they are everywhere.
        _decode(path, scan, index, np.ones(len(scan.pts), bool), decodes)
    return decodes


def _decode(path: Path, scan: PacketScan, index: PictureIndex, doubtful: Flags, decodes: Flags) -> None:
    """Find out which doubtful packets decode."""
    keys = np.append(0, np.flatnonzero(scan.is_key))
    for first, end in runs_of_true(doubtful):
        # The first pictures of a group may refer to the group before it.
        start = int(keys[keys < first].max(initial=0))
        run = scan.pts[start:end]
        found = _timestamps(path, index, run, is_sought=True) if start and index.is_seekable else None
        if found is None:
            found = _timestamps(path, index, run, is_sought=False) or []
        # Some containers give pictures other times than their packets; then their number tells.
        decodes[first:end] = len(found) >= end - start or np.isin(scan.pts[first:end], found)


def _timestamps(path: Path, index: PictureIndex, packets: IntArray, *, is_sought: bool) -> list[int] | None:
    """Timestamps of the pictures that decode from a run of packets; None where seeking leads past its start."""
    with open_container(path) as container:
        stream: Any = container.streams[index.stream]
        stream.thread_type = "NONE"  # frame threads lose good pictures beside those that do not decode
        if is_sought:
            container.seek(int(packets[0]), stream=stream)
        run = _from_to(demuxed(container, [stream], index), int(packets[0]), int(packets[-1]))
        begin = next(run, None)
        if begin is None:
            return None
        return [frame.pts for frame in rising(frames_of(chain([begin], run), stream))]


def _from_to(packets: Iterator[Any], first: int, last: int) -> Iterator[Any]:
    is_inside = False
    for packet in packets:
        ticks = timestamp(packet)
        is_inside |= ticks == first
        if is_inside:
            yield packet
        if ticks == last and is_inside:
            return


def damage_notes(scan: PacketScan, decodes: Flags, time_base: Fraction) -> Iterator[str]:
    """What is left out or bridged, one line each."""
    first, last, count = scan.pts[decodes].min(), scan.pts[decodes].max(), len(decodes)
    lost_s = [float(int(at - first) * time_base) for at in np.sort(scan.pts[~decodes])]
    last_s = float(int(last - first) * time_base)
    inside_s = [at_s for at_s in lost_s if 0 < at_s < last_s]
    early, late = sum(at_s < 0 for at_s in lost_s), sum(at_s > last_s for at_s in lost_s)
    if scan.jumps:
        sizes = [f"{float(size * time_base):+.1f} s" for _, size in scan.jumps[:_MAX_PLACES_TOLD]]
        yield f"the file's clock jumps {len(scan.jumps)} time(s), bridged: {', '.join(sizes)}"
    if early:
        yield f"{early} of {count} picture(s), the first ones, do not decode: the movie begins {-lost_s[0]:.2f} s later"
    if inside_s:
        yield lost_note(inside_s, count)
    if late:
        yield f"{late} of {count} picture(s), the last ones, do not decode: the movie ends before them"
    if scan.promised_count:
        yield f"the file is cut off: {decodes.sum()} of {scan.promised_count} pictures are there"
    elif scan.error:
        yield f"the file breaks after {decodes.sum()} pictures: {scan.error}"
    changed = scan.is_changed & decodes
    if changed.any():
        from_s = float(int(scan.pts[changed].min() - first) * time_base)
        yield changed_note(int(changed.sum()), int(decodes.sum()), from_s)
    if scan.hidden_count:
        yield f"{scan.hidden_count} picture(s) are left out: the file's edit list hides them"


def lost_note(times_s: Sequence[float], count: int) -> str:
    """The line about pictures, of `count`, that do not decode."""
    places = ", ".join(f"{time_s:.2f}" for time_s in times_s[:_MAX_PLACES_TOLD])
    more = " and later" if len(times_s) > _MAX_PLACES_TOLD else ""
    return f"{len(times_s)} of {count} picture(s) do not decode: at {places} s{more} the picture before stays"
