"""Long movies of a job: rendered in segments that outlive an attempt, the shapes from one decoding where that fits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from panned_renders import edited, scenes_in
from panscan.model.geometry import Size
from panscan.render import RenderSettings, encode_segments, render
from panscan.render.segments import ranges
from panscan.service import rendering
from panscan.service.movies import render_movies
from panscan.service.results import Results
from panscan.service.spec import parse_job_spec
from panscan.service.stages import FramedShape
from panscan.service.work_order import WorkOrder
from panscan.timeline.files import write_timeline


class Silent:
    """A report that keeps the progress."""

    def __init__(self):
        self.told = []

    def progress(self, stage, done=0, total=0):
        self.told.append((stage, done, total))


@pytest.fixture(autouse=True)
def short_is_long(monkeypatch):
    monkeypatch.setattr(rendering, "_LONG_S", 1)
    monkeypatch.setattr(ranges, "_MIN_SEGMENT_S", Fraction(2, 5))
    monkeypatch.setattr(ranges, "_MAX_SEGMENT_S", Fraction(6, 5))


@pytest.fixture
def job(tmp_path):
    """An order, its report, and three shapes; the last one has other shots than the first two."""
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
    return order, Silent(), shapes


def attempt(job, number):
    order, report, shapes = job
    order = replace(order, attempt=number)
    order.part.mkdir()
    render_movies(order, shapes, Results(order, report))


def test_a_killed_render_goes_on_in_the_next_attempt(job, tmp_path, monkeypatch):
    order, report, shapes = job
    encoded = []

    def killed(orders, progress):
        if len(encoded) == 2:
            raise KeyboardInterrupt
        encode_segments(orders, progress)
        encoded.append([(one.folder.name, one.first) for one in orders])

    monkeypatch.setattr(rendering, "encode_segments", killed)
    with pytest.raises(KeyboardInterrupt):
        attempt(job, 1)
    encoded.append("killed")
    attempt(job, 2)
    both = ["film.9x16", "film.1x1"]
    assert encoded == [
        [(name, 0) for name in both],
        [("film.4x5", 0)],
        "killed",
        [(name, 20) for name in both],
        [("film.4x5", 30)],
        [(name, 35) for name in both],
    ]
    done = [done for _, done, total in report.told if total == 180]
    assert done == sorted(done) and done[-1] == 180

    for shape in shapes:
        alone = tmp_path / "alone.mp4"
        render(shape.timeline, output=alone, settings=RenderSettings(jobs=1))
        assert shape.beside(".unverified.mp4").read_bytes() == alone.read_bytes()
    assert list(order.folder.glob("*.segments")) == []


@pytest.mark.parametrize(("long_s", "is_long"), [(1, True), (2.1, False)])
def test_a_movie_is_long_by_its_own_length(job, monkeypatch, long_s, is_long):
    monkeypatch.setattr(rendering, "_LONG_S", long_s)  # the movie has 2.002 s
    assert rendering.is_long(job[2][0]) == is_long
