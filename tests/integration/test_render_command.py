"""`panscan render` from the command line: what its options make, and what it says when it cannot."""

from __future__ import annotations

from dataclasses import replace

import av
import pytest

import media
from commandline import panscan
from panscan import verify
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render.container import codecs
from panscan.timeline.build import build_timeline
from panscan.timeline.files import write_timeline


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("command")
    source = probe(media.vfr(folder / "film.mp4"))
    canvas = Size(360, 640)
    camera = Camera((0,), (640 / 180,), (100.0,), (0.0,))
    framing = Framing(canvas, source.video.display_size, source.video.rate, (Cell(0, 0, canvas, camera),))
    shots = [(Shot(0, source.frame_count), framing)]
    timeline = build_timeline(source, shots, name="film", recipe={"media": source.digest})
    write_timeline(timeline, folder / "film.9x16.otio")
    return folder


def test_proxy_is_half_the_size_and_has_its_timeline(made, tmp_path):
    ran = panscan("render", made / "film.9x16.otio", "-o", tmp_path / "look.mp4", "--proxy", "--cfr", "--json")
    assert ran.code == 0 and ran.data["canvas_px"] == [[180, 320]] and ran.data["sound"] == "copied"
    assert ran.data["verdict"] == "VERIFIED", ran.err
    verified = panscan("verify", tmp_path / "look.mp4", tmp_path / "look.otio", "--cfr", "--json")
    assert verified.data["findings"] == ran.data["report"]["findings"]
    assert panscan("verify", tmp_path / "look.mp4", tmp_path / "look.otio").code == 1, "the source's clock is another"


def test_native_canvas_beside_the_timeline(made):
    ran = panscan("render", made / "film.9x16.otio", "--canvas", "native", "--quality", "draft")
    assert ran.code == 0 and "film.9x16.native.mp4" in ran.err
    with av.open(str(made / "film.9x16.native.mp4")) as movie:
        assert (movie.streams.video[0].width, movie.streams.video[0].height) == (100, 180)
    assert (made / "film.9x16.native.otio").is_file()
    own_clock = made / "film.9x16.native.mp4", made / "film.9x16.native.otio"
    assert panscan("verify", *own_clock).code == 0
    assert panscan("verify", *own_clock, "--cfr").code == 1, "its clock is the source's"


def test_prores_is_named_mov(made):
    assert panscan("render", made / "film.9x16.otio", "--codec", "prores", "--quality", "draft").code == 0
    assert (made / "film.9x16.mov").is_file()


def test_stream(made, tmp_path):
    ran = panscan(
        "render", made / "film.9x16.otio", "--to", "hls", "-o", tmp_path / "hls", "--preset", "ultrafast", "--json"
    )
    assert ran.code == 0 and (tmp_path / "hls" / "master.m3u8").is_file() and "master.m3u8" in ran.err
    assert ran.data["verdict"] == "VERIFIED" and (tmp_path / "hls.html").is_file()


def left_over(folder):
    return [path.name for path in folder.iterdir() if "unverified" in path.name or path.name.startswith(".")]


def test_the_verdict_is_told_and_the_framing_apart(made, tmp_path):
    ran = panscan("render", made / "film.9x16.otio", "-o", tmp_path / "film.mp4", "--json")
    assert ran.code == 0 and ran.data["verdict"] == "VERIFIED" and ran.data["written"] == str(tmp_path / "film.mp4")
    assert ran.data["verified_s"] > 0 and "film.mp4: VERIFIED (verified in " in ran.err
    (note,) = ran.data["report"]["framing"]
    assert (note["name"], note["shots"], note["figures"]) == ("enlarged_twice", [1], [3.556]) and note[
        "what"
    ] in ran.err
    page = (tmp_path / "film.html").read_text(encoding="utf-8")
    assert ran.data["page"] == str(tmp_path / "film.html") and note["what"] in page
    assert left_over(tmp_path) == []


def test_without_verifying(made, tmp_path):
    ran = panscan("render", made / "film.9x16.otio", "-o", tmp_path / "film.mp4", "--no-verify", "--json")
    assert ran.code == 0 and ran.data["verdict"] is None and "VERIFIED" not in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


@pytest.fixture
def rejects(monkeypatch):
    def rejecting(*given, inspect=verify.inspect, **named):
        found = inspect(*given, **named)
        findings = tuple(replace(finding, grade="fail") for finding in found.report.findings)
        return replace(found, report=replace(found.report, findings=findings))

    monkeypatch.setattr(verify, "inspect", rejecting)


def test_a_rejected_movie_gets_another_name(made, tmp_path, rejects):
    (tmp_path / "film.mp4").write_bytes(b"earlier")
    words = ("render", made / "film.9x16.otio", "-o", tmp_path / "film.mp4", "--overwrite", "--json")
    ran = panscan(*words)
    assert ran.code == 1 and ran.data["verdict"] == "REJECTED" and "REJECTED" in ran.err
    assert ran.data["written"] == str(tmp_path / "film.rejected.mp4") == ran.data["movie"]
    assert (tmp_path / "film.mp4").read_bytes() == b"earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"film.mp4", "film.rejected.mp4", "film.rejected.html"}


def test_a_rejected_stream_is_not_made(made, tmp_path, rejects):
    ran = panscan("render", made / "film.9x16.otio", "--to", "hls", "-o", tmp_path / "hls", "--json")
    assert ran.code == 1 and ran.data["written"] is None and ran.data["canvas_px"] == []
    assert "hls was not made" in ran.err and [path.name for path in tmp_path.iterdir()] == ["hls.html"]


def test_the_source_is_never_the_output(made, tmp_path):
    before = (made / "film.mp4").read_bytes()
    ran = panscan("render", made / "film.9x16.otio", "-o", made / "film.mp4", "--overwrite")
    assert ran.code == 2 and "one of the sources" in ran.err and (made / "film.mp4").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--codec", "vp9"), 2, ("vp9", "h264")),
        (("--quality", "best"), 2, ("best", "draft")),
        (("--codec", "prores", "-o", "out.mp4"), 2, ("out.mp4", ".mov")),
        (("--canvas", "99x99"), 2, ("99x99", "native")),
        (("--to", "smooth"), 2, ("smooth", "hls")),
        (("--hardware", "-o", "out.mp4"), 4, ("hardware", "Software: h264")),
    ],
)
def test_mistakes(made, monkeypatch, options, code, words):
    monkeypatch.chdir(made)
    monkeypatch.setattr(codecs, "_works", lambda name: False)
    before = sorted(made.iterdir())
    ran = panscan("render", made / "film.9x16.otio", *options)
    assert ran.code == code and all(word in ran.err for word in words) and "fix:" in ran.err
    assert sorted(made.iterdir()) == before


def test_changed_source_needs_force(made, tmp_path):
    text = (made / "film.9x16.otio").read_text().replace(probe(made / "film.mp4").digest, "0" * 32)
    (tmp_path / "film.otio").write_text(text)
    ran = panscan("render", tmp_path / "film.otio", "--proxy")
    assert ran.code == 3 and "changed" in ran.err and "--force" in ran.err
    assert panscan("render", tmp_path / "film.otio", "--proxy", "--force").code == 0
