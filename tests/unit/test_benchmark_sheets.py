"""Contact sheets show the source, the crop on it and the result, at moments of every clip."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import sheets
from documents import framing, media, timeline
from judge import framings, truths
from media import write_clip
from panscan.model.geometry import Size
from panscan.timeline.files import write_timeline

SOURCE, CANVAS = Size(320, 180), Size(90, 160)
LEFT, RIGHT = (160 / 180, 100.0, 0.0), (160 / 180, -90.0, 0.0)  # crops of 101 px around x 47.5 and x 261.25
WHITE_FROM_PX = 160


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    """Two seconds, black on the left and white on the right."""
    return write_clip(
        tmp_path / "halves.mp4",
        lambda frame, plane, x, y: (
            np.where(x >= WHITE_FROM_PX, 235 if plane == 0 else 128, 16 if plane == 0 else 128) + 0 * y[:, None]
        ),
        size=(SOURCE.width, SOURCE.height),
        pts=range(50),
    )


def document(movie: Path, *shots: tuple[int, int, tuple[float, float, float]], start: int = 0) -> Path:
    of = media(str(movie), size=SOURCE, frame_count=50, start_frame=start)
    cut = [(a, b, framing(((start + a, *key),), canvas=CANVAS, source=SOURCE)) for a, b, key in shots]
    path = movie.with_suffix(".otio")
    write_timeline(timeline(*cut, of=of), path)
    return path


def truth_file(movie: Path, t: float) -> Path:
    sample = {"t": t, "must": [[200, 20, 300, 160]], "any_of": [], "nice": [], "avoid": []}
    path = movie.with_suffix(".truth.json")
    path.write_text(json.dumps({"media": movie.name, "size": [320, 180], "cuts_s": [1.0], "samples": [sample]}))
    return path


@pytest.mark.parametrize("start", [0, 90_000])
def test_crops_are_those_of_the_framing(movie: Path, start: int) -> None:
    path = document(movie, (0, 25, LEFT), (25, 50, RIGHT), start=start)
    first, second = framings.read_framings(path)
    assert (first.first, first.end, second.first, second.end) == (0, 25, 25, 50)
    wanted = framing(((0, *RIGHT),), canvas=CANVAS, source=SOURCE).cells[0].crop_at(30, SOURCE)
    assert second.crops(30)[0] == pytest.approx([wanted.left, wanted.top, wanted.right, wanted.bottom], abs=1e-3)


def test_a_moving_camera_is_read_between_its_keys(movie: Path) -> None:
    path = movie.with_suffix(".otio")
    keys = ((0, 1.0, 100.0, 0.0), (10, 1.0, 0.0, 0.0))
    of = media(str(movie), size=SOURCE, frame_count=50)
    write_timeline(timeline((0, 50, framing(keys, canvas=CANVAS, source=SOURCE)), of=of), path)
    (stretch,) = framings.read_framings(path)
    assert [float(np.mean(stretch.crops(n)[0][[0, 2]])) for n in (0, 5, 10, 49)] == [60, 110, 160, 160]


def test_a_result_shows_what_the_crop_holds(movie: Path) -> None:
    stretch = framings.read_framings(document(movie, (0, 25, LEFT), (25, 50, RIGHT)))
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[:, WHITE_FROM_PX:] = 255
    assert sheets.result_tile(picture, (stretch[0], 3)).max() == 0
    assert sheets.result_tile(picture, (stretch[1], 30)).min() == 255


def test_two_cells_lie_where_the_canvas_has_them() -> None:
    cells = (((0, 0, 90, 80), 40.0), ((0, 80, 90, 80), -40.0))
    cameras = tuple(framings.CameraPath(cell, np.array([[0, 0.5, x_px, 0.0]])) for cell, x_px in cells)
    shown = framings.FramedStretch(Path("m"), 0, 9, 25.0, (320, 180), (90, 160), "split-2", "", cameras)
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[:, WHITE_FROM_PX:] = 255
    tile = sheets.result_tile(picture, (shown, 0))
    assert tile[20, 20].max() == 0 and tile[-20, -20].min() == 255


def test_what_a_crop_leaves_is_black() -> None:
    part = sheets.cut_out(np.full((10, 10, 3), 200, np.uint8), np.array([-5.0, -2, 15, 12]))
    assert part.shape == (14, 20, 3) and part[0].max() == 0 and part[5, 10, 0] == 200


def test_every_clip_has_a_moment_and_the_longest_has_most(movie: Path) -> None:
    (one, two) = framings.read_framings(document(movie, (0, 5, LEFT), (5, 50, RIGHT)))
    assert [frame for _, frame in sheets.moments([one, two], 4)] == [2, 12, 27, 42]
    assert [frame for _, frame in sheets.moments([one, two], 1)] == [27]


def test_moments_may_be_given(movie: Path) -> None:
    stretches = framings.read_framings(document(movie, (0, 25, LEFT), (25, 50, RIGHT)))
    assert sheets.moments_at(stretches, [0.4, 1.2, 9.0]) == [(stretches[0], 10), (stretches[1], 30)]


def test_a_moment_moves_onto_a_sample_near_it(movie: Path) -> None:
    (stretch,) = framings.read_framings(document(movie, (0, 50, RIGHT)))
    truth = truths.read_truth(truth_file(movie, 1.2), stretch.source_px, stretch.rate)
    (_, frame), sample = sheets.on_sample((stretch, 25), truth)
    assert frame == 30 and sample is not None and sample.must.tolist() == [[200, 20, 300, 160]]
    assert sheets.on_sample((stretch, 5), truth) == ((stretch, 5), None)
    assert sheets.on_sample((replace(stretch, end=28), 25), truth)[1] is None


def test_a_sheet_is_written_per_timeline(movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    truth_file(movie, 1.2)
    path = document(movie, (0, 25, LEFT), (25, 50, RIGHT))
    monkeypatch.setattr(sys, "argv", ["sheets", str(tmp_path / "out"), str(path), "--truths", str(tmp_path)])
    sheets.main()
    picture = cv2.imread(str(tmp_path / "out" / "halves.jpg"))
    assert picture is not None and picture.shape[0] > 4 * sheets.RESULT_PX[1]
    green = (picture[..., 1] > 150) & (picture[..., 0] < 90) & (picture[..., 2] < 90)
    yellow = (picture[..., 1] > 180) & (picture[..., 0] < 90) & (picture[..., 2] > 180)
    assert green.sum() > 50 and yellow.sum() > 1000


def test_a_timeline_without_framings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.otio").write_text('{"OTIO_SCHEMA": "Timeline.1"}')
    with pytest.raises(SystemExit, match="no clip with a framing"):
        framings.read_framings(tmp_path / "empty.otio")
