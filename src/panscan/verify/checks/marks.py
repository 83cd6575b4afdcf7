"""The finding about logos, texts and other things that lie over the picture."""

from __future__ import annotations

from collections.abc import Sequence

from panscan.verify.checks.places import part_words, span_words
from panscan.verify.expectation import Expectation
from panscan.verify.measure.marks import LastingDifference
from panscan.verify.report import Finding
from panscan.verify.thresholds import MARK_FAIL, MARK_FLAG, MARK_PROMINENCE

_MAX_LISTED = 10  # in the report


def marks(found: Sequence[LastingDifference], expectation: Expectation) -> Finding:
    """Whether a part of the picture differs from the source for a while."""
    largest = max((one.levels for one in found), default=0.0)
    seen = [one for one in found if one.levels > max(MARK_FLAG, MARK_PROMINENCE * one.usual_levels)]
    if not seen:
        return Finding("marks", "pass", "nothing lies over the picture", {"largest_levels": largest})
    worst = max(seen, key=lambda one: one.levels)
    measured = {"largest_levels": largest, "place": worst.place, "misplaced": [one.first for one in seen][:_MAX_LISTED]}
    first, last = min(one.first for one in seen), max(one.last for one in seen)
    what = f"from {span_words(first, last, expectation)}, the picture differs from the source {part_words(worst.place)}"
    what += f", by {worst.levels:.0f} levels: something lies over it, or is missing"
    return Finding("marks", "fail" if worst.levels > MARK_FAIL else "flag", what, measured)
