"""Times, rates, assets, markers and unmapped metadata of FCPXML as OTIO values."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import opentimelineio as otio
from lxml import etree

from panscan.model.time import snap_rate

NAMESPACE = "fcpxml"
_CLIPS = frozenset(("audio", "video", "clip", "title", "mc-clip", "ref-clip", "sync-clip", "asset-clip"))
STORY = _CLIPS | {"audition", "caption", "gap", "spine", "transition"}
MARKERS = frozenset(("marker", "chapter-marker", "rating", "keyword", "analysis-marker"))
KEPT_AS_WRITTEN = ("caption", "rating", "keyword", "analysis-marker")
CONTENT = STORY - {"caption", "transition"}
_TIME = re.compile(r"\s*(-?\d{1,30})(?:/(\d{1,20}))?s\s*")
_NAMED_RATE = re.compile(r"[ip](\d{2,4})$")
_NTSC = {"2398": Fraction(24000, 1001), "2997": Fraction(30000, 1001), "5994": Fraction(60000, 1001)}
_MAX_SECONDS = 10**8  # three years: beyond any timecode
# A backward clip starts this many parts of a picture before its end at most: as fine as boundaries are compared.
_MAX_PICTURE_STEPS = 50
# Further apart than film and PAL, Final Cut keeps the speed and leaves out or repeats frames.
_MAX_CONFORM_CHANGE = Fraction(5, 100)
_FRAME_DURATIONS_S = (Fraction(1, 1000), 10)  # shortest and longest that a movie's format has; stills name others


def time_attribute(element: etree._Element, name: str, default: Fraction | None = None) -> Fraction:
    """A time attribute such as "1001/30000s", exactly.

    Raises
    ------
    ValueError
        It is missing without a default, or is no time of this form.
    """
    text = element.get(name)
    if text is None:
        if default is None:
            raise ValueError(f"<{element.tag}> {element.get('name', '')!r} has no {name}")
        return default
    match = _TIME.fullmatch(text)
    if not match or (match[2] is not None and int(match[2]) == 0):
        raise ValueError(f"<{element.tag}> has {name}={text!r}, which is no time such as 1001/30000s")
    value = Fraction(int(match[1]), int(match[2] or 1))
    if abs(value) > _MAX_SECONDS:
        raise ValueError(f"<{element.tag}> has {name}={text!r}, which is years long")
    return value


def format_rate(form: etree._Element | None) -> Fraction | None:
    """Frames per second of a format, from its frame duration or else its name; None for stills and unknown ones.

    Raises
    ------
    ValueError
        The frame duration is no time.
    """
    if form is None:
        return None
    if form.get("frameDuration"):
        duration = time_attribute(form, "frameDuration")
        return snap_rate(1 / duration) if _FRAME_DURATIONS_S[0] <= duration <= _FRAME_DURATIONS_S[1] else None
    named = _NAMED_RATE.search(form.get("name", ""))
    return _NTSC.get(named[1], Fraction(named[1])) if named and int(named[1]) else None


def rational_time(value_s: Fraction, rate: Fraction) -> Any:
    """Seconds as an OTIO time at a rate."""
    return otio.opentime.RationalTime(float(value_s * rate), float(rate))


def time_range(start_s: Fraction, length_s: Fraction, rate: Fraction) -> Any:
    """Seconds as an OTIO time range at a rate."""
    return otio.opentime.TimeRange(rational_time(start_s, rate), rational_time(length_s, rate))


def asset_url(asset: etree._Element) -> str:
    """The URL of an asset's media: its src (up to FCPXML 1.8) or that of its original media-rep (from 1.9)."""
    reps = asset.findall("media-rep")
    reps.sort(key=lambda rep: rep.get("kind", "original-media") != "original-media")
    return str(asset.get("src") or next((rep.get("src") for rep in reps if rep.get("src")), ""))


def unmapped_metadata(element: etree._Element, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What OTIO has no field for: the element's attributes, its note, and the XML of its settings and filters."""
    kept: dict[str, Any] = {"element": str(element.tag), "attributes": {str(k): str(v) for k, v in element.items()}}
    raw = []
    for child in element:
        if child.tag == "note":
            kept["note"] = child.text or ""
        elif child.tag not in STORY | MARKERS | without or child.tag in KEPT_AS_WRITTEN:
            raw.append(etree.tostring(child, encoding="unicode", with_tail=False).strip())
    if raw:
        kept["elements"] = raw
    return {NAMESPACE: kept}


def markers(element: etree._Element, shift_s: Fraction, rate: Fraction, timing: TimeMap | None = None) -> list[Any]:
    """The markers of an element, `shift_s` later than in the file, on the clock of its source_range.

    The file places them in the element's local time; `timing` maps that to the clock.
    """
    found = []
    for child in element:
        if child.tag not in ("marker", "chapter-marker"):
            continue
        local_s = time_attribute(child, "start", Fraction(0))
        start = (local_s if timing is None else timing.source_time_of_marker(local_s)) + shift_s
        todo = child.get("completed")
        colour = {None: "PURPLE", "0": "RED", "1": "GREEN"}.get(todo, "PURPLE")
        found.append(
            otio.schema.Marker(
                name=child.get("value", ""),
                marked_range=time_range(start, time_attribute(child, "duration", Fraction(0)), rate),
                color="ORANGE" if child.tag == "chapter-marker" else colour,
                metadata=unmapped_metadata(child),
            )
        )
    return found


class TimeMap:
    """The timeMap and conform-rate of an element: which source time the clip shows at which local time.

    As Final Cut's own exports count it, `start` and the markers of a conformed clip are source time; only what lies
    between its start and a later time runs at the speed of the sequence.
    """

    def __init__(self, element: etree._Element, sequence_rate: Fraction, start_s: Fraction) -> None:
        self._start_s = start_s
        found = element.find("timeMap")
        points = [] if found is None else [self._point(p) for p in found.findall("timept")]
        self.points: Sequence[tuple[Fraction, Fraction]] = sorted(points)
        self.scale = _conform(element.find("conform-rate"), sequence_rate)

    @staticmethod
    def _point(element: etree._Element) -> tuple[Fraction, Fraction]:
        return time_attribute(element, "time"), time_attribute(element, "value")

    @property
    def is_retimed(self) -> bool:
        """Whether the clip is retimed: local time and source time differ."""
        return len(self.points) > 1 or self.scale != 1

    def source_time_at(self, local_s: Fraction) -> Fraction:
        """The source time shown at a local time; the first and last segments go on beyond their ends."""
        if len(self.points) < 2:
            return self._start_s + (local_s - self._start_s) * self.scale
        (t0, v0), (t1, v1) = self._segment(local_s)
        return v0 + (local_s - t0) * (v1 - v0) / (t1 - t0)

    def source_time_of_marker(self, marked_s: Fraction) -> Fraction:
        """The source time of a marker: conformed clips count it already, retimed clips count local time."""
        return marked_s if len(self.points) < 2 else self.source_time_at(marked_s)

    def begins_at(self, local_s: Fraction, length_s: Fraction, rate: Fraction, media_rate: Fraction) -> Fraction:
        """Source time of the first picture that local times [local_s, local_s + length_s) show.

        Backwards, local time begins where that picture ends, so a slightly earlier time is the picture's. A freeze
        frame may be given by any time inside its picture.

        Parameters
        ----------
        local_s, length_s : Fraction
        rate : Fraction
            Frames of the sequence per second.
        media_rate : Fraction
            Frames of the media per second.
        """
        source_s = self.source_time_at(local_s)
        speed = (self.source_time_at(local_s + length_s) - source_s) / length_s if length_s else Fraction(1)
        pictures = source_s * media_rate
        if not self.is_retimed or speed > 0:
            return source_s
        if speed == 0:
            return math.floor(pictures) / media_rate
        steps = math.lcm(pictures.denominator, (speed * media_rate / rate).denominator)
        return (pictures - Fraction(1, min(steps, _MAX_PICTURE_STEPS))) / media_rate

    def time_effects(self, local_s: Fraction, length_s: Fraction) -> list[Any]:
        """The OTIO time effect for local times [local_s, local_s + length_s): none, one speed, or a ramp."""
        if not self.is_retimed:
            return []
        inner = [t for t, _ in self.points if local_s < t < local_s + length_s]
        edges = [local_s, *inner, local_s + length_s]
        slopes = {(self.source_time_at(b) - self.source_time_at(a)) / (b - a) for a, b in pairwise(edges) if b > a}
        if len(slopes) == 1:
            speed = slopes.pop()
            if speed == 0:
                return [otio.schema.FreezeFrame()]
            return [] if speed == 1 else [otio.schema.LinearTimeWarp(time_scalar=float(speed))]
        listed = [[float(t), float(self.source_time_at(t))] for t in edges]
        return [otio.schema.TimeEffect(name="", effect_name="timeMap", metadata={NAMESPACE: {"points_s": listed}})]

    def _segment(self, local_s: Fraction) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
        distinct = [p for n, p in enumerate(self.points) if n == 0 or p[0] > self.points[n - 1][0]]
        if len(distinct) < 2:
            (t, v) = distinct[0]
            return (t, v), (t + 1, v + 1)
        for a, b in pairwise(distinct):
            if local_s < b[0]:
                return a, b
        return distinct[-2], distinct[-1]


def _conform(element: etree._Element | None, rate: Fraction) -> Fraction:
    """Media seconds per second: media whose rate is a little off the sequence's is played frame by frame."""
    if element is None or element.get("scaleEnabled", "1") == "0" or not element.get("srcFrameRate"):
        return Fraction(1)
    try:
        source = snap_rate(float(element.get("srcFrameRate", "")))
    except (ValueError, OverflowError):
        return Fraction(1)
    return rate / source if abs(rate / source - 1) < _MAX_CONFORM_CHANGE else Fraction(1)


def active_alternative(element: etree._Element) -> etree._Element:
    """The element itself; of an audition, its first and active alternative, in the audition's place."""
    if element.tag != "audition":
        return element
    chosen = next((c for c in element if c.tag in CONTENT and c.tag != "audition"), None)
    if chosen is None:
        raise ValueError("an audition holds no clip")
    return chosen


def active_angles(
    multicam: etree._Element, element: etree._Element
) -> tuple[etree._Element | None, list[etree._Element]]:
    """The angle whose picture a multicam clip shows, and the angles that are heard."""
    angles = {a.get("angleID"): a for a in multicam.findall("mc-angle")}
    enabled = [(s.get("angleID"), s.get("srcEnable", "all")) for s in element.findall("mc-source")]
    if not enabled:
        first = next(iter(angles.values()), None)
        return first, [] if first is None else [first]
    shown = [angles[name] for name, what in enabled if what in ("all", "video") and name in angles]
    heard = [angles[name] for name, what in enabled if what in ("all", "audio") and name in angles]
    return (shown[0] if shown else None), heard


def lane_of(element: etree._Element) -> int:
    """The lane in which an element lies: 0 inside its parent, above or below it otherwise.

    Raises
    ------
    ValueError
        It is no whole number.
    """
    text = element.get("lane", "0")
    if not re.fullmatch(r"-?\d{1,6}", text):
        raise ValueError(f"<{element.tag}> lies in lane {text!r}")
    return int(text)
