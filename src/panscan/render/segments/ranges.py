"""Where the segments of a movie begin and end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from panscan.model.media import LONG_S
from panscan.render.frame_jobs import DecodePlan, frame_span
from panscan.timeline.cut import Cut

# Long enough that the encoder's lookahead is hardly missed, short enough that a killed run loses little.
_MIN_SEGMENT_S, _MAX_SEGMENT_S = 10, 40
# Those of long movies are longer: the key picture from which each is decoded may lie ten seconds before it.
_MIN_LONG_S, _MAX_LONG_S = 60, 120


def segments_of(plan: DecodePlan) -> list[tuple[int, int]]:
    """Record frames [first, end) of each segment of a movie; each begins a picture."""
    return _spans_with_pictures(segment_ranges(plan.cuts[0], frame_span(plan)), plan)


def segment_ranges(cut: Cut, frames: int) -> list[tuple[int, int]]:
    """Record frames [first, end) of each segment: from clip to clip if clips are neither too short nor too long."""
    is_long = frames / cut.rate > LONG_S
    bounds_s = (_MIN_LONG_S, _MAX_LONG_S) if is_long else (_MIN_SEGMENT_S, _MAX_SEGMENT_S)
    shortest, longest = (max(1, round(seconds * cut.rate)) for seconds in bounds_s)
    starts = [0]
    offset = cut.clips[0].record_frame if cut.is_whole else 0
    for start in [clip.record_frame - offset for clip in cut.clips[1:]] + [frames]:
        while start - starts[-1] > longest:
            # Equal parts of a long clip, none shorter than half of the longest.
            parts = -(-(start - starts[-1]) // longest)
            starts.append(starts[-1] + (start - starts[-1]) // parts)
        if start - starts[-1] >= shortest and start < frames:
            starts.append(start)
    return list(pairwise([*starts, frames]))


def _spans_with_pictures(spans: Sequence[tuple[int, int]], plan: DecodePlan) -> list[tuple[int, int]]:
    """Segments that each begin a picture: one during which a picture just stays is joined to the one before."""
    if not plan.keeps_source_clock or plan.fills_grid:
        return list(spans)
    frames = plan.movie_reader.grid_frames
    starts = [first for first, end in spans if bisect_left(frames, first) < bisect_left(frames, end)]
    return list(pairwise([*starts, spans[-1][1]]))
