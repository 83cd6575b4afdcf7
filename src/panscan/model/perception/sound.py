"""What is measured on sound: loudness, speech, words, and the spectrum for the speaker network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.model.bodies import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """How loud the sound is, from the time of the first picture on.

    Attributes
    ----------
    level_db : ndarray (k,)
        RMS level in dB full scale, one per step.
    step_s : float
        Length of a step.
    """

    level_db: FloatArray
    step_s: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """Where somebody speaks, from the time of the first picture on.

    Attributes
    ----------
    probability : ndarray (k,)
        That somebody speaks, 0..1, one per step.
    segment_start_s, segment_end_s : ndarray (s,)
        Spans of speech; pauses under 0.3 s do not split them.
    step_s : float
        Length of a step.
    """

    probability: FloatArray
    segment_start_s: FloatArray
    segment_end_s: FloatArray
    step_s: float = 0.032

    def speaking(self, time_s: float, within_s: float = 0.0, above: float = 0.5) -> bool:
        """Whether the probability exceeds `above` anywhere within `within_s` of a time."""
        first = max(0, int((time_s - within_s) / self.step_s))
        return bool(np.any(self.probability[first : max(0, int((time_s + within_s) / self.step_s) + 1)] > above))


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What is said, word by word.

    Attributes
    ----------
    start_s, end_s : ndarray (n,)
        Times from the first picture on.
    text : ndarray (n,), str
    """

    start_s: FloatArray
    end_s: FloatArray
    text: npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Cepstrum:
    """Short-time spectrum of the sound, for the optional speaker network.

    Attributes
    ----------
    coefficient : ndarray (m, 13), float32
        Mel-frequency cepstral coefficients, one row per step.
    step_s : float
        Length of a step.
    """

    coefficient: npt.NDArray[np.float32]
    step_s: float = 0.01
