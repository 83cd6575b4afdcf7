"""The director of screen recordings: what is shown, how close, and when the camera moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import documents as make
from panscan import direct, operate
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Rect, Size
from panscan.model.perception import ShotBoundaries
from panscan.model.request import Override
from panscan.request.presets import load_preset
from scenes import RATE, faces, perception, request, screen, screen_events, text

WIDE, HD = Size(1920, 1080), make.HD
PHONE = Size(1206, 2622)
SQUARE = Size(1080, 1080)
LINE = (300, 400, 700, 40)  # typed on
FAR = (1500, 900, 300, 60)  # cannot be seen with it
ALL = (0, 0, 1920, 1080)


def framed(*rows, seconds=20.0, canvas=WIDE, source=HD, written=(), preset="screen", screen=None, **choices) -> Framing:
    """The framing of a recording in which this happens.

    written: what is taken for titles and captions. screen: what else is known of the screen.
    """
    media = make.media(size=source, frame_count=round(seconds * RATE))
    seen = perception(events=screen_events(*rows, **(screen or {})), text=text(written))
    plan = direct.plan(media, seen, request(canvas, preset, **choices))
    assert len(plan.shots) == 1
    return operate.frame_shot(plan.shots[0], plan, source, make.PAL)


def crops(framing: Framing, cell: int = 0) -> np.ndarray:
    return framing.cells[cell].crops(np.arange(round(20 * RATE)), framing.source)


def holds(crop: np.ndarray, box, slack_px=0.5) -> np.ndarray:
    left, top, width, height = crop.T
    inside = (left <= box[0] + slack_px) & (left + width >= box[0] + box[2] - slack_px)
    return inside & (top <= box[1] + slack_px) & (top + height >= box[1] + box[3] - slack_px)


def frame(seconds: float) -> int:
    return round(seconds * RATE)


def views(cell: Cell) -> list[tuple[float, float]]:
    """Begin and width of what a cell shows at each rest, in seconds and source px."""
    return [(rest.first / RATE, round(cell.crop_at(rest.first, HD).width)) for rest in cell.rests]


def test_it_comes_close_before_the_typing_and_leaves_after_a_pause():
    framing = framed(("typing", 5, 8, *LINE))
    (cell,) = framing.cells
    wide, close, again = cell.rests
    width = crops(framing)[:, 2]
    assert (wide.first, again.end) == (0, 500) and set(width[: wide.end]) == {1920.0}
    assert 4.5 * RATE <= wide.end < 5 * RATE < close.first
    assert close.end == frame(10.5) and set(np.round(width[close.first : close.end])) == {854.0}
    assert holds(crops(framing)[frame(5) : frame(8)], LINE).all()
    assert set(width[again.first :]) == {1920.0}


def test_moves_are_smooth_with_few_keys():
    framing = framed(("typing", 5, 8, *LINE))
    speed = np.abs(np.diff(framing.cells[0].camera.sample(np.arange(500))[:, 0]))
    moving = np.flatnonzero(speed > 1e-9)
    assert len(framing.cells[0].camera.frame) <= 14
    assert speed[moving[0]] < 0.35 * speed.max() and np.ptp(np.sign(np.diff(framing.cells[0].camera.scale))) == 2


def test_it_stays_while_somebody_thinks():
    framing = framed(("typing", 3, 5, *LINE), ("typing", 7, 9, *LINE), ("typing", 11.5, 14, *LINE))
    assert len(framing.cells[0].rests) == 3
    assert holds(crops(framing)[frame(3) : frame(16)], LINE).all()


def test_one_view_for_what_lies_together():
    """No second jump to where the text went: the camera goes at once to where all of it is seen."""
    rows = [("typing", 3 + n, 3.8 + n, 300, 300 + 40 * n, 500, 40) for n in range(6)]
    framing = framed(*rows)
    close = framing.cells[0].rests[1]
    assert len(framing.cells[0].rests) == 3
    assert holds(crops(framing)[close.first : close.end], (300, 300, 500, 240)).all()


def test_what_is_in_view_is_no_reason_to_move():
    """A shorter line below the first could be shown a little larger."""
    rows = (("typing", 0, 9, 300, 400, 800, 40), ("typing", 9.5, 20, 300, 450, 640, 40))
    assert len(framed(*rows).cells[0].rests) == 1


def test_it_pans_to_what_follows_elsewhere():
    framing = framed(("typing", 3, 8, *LINE), ("click", 9.5, 13, *FAR))
    close = framing.cells[0].rests[1:3]
    between = crops(framing)[close[0].first : close[1].end, 2]
    assert between.max() < 1000, "no look at the whole screen on the way"
    assert holds(crops(framing)[frame(9.5) : frame(13)], FAR).all()


@pytest.mark.parametrize("kind", ["popup", "window"])
def test_what_fills_the_screen_is_seen_whole(kind):
    framing = framed(("typing", 3, 8, *LINE), (kind, 8.2, 10.2, *ALL), ("typing", 10.4, 15, *LINE))
    assert holds(crops(framing)[frame(8.5) : frame(10.2)], ALL).all()
    assert f"the whole screen: a {kind}" in [rest.reason for rest in framing.cells[0].rests]
    assert holds(crops(framing)[frame(3) : frame(8)], LINE).all()


def test_a_brief_popup_moves_nothing():
    alone = framed(("typing", 3, 15, *LINE))
    assert framed(("typing", 3, 15, *LINE), ("popup", 8, 8.6, *ALL)).cells == alone.cells


@pytest.mark.parametrize("start_s", [9, 10.5, 12])
def test_nobody_looks_at_the_place_of_a_popup_that_is_gone(start_s):
    """However soon it comes after what was typed far from it."""
    box = (1500, 900, 300, 120)
    framing = framed(("typing", 3, 8, *LINE), ("popup", start_s, start_s + 2, *box))
    crop = crops(framing)
    assert holds(crop[frame(start_s + 0.3) : frame(start_s + 2)], box).all()
    gone = crop[frame(start_s + 3.4) :]
    assert set(gone[:, 2].round(1)) == {1920.0}
    shown = framing.cells[0].rests[2] if len(framing.cells[0].rests) == 4 else None
    assert shown is None or frame(start_s + 2) - shown.first >= 1.2 * RATE


def test_a_pointer_that_jitters_elsewhere_while_somebody_types_counts_for_nothing():
    alone = framed(("typing", 3, 15, *LINE))
    assert framed(("typing", 3, 15, *LINE), ("pointer", 8, 9, *FAR)).cells == alone.cells


def test_it_never_goes_in_twice_within_four_seconds():
    places = [(200 + 300 * (n % 5), 150 + 700 * (n % 2), 60, 40) for n in range(18)]
    framing = framed(*(("click", n + 1, n + 1.5, *place) for n, place in enumerate(places)))
    cell = framing.cells[0]
    width = [crop for _, crop in views(cell)]
    goes_in = [a.end for a, before, after in zip(cell.rests, width, width[1:], strict=False) if after < before]
    assert all(np.diff(goes_in) >= 4 * RATE)
    assert len(cell.rests) <= 4


@pytest.mark.parametrize(("box", "width"), [((900, 500, 8, 8), 0.35 * 1920), ((300, 400, 1700, 40), 1920)])
def test_neither_too_close_nor_hardly_closer(box, width):
    assert min(crops(framed(("click", 5, 9, *box)))[:, 2]) == pytest.approx(width, abs=0.1)


def test_a_click_is_shown_although_it_is_over_in_a_moment():
    framing = framed(("click", 8, 8.2, 1400, 800, 90, 30))
    crop = crops(framing)
    assert crop[frame(9), 2] < 700 and holds(crop[frame(8) : frame(10)], (1400, 800, 90, 30)).all()


def test_small_recordings_are_not_enlarged_to_blocks():
    framing = framed(("click", 5, 15, 300, 150, 8, 8), source=Size(640, 360))
    assert max(framing.cells[0].camera.scale) == pytest.approx(4.0, abs=1e-3)


def test_large_text_is_not_shown_larger_than_anybody_needs():
    """A line of 60 px, of which a canvas of 1080 px shows 108 at most."""
    shown = framed(("typing", 5, 9, 900, 500, 200, 60), screen={"text_px": 60.0})
    assert min(crops(shown)[:, 2]) == pytest.approx(1920 / 1.8)


@pytest.mark.parametrize("pitch_px", [27, 36])
@pytest.mark.parametrize("offset_px", range(0, 36, 9))
def test_edges_run_between_lines_of_text(offset_px, pitch_px):
    """A page full of lines, wherever these lie: what is close shows whole ones above and below."""
    lines = [(0, 100, top, 1700, 22) for top in range(offset_px, 1050, pitch_px)]
    framing = framed(("typing", 0, 20, 500, 400 + offset_px, 700, 22), screen={"lines": lines})
    crop = crops(framing)[200]
    assert crop[3] < 620 and holds(crops(framing), (500, 400 + offset_px, 700, 22)).all()
    for edge in (crop[1], crop[1] + crop[3]):
        assert not any(top - 1 < edge < top + 22 + 1 for _, _, top, _, _ in lines)


def test_text_that_is_gone_moves_no_edge():
    rows = (("typing", 10, 20, *LINE),)
    gone = [(0, 100, top, 1700, 22) for top in range(0, 1050, 36)] + [(100, 300, 400, 700, 40)]
    assert crops(framed(*rows, screen={"lines": gone})) == pytest.approx(crops(framed(*rows)), abs=0.05)


def test_upright_it_goes_along_a_line_with_the_caret():
    """A line as wide as the screen: the caret and the words just typed stay in view, in few steady moves sideways."""
    letter_px = [(frame(2) + 4 * n, 100 + 16 * n, 400, 16, 30) for n in range(106)]
    screen, rows = {"letters": letter_px}, (("typing", 2, 19, 100, 400, 1700, 30),)
    framing = framed(*rows, canvas=make.VERTICAL, screen=screen)
    crop = crops(framing)
    assert framing.layout == "single" and set(crop[frame(3) :, 3].round(3)) == {1080.0}
    for at, left, *_ in letter_px:
        assert crop[at][0] + crop[at][2] > left + 16 and crop[at][0] <= max(100, left - 5 * 16)
    assert (np.diff(crop[frame(2) :, 0]) >= -1e-6).all() and len(framing.cells[0].rests) <= 6


@pytest.mark.parametrize(("width", "is_told"), [(320, True), (480, False)])
def test_letters_that_are_not_sharp_are_told(width, is_told):
    framing = framed(("typing", 5, 15, 30, 50, 120, 8), source=Size(width, width * 9 // 16))
    assert ("letters enlarged 6.0 times are not sharp" in framing.why) is is_told
    assert ("not sharp" in framing.why) is is_told


@pytest.mark.parametrize(("composition", "share"), [("upper", 1 / 3), ("center", 1 / 2), ("lower", 2 / 3)])
def test_compositions_place_the_region(composition, share):
    box = (900, 500, 200, 40)
    framing = framed(("typing", 5, 9, *box), preset=replace(load_preset("screen"), composition=composition))
    crop = crops(framing)[frame(8)]
    assert (520 - crop[1]) / crop[3] == pytest.approx(share, abs=0.01)


def test_the_lead_is_when_it_sets_off():
    ends = [framed(("typing", 5, 9, *LINE), lead_s=lead).cells[0].rests[0].end for lead in (0.0, 1.0)]
    assert ends == [frame(5), frame(4)]


@pytest.mark.parametrize("top", [1080, 1370], ids=["far above it", "close to it"])
def test_a_field_is_shown_above_the_keyboard(top):
    """A phone in a square: what is typed, and what is above it, and no keys."""
    field, keyboard_top = (35, top, 1140, 180), 1560.0
    shown = [
        framed(("typing", 3, 18, *field), canvas=SQUARE, source=PHONE, screen={"keyboard": rows})
        .cells[0]
        .crop_at(300, PHONE)
        for rows in ((), ((50, keyboard_top),))
    ]
    assert all(crop.contains(Rect(*field)) for crop in shown)
    assert shown[0].bottom > keyboard_top >= shown[1].bottom - 1e-3


def test_phones_are_seen_in_full_width():
    """However narrow what is typed so far."""
    framing = framed(("typing", 2, 18, 90, 1150, 80, 70), canvas=SQUARE, source=PHONE)
    assert framing.cells[0].crop_at(300, PHONE).width == pytest.approx(1206)


def test_a_preview_that_changes_with_every_key_is_no_reason_to_leave_the_line():
    alone = framed(("typing", 3, 15, *LINE))
    assert framed(("typing", 3, 15, *LINE), ("popup", 5, 7, *FAR), ("popup", 9, 11, *FAR)).cells == alone.cells


def test_what_goes_on_in_turns_leads_too():
    """A page that changes for as long as things are dragged on it, one after the other."""
    drags = [("drag", 3 + 2.2 * n, 5 + 2.2 * n, 300, 300 + 10 * n, 400, 60) for n in range(5)]
    assert framed(*drags, ("popup", 3, 14, *ALL)).cells == framed(*drags).cells


def test_upright_it_is_stacked_where_a_crop_would_cut_the_line():
    framing = framed(("typing", 2, 18, *LINE), canvas=make.VERTICAL)
    assert framing.layout == "stack"
    assert holds(crops(framing)[frame(2) : frame(18)], LINE).all()
    assert holds(crops(framing, 1), ALL).all()
    close, whole = (cell.camera.scale[0] for cell in framing.cells)
    assert close > 1.5 * whole


def test_the_upper_cell_stays_where_a_brief_look_elsewhere_does_not_pay():
    """The whole screen below shows it: the upper one need not open for it."""
    rows = (("typing", 2, 10, *LINE), ("click", 10.2, 10.4, *FAR), ("typing", 10.6, 18, *LINE))
    framing = framed(*rows, canvas=make.VERTICAL)
    assert len(framing.cells[0].rests) == 1 and holds(crops(framing), LINE).all()
    assert framing.metrics["containment"] == 1.0, "all of it is in view"


@pytest.mark.parametrize("width", [1880, 1460])
def test_two_cells_never_show_the_same(width):
    """A line about as wide as the screen: nothing is much closer, and the whole screen is there once."""
    assert framed(("typing", 2, 18, 20, 400, width, 40), canvas=make.VERTICAL).layout == "single"


@pytest.mark.parametrize("box", [(300, 40, 360, 1000), (350, 296, 818, 58)], ids=["high", "wide"])
def test_no_thin_bars(box):
    """A little less air instead: a column in the whole canvas, a line in the upper cell."""
    framing = framed(("typing", 2, 18, *box), canvas=make.VERTICAL)
    assert set(crops(framing)[:, 3].round(3)) == {1080.0} and holds(crops(framing), box).all()


def test_upright_it_is_one_camera_that_moves_sideways_where_all_fits():
    framing = framed(("click", 1, 8, 300, 200, 200, 40), ("click", 9, 18, 1500, 800, 200, 40), canvas=make.VERTICAL)
    assert framing.layout == "single"
    crop = crops(framing)
    assert set(np.round(crop[:, 1], 2)) == {0.0} and set(np.round(crop[:, 3], 2)) == {1080.0}
    assert np.ptp(crop[:, 0]) > 500


def test_nothing_happens_and_the_whole_screen_stays():
    framing = framed(seconds=4)
    assert framing.effect == "STATIC" and holds(crops(framing), ALL).all()


def test_lines_on_a_screen_are_neither_titles_nor_captions():
    written = [(0, 500, 100, 500, 1700, 60, 0), (0, 500, 100, 950, 1700, 60, 2)]
    framing = framed(("typing", 0, 20, *LINE), written=written)
    assert framing.cells == framed(("typing", 0, 20, *LINE)).cells
    assert "captions" not in framing.why and "text" not in framing.why and not framing.cuts_captions


def test_windows_that_change_are_no_cuts():
    media = make.media(frame_count=100)
    seen = perception(events=screen_events(("typing", 1, 3, *LINE)), cuts=ShotBoundaries(np.array([40], np.int64)))
    shots = {name: direct.plan(media, seen, request(WIDE, name)).shots for name in ("screen", "default")}
    assert (len(shots["screen"]), len(shots["default"])) == (1, 2)


def test_a_presenter_is_one_person_over_all_windows():
    """Who is there from the first change of the window on is shown, as one."""
    looks = range(0, 500, 4)
    media = make.media(frame_count=500)
    seen = perception(
        frame_count=500,
        events=screen_events(("typing", 1, 19, *LINE)),
        screen=screen((0.0, 0.0, 1920.0, 1080.0), looks),
        cuts=ShotBoundaries(np.array([100, 300], np.int64)),
        faces=faces([(at, 1650, 800, 130, 130) for at in looks if at >= 100], looks),
    )
    (shot,) = direct.plan(media, seen, request(make.VERTICAL, "screen")).shots
    assert shot.layout == "pip" and "person-1" in shot.why
    assert shot.cells[1].aim.frame[[0, -1]].tolist() == [100, 496]


def test_a_hand_made_decision_goes_before():
    held = framed(("typing", 5, 9, *LINE), overrides=(Override(hold=True),))
    placed = framed(("typing", 5, 9, *LINE), overrides=(Override(center=(0.9, 0.9), zoom=2.0),))
    assert held.cells[0].camera.is_static
    assert placed.cells[0].crop_at(200, HD) == Rect(960, 540, 960, 540)


def test_the_centre_of_motion_is_followed_smoothly_and_early():
    rows = (("pointer", 0, 5, 200, 500, 60, 60), ("pointer", 5, 20, 1500, 500, 60, 60))
    framing = framed(*rows, canvas=make.VERTICAL, method="motion_centroid")
    centre = crops(framing)[:, 0] + crops(framing)[:, 2] / 2
    assert centre[frame(2)] < 500 and centre[frame(18)] > 1400
    assert np.abs(np.diff(centre)).max() < 0.05 * 1920
