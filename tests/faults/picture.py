"""Faults of the picture, planted by encoding the honest movie again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from faults.fault import FLAGGED, Fault, Plant
from faults.remaking import Pictures, PlaneChange, changed, frame_of, planes, remade, rows_of

# Kinds of clips: where much, little, or two things are seen, by day and night, of other rates and more bits.
COLOURED = ("dark", "split", "10 bit", "dissolves")
TIMED = ("slow pan", "nearly still picture", "29.97", "variable rate")
VARIED = ("three shots", "nearly still picture", "dark", "10 bit")
MOVING = ("three shots", "slow pan", "29.97", "variable rate")
EIGHT_BIT = ("three shots", "still camera", "dark", "split")


def _remade(pictures: Callable[[], Pictures]) -> Plant:
    """Other pictures; a function makes them anew for each movie, as some of them remember what came before."""
    return lambda s, t: replace(s, movie=remade(s.movie, t, pictures()))


def _changed(change: PlaneChange) -> Plant:
    """Every picture changed in the same way."""
    return lambda s, t: replace(s, movie=changed(s.movie, t, change))


def _held(first: int, count: int) -> Plant:
    """A picture stands so long."""

    def pictures() -> Pictures:
        kept: list[Any] = []

        def held(n: int, frame: Any) -> list[Any]:
            if n == first:
                kept.append(frame)
            return [kept[0] if first <= n < first + count else frame]

        return held

    return _remade(pictures)


def _late() -> Pictures:
    before: list[Any] = []

    def pictures(_n: int, frame: Any) -> list[Any]:
        before.append(frame)
        return [before[-2] if len(before) > 1 else frame]

    return pictures


def _repeated(lost: int, doubled: int) -> Plant:
    """One picture is left out and another stands twice, so that their number is right."""
    return _remade(lambda: lambda n, f: [] if n == lost else [f, f] if n == doubled else [f])


def _black(n: int, frame: Any) -> list[Any]:
    return [planes(frame, lambda p, x: np.full_like(x, 16 if p == 0 else 128)) if 5 <= n < 30 else frame]


def _damaged(n: int, frame: Any) -> list[Any]:
    def change(plane: int, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        x = x.copy()
        x[: len(x) // 3] = 80 if plane else 160
        return x

    return [planes(frame, change) if n == 17 else frame]


def barred(plane: int, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plane made lower, with black above and below."""
    rows = len(x) // 12
    small = cv2.resize(x, (x.shape[1], len(x) - 2 * rows), interpolation=cv2.INTER_AREA)
    return np.pad(small, ((rows, rows), (0, 0)), constant_values=16 if plane == 0 else 128)


def _swapped_planes(_n: int, frame: Any) -> list[Any]:
    """Blue where red belongs."""
    rows = rows_of(frame)
    u, v = np.split(rows[frame.height :], 2)
    return [frame_of(np.concatenate([rows[: frame.height], v, u]), frame.format.name)]


def _other_matrix(_n: int, frame: Any) -> list[Any]:
    """BT.601 colours written as BT.709, as a converter does that overlooks the tag."""
    rows, height, width = rows_of(frame).astype(np.float32), frame.height, frame.width
    luma = rows[:height]
    u, v = rows[height:].reshape(2, height // 2, width // 2) - 128
    wide_u, wide_v = (cv2.resize(x, (width, height), interpolation=cv2.INTER_LINEAR) for x in (u, v))
    # ITU-R BT.601 to BT.709, on the scale of limited range.
    luma = luma - 0.1156 * wide_u - 0.2080 * wide_v
    both = np.stack([1.0186 * u + 0.1146 * v, 0.0750 * u + 1.0253 * v]) + 128
    packed = np.concatenate([luma, both.reshape(-1, width)]).round().clip(0, 255).astype(np.uint8)
    return [frame_of(packed, frame.format.name)]


def _scaled_twice(_plane: int, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    half = cv2.resize(x, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(half, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_CUBIC))


FAULTS = (
    Fault("all pictures one frame late", _remade(_late), "moment", TIMED),
    Fault("one picture lost, another doubled", _repeated(10, 30), "moment", ("dissolves", *TIMED[1:])),
    Fault("one picture doubled, another lost", _repeated(33, 20), "moment", MOVING),
    Fault(
        "one picture shown in its neighbour's place",
        _held(20, 2),
        "moment",
        ("still camera", "slow pan", "split", "three shots"),
    ),
    Fault("one second frozen", _held(8, 25), "frozen", MOVING),
    Fault("one second black", _remade(lambda: _black), "black", VARIED),
    Fault("a third of one picture damaged", _remade(lambda: _damaged), "flashes", MOVING),
    Fault("bars burnt in", _changed(barred), "bars", COLOURED),
    Fault("colour planes swapped", _remade(lambda: _swapped_planes), "chroma", COLOURED),
    Fault("colour planes 2 samples aside", _changed(lambda p, x: np.roll(x, 2, axis=1) if p else x), "chroma", VARIED),
    Fault("colour planes 2 samples down", _changed(lambda p, x: np.roll(x, 2, axis=0) if p else x), "chroma", VARIED),
    Fault("colours of another matrix", _remade(lambda: _other_matrix), "chroma", EIGHT_BIT),
    Fault("colours faded by a fifth", _changed(lambda p, x: (x - 128.0) * 0.8 + 128 if p else x), "chroma", COLOURED),
    Fault("a tint of 5 levels", _changed(lambda p, x: x + (0.0, 5.0, -5.0)[p]), "chroma", VARIED),
    Fault(
        "levels stretched to full range",
        _changed(lambda p, x: (x.astype(float) - 16) * 255 / 219 if p == 0 else x),
        "levels",
        VARIED,
    ),
    Fault("blurred", _changed(lambda p, x: cv2.GaussianBlur(x, (0, 0), 1.5)), "sharpness", VARIED, FLAGGED),
    Fault("scaled down and up", _changed(_scaled_twice), "sharpness", MOVING, FLAGGED),
)
