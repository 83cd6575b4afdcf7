"""Brightness and contrast of each small picture against the expected one."""

from __future__ import annotations

from dataclasses import dataclass

from panscan.verify.measure.proxy_views import MIN_SIDE_PX, ProxyViews, common_px
from panscan.verify.measure.similarity import mean_and_spread

_MIN_SPREAD_LEVELS = 4.0  # standard deviation: flatter pictures have no contrast to speak of


@dataclass(frozen=True, slots=True)
class Brightness:
    """Of one output picture against the expected one.

    Attributes
    ----------
    number : int
        Of the output picture.
    clip : int
        Of the cut.
    lift_levels : float
        How much brighter it is on the average, levels of 255.
    contrast : float
        Its standard deviation as a share of the expected one's.
    is_mixed : bool
        It lies in a dissolve.
    """

    number: int
    clip: int
    lift_levels: float
    contrast: float
    is_mixed: bool


def brightness_of(
    number: int, clip: int, views: ProxyViews, expected: ProxyViews, *, is_mixed: bool = False
) -> Brightness | None:
    """Brightness of one picture; None where its layout is another, or too little shows the source."""
    if [view.shape for view, _ in views] != [view.shape for view, _ in expected]:
        return None
    found, wanted = common_px(views, expected)
    if found.size < MIN_SIDE_PX:
        return None
    (mean, spread), (wanted_mean, wanted_spread) = mean_and_spread(found), mean_and_spread(wanted)
    contrast = spread / wanted_spread if wanted_spread >= _MIN_SPREAD_LEVELS else 1.0
    return Brightness(number, clip, mean - wanted_mean, contrast, is_mixed)
