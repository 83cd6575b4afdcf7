"""What must be left alone: stills, black, darkness, bars and backgrounds of the source's or timeline's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from faults import edits, films
from faults.kinds import Kind, one_clip
from faults.picture import barred
from faults.remaking import changed
from panscan.model.framing import Camera, Cell, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.timeline.flatten import renderable_cut
from panscan.verify import Verdict
from panscan.verify.expectation import Expectation
from panscan.verify.measure.expected_views import ExpectedViews

STILL = one_clip(lambda count: films.pan(films.CANVAS, 0, count, 200.0, 200.0))


def honest(folder, scene, frames=50, edit=STILL):
    """Film, timeline and movie of a scene, under one still camera."""
    return Kind("scene", edit, scene, pts=range(frames)).stage(folder)


def black_for(frames):
    """A scene that is black for some frames."""

    def scene(frame, plane, x_px, y_px):
        black = np.full((1, 1), 16.0 if plane == 0 else 128.0)
        return black if frame in frames else films.scene(frame, plane, x_px, y_px)

    return scene


def test_what_stands_still_or_is_black_in_the_source_is_no_fault(tmp_path):
    black = black_for(range(30, 40))
    report = honest(tmp_path, lambda frame, *at: black(min(frame, 12) if frame < 30 else frame, *at)).report()
    assert report["frozen"].grade == report["black"].grade == "pass", report.to_text()
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_a_camera_that_goes_along_with_what_moves_is_not_frozen(tmp_path):
    """The encoder leaves still what only its place between px changes."""
    along = one_clip(lambda count: films.pan(films.CANVAS, 0, count, 90.0, 90.0 + 0.706 * (count - 1)))
    report = honest(tmp_path, films.drifting, 40, along).report()
    assert report["frozen"].grade == "pass" and report.verdict is Verdict.VERIFIED, report.to_text()


def test_pictures_of_something_else_are_found(tmp_path):
    """Ten lit pictures where the source is black: no neighbour, no bar, nothing that stands still."""
    made = honest(tmp_path / "black", black_for(range(20, 30)))
    assert made.report().verdict is Verdict.VERIFIED, made.report().to_text()
    lit = honest(tmp_path / "lit", films.scene)
    report = replace(made, movie=lit.movie).report()
    assert report["moment"].grade == "fail" and report["moment"].measured["misplaced"][0] == 20, report.to_text()


def test_bars_of_the_source_are_flagged_unless_the_camera_avoids_them(tmp_path):
    def scene(frame, plane, x_px, y_px):
        shown = films.scene(frame, plane, x_px, y_px)
        inside = np.broadcast_to((y_px >= 30) & (y_px < 330), (len(x_px), len(y_px))).T
        return np.where(inside, shown, 16 if plane == 0 else 128)

    report = honest(tmp_path, scene, 30).report()
    assert report["bars"].grade == "flag" and report.verdict is Verdict.FLAGGED, report.to_text()
    near = honest(tmp_path / "near", scene, 30, lambda source: edits.zoomed(STILL(source), 1.3))
    assert near.report()["bars"].grade == "pass"


@pytest.mark.parametrize("background", ["black", "blur"])
def test_the_background_beside_the_picture(tmp_path, background):
    edit = one_clip(lambda _count: films.whole(films.CANVAS, background))
    assert honest(tmp_path, films.scene, 20, edit).report().verdict is Verdict.VERIFIED


def page(frame, plane, x_px, y_px):
    """A few lines of a dark page, on which a pointer moves: so even that a px of something else is seen."""
    if plane:
        return np.full((1, 1), 128.0)
    lines = np.outer((y_px % 40 < 5) & (y_px < 60), x_px % 23 < 9)
    pointer = np.outer(abs(y_px - 150 - 2 * frame) < 9, abs(x_px - 200 - 3 * frame) < 6)
    return np.where(pointer, 128, 30 + 180 * lines)


def closer(canvas, shares):
    """A camera over the middle of the film, so wide at frames as shares of the film's width say."""
    width, height = films.SIZE

    def key(share):
        wide, tall = width * share, width * share * canvas.height / canvas.width
        crop = Rect((width - wide) / 2, (height - tall) / 2, wide, tall)
        return tuple(float(value) for value in key_values_of_crop(crop, canvas, Size(width, height)))

    columns = zip(*(key(share) for share in shares.values()), strict=True)
    cell = Cell(0, 0, canvas, Camera(tuple(shares), *columns))
    return one_clip(lambda _count: replace(films.whole(canvas, "#ffffff"), cells=(cell,)))


def test_thin_bars_of_a_light_background(tmp_path):
    """A sixth of a px of the small views."""
    report = honest(tmp_path, page, 50, closer(Size(540, 960), {0: 1.0033})).report()
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_a_night_scene_has_no_bars(tmp_path):
    def scene(frame, plane, x_px, y_px):
        shown = films.scene(frame, plane, x_px, y_px)
        return 128 + (shown - 128) * 0.2 if plane else 17 + (shown - 30) * 0.1

    made = honest(tmp_path, scene)
    assert made.report()["bars"].grade == "pass", made.report().to_text()
    bars = replace(made, movie=changed(made.movie, tmp_path / "bars.mp4", barred))
    assert bars.report()["bars"].grade == "fail"


def test_an_expected_view_goes_on_beside_the_picture(tmp_path):
    made = honest(tmp_path, page, 2, closer(Size(540, 960), {0: 1.0}))
    expectation = Expectation(renderable_cut(made.timeline, folder=made.folder))
    views, _ = ExpectedViews(expectation).at(0)
    expectation.close()
    ((view, mask),) = views
    assert 40 < mask[:, 45].sum() < 51 and view[~mask] == pytest.approx(235) and view[mask].max() < 230
