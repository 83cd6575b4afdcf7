"""Fields and orientation: a movie is rejected although all that was known of its source is wrong in the same way."""

from __future__ import annotations

from dataclasses import replace

import av
import pytest

import looks
import media
from panscan.decoding.orientation import Orientation
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.render.picture import picture_format
from panscan.render.source import MediaReader
from panscan.timeline.build import build_timeline
from panscan.timeline.fields import with_fields
from panscan.verify import verify

CANVAS = Size(96, 160)
TOP_FIRST, BOTTOM_FIRST, WHOLE = looks.woven(0, 1), looks.woven(1, 0), looks.woven(0, 0)


def still(source, recipe=None):
    """A crop of the source's own px."""
    display = source.video.display_size
    keys = key_values_of_crop(Rect(30, 10, CANVAS.width, CANVAS.height), CANVAS, display)
    framing = Framing(CANVAS, display, source.video.rate, (Cell(0, 0, CANVAS, Camera((0,), *((v,) for v in keys))),))
    return build_timeline(source, [(Shot(0, source.frame_count), framing)], name="film", recipe=recipe or {})


def judged(timeline, folder):
    """The report on the movie of a timeline, at the quality of a standard render."""
    render(timeline, folder=folder, output=folder / "made.mp4", settings=RenderSettings.of("h264"))
    return verify(folder / "made.mp4", timeline, folder=folder)


@pytest.fixture(scope="module", params=["tff", "bff"])
def interlaced(request, tmp_path_factory):
    """A film made of fields, and the order in which they are not."""
    scene, wrong = {"tff": (TOP_FIRST, "bottom_first"), "bff": (BOTTOM_FIRST, "top_first")}[request.param]
    return looks.fields(tmp_path_factory.mktemp("fields") / "film.mp4", scene, flag=request.param), wrong


def test_pictures_that_are_made_whole_are_verified(interlaced, tmp_path):
    report = judged(still(probe(interlaced[0])), tmp_path)
    assert report.verdict == "VERIFIED" and report["fields"].measured["looks"] > 8, report.to_text()


@pytest.mark.parametrize("is_order", [False, True], ids=["taken for progressive", "in the wrong order"])
def test_wrong_facts_are_found(is_order, interlaced, tmp_path):
    path, wrong = interlaced
    timeline = with_fields(still(probe(path)), tmp_path, lambda _: wrong if is_order else "progressive")
    report = judged(timeline, tmp_path)
    assert {f.name: f.grade for f in report.findings if f.grade != "pass"} == {"fields": "fail"}, report.to_text()


def test_combs_that_the_renderer_leaves_are_found(interlaced, tmp_path, monkeypatch):
    monkeypatch.setattr("panscan.render.source.deinterlaced", lambda frames, stream, fields: frames)
    assert judged(still(probe(interlaced[0])), tmp_path)["fields"].grade == "fail"


def test_combs_that_somebody_asked_for_are_no_fault(interlaced, tmp_path):
    source = probe(interlaced[0], deinterlace="off")
    report = judged(still(source, recipe={"deinterlace": "off"}), tmp_path)
    assert report.verdict == "VERIFIED" and "as asked for" in report["fields"].what
    assert judged(still(source), tmp_path).verdict == "REJECTED"


@pytest.mark.parametrize("flag", ["", "tff"])
def test_whole_pictures_are_no_fields_whatever_their_flags(flag, tmp_path):
    report = judged(still(probe(looks.fields(tmp_path / "film.mp4", WHOLE, flag=flag))), tmp_path)
    assert report["fields"].grade == "pass" and not report["fields"].measured["source_orders"]


def test_a_movie_that_is_flagged_as_interlaced_is_rejected(tmp_path):
    source = probe(media.write_clip(tmp_path / "film.mp4"))
    render(still(source), folder=tmp_path, output=tmp_path / "made.mp4")
    with av.open(str(tmp_path / "made.mp4")) as made, av.open(str(tmp_path / "flagged.mkv"), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "12", "x264-params": "interlaced=1"})
        stream.width, stream.height, stream.pix_fmt = CANVAS.width, CANVAS.height, "yuv420p"
        for frame in made.decode(video=0):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert verify(tmp_path / "flagged.mkv", still(source), folder=tmp_path)["fields"].grade == "fail"


@pytest.mark.parametrize(("matrix", "wrong"), [((-1, 0, 0, 1), "mirrored"), ((-1, 0, 0, -1), "upside down")])
def test_a_wrong_orientation_is_found(matrix, wrong, tmp_path, monkeypatch):
    """The renderer takes the picture as it is coded, and so does what ingest knows of it."""
    source = probe(looks.with_matrix(tmp_path / "film.mp4", matrix))
    assert judged(still(source), tmp_path).verdict == "VERIFIED"
    monkeypatch.setattr(picture_format, "orientation_of", lambda frame: Orientation())
    as_coded = replace(source, video=replace(source.video, rotation_deg=0, is_mirrored=False))
    assert judged(still(as_coded), tmp_path).verdict == "REJECTED"
    reader = MediaReader(tmp_path / "film.mp4", media.FILM_RATE, is_vfr=False)
    assert reader.picture_format.quarter_turns == 0 and not reader.picture_format.is_mirrored, wrong
    reader.close()


def test_what_ffmpeg_does_not_tell_is_read_from_the_header(tmp_path, monkeypatch):
    timeline = still(probe(looks.with_matrix(tmp_path / "film.mp4", (-1, 0, 0, 1))))
    render(timeline, folder=tmp_path, output=tmp_path / "made.mp4")
    monkeypatch.setattr("panscan.verify.picture_tags._side_data", lambda frame, kind: None)
    assert verify(tmp_path / "made.mp4", timeline, folder=tmp_path).verdict == "VERIFIED"
