"""Centre of interest of pictures without a subject: what stands out in detail, saturation and skin colour.

The map is the spectral residual of Hou and Zhang (CVPR 2007), weighted up where colour is saturated or
skin-like; the point is where a window of a third of the picture collects most of it. The profile tells how unlike the
picture's border each column is: grounds reach the border, subjects seldom do (Wei et al., "Geodesic saliency using
background priors", ECCV 2012).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.columns import PROFILE_COLUMNS, column_means

_LONG_SIDE_PX = 256  # of the view
_MAP_PX = 64  # sides of the map, as in the paper: what stands out is a matter of coarse structure
_RATE_HZ = 1.875  # a quarter of the faces' samples, at the same pictures
_WINDOW = 1 / 3  # share of the longer side: about a 9:16 window in 16:9
_BLUR_PX = 2.5  # of the map: standard deviation of the smoothing, as in the paper
_PLAIN_WEIGHT, _SATURATED_WEIGHT, _SKIN_WEIGHT = 0.5, 0.5, 0.7  # of detail: in grey, added by colour, added by skin
_BORDER_PX = 6  # of the map: width of the strip along each side that tells what the ground looks like
_COLOUR_NOISE = 20.0  # CIELAB units, squared: variance of a plain ground, so that noise on it does not stand out
_NOTHING = 1e-9  # sum of the map below which there is nothing to divide by

ColourMap = npt.NDArray[np.float32]


class SaliencySignal(PictureSignal):
    """One point of interest per sample, and how each column stands out."""

    name: ClassVar[str] = "saliency"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 3
    produces: ClassVar[type] = perception.Saliency
    options = (_LONG_SIDE_PX, _MAP_PX, _RATE_HZ)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._looked: list[int] = []
        self._rows: list[tuple[float, float, float]] = []
        self._profiles: list[npt.NDArray[np.float32]] = []

    def see(self, picture: PictureLike) -> None:
        """Find the centre of interest, when due."""
        if self._schedule.due(picture.frame):
            self._looked.append(picture.frame)
            small = _map_colours(picture.view(_LONG_SIDE_PX, "rgb24"))
            self._rows.append(_interest(small))
            self._profiles.append(column_means(_unlike_border(small)))

    def finish(self) -> perception.Saliency:
        """All points, in display px."""
        rows = np.array(self._rows, np.float64).reshape(-1, 3)
        return perception.Saliency(
            looked=frames_array(self._looked),
            point_px=rows[:, :2] * [self._display.width, self._display.height],
            confidence=rows[:, 2],
            profile=np.array(self._profiles, np.float32).reshape(-1, PROFILE_COLUMNS),
        )


def _map_colours(rgb: npt.NDArray[np.uint8]) -> ColourMap:
    """The picture squeezed to the map's square, 0..1."""
    import cv2

    return np.asarray(cv2.resize(rgb, (_MAP_PX, _MAP_PX), interpolation=cv2.INTER_AREA).astype(np.float32) / 255)


def _unlike_border(small: ColourMap) -> npt.NDArray[np.float32]:
    """Distance of each px from the colours along the side of the picture it is most like, in standard deviations."""
    import cv2

    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float64)
    strips = (lab[:_BORDER_PX], lab[-_BORDER_PX:], lab[:, :_BORDER_PX], lab[:, -_BORDER_PX:])
    least = np.full(lab.shape[:2], np.inf)
    for strip in strips:
        colours = strip.reshape(-1, 3)
        spread = np.cov(colours.T) + _COLOUR_NOISE * np.eye(3)
        apart = lab - colours.mean(axis=0)
        least = np.minimum(least, (apart @ np.linalg.inv(spread) * apart).sum(axis=-1))
    return np.asarray(np.sqrt(least), np.float32)


def _interest(small: ColourMap) -> tuple[float, float, float]:
    """Point (x, y as shares of the picture) and confidence 0..1."""
    import cv2

    gray = small @ np.array([0.299, 0.587, 0.114], np.float32)
    spectrum = np.fft.fft2(gray)
    log_amplitude = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
    residual = log_amplitude - cv2.blur(log_amplitude, (3, 3), borderType=cv2.BORDER_REFLECT)
    stands_out = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))).astype(np.float32) ** 2
    stands_out = np.asarray(cv2.GaussianBlur(stands_out, (0, 0), _BLUR_PX), np.float32)
    brightest, darkest = small.max(axis=2), small.min(axis=2)
    saturation = (brightest - darkest) / np.maximum(brightest, 0.1)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    skin = ((red > 0.37) & (red > green) & (green > blue * 0.9) & (red - blue > 0.06) & (red - blue < 0.5)).astype(
        np.float32
    )
    detail = (
        stands_out
        / max(float(stands_out.max()), _NOTHING)
        * (_PLAIN_WEIGHT + _SATURATED_WEIGHT * saturation + _SKIN_WEIGHT * skin)
    )
    window = round(_MAP_PX * _WINDOW) | 1
    gathered = cv2.blur(detail, (window, window), borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(np.argmax(gathered)), gathered.shape)
    # The centre of mass inside the winning window, not the window's own centre.
    half = window // 2
    top, left = max(0, int(y) - half), max(0, int(x) - half)
    patch = detail[top : int(y) + half + 1, left : int(x) + half + 1].astype(np.float64)
    mass = float(patch.sum())
    if mass <= _NOTHING:
        return 0.5, 0.5, 0.0
    across = (patch.sum(axis=0) @ np.arange(patch.shape[1])) / mass + left + 0.5
    down = (patch.sum(axis=1) @ np.arange(patch.shape[0])) / mass + top + 0.5
    # Share of all detail in the window, compared with the share that an even spread would give.
    share = mass / max(float(detail.sum()), _NOTHING)
    even = patch.size / detail.size
    return float(across / _MAP_PX), float(down / _MAP_PX), float(np.clip((share - even) / (1 - even), 0, 1))
