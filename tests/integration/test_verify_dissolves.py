"""Cuts with dissolves, fades and dips: compressed, retimed, of other colours; their faults are rows of the table."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio
import pytest

import documents as make
from faults import recuts
from faults.remaking import remade
from panscan.render import RenderSettings, render
from panscan.timeline.cut import read_cut
from panscan.verify import Verdict, verify


@pytest.fixture
def film(stages):
    return stages("dissolves")


def judged(film, timeline, target, crf=14):
    render(timeline, folder=film.folder, output=target, settings=RenderSettings(crf=crf))
    return verify(target, timeline, folder=film.folder)


def test_compression_is_no_fault_of_a_dissolve(film, tmp_path) -> None:
    cut = read_cut(film.timeline, folder=film.folder)
    assert [d.is_cross for d in cut.dissolves] == [False, True, False, False] and cut.dissolves[2].is_dip
    report = judged(film, film.timeline, tmp_path / "movie.mp4", 28)
    # The film's finest detail does not survive that much compression.
    assert {f.name for f in report.findings if f.grade != "pass"} == {"sharpness"}
    assert report["cuts"].measured["dissolves"] == 4 and report["cuts"].measured["borders"] == 0


def test_pictures_that_stand_still_in_a_dissolve_are_found(film, tmp_path) -> None:
    """As where an editor had no handles: the film ends with the clip before the dissolve."""
    dissolve = read_cut(film.timeline, folder=film.folder).dissolves[1]
    kept = {}

    def held(number, frame):
        kept[number] = frame
        return [kept[min(number, dissolve.first + 3)] if number < dissolve.end else frame]

    report = replace(film, movie=remade(film.movie, tmp_path / "held.mp4", held)).report()
    assert report.verdict is Verdict.REJECTED, report.to_text()


def test_dissolves_of_retimed_clips(film, tmp_path) -> None:
    timeline = film.timeline.deepcopy()
    for track in timeline.tracks:
        for child, speed, start in zip(list(track.find_clips()), (1.5, -1.0, 0.0), (8, 56, 62), strict=True):
            warp = otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()
            child.effects.append(warp)
            length = otio.opentime.RationalTime(18, 25)
            child.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(start, 25), length)
    report = judged(film, timeline, tmp_path / "movie.mp4")
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert len(read_cut(timeline, folder=film.folder).dissolves) == 4


def test_white_and_colours(film, tmp_path) -> None:
    timeline = recuts.renamed(film.timeline, "Dip to Black", "Dip to White")
    assert read_cut(timeline, folder=film.folder).dissolves[2].colour == "#ffffff"
    assert judged(film, timeline, tmp_path / "movie.mp4").verdict is Verdict.VERIFIED


def test_shares_are_exact(film) -> None:
    _, mix, dip, _ = read_cut(film.timeline, folder=film.folder).dissolves
    assert [mix.shares(mix.first + k) for k in (0, 5, 11)] == [
        (Fraction(1), Fraction(0)), (Fraction(7, 12), Fraction(5, 12)), (Fraction(1, 12), Fraction(11, 12)),
    ]  # fmt: skip
    assert [dip.shares(dip.first + k) for k in (0, 2, 4, 6)] == [
        (1, 0),
        (Fraction(1, 2), 0),
        (0, 0),
        (0, Fraction(1, 2)),
    ]


def test_documents_keep_them(film) -> None:
    assert make.track(film.timeline)[0].name == "fade in"
