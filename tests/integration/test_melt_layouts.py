"""Split layouts, other sizes and rates, dissolves and backgrounds of the .mlt file, rendered by melt."""

from __future__ import annotations

import numpy as np
import pytest

import documents as make
from coded_movies import (
    coded_picture,
    decode,
    located,
    located_on_teeth,
    play_with_melt,
    toothed_picture,
    write_coded,
)
from panscan.deliver import deliver
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.render import RenderSettings, render
from panscan.timeline.effect import rounded

SOURCE, CANVAS = Size(960, 540), Size(540, 960)
FRAME_COUNT = 30


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """A coded movie at 25 fps, and what is known of it."""
    path = tmp_path_factory.mktemp("coded") / "coded.mkv"
    write_coded(path, SOURCE, make.PAL, FRAME_COUNT)
    return make.media(str(path), size=SOURCE, frame_count=FRAME_COUNT, start_frame=90000, audio=((1, 48000),))


def _cell(left, top, width, height, *keys):
    return Cell(left, top, Size(width, height), make.camera(keys))


def _layout(*cells, name):
    return rounded(Framing(CANVAS, SOURCE, make.PAL, cells, layout=name))


def _played(melt, tmp_path, data, suffix):
    document, out = tmp_path / f"talk{suffix}", tmp_path / "out.mkv"
    document.write_bytes(data)
    log = play_with_melt(melt, document, out)
    assert "qtblend" not in log and "qtcrop" not in log and "X11" not in log, log
    return decode(out)


def _pictures(melt, tmp_path, timeline, **options):
    artifact = deliver(timeline, "mlt", folder=tmp_path, options=options)
    return _played(melt, tmp_path, artifact.main, ".mlt")[0], artifact.losses


def _pictures_of_both(melt, tmp_path, timeline):
    """The pictures, which the project for Kdenlive must show too."""
    artifact = deliver(timeline, "mlt", folder=tmp_path)
    (pictures, samples), (same, same_samples) = (
        _played(melt, tmp_path, data, suffix) for suffix, data in artifact.files.items()
    )
    assert list(artifact.files) == [".mlt", ".kdenlive"] and len(same) == len(pictures)
    # Shotcut's black is clear, Kdenlive's is not: that shows in the rows that a letterbox covers in part.
    off = [(np.abs(a.astype(int) - b).max(axis=2) > 4).mean() for a, b in zip(pictures, same, strict=True)]
    assert max(off) < 0.005
    assert len(samples) == len(same_samples)
    levels = [np.abs(part.astype(float)).mean() for part in np.array_split(same_samples, len(pictures))]
    expected = [np.abs(part.astype(float)).mean() for part in np.array_split(samples, len(pictures))]
    assert levels == pytest.approx(expected, rel=0.1, abs=0.02 * max(expected))
    return pictures, artifact.losses


def _inside(picture, cell):
    return picture[cell.top_px : cell.top_px + cell.size.height, cell.left_px : cell.left_px + cell.size.width]


def test_every_cell_shows_its_own_camera_and_nothing_of_the_others(melt, coded, tmp_path) -> None:
    still = _cell(0, 480, 540, 480, (0, 1.0, 30.0, -20.0))
    pan = _cell(0, 0, 540, 480, (3, 1.2, 99.0, 0.0), (9, 1.2, -150.5, 20.0))
    jump = _cell(0, 640, 540, 320, (14, 1.3, -50.25, 12.0), (15, 1.3, 80.0, -12.0))
    thirds = (_cell(0, 0, 540, 320, (0, 1.0, 0.0, 0.0)), _cell(0, 320, 540, 320, (0, 1.1, 20.5, -30.0)), jump)
    corners = tuple(
        _cell(left, top, 270, 480, (20, 1.4, x, 0.0), (29, 1.4, -x, 10.0))
        for left, top, x in ((0, 0, 100.0), (270, 0, 50.0), (0, 480, -40.0), (270, 480, 10.0))
    )
    zoom = _cell(135, 240, 270, 480, (24, 1.4, 0.0, 0.0), (28, 2.0, 60.0, 20.0))
    shots = [
        (3, 9, _layout(pan, still, name="split-2")),
        (12, 17, _layout(*thirds, name="split-3")),
        (20, 24, _layout(*corners, name="split-4")),
        (24, 29, _layout(_cell(0, 0, 540, 960, (0, 1.8, 0.0, 0.0)), zoom, name="pip")),
    ]
    pictures, losses = _pictures_of_both(melt, tmp_path, make.timeline(*shots, of=coded))
    assert not losses and len(pictures) == sum(end - first for first, end, _ in shots)
    record = iter(pictures)
    for first, end, framing in shots:
        for frame in range(first, end):
            picture = next(record)
            for number, cell in enumerate(framing.cells):
                if framing.layout == "pip" and number == 0:
                    assert located(picture[:200], SOURCE)[2] == pytest.approx(300, abs=0.1)  # beside the inset
                    continue
                shown = _inside(picture, cell)
                assert round(shown[..., 2].mean() / 4) == frame
                allowed = 0.5 if cell is zoom else 0.1
                error = located(shown, SOURCE) - cell.crops([frame], SOURCE)[0]
                assert np.abs(error).max() < allowed, (framing.layout, frame, number, error)


# At the sides of the picture, and at scales at which it is no whole number of pixels wide on the canvas.
UHD_CAMERAS = {
    "still": (Size(540, 960), ((0, 0.4444444, 580.0, 0.0),)),
    "pan": (Size(540, 960), ((0, 0.4507, 580.3, 1.0), (3, 0.4507, -560.0, -1.0))),
    "closing in from afar": (Size(540, 960), ((0, 0.4444444, 580.0, 0.0), (3, 0.47, 560.0, 2.0))),
    "closing in on a square": (Size(540, 540), ((0, 1.0, -60.0, 20.0), (3, 2.0, -60.0, 100.0))),
}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """UHD movies at an NTSC rate, and what is known of them: one whose places are unique, one with exact ones."""
    folder = tmp_path_factory.mktemp("large")
    movies = []
    for picture in (coded_picture, toothed_picture):
        path = folder / f"{picture.__name__}.mkv"
        write_coded(path, make.UHD, make.NTSC, 4, picture)
        movies.append(make.media(str(path), size=make.UHD, rate=make.NTSC, frame_count=4, audio=((1, 48000),)))
    return movies


@pytest.mark.parametrize(
    ("case", "mover", "allowed_px"),
    [
        ("still", "qtblend", 0.1),
        ("pan", "qtblend", 0.1),
        ("closing in from afar", "qtblend", 0.5),
        ("closing in on a square", "qtblend", 0.5),
        ("pan", "affine", 0.6),
        ("closing in from afar", "affine", 0.6),
    ],
)
def test_a_large_source_at_an_ntsc_rate(melt, large, tmp_path, case, mover, allowed_px) -> None:
    canvas, keys = UHD_CAMERAS[case]
    framing = rounded(make.framing(keys, canvas=canvas, source=make.UHD, rate=make.NTSC))
    crops = framing.cells[0].crops(range(1, 4), make.UHD)
    roughly, closely = (
        _pictures(melt, tmp_path, make.timeline((1, 4, framing), of=of), mover=mover)[0] for of in large
    )
    assert [round(p[..., 2].mean() / 4) for p in closely] == [1, 2, 3]
    rough = np.array([located(p, make.UHD) for p in roughly]) - crops
    assert np.abs(rough).max() < 12, rough  # which teeth; a level of this picture is 15 px wide
    errors = np.array([located_on_teeth(p, crop) for p, crop in zip(closely, crops, strict=True)]) - crops
    assert np.abs(errors).max() < allowed_px, errors


def test_a_dissolve_mixes_the_two_cameras(melt, coded, tmp_path) -> None:
    first, second = (
        rounded(make.framing(((0, scale, x_px, 0.0),), canvas=CANVAS, source=SOURCE))
        for scale, x_px in ((1.9, 200.0), (2.2, -100.0))
    )
    timeline = make.dissolve(make.timeline((0, 10, first), (15, 25, second), of=coded), 1, (3, 3))
    pictures, losses = _pictures_of_both(melt, tmp_path, timeline)
    assert not losses and len(pictures) == 20
    shown = [p[..., 2].mean() / 4 for p in pictures]
    assert [round(s) for s in shown[:7] + shown[13:]] == [*range(7), *range(18, 25)]
    # From 7 to 12 the frames 7 to 12 of the first clip give way to 12 to 17 of the second, in equal steps.
    shares = [(s - (7 + n)) / 5 for n, s in enumerate(shown[7:13])]
    assert shares == pytest.approx([n / 6 for n in range(6)], abs=0.06)
    for picture, framing, frame in ((pictures[6], first, 6), (pictures[13], second, 18)):
        error = located(picture, SOURCE) - framing.cells[0].crops([frame], SOURCE)[0]
        assert np.abs(error).max() < 0.1


@pytest.mark.parametrize("background", ["#204060", "blur"])
def test_what_is_around_a_letterbox_is_as_we_render_it(melt, coded, tmp_path, background) -> None:
    whole = make.framing(((0, 0.5625, 0.0, 40.0),), canvas=CANVAS, source=SOURCE, background=background, layout="fit")
    timeline = make.timeline((4, 8, whole), of=coded)
    pictures, losses = _pictures_of_both(melt, tmp_path, timeline)
    assert not losses
    render(timeline, folder=tmp_path, output=tmp_path / "ours.mp4", settings=RenderSettings(crf=1))
    ours, _ = decode(tmp_path / "ours.mp4")
    assert len(ours) == len(pictures) == 4
    for mine, theirs in zip(ours, pictures, strict=True):
        around = np.ones(mine.shape[:2], bool)
        around[365:715] = False
        difference = np.abs(mine.astype(float) - theirs.astype(float))[around]
        assert difference.mean() < 3, difference.mean()


def test_the_background_ends_with_its_clip(melt, coded, tmp_path) -> None:
    shape = ((0, 0.5625, 0.0, 0.0),)
    shots = [
        (first, first + 3, make.framing(shape, canvas=CANVAS, source=SOURCE, background=background))
        for first, background in ((0, "#204060"), (3, "black"), (6, "#ff8000"))
    ]
    pictures, _ = _pictures_of_both(melt, tmp_path, make.timeline(*shots, of=coded))
    corners = [tuple(int(v) for v in p[10, 10]) for p in pictures]
    assert corners == [(32, 64, 96)] * 3 + [(0, 0, 0)] * 3 + [(255, 128, 0)] * 3


def test_both_projects_show_retimed_clips(melt, coded, tmp_path) -> None:
    pan = make.framing(((0, 1.9, 240.0, 0.0), (29, 1.9, -240.0, 0.0)), canvas=CANVAS, source=SOURCE)
    timeline = make.timeline((2, 8, pan), (0, 8, pan), (0, 6, pan), of=coded)
    for index, speed, first in ((1, 0.5, 10), (2, -1.0, 20)):
        make.retime(timeline, index, speed, 90000 + first)
    pictures, _ = _pictures_of_both(melt, tmp_path, timeline)
    shown = [round(p[..., 2].mean() / 4) for p in pictures]
    assert shown == [*range(2, 8), *(10 + n // 2 for n in range(8)), *range(20, 14, -1)]
