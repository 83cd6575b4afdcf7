"""The finding about time: whether each picture is the right frame of the source.

If much moves, one picture is proof enough. If little moves, no single picture can be distinguished from its neighbour,
but a run of them can: together they lie at their own frames, or part of the way to others.
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

# Levels are rms differences of small pictures, of 255.
_DISTINCT_LEVELS = 0.6  # a neighbour that differs by less cannot be distinguished from the expected picture
# One picture alone is proof if its neighbour differs by this much and explains it this many times better.
_PROOF_LEVELS, _PROOF_RATIO = 0.8, 1.6
# A picture that differs by this much from the expected one, and is not like it, is neither that nor a neighbour.
_UNRELATED_LEVELS, _UNRELATED_LIKENESS = 12.0, 0.5
_FLAT_HIGHLIGHT = 30.0  # a picture this dark has too little detail for a correlation
# Coarse compression changes small pictures by 2 levels; this is damage, or something laid over the picture.
_DAMAGE_LEVELS = 6.0
_MIX_NOISE = 2  # times the levels by which compression changes pictures in dissolves, which encoders spend less on
_MIN_PICTURES = 5  # of which a share is judged: encoders show a picture late now and then, and not all tell
# A run has this many pictures, and the next run starts this many later.
_RUN_PICTURES, _RUN_STEP = 12, 3
# Evidence of a picture of a run in squared levels: encoders leave out changes below 0.3 levels. And its weight against
# the median of the run, at most: one picture must not decide.
_MIN_WEIGHT, _MAX_WEIGHT_RATIO = 0.09, 4.0
_MAX_LATE_FRAMES = 2.0  # of one picture: a larger number is noise
_MAX_LISTED = 10  # of a kind in the report


@dataclass(frozen=True, slots=True)
class LateRun:
    """A run of pictures, and how late they look together.

    Attributes
    ----------
    first, last : int
        Numbers of its pictures.
    late_frames : float
        Negative is early.
    """

    first: int
    last: int
    late_frames: float


def moment(pictures: Sequence[FrameStats], comparisons: Sequence[CellComparison]) -> Finding:
    """Whether each picture is the right frame of the source."""
    distinguishable = [picture for picture in pictures if is_distinguishable(picture)]
    wrong = [picture for picture in distinguishable if is_misplaced(picture)]
    certain = [picture for picture in wrong if proves_other_frame(picture)]
    sampled = [o for o in comparisons if o.is_right_frame is not None]
    missed = [o for o in sampled if not o.is_right_frame]
    # In the wrong place all pictures differ; that has a finding of its own.
    displaced_clips = {clip for clip, _ in lost_cells([o for o in comparisons if o.matches is not None])}
    runs = late_runs([picture for picture in pictures if picture.clip not in displaced_clips])
    measured: dict[str, Any] = {
        "pictures": len(pictures),
        "with_evidence": len(distinguishable),
        "compared": len(sampled),
    }
    if runs:
        largest = max(runs, key=lambda run: abs(run.late_frames))
        measured |= {"rows": len(runs), "late_frames": largest.late_frames}
    unrelated = [picture for picture in pictures if picture.clip not in displaced_clips and is_unrelated(picture)]
    if unrelated:
        measured["misplaced"] = [picture.number for picture in unrelated][:_MAX_LISTED]
        what = f"{len(unrelated)} picture(s) show something else, the first at picture {unrelated[0].number}"
        return Finding("moment", "fail", what, measured)
    if not distinguishable and not sampled and not runs:
        what = "no evidence: neighbouring source pictures look the same, so no frame could be out of place visibly"
        return Finding("moment", "pass", what, measured)
    pairs = ((wrong, distinguishable), (missed, sampled))
    rates = [1 - len(bad) / len(all_) for bad, all_ in pairs if len(all_) >= _MIN_PICTURES]
    rate = min(rates, default=1.0)
    lost = lost_clips(distinguishable)
    measured |= {
        "match_rate": rate,
        "lost_clips": [clip + 1 for clip in lost],
        "misplaced": [picture.number for picture in wrong][:_MAX_LISTED],
        "misses": [comparison_json(o) for o in missed][:_MAX_LISTED],
    }
    late = [run for run in runs if abs(run.late_frames) > LATE_RUN_FRAMES]
    if certain:
        what = f"{len(certain)} picture(s) show another frame, the first at picture {certain[0].number}"
        return Finding("moment", "fail", what, measured)
    if late:
        word = "late" if late[0].late_frames > 0 else "early"
        what = f"pictures {late[0].first} to {late[-1].last} look {abs(late[0].late_frames):.1f} frames {word}"
        return Finding("moment", "fail", what, measured)
    if lost:
        what = f"the pictures of clip {', '.join(str(clip + 1) for clip in lost[:_MAX_LISTED])} are other frames"
        return Finding("moment", "fail", what, measured)
    damaged = [
        picture
        for picture in pictures
        if picture.clip not in displaced_clips
        and picture.error > _DAMAGE_LEVELS * (_MIX_NOISE if picture.is_mixed else 1)
    ]
    if damaged:
        measured["extra"] = [picture.number for picture in damaged][:_MAX_LISTED]
        first = damaged[0].number
        what = f"{len(damaged)} picture(s) differ from the source by more than compression does, the first is {first}"
        return Finding("moment", max("flag", grade_of(rate), key=("pass", "flag", "fail").index), what, measured)
    right = len(distinguishable) - len(wrong)
    what = f"{right} of {len(distinguishable)} telling pictures are the right frame"
    if not distinguishable:
        what = "in the compared cells and in rows of pictures, no frame is out of place"
    return Finding("moment", grade_of(rate), what, measured)


def is_distinguishable(picture: FrameStats) -> bool:
    """Whether it would have been noticed if a neighbour were shown instead of this picture."""
    return any(
        apart >= _DISTINCT_LEVELS and apart >= min(picture.error, there)
        for apart, there in zip(picture.neighbour_differences, picture.neighbour_errors, strict=True)
    )


def is_misplaced(picture: FrameStats) -> bool:
    """Whether a neighbour explains the picture better than the expected one."""
    return any(
        apart >= _DISTINCT_LEVELS and apart >= there and there < picture.error
        for apart, there in zip(picture.neighbour_differences, picture.neighbour_errors, strict=True)
    )


def is_unrelated(picture: FrameStats) -> bool:
    """Whether the picture is neither the expected one nor like it, whatever it shows."""
    is_like = picture.likeness_to_expected >= _UNRELATED_LIKENESS and picture.expected_highlight > _FLAT_HIGHLIGHT
    return picture.clip >= 0 and picture.error > _UNRELATED_LEVELS and not is_like


def proves_other_frame(picture: FrameStats) -> bool:
    """Whether this picture alone proves that another frame is shown."""
    return any(
        apart >= _PROOF_LEVELS and picture.error > _PROOF_RATIO * there
        for apart, there in zip(picture.neighbour_differences, picture.neighbour_errors, strict=True)
    )


def lost_clips(distinguishable: Sequence[FrameStats]) -> list[int]:
    """Clips in which most pictures are wrong frames. In a long cut they would hardly change the overall rate."""
    by_clip: dict[int, list[bool]] = {}
    for picture in distinguishable:
        by_clip.setdefault(picture.clip, []).append(is_misplaced(picture))
    return [clip for clip, hits in by_clip.items() if len(hits) >= _MIN_PICTURES and 2 * sum(hits) > len(hits)]


def late_runs(pictures: Sequence[FrameStats]) -> list[LateRun]:
    """How late the overlapping runs of each clip look; clips with too little movement are left out."""
    by_clip: dict[int, list[FrameStats]] = {}
    for picture in pictures:
        if picture.late_weight >= _MIN_WEIGHT:
            by_clip.setdefault(picture.clip, []).append(picture)
    found = []
    for of_clip in by_clip.values():
        for first in range(0, len(of_clip) - _RUN_PICTURES + 1, _RUN_STEP):
            run = of_clip[first : first + _RUN_PICTURES]
            late_frames = np.clip([picture.late_frames for picture in run], -_MAX_LATE_FRAMES, _MAX_LATE_FRAMES)
            weights = np.array([picture.late_weight for picture in run])
            weights = np.minimum(weights, _MAX_WEIGHT_RATIO * np.median(weights))
            mean, median = float(np.average(late_frames, weights=weights)), _weighted_median(late_frames, weights)
            # Both must agree: one odd picture moves the mean, a few faint ones move the median.
            late = min((mean, median), key=abs) if mean * median > 0 else 0.0
            found.append(LateRun(run[0].number, run[-1].number, late))
    return found


def _weighted_median(
    values: np.ndarray[Any, np.dtype[np.float64]], weights: np.ndarray[Any, np.dtype[np.float64]]
) -> float:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(below, below[-1] / 2))])
