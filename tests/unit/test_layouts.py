"""How the canvas is divided: each layout where it belongs, where it does not, and where the user insists."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from panscan import registry
from panscan.direct.layouts import choose_layout
from panscan.direct.layouts.split import tile_canvas
from panscan.direct.methods import adaptive
from panscan.errors import UsageError
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.perception import ScreenEvents
from panscan.model.request import Taste
from scenes import HD_RECT, LOOKS, faces, perception, preset, scene, screen, screen_events, speaker, still, text

ANY = ("auto",)
WIDE = Size(2520, 1080)
CANVASES = [make.VERTICAL, make.SQUARE, Size(1080, 1350), make.HD, WIDE, Size(720, 1080)]
FULL_SCREEN = (100.0, 100.0, 1700.0, 880.0)
even = st.integers(8, 2000).map(lambda half: 2 * half)


def laid(*people, allowed=ANY, canvas=make.VERTICAL, frame_count=100, style=None, **signals):
    """The layout of a shot with these faces."""
    rows = sorted(row for person in people for row in person if row[0] < frame_count)
    seen = perception(faces=faces(rows, [f for f in LOOKS if f < frame_count]), frame_count=frame_count, **signals)
    one = scene(seen, end=frame_count, canvas=canvas, **({"preset": style} if style else {}))
    choice = replace(adaptive(one), events=seen.get(ScreenEvents))
    return choose_layout(one, choice, canvas, allowed)


def apart(count, size=200.0, **named):
    """People too far apart for one crop, from left to right."""
    left = {2: (200, 1450), 3: (150, 860, 1570), 4: (60, 600, 1120, 1640)}[count]
    return [still(x, size, **named) for x in left]


def assert_tiled(cells, canvas):
    """Even sizes, inside the canvas, no overlap, nothing left."""
    boxes = [(left, top, left + size.width, top + size.height) for left, top, size in cells]
    assert all(v % 2 == 0 for left, top, size in cells for v in (left, top, size.width, size.height))
    assert all(0 <= a < c <= canvas.width and 0 <= b < d <= canvas.height for a, b, c, d in boxes)
    for one, two in combinations(boxes, 2):
        assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
    assert sum((c - a) * (d - b) for a, b, c, d in boxes) == canvas.width * canvas.height


def places(layout):
    return [(cell.left_px, cell.top_px, cell.size) for cell in layout.cells]


def middle(aim):
    return float(np.nanmedian(aim.target_px[:, 0]))


def window(cell):
    """Width and height of the picture part that a cell with a wish for zoom shows, source px."""
    scale = cover_scale(cell.size, HD_RECT) * float(np.max(cell.aim.zoom))
    return cell.size.width / scale, cell.size.height / scale


# --- single


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_one_person_fills_the_canvas(canvas):
    layout = laid(still(900, 220), canvas=canvas, style=preset(zoom_ceiling=1.15))
    assert layout.name == "single" and layout.why == ""
    (cell,) = layout.cells
    assert (cell.left_px, cell.top_px, cell.size, cell.zoom_ceiling, cell.fit) == (0, 0, canvas, 1.15, False)


def test_nothing_at_all_is_shown_in_one_cell():
    assert laid().name == "single"


# --- split


@pytest.mark.parametrize(
    ("count", "canvas"),
    [(2, make.VERTICAL), (3, make.VERTICAL), (4, make.VERTICAL), (2, make.SQUARE)],  # a square holds two of three
)
def test_people_who_matter_alike_and_do_not_fit_are_all_shown(count, canvas):
    layout = laid(*apart(count), canvas=canvas)
    assert layout.name == f"split-{count}" and "nobody is heard to speak" in layout.why
    assert_tiled(places(layout), canvas)
    assert len({cell.aim.subject for cell in layout.cells}) == count


SETTLED = apart(2)
NOT_SPLIT = {
    "too short": (SETTLED, {"frame_count": 60}),
    "too small": (apart(2, size=90.0), {}),
    "walking": ([still(100, 200, speed=4), still(1150, 200, speed=4)], {}),
    "one speaks": (SETTLED, {"speaker": speaker([(0, 100, 0)], [0, 1])}),
    "they take turns": (SETTLED, {"speaker": speaker([(0, 50, 0), (50, 100, 1)], [0, 1])}),
    "they fit": ([still(780, 200), still(1020, 200)], {}),
    "one leaves": ([SETTLED[0], still(1450, 200, frames=LOOKS[:16])], {}),
    "one matters more": ([still(200, 120), still(1450, 320)], {}),
    "alone": ([still(300, 250)], {}),
}


@pytest.mark.parametrize("case", NOT_SPLIT)
def test_no_split_where_it_does_not_belong(case):
    people, named = NOT_SPLIT[case]
    assert laid(*people, **named).name == "single"


def test_just_long_enough_and_large_enough_is_split():
    assert laid(*SETTLED, frame_count=63).name == "split-2"
    assert laid(*apart(2, size=110.0)).name == "split-2"


@pytest.mark.parametrize("case", [c for c in NOT_SPLIT if c != "alone"])
def test_whoever_insists_gets_the_split(case):
    people, named = NOT_SPLIT[case]
    layout = laid(*people, allowed=("split-2",), **named)
    assert layout.name == "split-2" and layout.why == "as asked"


@pytest.mark.parametrize("name", ["split-2", "split-3", "split-4"])
def test_a_split_without_enough_people_says_so(name):
    layout = laid(still(900, 220), allowed=(name,))
    assert layout.name == "single" and layout.why == f"{name} cannot be made of this shot"


def test_of_more_people_than_cells_the_largest_are_taken():
    layout = laid(still(150, 240), still(860, 130), still(1570, 220), allowed=("split-2",))
    assert [round(middle(cell.aim), -1) for cell in layout.cells] == [270, 1680]


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_cells_stand_in_the_order_of_the_people(count, canvas):
    """From left to right in columns, from top to bottom in rows, as one reads."""
    people = apart(count)
    late = [people[0][2:], *people[1:]]  # the one on the left is found last, and named last
    layout = laid(*late, allowed=(f"split-{count}",), canvas=canvas)
    assert [middle(cell.aim) for cell in layout.cells] == sorted(middle(cell.aim) for cell in layout.cells)
    order = [(top, left) for left, top, _ in places(layout)]
    assert order == sorted(order)
    assert_tiled(places(layout), canvas)


@given(width=even, height=even, count=st.integers(2, 4))
def test_cells_tile_any_canvas(width, height, count):
    canvas = Size(width, height)
    cells = tile_canvas(canvas, count)
    assert len(cells) == count
    assert_tiled(cells, canvas)
    if count < 4:
        along = {top for _, top, _ in cells} if height > width else {left for left, _, _ in cells}
        assert len(along) == count, "tall canvases have rows, others columns"
    sizes = np.array([(size.width, size.height) for _, _, size in cells])
    assert np.ptp(sizes, axis=0).max() <= 2 * count, "all nearly the same"


@given(
    canvas=st.sampled_from(CANVASES),
    size=st.floats(110, 300),
    gap=st.floats(90, 900),  # closer ones overlap with their hair
)
@settings(max_examples=25, deadline=None)
def test_a_cell_holds_its_head_and_no_neighbours(canvas, size, gap):
    first = 960 - gap / 2 - size
    layout = laid(still(first, size), still(960 + gap / 2, size), allowed=("split-2",), canvas=canvas)
    heads = [np.nanmedian(cell.aim.must_keep_px, axis=0) for cell in layout.cells]
    for cell, own, other in zip(layout.cells, heads, heads[::-1], strict=True):
        wide, high = window(cell)
        zoom = float(np.max(cell.aim.zoom))
        assert 1.0 <= zoom <= 2.2 and cell.zoom_ceiling == zoom and np.ptp(cell.aim.zoom) == 0
        if zoom > 1:
            assert own[2] <= wide and own[3] <= high
        between = abs((other[0] + other[2] / 2) - (own[0] + own[2] / 2)) - other[2] / 2
        held = min(wide * zoom / own[2], high * zoom / own[3]) * 0.9
        if zoom < min(2.2, held) - 1e-3:  # nothing kept it from coming closer
            assert wide / 2 <= between + 1e-6


def test_no_neighbour_is_worth_a_cut_head():
    """Heads that nearly touch: leaving the neighbour out would take less than the head itself."""
    layout = laid(still(645, 300), still(975, 300), allowed=("split-2",), canvas=make.SQUARE)
    for cell in layout.cells:
        head = np.median(cell.aim.must_keep_px, axis=0)
        assert float(cell.aim.zoom[0]) > 1.2 and window(cell)[0] >= head[2] / 0.9 - 0.1


def test_a_neighbour_within_reach_brings_the_camera_closer():
    far, near = (laid(still(960 - d, 200), still(760 + d, 200), allowed=("split-2",)) for d in (860, 350))
    assert window(near.cells[0])[0] < window(far.cells[0])[0]


def test_a_cell_steps_aside_from_the_neighbours_head():
    """The right one turns up in the left one's cell, which has the room to leave it out."""
    layout = laid(still(500, 150), still(870, 150), allowed=("split-2",))
    for cell, own, other in zip(layout.cells, (500, 870), (870, 500), strict=True):
        half = window(cell)[0] / 2
        shown = middle(cell.aim) - half, middle(cell.aim) + half
        assert shown[0] <= own and shown[1] >= own + 150, "its own head is whole"
        assert shown[1] <= other or shown[0] >= other + 150, "the other's face is outside"


# --- fit


def test_a_screen_recording_wider_than_a_crop_is_shown_whole():
    layout = laid(screen=screen(FULL_SCREEN), style=preset(background="#101010"))
    assert layout.name == "fit" and "screen content" in layout.why and layout.background == "#101010"
    (cell,) = layout.cells
    assert cell.fit and (cell.left_px, cell.top_px, cell.size) == (0, 0, make.VERTICAL)


@pytest.mark.parametrize("box", [(700, 100, 500, 880), (700, 100, 636, 880)])
def test_screen_content_that_a_crop_holds_is_cropped(box):
    assert laid(screen=screen(box)).name == "single"


@pytest.mark.parametrize(
    ("canvas", "box", "name"),
    [
        (WIDE, (100, 200, 1700, 860), "single"),
        (WIDE, (100, 100, 1700, 870), "fit"),
        (make.HD, (0, 0, 1920, 1080), "single"),
        (make.SQUARE, (100, 100, 1100, 880), "single"),
        (make.SQUARE, (100, 100, 1140, 880), "fit"),
    ],
)
def test_how_much_a_crop_holds_depends_on_the_canvas(canvas, box, name):
    assert laid(screen=screen(box), canvas=canvas).name == name


@pytest.mark.parametrize(
    ("overlay", "name"),
    [
        ((0, 100, 200, 500, 1500, 100, 0), "fit"),
        ((0, 52, 200, 500, 1500, 100, 0), "fit"),
        ((0, 48, 200, 500, 1500, 100, 0), "single"),  # under half of the shot
        ((0, 100, 200, 500, 1500, 100, 1), "single"),  # a logo
        ((0, 100, 200, 800, 1500, 100, 0), "single"),  # a lower third
        ((0, 100, 200, 40, 1500, 100, 0), "single"),  # a channel's name
        ((0, 100, 600, 500, 650, 100, 0), "fit"),
        ((0, 100, 600, 500, 540, 100, 0), "single"),  # inside the title-safe area of a crop
    ],
)
def test_text_across_the_picture_is_not_cut(overlay, name):
    layout = laid(text=text([overlay]))
    assert layout.name == name and ("text across" in layout.why) == (name == "fit")


@pytest.mark.parametrize(
    ("overlay", "liked", "name"),
    [
        ((0, 100, 200, 700, 1500, 100, 0), (), "single"),  # below the face: people look at that
        ((0, 100, 200, 350, 1500, 200, 0), (), "fit"),  # over it
        ((0, 100, 200, 700, 1500, 100, 0), ("text",), "fit"),  # asked for
    ],
)
def test_a_face_that_no_text_touches_is_followed(overlay, liked, name):
    seen = perception(faces=faces(list(still(900, 220)), LOOKS), text=text([overlay]))
    one = replace(scene(seen, end=100), preferences=Taste(liked=frozenset(liked)))
    assert choose_layout(one, adaptive(one), make.VERTICAL, ANY).name == name


CROWD = [still(60 + 320 * n, 100) for n in range(6)]


@pytest.mark.parametrize(
    ("people", "named"),
    [
        (CROWD, {}),
        (CROWD, {"speaker": speaker([(0, 60, 2)], range(6))}),
        (CROWD[:4], {}),
        ([still(700 + 120 * n, 90) for n in range(6)], {}),
    ],
    ids=["many", "one speaks", "four", "close together"],
)
def test_a_crowd_fills_the_canvas(people, named):
    """However many people there are, nobody gets bars above and below for it."""
    assert laid(*people, **named).name == "single"


def test_of_a_crowd_as_many_as_fit_are_held():
    aim = laid(*(still(100 + 180 * n, 120) for n in range(9))).cells[0].aim
    assert len(aim.subject.split("+")) >= 3


@pytest.mark.parametrize("people", [[], [still(900, 220)], SETTLED, [still(200, 100)]])
def test_ordinary_shots_are_cropped_unless_the_user_insists(people):
    assert laid(*people, allowed=("fit", "single")).name == "single"
    asked = laid(*people, allowed=("fit",))
    assert (asked.name, asked.why, asked.cells[0].fit) == ("fit", "as asked", True)


# --- pip

PRESENTER = still(1700, 110, top=820)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_screen_and_presenter_share_the_canvas(canvas):
    layout = laid(PRESENTER, screen=screen(FULL_SCREEN), allowed=("pip", "fit", "single"), canvas=canvas)
    assert layout.name == "pip" and layout.why == "screen content with a presenter"
    drawn, person = layout.cells
    assert drawn.fit and not person.fit and person.aim.subject == "person-1"
    assert_tiled(places(layout), canvas)
    assert (drawn.left_px, drawn.top_px) == (0, 0)
    assert drawn.size.width * drawn.size.height > 0.3 * canvas.width * canvas.height
    picture = HD_RECT.width / HD_RECT.height
    beside = canvas.width / canvas.height > picture
    assert (person.left_px > 0, person.top_px > 0) == (beside, not beside)
    wide, high = window(person)
    head = np.median(person.aim.must_keep_px, axis=0)
    assert 1 <= person.zoom_ceiling == float(person.aim.zoom[0]) <= 4
    assert head[3] <= high and head[2] <= wide


@given(width=even, height=even)
@settings(max_examples=30, deadline=None)
def test_screen_and_presenter_tile_any_canvas(width, height):
    canvas = Size(width, height)
    assert_tiled(places(laid(PRESENTER, allowed=("pip",), canvas=canvas)), canvas)


@pytest.mark.parametrize(
    ("people", "signals"),
    [
        ([PRESENTER], {}),
        ([], {"screen": screen(FULL_SCREEN)}),
        ([still(700, 460)], {"screen": screen(FULL_SCREEN)}),
        ([still(1700, 110, frames=LOOKS[:8])], {"screen": screen(FULL_SCREEN)}),
    ],
    ids=["no screen", "no presenter", "a large face", "a face that flashes up"],
)
def test_no_presenter_in_a_corner_without_screen_and_small_steady_face(people, signals):
    assert laid(*people, allowed=("pip", "single"), **signals).name == "single"


def test_whoever_insists_on_pip_gets_it_if_there_is_a_presenter():
    asked = laid(PRESENTER, allowed=("pip",))
    assert asked.name == "pip" and (asked.shows, asked.why) == ("whole picture and person-1", "as asked")
    nobody = laid(allowed=("pip",), screen=screen(FULL_SCREEN))
    assert nobody.name == "single" and nobody.why == "pip cannot be made of this shot"


@pytest.mark.parametrize(("canvas", "name"), [(make.VERTICAL, "pip"), (make.HD, "single")], ids=str)
def test_a_screen_recording_shows_its_presenter_where_there_is_room(canvas, name):
    happens = screen_events(("typing", 1, 3, 300, 400, 700, 40))
    layout = laid(PRESENTER, screen=screen(FULL_SCREEN), events=happens, allowed=("pip", "single"), canvas=canvas)
    assert layout.name == name and laid(PRESENTER, allowed=("pip",), canvas=canvas, events=happens).name == "pip"


# --- which one


def test_an_unknown_layout_is_refused():
    with pytest.raises(UsageError, match="unknown layout 'mosaic'") as refused:
        laid(still(900, 220), allowed=("mosaic",))
    assert all(name in refused.value.why for name in ("auto", *registry.entries("layouts")))


@pytest.mark.parametrize("allowed", [("single", "fit"), ("fit", "single")])
def test_single_is_the_last_resort_wherever_it_is_named(allowed):
    assert laid(screen=screen(FULL_SCREEN), allowed=allowed).name == "fit"
    assert laid(still(900, 220), allowed=allowed).name == "single"


def test_others_are_tried_in_the_order_they_are_named():
    both = {"screen": screen(FULL_SCREEN)}
    assert laid(PRESENTER, allowed=("pip", "fit"), **both).name == "pip"
    assert laid(PRESENTER, allowed=("fit", "pip"), **both).name == "fit"


def test_what_is_not_allowed_is_not_used():
    assert laid(*SETTLED, allowed=("single",)).name == "single"
    layout = laid(*SETTLED, allowed=("split-3", "split-4"))
    assert layout.name == "single" and layout.why == "split-3 and split-4 cannot be made of this shot"


LAYOUTS = list(registry.entries("layouts"))


def test_every_built_in_layout_can_be_automatic():
    assert len(LAYOUTS) >= 6 and set(registry.LAYOUTS) <= set(LAYOUTS)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_keeps_its_contract(name, canvas):
    """On a shot of which any can be made: its own name, cells that tile the canvas, aims inside shot and picture."""
    happens = {"events": screen_events(("typing", 1, 3, 300, 400, 700, 40))} if name == "stack" else {}
    layout = laid(*apart(4, size=110.0), allowed=(name,), canvas=canvas, screen=screen(FULL_SCREEN), **happens)
    assert layout.name == name
    assert_tiled(places(layout), canvas)
    for cell in layout.cells:
        aim = cell.aim
        assert cell.zoom_ceiling >= 1 and np.all(np.diff(aim.frame) > 0)
        assert aim.frame[0] >= 0 and aim.frame[-1] < 100
        assert (
            len(aim.frame) == len(aim.must_keep_px) == len(aim.nice_to_keep_px) == len(aim.target_px) == len(aim.weight)
        )
        assert aim.zoom is None or len(aim.zoom) == len(aim.frame)
        for left, top, wide, high in aim.must_keep_px[np.isfinite(aim.must_keep_px[:, 0])]:
            assert HD_RECT.contains(Rect(left, top, wide, high), slack_px=1e-6)
