"""Cells that are seen through a homography per frame, measured against a picture that is known at every position."""

from __future__ import annotations

import av
import numpy as np
import pytest
from test_render_compose import FIRST, picture, positions, scene, still_framing

import media
from panscan.errors import UsageError
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import CornerPin, RenderSettings, render
from panscan.render.picture.compose import Compositor
from panscan.render.picture.planes import PLANAR_FORMATS, views
from panscan.timeline.build import build_timeline

CANVAS, SOURCE = Size(180, 160), Size(480, 360)
EDGES = [(0, 0), (CANVAS.width, 0), (0, CANVAS.height), (CANVAS.width, CANVAS.height)]


def through(corners, canvas=EDGES):
    """The homography that takes points of the canvas to points of the source."""
    rows, values = [], []
    for (u, v), (x, y) in zip(canvas, corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        values += [x, y]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(values)), 1.0).reshape(3, 3)


def composed(matrix, fmt, coded=SOURCE, display=SOURCE, turns=0, background="black"):
    framing = still_framing(Rect(0, 0, *((display.width, display.height))), CANVAS, display, background)
    compositor = Compositor(
        framing, FIRST, 1, pixel_format=fmt.name, coded=coded, quarter_turns=turns, corner_pins={0: np.array([matrix])}
    )
    return compositor.compose(picture(coded, display, fmt, turns), FIRST)


def seen(u, v, matrix):
    """Source px under samples at luma indices u, v of the canvas."""
    u, v = np.broadcast_arrays(u + 0.5, v + 0.5)
    x, y, w = np.tensordot(matrix, np.stack([u, v, np.ones_like(u)]), 1)
    return x / w, y / w


def beside(result, fmt, plane, matrix):
    """How far (source px, per axis) each quarter of a plane lies from where it should, and its rms in 8-bit steps."""
    values = (views(result, fmt)[plane] / fmt.peak - 0.5) / 0.4
    x, y = seen(*positions(CANVAS, fmt, plane), matrix)
    gradient = [
        (scene(x + dx, y + dy, plane) - scene(x - dx, y - dy, plane)) / 0.02 for dx, dy in ((0.01, 0), (0, 0.01))
    ]
    difference = values - scene(x, y, plane)
    rows, columns = (length // 2 for length in values.shape)
    shifts = []
    for part in (np.s_[a : a + rows, b : b + columns] for a in (0, rows) for b in (0, columns)):
        slopes = np.stack([g[part].ravel() for g in gradient], axis=1)
        shifts.append(np.linalg.lstsq(slopes, difference[part].ravel(), rcond=None)[0])
    return np.abs(shifts).max(), float(np.sqrt(np.mean(difference**2))) * 0.4 * 255


SCREEN = through([(60.3, 41.7), (301.2, 80.4), (71.9, 300.8), (290.6, 262.2)])  # a screen filmed from its left
LEANING = through([(150.5, 60.2), (320.1, 66.6), (90.4, 290.7), (395.3, 270.9)])
FAR = through([(20.1, 15.3), (470.4, 30.8), (12.2, 350.4), (455.5, 330.6)])  # reduced more than twice


@pytest.mark.parametrize("name", sorted(PLANAR_FORMATS))
@pytest.mark.parametrize("matrix", [SCREEN, LEANING, FAR], ids=["screen", "leaning", "far"])
def test_every_plane_is_in_its_place(name, matrix):
    fmt = PLANAR_FORMATS[name]
    result = composed(matrix, fmt)
    for plane in range(3):
        px, rms = beside(result, fmt, plane, matrix)
        # Of `FAR`, 2.5 source px make one of the canvas.
        assert px < (0.1 if matrix is FAR else 0.05) and rms < 2.0, (plane, px, rms)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_source_is_in_its_place(turns):
    coded = Size(360, 480) if turns % 2 else SOURCE
    fmt = PLANAR_FORMATS["yuv420p"]
    result = composed(SCREEN, fmt, coded, SOURCE, turns)
    assert all(beside(result, fmt, plane, SCREEN)[0] < 0.05 for plane in range(3))


def test_pixels_that_are_not_square_are_in_their_place():
    fmt = PLANAR_FORMATS["yuv420p"]
    result = composed(SCREEN, fmt, Size(240, 360), SOURCE)
    assert beside(result, fmt, 0, SCREEN)[0] < 0.05
    # A chroma sample stands for 4 px here.
    assert all(beside(result, fmt, plane, SCREEN)[0] < 0.1 for plane in (1, 2))


def test_what_lies_outside_the_picture_is_background():
    matrix = through([(-60.0, -20.0), (300.0, 40.0), (-80.0, 300.0), (310.0, 400.0)])
    fmt = PLANAR_FORMATS["yuv420p10le"]
    result = composed(matrix, fmt, background="#ffffff")
    for plane, white in enumerate((940, 512, 512)):
        x, y = seen(*positions(CANVAS, fmt, plane), matrix)
        out = (x < -4) | (y < -4) | (x > SOURCE.width + 4) | (y > SOURCE.height + 4)
        inside = (x > 3) & (y > 3) & (x < SOURCE.width - 3) & (y < SOURCE.height - 3)
        values = views(result, fmt)[plane]
        assert out.sum() > 400 and (values[out] == white).all()
        error = (values / fmt.peak - 0.5) / 0.4 - scene(x, y, plane)
        assert inside.sum() > 2000 and np.sqrt(np.mean(error[inside] ** 2)) < 0.02


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corner_pin")
    return folder, probe(media.cuts(folder / "film.mp4"))


def split(source):
    """Two cells, one above the other, with still cameras on whole px."""
    half = Size(160, 100)
    cells = []
    for top, left in ((0, 20), (100, 110)):
        scale, x, y = key_values_of_crop(Rect(left, 40, half.width, half.height), half, source.video.display_size)
        cells.append(Cell(0, top, half, Camera((0,), (scale,), (x,), (y,))))
    framing = Framing(Size(160, 200), source.video.display_size, source.video.rate, tuple(cells))
    shots = [(Shot(0, 20), framing), (Shot(20, source.frame_count), framing)]
    return build_timeline(source, shots, name="split", recipe={})


def decoded(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray()[: frame.height].astype(int) for frame in container.decode(video=0)]


@pytest.mark.parametrize("jobs", [0, 1])
def test_one_cell_of_one_clip_frame_by_frame(film, tmp_path, jobs):
    """The lower cell of the second shot drifts by a px a frame through its matrices; all else is as without them."""
    folder, source = film
    count = source.frame_count - 20  # 40, and 110 + 40 + 160 lies inside the source
    matrices = np.stack([np.array([[1.0, 0, 110 + n], [0, 1, 40 - 100], [0, 0, 1]]) for n in range(count)])
    settings = RenderSettings(crf=0, preset="ultrafast", jobs=jobs)
    timeline = split(source)
    render(timeline, folder=folder, output=tmp_path / "plain.mp4", settings=settings)
    corner_pins = [CornerPin(1, 1, matrices)]
    render(timeline, folder=folder, output=tmp_path / "pinned.mp4", settings=settings, corner_pins=corner_pins)
    before = decoded(folder / "film.mp4")
    pairs = zip(decoded(tmp_path / "plain.mp4"), decoded(tmp_path / "pinned.mp4"), strict=True)
    for n, (plain, pinned) in enumerate(pairs):
        assert np.array_equal(plain[:100], pinned[:100])
        left = 110 + max(0, n - 20)
        assert np.abs(pinned[100:] - before[n][40:140, left : left + 160]).max() <= 1, n


@pytest.mark.parametrize(
    ("corner_pin", "words"),
    [
        (CornerPin(2, 0, np.stack([np.eye(3)] * 20)), "nothing for"),
        (CornerPin(0, 2, np.stack([np.eye(3)] * 20)), "nothing for"),
        (CornerPin(0, 0, np.stack([np.eye(3)] * 19)), "does not fit"),
        (CornerPin(0, 0, np.full((20, 3, 3), np.nan)), "does not fit"),
        (CornerPin(0, 0, np.stack([np.array([[1.0, 0, 0], [0, 1, 0], [-0.01, 0, 1]])] * 20)), "folds"),
    ],
)
def test_corner_pins_that_do_not_fit(film, tmp_path, corner_pin, words):
    folder, source = film
    with pytest.raises(UsageError, match=words):
        render(split(source), folder=folder, output=tmp_path / "out.mp4", corner_pins=[corner_pin])
    assert list(tmp_path.iterdir()) == []
