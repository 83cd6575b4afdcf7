"""One shot solved again alone comes out as in the whole movie, and one clip as in the whole cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import documents as make
import numbered
import scenes
from panscan import pipeline
from panscan.ingest.cuts.read import read_editor_cut
from panscan.model.perception import ShotBoundaries, Tracks
from panscan.model.request import Override, PlacedKey
from panscan.request.options import request_for
from panscan.timeline import cut as document
from panscan.timeline.effect import rounded

BY_HAND = (
    Override(frame=40, keys=(PlacedKey(40, (0.3, 0.5)), PlacedKey(60, (0.6, 0.5), 1.2))),
    Override(frames=(100, 130), subject="left"),
)


def whole(analysis: Any, request: Any) -> dict[int, Any]:
    """Framings by the first frames of their shots."""
    cut = document.read_cut(pipeline.reframe(analysis, request), folder=Path("/"))
    start = cut.clips[0].available_first
    return {clip.first - start: replace(clip.framing, digest="").shifted(-start) for clip in cut.clips}


def alone(analysis: Any, request: Any, frame: int) -> dict[int, Any]:
    return {shot.first: rounded(framing) for shot, framing in pipeline.reframe_shot(analysis, request, frame)}


@pytest.mark.parametrize("overrides", [(), BY_HAND])
@pytest.mark.parametrize("preset", ["default", "podcast"])
def test_a_shot_of_a_movie(overrides: Any, preset: str, talk_seen: Any) -> None:
    analysis = pipeline.MovieAnalysis(*talk_seen)
    request = replace(request_for("9:16", preset=preset), overrides=overrides)
    every = whole(analysis, request)
    assert len(every) > 2
    found: dict[int, Any] = {}
    for first in every:
        own = alone(analysis, request, first)
        assert first in own
        found |= own
    assert found == every


def test_a_shot_of_an_exchange_between_two_people() -> None:
    """Whether it is one is known by its neighbours."""
    rows = [row for row in [*scenes.still(200, 200), *scenes.still(1450, 200)] if (row[0] // 20 % 2) == (row[1] > 900)]
    cuts = ShotBoundaries(np.arange(20, 100, 20))
    seen = scenes.perception(faces=scenes.faces(sorted(rows), scenes.LOOKS), cuts=cuts)
    tracks = seen.need(Tracks)
    tracks.person[:] = tracks.shot % 2
    analysis, request = pipeline.MovieAnalysis(make.media(frame_count=100), seen), scenes.request()
    every = whole(analysis, request)
    assert [framing.effect for framing in every.values()].count("INTERVIEW") >= 3
    for first, framing in every.items():
        assert alone(analysis, request, first) == {first: framing}


def test_a_clip_of_a_cut(talk: Path, talk_seen: Any, tmp_path: Path) -> None:
    """Of clips that show one shot, several, the end of one, and a stretch of time that has a decision of its own."""
    available = numbered.time_range(0, 400)
    children = [
        numbered.clip(talk, first, count, available=available, name=f"from {first}")
        for first, count in ((0, 50), (60, 200), (290, 40), (100, 60))
    ]
    file = numbered.written(numbered.timeline(numbered.track(*children)), tmp_path / "cut.otio")
    cut = read_editor_cut(file)
    analysis = pipeline.CutAnalysis(cut, {talk_seen[0].path: talk_seen[1]})
    keys = (PlacedKey(300, (0.3, 0.5)), PlacedKey(320, (0.6, 0.5), 1.2))
    by_hand = (Override(frames=(290, 330), keys=keys), Override(clip="from 60", subject="left"))
    request = replace(request_for("9:16", layouts="split-2,single"), overrides=by_hand)
    every = document.read_cut(pipeline.reframe_cut(analysis, request).timeline, folder=tmp_path).clips
    assert len(every) == 4
    for number, clip in enumerate(every):
        framing = pipeline.reframe_clip(analysis, request, number)
        assert framing is not None and rounded(framing) == replace(clip.framing, digest="")
