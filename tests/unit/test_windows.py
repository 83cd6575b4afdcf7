"""What a place of the window is worth, and the best way through these places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from panscan.direct.evidence import gather_evidence
from panscan.direct.importance import DEFAULT_PARAMETERS, weigh
from panscan.direct.windows import best_windows, evidence_step_s, inside_share
from panscan.model.geometry import Rect, Size
from scenes import LOOKS, RATE, flow, perception, preset, saliency, scene, shot_of, subject

WINDOW = 607.5  # px, of a vertical canvas in an HD picture
PLACE = 0.05 * WINDOW  # px between two places of the window, at most
EVEN = replace(DEFAULT_PARAMETERS, motion_profile=0.0, interest_profile=0.0, center_of_interest=0.0, middle=0.0)


def face(left, size=150.0, top=300.0, **named):
    return subject("person", left, top, size, size, **named)


def best(*subjects, seen=None, parameters=DEFAULT_PARAMETERS, **named):
    context = shot_of(*subjects, seen=seen, **named)
    evidence = gather_evidence(context)
    return best_windows(evidence, weigh(evidence, context, parameters), context, parameters)


def rests(path):
    """Where a window that stays has its middle."""
    assert np.ptp(path.start_px) == 0
    return float(path.start_px[0] + path.length_px / 2)


def inside(path, left, right):
    """Whether a stretch of the axis lies in the window at each moment; a place's worth may stick out by a hair."""
    slack = 0.011 * path.length_px
    return (path.start_px <= left + slack) & (path.start_px + path.length_px >= right - slack)


# --- inside, cut, outside


def share_of(low, high, start=100.0, length=100.0):
    share, off = inside_share(np.array([low]), np.array([high]), np.array([start]), length)
    return float(share[0, 0]), float(off[0, 0])


@pytest.mark.parametrize(
    ("low", "high", "share"),
    [
        (120, 140, 1.0),
        (100, 195, 1.0),
        (99.5, 140, 1.0),  # a hair outside
        (90, 110, 0.5),
        (190, 230, 0.25),
        (200, 240, 0.0),
        (20, 60, 0.0),
    ],
)
def test_how_much_lies_inside(low, high, share):
    assert share_of(low, high)[0] == pytest.approx(share)


def test_what_is_cut_by_a_hair_is_not_whole():
    assert share_of(95, 140)[0] < 1.0


def test_of_what_is_wider_than_the_window_the_middle_counts():
    assert share_of(0, 300) == (1.0, 0.0)
    assert share_of(40, 340)[0] < 1.0


@pytest.mark.parametrize(("middle", "off"), [(150, 0.0), (125, 0.5), (175, 0.5), (200, 1.0), (900, 1.0)])
def test_how_far_off_its_middle_is(middle, off):
    assert share_of(middle - 5, middle + 5)[1] == pytest.approx(off)


@given(low=st.floats(-500, 500), width=st.floats(1, 400), start=st.floats(-200, 200))
@settings(max_examples=60, deadline=None)
def test_shares_are_shares(low, width, start):
    share, off = share_of(low, low + width, start)
    assert 0 <= share <= 1 and 0 <= off <= 1


# --- one thing


@pytest.mark.parametrize("left", [400, 800, 1200])
def test_the_window_centres_what_is_alone(left):
    assert rests(best(face(left), parameters=EVEN)) == pytest.approx(left + 75, abs=PLACE / 2 + 1e-6)


@pytest.mark.parametrize(("left", "middle"), [(0, WINDOW / 2), (1770, 1920 - WINDOW / 2)])
def test_the_window_stays_in_the_picture(left, middle):
    assert rests(best(face(left))) == pytest.approx(middle)


def test_places_are_inside_the_bars():
    bounds = Rect(240, 0, 1440, 1080)
    context = replace(shot_of(face(240)), bounds=bounds)
    evidence = gather_evidence(context)
    path = best_windows(evidence, weigh(evidence, context), context)
    assert rests(path) == pytest.approx(240 + WINDOW / 2)


def test_the_middle_is_where_nothing_is():
    assert rests(best()) == pytest.approx(960)


@pytest.mark.parametrize("canvas", [make.VERTICAL, make.SQUARE, Size(1080, 1350), make.HD, Size(2520, 1080)], ids=str)
def test_the_middle_is_a_place_for_every_shape(canvas):
    path = best(canvas=canvas)
    assert rests(path) == pytest.approx((960, 540)[path.axis])


# --- several


def test_two_that_fit_are_both_inside():
    assert np.all(inside(best(face(700), face(1050)), 700, 1200))


def test_the_larger_of_two_that_do_not_fit_is_inside():
    path = best(face(200, 150), face(1300, 300))
    assert np.all(inside(path, 1300, 1600)) and not np.any(inside(path, 200, 350))


def test_many_small_faces_do_not_outweigh_a_large_one():
    small = [face(60 + 55 * n, 45, top=200 + 60 * (n % 2)) for n in range(10)]
    assert np.all(inside(best(*small, face(1400, 320)), 1400, 1720))
    summed = replace(DEFAULT_PARAMETERS, crowd=1.0)
    assert not np.any(inside(best(*small, face(1400, 320), parameters=summed), 1400, 1720)), "a sum would"


def test_a_window_does_not_cut_through_somebody_where_it_need_not():
    """The second does not fit beside the first: without a price the window would centre the first and cut the other."""
    one, two = face(700, 250), face(1040, 200)
    wider = np.tile([1040.0, 300.0, 450.0, 200.0], (len(LOOKS), 1))
    wide = replace(two, box_px=wider, keep_px=wider)
    careless, careful = (best(one, wide, parameters=replace(EVEN, cut=cut)) for cut in (0.0, 2.0))
    cut_off = [float(path.start_px[0] + path.length_px - 1040) for path in (careless, careful)]
    assert np.all(inside(careful, 700, 950))
    assert cut_off[0] > 0.1 * WINDOW > cut_off[1]


# --- over time


def relay(until, *, left=(200, 1500), parameters=DEFAULT_PARAMETERS, frame_count=100):
    """One until a frame, the other from it on."""
    looks = range(0, frame_count, 4)
    one = face(left[0], frames=[f for f in looks if f < until])
    two = face(left[1], frames=[f for f in looks if f >= until])
    return best(one, two, seen=perception(frame_count=frame_count), end=frame_count, parameters=parameters)


def test_a_window_goes_to_who_comes_for_long():
    path = relay(100, frame_count=200)
    assert inside(path, 200, 350)[:10].all() and inside(path, 1500, 1650)[-10:].all()


def test_a_window_does_not_go_for_a_moment():
    assert np.ptp(relay(88).start_px) == 0 and np.all(inside(relay(88), 200, 350))


def test_a_move_that_costs_too_much_is_not_made():
    for price in ("move", "way"):
        assert (
            np.ptp(relay(100, frame_count=200, parameters=replace(DEFAULT_PARAMETERS, **{price: 20.0})).start_px) == 0
        )


def test_no_window_is_faster_than_an_eye_follows():
    path = relay(100, left=(0, 1770), frame_count=200)
    speed = np.abs(np.diff(path.start_px)) / WINDOW / 0.2
    assert 0 < speed.max() <= 1.5 + 1e-9


def test_what_walks_is_inside_all_along():
    path = best(face(100, speed=6.0))
    frame = path.frame[path.frame <= LOOKS[-1]]
    assert inside(path, 100 + 6.0 * path.frame, 250 + 6.0 * path.frame)[: len(frame)].mean() > 0.9
    assert np.all(np.diff(path.start_px) >= 0), "and the window never goes back"


def test_who_trembles_is_not_followed():
    shaky = face(900)
    shaky.keep_px[:, 0] += np.tile([0, 40], len(LOOKS))[: len(LOOKS)]
    assert np.ptp(best(shaky).start_px) == 0


# --- the picture itself


def moving_at(left, width=200, *, levels=None, **named):
    """Motion in some columns, of which no mover is known."""
    there = flow([(f, left, 0, width, 1080, 0.9) for f in LOOKS], LOOKS)
    profile = there.profile if levels is None else there.profile / there.profile.mean() * levels
    return perception(flow=replace(flow([], LOOKS), profile=profile.astype(np.float32)), **named)


def test_the_window_goes_where_columns_move():
    assert np.all(inside(best(seen=moving_at(1500)), 1500, 1700))


def test_still_pictures_have_no_moving_columns():
    faint = best(seen=moving_at(1500, levels=0.2))
    assert not np.any(inside(faint, 1500, 1700)) and abs(rests(faint) - 960) < WINDOW / 2


def test_moving_columns_count_as_the_preset_makes_of_motion():
    seen = moving_at(1500)
    small = face(300, 45, score=0.5)
    deaf, keen = (best(small, seen=seen, preset=preset(weights={"flow": share})) for share in (0.01, 0.6))
    assert np.all(inside(deaf, 300, 345)) and np.all(inside(keen, 1500, 1700))


def interest(left, width, confidence=0.0, point=(960.0, 540.0)):
    """Columns unlike the border."""
    plain = saliency(LOOKS, point, confidence)
    profile = np.full((len(LOOKS), 48), 0.05, np.float32)
    profile[:, left // 40 : (left + width) // 40] = 5.0
    return perception(saliency=replace(plain, profile=profile))


def test_the_window_goes_where_columns_are_unlike_the_border():
    assert np.all(inside(best(seen=interest(1400, 240)), 1400, 1640))


def test_a_sure_centre_of_interest_is_inside():
    point = (1400.0, 540.0)
    sure, faint = (best(seen=interest(0, 1920, confidence, point)) for confidence in (0.9, 0.01))
    assert np.all(inside(sure, 1400 - 60, 1400 + 60)) and not np.any(inside(faint, 1400 + 60, 1400 + 60))


def test_what_another_shot_showed_does_not_count():
    seen = perception(saliency=interest(1400, 240).get(type(saliency([0], (0, 0), 0))))
    seen.signals["saliency"] = replace(seen.signals["saliency"], looked=np.array(LOOKS) + 100)
    assert rests(best(seen=seen)) == pytest.approx(960)
    moved = moving_at(1500)
    moved.signals["flow"] = replace(moved.get(type(flow([], LOOKS))), looked=np.array(LOOKS) + 104)
    assert rests(best(seen=moved)) == pytest.approx(960)


# --- up and down


TALL = Rect(0, 0, 1080, 1920)


def upright(*subjects, canvas=make.HD):
    """A source that is taller than wide; the window of a wide canvas moves up and down in it."""
    height = TALL.width * canvas.height / canvas.width
    context = replace(
        shot_of(*subjects), bounds=TALL, window=(float(TALL.width), height), source_width_px=round(TALL.width)
    )
    evidence = gather_evidence(context)
    return best_windows(evidence, weigh(evidence, context), context)


@pytest.mark.parametrize("top", [300.0, 900.0, 1400.0])
def test_in_a_tall_picture_the_window_goes_up_and_down(top):
    path = upright(subject("person", 450, top, 150, 150))
    assert path.axis == 1 and path.length_px == pytest.approx(607.5)
    assert np.all(inside(path, top, top + 150))
    assert rests(path) == pytest.approx(np.clip(top + 75, 303.75, 1920 - 303.75), abs=40)


def test_a_wide_canvas_of_a_wide_picture_goes_up_and_down_too():
    path = best(face(900, top=800), canvas=Size(2520, 1080))
    assert path.axis == 1 and np.all(inside(path, 800, 950))


def test_columns_say_nothing_of_up_and_down():
    path = best(seen=moving_at(1700), canvas=Size(2520, 1080))
    assert path.axis == 1 and rests(path) == pytest.approx(540)


def test_where_there_is_no_room_nothing_moves():
    path = best(face(100), face(1700), canvas=make.HD)
    assert rests(path) == pytest.approx(960) and path.length_px == 1920


# --- moments


@pytest.mark.parametrize("end", [1, 2, 6, 100])
def test_every_moment_has_a_window(end):
    path = best(face(900), end=end)
    assert len(path.frame) == len(path.start_px) >= 1 and np.all(np.isfinite(path.start_px))


def test_seconds_between_moments():
    context = scene(perception())
    assert evidence_step_s(np.array([2, 7, 12]), context) == pytest.approx(5 / RATE)
    assert evidence_step_s(np.array([2]), context) == context.duration_s


@given(
    people=st.lists(st.tuples(st.floats(0, 1700), st.floats(40, 220), st.floats(-8, 8)), max_size=4),
    canvas=st.sampled_from([make.VERTICAL, make.SQUARE, make.HD, Size(2520, 1080)]),
)
@settings(max_examples=30, deadline=None)
def test_every_window_lies_in_the_picture(people, canvas):
    path = best(*(face(left, size, speed=speed) for left, size, speed in people), canvas=canvas)
    end = (1920, 1080)[path.axis]
    assert np.all(path.start_px >= -1e-6) and np.all(path.start_px + path.length_px <= end + 1e-6)
