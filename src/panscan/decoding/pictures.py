"""Decoding the pictures of a stream: those that decode, on a clock without jumps; damage ends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.decoding.clock import demuxed
from panscan.decoding.containers import open_container
from panscan.model.media import PictureIndex


class DamagedError(Exception):
    """A packet does not decode. With frame threads, good pictures beside it may be lost."""


def picture_stream(container: Any) -> Any:
    """The first video stream that FFmpeg has a decoder for, cover art aside; None without one."""
    streams = (s for s in container.streams.video if "attached_pic" not in str(s.disposition))
    return next((s for s in streams if s.codec_context is not None), None)


def is_of_programme(container: Any, stream: Any, picture: Any) -> bool:
    """Whether a stream belongs to the programme of a picture stream: transport streams may hold several."""
    if container.format.name != "mpegts":
        return True
    # What FFmpeg finds best beside a stream is of its programme, if that has such a stream: of one programme, the same.
    best = container.streams.best
    return all(best(kind, related=stream) == best(kind, related=picture) for kind in ("video", "audio"))


def decoded_pictures(container: Any, stream: Any, index: PictureIndex) -> Iterator[Any]:
    """The pictures from where a file stands, in display order, each with its timestamp on the index's clock.

    Pictures that do not decode are left out; where the file breaks, they end.
    """
    frames = frames_of(demuxed(container, [stream], index), stream, stops=not index.is_damaged)
    if index.is_counted:
        for frame, ticks in zip(frames, index.pts.tolist(), strict=False):
            frame.pts = ticks
            yield frame
        return
    last: int | None = None
    try:
        for frame in rising(frames):
            last = frame.pts
            yield frame
    except DamagedError:
        damaged = replace(index, is_damaged=True)
        skip = stream.codec_context.skip_frame
        yield from decoded_anew(Path(container.name.removeprefix("file:")), damaged, after=last, skip_frame=skip)


def rising(frames: Iterable[Any]) -> Iterator[Any]:
    """Decoded frames with a timestamp after that of the frame before; those that the decoder guessed are left out."""
    last: int | None = None
    for frame in frames:
        ticks = timestamp(frame)
        if ticks is None or frame.is_corrupt or (last is not None and ticks <= last):
            continue
        frame.pts = last = ticks
        yield frame


def timestamp(frame_or_packet: Any) -> int | None:
    """When a frame or packet is shown, in ticks; its decoding time where that is all there is."""
    ticks: int | None = frame_or_packet.pts if frame_or_packet.pts is not None else frame_or_packet.dts
    return ticks


def decoded_anew(
    path: Path, index: PictureIndex, *, after: int | None = None, skip_frame: str = "DEFAULT"
) -> Iterator[Any]:
    """The pictures of a file, opened anew, from its start or after a timestamp.

    All of it is decoded: not all containers find their very start by seeking, and how a damaged picture looks depends
    on what was decoded before it.
    """
    with open_container(path) as container:
        stream: Any = container.streams[index.stream]
        stream.thread_type = index.thread_type
        stream.codec_context.skip_frame = skip_frame
        for frame in decoded_pictures(container, stream, index):
            if after is None or frame.pts > after:
                yield frame


def frames_of(packets: Iterable[Any], stream: Any, *, stops: bool = False) -> Iterator[Any]:
    """What packets decode to, and what the decoder still holds at their end.

    Raises
    ------
    DamagedError
        Something does not decode, and `stops`.
    """
    try:
        for packet in packets:
            is_end_mark = packet.pts is None and packet.dts is None
            # Any other empty packet says that the picture before it stays; decoders would take it for the end.
            if packet.size or is_end_mark:
                yield from _decoded(stream, packet, stops=stops)
    except av.error.FFmpegError:
        pass  # the file breaks here
    yield from _decoded(stream, None, stops=stops)


def _decoded(stream: Any, packet: Any, *, stops: bool) -> Iterator[Any]:
    try:
        yield from stream.codec_context.decode(packet)
    except av.error.EOFError:
        return
    except av.error.FFmpegError as error:
        if stops:
            raise DamagedError from error
