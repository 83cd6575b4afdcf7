"""Where the clips of an editor's cut are visible in the record, and which media frames a part of the record shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from panscan.model.spans import Span, add_span, subtract
from panscan.model.time import EARLY_FRAMES, round_half_up
from panscan.timeline.editorial import EditorCut
from panscan.timeline.layout import PlacedClip, length_frames, video_clips
from panscan.timeline.otio_time import exact_rate, exact_seconds

MediaRange = tuple[int | None, int | None]  # frames [first, end) of the media's grid; None is an open end


@dataclass(frozen=True, slots=True, eq=False)
class RecordLayout:
    """A cut laid out in time.

    Attributes
    ----------
    cut : EditorCut
    rows : tuple of (int, Span)
        Number in `cut.clips` and record span in seconds of everything that is visible with a camera, in record order:
        the rows of the table that `panscan reframe` prints.
    frame_count : int
        Record frames of the whole cut.
    start_frame : int
        Timecode of record frame 0, in frames since midnight.
    """

    cut: EditorCut
    rows: tuple[tuple[int, Span], ...]
    frame_count: int
    start_frame: int
    _placed: tuple[PlacedClip, ...]

    @classmethod
    def of(cls, cut: EditorCut) -> RecordLayout:
        """Lay out a cut."""
        everything = list(video_clips(cut.timeline))
        by_number = {placed.number: placed for placed in everything}
        used = [by_number[clip.number] for clip in cut.clips]
        positions = {placed.number: n for n, placed in enumerate(used)}
        rows = tuple(
            (positions[placed.number], span) for placed, span in topmost_spans(used) if _has_frames(span, cut.rate)
        )
        return cls(cut, rows, length_frames(cut.timeline, cut.rate), _start_frames(cut), tuple(used))

    def clips_named(self, name: str) -> list[int]:
        """Numbers in `cut.clips` of all clips of this name."""
        return [n for n, used in enumerate(self.cut.clips) if used.clip.name.strip() == name]

    def clip_of_row(self, row: int) -> tuple[int, MediaRange]:
        """Number in `cut.clips` of a row (from 1), and what it shows of its media; open where the clip itself ends."""
        number, span = self.rows[row - 1]
        own = [s for n, s in self.rows if n == number]
        first_s, end_s = None if span == own[0] else span[0], None if span == own[-1] else span[1]
        return number, self._media_range(number, first_s, end_s) or (None, None)

    def row_at(self, frame: int) -> int | None:
        """The row (from 1) that is seen at a record frame; None where nothing with a camera is."""
        at_s = (frame + EARLY_FRAMES) / self.cut.rate
        return next((row for row, (_, (start, end)) in enumerate(self.rows, 1) if start <= at_s < end), None)

    def media_frame(self, number: int, frame: int) -> int:
        """The frame of its media's grid that a clip of `cut.clips` shows at a record frame; 0 of a still picture."""
        return 0 if self.cut.clips[number].is_still else self._media_frame(number, frame / self.cut.rate)

    def clips_in_frames(self, first: int | None, end: int | None) -> list[tuple[int, MediaRange]]:
        """The clips that lie in the record frames [first, end), each with the frames [first, end) of its media's grid.

        None is an open end, in the record as in the media. Where a clip ends inside the record's range, its media range
        is open, so that it includes the handles of transitions.
        """
        rate = self.cut.rate
        first_s, end_s = (None if frame is None else frame / rate for frame in (first, end))
        found = [(number, self._media_range(number, first_s, end_s)) for number in range(len(self.cut.clips))]
        return [(number, frames) for number, frames in found if frames is not None]

    def _media_range(self, number: int, first_s: Fraction | None, end_s: Fraction | None) -> MediaRange | None:
        """Frames of a clip's media that are visible between two record times; None if the clip does not lie there."""
        used, placed, frame_s = self.cut.clips[number], self._placed[number], 1 / self.cut.rate
        slack_s = frame_s / 2  # clips of other rates may begin between two frames
        low, high = placed.start_s if first_s is None else first_s, placed.end_s if end_s is None else end_s
        if low >= placed.end_s - slack_s or high <= placed.start_s + slack_s:
            return None
        from_start, to_end = low <= placed.start_s + slack_s, high >= placed.end_s - slack_s
        if used.is_still or used.is_ramped or placed.speed == 0:
            return (None, None) if from_start else None  # one camera, or nobody knows which frame is shown when
        if placed.speed > 0:
            begin = None if from_start else self._media_frame(number, low)
            return begin, None if to_end else max(self._media_frame(number, high), (begin or 0) + 1)
        begin = None if to_end else self._media_frame(number, high - frame_s)
        return begin, None if from_start else max(self._media_frame(number, low), begin or 0) + 1

    def _media_frame(self, number: int, record_s: Fraction) -> int:
        used, placed = self.cut.clips[number], self._placed[number]
        media = self.cut.media[used.media_path]
        clock_s = exact_seconds(used.clip.media_reference.available_range.start_time)
        media_s = placed.media_at(record_s) - clock_s + EARLY_FRAMES / self.cut.rate
        frame = math.floor(media_s * media.video.rate)
        return min(max(0, frame), media.frame_count - 1)


def topmost_spans(placed: Sequence[PlacedClip]) -> list[tuple[PlacedClip, Span]]:
    """Record spans (seconds) in which each clip is the topmost one, in record order. `placed`: lowest first."""
    covered: list[Span] = []
    topmost: list[tuple[PlacedClip, Span]] = []
    for clip in reversed(placed):
        span = (clip.start_s, clip.end_s)
        topmost += [(clip, part) for part in subtract(span, covered)]
        add_span(covered, span)
    return sorted(topmost, key=lambda pair: pair[1])


def _has_frames(span: Sequence[Fraction], rate: Fraction) -> bool:
    return round_half_up(span[1] * rate) > round_half_up(span[0] * rate)


def _start_frames(cut: EditorCut) -> int:
    start = cut.timeline.global_start_time
    return 0 if start is None else round(Fraction(start.value) * cut.rate / exact_rate(start.rate))
