"""Movies of cuts with dissolves, fades and dips: honest ones pass, planted faults do not."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest

import documents as make
from faults import films
from faults.remaking import remade
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.timeline.cut import read_cut
from panscan.verify import Verdict, verify

# Three pieces of the film, of three shots, with a fade in and out, a dissolve off its middle, and a dip.
PIECES = ((4, 30), (46, 66), (76, 94))
FADE, DISSOLVE, DIP = (0, 6), (5, 7), (4, 4)


def edit(source, *, by: int = 0, without: tuple[str, ...] = (), extra: tuple[int, int] | None = None, split=False):
    """The cut; `by`: all transitions so many frames later; `without`: their names; `extra`: a dissolve for the dip."""
    framings = [films.pan(films.CANVAS, *piece, 60.0, 300.0) for piece in PIECES]
    if split:
        framings[1] = films.halves(films.CANVAS)
    shots = [(Shot(*piece), framing) for piece, framing in zip(PIECES, framings, strict=True)]
    timeline = build_timeline(source, shots, name="dissolves", recipe={})
    track = timeline.video_tracks()[0]
    dip = ("SMPTE_Dissolve", "extra", extra) if extra else ("Custom_Transition", "Dip to Black", DIP)
    for at, kind, name, frames in (
        (3, "SMPTE_Dissolve", "out", FADE[::-1]), (2, *dip),
        (1, "SMPTE_Dissolve", "mix", DISSOLVE), (0, "SMPTE_Dissolve", "in", FADE),
    ):  # fmt: skip
        if name not in without:
            before, after = (frames[0] - by, frames[1] + by) if at in (1, 2) else frames
            offsets = (otio.opentime.RationalTime(count, 25) for count in (before, after))
            track.insert(at, otio.schema.Transition(name, kind, *offsets))
    return timeline


@pytest.fixture
def film(stages):
    return stages("three shots")


def judged(film, shown, expected, target, crf=14):
    render(shown, folder=film.folder, output=target, settings=RenderSettings(crf=crf))
    return verify(target, expected, folder=film.folder)


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("crf", [14, 28])
def test_the_honest_movie_is_verified(film, tmp_path, crf, split) -> None:
    timeline = edit(film.source, split=split)
    cut = read_cut(timeline, folder=film.folder)
    assert [d.is_cross for d in cut.dissolves] == [False, True, False, False] and cut.dissolves[2].is_dip
    report = judged(film, timeline, timeline, tmp_path / "movie.mp4", crf)
    # The film's finest detail does not survive that much compression.
    assert {f.name for f in report.findings if f.grade != "pass"} == ({"sharpness"} if crf == 28 else set())
    assert report["cuts"].measured["dissolves"] == 4 and report["cuts"].measured["borders"] == 0


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("name", ["in", "mix", "Dip to Black", "out"])
def test_a_hard_cut_where_a_transition_belongs_is_found(film, tmp_path, name, split) -> None:
    hard = edit(film.source, without=(name,), split=split)
    report = judged(film, hard, edit(film.source, split=split), tmp_path / "movie.mp4")
    assert report.verdict is Verdict.REJECTED and report["cuts"].grade == "fail", report.to_text()


@pytest.mark.parametrize("name", ["in", "mix", "Dip to Black", "out"])
def test_a_transition_where_a_cut_belongs_is_found(film, tmp_path, name) -> None:
    expected = edit(film.source, without=(name,))
    report = judged(film, edit(film.source), expected, tmp_path / "movie.mp4")
    assert report.verdict is Verdict.REJECTED and report["cuts"].grade == "fail", report.to_text()


@pytest.mark.parametrize("frames", [(0, 3), (3, 0), (1, 1)])
def test_even_a_short_dissolve_where_a_cut_belongs_is_found(film, tmp_path, frames) -> None:
    expected = edit(film.source, without=("extra",), extra=frames)
    report = judged(film, edit(film.source, extra=frames), expected, tmp_path / "movie.mp4")
    assert report.verdict is Verdict.REJECTED and report["cuts"].grade == "fail", report.to_text()


@pytest.mark.parametrize("by", [-1, 1])
def test_a_dissolve_one_frame_early_or_late_is_found(film, tmp_path, by) -> None:
    report = judged(film, edit(film.source, by=by), edit(film.source), tmp_path / "movie.mp4")
    assert report.verdict is Verdict.REJECTED, report.to_text()
    assert ("late" if by > 0 else "early") in report["cuts"].what


def test_a_dissolve_for_a_dip_is_found(film, tmp_path) -> None:
    report = judged(film, edit(film.source, extra=DIP), edit(film.source), tmp_path / "movie.mp4")
    assert report.verdict is Verdict.REJECTED and report["cuts"].grade == "fail", report.to_text()


def test_pictures_that_stand_still_in_a_dissolve_are_found(film, tmp_path) -> None:
    """As where an editor had no handles: the film ends with the clip before the dissolve."""
    timeline = edit(film.source)
    movie = tmp_path / "honest.mp4"
    render(timeline, folder=film.folder, output=movie, settings=RenderSettings(crf=14))
    cut = read_cut(timeline, folder=film.folder)
    dissolve = cut.dissolves[1]
    kept = {}

    def held(number, frame):
        kept[number] = frame
        return [kept[min(number, dissolve.first + 3)] if number < dissolve.end else frame]

    report = verify(remade(movie, tmp_path / "held.mp4", held), timeline, folder=film.folder)
    assert report.verdict is Verdict.REJECTED, report.to_text()


def test_dissolves_of_retimed_clips(film, tmp_path) -> None:
    timeline = edit(film.source)
    for track in timeline.tracks:
        for child, speed, start in zip(list(track.find_clips()), (1.5, -1.0, 0.0), (8, 66, 80), strict=True):
            warp = otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()
            child.effects.append(warp)
            length = otio.opentime.RationalTime(18, 25)
            child.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(start, 25), length)
    report = judged(film, timeline, timeline, tmp_path / "movie.mp4")
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert len(read_cut(timeline, folder=film.folder).dissolves) == 4


def test_white_and_colours(film, tmp_path) -> None:
    timeline = edit(film.source)
    track = timeline.video_tracks()[0]
    track[4].name = "Dip to White"
    cut = read_cut(timeline, folder=film.folder)
    assert cut.dissolves[2].colour == "#ffffff"
    assert judged(film, timeline, timeline, tmp_path / "movie.mp4").verdict is Verdict.VERIFIED
    report = judged(film, edit(film.source), timeline, tmp_path / "black.mp4")
    assert report.verdict is Verdict.REJECTED, report.to_text()


def test_shares_are_exact(film) -> None:
    _, mix, dip, _ = read_cut(edit(film.source), folder=film.folder).dissolves
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
    assert make.track(edit(film.source))[0].name == "in"
