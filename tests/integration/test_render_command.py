"""`panscan render` from the command line: what its options make, and what it says when it cannot."""

from __future__ import annotations

import av
import pytest

import media
from commandline import panscan
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
    verified = panscan("verify", tmp_path / "look.mp4", tmp_path / "look.otio", "--json")
    canvas = next(f for f in verified.data["findings"] if f["name"] == "canvas")
    assert canvas["verdict"] == "pass"


def test_native_canvas_beside_the_timeline(made):
    ran = panscan("render", made / "film.9x16.otio", "--canvas", "native", "--quality", "draft")
    assert ran.code == 0 and "film.9x16.native.mp4" in ran.err
    with av.open(str(made / "film.9x16.native.mp4")) as movie:
        assert (movie.streams.video[0].width, movie.streams.video[0].height) == (100, 180)
    assert (made / "film.9x16.native.otio").is_file()


def test_prores_is_named_mov(made):
    assert panscan("render", made / "film.9x16.otio", "--codec", "prores", "--quality", "draft").code == 0
    assert (made / "film.9x16.mov").is_file()


def test_stream(made, tmp_path):
    ran = panscan("render", made / "film.9x16.otio", "--to", "hls", "-o", tmp_path / "hls", "--preset", "ultrafast")
    assert ran.code == 0 and (tmp_path / "hls" / "master.m3u8").is_file() and "master.m3u8" in ran.err


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
