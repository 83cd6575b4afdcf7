"""Clips that last longer than their media: what is missing at an end is a freeze frame of the nearest picture."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.ingest.cuts.usage import LinkedClip, clock_start, is_still
from panscan.model.time import round_half_up
from panscan.timeline.editorial import Note
from panscan.timeline.layout import PlacedClip
from panscan.timeline.retiming import first_on_grid, picture_number

RationalTime, TimeRange = otio.opentime.RationalTime, otio.opentime.TimeRange


def hold_ends(item: LinkedClip, rate: Fraction, *, in_media_time: bool) -> Note | None:
    """Put freeze frames in the place of what a clip shows outside its media, in place; None where there is no need.

    A clip of which no frame lies in its media is left as it is.

    Parameters
    ----------
    item : LinkedClip
    rate : Fraction
        Frames of the cut per second.
    in_media_time : bool
        The length of a retimed clip's range is media time.
    """
    placed, media = item.placed, item.media
    track, count = placed.clip.parent(), round_half_up((placed.end_s - placed.start_s) * rate)
    if is_still(media) or placed.is_ramped or placed.speed == 0 or track.schema_name() != "Track" or not count:
        return None
    first, end = _frames_inside(item, rate, count)
    if first >= end or (first == 0 and end == count):
        return None
    whole = _Whole(placed, clock_start(placed.clip, media, rate)[0], rate, in_media_time)
    last_picture = media.frame_count - 1
    backwards = placed.speed < 0
    parts = [
        whole.frozen((last_picture if backwards else 0) / media.video.rate, first),
        whole.part(first, end),
        whole.frozen((0 if backwards else last_picture) / media.video.rate, count - end),
    ]
    at = track.index(placed.clip)
    track[at : at + 1] = [part for part in parts if part is not None]
    held = count - (end - first)
    why = f"It lasts {held} frame{'s' if held > 1 else ''} longer than its media: the nearest picture is held."
    return Note(f"clip {placed.clip.name!r}", why, is_fault=True)


def _frames_inside(item: LinkedClip, rate: Fraction, count: int) -> tuple[int, int]:
    """The frames [first, end) of a clip, counted from its start in the record, whose pictures the media has."""
    placed, media = item.placed, item.media
    clock_s, _ = clock_start(placed.clip, media, rate)
    start = (placed.media_at(placed.start_s) - clock_s) * rate
    pictures_per_frame = media.video.rate / rate
    is_retimed = placed.speed != 1
    if not is_retimed:
        start = Fraction(round_half_up(start) if pictures_per_frame == 1 else first_on_grid(start))
    # Rounding to the grid of the cut may show the last picture of media of another rate for a frame too long.
    missing = media.frame_count + (pictures_per_frame != 1)

    def shown(frame: int) -> int:
        return picture_number(start + frame * placed.speed, pictures_per_frame, is_retimed=is_retimed)

    if placed.speed > 0:
        return bisect_left(range(count), 0, key=shown), bisect_left(range(count), missing, key=shown)
    return (
        bisect_left(range(count), 1 - missing, key=lambda frame: -shown(frame)),
        bisect_left(range(count), 1, key=lambda frame: -shown(frame)),
    )


class _Whole:
    """A clip of which parts are made."""

    def __init__(self, placed: PlacedClip, clock_s: Fraction, rate: Fraction, in_media_time: bool) -> None:
        self._placed, self._clock_s, self._rate = placed, clock_s, rate
        self._in_media_time = in_media_time
        self._own_rate = Fraction(placed.clip.trimmed_range().start_time.rate)

    def part(self, first: int, end: int) -> Any:
        """The clip from one of its frames to another."""
        clip, speed = self._placed.clip.deepcopy(), self._placed.speed
        start_s = self._placed.media_at(self._placed.start_s + first / self._rate)
        count = Fraction(end - first)
        if self._in_media_time and speed != 1:
            count *= abs(speed)
            start_s -= max((count - 1) / self._rate, Fraction(0)) if speed < 0 else 0
        clip.source_range = self._range(start_s, count)
        return clip

    def frozen(self, media_s: Fraction, count: int) -> Any:
        """A freeze frame of the picture at a time of the media; None where it lasts no time."""
        if not count:
            return None
        clip = self._placed.clip.deepcopy()
        clip.source_range = self._range(self._clock_s + media_s, Fraction(count))
        clip.effects[:] = [effect for effect in clip.effects if not isinstance(effect, otio.schema.TimeEffect)]
        clip.effects.append(otio.schema.FreezeFrame())
        del clip.markers[:]
        return clip

    def _range(self, start_s: Fraction, count: Fraction) -> Any:
        start = RationalTime(float(start_s * self._own_rate), float(self._own_rate))
        return TimeRange(start, RationalTime(float(count), float(self._rate)))
