"""Cuts put together at random: what panscan reads, frames, delivers and reads again shows what the editor shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import numbered as make
from panscan.deliver import deliver
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.flatten import flatten_timeline
from structures import footage, reading
from structures.cuts import Picture

STARTS = {"a": 0, "b": 0, "tc": 90_000}
SUFFIXES = {"fcpxml": ".fcpxml", "xmeml": ".xml", "edl": ".edl"}


@dataclass(frozen=True)
class Shown:
    """A clip: `count` frames from picture `first` on, every `step`-th of them."""

    stem: str
    first: int
    count: int
    step: float = 1.0
    enabled: bool = True

    def picture(self, frame: int) -> Picture:
        return (self.stem, math.floor(self.first + frame * self.step)) if self.enabled else None

    def item(self, media: footage.Footage) -> Any:
        start = STARTS[self.stem]
        made = make.clip(media[self.stem], start + self.first, self.count, available=make.time_range(start, 60))
        if self.step != 1:
            warp = otio.schema.LinearTimeWarp(time_scalar=self.step) if self.step else otio.schema.FreezeFrame()
            made.effects.append(warp)
        made.enabled = self.enabled
        return made


@dataclass(frozen=True)
class Empty:
    """A gap."""

    count: int

    def picture(self, frame: int) -> Picture:
        return None

    def item(self, media: footage.Footage) -> Any:
        return make.gap(self.count)


@dataclass(frozen=True)
class Nest:
    """A compound clip: `count` frames from its frame `first` on; rows of things, the topmost wins."""

    rows: tuple[tuple[Any, ...], ...]
    first: int
    count: int

    def picture(self, frame: int) -> Picture:
        return topmost(self.rows, self.first + frame)

    def item(self, media: footage.Footage) -> Any:
        children = [make.track(*(thing.item(media) for thing in row)) for row in self.rows]
        return otio.schema.Stack(name="nest", children=children, source_range=make.time_range(self.first, self.count))


def topmost(rows: tuple[tuple[Any, ...], ...], frame: int) -> Picture:
    for row in reversed(rows):
        at = frame
        for thing in row:
            if at < thing.count:
                if (picture := thing.picture(at)) is not None:
                    return picture
                break
            at -= thing.count
    return None


COUNTS = st.integers(1, 12)


def clips(speeds: list[float], switches: list[bool]) -> st.SearchStrategy[Shown]:
    where = (st.sampled_from(sorted(STARTS)), st.integers(24, 34), COUNTS)
    return st.builds(Shown, *where, st.sampled_from(speeds), st.sampled_from(switches))


CLIPS = clips([*[1.0] * 8, 2.0, 0.5, -1.0, 0.0], [*[True] * 8, False])
PLAIN_CLIPS = clips([1.0], [True])


@st.composite
def nests(draw: st.DrawFn, clips: st.SearchStrategy[Shown]) -> Nest:
    row = st.lists(clips | st.builds(Empty, COUNTS), min_size=1, max_size=4).map(tuple)
    rows = draw(st.lists(row, min_size=1, max_size=2).map(tuple))
    length = max(sum(thing.count for thing in row) for row in rows)
    first = draw(st.integers(0, length - 1))
    return Nest(rows, first, draw(st.integers(1, length - first)))


def cuts(clips: st.SearchStrategy[Shown]) -> st.SearchStrategy[tuple[tuple[Any, ...], ...]]:
    row = st.lists(clips | clips | st.builds(Empty, COUNTS) | nests(clips), min_size=1, max_size=4).map(tuple)
    return st.lists(row, min_size=1, max_size=3).map(tuple)


Rows = tuple[tuple[Any, ...], ...]
CUTS, PLAIN_CUTS = cuts(CLIPS), cuts(PLAIN_CLIPS)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> footage.Footage:
    return footage.shoot(tmp_path_factory.mktemp("footage"))


def framed(rows: Rows, media: footage.Footage, folder: Path) -> tuple[Any, list[Picture]]:
    """A cut of these rows as it is read and framed, and what it must show."""
    length = max(sum(thing.count for thing in row) for row in rows)
    expected = [topmost(rows, frame) for frame in range(length)]
    assume(any(expected))
    tracks = [make.track(*(thing.item(media) for thing in row), name=f"V{n}") for n, row in enumerate(rows, 1)]
    cut = read_editor_cut(make.written(make.timeline(*tracks), folder / "cut.otio"))
    return reading.framed(cut).timeline, expected


@given(rows=CUTS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_random_cut_shows_the_same_everywhere(
    rows: Rows, media: footage.Footage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    timeline, expected = framed(rows, media, folder)
    shown, names = reading.by_panscan(timeline)
    assert _trimmed(shown) == _trimmed(expected)
    for exporter in reading.READABLE:
        artifact = deliver(timeline, exporter, folder=folder, strict=True)
        if exporter == "edl":  # it counts whole frames
            lost = any("first frame of clip" in loss.what for loss in artifact.losses)
            assert lost == _starts_between_frames(timeline)
            if lost:
                continue
        again = reading.read_back(artifact.main, SUFFIXES.get(exporter, ".otio"), folder)
        pictures, kept = reading.by_panscan(reading.framed(again).timeline)
        assert reading.since_start(again.timeline, pictures) == reading.since_start(timeline, shown), exporter
        assert kept == names


@given(rows=PLAIN_CUTS)
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_random_cut_at_normal_speed_shows_the_same_to_other_programs(
    rows: Rows, media: footage.Footage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """They have models of their own for speeds, and list clips that are switched off."""
    folder = tmp_path_factory.mktemp("cut")
    timeline, shown = framed(rows, media, folder)
    for exporter, read in reading.READERS.items():
        pictures = read(deliver(timeline, exporter, folder=folder))
        wanted = [picture for picture in shown if picture] if exporter in reading.WITHOUT_GAPS else shown
        if exporter == "crops-json":
            wanted = [("", picture[1]) for picture in wanted if picture]
        assert _trimmed(pictures) == _trimmed(wanted), exporter


def _starts_between_frames(timeline: Any) -> bool:
    """Whether a retimed clip, seen from its middle on, begins between two pictures of its media."""
    starts = [clip.trimmed_range().start_time.value for clip in flatten_timeline(timeline).find_clips()]
    return any(start != round(start) for start in starts)


def _trimmed(pictures: list[Picture]) -> list[Picture]:
    """Without what is not shown after the last picture."""
    while pictures and pictures[-1] is None:
        pictures = pictures[:-1]
    return pictures
