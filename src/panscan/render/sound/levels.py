"""How loud a sound clip is at each of its samples: its gain keys and its fades."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.render.container.sound_coding import RATE_HZ
from panscan.timeline.sound import Fade, SoundClip

Factors = npt.NDArray[np.float32]


def level_factors(sound: SoundClip, first: int, end: int) -> Factors | None:
    """Factors of the samples [first, end) of a clip, counted from its start; None where they are all 1."""
    if not (sound.gain or sound.fade_in.length_s or sound.fade_out.length_s):
        return None
    numbers = np.arange(first, end)
    factors = np.ones(len(numbers))
    if sound.gain:
        keys = [float(at_s * RATE_HZ) for at_s, _ in sound.gain]
        factors *= 10 ** (np.interp(numbers, keys, [level_db for _, level_db in sound.gain]) / 20)
    count = round(sound.end_s * RATE_HZ) - round(sound.start_s * RATE_HZ)
    factors *= _faded(sound.fade_in, numbers) * _faded(sound.fade_out, count - numbers)
    return factors.astype(np.float32)


def _faded(fade: Fade, numbers: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
    """Factors of a fade in, by the number of samples since its start."""
    if not fade.length_s:
        return np.ones(len(numbers))
    done = np.clip(numbers / float(fade.length_s * RATE_HZ), 0, 1)
    return np.asarray(np.sin(done * np.pi / 2) if fade.shape == "equal-power" else done)
