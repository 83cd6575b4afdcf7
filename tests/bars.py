"""Movies with a picture inside bars of every kind, and where that picture is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]  # left, top, width, height

RATE = Fraction(10)
CANVAS: dict[str, tuple[int, int]] = {"pillarbox": (640, 360), "letterbox": (360, 640), "windowbox": (640, 360)}
INNER: dict[str, Box] = {
    "pillarbox": (218, 0, 204, 360),  # a vertical clip inside 16:9
    "letterbox": (0, 218, 360, 204),  # a film inside a phone clip
    "windowbox": (80, 44, 480, 270),
}


def _plain(colour: tuple[int, int, int]) -> Callable[[int, Image, tuple[int, int]], Image]:
    return lambda frame, inner, size: np.full((size[1], size[0], 3), colour, np.uint8)


def _noisy(frame: int, inner: Image, size: tuple[int, int]) -> Image:
    grain = np.random.default_rng(frame).normal(100, 12, (size[1], size[0], 1))
    return np.repeat(grain.clip(0, 255), 3, axis=2).astype(np.uint8)


def _blurred(frame: int, inner: Image, size: tuple[int, int]) -> Image:
    """The inner picture, enlarged to cover all, blurred and darkened, as apps make it."""
    scale = max(size[0] / inner.shape[1], size[1] / inner.shape[0])
    large = cv2.resize(inner, (round(inner.shape[1] * scale), round(inner.shape[0] * scale)))
    left, top = (large.shape[1] - size[0]) // 2, (large.shape[0] - size[1]) // 2
    covering = cv2.GaussianBlur(large[top : top + size[1], left : left + size[0]], (0, 0), 12)
    return np.asarray(covering * 0.7, np.uint8)


def _captioned(frame: int, inner: Image, size: tuple[int, int]) -> Image:
    """Black, with words that change, low in the picture."""
    ground = np.zeros((size[1], size[0], 3), np.uint8)
    words = ("what a day", "so it is", "and then she said")[frame // 8 % 3]
    place = (size[0] // 6, size[1] - size[1] // 14)
    return np.asarray(cv2.putText(ground, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2))


def _with_logo(frame: int, inner: Image, size: tuple[int, int]) -> Image:
    """White, with a sign in one corner."""
    ground = np.full((size[1], size[0], 3), 250, np.uint8)
    cv2.circle(ground, (30, 28), 16, (200, 30, 30), -1)
    return np.asarray(cv2.putText(ground, "TV", (20, 34), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1))


def _drawn(frame: int, inner: Image, size: tuple[int, int]) -> Image:
    """A pattern that stands still."""
    y, x = np.mgrid[: size[1], : size[0]]
    wave = 120 + 60 * np.sin(x / 9.0) * np.sin(y / 7.0)
    return np.stack([wave, wave * 0.6, 255 - wave], axis=2).astype(np.uint8)


KINDS: dict[str, Callable[[int, Image, tuple[int, int]], Image]] = {
    "black": _plain((0, 0, 0)),
    "white": _plain((255, 255, 255)),
    "coloured": _plain((30, 90, 160)),
    "noisy": _noisy,
    "blurred": _blurred,
    "captioned": _captioned,
    "logo": _with_logo,
    "drawn": _drawn,
}


def inside_bars(frames: Iterable[Image], kind: str, size: tuple[int, int], box: Box) -> list[Image]:
    """Pictures put into bars: cut to the shape of the box, scaled, laid over the bars."""
    left, top, width, height = box
    result = []
    for number, frame in enumerate(frames):
        scale = max(width / frame.shape[1], height / frame.shape[0])
        large = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        x, y = (large.shape[1] - width) // 2, (large.shape[0] - height) // 2
        inner = large[y : y + height, x : x + width]
        canvas = KINDS[kind](number, inner, size).copy()
        canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
        result.append(canvas)
    return result


def write(path: Path, frames: Sequence[Image], crf: int = 26) -> Path:
    """A movie of RGB pictures, as compressed as clips on the net are."""
    with av.open(path, "w") as container:
        stream: Any = container.add_stream("libx264", RATE, options={"crf": str(crf), "preset": "veryfast"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def some_frames(path: Path, count: int = 30) -> list[Image]:
    """Pictures of a movie, a tenth of a second apart, from all of it."""
    with av.open(path) as container:
        step = max(1, round(float(container.streams.video[0].average_rate or 10) / float(RATE)))
        found = []
        for number, frame in enumerate(container.decode(video=0)):
            if number % step == 0:
                found.append(frame.to_ndarray(format="rgb24"))
            if len(found) == count:
                break
    return found
