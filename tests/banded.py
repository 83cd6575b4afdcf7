"""Pictures that carry their number as nine bands, and sound with a tone per channel.

The bands run across the whole picture: a number survives scaling and every crop of full height. The topmost band is
always bright and the lowest always dark, and all get brighter to the right: a picture that is turned or mirrored has no
number. Numbers are written in Gray's code, so that one picture differs from the next in one band, as in a quiet shot.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

import media

Grey = npt.NDArray[np.uint8]

LANDSCAPE, PORTRAIT = (192, 108), (108, 192)  # px; the bands are whole pixels high in both
BITS = 7
SOUND_HZ = 48000
_BANDS = BITS + 2
_DARK, _BRIGHT = 50.0, 160.0
_RAMP = 50.0  # levels from the left edge to the right one
_COMBED = 25.0  # levels between neighbouring rows: two moments differ by 110, codecs blur some of it away
_BEAT_S = 0.25  # sound is loud and soft in turn, so that a shift of it can be heard


@lru_cache(maxsize=4)
def _ground(size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """What all pictures share: the ramp, and a texture that tells places apart."""
    x_px, y_px = np.arange(float(size[0])), np.arange(float(size[1]))
    return _RAMP * x_px / size[0] + 0.12 * (media.texture(8, 0, x_px, y_px) - 126)


def picture(number: int, size: tuple[int, int] = LANDSCAPE) -> Grey:
    """The upright grey picture of a number (0..127)."""
    code = number ^ number >> 1
    bits = np.array([1, *(code >> n & 1 for n in range(BITS)), 0])
    rows = bits[np.arange(size[1]) * _BANDS // size[1]]
    return np.round(_DARK + (_BRIGHT - _DARK) * rows[:, None] + _ground(size)).astype(np.uint8)


def _levels(grey: Grey) -> npt.NDArray[np.float64]:
    """Mean level of the middle of each band, of columns that a crop keeps."""
    height, width = grey.shape
    rows = [(round(height * (n + 0.3) / _BANDS), round(height * (n + 0.7) / _BANDS)) for n in range(_BANDS)]
    inner = grey[:, width // 4 : width - width // 4].astype(float)
    return np.array([inner[first : max(end, first + 1)].mean() for first, end in rows])


def number(grey: Grey) -> int | None:
    """The number of an upright picture; None for one that is turned, mirrored, a mixture of two or no such picture."""
    levels = _levels(grey)
    contrast = levels[0] - levels[-1]
    third = grey.shape[1] // 3
    if contrast < 60 or grey[:, -third:].mean() < grey[:, :third].mean() + 4:
        return None
    shares = (levels - levels[-1]) / contrast
    if np.any((shares > 0.3) & (shares < 0.7)):
        return None
    code = sum(int(share > 0.5) << n for n, share in enumerate(shares[1:-1]))
    found = 0
    while code:  # from Gray's code
        found, code = found ^ code, code >> 1
    return found


def first_field(grey: Grey, *, top_first: bool) -> Grey:
    """The rows of the field that is shown first."""
    return grey[0 if top_first else 1 :: 2]


def is_combed(grey: Grey) -> bool:
    """Whether even and odd rows of a band show two moments."""
    height, width = grey.shape
    means = grey[:, width // 4 : width - width // 4].astype(float).mean(axis=1)
    for band in range(_BANDS):
        inner = means[round(height * (band + 0.25) / _BANDS) : round(height * (band + 0.75) / _BANDS)]
        if np.abs(np.diff(inner)).mean() > _COMBED:
            return True
    return False


def interlaced(frame: int, *, top_first: bool, size: tuple[int, int] = LANDSCAPE) -> Grey:
    """One frame of two fields: the field shown first carries the number 2 x frame, the other one the next."""
    woven = picture(2 * frame, size).copy()
    later = 1 if top_first else 0
    woven[later::2] = picture(2 * frame + 1, size)[later::2]
    return woven


def sound(channels: int, seconds: float, rate_hz: int = SOUND_HZ) -> npt.NDArray[np.int16]:
    """Channel c (from 0) is a tone of 200 + 40 c Hz, loud and soft by turns: array (samples, channels)."""
    at_s = np.arange(round(seconds * rate_hz)) / rate_hz
    loud = np.where(at_s // _BEAT_S % 2 == 0, 9000.0, 1500.0)
    tones = [np.sin(2 * np.pi * (200 + 40 * channel) * at_s) for channel in range(channels)]
    return np.round(loud[:, None] * np.stack(tones, axis=1)).astype(np.int16)
