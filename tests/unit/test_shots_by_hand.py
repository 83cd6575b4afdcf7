"""Shots that a person divided or joined: what is planned of them, and who is seen in them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import documents as make
import scenes
from panscan import direct, pipeline
from panscan.errors import UsageError
from panscan.model.perception import ShotBoundaries, Speaker, Tracks
from panscan.model.plan import Shot
from panscan.model.request import Override
from panscan.request.overrides import overrides_of
from panscan.request.timecode_input import FrameGrid

GRID = FrameGrid(Fraction(25), 100)


def seen(cut: int = 50) -> Any:
    """One person who stays, another one who comes in the second shot; the first one speaks."""
    rows = [*scenes.still(400, 100), *[row for row in scenes.still(1500, 100) if row[0] >= 50]]
    found = scenes.perception(faces=scenes.faces(sorted(rows), scenes.LOOKS), cuts=ShotBoundaries(np.array([cut])))
    tracks = found.need(Tracks)
    tracks.person[:] = tracks.box_px[[np.flatnonzero(tracks.track == n)[0] for n in range(len(tracks.kind))], 0] > 900
    first = np.flatnonzero(tracks.person == 0)
    frame = np.arange(0, 100, 10)
    spoken = np.where(frame < 50, first[0], first[-1])
    speaker = Speaker(frame, np.zeros(10), frame, spoken, np.ones(10))
    return replace(found, signals={**found.signals, "speaker": speaker})


def parts(*overrides: Override, perception: Any = None) -> list[Any]:
    request = replace(scenes.request(), overrides=overrides)
    return pipeline._frame_shots(make.media(frame_count=100), perception or seen(), request)


def test_a_shot_is_divided_where_a_person_says_so() -> None:
    found = parts(Override(frame=70, split=True), Override(frame=80, subject="person-2"))
    assert [shot for shot, _ in found] == [Shot(0, 50), Shot(50, 70), Shot(70, 100)]
    assert [f.cells[0].subject for _, f in found][2] == "person-2" != found[1][1].cells[0].subject


@pytest.mark.parametrize("frame", [50, 46, 55])
def test_shots_are_joined_at_the_cut_that_is_near(frame: int) -> None:
    found = parts(Override(frame=frame, merge=True))
    assert [shot for shot, _ in found] == [Shot(0, 100)] and found[0][1].unmet == ()


def test_a_cut_that_is_not_there_is_told_where_it_was_looked_for() -> None:
    found = parts(Override(frame=80, merge=True))
    assert [framing.unmet for _, framing in found] == [(), ("no shot begins near frame 80",)]


def test_who_is_seen_in_a_joined_shot_is_one_person_from_begin_to_end_and_speaks_on() -> None:
    request = replace(scenes.request(), overrides=(Override(frame=50, merge=True),))
    shots, perception = direct.director.with_planned_shots(make.media(frame_count=100), seen(), request)
    tracks, speaker = perception.need(Tracks), perception.need(Speaker)
    assert len(shots) == 1 and sorted(tracks.person.tolist()) == [0, 1] and set(tracks.shot.tolist()) == {0}
    own = int(np.flatnonzero(tracks.person == 0)[0])
    frames = tracks.frame[tracks.track == own]
    assert (np.diff(frames) > 0).all() and frames[0] < 10 and frames[-1] > 90
    assert set(speaker.track.tolist()) == {own}


def test_a_shot_joined_where_none_was_is_the_shot_that_is_seen_without_the_cut() -> None:
    """A false cut is as if it had never been found."""
    whole = replace(seen(), signals={**seen().signals})
    joined = parts(Override(frame=50, merge=True), perception=whole)
    divided_again = parts(Override(frame=50, merge=True), Override(frame=50, split=True), perception=whole)
    assert [shot for shot, _ in divided_again] == [shot for shot, _ in parts(perception=whole)]
    assert [f.cells for _, f in divided_again] == [f.cells for _, f in parts(perception=whole)]
    assert joined[0][0] == Shot(0, 100)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"frame": 50, "split": False}, "true, or not there"),
        ({"frame": 50, "split": True, "merge": True}, "exclude each other"),
        ({"shot": 2, "merge": True}, "goes with one frame"),
        ({"frame": [50, 60], "split": True}, "frame"),
        ({"frame": 50, "setup": True, "merge": True}, "goes with one frame"),
    ],
)
def test_mistakes_are_refused(entry: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        overrides_of({"shot": [entry]}, "file", GRID)


def test_the_clips_of_a_cut_are_its_editors() -> None:
    with pytest.raises(UsageError, match="split"):
        overrides_of({"shot": [{"frame": 50, "split": True}]}, "file", replace(GRID, kind="cut"))
