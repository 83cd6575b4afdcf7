"""The findings about whole clips: their tones, and whether they are turned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panscan.verify.checks.places import clips_words
from panscan.verify.expectation import Expectation
from panscan.verify.measure.tones import ToneSums
from panscan.verify.measure.turn import TurnSums
from panscan.verify.report import Finding
from panscan.verify.thresholds import STEPS_FLAG, TONE_FAIL, TONE_FLAG, TURN_FAIL_DEG, TURN_FLAG_DEG


def tones(found: Mapping[int, ToneSums], expectation: Expectation) -> Finding:
    """Whether each level of the source became the same level in the movie."""
    comparable = clips_of_one_range(expectation)
    curves = {clip: tone.change() for clip, tone in found.items() if clip in comparable}
    known = {clip: change for clip, change in curves.items() if change is not None}
    if not known:
        return Finding("tones", "pass", "no evidence: too few levels are seen", {"clips": 0})
    changes = {clip: change.levels for clip, change in known.items()}
    steps = {clip: change.steps_levels for clip, change in known.items()}
    measured: dict[str, Any] = {
        "clips": len(known),
        "largest_levels": max(changes.values()),
        "largest_steps_levels": max(steps.values()),
    }
    failed = [clip for clip, levels in changes.items() if levels > TONE_FAIL]
    changed = [clip for clip, levels in changes.items() if levels > TONE_FLAG]
    if changed:
        named = failed or changed
        what = f"levels differ by {max(changes[clip] for clip in named):.1f} in {clips_words(named, expectation)}"
        return Finding("tones", "fail" if failed else "flag", what, measured)
    stepped = [clip for clip, levels in steps.items() if levels > STEPS_FLAG]
    if stepped:
        what = f"levels are lumped together in {clips_words(stepped, expectation)}: smooth shades become bands"
        return Finding("tones", "flag", what, measured)
    return Finding("tones", "pass", "the levels of the source are the movie's", measured)


def clips_of_one_range(expectation: Expectation) -> set[int]:
    """The clips whose media have the range of levels that the first one's have, which the movie has for all."""
    tags = [expectation.sources[clip.path].tags for clip in expectation.cut.clips]
    return {n for n, one in enumerate(tags) if one.range == tags[0].range and not one.is_rgb}


def upright(found: Mapping[int, TurnSums], expectation: Expectation) -> Finding:
    """Whether the pictures of each clip are turned by a small angle."""
    degrees = {clip: turn.degrees() for clip, turn in found.items()}
    largest = max(degrees.values(), key=abs, default=0.0)
    measured = {"clips": len(degrees), "largest_degrees": largest}
    turned = [clip for clip, angle in degrees.items() if abs(angle) > TURN_FLAG_DEG]
    if not turned:
        return Finding("upright", "pass", "no clip is turned", measured)
    what = f"turned by {abs(largest):.1f} degrees: {clips_words(turned, expectation)}"
    return Finding("upright", "fail" if abs(largest) > TURN_FAIL_DEG else "flag", what, measured)
