"""Movies of FFmpeg scripts, which move by whole px: the right ones are verified, wrong ones rejected."""

from __future__ import annotations

import os
import subprocess

import pytest
from typer.testing import CliRunner

import media
import needed
from faults import edits, films, recuts
from faults.kinds import one_clip
from panscan.cli.commands import command_line
from panscan.deliver import deliver
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.timeline.build import build_timeline
from panscan.timeline.files import write_timeline
from panscan.verify import Verdict, verify

FRAMES = 24


@pytest.fixture
def stage(stages):
    """Three shots: a slow pan, a fast one, and two still cells."""
    return stages("three shots")


def scripted(timeline, folder, target, **options):
    """The movie that the FFmpeg script of a timeline makes."""
    for suffix, data in deliver(timeline, "ffmpeg", folder=folder, options=options).files.items():
        (target / f"made{suffix}").write_bytes(data)
    movie = target / "made.mp4"
    subprocess.run(
        ["sh", str(target / "made.ffmpeg.sh"), str(movie)],
        env={**os.environ, "FFMPEG": needed.program("ffmpeg")}, check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return movie


@pytest.mark.parametrize("flavour", ["expressions", "sendcmd"])
def test_right_movies_are_verified(stage, tmp_path, flavour) -> None:
    movie = scripted(stage.timeline, stage.folder, tmp_path, flavour=flavour)
    report = verify(movie, stage.timeline, folder=stage.folder, whole_px=True)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


WRONG = {
    "2 px beside": (lambda timeline: edits.moved(timeline, 2), "position"),
    "2 % nearer": (lambda timeline: edits.zoomed(timeline, 1.02), "position"),
    "a frame late": (lambda timeline: edits.late(timeline, 1), "camera"),
    "cut a frame late": (lambda timeline: recuts.rolled(timeline, 0, 1), "cuts"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_movies_are_rejected(stage, tmp_path, case) -> None:
    change, finding = WRONG[case]
    movie = scripted(change(stage.timeline), stage.folder, tmp_path)
    report = verify(movie, stage.timeline, folder=stage.folder, whole_px=True)
    assert report.verdict is Verdict.REJECTED, report.to_text()
    assert report[finding].grade == "fail", report.to_text()


def anamorphic(path):
    """480 coded columns that are shown 640 wide."""
    narrow = media.write_clip(path.with_name("narrow.mp4"), films.scene, size=(480, 360), pts=range(FRAMES), tones={})
    told = ["-v", "error", "-i", str(narrow), "-c", "copy", "-aspect", "16:9", str(path)]
    subprocess.run([needed.program("ffmpeg"), *told], check=True)


def rotated(path):
    """Coded lying down, shown upright."""
    media.write_clip(path, films.scene, size=(640, 360), pts=range(FRAMES), tones={})
    media.show_through(path, media.turned_matrix(90))


@pytest.mark.parametrize("written", [anamorphic, rotated])
def test_zooms_into_pictures_of_other_shapes_are_verified(tmp_path, written) -> None:
    written(tmp_path / "film.mp4")
    source = probe(tmp_path / "film.mp4")
    size = source.video.display_size
    whole = Size(360, 640)
    side = 0.73 * min(size.width, size.height * whole.width / whole.height)
    crops = [Rect(size.width * at, size.height * at, side * near, side * near * 16 / 9)
             for at, near in ((0.05, 1.0), (0.16, 0.8))]  # fmt: skip
    rows = [key_values_of_crop(crop, whole, size) for crop in crops]
    camera = Camera((0, FRAMES - 1), *(tuple(float(v) for v in column) for column in zip(*rows, strict=True)))
    framing = Framing(whole, size, media.FILM_RATE, (Cell(0, 0, whole, camera),))
    timeline = build_timeline(source, [(Shot(0, FRAMES), framing)], name="shapes", recipe={})
    movie = scripted(timeline, tmp_path, tmp_path)
    report = verify(movie, timeline, folder=tmp_path, whole_px=True)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_the_command_is_told_where_a_movie_comes_from(stage, tmp_path) -> None:
    # A still camera 0.4 px beside whole ones: without `--from`, all pictures look moved by as much.
    timeline = one_clip(lambda count: films.pan(films.CANVAS, 0, count, 60.0, 60.0))(stage.source)
    timeline = edits.filmed(timeline, lambda camera: Camera((0,), camera.scale[:1], (100.1,), (0.0,)))
    movie = scripted(timeline, stage.folder, tmp_path)
    write_timeline(timeline, tmp_path / "still.otio")
    told = ["verify", str(movie), str(tmp_path / "still.otio")]
    assert f": {Verdict.FLAGGED}" in CliRunner().invoke(command_line(), told).output
    assert f": {Verdict.VERIFIED}" in CliRunner().invoke(command_line(), [*told, "--from", "ffmpeg"]).output


def test_scripts_give_a_variable_rate_a_constant_one(stages, tmp_path) -> None:
    stage = stages("variable rate")
    write_timeline(stage.timeline, tmp_path / "film.otio")
    for by_px, code in ((0, 0), (2, 1)):
        movie = scripted(edits.moved(stage.timeline, by_px), stage.folder, tmp_path)
        told = ["verify", str(movie), str(tmp_path / "film.otio"), "--from", "ffmpeg"]
        assert CliRunner().invoke(command_line(), told).exit_code == code
