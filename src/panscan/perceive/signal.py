"""What a signal is: it receives every picture (or every block of sound) once, and then returns its value."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from panscan.model.media import Media
from panscan.model.perception import IntArray
from panscan.moved_modules import renamed


class PictureLike(Protocol):
    """One picture of the media (see `panscan.ingest.media.frames.Picture`).

    Attributes
    ----------
    frame : int
        Its grid frame.
    """

    frame: int

    def view(self, long_side_px: int, pixels: Any = "rgb24") -> npt.NDArray[np.uint8]:
        """The picture, upright, its longer side reduced to `long_side_px`."""

    def luma(self, box_px: tuple[float, float, float, float], side_px: int) -> npt.NDArray[np.uint8]:
        """Grey crop (side_px, side_px), from full resolution, of a box left, top, width, height in display px."""


class Signal:
    """What all signals have in common; a signal derives from `PictureSignal`, `SoundSignal` or `DerivedSignal`.

    Attributes
    ----------
    name : str
        Its name in the registry and in a `Perception`.
    version : int
        Raise it when the same media may give another value, so that old cache entries are not used.
    produces : type
        The frozen dataclass of arrays that is its value.
    depends_on : tuple of str
        Names of the signals whose values it reads.
    options : tuple, or function that returns one
        What the value depends on besides the media: part of the cache's key. A function, where that depends on the
        machine; with `uses_models` it is given the `Models`.
    lightweight : bool
        One sample costs little: signals of this kind share one thread.
    uses_models : bool
        It is given the `Models` that were asked for as a third argument.
    idle : bool
        There is nothing to measure, for example for want of weights. Where all missing signals are idle, the media is
        not decoded.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    produces: ClassVar[type]
    depends_on: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[Any] = ()
    lightweight: ClassVar[bool] = False
    uses_models: ClassVar[bool] = False
    idle: bool = False

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        """Prepare to measure one media.

        Parameters
        ----------
        media : Media
        rate_factor : float
            Multiplies the sampling rate: less than 1 samples fewer pictures and is faster.
        """

    def consult(self, others: Mapping[str, Any]) -> None:
        """Receive those signals of `depends_on` that are measured too, before the first picture.

        Each is a finished value, or the signal itself while it measures. Both answer `at(frame)` with what was last
        found at or before a frame.
        """


class PictureSignal(Signal, ABC):
    """A signal measured on pictures."""

    @abstractmethod
    def see(self, picture: PictureLike) -> None:
        """Receive the next picture."""

    @abstractmethod
    def finish(self) -> Any:
        """The value over the whole media."""

    @classmethod
    def join(cls, values: Sequence[Any], spans: Sequence[tuple[int, int]], media: Media) -> Any:
        """The value over several spans of a media, from that over each.

        By default the rows of each array follow each other, and all else is as in the first span.

        Parameters
        ----------
        values : sequence
            One for each span.
        spans : sequence of (int, int)
            Grid frames [first, end), each from where the one before ends. Each but the first begins with a hard cut.
        media : Media
        """
        columns = {field.name: [getattr(value, field.name) for value in values] for field in fields(values[0])}
        rows = {name: np.concatenate(column) for name, column in columns.items() if isinstance(column[0], np.ndarray)}
        return replace(values[0], **rows)


class SoundSignal(Signal, ABC):
    """A signal measured on sound, which is read before the first picture: mono float32 at 16 kHz.

    The sound starts with the first picture.
    """

    @abstractmethod
    def hear(self, samples: npt.NDArray[np.float32]) -> None:
        """Receive the next block of samples."""

    @abstractmethod
    def finish(self) -> Any:
        """The value over the whole media."""


class DerivedSignal(Signal, ABC):
    """A signal computed from the values of others, after all pictures and sound."""

    @abstractmethod
    def derive(self, others: Mapping[str, Any]) -> Any:
        """The value, from those of `depends_on` that were measured."""


_KINDS = {"see": PictureSignal, "hear": SoundSignal, "derive": DerivedSignal}
_OLD_NAMES = {"after": "depends_on", "light": "lightweight", "attend": "consult"}


@cache
def complete_signal_class(kind: type) -> type[Signal]:
    """A signal's class with the defaults of `Signal`.

    An installed package may bring a class with the right methods and no base class. For one release it may also use
    the names of version 0.1: `after`, `light` and `attend`.
    """
    if issubclass(kind, Signal):
        return kind
    old = [name for name, new in _OLD_NAMES.items() if hasattr(kind, name) and not hasattr(kind, new)]
    if old:
        warnings.warn(
            f"the signal {kind.__module__}.{kind.__qualname__} uses {', '.join(old)}; "
            f"now {', '.join(_OLD_NAMES[name] for name in old)}; the old names go in version 0.3",
            DeprecationWarning,
            stacklevel=2,
        )
    base = next((base for method, base in _KINDS.items() if hasattr(kind, method)), Signal)
    return type(kind.__name__, (kind, base), {_OLD_NAMES[name]: getattr(kind, name) for name in old})


@dataclass(slots=True)
class SampleSchedule:
    """Says which pictures a signal samples: by media time, so any rate of pictures works.

    Attributes
    ----------
    step_frames : Fraction
        Grid frames between two samples.
    next_frame : Fraction
        From which grid frame on the next sample is due.
    """

    step_frames: Fraction
    next_frame: Fraction = Fraction(0)

    @classmethod
    def at_rate(cls, rate_hz: float, media: Media) -> SampleSchedule:
        """`rate_hz` samples per second of media; every picture, where the media has fewer."""
        return cls(max(Fraction(1), media.video.rate / Fraction(rate_hz).limit_denominator(1000)))

    def due(self, frame: int) -> bool:
        """Whether to sample the picture at `frame`; to be asked once per picture, in order."""
        if frame < self.next_frame:
            return False
        # Computed from the schedule, not from this picture, so that a late picture does not lower the sampling rate.
        self.next_frame = max(self.next_frame + self.step_frames, Fraction(frame) + self.step_frames / 2)
        return True


def display_px_per_view_px(media: Media, long_side_px: int) -> float:
    """Display px per px of a view whose longer side is `long_side_px`."""
    display = media.video.display_size
    return max(1.0, max(display.width, display.height) / long_side_px)


def frames_array(frames: list[int]) -> IntArray:
    """Frame numbers as the array that signals store."""
    return np.array(frames, np.int64)


def __getattr__(name: str) -> Any:
    return renamed(__name__, name)
