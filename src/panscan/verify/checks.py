"""Every check on a rendered movie, and the function that makes them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from panscan.document.timeline import Cut, read_cut
from panscan.verify.expectation import Expectation
from panscan.verify.provenance import Observation, observe
from panscan.verify.reading import Tags, luma, picture_stream, tags_of
from panscan.verify.report import Finding, Grade, Report
from panscan.verify.soundcheck import check_sound

_PASS_RATE, _FLAG_RATE = 0.90, 0.70
_EVEN_SAMPLES = 24
_BORDER_SAMPLES = 36
# Matroska counts in milliseconds.
_TICK_SLACK_S = Fraction(1, 1000)
_UNKNOWN = 2


@dataclass(slots=True)
class Decoded:
    """What one full decode of the output gave."""

    tags: Tags | None = None
    time_s: list[Fraction] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    error: str = ""


def verify(output: Path, timeline: Any, *, folder: Path, progress: Callable[[int, int], None] | None = None) -> Report:
    """Judge a rendered movie by the timeline it was made from and by the sources.

    Parameters
    ----------
    output : Path
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.
    progress : callable, optional
        Called with pictures looked at and in total.

    Raises
    ------
    InputError
        A source is missing or broken, or the timeline carries no camera: then nothing can be said.
    """
    cut = read_cut(timeline, folder=folder)
    expectation = Expectation(cut)
    try:
        decoded = _decode(output, expectation, progress)
        findings = [_playable(decoded, output)]
        if decoded.tags is not None:
            findings += [
                _canvas(decoded.tags, cut),
                _frame_count(decoded, expectation),
                _duration(decoded, expectation),
                _timestamps(decoded, expectation),
                check_sound(output, expectation, decoded.time_s[0]),
                _colour(decoded.tags, expectation),
                _position(decoded.observations),
                _moment(decoded.observations),
                _cuts(decoded.observations, expectation),
            ]
    finally:
        expectation.close()
    return Report(output, tuple(findings))


def sample_numbers(expectation: Expectation) -> set[int]:
    """The output pictures to compare: first and last of each clip, and some spread evenly."""
    shown = expectation.shown
    borders = {0, len(shown) - 1}
    for n, (a, b) in enumerate(pairwise(shown)):
        if (a.clip if a else None) != (b.clip if b else None):
            borders |= {n, n + 1}
    ordered = sorted(borders)
    if len(ordered) > _BORDER_SAMPLES:
        ordered = [ordered[n] for n in np.linspace(0, len(ordered) - 1, _BORDER_SAMPLES).round().astype(int)]
    even = np.linspace(0, len(shown) - 1, _EVEN_SAMPLES + 2).round().astype(int)
    return {*ordered, *(int(n) for n in even)}


def _decode(output: Path, expectation: Expectation, progress: Callable[[int, int], None] | None) -> Decoded:
    """Decode everything, sound too; compare the sampled pictures on the way."""
    result = Decoded()
    wanted = sample_numbers(expectation)
    total = len(expectation.shown)
    try:
        with av.open(str(output)) as container:
            stream = picture_stream(container)
            if stream is None:
                result.error = "it has no picture"
                return result
            stream.thread_type = "AUTO"
            for frame in container.decode(stream, *container.streams.audio):
                if not isinstance(frame, av.VideoFrame):
                    continue
                number = len(result.time_s)
                if result.tags is None:
                    result.tags = tags_of(frame, stream)
                if frame.is_corrupt:
                    result.error = f"picture {number} is damaged"
                ticks = frame.pts if frame.pts is not None else frame.dts or 0
                result.time_s.append(ticks * Fraction(frame.time_base or stream.time_base))
                if number in wanted and number < total:
                    result.observations += observe(luma(frame), number, expectation)
                if progress:
                    progress(number + 1, max(total, number + 1))
    except (av.error.FFmpegError, OSError) as error:
        result.error = str(getattr(error, "strerror", None) or error)
    return result


def _playable(decoded: Decoded, output: Path) -> Finding:
    measured = {"pictures": len(decoded.time_s)}
    if decoded.error:
        return Finding("playable", "fail", f"decoding stops: {decoded.error}", measured)
    if decoded.tags is None:
        return Finding("playable", "fail", f"{output.name} gives no picture", measured)
    return Finding("playable", "pass", "picture and sound decode to the end", measured)


def _canvas(tags: Tags, cut: Cut) -> Finding:
    measured = {
        "width_px": tags.width,
        "height_px": tags.height,
        "pixel_aspect": str(tags.pixel_aspect),
        "rotation_deg": tags.rotation_deg,
    }
    is_right = (tags.width, tags.height) == (cut.canvas.width, cut.canvas.height)
    if is_right and tags.pixel_aspect == 1 and tags.rotation_deg == 0:
        return Finding("canvas", "pass", f"{cut.canvas}, square pixels, upright", measured)
    what = f"{tags.width}x{tags.height}, pixel aspect {tags.pixel_aspect}, turned {tags.rotation_deg} degrees"
    return Finding("canvas", "fail", f"{what}; wanted {cut.canvas}, square and upright", measured)


def _frame_count(decoded: Decoded, expectation: Expectation) -> Finding:
    found, wanted = len(decoded.time_s), len(expectation.shown)
    measured = {"found": found, "expected": wanted}
    if found == wanted:
        return Finding("frame_count", "pass", f"{found} pictures", measured)
    return Finding("frame_count", "fail", f"{found} pictures instead of {wanted}", measured)


def _duration(decoded: Decoded, expectation: Expectation) -> Finding:
    """The span from the first to the last picture: durations of last pictures are not reliable in any container."""
    found = decoded.time_s[-1] - decoded.time_s[0]
    wanted = expectation.time_s[-1] - expectation.time_s[0]
    measured = {"found_s": found, "expected_s": wanted}
    grade: Grade = "pass" if abs(found - wanted) < 1 / expectation.cut.rate else "fail"
    what = f"{float(found):.3f} s from first to last picture"
    return Finding("duration", grade, what if grade == "pass" else f"{what} instead of {float(wanted):.3f} s", measured)


def _timestamps(decoded: Decoded, expectation: Expectation) -> Finding:
    times = decoded.time_s
    if any(b <= a for a, b in pairwise(times)):
        at = next(n for n, (a, b) in enumerate(pairwise(times)) if b <= a)
        return Finding("timestamps", "fail", f"time does not advance at picture {at + 1}", {"picture": at + 1})
    # A container may move all streams together; whether sound and picture still fit is checked with the sound.
    shift = times[0] - expectation.time_s[0]
    errors = [abs(a - b - shift) for a, b in zip(times, expectation.time_s, strict=False)]
    measured = {"largest_error_s": max(errors), "shift_s": shift}
    if max(errors) > _TICK_SLACK_S:
        at = errors.index(max(errors))
        what = f"picture {at} is {float(max(errors)) * 1000:.1f} ms off its time"
        return Finding("timestamps", "fail", what, measured)
    same = "equal to the source's" if expectation.cut.is_whole else "on the timeline's grid"
    return Finding("timestamps", "pass", f"strictly rising, {same}", measured)


def _colour(tags: Tags, expectation: Expectation) -> Finding:
    source = expectation.sources[expectation.cut.clips[0].path].tags
    names = ("primaries", "transfer", "matrix", "range")
    found = {name: getattr(tags, name) for name in names}
    wanted = {name: getattr(source, name) for name in names}
    measured = {"found": found, "expected": wanted}
    # RGB has no matrix of its own, and what the source leaves unsaid may be said.
    ignored = {"matrix", "range"} if source.is_rgb else set()
    wrong = [n for n in names if n not in ignored and not _same_tag(n, found[n], wanted[n])]
    if wrong:
        return Finding("colour", "fail", f"colour tags differ from the source: {', '.join(wrong)}", measured)
    return Finding("colour", "pass", "colour tags as in the source", measured)


def _same_tag(name: str, found: int, wanted: int) -> bool:
    if name == "range":
        # Unsaid means limited for YUV.
        return (found == 2) == (wanted == 2)
    return found == wanted or wanted == _UNKNOWN


def _grade(rate: float) -> Grade:
    return "pass" if rate >= _PASS_RATE else "flag" if rate >= _FLAG_RATE else "fail"


def _position(observations: Sequence[Observation]) -> Finding:
    """Whether the pixels come from the expected crop."""
    telling = [o for o in observations if o.matches is not None]
    measured: dict[str, Any] = {"compared": len(observations), "with_evidence": len(telling)}
    if not telling:
        return Finding("position", "flag", "no evidence: the pictures are too flat to tell positions", measured)
    matched = [o for o in telling if o.matches]
    rate = len(matched) / len(telling)
    offsets = np.array([o.offset_px for o in telling if o.offset_px is not None])
    measured["match_rate"] = rate
    if len(offsets):
        measured["offset_px"] = {
            "mean_x": float(offsets[:, 0].mean()),
            "mean_y": float(offsets[:, 1].mean()),
            "rms": float(np.sqrt((offsets**2).sum(axis=1).mean())),
        }
    lost = _lost_clips(telling)
    if lost:
        measured["lost_clips"] = lost
    measured["misses"] = [_described(o) for o in telling if not o.matches][:10]
    grade: Grade = "fail" if lost else _grade(rate)
    what = f"{len(matched)} of {len(telling)} compared cells show the expected crop"
    if lost:
        what += f"; none of clip {', '.join(str(n + 1) for n in lost)} does"
    return Finding("position", grade, what, measured)


def _lost_clips(telling: Sequence[Observation]) -> list[int]:
    """Clips that never match: in a long cut a wrong clip would drown in the overall rate."""
    by_clip: dict[int, list[bool]] = {}
    for o in telling:
        by_clip.setdefault(o.clip, []).append(bool(o.matches))
    return [clip for clip, hits in by_clip.items() if len(hits) >= 2 and not any(hits)]


def _described(o: Observation) -> dict[str, Any]:
    return {
        "picture": o.number,
        "clip": o.clip + 1,
        "better": list(o.better),
        "offset_px": list(o.offset_px) if o.offset_px else None,
        "likeness": o.likeness,
    }


def _moment(observations: Sequence[Observation]) -> Finding:
    """Whether each picture is the right frame of the source."""
    telling = [o for o in observations if o.moment is not None]
    measured: dict[str, Any] = {"with_evidence": len(telling)}
    if not telling:
        what = "no evidence: neighbouring source pictures look the same, so no frame could be out of place visibly"
        return Finding("moment", "pass", what, measured)
    right = sum(bool(o.moment) for o in telling)
    rate = right / len(telling)
    measured["match_rate"] = rate
    measured["misses"] = [_described(o) for o in telling if not o.moment][:10]
    return Finding("moment", _grade(rate), f"{right} of {len(telling)} compared cells show the right frame", measured)


def _cuts(observations: Sequence[Observation], expectation: Expectation) -> Finding:
    """Whether the pictures on both sides of each clip border belong to their own clip."""
    borders = {
        number
        for n, (a, b) in enumerate(pairwise(expectation.shown))
        if a is not None and b is not None and a.clip != b.clip
        for number in (n, n + 1)
    }
    if not borders:
        return Finding("cuts", "pass", "one clip, no cut", {"borders": 0})
    telling = [o for o in observations if o.number in borders and o.matches is not None]
    wrong = [o for o in telling if not o.matches or o.moment is False]
    measured = {"borders": len(borders) // 2, "compared": len(telling), "misses": [_described(o) for o in wrong][:10]}
    if not telling:
        return Finding("cuts", "flag", "no evidence: the pictures at the cuts are too flat", measured)
    if not wrong:
        return Finding("cuts", "pass", f"{len(telling)} pictures beside cuts belong to their own clip", measured)
    grade: Grade = "flag" if len(wrong) <= len(telling) * (1 - _PASS_RATE) else "fail"
    return Finding("cuts", grade, f"{len(wrong)} of {len(telling)} pictures beside cuts are not their clip's", measured)
