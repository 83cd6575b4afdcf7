"""Which media frames a part of a cut's record shows, and the rows in which a cut is seen."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.cut import read_cut
from panscan.timeline.flatten import flatten_timeline
from panscan.timeline.record import RecordLayout

FILM = Fraction(24)


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("record")
    return {
        "a": make.movie(folder / "a.mp4", 0),
        "b": make.movie(folder / "b.mp4", 1),
        "tc": make.movie(folder / "tc.mov", 2, timecode="01:00:00:00"),
        "film": make.movie(folder / "film.mp4", 3, rate=FILM),
        "still": make.still(folder / "still.png", 3, 7),
    }


def warp(speed: float) -> Any:
    return otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()


def laid_out(tmp_path: Path, *tracks: Any, **named: Any) -> RecordLayout:
    path = make.written(make.timeline(*tracks, **named), tmp_path / "cut.otio")
    return RecordLayout.of(read_editor_cut(path))


def test_a_range_inside_a_clip(movies: Mapping[str, Path], tmp_path: Path) -> None:
    record = laid_out(tmp_path, make.track(make.gap(5), make.clip(movies["a"], 10, 20), make.clip(movies["b"], 0, 20)))
    assert record.clips_in_frames(8, 12) == [(0, (13, 17))]
    assert record.clips_in_frames(20, 30) == [(0, (25, None)), (1, (None, 5))]
    assert record.clips_in_frames(None, None) == record.clips_in_frames(0, 45) == [(0, (None, None)), (1, (None, None))]
    assert record.clips_in_frames(0, 5) == [], "a gap"
    assert record.frame_count == 45


def test_embedded_timecode_and_that_of_the_cut(movies: Mapping[str, Path], tmp_path: Path) -> None:
    clip = make.clip(movies["tc"], 90020, 20, available=make.time_range(90000, 60))
    timeline = make.timeline(make.track(clip))
    timeline.global_start_time = otio.opentime.RationalTime(90000, 25)
    record = RecordLayout.of(read_editor_cut(make.written(timeline, tmp_path / "cut.otio")))
    assert record.start_frame == 90000
    assert record.clips_in_frames(4, 6) == [(0, (24, 26))]


@pytest.mark.parametrize(
    ("speed", "premiere", "expected"),
    [
        (2.0, False, (24, 28)),
        (0.5, False, (21, 22)),
        (-1.0, False, (17, 19)),
        (-2.0, False, (14, 17)),
        (2.0, True, (24, 28)),
        (-1.0, True, (26, 28)),
        (0.0, False, None),
    ],
)
def test_speed_changes(
    speed: float, premiere: bool, expected: tuple[int, int] | None, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    """Record frames 2 and 3 of a clip that starts at media frame 20."""
    count = 20 if premiere and speed == 2 else 10
    clip = make.clip(movies["a"], 20, count, effects=[warp(speed)])
    metadata = {"PremierePro_OTIO": {"MetadataVersion": "1.0"}} if premiere else {}
    record = laid_out(tmp_path, make.track(clip, make.clip(movies["b"], 0, 5)), metadata=metadata)
    assert record.clips_in_frames(2, 4) == ([] if expected is None else [(0, expected)])
    assert record.clips_in_frames(0, 4)[0][1] == (
        (None, None) if expected is None else (expected[0], None) if speed < 0 else (None, expected[1])
    )
    assert record.clips_in_frames(0, 10)[0] == (0, (None, None))


def test_pictures_of_another_rate(movies: Mapping[str, Path], tmp_path: Path) -> None:
    """24 in 25: the frame that is seen at the edge."""
    film = make.clip(movies["film"], 0, 24, FILM, available=make.time_range(0, 60, FILM))
    record = laid_out(tmp_path, make.track(make.clip(movies["a"], 0, 25), film))
    assert record.clips_in_frames(30, 45) == [(1, (4, 19))]  # 5 * 24/25 = 4.8, 20 * 24/25 = 19.2


def test_a_still_takes_what_holds_at_its_first_frame(movies: Mapping[str, Path], tmp_path: Path) -> None:
    still = make.clip(movies["still"], 0, 20, available=None)
    record = laid_out(tmp_path, make.track(make.clip(movies["a"], 0, 10), still))
    assert record.clips_in_frames(5, 12) == [(0, (5, None)), (1, (None, None))]
    assert record.clips_in_frames(15, 20) == []


def test_a_nest(movies: Mapping[str, Path], tmp_path: Path) -> None:
    inner = make.track(make.clip(movies["a"], 5, 10), make.clip(movies["b"], 20, 10))
    stack = otio.schema.Stack(name="compound", children=[inner], source_range=make.time_range(4, 12))
    record = laid_out(tmp_path, make.track(make.clip(movies["b"], 0, 2), stack))
    assert record.clips_in_frames(3, 10) == [(1, (10, None)), (2, (None, 22))]
    assert [number for number, _ in record.rows] == [0, 1, 2]


def test_rows_are_those_of_the_table(movies: Mapping[str, Path], tmp_path: Path) -> None:
    """A clip that another one interrupts is seen in two rows."""
    lower = make.track(make.clip(movies["a"], 0, 20))
    upper = make.track(make.gap(5), make.clip(movies["b"], 30, 6), name="V2")
    path = make.written(make.timeline(lower, upper), tmp_path / "cut.otio")
    cut = read_editor_cut(path)
    record = RecordLayout.of(cut)
    shown = read_cut(flatten_timeline(make.framed(cut).timeline), folder=tmp_path).clips
    assert [(Path(cut.clips[n].media_path), s * 25) for n, (s, _) in record.rows] == [
        (clip.path, clip.record_frame) for clip in shown
    ]
    assert [record.clip_of_row(row) for row in (1, 2, 3)] == [(0, (None, 5)), (1, (None, None)), (0, (11, None))]


def test_clips_of_one_name(movies: Mapping[str, Path], tmp_path: Path) -> None:
    children = [make.clip(movies["a"], 5 * n, 5, name=name) for n, name in enumerate(("x", "y ", "x"))]
    record = laid_out(tmp_path, make.track(*children))
    assert (record.clips_named("x"), record.clips_named("y"), record.clips_named("z")) == ([0, 2], [1], [])
