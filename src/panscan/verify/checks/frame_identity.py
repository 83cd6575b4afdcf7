"""The finding about time: whether each picture is the right frame of the source.

Where much moves, one picture is proof enough. Where little does, no single picture can be told from its neighbour, but
a row of them can: together they lie at their own frames, or halfway to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from panscan.verify.checks.picture import comparison_json, grade_of, lost_cells
from panscan.verify.measure.frame_match import CellComparison
from panscan.verify.measure.frame_stats import FrameStats
from panscan.verify.report import Finding
from panscan.verify.thresholds import LATE_RUN_FRAMES

_TELLING_LEVELS = 0.6
# One picture alone is proof enough where a neighbour explains it this much better.
_CERTAIN_LEVELS, _CERTAIN_RATIO = 0.8, 1.6
# A picture that differs by so much from the expected one, and has nothing of it, is neither that nor a neighbour.
_ALIEN_LEVELS, _ALIEN_LIKENESS, _FLAT_LIGHT = 12.0, 0.5, 30.0
# Coarse compression leaves 2 levels in small pictures; this is damage, or something that was laid over the picture.
_ODD_LEVELS = 6.0
_LEAST_OF_A_CLIP = 5
# So many pictures in a row, each with so much evidence (squared levels; fainter changes an encoder leaves out), none
# with more than a few times the usual.
_ROW, _ROW_STEP = 12, 3
_LEAST_WEIGHT, _MOST_WEIGHT = 0.09, 4.0
_MOST_LAG = 2.0
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class LateRun:
    """A row of pictures that look late (or early, where negative) together."""

    first: int
    last: int
    late_frames: float


def moment(looks: Sequence[FrameStats], observations: Sequence[CellComparison]) -> Finding:
    """Whether each picture is the right frame of the source."""
    telling = [look for look in looks if is_distinguishable(look)]
    wrong = [look for look in telling if is_misplaced(look)]
    certain = [look for look in wrong if proves_other_frame(look)]
    sampled = [o for o in observations if o.is_right_frame is not None]
    missed = [o for o in sampled if not o.is_right_frame]
    # In the wrong place everything differs; that has a finding of its own.
    astray = {clip for clip, _ in lost_cells([o for o in observations if o.matches is not None])}
    rows = late_runs([look for look in looks if look.clip not in astray])
    measured: dict[str, Any] = {"pictures": len(looks), "with_evidence": len(telling), "compared": len(sampled)}
    if rows:
        largest = max(rows, key=lambda row: abs(row.late_frames))
        measured |= {"rows": len(rows), "late_frames": largest.late_frames}
    alien = [look for look in looks if look.clip not in astray and is_unrelated(look)]
    if alien:
        measured["misplaced"] = [look.number for look in alien][:_MOST_NAMED]
        what = f"{len(alien)} picture(s) show something else, the first at picture {alien[0].number}"
        return Finding("moment", "fail", what, measured)
    if not telling and not sampled and not rows:
        what = "no evidence: neighbouring source pictures look the same, so no frame could be out of place visibly"
        return Finding("moment", "pass", what, measured)
    rates = [1 - len(bad) / len(all_) for bad, all_ in ((wrong, telling), (missed, sampled)) if all_]
    rate = min(rates, default=1.0)
    lost = lost_clips(telling)
    measured |= {
        "match_rate": rate,
        "lost_clips": [clip + 1 for clip in lost],
        "misplaced": [look.number for look in wrong][:_MOST_NAMED],
        "misses": [comparison_json(o) for o in missed][:_MOST_NAMED],
    }
    late = [row for row in rows if abs(row.late_frames) > LATE_RUN_FRAMES]
    if certain:
        what = f"{len(certain)} picture(s) show another frame, the first at picture {certain[0].number}"
        return Finding("moment", "fail", what, measured)
    if late:
        word = "late" if late[0].late_frames > 0 else "early"
        what = f"pictures {late[0].first} to {late[-1].last} look {abs(late[0].late_frames):.1f} frames {word}"
        return Finding("moment", "fail", what, measured)
    if lost:
        what = f"the pictures of clip {', '.join(str(clip + 1) for clip in lost[:_MOST_NAMED])} are other frames"
        return Finding("moment", "fail", what, measured)
    odd = [look for look in looks if look.clip not in astray and look.error > _ODD_LEVELS]
    if odd:
        measured["extra"] = [look.number for look in odd][:_MOST_NAMED]
        what = (
            f"{len(odd)} picture(s) differ from the source by more than compression does, the first is {odd[0].number}"
        )
        return Finding("moment", max("flag", grade_of(rate), key=("pass", "flag", "fail").index), what, measured)
    right = len(telling) - len(wrong)
    what = f"{right} of {len(telling)} telling pictures are the right frame"
    if not telling:
        what = "in the compared cells and in rows of pictures, no frame is out of place"
    return Finding("moment", grade_of(rate), what, measured)


def is_distinguishable(look: FrameStats) -> bool:
    """Whether a neighbour in this picture's place would have been noticed."""
    return any(
        apart >= _TELLING_LEVELS and apart >= min(look.error, there)
        for apart, there in zip(look.neighbour_differences, look.neighbour_errors, strict=True)
    )


def is_misplaced(look: FrameStats) -> bool:
    """Whether a neighbour explains the picture better than the expected one."""
    return any(
        apart >= _TELLING_LEVELS and apart >= there and there < look.error
        for apart, there in zip(look.neighbour_differences, look.neighbour_errors, strict=True)
    )


def is_unrelated(look: FrameStats) -> bool:
    """Whether the picture is neither the expected one nor like it, whatever else it shows."""
    is_like = look.likeness_to_expected >= _ALIEN_LIKENESS and look.expected_highlight > _FLAT_LIGHT
    return look.clip >= 0 and look.error > _ALIEN_LEVELS and not is_like


def proves_other_frame(look: FrameStats) -> bool:
    """Whether this picture alone proves that another frame is shown."""
    return any(
        apart >= _CERTAIN_LEVELS and look.error > _CERTAIN_RATIO * there
        for apart, there in zip(look.neighbour_differences, look.neighbour_errors, strict=True)
    )


def lost_clips(telling: Sequence[FrameStats]) -> list[int]:
    """Clips of which most pictures are other frames: in a long cut they would drown in the overall rate."""
    by_clip: dict[int, list[bool]] = {}
    for look in telling:
        by_clip.setdefault(look.clip, []).append(is_misplaced(look))
    return [clip for clip, hits in by_clip.items() if len(hits) >= _LEAST_OF_A_CLIP and 2 * sum(hits) > len(hits)]


def late_runs(looks: Sequence[FrameStats]) -> list[LateRun]:
    """How late rows of pictures look, of each clip, overlapping; clips that show too little movement are left out."""
    by_clip: dict[int, list[FrameStats]] = {}
    for look in looks:
        if look.late_weight >= _LEAST_WEIGHT:
            by_clip.setdefault(look.clip, []).append(look)
    found = []
    for mine in by_clip.values():
        for first in range(0, len(mine) - _ROW + 1, _ROW_STEP):
            row = mine[first : first + _ROW]
            lags = np.clip([look.late_frames for look in row], -_MOST_LAG, _MOST_LAG)
            weights = np.array([look.late_weight for look in row])
            weights = np.minimum(weights, _MOST_WEIGHT * np.median(weights))
            mean, middle = float(np.average(lags, weights=weights)), _middle(lags, weights)
            # Both must say so: one odd picture moves the mean, a few faint ones the median.
            late = min((mean, middle), key=abs) if mean * middle > 0 else 0.0
            found.append(LateRun(row[0].number, row[-1].number, late))
    return found


def _middle(values: np.ndarray[Any, np.dtype[np.float64]], weights: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """The weighted median."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(below, below[-1] / 2))])
