"""Long movies of a job: rendered in segments that outlive an attempt, and that other workers may encode."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from panned_renders import edited, scenes_in
from panscan.errors import InputError
from panscan.model import media
from panscan.model.geometry import Size
from panscan.render import RenderSettings, encode_segments, render
from panscan.render.segments import processes, ranges
from panscan.service import rendering
from panscan.service.exchange import FolderExchange
from panscan.service.movies import render_movies
from panscan.service.parts import do_part
from panscan.service.results import Results
from panscan.service.spec import parse_job_spec
from panscan.service.stages import FramedShape
from panscan.service.work_order import WorkOrder, own_part
from panscan.timeline.files import write_timeline


class Report:
    """Keeps the progress, and lets `help_with` do every second part."""

    def __init__(self, help_with=None):
        self.help_with, self.told = help_with, []

    def progress(self, stage, done=0, total=0):
        self.told.append((stage, done, total))

    def share(self, parts):
        for number, part in enumerate(parts):
            if self.help_with is None or number % 2 == 0:
                yield part
            else:
                self.help_with(part)


@pytest.fixture(autouse=True)
def short_is_long(monkeypatch):
    monkeypatch.setattr(media, "LONG_S", 1)
    monkeypatch.setattr(rendering, "_PART_S", Fraction(4, 5))
    monkeypatch.setattr(ranges, "_MIN_SEGMENT_S", Fraction(2, 5))
    monkeypatch.setattr(ranges, "_MAX_SEGMENT_S", Fraction(6, 5))


@pytest.fixture
def job(tmp_path):
    """An order, its media, and three shapes; the last one has other shots than the first two."""
    _, source = scenes_in(tmp_path)
    order = WorkOrder("job", 1, parse_job_spec({"source": {"path": source.path}}), tmp_path / "job")
    shapes = []
    for ratio, canvas, ends in (
        ("9:16", Size(90, 160), (20, 35, 60)),
        ("1:1", Size(160, 160), (20, 35, 60)),
        ("4:5", Size(128, 160), (30, 60)),
    ):
        timeline = edited(source, list(zip((0, *ends), ends, strict=False)), canvas)
        path = order.output / f"film.{ratio.replace(':', 'x')}.otio"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_timeline(timeline, path)
        shapes.append(FramedShape(ratio, path, timeline))
    return order, source, shapes


def attempt(job, report, **changed):
    order, source, shapes = job
    order = replace(order, **changed)
    with own_part(order):
        render_movies(order, source, shapes, Results(order, report))


def assert_movies_are_as_if_made_alone(job, tmp_path):
    for shape in job[2]:
        render(shape.timeline, output=tmp_path / "alone.mp4", settings=RenderSettings(jobs=1))
        assert shape.beside(".unverified.mp4").read_bytes() == (tmp_path / "alone.mp4").read_bytes()


def test_a_killed_render_goes_on_in_the_next_attempt(job, tmp_path, monkeypatch):
    encoded = []

    def encode(orders, progress):
        if len(encoded) == 2:
            encoded.append("killed")
            raise KeyboardInterrupt
        encode_segments(orders, progress)
        encoded.append((orders[0].first, *(one.folder.name.removeprefix("film.") for one in orders)))

    monkeypatch.setattr(rendering, "encode_segments", encode)
    with pytest.raises(KeyboardInterrupt):
        attempt(job, Report())
    report = Report()
    attempt(job, report, attempt=2)
    first, rest = [(0, "9x16", "1x1"), (0, "4x5")], [(20, "9x16", "1x1"), (30, "4x5"), (35, "9x16", "1x1")]
    assert encoded == [*first, "killed", *rest]
    assert report.told[-1] == ("render", 50, 50)  # the last part has 25 frames of two shapes
    assert_movies_are_as_if_made_alone(job, tmp_path)
    assert list(job[0].folder.glob("*.segments")) == []


def test_a_helper_encodes_with_nothing_but_what_it_is_told(job, tmp_path, monkeypatch):
    exchange, source, parts = FolderExchange(tmp_path / "exchange"), Path(job[1].path), []
    helper = WorkOrder("job", 1, job[0].spec, tmp_path / "elsewhere", exchange=exchange)

    def help_with(part):
        source.rename(tmp_path / "moved.mp4")  # whoever would look for it in the old place fails
        with own_part(helper):
            do_part(helper, part, Report())
        (tmp_path / "moved.mp4").rename(source)
        parts.append(part)

    with monkeypatch.context() as patched:
        patched.setattr(processes, "encode_segment", None)  # nothing is left to be encoded when all are joined
        attempt(job, Report(help_with), exchange=exchange)
    assert [segment for group in parts[0].what["segments"] for segment in group] == [
        [0, 1, 20, 35],
        [1, 1, 20, 35],
        [2, 1, 30, 60],
    ]
    assert list(helper.folder.iterdir()) == []
    assert_movies_are_as_if_made_alone(job, tmp_path)

    other = replace(parts[0], what={**parts[0].what, "build": "FFmpeg 5.1"})
    with own_part(helper), pytest.raises(InputError, match="cannot be done here"):
        do_part(helper, other, Report())


@pytest.mark.parametrize(("long_s", "is_long"), [(1, True), (2.1, False)])
def test_a_movie_is_long_by_the_length_of_its_media(job, monkeypatch, long_s, is_long):
    monkeypatch.setattr(media, "LONG_S", long_s)  # the media has 2.002 s
    assert job[1].is_long == is_long
