"""A log of mouse and keyboard by the command line: found beside the movie, used, refused where it cannot be."""

from __future__ import annotations

import pytest

from commandline import panscan
from screen_recordings import draw_recording
from screen_scenes import pause, typing

CLICK = '{"t": 3.5, "kind": "click", "x": 900, "y": 500}\n'  # where the picture shows nothing


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    movie = tmp_path_factory.mktemp("log") / "take.mp4"
    draw_recording(movie, pause(1), typing("a line of text", (60, 90)), pause(2), rate=15)
    return movie


def reframed(movie, folder, *more):
    return panscan("reframe", movie, "-r", "16:9", "-o", folder, *more)


def test_a_log_beside_the_movie_is_told_and_used(recording, tmp_path):
    without = reframed(recording, tmp_path / "without")
    log = recording.with_name("take.inputs.jsonl")
    log.write_text(CLICK)
    within = reframed(recording, tmp_path / "within")
    log.unlink()
    assert without.code == within.code == 0, without.err + within.err
    assert "what was done with mouse and keyboard" in within.err and "mouse and keyboard" not in without.err
    assert "1 x click" in within.out + within.err and "1 x click" not in without.out + without.err


def test_a_timeline_has_no_log(recording, tmp_path):
    log = tmp_path / "named.jsonl"
    log.write_text(CLICK)
    named = reframed(recording, tmp_path, "--input-log", log)
    assert named.code == 0, named.err
    refused = reframed(tmp_path / "take.16x9.otio", tmp_path, "--input-log", log)
    assert refused.code == 2 and "--input-log goes with a movie" in refused.err


def test_a_log_that_is_not_there_is_told_before_the_movie_is_looked_at(tmp_path):
    movie = tmp_path / "take.mp4"
    movie.write_bytes(b"it is not opened")
    ran = reframed(movie, tmp_path, "--input-log", tmp_path / "none.jsonl")
    assert ran.code == 3 and "none.jsonl does not exist" in ran.err


def test_what_was_done_beside_the_movie_is_left_out_and_told(recording, tmp_path):
    log = tmp_path / "named.jsonl"
    log.write_text(
        CLICK
        + '{"t": 999, "kind": "click", "x": 900, "y": 500}\n'
        + '{"t": 3, "kind": "click", "x": 64000, "y": -360}\n'
        + '{"t": -1, "kind": "key"}\n'
    )
    ran = reframed(recording, tmp_path, "--input-log", log)
    assert ran.code == 0 and "1 entries, and 3 beside the movie or its picture" in ran.err
    assert "1 x click" in ran.err + ran.out and "typing" in ran.err + ran.out
