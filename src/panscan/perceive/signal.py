"""What a signal is: it is shown every picture (or every block of sound) once and then yields its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from panscan.model.media import Media
from panscan.model.perception import IntArray
from panscan.moved_modules import renamed


class PictureLike(Protocol):
    """One picture of the media (see `panscan.ingest.media.frames.Picture`)."""

    frame: int

    def view(self, long_side_px: int, pixels: Any = "rgb24") -> npt.NDArray[np.uint8]:
        """The picture, upright, its longer side reduced to `long_side_px`."""

    def luma(self, box_px: tuple[float, float, float, float], side_px: int) -> npt.NDArray[np.uint8]:
        """Grey crop (side_px, side_px) of a box left, top, width, height in display px, from full resolution."""


class Signal(Protocol):
    """A signal sees pictures, hears sound (mono float32 at 16 kHz from the first picture on), or is derived.

    version: raise it when the same picture may give another value, so that old caches are not used;
    produces: the frozen dataclass of arrays that `finish` returns;
    idle (optional): there is nothing it could look for, so no movie is decoded for its sake;
    after (optional): names of signals it consults while it looks, given to it by `attend`;
    light (optional): its looks are so short that it shares a thread with others of that kind;
    uses_models (optional): it takes the weights that were asked for (`Models`) as a third argument, and so does its
    `options`;
    pace: 1, or less for a quicker, coarser look.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    produces: ClassVar[type]

    def __init__(self, media: Media, pace: float = 1.0) -> None: ...


class PictureSignal(Signal, Protocol):
    """A signal measured on pictures."""

    def see(self, picture: PictureLike) -> None:
        """Be shown the next picture."""

    def finish(self) -> Any:
        """The value over the whole media."""


class SoundSignal(Signal, Protocol):
    """A signal measured on sound; sound is heard before the first picture is seen."""

    def hear(self, samples: npt.NDArray[np.float32]) -> None:
        """Be given the next block of samples."""

    def finish(self) -> Any:
        """The value over the whole media."""


class ConsultingSignal(Protocol):
    """A signal that consults others."""

    after: ClassVar[tuple[str, ...]]

    def attend(self, others: Mapping[str, Any]) -> None:
        """Be given those of `after` that are measured too: a finished value, or the signal itself while it looks.

        Both answer `at(frame)` with what was seen last at or before a frame.
        """


class DerivedSignal(Signal, Protocol):
    """A signal computed from the values of others, after everything was seen and heard."""

    after: ClassVar[tuple[str, ...]]

    def derive(self, others: Mapping[str, Any]) -> Any:
        """The value, from those of `after` that were measured."""


@dataclass(slots=True)
class SampleSchedule:
    """Says when a signal that looks `rate_hz` times a second is due: by media time, so any rate of pictures works."""

    step_frames: Fraction
    next_frame: Fraction = Fraction(0)

    @classmethod
    def at_rate(cls, rate_hz: float, media: Media) -> SampleSchedule:
        """A clock of `rate_hz` looks per second of media (every picture, where the media has fewer)."""
        return cls(max(Fraction(1), media.video.rate / Fraction(rate_hz).limit_denominator(1000)))

    def due(self, frame: int) -> bool:
        """Whether to look at the picture at `frame`; asked once per picture, in order."""
        if frame < self.next_frame:
            return False
        # The next look counts from the plan, not from the picture: late pictures do not slow the rate.
        self.next_frame = max(self.next_frame + self.step_frames, Fraction(frame) + self.step_frames / 2)
        return True


def display_px_per_view_px(media: Media, long_side_px: int) -> float:
    """Display px per px of a view with this longer side."""
    display = media.video.display_size
    return max(1.0, max(display.width, display.height) / long_side_px)


def frames_array(frames: list[int]) -> IntArray:
    """Frame numbers as the array that signals store."""
    return np.array(frames, np.int64)


def __getattr__(name: str) -> Any:
    return renamed(__name__, name)
