"""Two heads side by side whose mouths do what a test wants, and the speech that goes with them; nothing is encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from make_samples import FRAME_COUNT, RATE, SHOTS, Stage, mouth_openings, paint_room, read_speech

STAGE_FRAMES = FRAME_COUNT
NAMES = ("hopper", "collins")  # left, right
Curve = npt.NDArray[np.float64]


room = cache(paint_room)  # the same in all films


def heads() -> Stage:
    """The two-shot of the demo clip, as long as its speech."""
    return Stage(SHOTS[0], FRAME_COUNT, *room())


def voice() -> Curve:
    """How far a mouth that says all of the speech is open, 0..1, per frame."""
    return np.asarray(np.sum(list(mouth_openings(read_speech()).values()), axis=0))


class HeadsPicture:
    """One drawn picture, with what a signal may ask of a decoded one."""

    def __init__(self, stage: Stage, frame: int, openings: dict[str, float]) -> None:
        self.frame = frame
        self._screen = stage.draw(frame, openings)
        self._grey = cv2.cvtColor(self._screen, cv2.COLOR_BGR2GRAY)

    def view(self, long_side_px: int, pixels: str = "rgb24") -> npt.NDArray[np.uint8]:
        """The picture, smaller."""
        factor = min(1.0, long_side_px / self._screen.shape[1])
        size = (round(self._screen.shape[1] * factor), round(self._screen.shape[0] * factor))
        small = cv2.resize(self._screen, size, interpolation=cv2.INTER_AREA)
        if pixels == "gray":
            return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        return np.asarray(small if pixels == "bgr24" else small[..., ::-1].copy(), np.uint8)

    def luma(self, box_px: tuple[float, float, float, float], side_px: int) -> npt.NDArray[np.uint8]:
        """A grey square of a box."""
        left, top, width, height = box_px
        back = np.array([[width / side_px, 0, left], [0, height / side_px, top]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(self._grey, back, (side_px, side_px), flags=flags), np.uint8)


class Heads:
    """A source of pictures and sound: `mouths` maps a name to its curve, one value per frame."""

    def __init__(self, mouths: dict[str, Curve], seconds: float, every: int = 2) -> None:
        self.mouths, self.frames, self.every = mouths, int(seconds * RATE), every

    def pictures(self) -> Iterator[HeadsPicture]:
        """Every second picture: signals look no more often."""
        stage = heads()
        for frame in range(0, self.frames, self.every):
            yield HeadsPicture(stage, frame, {name: float(curve[frame]) for name, curve in self.mouths.items()})

    def sound(self) -> Iterator[npt.NDArray[np.float32]]:
        """The speech at 16 kHz."""
        samples = read_speech().reshape(-1, 3).mean(axis=1)[: int(self.frames / RATE * 16000)]
        yield from np.array_split(samples.astype(np.float32), 50)


def taking_turns(say: Curve, other: Callable[[float], float], swap_s: float) -> dict[str, Curve]:
    """The left head says everything until `swap_s`, then the right one; who listens does `other(time_s)`."""
    time_s = np.arange(len(say)) / float(RATE)
    idle = np.array([other(t) for t in time_s])
    first = time_s < swap_s
    return {"hopper": np.where(first, say, idle), "collins": np.where(first, idle, say)}
