"""Loudness: RMS level of the sound in steps of 20 ms."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import SoundSignal

_STEP_SAMPLES = 320  # 20 ms at 16 kHz: half a picture at 25 Hz, so that lips can be compared with it
_FLOOR_DB = -100.0  # full scale: below the noise of 16-bit sound, so silence has a finite level
_MIN_POWER = 1e-12  # well below that floor: keeps the logarithm finite


class LoudnessSignal(SoundSignal):
    """RMS level in dB full scale."""

    name: ClassVar[str] = "loudness"
    version: ClassVar[int] = 2
    produces: ClassVar[type] = perception.Loudness

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._levels: list[npt.NDArray[np.float64]] = []
        self._rest = np.zeros(0, np.float32)

    def hear(self, samples: npt.NDArray[np.float32]) -> None:
        """Measure the next block; an incomplete step waits for the one after."""
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // _STEP_SAMPLES * _STEP_SAMPLES
        self._levels.append(_level_db(joined[:whole].reshape(-1, _STEP_SAMPLES)))
        self._rest = joined[whole:]

    def finish(self) -> perception.Loudness:
        """Levels of the whole media; an incomplete last step is measured as it is."""
        if len(self._rest):
            self._levels.append(_level_db(self._rest[None]))
        return perception.Loudness(np.concatenate(self._levels) if self._levels else np.zeros(0))


def _level_db(steps: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    power = np.mean(np.square(steps, dtype=np.float64), axis=1)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(power, _MIN_POWER)), _FLOOR_DB))
