"""Clips that are switched off or retimed, and clear refusals that leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

from panned_renders import QUICK, edited, film_in, left_over, pictures, scenes_in, whole
from panscan.errors import CapabilityError, InputError, RenderError
from panscan.ingest.media.probe import content_digest
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.render import RenderSettings, ladder, render
from panscan.render.container import codecs
from panscan.timeline.files import write_timeline


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return film_in(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scenes_in(tmp_path_factory.mktemp("scenes"))


# Clips that are switched off or retimed.


def test_disabled_clips_are_skipped(scenes, tmp_path):
    folder, source = scenes
    timeline = edited(source, [(0, 20), (20, 35), (35, 60)])
    for track in timeline.tracks:
        track[1].enabled = False
    render(timeline, folder=folder, output=tmp_path / "out.mp4", settings=QUICK)
    made = pictures(tmp_path / "out.mp4")
    assert len(made) == 60
    assert all((p[:160] == 16).all() for _, p in made[21:34]) and all(
        p[:160].std() > 5 for _, p in made[:20] + made[36:]
    )


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(2.0, range(0, 24, 2)), (0.5, [n // 2 for n in range(12)]), (0.0, [0] * 12), (-1.0, range(14, 2, -1))],
)
def test_constant_speeds_and_freeze_frames(film, tmp_path, monkeypatch, speed, expected):
    monkeypatch.setattr("panscan.render.retimed._KEPT_BYTES", 0)  # backwards in several goes
    folder, source = film
    first = 14 if speed < 0 else 0
    timeline = edited(source, [(first, first + 12)])
    for track in timeline.tracks:
        effect = otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()
        track[0].effects.append(effect)
    still = Framing(
        Size(160, 180),
        source.video.display_size,
        source.video.rate,
        (Cell(0, 0, Size(160, 180), Camera((0,), (1.0,), (0.0,), (0.0,))),),
    )
    from panscan.timeline.effect import attach_framing

    attach_framing(timeline.tracks[0][0], still)
    result = render(timeline, folder=folder, output=tmp_path / "out.mp4", settings=RenderSettings(crf=0))
    assert result.frame_count == 12
    # A frozen sound is none, and sound played backwards is silence.
    assert result.sound == ("encoded" if speed else "none")
    assert [word for note in result.notes for word in ("no sound", "silent") if word in note] == {
        0.0: ["no sound"],
        -1.0: ["silent"],
    }.get(speed, [])
    original = pictures(folder / "film.mp4")
    for (_, got), n in zip(pictures(tmp_path / "out.mp4"), expected, strict=True):
        assert np.array_equal(got[:180], original[n][1][:180, 80:240])


def test_a_speed_that_changes_on_the_way_is_refused(film, tmp_path):
    folder, source = film
    timeline = edited(source, [(3, 15)])
    timeline.tracks[0][0].effects.append(otio.schema.TimeEffect(effect_name="Time Remap"))
    with pytest.raises(InputError, match="changes its speed"):
        render(timeline, folder=folder, output=tmp_path / "out.mp4")


# Refusals.


def test_changed_source_is_refused(film, tmp_path):
    folder, source = film
    good = whole(source, recipe={"media": source.digest})
    render(good, folder=folder, output=tmp_path / "out.mp4", settings=QUICK, digest=content_digest)
    changed = whole(source, recipe={"media": "0" * 32})
    with pytest.raises(InputError, match="changed") as caught:
        render(changed, folder=folder, output=tmp_path / "no.mp4", digest=content_digest)
    assert "--force" in caught.value.fix and not (tmp_path / "no.mp4").exists()
    by_path = whole(source, recipe={"media": {str(folder / "film.mp4"): "0" * 32}})
    with pytest.raises(InputError, match="changed"):
        render(by_path, folder=folder, output=tmp_path / "no.mp4", digest=content_digest)
    render(changed, folder=folder, output=tmp_path / "forced.mp4", settings=QUICK)
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("jobs", [0, 1])
def test_unwritable_target(film, tmp_path, jobs):
    folder, source = film
    (tmp_path / "file").write_text("")
    with pytest.raises(RenderError, match="cannot write"):
        render(whole(source), folder=folder, output=tmp_path / "file" / "out.mp4", settings=replace(QUICK, jobs=jobs))


def forbidden(tmp_path):
    """A folder in which nothing can be made, also not by root."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    if not os.access(folder, os.W_OK):
        return folder
    if Path("/sys/kernel").is_dir():
        return Path("/sys/kernel")
    pytest.skip("every folder here can be written to")


@pytest.mark.skipif(sys.platform == "win32", reason="rights of folders are a matter of Unix")
@pytest.mark.parametrize("jobs", [0, 1])
def test_read_only_target(film, tmp_path, jobs):
    folder, source = film
    target = forbidden(tmp_path)
    before = left_over(target)
    with pytest.raises(RenderError, match="cannot write") as caught:
        render(whole(source), folder=folder, output=target / "out.mp4", settings=replace(QUICK, jobs=jobs))
    assert "rights of the folder" in caught.value.fix and left_over(target) == before
    with pytest.raises(RenderError, match="cannot write"):
        ladder(whole(source), folder=folder, output=target / "stream", kind="hls", settings=QUICK)
    assert left_over(target) == before


@pytest.mark.parametrize("jobs", [0, 1])
def test_missing_source_and_codec_leave_nothing(film, tmp_path, jobs, monkeypatch):
    folder, source = film
    settings = replace(QUICK, jobs=jobs)
    gone = whole(replace(source, path=str(tmp_path / "gone.mp4")))
    with pytest.raises(InputError, match=r"gone\.mp4 does not exist") as missing:
        render(gone, folder=folder, output=tmp_path / "out.mp4", settings=settings)
    assert "path in the timeline" in missing.value.fix
    monkeypatch.setitem(codecs._SOFTWARE, "h264", "libnothing")
    with pytest.raises(CapabilityError, match="libnothing"):
        render(whole(source), folder=folder, output=tmp_path / "out.mp4", settings=settings)
    assert left_over(tmp_path) == []


FULL_DISK = """
import resource, sys
from pathlib import Path
from panscan import read_timeline
from panscan.errors import RenderError
from panscan.render import RenderSettings, render
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    settings = RenderSettings(jobs=int(sys.argv[3]))
    render(read_timeline(Path(sys.argv[1])), folder=Path("."), output=Path(sys.argv[2]), settings=settings)
except RenderError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are a matter of Unix")
@pytest.mark.parametrize("jobs", [0, 1])
def test_full_disk(film, tmp_path, jobs):
    """A limit on the size of files fails like a disk without space, in the middle of writing."""
    _folder, source = film
    write_timeline(whole(source), tmp_path / "t.otio")
    output = tmp_path / "out" / "out.mp4"
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "t.otio"), str(output), str(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "cannot write" in done.stdout and "free space" in done.stdout
    assert list(output.parent.iterdir()) == []
