"""CMX3600 EDLs, read by the OTIO adapter, with what the adapter loses added again.

Added: the record timecode of the first event, drop-frame counting if only the FCM line says so, speed changes whose
source and record are equally long (backwards at full speed), and the positions of locators, which count record frames.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import UsageError
from panscan.ingest.cuts.files import read_bytes, unreadable
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES, nominal_rate
from panscan.timeline.editorial import Note
from panscan.timeline.transitions import is_transition

_NTSC_30 = Fraction(30000, 1001)
_TIMECODE = re.compile(r"\b(\d{1,2}):(\d{2}):(\d{2})([:;.])(\d{2,3})\b")
_EVENT = re.compile(r"^\d+\s")
_MOTION = re.compile(r"^M2\s+(?:(?P<reel>\S.*?)\s+)?(?P<fps>[-+]?\d+(?:\.\d+)?)\s+(?P<at>\d[\d:;.]*)\s*$")
_MAX_LINES = 500_000  # a hundred features; a longer file is no EDL
_ENCODING_SAMPLE_BYTES = 4096  # enough to see the zero bytes of UTF-16
_USUAL_RATES_HZ = (24, 25, 30, 50, 60, 120)  # as timecode counts them


@dataclass(frozen=True, slots=True)
class EdlText:
    """The text of an EDL and what it says about its rate.

    Attributes
    ----------
    path : Path
    text : str
    is_drop_frame : bool
        Its timecodes count drop frame.
    min_rate : int
        The highest frame number found, plus one: frames per second that its rate has at least.
    """

    path: Path
    text: str
    is_drop_frame: bool
    min_rate: int

    def guess_rate(self, media_rate: Fraction | None = None) -> Fraction:
        """The rate of its first media if the timecodes allow it, else the lowest usual rate that they allow."""
        if self.is_drop_frame:
            return Fraction(60000, 1001) if self.min_rate > 30 else _NTSC_30
        if media_rate is not None and nominal_rate(media_rate) >= self.min_rate:
            return media_rate
        return next((Fraction(r) for r in _USUAL_RATES_HZ if r >= self.min_rate), Fraction(_USUAL_RATES_HZ[-1]))


def read_edl(path: Path) -> EdlText:
    """Read the text of an EDL.

    Raises
    ------
    InputError
        The file holds no event.
    """
    raw = read_bytes(path)
    encoding = "utf-16" if b"\0" in raw[:_ENCODING_SAMPLE_BYTES] else "utf-8-sig"
    text = raw.decode(encoding, errors="replace")
    lines = text.splitlines()
    if len(lines) > _MAX_LINES or not any(_EVENT.match(line.strip()) for line in lines):
        raise unreadable(path, "It holds no EDL event (or far too many lines)", "Export it as a CMX3600 EDL.")
    stamps = [match for line in lines if _EVENT.match(line.strip()) for match in _TIMECODE.finditer(line)]
    is_drop = any(re.match(r"\s*FCM:\s*DROP", line) for line in lines) or any(m[4] != ":" for m in stamps)
    return EdlText(path, text, is_drop, 1 + max((int(m[5]) for m in stamps), default=0))


def parse_edl(edl: EdlText, rate: Fraction) -> tuple[Any, list[Note]]:
    """The EDL as a timeline at a rate.

    Raises
    ------
    UsageError
        Timecodes of the EDL do not exist at this rate.
    InputError
        The EDL breaks the format.
    """
    if edl.min_rate > nominal_rate(rate):
        raise UsageError(
            f"{edl.path} cannot have {float(rate):g} frames per second",
            why=f"It counts frames up to {edl.min_rate - 1} in a second.",
            fix=f"Give --rate with at least {edl.min_rate}, the frame rate of the edit.",
        )
    drops = edl.is_drop_frame and rate.denominator == 1001 and nominal_rate(rate) % 30 == 0
    text = "\n".join(_with_separators(edl.text.splitlines(), ";" if drops else ":"))
    notes: list[Note] = []
    timeline: Any = None
    for lenient in (False, True):
        try:
            timeline = otio.adapters.read_from_string(
                text, "cmx_3600", rate=float(rate), ignore_timecode_mismatch=lenient
            )
            if lenient:
                notes.append(
                    Note("the EDL", "Source and record lengths of some events differ; the source lengths were used.")
                )
            break
        except Exception as error:  # the adapter raises its own and unrelated types
            if lenient:
                raise unreadable(edl.path, str(error), "Export it again as a plain CMX3600 EDL.") from error
    # The adapter writes the record time at which a track begins into its source range, negative, unless it is zero.
    tracks = [track for track in timeline.tracks if len(track)]
    starts = [0.0 if t.source_range is None else max(0.0, -t.source_range.start_time.value) for t in tracks]
    first = min(starts, default=0.0)
    for track, own in zip(tracks, starts, strict=True):
        track.source_range = None
        if own > first:
            track.insert(0, otio.schema.Gap(source_range=_range(0, own - first, rate)))
    timeline.global_start_time = otio.opentime.RationalTime(first, float(rate))
    _set_speeds(timeline, text, rate)
    _move_locators_to_media(timeline, rate)
    return timeline, notes


def media_names_of(clip: Any) -> list[str]:
    """Names that the media file of an EDL clip may have, the most certain first."""
    metadata = clip.metadata.get("cmx_3600")
    comments = list(metadata.get("comments", [])) if metadata is not None else []
    names = [str(c).split(":", 1)[1].strip() for c in comments if str(c).upper().startswith("SOURCE FILE:")]
    reel = str(metadata.get("reel", "")) if metadata is not None else ""
    return [n for n in (*names, clip.name, reel) if n]


def _with_separators(lines: list[str], before_frames: str) -> Iterator[str]:
    for line in lines:
        is_motion = line.lstrip().startswith("M2")
        if _EVENT.match(line.strip()) or is_motion or "LOC:" in line:
            sign = ":" if is_motion else before_frames  # the adapter reads no other in M2 lines
            yield _TIMECODE.sub(lambda m: f"{m[1]:0>2}:{m[2]}:{m[3]}{sign}{m[5]}", line)  # noqa: B023
        else:
            yield line


def _set_speeds(timeline: Any, text: str, rate: Fraction) -> None:
    """Set the speed of clips that have an M2 line (the adapter drops some), and the first frame of reversed clips."""
    speeds: dict[tuple[int, int], Fraction] = {}
    event: tuple[int, int] | None = None
    ratio = 0.0
    for line in text.splitlines():
        fields = line.split()
        if _EVENT.match(line.strip()) and len(fields) in (8, 9):
            try:
                stamps = [round(otio.opentime.from_timecode(f, float(rate)).value) for f in fields[-4:]]
            except ValueError:
                event = None
                continue
            event = (stamps[0], stamps[2])
            ratio = (stamps[1] - stamps[0]) / max(1, stamps[3] - stamps[2])
        elif event is not None and (motion := _MOTION.match(line.strip())):
            # Some writers count 30 for normal speed at 29.97 fps, others 29.97: the event's lengths tell.
            counted = [Fraction(motion["fps"]) / base for base in (rate, Fraction(nominal_rate(rate)))]
            speeds[event] = min(counted, key=lambda speed: abs(abs(float(speed)) - ratio))
    first = round(timeline.global_start_time.value)
    for track in timeline.tracks:
        record = first
        for child in track:
            if is_transition(child):
                continue
            length = round(child.source_range.duration.value)
            if isinstance(child, otio.schema.Clip):
                start = round(child.source_range.start_time.value)
                speed = speeds.get((start, record))
                warps = [e for e in child.effects if isinstance(e, otio.schema.LinearTimeWarp)]
                if speed is not None and speed != 1 and not warps:
                    child.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(speed)))
                elif speed is not None and speed and warps and not isinstance(warps[0], otio.schema.FreezeFrame):
                    warps[0].time_scalar = float(speed)
                if speed is not None and speed < 0:
                    # Events name the range forwards; what is shown first is its last frame.
                    last = start + max(0, round(length * -speed) - 1)
                    child.source_range = _range(last, length, rate)
            record += length


def _move_locators_to_media(timeline: Any, rate: Fraction) -> None:
    """Locators count record frames; OTIO's markers of a clip count media frames."""
    for track in timeline.tracks:
        record = timeline.global_start_time.value
        for child in track:
            if is_transition(child):
                continue
            used = child.source_range
            speed = next((e.time_scalar for e in child.effects if isinstance(e, otio.schema.LinearTimeWarp)), 1.0)
            for marker in child.markers:
                offset = marker.marked_range.start_time.value - record
                if 0 <= offset < used.duration.value:
                    at = used.start_time.value + math.floor(offset * speed + float(BOUNDARY_TOLERANCE_FRAMES))
                    marker.marked_range = _range(at, marker.marked_range.duration.value, rate)
            record += used.duration.value


def _range(start: float, count: float, rate: Fraction) -> Any:
    fps = float(rate)
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, fps), otio.opentime.RationalTime(count, fps))
