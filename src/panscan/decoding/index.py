"""Which pictures of a file decode: read from its packets, and decoded only where these leave a doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from panscan.decoding.clock import demuxed
from panscan.decoding.containers import open_container
from panscan.decoding.doubt import damage_notes, decoding_packets
from panscan.decoding.packets import PacketScan, scan_packets
from panscan.decoding.pictures import decoded_anew, frames_of, picture_stream, timestamp
from panscan.errors import InputError
from panscan.model.media import PictureIndex

MIN_DECODED_SHARE = Fraction(1, 2)  # of the pictures: of a movie with fewer, too much is missing to be reframed
_PROBED_PICTURES = 8  # decoded at the start of every file: they show whether each packet holds a picture of its own
# Of the decoder: threads would decode more pictures than the few that are asked for, or damaged ones otherwise.
PROBING_THREADS = "NONE"
_MPEG_CLOCK_TICKS = 1 << 33  # after so many the clock of transport streams starts again at zero
_MAX_LAST_S = 1000  # a last picture that would stay longer: the clock is damaged
_TABLE_FORMAT = "mp4"  # FFmpeg's name of the format whose durations of packets are steps of decoding
_KNOWN_FILES = 64  # indices that are kept: a cut refers to its media again and again

Flags = npt.NDArray[np.bool_]
_told: dict[tuple[Path, int, int], PictureIndex] = {}  # of files, by their state


class IndexedStream(NamedTuple):
    """What is known of a picture stream.

    Attributes
    ----------
    pictures : PictureIndex
    first : av.VideoFrame
        Its first picture.
    """

    pictures: PictureIndex
    first: Any


def read_index(path: Path) -> PictureIndex:
    """The index of a file's pictures; it is read once for each state of the file.

    Raises
    ------
    InputError
        Too few of its pictures decode, or it has none.
    """
    state = _state(path)
    return _told.get(state) or _read_index(*state)


def tell_index(path: Path, index: PictureIndex) -> None:
    """Let `read_index` give what was read of the same file before, by another process: to read all of it takes time."""
    _told[_state(path)] = index


def _state(path: Path) -> tuple[Path, int, int]:
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=_KNOWN_FILES)
def _read_index(path: Path, _size_bytes: int, _changed_ns: int) -> PictureIndex:
    with open_container(path) as container:
        stream = picture_stream(container)
        if stream is None:
            raise InputError(f"{path} has no picture", why="It has no video stream.", fix="Refer to the movie.")
        stream.thread_type = PROBING_THREADS
        return index_pictures(path, container, stream).pictures


def index_pictures(path: Path, container: Any, stream: Any) -> IndexedStream:
    """Read the packets of a file that was just opened, and decode those that leave a doubt.

    Raises
    ------
    InputError
        Too few of its pictures decode.
    """
    scan = scan_packets(container, stream)
    if not len(scan.pts):
        why = f"FFmpeg says: {scan.error}." if scan.error else "Its video stream is empty."
        raise InputError(f"{path} holds no pictures", why=why, fix="Copy or export the file again.")
    draft = _index(scan, container, stream)
    head = _head(path, container, stream, draft)
    if any(a.pts >= b.pts for a, b in pairwise(head)):  # FFmpeg guesses: AVI stores no times of its pictures
        scan = replace(scan, pts=np.sort(scan.dts))
        draft = replace(_index(scan, container, stream), is_counted=True, is_seekable=False)
        head = list(islice(decoded_anew(path, draft), _PROBED_PICTURES))
    decodes = decoding_packets(path, scan, draft, [frame.pts for frame in head])
    _check(path, scan, int(decodes.sum()), stream.codec_context.name)
    index = replace(
        _index(scan, container, stream, decodes),
        is_counted=draft.is_counted,
        is_seekable=draft.is_seekable,
        notes=tuple(damage_notes(scan, decodes, stream.time_base)),
    )
    last_duration = _last_duration(index, scan, container, stream)
    if last_duration * stream.time_base > _MAX_LAST_S:
        note = (
            f"its last picture would stay for {float(last_duration * stream.time_base) / 3600:.1f} hours: not believed"
        )
        return IndexedStream(replace(index, last_duration=0, notes=(*index.notes, note)), head[0])
    return IndexedStream(replace(index, last_duration=last_duration), head[0])


def _last_duration(index: PictureIndex, scan: PacketScan, container: Any, stream: Any) -> int:
    """How long the last picture is shown, in ticks; 0 where nothing says it."""
    is_last_decoded = int(np.argmax(scan.pts)) == len(scan.pts) - 1
    is_in_part = bool(scan.error) or scan.promised_count > 0 or scan.hidden_count > 0
    if _TABLE_FORMAT not in container.format.name or is_last_decoded or is_in_part or not stream.duration:
        return index.last_duration
    # The end of the stream is what tells.
    return max(index.last_duration, int(stream.start_time or 0) + int(stream.duration) - int(index.pts[-1]))


def _head(path: Path, container: Any, stream: Any, draft: PictureIndex) -> list[Any]:
    """The first pictures that decode, with the times that FFmpeg gives them."""
    if draft.is_seekable:
        container.seek(0)  # opening the file again would cost as much as a second of decoding
        head = list(islice(_timed(frames_of(demuxed(container, [stream], draft), stream)), _PROBED_PICTURES))
        if head:  # readers of photos do not seek
            return head
    return list(islice(decoded_anew(path, draft), _PROBED_PICTURES))


def _timed(frames: Iterator[Any]) -> Iterator[Any]:
    for frame in frames:
        ticks = timestamp(frame)
        if ticks is not None and not frame.is_corrupt:
            frame.pts = ticks
            yield frame


def _index(scan: PacketScan, container: Any, stream: Any, decodes: Flags | None = None) -> PictureIndex:
    pts, durations = (scan.pts, scan.duration) if decodes is None else (scan.pts[decodes], scan.duration[decodes])
    # FFmpeg reads on over the place where the clock starts again at zero, but does not find it by seeking.
    is_wrapped = container.format.name == "mpegts" and scan.pts.max() >= _MPEG_CLOCK_TICKS
    return PictureIndex(
        stream=stream.index,
        time_base=stream.time_base,
        pts=np.unique(pts),
        last_duration=int(durations[np.argmax(pts)]),
        clock_offsets=scan.clock_offsets,
        is_seekable=scan.clock_offsets == (0,) and not is_wrapped,
        is_damaged=bool(scan.error) or bool(scan.is_corrupt.any()),
        changed_count=int(np.count_nonzero(scan.is_changed if decodes is None else scan.is_changed & decodes)),
    )


def _check(path: Path, scan: PacketScan, decoded: int, codec: str) -> None:
    count = max(len(scan.pts), scan.promised_count)
    if decoded and decoded >= count * MIN_DECODED_SHARE:
        return
    if scan.error or scan.promised_count:
        raise InputError(
            f"{path} is cut off",
            why=f"{decoded} of {count} pictures are there" + (f"; FFmpeg says: {scan.error}." if scan.error else "."),
            fix="Copy or download the file again.",
        )
    raise InputError(
        f"too few pictures of {path} decode: {decoded} of {count}"
        if decoded
        else f"no picture of {path} can be decoded",
        why=f"Its {codec} stream is damaged, or its key pictures are missing.",
        fix="Copy or export the file again.",
    )
