"""Bars of every kind are found to two px; pictures with dark or straight edges are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import bars
import media
import scenes
from panscan import ingest, measure
from panscan.direct.active_picture import active_pictures
from panscan.model.geometry import Rect, Size
from panscan.model.perception import Border, ShotBoundaries
from panscan.model.plan import Shot
from panscan.model.shots import shots_of
from panscan.perceive.observe import observe

HD = Size(1920, 1080)
TOLERANCE_PX = 2.0  # of a movie 640 px wide
TEN_SECONDS = tuple(Shot(first, first + 50) for first in range(0, 250, 50))


def active(path):
    """The picture inside the bars of every shot."""
    probed = ingest.probe(path)
    seen = observe(probed, measure.Decoder(probed), signals=["cuts", "border"])
    shots = shots_of(seen.get(ShotBoundaries), probed.frame_count)
    return active_pictures(seen.need(Border), shots, probed.video.display_size)


def insets(found, size):
    return np.array([found.left, found.top, size[0] - found.right, size[1] - found.bottom])


def panned(count=30, size=(640, 360)):
    """A drawn scene that passes by."""
    x, y = np.arange(float(size[0])), np.arange(float(size[1]))

    def drawn(frame):
        planes = [np.clip(media.texture(5, plane, x + 6.0 * frame, y) * 1.6 - 70, 16, 235) for plane in (0, 1, 2)]
        blocks = 40 * (((x[None, :] + 6 * frame) // 40 + y[:, None] // 40) % 2)
        return np.clip(np.stack(planes, axis=2) + blocks[:, :, None], 0, 255).astype(np.uint8)

    return [drawn(frame) for frame in range(count)]


@pytest.fixture(scope="module")
def contents(talk):
    return {"talk": bars.some_frames(talk), "panned": panned()}


CASES = [
    (content, kind, shape)
    for content in ("talk", "panned")
    for kind in bars.KINDS
    for shape in bars.CANVAS
    # A drawn frame is told from the room only where the picture moves at its edges.
    if (content, kind) != ("talk", "drawn")
]


@pytest.mark.parametrize(("content", "kind", "shape"), CASES)
def test_bars_of_every_kind_are_found(content, kind, shape, contents, tmp_path):
    size, box = bars.CANVAS[shape], bars.INNER[shape]
    path = bars.write(tmp_path / "bars.mp4", bars.inside_bars(contents[content], kind, size, box))
    truth = np.array([box[0], box[1], size[0] - box[0] - box[2], size[1] - box[1] - box[3]])
    found = insets(active(path)[0], size)
    assert np.all(np.abs(found - truth) <= TOLERANCE_PX), (found, truth)
    assert np.all(found >= truth - 0.5), "no bar is left in the picture"


@pytest.mark.parametrize("bar_px", [8, 40, 80])
def test_black_bars_are_found_within_three_px(bar_px, tmp_path):
    (found,) = active(media.pillarbox(tmp_path / "bars.mp4", bar_px=bar_px))
    left, top, right, bottom = insets(found, (320, 180))
    assert (top, bottom) == (0, 0)
    assert bar_px <= left <= bar_px + 3 and bar_px <= right <= bar_px + 3


def test_bars_in_a_part_of_the_movie_only(contents, tmp_path):
    inner = bars.inside_bars(contents["panned"], "blurred", (640, 360), bars.INNER["pillarbox"])
    talk = [cv2.resize(frame, (640, 360), interpolation=cv2.INTER_AREA) for frame in contents["talk"]]
    path = bars.write(tmp_path / "parts.mp4", [*talk, *inner, *talk])
    found = active(path)
    assert [f.width for f in (found[0], found[-1])] == [640, 640]
    assert min(f.width for f in found) == pytest.approx(204, abs=2 * TOLERANCE_PX)


@pytest.mark.parametrize("name", sorted(set(media.MOVIES) - {"pillarbox"}))
def test_normal_films_have_no_bars(name, movie):
    display = ingest.probe(movie(name)).video.display_size
    assert {(f.left, f.top, f.width, f.height) for f in active(movie(name))} == {(0, 0, display.width, display.height)}


def _rectangle(picture, left, right, level, top=0, bottom=360):
    picture[top:bottom, left:right] = level


def curtains(frame, picture):
    """Dark folds on both sides of a lit stage."""
    x = np.arange(640.0)
    edge = 110 + 8 * np.sin(np.arange(360) / 30)[:, None]
    dark = np.clip((np.minimum(x, 639 - x)[None, :] - edge) / 25, 0, 1)
    folds = 12 + 8 * np.sin(np.minimum(x, 639 - x) / 5)[None, :]
    return picture * dark[:, :, None] + (folds * (1 - dark))[:, :, None]


def vignette(frame, picture):
    x, y = np.meshgrid(np.linspace(-1, 1, 640), np.linspace(-1, 1, 360))
    return picture * np.clip(1.5 - 1.2 * (x**2 + y**2), 0, 1)[:, :, None]


def door(frame, picture):
    """A person passes before a lit door in a dark wall that fades to the corners."""
    x, y = np.meshgrid(np.linspace(-1, 1, 640), np.linspace(-1, 1, 360))
    room = np.repeat((34 - 16 * (x**2 + y**2))[:, :, None], 3, axis=2)
    room[90:, 250:390] = 150
    place = 180 + 8 * frame
    cv2.ellipse(room, (place, 240), (40, 130), 0, 0, 360, (90, 70, 60), -1)
    return room


def dark_wall(frame, picture):
    """Somebody before a black wall."""
    wall = np.full_like(picture, 8.0)
    middle = 320 + round(15 * np.sin(frame / 5))
    cv2.ellipse(wall, (middle, 160), (60, 80), 0, 0, 360, (190, 150, 130), -1)
    cv2.ellipse(wall, (middle, 340), (150, 110), 0, 0, 360, (60, 60, 120), -1)
    return wall


def stage_light(frame, picture):
    """A cone of light in the dark."""
    y, x = np.mgrid[:360, :640]
    return picture * (np.abs(x - 320) < 60 + 0.4 * y)[:, :, None] * 0.9 + 6


def night(frame, picture):
    """Nearly nothing, with a few lamps."""
    dark = picture * 0.05
    for x, y in ((150, 90), (420, 140), (500, 260)):
        cv2.circle(dark, (x + frame, y), 12, (240, 220, 160), -1)
    return dark


def window_frame(frame, picture):
    """A straight dark post on one side."""
    _rectangle(picture, 0, 120, 20)
    return picture


def slide(frame, picture):
    """Black words on white, with wide margins."""
    page = np.full_like(picture, 250.0)
    for row, words in enumerate(
        ("Where we are", "numbers of the year", "what was asked for", "how it went on", "thanks")
    ):
        cv2.putText(page, words, (90, 60 + 55 * row), 0, 1.1, (20, 20, 20), 2)
    return page


def two_posts(frame, picture):
    """Grey posts before a scene that stands still, at unequal distances."""
    still = panned(1)[0].astype(float)
    _rectangle(still, 100, 130, 60)
    _rectangle(still, 500, 530, 60)
    return still


DARKNESS = [curtains, vignette, door, dark_wall, stage_light, night, window_frame, slide, two_posts]


@pytest.mark.parametrize("scene", DARKNESS)
def test_a_picture_with_dark_edges_is_no_bar(scene, contents, tmp_path):
    frames = [scene(n, frame.astype(float)) for n, frame in enumerate(contents["panned"])]
    path = bars.write(tmp_path / "dark.mp4", [np.clip(frame, 0, 255).astype(np.uint8) for frame in frames])
    (found,) = active(path)
    assert found == Rect(0, 0, 640, 360)


# --- the vote


def border(inset, score, depth):
    """A sample every ten frames."""
    looked = 10 * np.arange(len(inset))
    columns = [np.array([[left, 0.0, right, 0.0] for left, right in pairs]) for pairs in (inset, depth)]
    return Border(looked, columns[0], np.array([[s, 0.0] for s in score]), columns[1])


BARS, NONE = (240.0, 240.0), (0.0, 0.0)


def widths(seen, shots=TEN_SECONDS):
    return [found.width for found in active_pictures(seen, shots, HD)]


def test_a_shot_that_cannot_tell_has_the_bars_of_its_neighbours():
    dark = [BARS] * 10 + [NONE] * 5 + [BARS] * 10
    seen = border(dark, [float(pair == BARS) for pair in dark], [BARS] * 10 + [(960.0, 960.0)] * 5 + [BARS] * 10)
    assert widths(seen) == [1436.5] * 5


def test_a_shot_between_others_that_shows_a_picture_keeps_it():
    found = [BARS] * 10 + [NONE] * 5 + [BARS] * 10
    seen = border(found, [float(pair == BARS) for pair in found], [BARS] * 10 + [(30.0, 0.0)] * 5 + [BARS] * 10)
    assert widths(seen) == [1436.5, 1436.5, 1920.0, 1436.5, 1436.5]


def test_one_picture_of_many_is_no_bar():
    found = [BARS] + [NONE] * 24
    seen = border(found, [1.0] + [0.0] * 24, [BARS] + [(10.0, 0.0)] * 24)
    assert widths(seen, (Shot(0, 250),)) == [1920.0]


def test_shots_between_two_samples_have_the_bars_of_their_neighbours():
    seen = border([BARS] * 10, [1.0] * 10, [BARS] * 10)
    assert widths(seen, (Shot(0, 41), Shot(41, 49), Shot(49, 100))) == [1436.5] * 3


def test_without_the_signal_there_are_no_bars():
    assert widths(None) == [1920.0] * 5
    assert widths(scenes.bars(0, 0, 0, 0), (Shot(0, 100),)) == [1920.0]
