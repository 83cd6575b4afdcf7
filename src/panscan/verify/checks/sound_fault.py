"""Something wrong with the sound of a movie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.timeline.sound import SoundClip
from panscan.verify.report import Grade

_MIN_SHARE = 1e-4  # -80 dB, of what is not there at all


@dataclass(frozen=True, slots=True)
class SoundFault:
    """Something wrong.

    Attributes
    ----------
    first : int
        Record sample.
    what : str
        In words, after a subject.
    clip : SoundClip, optional
        Which clip it is about; None: all together.
    grade : "flag" or "fail"
    """

    first: int
    what: str
    clip: SoundClip | None = None
    grade: Grade = "fail"


def decibels(share: float) -> float:
    """A share of a level in dB."""
    return float(20 * np.log10(max(abs(share), _MIN_SHARE)))
