"""`panscan reframe --render` lets nothing out under its own name that was not judged, or was rejected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import typer

import media
from commandline import panscan
from faults.picture import barred
from faults.remaking import changed, remade
from panscan import render as renderer
from panscan import verify as verifier
from panscan.cli.commands import command_line
from panscan.errors import InputError

SMALL = ("--canvas", "180x320")


@pytest.fixture
def film(tmp_path):
    return media.write_clip(tmp_path / "film.mp4", pts=range(15))


def spoiled(monkeypatch, spoil):
    """Let every movie be spoiled between rendering and judging."""

    def render_many(*given, real=renderer.render_many, **named):
        results = real(*given, **named)
        for result in results:
            faulty = result.output.with_name("faulty.mp4")
            spoil(result.output, faulty)
            faulty.replace(result.output)
        return results

    monkeypatch.setattr(renderer, "render_many", render_many)


def test_a_rejected_movie_does_not_keep_its_name(film, monkeypatch):
    spoiled(monkeypatch, lambda movie, target: changed(movie, target, barred))
    ran = panscan("reframe", film, "-r", "9:16", "-r", "1:1", "--render", "--json")
    assert ran.code == 1
    for item, shape in zip(ran.data, ("9x16", "1x1"), strict=True):
        assert item["verdict"] == "REJECTED"
        assert Path(item["movie"]) == film.parent / f"film.{shape}.rejected.mp4" and Path(item["movie"]).is_file()
        assert (film.parent / f"film.{shape}.rejected.html").is_file()
        assert not (film.parent / f"film.{shape}.mp4").exists()
        assert "dark edges" in ran.err
    assert not list(film.parent.glob("*unverified*"))


def test_an_earlier_movie_is_not_replaced_by_a_rejected_one(film, monkeypatch):
    good = panscan("reframe", film, *SMALL, "--render", "--json")
    assert good.code == 0 and good.data[0]["verdict"] == "VERIFIED"
    movie = Path(good.data[0]["movie"])
    before = movie.read_bytes()
    spoiled(monkeypatch, lambda made, target: remade(made, target, lambda n, f: [] if n == 7 else [f]))
    bad = panscan("reframe", film, *SMALL, "--render", "--json")
    assert bad.code == 1 and bad.data[0]["verdict"] == "REJECTED"
    assert movie.read_bytes() == before


def test_what_was_not_judged_has_no_name_of_its_own(film, monkeypatch):
    def unjudged(*_given, **_named):
        raise InputError("the source cannot be read", why="It was taken away.", fix="Put it back.")

    monkeypatch.setattr(verifier, "inspect", unjudged)
    ran = panscan("reframe", film, *SMALL, "--render", "--json")
    assert ran.code == 3 and not (film.parent / "film.9x16.mp4").exists()
    assert "film.9x16.unverified.mp4" in ran.err and "It was taken away" in ran.err
    assert panscan("render", film.parent / "film.9x16.otio").code == 3
    assert panscan("render", film.parent / "film.9x16.otio", "--no-verify").code == 0
    assert (film.parent / "film.9x16.mp4").is_file()


def test_a_flagged_movie_keeps_its_name_and_says_so(film, monkeypatch):
    def flagging(*given, real=verifier.inspect, **named):
        found = real(*given, **named)
        first, *others = found.report.findings
        return replace(found, report=replace(found.report, findings=(replace(first, grade="flag"), *others)))

    monkeypatch.setattr(verifier, "inspect", flagging)
    ran = panscan("reframe", film, *SMALL, "--render", "--json")
    assert ran.code == 0 and ran.data[0]["verdict"] == "DELIVERED_WITH_QUALITY_FLAGS"
    assert (film.parent / "film.9x16.mp4").is_file() and "DELIVERED_WITH_QUALITY_FLAGS" in ran.err


def test_no_option_leaves_the_judging_out():
    options = [name for p in typer.main.get_command(command_line()).commands["reframe"].params for name in p.opts]
    assert not [name for name in options if "verif" in name or ("skip" in name and name != "--skip-offline")]
