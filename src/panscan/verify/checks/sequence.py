"""Findings from small versions of all pictures: levels, frozen or black runs, bars, cuts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from panscan.arrays.samples import runs_of_numbers
from panscan.model.framing import SCREEN_SUBJECT, Framing
from panscan.verify.checks.frame_identity import is_misplaced, proves_other_frame
from panscan.verify.checks.mixes import wrong_mixes
from panscan.verify.checks.picture import comparison_json
from panscan.verify.checks.tones import clips_of_one_range
from panscan.verify.expectation import Expectation
from panscan.verify.measure.frame_match import CellComparison
from panscan.verify.measure.frame_stats import FrameStats
from panscan.verify.measure.sampling import camera_jumps, view_changes
from panscan.verify.report import Finding, Grade
from panscan.verify.thresholds import BAR_SHARE, FROZEN_S, GAIN_FAIL, GAIN_FLAG, LIFT_FAIL, LIFT_FLAG, PASS_RATE

# Levels are of 255, differences rms.
# A picture is still if it changes by no more than this plus this share of what the source changes; that must move.
_STILL_LEVELS, _STILL_SHARE, _MOVING_LEVELS = 0.1, 0.15, 0.4
# What is seen moves away from what should be, by 1.3 levels and more in stretches that were frozen for 0.2 s; by 0.1 in
# honest ones that an encoder leaves still, as a camera that goes along with what moves.
_FROZEN_DRIFT_LEVELS = 0.5
_MIN_FROZEN_FRAMES = 3  # at low rates: two equal pictures may be one that was shown twice in the source
# The highlight (the level that 2 % exceed) of a black picture lies below the first, of a lit one above the second.
_BLACK_LEVEL, _LIT_LEVEL = 30.0, 45.0
# A hard change: correlation below, difference above, and this many times the change of the neighbours (at least 0.1).
_CHANGE_LIKENESS, _CHANGE_LEVELS, _CHANGE_PROMINENCE = 0.5, 8.0, 3.0
_MIN_USUAL_LEVELS = 0.1
_FLASH_FRAMES = 3  # a view shown so briefly beside a shot boundary looks like a flash, and nobody plans one
_OFTEN, _ALWAYS = 0.5, 0.95  # shares of a clip's pictures: with an added bar, with a bar of the source
_MAX_BAR_SHARE = 0.5  # of the width or height: a wider dark edge is a dark scene
_MIN_CLIP_PICTURES = 5  # to say that a bar is always there
_MAX_LISTED = 10  # of a kind in the report
_MAX_CUTS_LISTED = 100
_LAYOUTS_WITH_BARS = ("fit",)  # first part of their names
_BACKGROUND_LEVELS = 6.0  # compression changes a background by less


def levels(pictures: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether contrast and brightness are the source's: a range read wrong changes both."""
    alike = clips_of_one_range(expectation)
    comparable = [
        picture
        for picture in pictures
        if picture.clip in alike and picture.expected_highlight > _LIT_LEVEL and not picture.is_mixed
    ]
    if not comparable:
        return Finding("levels", "pass", "not comparable: the source is RGB, dark or of another range", {"pictures": 0})
    gain = float(np.median([picture.gain for picture in comparable]))
    grey = float(np.median([picture.gain * 128 + picture.lift - 128 for picture in comparable]))
    measured = {"pictures": len(comparable), "contrast": gain, "mid_grey_levels": grey}
    what = f"contrast {gain:.3f} of the source's, mid grey {grey:+.1f} levels"
    off = max(abs(gain - 1) / GAIN_FAIL, abs(grey) / LIFT_FAIL)
    flagged = abs(gain - 1) > GAIN_FLAG or abs(grey) > LIFT_FLAG
    grade: Grade = "fail" if off > 1 else "flag" if flagged else "pass"
    return Finding("levels", grade, what, measured)


def frozen(pictures: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether the picture stands still where the source moves."""
    limit = max(_MIN_FROZEN_FRAMES, round(expectation.cut.rate * FROZEN_S))

    def is_still(picture: FrameStats) -> bool:
        still = picture.change <= _STILL_LEVELS + _STILL_SHARE * picture.expected_change
        return still and _MOVING_LEVELS <= picture.expected_change < float("inf")

    def is_frozen(run: Sequence[FrameStats]) -> bool:
        errors = [picture.error for picture in run]
        return len(run) >= limit and max(errors) - min(errors) >= _FROZEN_DRIFT_LEVELS

    return _runs(
        "frozen", pictures, is_still, is_frozen, expectation, "stands still", "nothing stands still that should move"
    )


def black(pictures: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether a picture is black that should not be, or a gap is not black."""

    def is_black(picture: FrameStats) -> bool:
        if picture.clip < 0:
            return picture.highlight > _LIT_LEVEL
        return picture.highlight < _BLACK_LEVEL and picture.expected_highlight > _LIT_LEVEL

    return _runs(
        "black", pictures, is_black, bool, expectation, "is black, or lit in a gap", "no picture is black by mistake"
    )


def _runs(
    name: str,
    pictures: Sequence[FrameStats],
    is_bad: Callable[[FrameStats], bool],
    is_bad_run: Callable[[Sequence[FrameStats]], bool],
    expectation: Expectation,
    fault: str,
    what_if_good: str,
) -> Finding:
    bad = {picture.number: picture for picture in pictures if is_bad(picture)}
    runs = [run for run in runs_of_numbers(list(bad)).tolist() if is_bad_run([bad[n] for n in range(*run)])]
    rate = float(expectation.cut.rate)
    measured = {"runs": [{"from_s": first / rate, "pictures": end - first} for first, end in runs[:_MAX_LISTED]]}
    if not runs:
        return Finding(name, "pass", what_if_good, measured)
    total = sum(end - first for first, end in runs)
    return Finding(
        name, "fail", f"the picture {fault} for {total / rate:.2f} s from {runs[0][0] / rate:.2f} s on", measured
    )


def bars(pictures: Sequence[FrameStats], expectation: Expectation) -> Finding:
    """Whether there are dark edges: added ones, the source's own, or the background beside the source."""
    added, of_source, beyond, other_background = [], [], [], []
    for n, clip in enumerate(expectation.cut.clips):
        of_clip = [picture for picture in pictures if picture.clip == n and not picture.is_mixed]
        is_meant = _may_show_background(clip.framing)
        if _is_beyond(clip.framing, clip.first, clip.end) and not is_meant:
            beyond.append(n + 1)
        if not of_clip:
            continue
        found, wanted = np.array([x.bars for x in of_clip]), np.array([x.expected_bars for x in of_clip])
        if np.median([x.background_error for x in of_clip]) > _BACKGROUND_LEVELS:
            other_background.append(n + 1)
        # Half of the limit: in a small view, a bar seldom ends between two rows of px.
        more = np.array([x.added_bars for x in of_clip])
        if np.any(np.mean(more >= BAR_SHARE / 2, axis=0) >= _OFTEN):
            added.append(n + 1)
        elif len(of_clip) >= _MIN_CLIP_PICTURES and not is_meant and n + 1 not in beyond:
            own = np.minimum(found, wanted)
            always = np.mean((own >= BAR_SHARE) & (own < _MAX_BAR_SHARE), axis=0) >= _ALWAYS
            if always.any():
                of_source.append(n + 1)
    measured = {"added_in_clips": added, "source_bars_in_clips": of_source, "beyond_the_source_in_clips": beyond}
    measured["other_background_in_clips"] = other_background
    if other_background:
        what = f"beside the picture another background is seen than was asked for, in clip {_listed(other_background)}"
        return Finding("bars", "fail", what, measured)
    if added:
        return Finding("bars", "fail", f"dark edges that the source lacks, in clip {_listed(added)}", measured)
    if beyond:
        what = f"the camera of clip {_listed(beyond)} shows more than the source holds"
        return Finding("bars", "flag", what, measured)
    if of_source:
        return Finding("bars", "flag", f"the source's own dark edges show in clip {_listed(of_source)}", measured)
    return Finding("bars", "pass", "no edge is dark by mistake", measured)


def _may_show_background(framing: Framing) -> bool:
    """Whether it is meant that the background shows: by layout, colour, tilt, or a camera planned for a screen."""
    is_staged = any(cell.subject == SCREEN_SUBJECT or cell.camera.is_tilted for cell in framing.cells)
    return framing.layout.startswith(_LAYOUTS_WITH_BARS) or framing.background != "black" or is_staged


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
    return ", ".join(str(n) for n in numbers[:_MAX_LISTED]) + (" ..." if len(numbers) > _MAX_LISTED else "")


def cuts(pictures: Sequence[FrameStats], comparisons: Sequence[CellComparison], expectation: Expectation) -> Finding:
    """Whether pictures beside cuts belong to their own clip, and cameras jump where shots change."""
    neighbours = list(enumerate(pairwise(expectation.pictures), start=1))
    ends = [
        n
        for n, (a, b) in neighbours
        if a is not None and b is not None and a.clip != b.clip and n - 1 not in expectation.mixes
    ]
    mixes = expectation.mixes
    beside_black = {
        n
        for n, (a, b) in neighbours
        if (a is None) != (b is None)
        or (n - 1 in mixes and mixes[n - 1].after is None)  # the fade out before a hard cut in
        or (n in mixes and mixes[n].before is None)
    }
    found = [
        picture.number
        for n, picture in enumerate(pictures)
        if n and _is_hard_change(pictures, n, picture.change, picture.likeness_to_previous, False)
    ]
    wanted = {
        picture.number
        for n, picture in enumerate(pictures)
        if n and _is_hard_change(pictures, n, picture.expected_change, picture.expected_likeness_to_previous, True)
    }
    shot_boundaries = {picture.number for n, picture in enumerate(pictures) if n and _is_shot_boundary(pictures, n)}
    planned = {*ends, *camera_jumps(expectation)}
    changed_views = view_changes(expectation)
    extra = [n for n in found if n not in wanted | planned | shot_boundaries | beside_black]
    flashes = [
        (n, boundary)
        for n in changed_views
        if n not in shot_boundaries
        for boundary in sorted(shot_boundaries)
        if 0 < abs(boundary - n) <= _FLASH_FRAMES
    ]
    beside = {number for n in planned for number in (n - 1, n)}
    with_evidence = [o for o in comparisons if o.number in beside and o.matches is not None]
    wrong = [o for o in with_evidence if not o.matches or o.is_right_frame is False]
    stray = [
        picture.number
        for picture in pictures
        if picture.number in beside and is_misplaced(picture) and proves_other_frame(picture)
    ]
    measured: dict[str, Any] = {
        "borders": len(ends),
        "camera_jumps": len(planned) - len(ends),
        "cuts_seen": found[:_MAX_CUTS_LISTED],
        "scene_cuts": sorted(shot_boundaries)[:_MAX_CUTS_LISTED],
        "compared": len(with_evidence),
        "extra": extra[:_MAX_LISTED],
        "beside_a_cut": [list(pair) for pair in flashes][:_MAX_LISTED],
        "misses": [comparison_json(o) for o in wrong][:_MAX_LISTED],
    }
    mixed_wrongly = wrong_mixes(pictures, expectation)
    if expectation.mixes:
        measured["dissolves"] = len(expectation.cut.dissolves)
    if mixed_wrongly:
        measured["misplaced"] = [number for number, _ in mixed_wrongly][:_MAX_LISTED]
        return Finding("cuts", "fail", mixed_wrongly[0][1], measured)
    if stray or extra:
        at = (stray or extra)[0]
        return Finding("cuts", "fail", f"a cut is seen where none belongs, at picture {at}", measured)
    if len(wrong) > len(with_evidence) * (1 - PASS_RATE):
        what = f"{len(wrong)} of {len(with_evidence)} pictures beside cuts are not their clip's"
        return Finding("cuts", "fail", what, measured)
    if flashes:
        n, boundary = flashes[0]
        side = "after" if n > boundary else "before"
        what = f"the camera jumps {abs(n - boundary)} frame(s) {side} the cut at picture {boundary}"
        return Finding("cuts", "flag", what, measured)
    if wrong:
        return Finding(
            "cuts", "flag", f"{len(wrong)} of {len(with_evidence)} pictures beside cuts are not their clip's", measured
        )
    if not planned:
        what = f"{len(expectation.cut.dissolves)} dissolve(s), no cut" if expectation.mixes else "one clip, no cut"
        return Finding("cuts", "pass", what, measured)
    if not with_evidence:
        return Finding("cuts", "flag", "no evidence: the pictures at the cuts are too flat", measured)
    return Finding("cuts", "pass", f"{len(with_evidence)} pictures beside cuts belong to their own clip", measured)


def _is_shot_boundary(pictures: Sequence[FrameStats], n: int) -> bool:
    """Whether the whole source picture is unlike the one before."""
    picture = pictures[n]
    if picture.source_likeness >= _CHANGE_LIKENESS or picture.source_change < _CHANGE_LEVELS:
        return False
    usual = min((pictures[k].source_change for k in (n - 1, n + 1) if 0 < k < len(pictures)), default=0.0)
    return picture.source_change >= _CHANGE_PROMINENCE * max(usual, _MIN_USUAL_LEVELS)


def _is_hard_change(pictures: Sequence[FrameStats], n: int, step: float, likeness: float, expected: bool) -> bool:
    """Whether the picture is unlike the one before, while its neighbours change much less."""
    if likeness >= _CHANGE_LIKENESS or step < _CHANGE_LEVELS:
        return False
    if not np.isfinite(step):
        return True
    around = [
        pictures[k].expected_change if expected else pictures[k].change for k in (n - 1, n + 1) if 0 < k < len(pictures)
    ]
    usual = min((v for v in around if np.isfinite(v)), default=0.0)
    return step >= _CHANGE_PROMINENCE * max(usual, _MIN_USUAL_LEVELS)
