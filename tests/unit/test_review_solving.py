"""Shots framed with corrections: what is solved again after a change is as if all had been."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import documents as make
import scenes
from panscan import pipeline
from panscan.errors import UsageError
from panscan.model.perception import ShotBoundaries
from panscan.pipeline import MovieAnalysis
from panscan.review.footage import MovieFootage
from panscan.review.solving import Solver
from panscan.timeline.files import timeline_text

SHOTS, LENGTH = 12, 20
FRAMES = SHOTS * LENGTH


def seen() -> MovieAnalysis:
    """Two people by turns, as in an exchange: what a shot is depends on its neighbours."""
    looked = list(range(0, FRAMES, 4))
    rows = [(f, 200.0 if f // LENGTH % 2 else 1450.0, 300.0, 200.0, 200.0) for f in looked]
    cuts = ShotBoundaries(np.arange(LENGTH, FRAMES, LENGTH))
    perception = scenes.perception(frame_count=FRAMES, faces=scenes.faces(rows, looked), cuts=cuts)
    return MovieAnalysis(make.media(frame_count=FRAMES), perception)


STEPS: list[list[dict[str, Any]]] = [
    [],
    [{"frame": 70, "center": [0.1, 0.5]}],
    [{"frame": 70, "center": [0.1, 0.5]}, {"frame": [130, 150], "hold": True}],
    [{"frame": 70, "center": [0.3, 0.5]}, {"frame": [130, 150], "hold": True}],
    [{"frame": [130, 150], "hold": True}],
    [{"frame": [130, 150], "hold": True}, {"frame": 110, "split": True}],
    [{"frame": 100, "setup": True, "hold": True}],
    [{"from": 0, "fit": True}],
]


def test_each_change_leaves_what_a_fresh_start_finds() -> None:
    analysis, request = seen(), scenes.request()
    solver = Solver(MovieFootage(analysis))
    for entries in STEPS:
        overrides = solver.overrides(entries)
        found = solver.all_parts(request, overrides)
        fresh = Solver(MovieFootage(analysis)).all_parts(request, overrides)
        assert [(p.shot, p.framing, p.number, p.part, p.setup) for p in found] == [
            (p.shot, p.framing, p.number, p.part, p.setup) for p in fresh
        ]
        whole = pipeline.reframe(analysis, replace(request, overrides=overrides))
        assert timeline_text(solver.timeline(request, overrides).timeline) == timeline_text(whole)


def test_after_a_change_only_that_shot_and_those_beside_it_are_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = Solver(MovieFootage(seen()))
    solver.all_parts(scenes.request(), ())
    solved: list[int] = []
    alone = pipeline.reframe_shot
    monkeypatch.setattr(
        pipeline, "reframe_shot", lambda a, r, frame: solved.append(frame // LENGTH) or alone(a, r, frame)
    )
    monkeypatch.setattr(pipeline, "reframe", None)
    solver.all_parts(scenes.request(), solver.overrides([{"frame": 70, "hold": True}]))
    assert sorted(solved) == [1, 2, 3, 4, 5]


def test_a_shot_that_is_not_there_is_refused_whatever_was_solved_before() -> None:
    solver = Solver(MovieFootage(seen()))
    for entries in ([], [{"frame": 30, "merge": True}]):  # which leaves a shot less
        solver.all_parts(scenes.request(), solver.overrides(entries))
        with pytest.raises(UsageError, match=f"no shot {SHOTS + 1}"):
            solver.all_parts(scenes.request(), solver.overrides([*entries, {"shot": SHOTS + 1, "hold": True}]))
