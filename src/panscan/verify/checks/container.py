"""Findings about the file itself: whether it plays, and has the right size, pictures, times and tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise

from panscan.model.framing import Framing
from panscan.timeline.cut import Cut
from panscan.verify.expectation import Expectation
from panscan.verify.picture_tags import FULL_RANGE, Tags
from panscan.verify.report import Finding, Grade

_TICK_SLACK_S = Fraction(1, 1000)  # Matroska counts in milliseconds
_START_SLACK_S = Fraction(1, 10)  # encoders' lead of sound, up to 80 ms with Opus, may move all streams
_UNSPECIFIED = 2  # ITU-T H.273
_MAX_LISTED = 10  # cells in the report


@dataclass(slots=True)
class DecodeResult:
    """What one full decode of the output found, beside its pictures.

    Attributes
    ----------
    tags : Tags, optional
        Of the first picture; None if there is no picture.
    time_s : list of Fraction
        When each picture is shown, on the file's clock.
    error : str
        Why decoding stopped; empty if it did not.
    interlaced_count : int
        Pictures that the decoder flags as made of two fields.
    """

    tags: Tags | None = None
    time_s: list[Fraction] = field(default_factory=list)
    error: str = ""
    interlaced_count: int = 0


def playable(decoded: DecodeResult, name: str) -> Finding:
    """Whether picture and sound decode to the end."""
    measured = {"pictures": len(decoded.time_s)}
    if decoded.error:
        return Finding("playable", "fail", f"decoding stops: {decoded.error}", measured)
    if decoded.tags is None:
        return Finding("playable", "fail", f"{name} gives no picture", measured)
    return Finding("playable", "pass", "picture and sound decode to the end", measured)


def canvas(tags: Tags, cut: Cut) -> Finding:
    """Whether the picture has the timeline's size, square pixels, stands upright, and its cells fit in."""
    measured = {
        "width_px": tags.width,
        "height_px": tags.height,
        "pixel_aspect": str(tags.pixel_aspect),
        "coded_pixel_aspect": str(tags.coded_aspect),
        "rotation_deg": tags.rotation_deg,
    }
    is_right = (tags.width, tags.height) == (cut.canvas.width, cut.canvas.height)
    # Some players go by the coded pictures, others by the container.
    aspect = next((a for a in (tags.pixel_aspect, tags.coded_aspect) if a != 1), Fraction(1))
    if not (is_right and aspect == 1 and tags.is_as_coded):
        what = f"{tags.width}x{tags.height}, pixel aspect {aspect}, turned {tags.rotation_deg} degrees"
        what += " and mirrored" if tags.is_mirrored else ""
        return Finding("canvas", "fail", f"{what}; wanted {cut.canvas}, square and upright", measured)
    if tags.width % 2 or tags.height % 2:
        return Finding("canvas", "fail", f"{cut.canvas} is odd: 4:2:0 players cannot show it whole", measured)
    wrong = [problem for problem in (cell_problem(clip.framing) for clip in cut.clips) if problem]
    if wrong:
        return Finding("canvas", "flag", f"{cut.canvas}, but {wrong[0]}", {**measured, "cells": wrong[:_MAX_LISTED]})
    return Finding("canvas", "pass", f"{cut.canvas}, square pixels, upright", measured)


def cell_problem(framing: Framing) -> str:
    """What is wrong with the cells of a framing; empty where nothing is."""
    for n, cell in enumerate(framing.cells, 1):
        right, bottom = cell.left_px + cell.size.width, cell.top_px + cell.size.height
        if min(cell.left_px, cell.top_px) < 0 or right > framing.canvas.width or bottom > framing.canvas.height:
            return f"cell {n} sticks out of the canvas"
        if any(value % 2 for value in (cell.left_px, cell.top_px, cell.size.width, cell.size.height)):
            return f"cell {n} ({cell.size} at {cell.left_px}, {cell.top_px}) has odd edges: colours bleed by a pixel"
    for a, b in combinations(framing.cells, 2):
        same_place = (a.left_px, a.top_px, a.size) == (b.left_px, b.top_px, b.size)
        if same_place:
            return "two cells lie in one place"
    return ""


def frame_count(decoded: DecodeResult, expectation: Expectation) -> Finding:
    """Whether there are as many pictures as the timeline shows."""
    found, wanted = len(decoded.time_s), len(expectation.pictures)
    measured = {"found": found, "expected": wanted}
    if found == wanted:
        return Finding("frame_count", "pass", f"{found} pictures", measured)
    return Finding("frame_count", "fail", f"{found} pictures instead of {wanted}", measured)


def duration(decoded: DecodeResult, expectation: Expectation) -> Finding:
    """Whether the time from first to last picture is right; no container stores the last one's length reliably."""
    found = decoded.time_s[-1] - decoded.time_s[0]
    wanted = expectation.time_s[-1] - expectation.time_s[0]
    measured = {"found_s": found, "expected_s": wanted}
    grade: Grade = "pass" if abs(found - wanted) < 1 / expectation.cut.rate else "fail"
    what = f"{float(found):.3f} s from first to last picture"
    return Finding("duration", grade, what if grade == "pass" else f"{what} instead of {float(wanted):.3f} s", measured)


def timestamps(decoded: DecodeResult, expectation: Expectation, late_s: Fraction = Fraction(0)) -> Finding:
    """Whether time advances, and each picture has its time; `late_s`: how long nothing is seen nor heard at first."""
    times: Sequence[Fraction] = decoded.time_s
    if any(b <= a for a, b in pairwise(times)):
        at = next(n for n, (a, b) in enumerate(pairwise(times)) if b <= a)
        return Finding("timestamps", "fail", f"time does not advance at picture {at + 1}", {"picture": at + 1})
    # A container may move all streams together; whether sound and picture still fit is checked with the sound.
    shift = times[0] - expectation.time_s[0]
    errors = [abs(a - b - shift) for a, b in zip(times, expectation.time_s, strict=False)]
    measured = {"largest_error_s": max(errors), "shift_s": shift, "late_s": late_s}
    if late_s > _START_SLACK_S:
        return Finding("timestamps", "fail", f"the movie begins {float(late_s):.2f} s late", measured)
    if max(errors) > _TICK_SLACK_S:
        at = errors.index(max(errors))
        what = f"picture {at} is {float(max(errors)) * 1000:.1f} ms off its time"
        return Finding("timestamps", "fail", what, measured)
    same = "equal to the source's" if expectation.keeps_clock else "on the timeline's grid"
    return Finding("timestamps", "pass", f"strictly rising, {same}", measured)


def colour(tags: Tags, expectation: Expectation) -> Finding:
    """Whether the colour tags are the source's."""
    source = expectation.sources[expectation.cut.clips[0].path].tags
    names = ("primaries", "transfer", "matrix", "range")
    found = {name: getattr(tags, name) for name in names}
    wanted = {name: getattr(source, name) for name in names}
    measured = {"found": found, "expected": wanted}
    # RGB has no matrix of its own, and what the source leaves unspecified may be specified.
    ignored = {"matrix", "range"} if source.is_rgb else set()
    wrong = [n for n in names if n not in ignored and not _same_tag(n, found[n], wanted[n])]
    if wrong:
        return Finding("colour", "fail", f"colour tags differ from the source: {', '.join(wrong)}", measured)
    return Finding("colour", "pass", "colour tags as in the source", measured)


def _same_tag(name: str, found: int, wanted: int) -> bool:
    if name == "range":
        # Unspecified means limited for YUV.
        return (found == FULL_RANGE) == (wanted == FULL_RANGE)
    return found == wanted or wanted == _UNSPECIFIED
