"""The finding about chroma planes: in their place, and with the source's colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from panscan.verify.checks.picture import grade_of
from panscan.verify.expectation import Expectation
from panscan.verify.measure.colours import ColourMap, colour_map
from panscan.verify.measure.frame_match import CellComparison
from panscan.verify.report import Finding, Grade
from panscan.verify.thresholds import (
    CROSSTALK_FAIL,
    CROSSTALK_FLAG,
    SATURATION_FAIL,
    SATURATION_FLAG,
    TINT_FAIL,
    TINT_FLAG,
)

_MAX_LISTED = 10  # of a kind in the report
_GRADES: tuple[Grade, ...] = ("pass", "flag", "fail")


def chroma(comparisons: Sequence[CellComparison], expectation: Expectation) -> Finding:
    """Whether the chroma planes are the source's."""
    # In the wrong place all colours differ; that has a finding of its own.
    placed = [o for o in comparisons if o.matches is not False]
    with_evidence = [(o, o.chroma) for o in placed if o.chroma is not None and o.chroma.matches is not None]
    alike = _alike(expectation)
    colours = colour_map(o.chroma.sums for o in placed if o.chroma is not None and o.clip in alike)
    measured: dict[str, Any] = {"with_evidence": len(with_evidence)}
    grade: Grade = "pass"
    words = ""
    if colours is not None:
        grade, words = _graded(colours)
        measured |= {
            "saturation": colours.saturation,
            "cross": colours.crosstalk,
            "tint_u_levels": colours.tint_levels[0],
            "tint_v_levels": colours.tint_levels[1],
        }
    if not with_evidence:
        what = "no evidence: there is too little colour to go wrong visibly"
        return Finding("chroma", grade, f"the colours differ: {words}" if words else what, measured)
    right = sum(bool(comparison.matches) for _, comparison in with_evidence)
    rate = right / len(with_evidence)
    measured |= {
        "match_rate": rate,
        "rms_levels": float(np.median([comparison.error for _, comparison in with_evidence])),
        "misses": [
            {"picture": o.number, "clip": o.clip + 1, "better": list(comparison.better), "hue_levels": comparison.hue}
            for o, comparison in with_evidence
            if not comparison.matches
        ][:_MAX_LISTED],
    }
    what = f"{right} of {len(with_evidence)} compared cells have the source's colours in place"
    if rate < 1:
        causes = [name for _, comparison in with_evidence if not comparison.matches for name in comparison.better]
        what += f" ({max(sorted(set(causes)), key=causes.count)})"
    if words:
        what += f"; {words}"
    return Finding("chroma", max(grade, grade_of(rate), key=_GRADES.index), what, measured)


def _graded(colours: ColourMap) -> tuple[Grade, str]:
    """The grade of the colours themselves, and what is wrong with them."""
    tint = max((abs(v) for v in colours.tint_levels), default=0.0)
    found = [
        (abs(colours.saturation - 1), SATURATION_FLAG, SATURATION_FAIL, f"saturation {colours.saturation:.2f}"),
        (
            abs(colours.crosstalk),
            CROSSTALK_FLAG,
            CROSSTALK_FAIL,
            f"{abs(colours.crosstalk):.2f} of one component is in another",
        ),
        (tint, TINT_FLAG, TINT_FAIL, f"a tint of {tint:.1f} levels"),
    ]
    grades: list[Grade] = ["fail" if v > fail else "flag" if v > flag else "pass" for v, flag, fail, _ in found]
    wrong = [words for (_, _, _, words), grade in zip(found, grades, strict=True) if grade != "pass"]
    return max(grades, key=_GRADES.index), ", ".join(wrong)


def _alike(expectation: Expectation) -> set[int]:
    """The clips whose media are coded as the first one: the movie has one matrix and one range for all."""
    tags = [expectation.sources[clip.path].tags for clip in expectation.cut.clips]
    first = tags[0]
    return {
        n for n, t in enumerate(tags) if not t.is_rgb and (t.matrix, t.range == 2) == (first.matrix, first.range == 2)
    }
