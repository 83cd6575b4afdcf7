"""The finding about what lies around a picture that has round corners or throws a shadow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from panscan.verify.checks.places import clips_words
from panscan.verify.expectation import Expectation
from panscan.verify.measure.corners_and_shadow import CornersAndShadow
from panscan.verify.report import Finding
from panscan.verify.thresholds import CORNERS_AND_SHADOW_SHARE


def corners_and_shadow(looks: Sequence[CornersAndShadow], expectation: Expectation) -> Finding:
    """Whether corners are as round, and shadows as dark, as the timeline says, in each clip."""
    missing = {
        "the round corners": _by_clip((look.clip, look.missing_corners) for look in looks),
        "the shadow": _by_clip((look.clip, look.missing_shadow) for look in looks),
    }
    measured: dict[str, Any] = {
        f"missing_{what.split()[-1]}": max(of_clips.values(), key=abs, default=None)
        for what, of_clips in missing.items()
    }
    for what, of_clips in missing.items():
        for sign, words in ((1, "less"), (-1, "more")):
            wrong = [clip for clip, share in of_clips.items() if sign * share > CORNERS_AND_SHADOW_SHARE]
            if wrong:
                text = f"{words} is seen of {what} than the timeline asks for, in {clips_words(wrong, expectation)}"
                return Finding("corners_and_shadow", "fail", text, measured)
    judged = [what for what, of_clips in missing.items() if of_clips]
    text = f"as asked for: {', '.join(judged)}" if judged else "no evidence: nothing is round or shaded"
    return Finding("corners_and_shadow", "pass", text, measured)


def _by_clip(found: Iterable[tuple[int, float | None]]) -> Mapping[int, float]:
    """Median of each clip."""
    values: defaultdict[int, list[float]] = defaultdict(list)
    for clip, share in found:
        if share is not None:
            values[clip].append(share)
    return {clip: float(np.median(shares)) for clip, shares in values.items()}
