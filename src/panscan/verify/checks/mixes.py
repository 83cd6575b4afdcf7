"""Whether dissolves and fades show the mix that belongs there, and cuts none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panscan.verify.expectation import Expectation
from panscan.verify.measure.frame_stats import FrameStats
from panscan.verify.thresholds import DISSOLVE_PACE, LATE_FRAMES, MIX_FAIL

_MIN_PICTURES = 3  # of a dissolve, to say that it is late: a single one is not measured so finely


def wrong_mixes(pictures: Sequence[FrameStats], expectation: Expectation) -> list[tuple[int, str]]:
    """Numbers of pictures with another mix than belongs there, and what is wrong with each."""
    measured = [picture for picture in pictures if picture.share is not None]
    found = [(picture.number, _fault(picture)) for picture in measured if abs(_excess(picture)) > MIX_FAIL]
    by_number = {picture.number: picture for picture in measured}
    for dissolve in expectation.cut.dissolves:
        of_dissolve = [by_number[n] for n in range(dissolve.first, dissolve.end) if n in by_number]
        if len(of_dissolve) < _MIN_PICTURES:
            continue
        speed = 2 if dissolve.is_dip else 1  # a dip goes all the way in half of its time
        late = -sum(map(_excess, of_dissolve)) / len(of_dissolve) * dissolve.frame_count / speed
        if abs(late) > LATE_FRAMES:
            word = "late" if late > 0 else "early"
            found.append((dissolve.first, f"the dissolve at picture {dissolve.first} is {abs(late):.1f} frames {word}"))
        pace = _pace(of_dissolve)
        if abs(pace - 1) > DISSOLVE_PACE:
            word = "faster" if pace > 1 else "slower"
            what = f"the dissolve at picture {dissolve.first} is {abs(pace - 1):.0%} {word} than it should be"
            found.append((dissolve.first, what))
    return sorted(found)


def _pace(pictures: Sequence[FrameStats]) -> float:
    """How fast a dissolve goes, beside what is expected: the slope of its shares over the expected ones."""
    expected = np.array([picture.expected_share for picture in pictures])
    excess = np.array([_excess(picture) for picture in pictures])
    spread = float(np.sum((expected - expected.mean()) ** 2))
    return 1 + float(np.dot(expected - expected.mean(), excess)) / spread if spread else 1.0


def _excess(picture: FrameStats) -> float:
    """How much too much is seen of the later picture in a dissolve, or of the other side of a cut."""
    return (picture.share or 0.0) - picture.expected_share


def _fault(picture: FrameStats) -> str:
    if not picture.is_mixed:
        return f"a dissolve is seen where a cut belongs, at picture {picture.number}"
    return (
        f"picture {picture.number} shows {picture.share or 0.0:.0%} of the picture that a dissolve leads to, "
        f"instead of {picture.expected_share:.0%}"
    )
