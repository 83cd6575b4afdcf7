"""Pictures made by hand for signals to look at; nothing is encoded."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Size

Image = npt.NDArray[np.uint8]


class Shown:
    """One picture (height, width, 3) in OpenCV's order of colours, with what a signal may ask of a decoded one."""

    def __init__(self, frame: int, bgr: Image) -> None:
        self.frame, self._bgr = frame, bgr

    def view(self, long_side_px: int, pixels: str = "rgb24") -> Image:
        """The picture, smaller."""
        height, width = self._bgr.shape[:2]
        factor = min(1.0, long_side_px / max(height, width))
        size = (round(width * factor / 2) * 2, round(height * factor / 2) * 2)
        small = cv2.resize(self._bgr, size, interpolation=cv2.INTER_AREA)
        if pixels == "gray":
            return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        return np.asarray(small if pixels == "bgr24" else small[..., ::-1].copy(), np.uint8)


def film(size: tuple[int, int], frames: int, rate: Fraction = Fraction(25)) -> Any:
    """As much of a media as signals ask for."""
    video = SimpleNamespace(display_size=Size(*size), rate=rate, picture_count=frames)
    return SimpleNamespace(video=video, frame_count=frames, duration_s=frames / rate)


def measure(signal: Any, draw: Callable[[int], Image], frames: int, *beside: Any) -> Any:
    """Show a signal what `draw` gives for each frame, after the signals `beside` it; its value."""
    for frame in range(frames):
        picture = Shown(frame, draw(frame))
        for other in beside:
            other.see(picture)
        signal.see(picture)
    return signal.finish()
