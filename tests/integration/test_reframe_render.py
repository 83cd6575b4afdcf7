"""The options of rendered movies on `panscan reframe --render`: the same as on `panscan render`."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import av
import pytest
import typer

from commandline import panscan
from panscan import verify
from panscan.cli.commands import command_line
from panscan.cli.rendering import RenderOptions
from panscan.render.container import codecs


@pytest.fixture
def film(movie, tmp_path):
    return Path(shutil.copy(movie("cuts"), tmp_path / "film.mp4"))


def left_over(folder):
    return [path.name for path in folder.iterdir() if "unverified" in path.name or path.name.startswith(".")]


def test_both_commands_share_every_option():
    commands = typer.main.get_command(command_line()).commands
    render, reframe = ({p.name: p for p in commands[name].params} for name in ("render", "reframe"))
    shared = [name for name in RenderOptions.__dataclass_fields__ if name != "native"]
    assert len(shared) >= 7
    for name in shared:
        same_help = render[name].help == reframe[name].help
        assert render[name].opts == reframe[name].opts and (same_help or name == "jobs")  # of many movies, too
        assert render[name].default == reframe[name].default == getattr(RenderOptions(), name)


def test_codec_proxy_and_jobs(film):
    options = ("-r", "1:1", "-r", "9:16", "--codec", "h265", "--quality", "draft", "--proxy", "--jobs", "1")
    ran = panscan("reframe", film, "--canvas", "native", "--to", "edl", "--render", *options, "--json")
    assert ran.code == 0, ran.err
    for item, name, half in zip(ran.data, ("1x1", "9x16"), ((90, 90), (50, 90)), strict=True):
        assert Path(item["movie"]) == film.parent / f"film.{name}.native.proxy.mp4" and item["verdict"] == "VERIFIED"
        with av.open(item["movie"]) as made:
            video = made.streams.video[0]
            assert video.codec_context.codec.canonical_name == "hevc" and (video.width, video.height) == half
        # The timeline keeps its canvas; the movie's own lies beside it.
        verified = panscan("verify", item["movie"], film.parent / f"film.{name}.native.proxy.otio", "--json")
        assert verified.code == 0 and verified.data["verdict"] == "VERIFIED"
        assert panscan("verify", item["movie"], item["timeline"]).code == 1
    assert left_over(film.parent) == []


def test_prores_is_named_mov(film):
    ran = panscan("reframe", film, "--canvas", "90x160", "--render", "--codec", "prores", "--json")
    assert ran.code == 0 and Path(ran.data[0]["movie"]).name == "film.9x16.mov" and ran.data[0]["verdict"] == "VERIFIED"


@pytest.mark.parametrize(("kind", "master"), [("hls", "master.m3u8"), ("dash", "manifest.mpd")])
def test_streams_are_judged_too(film, kind, master, monkeypatch):
    asked = ("reframe", film, "--canvas", "180x320", "--render", "--to", kind, "--json")
    ran = panscan(*asked)
    assert ran.code == 0 and ran.data[0]["verdict"] == "VERIFIED" and ran.data[0]["deliveries"] == []
    folder = film.parent / f"film.9x16.{kind}"
    assert Path(ran.data[0]["movie"]) == folder / master and (folder / master).is_file()
    assert (film.parent / f"film.9x16.{kind}.html").is_file() and not (film.parent / "film.9x16.mp4").exists()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def rejecting(*given, inspect=verify.inspect, **named):
        found = inspect(*given, **named)
        findings = tuple(replace(finding, grade="fail") for finding in found.report.findings)
        return replace(found, report=replace(found.report, findings=findings))

    monkeypatch.setattr(verify, "inspect", rejecting)
    ran = panscan(*asked)
    assert ran.code == 1 and ran.data[0]["verdict"] == "REJECTED" and "was not made" in ran.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert left_over(film.parent) == []


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--codec", "h265"), 2, ("nothing to render", "--render")),
        (("--to", "hls"), 2, ("nothing to render", "--render")),
        (("--canvas", "native"), 2, ("nothing to render", "--render")),
        (("--render", "--codec", "vp9"), 2, ("vp9", "h264")),
        (("--render", "--quality", "best"), 2, ("best", "draft")),
        (("--render", "--to", "smooth"), 2, ("smooth", "fcpxml")),
        (("--render", "--hardware"), 4, ("hardware", "Software: h264")),
    ],
)
def test_mistakes_are_told_before_anything_is_looked_at(film, monkeypatch, options, code, words):
    monkeypatch.setattr(codecs, "_works", lambda name: False)
    monkeypatch.setattr("panscan.pipeline.analyse", lambda *given, **named: pytest.fail("looked at"))
    ran = panscan("reframe", film, *options)
    assert ran.code == code and all(word in ran.err for word in words) and "fix:" in ran.err
    assert [path.name for path in film.parent.iterdir()] == ["film.mp4"]
