"""Steady tones fit at many places: honest ones are not called late, nor too loud beside a retimed one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import numbered
import tones
from panscan.ingest.cuts.read import read_editor_cut
from panscan.render import RenderSettings, render
from panscan.verify import Verdict, verify

QUICK = RenderSettings(preset="ultrafast", crf=20)
RATE = Fraction(25)


def cut(folder: Path, *, late: int = 0):
    """A movie, and under it two tones that repeat every 25 ms, beside two slowed down and one that is faint."""
    picture = numbered.movie(folder / "a.mov", 0)
    music = tones.write_sound(folder / "music.wav", (2200.0, 2320.0), 3)
    voice = tones.write_sound(folder / "voice.wav", (1120.0,), 3)
    other = tones.write_sound(folder / "other.wav", (880.0, 1000.0), 3)
    fast = numbered.clip(voice, 10, 25, effects=[otio.schema.LinearTimeWarp(time_scalar=2)])
    fast.metadata["panscan"] = {"sound": {"gain_db": 3.0, "pan": 0.5}}
    slow = numbered.clip(voice, 20, 10, effects=[otio.schema.LinearTimeWarp(time_scalar=0.5)])
    slow.metadata["panscan"] = {"sound": {"gain_db": 3.0, "pan": 0.5}}
    faint = numbered.clip(other, 9, 19)
    faint.metadata["panscan"] = {"sound": {"pan": -0.5}}
    song = numbered.clip(music, 0, 50 - late)
    song.metadata["panscan"] = {"sound": {"gain_db": -8.0, "fade_in": [1, 2], "fade_out": [1, 1]}}
    made = numbered.timeline(
        numbered.track(numbered.clip(picture, 0, 50)),
        numbered.track(slow, numbered.gap(8), fast, name="A1", kind="Audio"),
        numbered.track(numbered.gap(6), faint, name="A2", kind="Audio"),
        numbered.track(*([numbered.gap(late)] if late else []), song, name="A3", kind="Audio"),
    )
    return numbered.framed(read_editor_cut(numbered.written(made, folder / "cut.otio"))).timeline


@pytest.mark.parametrize(("late", "verdict"), [(0, Verdict.VERIFIED), (3, Verdict.REJECTED)])
def test_tones_are_judged_by_what_is_heard_in_their_place(tmp_path, late, verdict):
    wanted = cut(tmp_path)
    movie = tmp_path / "movie.mp4"
    render(cut(tmp_path, late=late), folder=tmp_path, output=movie, settings=QUICK)
    report = verify(movie, wanted, folder=tmp_path)
    assert report.verdict is verdict, report["sound"].what
