"""Clips whose times lie between frames: rounded to the grid they never lie over each other."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pytest
from lxml import etree

import documents as make
from panscan.deliver import deliver
from panscan.deliver.sequence import read_sequence

STILL = ((0, 1.777778, 0.0, 0.0),)


def between_frames(*counts, start=0.6):
    """Clips of so many frames each, fractions too, the first of which starts between two frames."""
    timeline = make.timeline(*((200 * n, 200 * n + 100, make.framing(STILL)) for n in range(len(counts))))
    for track in timeline.tracks:
        for clip, count in zip(track, counts, strict=True):
            first = clip.source_range.start_time
            clip.source_range = otio.opentime.TimeRange(first, otio.opentime.RationalTime(count, 25))
        track.insert(0, otio.schema.Gap(duration=otio.opentime.RationalTime(start, 25)))
    return timeline


def rows(timeline):
    items = read_sequence(timeline, folder=Path("/")).clip_items
    return [(item.clip.record_frame, item.clip.frame_count) for item in items]


def test_a_clip_ends_where_the_next_one_starts() -> None:
    """It starts at 0.6 (1) with 50.6 frames (51), the next one at 51.2 (51)."""
    assert rows(between_frames(50.6, 30)) == [(1, 50), (51, 30)]


def test_the_last_clip_keeps_its_length() -> None:
    assert rows(between_frames(50.6)) == [(1, 51)]


@pytest.mark.parametrize("counts", [(50.6, 30.6, 20.6, 10.6), (7.5, 7.5, 7.5, 7.5, 7.5), (3.7, 2.9, 3.7, 2.9)])
@pytest.mark.parametrize("start", [0.4, 0.5, 0.6])
def test_clips_follow_each_other(counts, start) -> None:
    row = rows(between_frames(*counts, start=start))
    assert all(first + count <= after for (first, count), (after, _) in pairwise(row)), row


def test_an_editor_is_told_of_no_overlap() -> None:
    text = deliver(between_frames(50.6, 30.6, 20.6), "fcpxml", folder=Path("/")).text
    times = [
        [Fraction(clip.get(name).removesuffix("s")) * 25 for name in ("offset", "duration")]
        for clip in etree.fromstring(text.encode()).find(".//spine")
        if clip.tag == "asset-clip"
    ]
    assert times == [[1, 50], [51, 31], [82, 21]]
