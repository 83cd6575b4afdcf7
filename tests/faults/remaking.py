"""Movies written anew with something changed: pictures, planes of pictures, sound."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

# The pictures that stand in the place of one picture (number, frame): none, one or several.
Pictures = Callable[[int, Any], list[Any]]
# A plane (0 luma, 1 and 2 chroma) on the scale of 8 bits, changed.
PlaneChange = Callable[[int, npt.NDArray[Any]], npt.NDArray[Any]]


def rows_of(frame: Any) -> npt.NDArray[Any]:
    """The planes of a 4:2:0 frame one beneath the other, as `to_ndarray` gives them; it knows 8 bits only."""
    if frame.format.components[0].bits == 8:
        return np.asarray(frame.to_ndarray())
    found = []
    for plane in frame.planes:
        wide = np.frombuffer(plane, np.uint16).reshape(-1, plane.line_size // 2)
        found.append(wide[: plane.height, : plane.width].reshape(-1, frame.width))
    return np.concatenate(found)


def frame_of(rows: npt.NDArray[Any], pixel_format: str) -> Any:
    """The other way round."""
    if rows.dtype == np.uint8:
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(rows), format=pixel_format)
    width, height = rows.shape[1], len(rows) * 2 // 3
    frame = av.VideoFrame(width, height, pixel_format)
    first = 0
    for plane in frame.planes:
        count = plane.height * plane.width // width
        wide = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        wide[:, : plane.width] = rows[first : first + count].reshape(plane.height, plane.width)
        plane.update(wide.tobytes())
        first += count
    return frame


def remade(
    movie: Path, target: Path, pictures: Pictures | None = None, *, full_range: bool = False, x264: str = ""
) -> Path:
    """The movie encoded again with other pictures, its sound copied; honest if `pictures` changes nothing.

    x264: parameters of the encoder by their own names.
    """
    with av.open(str(movie)) as source, av.open(str(target), "w") as out:
        video, heard = source.streams.video[0], source.streams.audio[0]
        made = out.add_stream(
            "libx264", rate=video.average_rate, options={"crf": "14", "preset": "ultrafast", "x264-params": x264}
        )
        made.width, made.height, made.pix_fmt, made.thread_count = video.width, video.height, video.pix_fmt, 1
        made.time_base = made.codec_context.time_base = video.time_base
        for name in ("color_primaries", "color_trc", "colorspace", "color_range"):
            setattr(made.codec_context, name, getattr(video.codec_context, name))
        if full_range:
            made.codec_context.color_range = 2
        sound = out.add_stream_from_template(heard)
        with av.open(str(movie)) as timed:
            stamps = sorted(p.pts for p in timed.demux(timed.streams.video[0]) if p.pts is not None)
        number = 0
        for n, frame in enumerate(source.decode(video)):
            for picture in pictures(n, frame) if pictures else [frame]:
                copy = frame_of(rows_of(picture), video.pix_fmt)
                beyond = number - len(stamps) + 1
                copy.pts = stamps[number] if beyond <= 0 else stamps[-1] + beyond * (stamps[-1] - stamps[-2])
                copy.time_base = video.time_base
                out.mux(made.encode(copy))
                number += 1
        out.mux(made.encode(None))
        _copy_sound(movie, out, sound)
    return target


def resounded(movie: Path, target: Path, *, delay_s: Fraction = Fraction(0), length_s: float = 1e9) -> Path:
    """The movie, copied, with its sound late or cut short."""
    with av.open(str(movie)) as source, av.open(str(target), "w") as out:
        streams = [out.add_stream_from_template(s) for s in (source.streams.video[0], source.streams.audio[0])]
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = streams[0]
                out.mux(packet)
        _copy_sound(movie, out, streams[1], delay_s, length_s)
    return target


def _copy_sound(movie: Path, out: Any, stream: Any, delay_s: Fraction = Fraction(0), length_s: float = 1e9) -> None:
    with av.open(str(movie)) as source:
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is None or packet.dts * packet.time_base > length_s:
                continue
            ticks = round(delay_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
            packet.stream = stream
            out.mux(packet)


def planes(frame: Any, change: PlaneChange) -> Any:
    """A 4:2:0 frame whose planes (0 luma, 1 and 2 chroma) went through `change`, on the scale of 8 bits."""
    rows, width, height = rows_of(frame), frame.width, frame.height
    unit = 1 if rows.dtype == np.uint8 else 1 << (frame.format.components[0].bits - 8)
    scaled = rows if unit == 1 else rows.astype(np.float32) / unit
    luma = change(0, scaled[:height])
    chroma = scaled[height:].reshape(2, height // 2, width // 2)
    both = [change(n + 1, chroma[n]) for n in range(2)]
    packed = np.concatenate([luma, np.stack(both).reshape(-1, width)])
    packed = (packed.astype(np.float32) * unit).round().clip(0, 256 * unit - 1).astype(rows.dtype)
    return frame_of(packed, frame.format.name)


def changed(movie: Path, target: Path, change: PlaneChange) -> Path:
    """Every picture changed in the same way."""
    return remade(movie, target, lambda _n, frame: [planes(frame, change)])
