"""What `panscan review` opens: a movie or its timeline, in the shapes and with the settings that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

import numbered
import reviewing
from commandline import panscan
from panscan import pipeline
from panscan.cli import review
from panscan.review import seen
from panscan.review.footage import MovieFootage
from panscan.review.solving import Solver
from panscan.review.sources import ReviewSource
from panscan.timeline.files import write_timeline


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[ReviewSource]:
    """What the page would show."""
    found: list[ReviewSource] = []
    monkeypatch.setattr(review, "open_page", lambda sources, *_: found.extend(sources))
    return found


def made(folder: Path) -> ReviewSource:
    """A movie with a timeline in each of two shapes, the second one with other settings."""
    source = reviewing.source_of(folder)
    analysis = reviewing.QuickWork().analyse(source, lambda *_: None)
    for request in source.requests:
        write_timeline(pipeline.reframe(analysis, request), source.timeline_path(request))
    return source


def test_without_options_the_timelines_that_are_there_are_shown(tmp_path: Path, opened: list[ReviewSource]) -> None:
    source = made(tmp_path)
    for given in (source.movie, tmp_path / "talk.9x16.otio"):
        assert panscan("review", given).code == 0
    shapes = {str(request.ratio): request for request in source.requests}
    for found in opened:
        assert (found.movie, found.folder, found.overrides_file) == (source.movie, tmp_path, source.overrides_file)
        assert [str(request.ratio) for request in found.requests] == ["1:1", "9:16"]
        assert all(request.canvas == shapes[str(request.ratio)].canvas for request in found.requests)
        assert [found.timeline_path(request).name for request in found.requests] == ["talk.1x1.otio", "talk.9x16.otio"]


def test_many_are_shown_in_the_order_in_which_they_are_given(tmp_path: Path, opened: list[ReviewSource]) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
    first, second = made(tmp_path / "one"), reviewing.source_of(tmp_path / "two", "b.mp4")
    assert panscan("review", second.folder, first.timeline_path(first.requests[0]), second.movie).code == 0
    assert [found.movie for found in opened] == [second.movie, first.movie]


def test_options_go_before_what_is_there(tmp_path: Path, opened: list[ReviewSource]) -> None:
    source = made(tmp_path)
    assert panscan("review", source.movie, "-r", "4:5", "--preset", "podcast").code == 0
    assert [(str(one.ratio), one.preset.name) for one in opened[0].requests] == [("4:5", "podcast")]


def test_a_timeline_with_settings_that_are_not_known_is_shown_with_usual_ones(
    tmp_path: Path, opened: list[ReviewSource]
) -> None:
    source = made(tmp_path)
    path = tmp_path / "talk.9x16.otio"
    path.write_text(path.read_text().replace('"name": "default"', '"name": "gone"'))
    ran = panscan("review", tmp_path)
    assert "talk.9x16.otio has settings that are not known here" in ran.err
    assert [one.movie for one in opened] == [source.movie], "of a folder its movies"
    assert [(str(one.ratio), one.preset.name) for one in opened[0].requests] == [
        ("1:1", "default"),
        ("9:16", "default"),
    ]


def test_a_cut_is_shown_and_what_panscan_made_of_it_is_not(tmp_path: Path, opened: list[ReviewSource]) -> None:
    movie = numbered.movie(tmp_path / "a.mp4", 1)
    cut = numbered.written(numbered.timeline(numbered.track(numbered.clip(movie, 0, 20))), tmp_path / "cut.otio")
    assert panscan("review", cut).code == 0
    assert opened[0].is_cut and opened[0].overrides_file == tmp_path / "cut.panscan.toml"
    made_of_it = numbered.timeline(numbered.track(), metadata={"panscan": {"cut": "digest"}})
    for given in (numbered.written(made_of_it, tmp_path / "cut.9x16.otio"), tmp_path / "nothing.mp4"):
        assert panscan("review", given).code == 3 and len(opened) == 1


@pytest.mark.parametrize("option", ["--both", "--fast"])
def test_what_the_page_cannot_show_is_refused_before_anything_is_looked_at(tmp_path: Path, option: str) -> None:
    ran = panscan("reframe", tmp_path / "talk.mp4", "--review", option)
    assert ran.code == 2 and "--review does not go with this" in ran.err


def test_people_are_called_by_their_names(tmp_path: Path) -> None:
    source = reviewing.source_of(tmp_path)
    analysis = reviewing.QuickWork().analyse(source, lambda *_: None)
    (known, *_) = seen.people_json(analysis, source.requests[0])
    size = analysis.media.video.display_size
    box = [value / side for value, side in zip(known["box_px"], (size.width, size.height) * 2, strict=True)]
    person = f'[[people]]\nname = "Anna"\nsubject_at = {{ frame = {known["frame"]}, box = {box} }}\n'
    source.overrides_file.write_text(person)
    named = source.with_people(analysis.media)
    assert "Anna" in [one["name"] for one in seen.people_json(analysis, named.requests[0])]
    assert "Anna" in [one["name"] for one in seen.subjects_json(analysis, named.requests[0], 0, 99)]
    assert Solver(MovieFootage(analysis), named.names).overrides([{"frame": 3, "subject": "Anna"}])
