"""What is measured of pictures beside their place and time: brightness, tones, turn, detail, and what lies over them.

Brightness and what lies over the picture are measured on every small picture; the others three times a second.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from panscan.verify.expectation import Expectation
from panscan.verify.measure.brightness import Brightness, brightness_of
from panscan.verify.measure.corners_and_shadow import CornersAndShadow, corners_and_shadows
from panscan.verify.measure.expected_views import ExpectedViews
from panscan.verify.measure.marks import LastingDifferences
from panscan.verify.measure.patches import PatchDetail, patches_of
from panscan.verify.measure.proxy_views import ProxyViews
from panscan.verify.measure.tones import ToneSums
from panscan.verify.measure.turn import TurnSums

_LOOKS_PER_S = 3  # half a second of wrong detail is seen at least once
_MIN_LOOKS = 3  # at each clip, where it has so many pictures


class CloserLook:
    """Takes each picture of the output, in order.

    Attributes
    ----------
    brightness : list of Brightness
        Of every picture.
    lasting : LastingDifferences
        What lies over the picture, complete after `finish`.
    patches : list of PatchDetail
    corners_and_shadows : list of CornersAndShadow
        Of pictures with round corners or a shadow.
    tones : dict of int to ToneSums
        By clip.
    turns : dict of int to TurnSums
        By clip.
    """

    def __init__(self, expectation: Expectation) -> None:
        self.brightness: list[Brightness] = []
        self.lasting = LastingDifferences(float(expectation.cut.rate))
        self.patches: list[PatchDetail] = []
        self.corners_and_shadows: list[CornersAndShadow] = []
        self.tones: defaultdict[int, ToneSums] = defaultdict(ToneSums)
        self.turns: defaultdict[int, TurnSums] = defaultdict(TurnSums)
        self._expectation, self._views = expectation, ExpectedViews(expectation)
        self._wanted = look_numbers(expectation)
        self._before: tuple[int, ProxyViews] | None = None

    def add_picture(self, frame: Any, number: int, views: ProxyViews, expected: ProxyViews | None) -> None:
        """Take the next picture, small, and what it should show."""
        picture = self._expectation.pictures[number]
        if picture is None or expected is None:
            return
        is_mixed = number in self._expectation.mixes
        found = brightness_of(number, picture.clip, views, expected, is_mixed=is_mixed)
        if found is not None:
            self.brightness.append(found)
        if found is None or is_mixed:
            return
        framing = self._expectation.framing_of(picture)
        self.lasting.add(number, picture.clip, framing, views, expected)
        if number in self._wanted:
            self.tones[picture.clip].add(views, expected)
            for (view, _), (wanted, mask) in zip(views, expected, strict=True):
                self.turns[picture.clip].add(view, wanted, mask)
            before = self._before[1] if self._before is not None and self._before[0] == picture.clip else None
            self.patches += patches_of(frame, number, picture, expected, before, self._expectation)
            self.corners_and_shadows += corners_and_shadows(frame, number, picture, self._views, self._expectation)
        self._before = (picture.clip, expected)

    def finish(self) -> None:
        """Complete what is averaged."""
        self.lasting.finish()


def look_numbers(expectation: Expectation) -> set[int]:
    """The output pictures to look at more closely: evenly spread over each clip, its ends left out."""
    by_clip: defaultdict[int, list[int]] = defaultdict(list)
    for number, picture in enumerate(expectation.pictures):
        if picture is not None and number not in expectation.mixes:
            by_clip[picture.clip].append(number)
    found = set()
    for numbers in by_clip.values():
        looks = max(_MIN_LOOKS, round(len(numbers) * _LOOKS_PER_S / float(expectation.cut.rate)))
        found |= {numbers[int(at)] for at in np.linspace(0, len(numbers), 2 * looks + 1)[1::2]}
    return found
