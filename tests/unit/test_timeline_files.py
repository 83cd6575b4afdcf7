"""Writing and reading timelines: clocks, paths, what is refused."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from panscan.errors import DocumentError, InputError
from panscan.files import write_text
from panscan.timeline.cut import Cut, picture_track, read_cut
from panscan.timeline.effect import rounded
from panscan.timeline.facts import MediaFacts
from panscan.timeline.files import read_timeline, recipe_of, write_timeline
from panscan.timeline.paths import media_path

MOVE = ((0, 1.777778, 811.1111, 0.0), (49, 2.4, 324.0, 240.0))


def _written(timeline, folder: Path) -> Cut:
    path = folder / "talk.otio"
    write_timeline(timeline, path)
    return read_cut(read_timeline(path), folder=folder)


def test_one_clip_per_shot_with_its_sound_linked(tmp_path) -> None:
    of = make.media(audio=((2, 48000), (1, 48000)))
    timeline = make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.framing(MOVE)), of=of)
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio", "Audio"]
    links = [[clip.metadata["panscan"]["link"] for clip in track] for track in timeline.tracks]
    assert links == [[1, 2]] * 3
    assert all(not clip.effects for track in timeline.audio_tracks() for clip in track)
    assert recipe_of(timeline) == {"ratio": "9:16", "seed": 0}


def test_embedded_timecode_moves_clip_and_camera_alike(tmp_path) -> None:
    of = make.media(rate=make.NTSC, start_frame=108000, timecode="01:00:00:00", frame_count=100)
    framing = rounded(make.framing(MOVE, rate=make.NTSC))
    cut = _written(make.timeline((20, 50, framing), of=of), tmp_path)
    (clip,) = cut.clips
    assert (clip.first, clip.frame_count, clip.end) == (108020, 30, 108050)
    assert (clip.available_first, clip.available_count) == (108000, 100)
    assert clip.framing == framing.shifted(108000)
    assert clip.facts == MediaFacts(make.HD, make.NTSC, ((2, 48000),), "01:00:00:00", False)
    assert cut.rate == make.NTSC and cut.frame_count == 30


def test_record_frames_count_gaps(tmp_path) -> None:
    timeline = make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.framing(MOVE)))
    make.track(timeline).insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(7, 25)))
    assert [clip.record_frame for clip in _written(timeline, tmp_path).clips] == [0, 37]


def test_equal_timelines_are_equal_files(tmp_path) -> None:
    for name in ("a.otio", "b.otio"):
        write_timeline(make.timeline((0, 30, make.framing(MOVE))), tmp_path / name)
    assert (tmp_path / "a.otio").read_bytes() == (tmp_path / "b.otio").read_bytes()
    assert (tmp_path / "a.otio").read_text().endswith("}\n")
    assert sorted(os.listdir(tmp_path)) == ["a.otio", "b.otio"]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///media/a%20b.mp4", "/media/a b.mp4"),
        ("/media/talk.mp4", "/media/talk.mp4"),
        ("talk.mp4", "/projects/talk.mp4"),
        ("clips/a%20b.mp4", "/projects/clips/a b.mp4"),
        ("../talk.mp4", "/projects/../talk.mp4"),
        ("file:///media/100%25%231.mp4", "/media/100%#1.mp4"),
    ],
)
def test_media_paths(url, path) -> None:
    assert media_path(url, Path("/projects")) == Path(path)


def test_negative_times_are_rounded_to_the_nearest_frame(tmp_path) -> None:
    timeline = make.timeline((0, 30, make.framing(MOVE)))
    clip = make.track(timeline)[0]
    clip.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(-2, 25), otio.opentime.RationalTime(30, 25))
    assert _written(timeline, tmp_path).clips[0].first == -2


def test_fractional_media_times_of_other_writers_are_rounded(tmp_path) -> None:
    timeline = make.timeline((0, 30, make.framing(MOVE, rate=Fraction(24000, 1001))))
    clip = make.track(timeline)[0]
    clip.source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(37008.099992, 23.976), otio.opentime.RationalTime(30, 23.976)
    )
    assert _written(timeline, tmp_path).clips[0].first == 37008


def test_unframed_clips_are_named(tmp_path) -> None:
    timeline = make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.framing(MOVE)))
    make.track(timeline)[1].effects.clear()
    cut = _written(timeline, tmp_path)
    assert len(cut.clips) == 1 and cut.unframed == ("talk.mp4",)


def test_the_topmost_framed_track_is_read() -> None:
    timeline = make.timeline((0, 30, make.framing(MOVE)))
    titles = otio.schema.Track("Titles", kind="Video")
    timeline.tracks.append(titles)
    assert picture_track(timeline).name == "V1"
    make.track(timeline).enabled = False
    assert picture_track(timeline).name == "Titles"
    with pytest.raises(DocumentError, match="carries no camera"):
        read_cut(timeline, folder=Path("/"))
    titles.enabled = False
    with pytest.raises(DocumentError, match="no video track"):
        read_cut(timeline, folder=Path("/"))


def test_clips_that_disagree_about_the_canvas_are_refused() -> None:
    square = make.framing(MOVE, canvas=make.SQUARE)
    with pytest.raises(DocumentError, match="disagree about the canvas"):
        read_cut(make.timeline((0, 30, make.framing(MOVE)), (30, 50, square)), folder=Path("/"))


@pytest.mark.parametrize("text", ["", "{}", "no json", '{"OTIO_SCHEMA": "Clip.2", "name": "a"}'])
def test_what_is_no_timeline_is_refused(text, tmp_path) -> None:
    path = tmp_path / "a.otio"
    path.write_text(text)
    with pytest.raises(InputError, match="fix:"):
        read_timeline(path)


def test_a_missing_file_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_timeline(tmp_path / "a.otio")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        write_text("x", tmp_path / "file" / "a.otio")


def test_nothing_is_left_of_a_broken_write(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_text("x", tmp_path / "a.otio")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("size_px", [0, 1080], "positive"),
        ("size_px", [1920], "values"),
        ("size_px", [1e300, 2.5], "whole number"),
        ("size_px", [1920, 10**9], "no movie"),
        ("rate", [25, 0], "Fraction"),
        ("rate", [0, 1], "no movie"),
        ("rate", "fast", "whole number"),
        ("audio", [{"channels": 2}], "rate_hz"),
        ("audio", 5, "iterable"),
        ("timecode", 3600, "timecode"),
        ("colour", [1], "index"),
    ],
)
def test_damaged_facts_of_a_media_are_refused(name, value, said) -> None:
    timeline = make.timeline((0, 50, make.framing(MOVE)))
    make.track(timeline)[0].media_reference.metadata["panscan"][name] = value
    with pytest.raises(DocumentError, match="keeps of its media is damaged") as caught:
        read_cut(timeline, folder=Path("/"))
    assert said in caught.value.why and caught.value.fix


def _damaged(change) -> object:
    timeline = make.dissolve(make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.framing(MOVE))), 1, (3, 3))
    change(timeline, make.track(timeline))
    return timeline


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t, row: setattr(t, "global_start_time", otio.opentime.RationalTime(float("nan"), 25)), "the timeline"),
        (lambda t, row: setattr(row[0], "source_range", _span(0, float("inf"))), "clip 'talk.mp4'"),
        (lambda t, row: setattr(row[0], "source_range", _span(0, 10, 1e-300)), "clip 'talk.mp4'"),
        (lambda t, row: setattr(row[0], "source_range", _span(0, 1e15)), "clip 'talk.mp4'"),
        (
            lambda t, row: setattr(row[0].media_reference, "available_range", _span(float("nan"), 1)),
            "clip 'talk.mp4'",
        ),
        (lambda t, row: setattr(row[1], "in_offset", otio.opentime.RationalTime(float("inf"), 25)), "transition 'mix'"),
        (lambda t, row: row[0].markers.append(otio.schema.Marker("m", _span(1, float("nan")))), "clip 'talk.mp4'"),
        (
            lambda t, row: row[0].effects.append(otio.schema.LinearTimeWarp(time_scalar=float("nan"))),
            "clip 'talk.mp4'",
        ),
    ],
)
def test_times_that_are_none_are_refused_on_reading(change, said, tmp_path) -> None:
    path = tmp_path / "talk.otio"
    otio.adapters.write_to_file(_damaged(change), str(path))
    with pytest.raises(DocumentError, match="damaged") as caught:
        read_timeline(path)
    assert said in caught.value.what and caught.value.why and caught.value.fix


def _span(start: float, count: float, rate: float = 25.0) -> object:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(count, rate))
