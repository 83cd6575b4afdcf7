"""Movies that are shown otherwise than coded, end to end: what is rendered is what players show, and is verified."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import av
import numpy as np
import pytest

import looks
import media
import needed
from commandline import panscan
from panscan.cli.serve_work import PlanMaker
from panscan.errors import UsageError
from panscan.ingest import PictureDecoder
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.render.source import MediaReader
from panscan.serve.guard import AllowedFolders
from panscan.serve.jobs import parse_job_request
from panscan.timeline.build import build_timeline
from panscan.timeline.cut import read_cut
from panscan.timeline.fields import with_fields
from panscan.timeline.files import read_timeline, write_timeline
from panscan.verify import verify

CANVAS = Size(96, 160)
LEFT_PX, TOP_PX = 30, 10
CHANGED = "have another size, pixel format or colours than the first: converted"


def timeline_of(source, canvas=CANVAS):
    """A crop at the source's own size that stands still."""
    display = source.video.display_size
    keys = key_values_of_crop(Rect(LEFT_PX, TOP_PX, canvas.width, canvas.height), canvas, display)
    camera = Camera((0,), *((float(value),) for value in keys))
    framing = Framing(canvas, display, source.video.rate, (Cell(0, 0, canvas, camera),))
    shots = [(Shot(0, source.frame_count), framing)]
    return build_timeline(source, shots, name="film", recipe={"media": source.digest})


def rendered(timeline, folder, **settings):
    made = RenderSettings.of("h264", "high", **settings)
    return render(timeline, folder=folder, output=folder / "made.mp4", settings=made)


def pictures(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray()[: frame.height, : frame.width].astype(int) for frame in container.decode(video=0)]


def grades(report):
    return {finding.name: finding.grade for finding in report.findings if finding.grade != "pass"}


@pytest.mark.parametrize("matrix", looks.MATRICES)
def test_a_matrix_is_rendered_as_players_show_it(matrix, tmp_path):
    path = looks.with_matrix(tmp_path / "film.mp4", matrix)
    timeline = timeline_of(probe(path))
    rendered(timeline, tmp_path)
    players = looks.as_ffmpeg_shows(needed.program("ffmpeg"), path, "extractplanes=y")
    crop = np.s_[TOP_PX : TOP_PX + CANVAS.height, LEFT_PX : LEFT_PX + CANVAS.width]
    for ours, shown in zip(pictures(tmp_path / "made.mp4"), players, strict=True):
        assert np.abs(ours - shown[crop].astype(int)).mean() < 1.5
    report = verify(tmp_path / "made.mp4", timeline, folder=tmp_path)
    assert grades(report) == {} and report.verdict == "VERIFIED"


@pytest.mark.parametrize(
    ("make", "matrix", "size"),
    [
        (media.write_clip, media.turned_matrix(45), Size(320, 180)),
        (media.write_clip, media.turned_matrix(-100), Size(180, 320)),
        (media.anamorphic, (0, 1, 1, 0), Size(180, 640)),
        (media.odd_sized, (-1, 0, 0, 1), Size(321, 181)),
    ],
    ids=["odd angle", "another", "wide px, mirrored and turned", "odd size, mirrored"],
)
def test_renderer_and_verifier_agree(make, matrix, size, tmp_path):
    source = probe(looks.with_matrix(tmp_path / "film.mp4", matrix, make))
    timeline = timeline_of(source)
    assert source.video.display_size == size
    rendered(timeline, tmp_path)
    assert grades(verify(tmp_path / "made.mp4", timeline, folder=tmp_path)) == {}


def test_a_movie_that_is_not_mirrored_though_it_should_be_is_rejected(tmp_path):
    upright = media.write_clip(tmp_path / "plain.mp4")
    timeline = timeline_of(probe(upright))
    rendered(timeline, tmp_path)
    looks.with_matrix(upright, (-1, 0, 0, 1))
    assert verify(tmp_path / "made.mp4", timeline, folder=tmp_path).verdict == "REJECTED"


@pytest.fixture(scope="module")
def interlaced(tmp_path_factory):
    return looks.fields(tmp_path_factory.mktemp("fields") / "film.mp4", looks.woven(0, 1), flag="tff", frames=60)


@pytest.mark.parametrize("jobs", [0, 2])
def test_fields_are_made_whole_and_verified(jobs, interlaced, tmp_path):
    timeline = timeline_of(probe(interlaced))
    rendered(timeline, tmp_path, jobs=jobs)
    players = looks.as_ffmpeg_shows(
        needed.program("ffmpeg"), interlaced, "bwdif=mode=send_frame:parity=tff", "extractplanes=y"
    )
    crop = np.s_[TOP_PX : TOP_PX + CANVAS.height, LEFT_PX : LEFT_PX + CANVAS.width]
    for ours, shown in zip(pictures(tmp_path / "made.mp4")[1:], players[1:], strict=True):
        assert np.abs(ours - shown[crop].astype(int)).mean() < 2
    report = verify(tmp_path / "made.mp4", timeline, folder=tmp_path)
    assert grades(report) == {} and report.verdict == "VERIFIED"
    combed = with_fields(timeline, tmp_path, lambda path: "progressive")
    assert verify(tmp_path / "made.mp4", combed, folder=tmp_path).verdict != "VERIFIED"
    with av.open(str(tmp_path / "made.mp4")) as container:
        assert not next(container.decode(video=0)).interlaced_frame


def test_a_seek_changes_no_picture(interlaced):
    def luma(picture):
        return picture.frame.to_ndarray()

    readers = [MediaReader(interlaced, media.FILM_RATE, is_vfr=False, fields="flagged") for _ in range(2)]
    try:
        through = {picture.grid_frame: luma(picture) for picture in readers[0]}
        assert list(through) == list(range(60))
        found = [(picture.grid_frame, luma(picture)) for picture in readers[1].held([58, 59])]
        found += [(picture.grid_frame, luma(picture)) for picture in readers[1].held([31])]
    finally:
        for reader in readers:
            reader.close()
    assert [grid for grid, _ in found] == [58, 59, 31]
    assert all(np.array_equal(through[grid], shown) for grid, shown in found)


def test_the_command_line_decides_anew(interlaced, tmp_path):
    source = tmp_path / "film.otio"
    write_timeline(timeline_of(probe(interlaced)), source)
    assert read_cut(read_timeline(source), folder=tmp_path).clips[0].facts.fields == "top_first"
    ran = panscan("render", source, "--deinterlace", "off", "--quality", "high")
    assert ran.code == 0, ran.err
    beside = tmp_path / "film.deinterlace-off.otio"
    assert read_cut(read_timeline(beside), folder=tmp_path).clips[0].facts.fields == "progressive"
    assert panscan("verify", beside.with_suffix(".mp4"), beside).code == 0
    for command in (("render", source), ("perceive", interlaced), ("reframe", interlaced)):
        wrong = panscan(*command, "--deinterlace", "maybe")
        assert wrong.code == 2 and "auto" in wrong.err, command


def test_perceive_tells_and_reframe_keeps_it(interlaced, tmp_path):
    ran = panscan("reframe", interlaced, "-o", tmp_path, "--to", "ffmpeg")
    assert ran.code == 0 and ran.err.count("the pictures are interlaced") == 1, ran.err
    timeline = read_timeline(next(tmp_path.glob("*.otio")))
    assert read_cut(timeline, folder=tmp_path).clips[0].facts.fields == "top_first"
    assert "bwdif=mode=send_frame" in next(tmp_path.glob("*.filter")).read_text()


@pytest.mark.parametrize(("wanted", "fields"), [(None, "top_first"), ("off", "progressive")])
def test_the_service_takes_the_same_choice(wanted, fields, interlaced, tmp_path):
    asked, _ = parse_job_request({"source": str(interlaced), "deinterlace": wanted})
    maker, allowed = PlanMaker(), AllowedFolders.of([interlaced.parent])
    maker.validate(asked)
    maker.make_plan(asked, interlaced, tmp_path, allowed, lambda *_: None)
    assert read_cut(read_timeline(tmp_path / "timeline.otio"), folder=tmp_path).clips[0].facts.fields == fields
    with pytest.raises(UsageError, match="deinterlace"):
        maker.validate(replace(asked, deinterlace="maybe"))


@pytest.mark.parametrize(("wanted", "fields"), [("auto", "top_first"), ("off", "progressive")])
def test_a_job_takes_the_same_choice(wanted, fields, interlaced, tmp_path):
    job = tmp_path / "job.json"
    said = {"source": {"path": str(interlaced)}, "deinterlace": wanted, "return_video": False}
    job.write_text(json.dumps(said), encoding="utf-8")
    assert panscan("work", job).code == 0
    (made,) = (tmp_path / "job" / "output").glob("*.otio")
    assert read_cut(read_timeline(made), folder=made.parent).clips[0].facts.fields == fields


@pytest.mark.parametrize("size", [(160, 90), (640, 360)])
def test_another_size_in_mid_stream_is_scaled_and_told(size, tmp_path):
    first = media.write_clip(tmp_path / "a.ts", tones={})
    second = media.write_clip(tmp_path / "b.ts", size=size, pts=range(25, 50), tones={})
    source = probe(looks.joined(tmp_path / "film.ts", first, second))
    assert source.notes == (f"25 of 50 picture(s), from 1.00 s on, {CHANGED}",)
    timeline = timeline_of(source)
    result = rendered(timeline, tmp_path)
    assert [("25 pictures of film.ts" in note, "another size" in note) for note in result.notes] == [(True, True)]
    assert verify(tmp_path / "made.mp4", timeline, folder=tmp_path).verdict != "REJECTED"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_another_size_in_packets_with_lengths_is_told(suffix, tmp_path):
    """As programs write it that join files: the second size stands in the packets alone."""
    media.write_clip(tmp_path / "a.mp4", tones={})
    media.write_clip(tmp_path / "b.mp4", size=(640, 360), tones={})
    (tmp_path / "list.txt").write_text("file a.mp4\nfile b.mp4\n")
    command = [needed.program("ffmpeg"), "-v", "error", "-f", "concat", "-i", "list.txt", "-c", "copy", f"film{suffix}"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    found = probe(tmp_path / f"film{suffix}")
    assert [(CHANGED in note, note.split()[0]) for note in found.notes] == [(True, str(found.frame_count // 2))]


def test_what_no_header_shows_is_seen_when_it_is_decoded(tmp_path):
    found = probe(looks.changing_jpegs(tmp_path / "film.mkv", (320, 180), (160, 90)))
    told: list[str] = []
    assert found.notes == () and len(list(PictureDecoder(found, note=told.append))) == 10
    assert told == [f"5 of 10 picture(s) {CHANGED}"]
