"""A camera that a person decided, by the command line: segments out, edited, and in again."""

from __future__ import annotations

import json

import pytest

import media
from commandline import panscan
from panscan.timeline import cut as document
from panscan.timeline.files import read_timeline


@pytest.fixture(scope="module")
def reframed(tmp_path_factory):
    """A movie with its segments of 9:16."""
    folder = tmp_path_factory.mktemp("segments")
    movie = media.moving_block(folder / "block.mp4", frames=48)
    ran = panscan("reframe", movie, "--to", "segments", "-o", folder)
    assert ran.code == 0, ran.err
    return movie, folder / "block.9x16.segments.json"


def crop_of(timeline, frame):
    cut = document.read_cut(read_timeline(timeline), folder=timeline.parent)
    return cut.clips[0].framing.cells[0].crop_at(frame, cut.clips[0].framing.source)


def test_what_was_edited_is_shown_and_kept_apart_from_other_settings(reframed, tmp_path):
    movie, segments = reframed
    content = json.loads(segments.read_text())
    wide = {"t0": 0.0, "t1": 0.5, "mode": "wide", "reason": "where we are"}
    near = {"t0": 1.0, "t1": 2.0, "mode": "hold", "roi": [40, 20, 45, 80], "reason": "look here"}
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(content | {"segments": [wide, near]}))
    runs = [panscan("reframe", movie, "--from-segments", edited, "--to", "segments", "-o", tmp_path) for _ in range(2)]
    assert [run.code for run in runs] == [0, 0] and "kept" in runs[1].err
    first, last = (crop_of(tmp_path / "block.9x16.otio", frame) for frame in (0, 40))
    assert (last.left, last.top, last.width, last.height) == pytest.approx((40, 20, 45, 80), abs=0.01)
    assert first.height > 80 * 2
    told = json.loads((tmp_path / "block.9x16.segments.json").read_text())["segments"]
    assert [row["reason"] for row in told if row["mode"] in ("wide", "hold")] == ["where we are", "look here"]


def test_a_cut_and_a_file_with_mistakes_are_refused(reframed, tmp_path):
    movie, segments = reframed
    ran = panscan("reframe", movie.with_suffix("").with_name("block.9x16.otio"), "--from-segments", segments)
    assert ran.code == 2 and "goes with a movie" in ran.err
    broken = tmp_path / "broken.json"
    broken.write_text(segments.read_text().replace('"mode": "', '"mode": "un'))
    ran = panscan("reframe", movie, "--from-segments", broken, "-o", tmp_path)
    assert ran.code == 2 and "segment 1" in ran.err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"t0": 2.0, "t1": 3.0}, "segment 1 begins at 2 s, where the movie is over"),
        ({"mode": "hold", "roi": [-50, 0, 50, 90]}, "segment 1 lies beside the picture"),
        ({"mode": "hold", "roi": [0, 0, 0.5, 0.5]}, "1 px at least"),
    ],
    ids=["late", "beside", "of no size"],
)
def test_a_segment_that_shows_nothing_of_the_movie_is_refused(reframed, tmp_path, change, told):
    movie, segments = reframed
    content = json.loads(segments.read_text())
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(content | {"segments": [content["segments"][0] | change]}))
    ran = panscan("reframe", movie, "--from-segments", edited, "-o", tmp_path)
    assert ran.code == 2 and told in ran.err
    assert list(tmp_path.iterdir()) == [edited]
