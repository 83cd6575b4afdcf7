"""FFmpeg scripts without FFmpeg: cameras as expressions, words of two shells, which files are opened."""

from __future__ import annotations

import math
import re
import shlex
from functools import cache
from types import CodeType

import numpy as np
import opentimelineio as otio
import pytest

import documents as make
from host_crops import ffmpeg_crop
from hosts import timelines
from panscan.deliver import deliver
from panscan.deliver.ffmpeg.expressions import (
    escape_filter_value,
    expression,
    linear_segments,
    map_segments,
    round_to_px,
    sendcmd_commands,
    with_frame_from_time,
)
from panscan.deliver.ffmpeg.runs import assign_inputs, filter_runs
from panscan.deliver.host_space import to_ffmpeg_place
from panscan.deliver.host_values import CameraKey, FfmpegPlace
from panscan.deliver.sequence import read_sequence
from panscan.errors import UsageError

STILL = ((0, 2.0, 10.0, 0.0),)
NAMES = ("width_px", "height_px", "x_px", "y_px")


def _deliver(timeline, **options):
    return deliver(timeline, "ffmpeg", folder=timelines.FOLDER, options=options)


def _at(text: str, **names: float) -> float:
    """An FFmpeg expression, as its documentation defines the few functions used."""
    memory: dict[int, float] = {}

    def st(slot, value):
        memory[slot] = value
        return value

    functions = {
        "when": lambda c, a, b: a if c else b,
        "lt": lambda a, b: float(a < b),
        "floor": math.floor,
        "isnan": math.isnan,
        "st": st,
        "ld": lambda slot: memory[slot],
    }
    return eval(_compiled(text), {"__builtins__": {}}, {**functions, **names})


@cache
def _compiled(text: str) -> CodeType:
    assert re.fullmatch(r"[\w.()+\-*/,]*", text)
    return compile(text.replace("if(", "when("), "<expression>", "eval")


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
def test_expressions_are_the_cameras_crops_on_every_frame(case, keys) -> None:
    spine = read_sequence(case(), folder=timelines.FOLDER, keys=keys)
    clips = {clip.record_frame + n: (clip, clip.first + n) for clip in timelines.clips(case())
             for n in range(clip.frame_count)}  # fmt: skip
    for run in filter_runs(spine):
        for number in range(run.frame_count):
            assert (run.record_frame + number in clips) == bool(run.clip_items)
            if not run.clip_items:
                continue
            clip, frame = clips[run.record_frame + number]
            assert run.first_picture + number == frame - clip.available_first
            for shot, cell in zip(run.cells, clip.framing.cells, strict=True):
                source, size = clip.framing.source, shot.cell.size
                place = FfmpegPlace(*(_number(shot, name, number, source) for name in NAMES))
                crop = ffmpeg_crop(place, source, size)
                found = np.array([crop.left, crop.top, crop.width, crop.height])
                expected = cell.crops([frame], source)[0]
                assert np.abs(found - expected).max() < 0.01


def _number(shot, name, number, source):
    by_number, rounded, timed = _texts(shot, name, source)
    assert abs(_at(rounded, n=number) - _at(by_number, n=number)) <= 0.501
    assert _at(timed, t=float(number / make.NTSC)) == pytest.approx(_at(by_number, n=number))
    return _at(by_number, n=number)


@cache
def _texts(shot, name, source):
    """Expressions of one number of a camera: of the frame's number, the same rounded, and of the time at 29.97."""
    places = map_segments(shot.camera, lambda key: to_ffmpeg_place(key, source))
    by_number, timed = (expression(places, lambda place: getattr(place, name), **of) for of in ({}, {"frame": "ld(0)"}))
    return by_number, round_to_px(by_number), with_frame_from_time(timed, make.NTSC)


def test_commands_start_half_a_frame_early_and_hold_the_place() -> None:
    source = make.HD
    keys = [(0, CameraKey(1.777778, 100.0, 0.0)), (10, CameraKey(2.4, -300.0, 50.0))]
    places = map_segments(linear_segments(keys, 0, 20), lambda key: to_ffmpeg_place(key, source))
    values = [lambda place, name=name: getattr(place, name) for name in NAMES]

    def settings(*terms):
        return [("crop@c", letter, term) for letter, term in zip("whxy", terms, strict=True)]

    rows = sendcmd_commands(places, values, make.PAL, settings).split(";")
    assert [row.split(" ")[0] for row in rows] == ["0.000000-0.380000", "0.380000-0.780000"]
    terms = dict(re.findall(r"\[expr\] crop@c (\w) '([^']*)'", rows[0]))
    for number in range(10):
        share = number / 10
        key = CameraKey(*(a + share * (b - a) for a, b in ((1.777778, 2.4), (100.0, -300.0), (0.0, 50.0))))
        place = to_ffmpeg_place(key, source)
        assert [_at(terms[letter], T=number / 25) for letter in "whxy"] == pytest.approx(
            [getattr(place, name) for name in NAMES], abs=1e-3
        )


def test_the_tree_is_shallow() -> None:
    keys = [(n, CameraKey(1.0, float(n * 7919 % 101), 0.0)) for n in range(100_000)]
    text = expression(linear_segments(keys, 0, 100_000), lambda key: key.x_px)
    depth = np.cumsum([(c == "(") - (c == ")") for c in text])
    assert depth.max() <= 20 and depth[-1] == 0


def test_shots_that_only_hold_are_one_run() -> None:
    cut = make.timeline((0, 20, make.framing(STILL)), (20, 40, make.framing(((0, 2.0, -90.0, 4.0),))))
    spine = read_sequence(cut, folder=timelines.FOLDER)
    (run,) = filter_runs(spine)
    assert (run.frame_count, len(run.clip_items)) == (40, 2)
    text = expression(run.cells[0].camera, lambda key: key.x_px)
    assert text == "if(lt(n,20),10,-90)"


def test_a_file_is_opened_again_only_where_the_timeline_goes_back() -> None:
    still = make.framing(STILL)
    spine = read_sequence(make.timeline((50, 60, still), (80, 90, still), (10, 20, still)), folder=timelines.FOLDER)
    found = filter_runs(spine)
    assert len(assign_inputs(found)) == 2
    assert [run.input_index for run in found] == [0, 0, 1]


def test_words_of_both_shells() -> None:
    timeline = make.timeline((0, 5, make.framing(STILL)), of=make.media("/media/x.mp4"))
    path = '/media/it\'s 100% "$x" `a`.mp4'
    for clip in timeline.find_clips():
        clip.media_reference = otio.schema.ExternalReference(
            path.replace("%", "%25"), clip.media_reference.available_range, dict(clip.media_reference.metadata)
        )
    files = {suffix: data.decode() for suffix, data in _deliver(timeline).files.items()}
    assert list(files) == [".ffmpeg.sh", ".ffmpeg.bat", ".ffmpeg.filter"]
    line = next(row for row in files[".ffmpeg.sh"].splitlines() if row.startswith("  -i "))
    assert shlex.split(line.rstrip("\\")) == ["-i", path]
    assert '100%% $x `a`.mp4"' in files[".ffmpeg.bat"].replace('"$x"', "$x")
    assert "\n:" not in files[".ffmpeg.bat"] and "goto" not in files[".ffmpeg.bat"]
    assert path not in files[".ffmpeg.filter"]


def test_filter_text_is_escaped_twice() -> None:
    assert escape_filter_value("a:b'c,d") == r"a\\:b\\\'c\,d"


def test_clips_without_sound_are_silent_or_have_none() -> None:
    silent = timelines.uhd()
    assert "[a0]" not in _deliver(silent).files[".ffmpeg.filter"].decode()
    assert "-map '[v]' -r 24000/1001" in _deliver(silent).text
    half = timelines.several()
    sounds = make.track(half, "Audio")
    sounds[0] = otio.schema.Gap(duration=sounds[0].duration())
    assert "anullsrc" in _deliver(half).files[".ffmpeg.filter"].decode()


def test_losses() -> None:
    told = [loss.what for loss in _deliver(timelines.in_point()).losses]
    assert told == ["smooth motion"]
    timeline = timelines.several()
    make.track(timeline)[2].enabled = False
    assert any("disabled clip" in loss.what for loss in _deliver(timeline).losses)


@pytest.mark.parametrize("options", [{"flavour": "lua"}, {"keys": "few"}])
def test_options_are_checked(options) -> None:
    with pytest.raises(UsageError):
        _deliver(timelines.in_point(), **options)


def test_sound_is_cut_to_the_sample() -> None:
    graph = _deliver(timelines.timecode()).files[".ffmpeg.filter"].decode()
    begin, count = round(30 * 1001 * 48000 / 30000), round(70 * 1001 * 48000 / 30000)
    assert f"atrim=start_sample={begin}:end_sample={begin + count}" in graph
    assert f"apad=whole_len={count}" in graph


def test_cells_are_laid_over_the_canvas() -> None:
    graph = _deliver(timelines.split()).files[".ffmpeg.filter"].decode()
    assert "overlay=x=0:y=0" in graph and "overlay=x=0:y=800" in graph


def test_every_key_is_placed_once_and_neighbours_share_it() -> None:
    keys = [(frame, CameraKey(2.0, float(frame), 0.0)) for frame in (5, 10, 20)]
    called: list[CameraKey] = []
    camera = linear_segments(keys, 0, 30)
    places = map_segments(camera, lambda key: (called.append(key), key.x_px)[1])
    assert called == [key for _, key in keys]
    assert [(line.first, line.end, line.start_value, line.end_value) for line in places] == [
        (line.first, line.end, line.start_value.x_px, line.end_value.x_px) for line in camera
    ]
