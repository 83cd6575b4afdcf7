"""Movies whose pictures code their own positions, and melt, which plays them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from panscan.model.geometry import Size

_SLOPE_PX = 128


def coded_picture(size: Size, frame: int) -> np.ndarray:
    """Red tells x, green tells y, blue tells the frame; dithered, so that means are exact to a fraction of a level."""
    x, y = np.arange(size.width) + 0.5, np.arange(size.height) + 0.5
    return _dithered(x * 250 / size.width, y * 250 / size.height, frame)


def toothed_picture(size: Size, frame: int) -> np.ndarray:
    """As `coded_picture`, but x and y climb and fall over 128 px each: two levels a pixel, however large the picture.

    Where a player rounds to whole levels, the slopes up and down err to opposite sides. The teeth tell a place only to
    a multiple of 256 px: `coded_picture` tells which.
    """
    x, y = (
        250 * (1 - np.abs((np.arange(extent) + 0.5) % (2 * _SLOPE_PX) / _SLOPE_PX - 1))
        for extent in (size.width, size.height)
    )
    return _dithered(x, y, frame)


def _dithered(across: np.ndarray, down: np.ndarray, frame: int) -> np.ndarray:
    golden = (np.sqrt(5) - 1) / 2
    red = across[None, :] + (np.arange(len(down))[:, None] * golden) % 1
    green = down[:, None] + (np.arange(len(across))[None, :] * golden) % 1
    return np.stack([red, green, np.full(red.shape, 4 * frame)], axis=-1).astype(np.uint8)


def write_coded(
    path: Path,
    size: Size,
    rate: Fraction,
    frame_count: int,
    picture: Callable[[Size, int], np.ndarray] = coded_picture,
) -> None:
    """A movie of coded pictures with a tone; not compressed, because dithered pictures take long to pack and unpack."""
    with av.open(str(path), "w", format="nut") as container:
        video = container.add_stream("rawvideo", rate=rate)
        video.width, video.height, video.pix_fmt = size.width, size.height, "rgb24"
        sound = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        for number in range(frame_count):
            coded = av.VideoFrame.from_ndarray(picture(size, number), format="rgb24")
            container.mux(video.encode(coded))
        container.mux(video.encode(None))
        times = np.arange(int(48000 * frame_count / rate)) / 48000
        tone = (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)[None]
        for start in range(0, tone.shape[1], 1024):  # in packets, so that players find it after a seek
            samples = av.AudioFrame.from_ndarray(tone[:, start : start + 1024].copy(), format="s16", layout="mono")
            samples.sample_rate, samples.pts = 48000, start
            container.mux(sound.encode(samples))
        container.mux(sound.encode(None))


def decode(path: Path) -> tuple[list[np.ndarray], np.ndarray]:
    """All pictures as RGB and all samples."""
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with av.open(str(path)) as container:
        samples = [frame.to_ndarray().ravel() for frame in container.decode(audio=0)]
    return pictures, np.concatenate(samples)


def located(picture: np.ndarray, source: Size) -> np.ndarray:
    """The source rectangle in a picture: straight lines through the mean red per column and green per row."""
    sides = []
    for channel, extent, mean_over in ((0, source.width, 0), (1, source.height, 1)):
        levels = picture[..., channel].mean(axis=mean_over)  # the dither undoes the rounding down to whole levels
        length = len(levels)
        inner = slice(4, length - 4)
        slope, at_zero = np.polyfit(np.arange(length)[inner] + 0.5, levels[inner] * extent / 250, 1)
        sides.append((at_zero, slope * length))
    (left, width), (top, height) = sides
    return np.array([left, top, width, height])


def located_on_teeth(picture: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The source rectangle in a toothed picture: straight lines through the slopes, away from the points of the teeth.

    expected: (left, top, width, height) in source px, which tells the slopes apart: it may be off by 12 px.
    """
    sides = []
    for channel, mean_over in ((0, 0), (1, 1)):
        levels = picture[..., channel].mean(axis=mean_over)
        at = np.arange(len(levels)) + 0.5
        px_per_step = expected[2 + channel] / len(levels)
        slope_number = np.floor((expected[channel] + at * px_per_step) / _SLOPE_PX)
        climbed = levels * _SLOPE_PX / 250
        place = slope_number * _SLOPE_PX + np.where(slope_number % 2 == 0, climbed, _SLOPE_PX - climbed)
        blurred = 12 + 6 * px_per_step  # reach of a scaler beside the point of a tooth
        straight = (climbed > blurred) & (climbed < _SLOPE_PX - blurred) & (at > 4) & (at < len(levels) - 4)
        slope, at_zero = np.polyfit(at[straight], place[straight], 1)
        sides.append((at_zero, slope * len(levels)))
    (left, width), (top, height) = sides
    return np.array([left, top, width, height])


_LOSSLESS = "f=avi vcodec=huffyuv pix_fmt=rgb24 mlt_image_format=rgb acodec=pcm_s16le"
_MELT_TRIES, _MELT_S = 3, 100  # s: it takes one or two, ten on a busy machine
_MELT_WROTE_BYTES = 10_000  # more than the header of a file without a picture has


def play_with_melt(melt: str, document: Path, out: Path, coding: str = _LOSSLESS) -> str:
    """Render a file, without loss if nothing else is said; what melt said, without its progress."""
    # qtblend draws with Qt: without these it is skipped with a line on stderr and exit code 0.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DISPLAY": os.environ.get("DISPLAY") or ":99"}
    command = [melt, str(document), "-consumer", f"avformat:{out}", *coding.split(), "real_time=-1"]
    # One in some hundred runs melt hangs, or ends with exit code 0 before its first picture: it is asked again.
    for left in reversed(range(_MELT_TRIES)):
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_MELT_S, check=True)
        except subprocess.TimeoutExpired:
            if not left:
                raise
            continue
        if out.exists() and out.stat().st_size >= _MELT_WROTE_BYTES:
            break
    return "\n".join(line for line in done.stderr.splitlines() if "Current Frame" not in line)
