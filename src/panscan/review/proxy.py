"""A small copy of a movie that browsers play and seek in exactly: one picture per frame of the movie's grid."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from panscan.files import part_of, remove_abandoned_parts
from panscan.ingest.media.audio import stereo_blocks
from panscan.ingest.media.frames import PictureDecoder
from panscan.ingest.media.probe import probe
from panscan.model.geometry import Size, even_floor
from panscan.model.media import Media

_VERSION = 1  # of what is made: a proxy of another one is made anew
_LINES = 540  # of the shorter side: sharp enough beside a preview, and quick to decode
_KEY_EVERY = 15  # frames: a seek decodes as many at most. Measured: 17 ms, against 412 ms in a camera's file
_BT709, _LIMITED = 1, 1  # as FFmpeg numbers them: what browsers take a movie for that does not tell
_SOUND_HZ = 48_000  # what AAC in a movie mostly has
_QUALITY = "23"  # of x264, its own default
_PRESET = "veryfast"  # of x264: the proxy is thrown away, time counts

COPYING = "making a small copy"  # what is told while it is made

Progress = Callable[[int, int], None]


def proxy_path(key: str, cache: Path) -> Path:
    """Where the proxy of what has this key is kept, whether it is there or not."""
    return cache / key / f"proxy-v{_VERSION}.mp4"


def proxy_size(display: Size) -> Size:
    """Size of the proxy of a movie of this size, upright, with square px: never larger."""
    factor = min(1.0, _LINES / min(display.width, display.height))
    return Size(even_floor(display.width * factor + 0.5), even_floor(display.height * factor + 0.5))


def make_proxy(media: Media, path: Path, progress: Progress | None = None) -> Path:
    """The proxy of a media at a path; it is made where it is not there.

    Frame n of the movie's grid is picture n of the proxy, whatever rate its pictures come at; sound goes with them.
    """
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned_parts(path)
    part = part_of(path)
    try:
        _write(media, part, progress)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def has_sound(proxy: Path) -> bool:
    """Whether something is heard with the pictures of a proxy."""
    return bool(probe(proxy, photos=False).audio)


def _write(media: Media, part: Path, progress: Progress | None) -> None:
    with av.open(f"file:{part}", "w", format="mp4", options={"movflags": "faststart"}) as container:
        picture = _picture_stream(container, media)
        sound: Any = container.add_stream("aac", rate=_SOUND_HZ, layout="stereo") if media.audio else None
        blocks = _sound_frames(media)
        ahead = next(blocks, None)
        for number, frame in enumerate(_picture_frames(media)):
            # Sound is written with the pictures that it goes with: a player reads both in one go.
            while ahead is not None and ahead.pts * ahead.time_base <= number / media.video.rate:
                container.mux(sound.encode(ahead))
                ahead = next(blocks, None)
            container.mux(picture.encode(frame))
            if progress:
                progress(number + 1, media.frame_count)
        container.mux(picture.encode(None))
        while ahead is not None:
            container.mux(sound.encode(ahead))
            ahead = next(blocks, None)
        if sound:
            container.mux(sound.encode(None))


def _picture_stream(container: Any, media: Media) -> Any:
    size = proxy_size(media.video.display_size)
    # No scene cuts and no B-frames: keys are where they are expected, and decoding order is display order.
    options = {"crf": _QUALITY, "preset": _PRESET, "bf": "0", "sc_threshold": "0", "x264-params": "open-gop=0"}
    stream = container.add_stream("libx264", rate=media.video.rate, options=options)
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    stream.codec_context.gop_size = _KEY_EVERY
    stream.codec_context.time_base = 1 / media.video.rate
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    return stream


def _picture_frames(media: Media) -> Iterator[Any]:
    """One picture for each frame of the grid: the newest at that moment; before the first that decodes, that one."""
    size = proxy_size(media.video.display_size)
    side_px = max(size.width, size.height)
    number, shown = 0, None
    for picture in PictureDecoder(media):
        frame = picture.small_frame(side_px)
        while number < min(picture.frame, media.frame_count):
            yield _placed(frame if shown is None else shown, number, media.video.rate)
            number += 1
        shown = frame
    while shown is not None and number < media.frame_count:
        yield _placed(shown, number, media.video.rate)
        number += 1


def _placed(frame: Any, number: int, rate: Fraction) -> Any:
    frame.pts, frame.time_base, frame.pict_type = number, 1 / rate, av.video.frame.PictureType.NONE
    return frame


def _sound_frames(media: Media) -> Iterator[Any]:
    place = 0
    for block in stereo_blocks(media, _SOUND_HZ):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.reshape(1, -1)), format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = _SOUND_HZ, place, Fraction(1, _SOUND_HZ)
        place += len(block)
        yield frame
