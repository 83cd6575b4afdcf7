"""The layout of clips in the record: the same pictures as looking up each frame of the timeline finds."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import opentimelineio as otio
from hypothesis import given, settings
from hypothesis import strategies as st

import numbered as make
from panscan.model.spans import add_span, overlapping, subtract, union
from panscan.timeline.layout import video_clips

RUNS = settings(max_examples=150, deadline=None, derandomize=True)
SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda s: (Fraction(s[0]), Fraction(s[0] + s[1]))), max_size=8
)


@st.composite
def stacks(draw: Any, depth: int = 0) -> Any:
    """A stack of up to three tracks of clips, gaps and stacks, trimmed if it lies inside another."""
    tracks = []
    for _ in range(draw(st.integers(1, 3 if depth == 0 else 2))):
        children = []
        for _ in range(draw(st.integers(1, 4))):
            kind = draw(st.sampled_from(["clip", "clip", "gap", "stack"] if depth < 2 else ["clip", "gap"]))
            count = draw(st.integers(1, 12))
            if kind == "clip":
                children.append(
                    make.clip("/m.mp4", draw(st.integers(0, 500)), count, available=make.time_range(0, 600))
                )
            elif kind == "gap":
                children.append(make.gap(count))
            else:
                children.append(draw(stacks(depth + 1)))
        tracks.append(make.track(*children))
    trim = None if depth == 0 else make.time_range(draw(st.integers(0, 8)), draw(st.integers(1, 12)))
    return otio.schema.Stack(children=tracks, source_range=trim)


def picture_at(item: Any, frame: int) -> tuple[int, int] | None:
    """The topmost clip (by identity) and its media frame at a frame of an item's own time, found by walking down."""
    if isinstance(item, otio.schema.Clip):
        return id(item), frame
    if isinstance(item, otio.schema.Gap):
        return None
    if isinstance(item, otio.schema.Track):
        start = 0
        for child in item:
            length = round(child.duration().value)
            if start <= frame < start + length:
                own = child.source_range.start_time.value if child.source_range is not None else 0
                return picture_at(child, round(own) + frame - start)
            start += length
        return None
    for child in reversed(list(item)):
        found = picture_at(child, frame)
        if found is not None:
            return found
    return None


@given(stack=stacks())
@RUNS
def test_every_frame_shows_what_a_walk_finds(stack: Any) -> None:
    timeline = otio.schema.Timeline()
    timeline.tracks = stack
    placed = list(video_clips(timeline))
    for frame in range(round(stack.duration().value)):
        at_s = Fraction(frame, 25)
        shown = [p for p in placed if p.start_s <= at_s < p.end_s]
        found = (id(shown[-1].clip), shown[-1].media_at(at_s) * 25) if shown else None
        assert found == picture_at(stack, frame)


@given(spans=SPANS, probe=SPANS)
@RUNS
def test_spans_cut_and_join_as_their_frames_do(spans: list[Any], probe: list[Any]) -> None:
    def frames(listed: list[Any]) -> set[int]:
        return {k for a, b in listed for k in range(int(a), int(b))}

    joined = union(spans)
    assert frames(joined) == frames(spans)
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    grown: list[Any] = []
    for span in spans:
        add_span(grown, span)
    assert grown == joined
    for span in probe:
        assert frames(subtract(span, joined)) == frames([span]) - frames(joined)
        assert overlapping(span, joined) == [s for s in joined if frames([s]) & frames([span])]
