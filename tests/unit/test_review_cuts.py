"""An editor's cut under review: its clips are the shots, and frames are those of its record."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest

import numbered
import scenes
from panscan import ingest, pipeline
from panscan.cli.review import review_source
from panscan.cli.review_work import CommandLineWork, make_cut_proxy
from panscan.errors import InputError
from panscan.ingest.cuts.read import read_editor_cut
from panscan.model.perception import ShotBoundaries
from panscan.model.request import NamedPerson, SubjectBox
from panscan.pipeline import CutAnalysis
from panscan.request.options import request_for
from panscan.request.override_files import CutOverrides
from panscan.review.cut_footage import CutFootage
from panscan.review.solving import Solver
from panscan.timeline.cut import read_cut
from panscan.timeline.files import timeline_text
from panscan.timeline.flatten import flatten_timeline

REQUEST = request_for("9:16")
UNDECIDED = CutOverrides((), (), ())
RECORD = ((0, 20), (30, 50), (50, 60))  # of the clips: with a gap, and the last one twice as fast
MEDIA = (10, 40, 0)  # first frames that they show


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> CutFootage:
    return CutFootage(analysed(tmp_path_factory.mktemp("cut")), UNDECIDED, REQUEST)


def analysed(folder: Path, *more: Any) -> CutAnalysis:
    movie = numbered.movie(folder / "a.mp4", 1, 100)
    available = numbered.time_range(0, 100)
    first, second, third = (
        numbered.clip(movie, MEDIA[n], end - begin, available=available, name=f"clip {n}")
        for n, (begin, end) in enumerate(RECORD)
    )
    third.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    track = numbered.track(first, numbered.gap(10), second, third, *more)
    cut = read_editor_cut(numbered.written(numbered.timeline(track), folder / "cut.otio"))
    rows = sorted([*scenes.still(40, 30, top=60), *scenes.still(240, 30, top=60)])
    seen = scenes.perception(faces=scenes.faces(rows, scenes.LOOKS), cuts=ShotBoundaries(np.array([], np.int64)))
    return CutAnalysis(cut, dict.fromkeys(cut.media, seen))


def test_its_clips_are_the_shots_on_frames_of_the_record(footage: CutFootage) -> None:
    grid = footage.grid
    assert (grid.kind, grid.rate, grid.frame_count, footage.movie) == ("cut", Fraction(25), 60, None)
    assert [(shot.first, shot.end) for shot in footage.shots(REQUEST)] == list(RECORD)


def test_keys_of_the_record_show_what_they_show_in_the_timeline(footage: CutFootage) -> None:
    """Of a clip that is twice as fast too: the crop at each record frame is that of the media frame seen there."""
    solver = Solver(footage)
    entries = [{"frame": [50, 60], "keys": [{"frame": 50, "center": [0.3, 0.5]}, {"frame": 59, "center": [0.7, 0.5]}]}]
    overrides = solver.overrides(entries)
    timeline = solver.timeline(REQUEST, overrides).timeline
    clips = read_cut(flatten_timeline(timeline), folder=Path("/")).clips
    for part, clip in zip(solver.all_parts(REQUEST, overrides), clips, strict=True):
        crops = part.framing.cells[0].crops(range(part.shot.first, part.shot.end), footage.size)
        shown = clip.framing.cells[0].crops(clip.media_frames(), footage.size)
        assert np.abs(crops - shown).max() < 1.5 and (np.ptp(crops[:, 0]) > 50) == (part.shot.first == 50)


CHANGES: list[list[dict[str, Any]]] = [
    [],
    [{"frame": 35, "center": [0.1, 0.5]}],
    [{"clip": "clip 0", "subject": "right"}],
    [{"shot": 3, "fit": True}],
]


def test_after_a_change_one_clip_is_solved_and_all_is_as_from_the_start(footage: CutFootage) -> None:
    solver = Solver(footage)
    for entries in (
        [],
        [{"frame": 35, "center": [0.1, 0.5]}],
        [{"clip": "clip 0", "subject": "right"}],
        [{"shot": 3, "fit": True}],
    ):
        overrides = solver.overrides(entries)
        fresh = Solver(footage).all_parts(REQUEST, overrides)
        assert [(p.shot, p.framing) for p in solver.all_parts(REQUEST, overrides)] == [
            (p.shot, p.framing) for p in fresh
        ]
        whole = pipeline.reframe_cut(footage._analysis, replace(REQUEST, overrides=overrides)).timeline
        assert timeline_text(solver.timeline(REQUEST, overrides).timeline) == timeline_text(whole)
    held = solver.covering(REQUEST, solver.overrides([{"clip": "clip 1", "hold": True}]), footage.shots(REQUEST))
    assert held == [[], [0], []]


def test_what_concerns_no_clip_is_told(footage: CutFootage) -> None:
    solver = Solver(footage)
    (note,) = solver.timeline(REQUEST, solver.overrides([{"frame": [22, 28], "hold": True}])).notes
    assert "No clip with a camera" in str(note)


def test_subjects_are_where_the_cut_shows_them(footage: CutFootage) -> None:
    rows = footage.subjects(REQUEST, 0, 60)
    assert {row["name"] for row in rows} == {"person-1", "person-2"} and {len(row["frames"]) > 1 for row in rows} == {
        True
    }
    for row in rows:
        assert all(any(first <= frame < end for first, end in RECORD) for frame in row["frames"])
    assert footage.subjects(REQUEST, 21, 29) == []
    people = footage.people(REQUEST)
    assert [row["name"] for row in people] == ["person-1", "person-2"]
    assert all(any(first <= row["frame"] < end for first, end in RECORD) for row in people)


def test_pictures_of_its_small_copy_are_frames_of_the_record(footage: CutFootage, tmp_path: Path) -> None:
    cut = footage._analysis.cut
    make_cut_proxy(cut, footage.size, tmp_path, tmp_path / "proxy.mp4", lambda done, total: None)
    expected = [*range(10, 30), *[None] * 10, *range(40, 60), *range(0, 20, 2)]
    found = [shown and shown[1] for shown in numbered.numbers(tmp_path / "proxy.mp4")]
    assert found == expected


def test_media_of_several_sizes_are_refused(tmp_path: Path) -> None:
    wide = ingest.probe(numbered.movie(tmp_path / "b.mp4", 2))
    analysis = analysed(tmp_path)
    small = replace(wide, video=replace(wide.video, display_size=numbered.CANVAS))
    cut = replace(analysis.cut, media={**analysis.cut.media, str(tmp_path / "b.mp4"): small})
    with pytest.raises(InputError, match="2 sizes"):
        CutFootage(CutAnalysis(cut, analysis.perceptions), UNDECIDED, REQUEST)


def test_people_are_called_by_the_names_that_the_file_of_their_movie_gives(footage: CutFootage) -> None:
    analysis = footage._analysis
    (path,) = analysis.cut.media
    anna = NamedPerson("Anna", SubjectBox(12, (40 / 320, 60 / 180, 30 / 320, 30 / 180)))
    named = CutFootage(analysis, CutOverrides((), (), (), ((path, (anna,)),)), REQUEST)
    assert (
        {row["name"] for row in named.people(REQUEST)}
        == {"Anna", "person-2"}
        == {row["name"] for row in named.subjects(REQUEST, 0, 60)}
    )
    solver = Solver(named, named.names)
    (part,) = solver.parts_at(REQUEST, solver.overrides([{"frame": 35, "subject": "Anna"}]), 35)
    assert "Anna" in part.framing.why and part.framing.unmet == ()


def test_the_command_makes_a_cut_ready(tmp_path: Path) -> None:
    """Looked at in one process, opened in another one from the cache."""
    movie = numbered.movie(tmp_path / "a.mp4", 1, 30)
    cut = numbered.written(numbered.timeline(numbered.track(numbered.clip(movie, 5, 20))), tmp_path / "cut.otio")
    source = review_source(cut, [REQUEST], tmp_path)
    prepared = CommandLineWork().prepare(source, tmp_path / "cache", lambda *_: None)
    footage, proxy = CommandLineWork().opened(source, prepared)
    assert (footage.grid.kind, footage.grid.frame_count) == ("cut", 20)
    assert [shown and shown[1] for shown in numbered.numbers(proxy)] == list(range(5, 25))
