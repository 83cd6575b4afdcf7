"""Movies of cuts with constant speeds, backwards too, and freeze frames: honest ones pass, planted faults do not."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import opentimelineio as otio
import pytest

import documents as make
import media
from commandline import panscan
from faults import films
from faults.kinds import Kind
from faults.remaking import remade
from panscan.errors import InputError
from panscan.ingest.media.probe import probe
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.timeline.cut import read_cut
from panscan.timeline.effect import attach_framing
from panscan.timeline.files import write_timeline
from panscan.verify import Verdict, verify

# Shot of the film, speed, first frame: twice as fast, half as fast over the cut at 40, backwards, slowly backwards off
# the frame grid, held, and as it is.
CUT = (
    ((0, 16), 2.0, 2),
    ((16, 40), 0.5, 34),
    ((40, 62), -1.0, 68),
    ((40, 56), -0.7, 60.5),
    ((40, 50), 0.0, 55),
    ((72, 90), 1.0, 72),
)


def edit(source, *, by: int = 0):
    """The cut, every retimed clip started `by` frames of the media later."""
    framing = films.pan(films.CANVAS, 0, 100, 60.0, 300.0)
    shots = [(Shot(first, end), framing) for (first, end), *_ in CUT]
    timeline = build_timeline(source, shots, name="retimed", recipe={})
    for index, (_, speed, start) in enumerate(CUT):
        if speed != 1:
            make.retime(timeline, index, speed, start + by)
    return timeline


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    film = Kind("retimed", edit, partial(films.scene, cuts=(40, 70)), pts=range(100))
    made = film.stage(tmp_path_factory.mktemp("retimed"))
    return made, made.movie


def _failed(report) -> dict[str, str]:
    return {finding.name: finding.what for finding in report.findings if finding.grade == "fail"}


def test_the_honest_movie_is_verified(stage) -> None:
    film, movie = stage
    report = verify(movie, edit(film.source), folder=film.folder)
    assert report.verdict is Verdict.VERIFIED, [f for f in report.findings if f.grade != "pass"]
    found = {finding.name: finding.measured for finding in report.findings}
    assert found["moment"]["with_evidence"] > 60
    assert found["sound"]["clips"] == 5, "a frozen sound is none"


@pytest.mark.parametrize(
    ("part", "late"), [(0, 1), (1, 1), (1, -1), (2, 1), (3, 1), (4, 1)],
    ids=["fast", "slow", "slow early", "back", "slowly back", "held"],
)  # fmt: skip
def test_one_frame_late_or_early_on_a_retimed_part_is_found(stage, tmp_path, part, late) -> None:
    film, movie = stage
    ends = [0]
    for (first, end), *_ in CUT:
        ends.append(ends[-1] + end - first)
    mine = range(ends[part], ends[part + 1])
    shown = {}

    def moved(number, frame):
        shown[number] = frame
        return [frame]

    remade(movie, tmp_path / "read.mp4", moved)
    faulty = remade(
        movie, tmp_path / "late.mp4", lambda number, frame: [shown[max(0, number - late)] if number in mine else frame]
    )
    report = verify(faulty, edit(film.source), folder=film.folder)
    assert report.verdict is Verdict.REJECTED and {"moment", "cuts"} & set(_failed(report))


def test_a_movie_of_the_next_media_frame_is_found(stage, tmp_path) -> None:
    film, _ = stage
    late = tmp_path / "late.mp4"
    render(edit(film.source, by=1), folder=film.folder, output=late)
    report = verify(late, edit(film.source), folder=film.folder)
    assert report.verdict is Verdict.REJECTED and "moment" in _failed(report)


def test_a_movie_at_normal_speed_is_found(stage, tmp_path) -> None:
    film, _ = stage
    steady = edit(film.source)
    for track in steady.tracks:
        for clip in track:
            kept = [effect for effect in clip.effects if not isinstance(effect, otio.schema.TimeEffect)]
            clip.effects[:] = kept
    movie = tmp_path / "steady.mp4"
    render(steady, folder=film.folder, output=movie)
    assert verify(movie, edit(film.source), folder=film.folder).verdict is Verdict.REJECTED


def test_a_speed_that_changes_on_the_way_is_refused(stage) -> None:
    film, movie = stage
    timeline = edit(film.source)
    for clip in make.track(timeline):
        clip.effects.append(otio.schema.TimeEffect(effect_name="Time Remap"))
    with pytest.raises(InputError, match="changes its speed on the way"):
        verify(movie, timeline, folder=film.folder)


def test_slow_motion_of_fast_media_shows_every_picture(tmp_path) -> None:
    """Media of 50 fps in a cut of 25: at half the speed each of its pictures is shown once."""
    fast = tmp_path / "fast.mp4"
    media.write_clip(fast, films.scene, size=films.SIZE, rate=Fraction(50), pts=range(60), tones={})
    source = probe(fast)
    timeline = build_timeline(
        source, [(Shot(0, 40), films.pan(films.CANVAS, 0, 60, 60.0, 300.0))], name="slow", recipe={}
    )
    clip = make.track(timeline)[0]
    framing = make.framing(
        ((0, 320 / 360, 100.0, 0.0), (30, 320 / 360, -100.0, 0.0)),
        canvas=films.CANVAS,
        source=source.video.display_size,
    )
    attach_framing(clip, framing)
    clip.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(3, 25), otio.opentime.RationalTime(40, 25))
    make.retime(timeline, 0, 0.5)
    movie = tmp_path / "slow.mp4"
    render(timeline, folder=tmp_path, output=movie)
    shown = read_cut(timeline, folder=tmp_path).clips[0]
    assert [shown.source_picture_number(n) for n in range(3)] == [6, 7, 8]
    report = verify(movie, timeline, folder=tmp_path)
    assert report.verdict is Verdict.VERIFIED, [f for f in report.findings if f.grade != "pass"]


def test_from_the_command_line(stage, tmp_path) -> None:
    film, movie = stage
    timeline = edit(film.source)
    write_timeline(timeline, tmp_path / "cut.otio")
    ran = panscan("verify", movie, tmp_path / "cut.otio")
    assert ran.code == 0 and "VERIFIED" in ran.err + ran.out
    for name in ("fcpxml", "otio-resolve", "otio-premiere", "edl", "mlt", "xmeml", "ffmpeg"):
        delivered = panscan("deliver", tmp_path / "cut.otio", "--to", name)
        assert delivered.code == 0 and "retimed clip" not in delivered.err.replace("the sound of the retimed clip", "")
    for clip in make.track(timeline):
        clip.effects.append(otio.schema.TimeEffect(effect_name="Time Remap"))
    write_timeline(timeline, tmp_path / "ramp.otio")
    for command in ("render", "verify"):
        inputs = [tmp_path / "ramp.otio"] if command == "render" else [movie, tmp_path / "ramp.otio"]
        ran = panscan(command, *inputs)
        assert ran.code == 3 and "changes its speed on the way" in ran.err


def test_a_wipe_is_told_to_be_a_hard_cut(stage, tmp_path) -> None:
    film, _ = stage
    timeline = edit(film.source)
    track = timeline.video_tracks()[0]
    half = otio.opentime.RationalTime(2, track[0].source_range.start_time.rate)
    track.insert(1, otio.schema.Transition("iris", otio.schema.TransitionTypes.Custom, half, half))
    result = render(timeline, folder=film.folder, output=tmp_path / "dissolve.mp4", settings=RenderSettings(crf=30))
    assert any("iris" in note and "hard cut" in note for note in result.notes)
    assert result.frame_count == sum(end - first for (first, end), *_ in CUT)
