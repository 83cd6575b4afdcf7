"""The benchmark of screen recordings: what it counts as seen, as close and as a move."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import screen
from judge.framings import CameraPath, FramedStretch

SIZE = (1920, 1080)
LINE = [300, 400, 700, 40]


def stretch(*cameras):
    """A clip of 10 s at 25 fps on a canvas of 16:9; a camera is its rows of frame and left, top, width of the crop."""
    paths = []
    for rows in cameras:
        keys = [(f, 1920 / w, 1920 / w * (960 - x - w / 2), 1920 / w * (540 - y - w * 9 / 32)) for f, x, y, w in rows]
        paths.append(CameraPath((0, 0, 1920, 1080), np.array(keys, float)))
    return FramedStretch(Path("a.mp4"), 0, 250, 25.0, SIZE, (1920, 1080), "single", "", tuple(paths))


def score(kind, start_s, end_s, *cameras):
    event = {"t0": start_s, "t1": end_s, "roi": LINE, "kind": kind}
    return screen.event_score(event, [stretch(*cameras)], SIZE)


WHOLE = ((0, 0, 0, 1920),)
CLOSE_FROM_4_S = ((0, 0, 600, 640), (99, 0, 600, 640), (100, 250, 200, 800))


def test_a_region_counts_while_all_of_it_is_in_a_crop():
    found = score("typing", 2, 6, CLOSE_FROM_4_S)
    assert found.in_view == found.in_first == pytest.approx(0.5, abs=0.02)
    assert found.zoom == pytest.approx(2.4)


def test_another_cell_counts_but_not_as_the_first():
    found = score("typing", 2, 6, CLOSE_FROM_4_S, WHOLE)
    assert (found.in_view, found.in_first) == (1.0, pytest.approx(0.5, abs=0.02))


def test_nobody_foresees_a_popup():
    assert score("popup", 3.75, 6, CLOSE_FROM_4_S).in_view == 1.0
    assert score("drag", 3.75, 6, CLOSE_FROM_4_S).in_view < 0.95


def test_moves_are_counted_by_their_beginnings():
    eased = ((0, 0, 0, 1920), (50, 0, 0, 1920), (60, 50, 50, 1500), (75, 250, 200, 800), (200, 250, 200, 800))
    assert screen.moves(stretch((*eased, (220, 0, 0, 1920)), WHOLE)) == 2
    assert screen.moves(stretch(WHOLE)) == 0


def test_letters_count_where_a_camera_goes_along_a_line():
    letters = [[at_s, LINE[0] + 90 * at_s, LINE[1], 20, 40] for at_s in range(8)]
    truth = {"width": SIZE[0], "height": SIZE[1], "events": [], "written": letters}
    followed = screen.scored([stretch(((0, 200, 200, 640), (250, 830, 200, 640)))], truth)
    left_behind = screen.scored([stretch(((0, 200, 200, 640),))], truth)
    assert all(followed.written) and "written 100.0%" in screen.line("a", [followed])
    assert left_behind.written == (True,) * 6 + (False,) * 2
