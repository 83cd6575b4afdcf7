"""Findings from all pictures, made small: levels, frozen or black runs, bars, cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from panscan.verify.checks.frame_identity import is_misplaced, proves_other_frame
from panscan.verify.checks.picture import comparison_json
from panscan.verify.expectation import Expectation
from panscan.verify.measure.frame_match import CellComparison
from panscan.verify.measure.frame_stats import FrameStats
from panscan.verify.measure.sampling import camera_jumps, view_changes
from panscan.verify.report import Finding, Grade
from panscan.verify.thresholds import BAR_SHARE, FROZEN_S, GAIN_FAIL, GAIN_FLAG, LIFT_FAIL, LIFT_FLAG, PASS_RATE

_STILL_LEVELS, _STILL_SHARE, _MOVING_LEVELS = 0.1, 0.15, 0.4
_BLACK_LEVEL, _LIT_LEVEL = 30.0, 45.0
_CUT_LIKENESS, _CUT_LEVELS, _CUT_PROMINENCE = 0.5, 8.0, 3.0
_FLASH_FRAMES = 3  # a view shown so briefly beside a scene cut is seen as a flash, and nobody plans one
_OFTEN, _ALWAYS = 0.5, 0.95
_LEAST_PICTURES = 5
_MOST_NAMED = 10
_MEANT_TO_SHOW_BARS = ("fit",)
_BACKGROUND_LEVELS = 6.0


def levels(looks: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether contrast and brightness are the source's: a range read wrong changes both."""
    first = expectation.sources[expectation.cut.clips[0].path].tags
    alike = {
        n
        for n, clip in enumerate(expectation.cut.clips)
        if (tags := expectation.sources[clip.path].tags).range == first.range and not tags.is_rgb
    }
    told = [look for look in looks if look.clip in alike and look.expected_highlight > _LIT_LEVEL]
    if not told:
        return Finding("levels", "pass", "not comparable: the source is RGB, dark or of another range", {"pictures": 0})
    gain = float(np.median([look.gain for look in told]))
    grey = float(np.median([look.gain * 128 + look.lift - 128 for look in told]))
    measured = {"pictures": len(told), "contrast": gain, "mid_grey_levels": grey}
    what = f"contrast {gain:.3f} of the source's, mid grey {grey:+.1f} levels"
    off = max(abs(gain - 1) / GAIN_FAIL, abs(grey) / LIFT_FAIL)
    flagged = abs(gain - 1) > GAIN_FLAG or abs(grey) > LIFT_FLAG
    grade: Grade = "fail" if off > 1 else "flag" if flagged else "pass"
    return Finding("levels", grade, what, measured)


def frozen(looks: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether the picture stands still where the source moves."""
    limit = max(3, round(expectation.cut.rate * FROZEN_S))

    def stands(look: FrameStats) -> bool:
        still = look.change <= _STILL_LEVELS + _STILL_SHARE * look.expected_change
        return still and _MOVING_LEVELS <= look.expected_change < float("inf")

    return _runs("frozen", looks, stands, limit, expectation, "stands still", "nothing stands still that should move")


def black(looks: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether a picture is black that is not, or a gap is not black."""

    def is_black(look: FrameStats) -> bool:
        if look.clip < 0:
            return look.light > _LIT_LEVEL
        return look.light < _BLACK_LEVEL and look.expected_highlight > _LIT_LEVEL

    return _runs(
        "black", looks, is_black, 1, expectation, "is black, or lit in a gap", "no picture is black by mistake"
    )


def _runs(
    name: str,
    looks: Sequence[FrameStats],
    is_bad: Callable[[FrameStats], bool],
    limit: int,
    expectation: Expectation,
    fault: str,
    praise: str,
) -> Finding:
    runs = [
        (first, end) for first, end in _stretches(look.number for look in looks if is_bad(look)) if end - first >= limit
    ]
    rate = float(expectation.cut.rate)
    measured = {"runs": [{"from_s": first / rate, "pictures": end - first} for first, end in runs[:_MOST_NAMED]]}
    if not runs:
        return Finding(name, "pass", praise, measured)
    total = sum(end - first for first, end in runs)
    return Finding(
        name, "fail", f"the picture {fault} for {total / rate:.2f} s from {runs[0][0] / rate:.2f} s on", measured
    )


def _stretches(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Rising numbers as runs [first, end)."""
    runs: list[tuple[int, int]] = []
    for n in numbers:
        if runs and runs[-1][1] == n:
            runs[-1] = (runs[-1][0], n + 1)
        else:
            runs.append((n, n + 1))
    return runs


def bars(looks: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether dark edges show: added ones, the source's own, or what lies beyond the source."""
    added, shown, beyond, unlike = [], [], [], []
    for n, clip in enumerate(expectation.cut.clips):
        mine = [look for look in looks if look.clip == n]
        meant = clip.framing.layout.startswith(_MEANT_TO_SHOW_BARS) or clip.framing.background != "black"
        if _is_beyond(clip.framing, clip.first, clip.end) and not meant:
            beyond.append(n + 1)
        if not mine:
            continue
        seen, wanted = np.array([x.bars for x in mine]), np.array([x.expected_bars for x in mine])
        if np.median([x.background_error for x in mine]) > _BACKGROUND_LEVELS:
            unlike.append(n + 1)
        # Half of it: a bar seldom ends where a small view has the border of two lines.
        more = np.array([x.added_bars for x in mine])
        if np.any(np.mean(more >= BAR_SHARE / 2, axis=0) >= _OFTEN):
            added.append(n + 1)
        elif len(mine) >= _LEAST_PICTURES and not meant and n + 1 not in beyond:
            own = np.minimum(seen, wanted)
            # All dark is a dark scene, not a bar.
            always = np.mean((own >= BAR_SHARE) & (own < 0.5), axis=0) >= _ALWAYS
            if always.any():
                shown.append(n + 1)
    measured = {"added_in_clips": added, "source_bars_in_clips": shown, "beyond_the_source_in_clips": beyond}
    measured["other_background_in_clips"] = unlike
    if unlike:
        what = f"beside the picture another background is seen than was asked for, in clip {_listed(unlike)}"
        return Finding("bars", "fail", what, measured)
    if added:
        return Finding("bars", "fail", f"dark edges that the source lacks, in clip {_listed(added)}", measured)
    if beyond:
        what = f"the camera of clip {_listed(beyond)} shows more than the source holds"
        return Finding("bars", "flag", what, measured)
    if shown:
        return Finding("bars", "flag", f"the source's own dark edges show in clip {_listed(shown)}", measured)
    return Finding("bars", "pass", "no edge is dark by mistake", measured)


def _is_beyond(framing: Any, first: int, end: int) -> bool:
    """Whether a cell's crop leaves the source by more than 1 px of the canvas."""
    frames = np.arange(first, end)
    for cell in framing.cells:
        left, top, width, height = cell.crops(frames, framing.source).T
        px = width / cell.size.width
        outside = np.max(
            [-left, -top, left + width - framing.source.width, top + height - framing.source.height], axis=0
        )
        if np.any(outside > px):
            return True
    return False


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(n) for n in numbers[:_MOST_NAMED]) + (" ..." if len(numbers) > _MOST_NAMED else "")


def cuts(looks: Sequence[FrameStats], observations: Sequence[CellComparison], expectation: Expectation) -> Finding:
    """Whether pictures beside cuts belong to their own clip, and the camera cuts where the scene does."""
    ends = [
        n + 1
        for n, (a, b) in enumerate(pairwise(expectation.pictures))
        if a is not None and b is not None and a.clip != b.clip
    ]
    found = [
        look.number
        for n, look in enumerate(looks)
        if n and _is_hard_change(looks, n, look.change, look.likeness_to_previous, False)
    ]
    wanted = {
        look.number
        for n, look in enumerate(looks)
        if n and _is_hard_change(looks, n, look.expected_change, look.expected_likeness_to_previous, True)
    }
    scenes = {look.number for n, look in enumerate(looks) if n and _is_shot_boundary(looks, n)}
    planned = {*ends, *camera_jumps(expectation)}
    moves = view_changes(expectation)
    extra = [n for n in found if n not in wanted | planned | scenes]
    flashes = [
        (n, scene) for n in moves if n not in scenes for scene in sorted(scenes) if 0 < abs(scene - n) <= _FLASH_FRAMES
    ]
    beside = {number for n in planned for number in (n - 1, n)}
    telling = [o for o in observations if o.number in beside and o.matches is not None]
    wrong = [o for o in telling if not o.matches or o.is_right_frame is False]
    stray = [look.number for look in looks if look.number in beside and is_misplaced(look) and proves_other_frame(look)]
    measured: dict[str, Any] = {
        "borders": len(ends),
        "camera_jumps": len(planned) - len(ends),
        "cuts_seen": found[:100],
        "scene_cuts": sorted(scenes)[:100],
        "compared": len(telling),
        "extra": extra[:_MOST_NAMED],
        "beside_a_cut": [list(pair) for pair in flashes][:_MOST_NAMED],
        "misses": [comparison_json(o) for o in wrong][:_MOST_NAMED],
    }
    if stray or extra:
        at = (stray or extra)[0]
        return Finding("cuts", "fail", f"a cut is seen where none belongs, at picture {at}", measured)
    if len(wrong) > len(telling) * (1 - PASS_RATE):
        what = f"{len(wrong)} of {len(telling)} pictures beside cuts are not their clip's"
        return Finding("cuts", "fail", what, measured)
    if flashes:
        n, scene = flashes[0]
        side = "after" if n > scene else "before"
        what = f"the camera jumps {abs(n - scene)} frame(s) {side} the cut at picture {scene}"
        return Finding("cuts", "flag", what, measured)
    if wrong:
        return Finding(
            "cuts", "flag", f"{len(wrong)} of {len(telling)} pictures beside cuts are not their clip's", measured
        )
    if not planned:
        return Finding("cuts", "pass", "one clip, no cut", measured)
    if not telling:
        return Finding("cuts", "flag", "no evidence: the pictures at the cuts are too flat", measured)
    return Finding("cuts", "pass", f"{len(telling)} pictures beside cuts belong to their own clip", measured)


def _is_shot_boundary(looks: Sequence[FrameStats], n: int) -> bool:
    """Whether the whole source picture has nothing of the one before."""
    look = looks[n]
    if look.source_likeness >= _CUT_LIKENESS or look.source_change < _CUT_LEVELS:
        return False
    usual = min((looks[k].source_change for k in (n - 1, n + 1) if 0 < k < len(looks)), default=0.0)
    return look.source_change >= _CUT_PROMINENCE * max(usual, 0.1)


def _is_hard_change(looks: Sequence[FrameStats], n: int, step: float, likeness: float, expected: bool) -> bool:
    """Whether the picture has nothing of the one before, and its neighbours do not change as much."""
    if likeness >= _CUT_LIKENESS or step < _CUT_LEVELS:
        return False
    if not np.isfinite(step):
        return True
    around = [looks[k].expected_change if expected else looks[k].change for k in (n - 1, n + 1) if 0 < k < len(looks)]
    usual = min((v for v in around if np.isfinite(v)), default=0.0)
    return step >= _CUT_PROMINENCE * max(usual, 0.1)
