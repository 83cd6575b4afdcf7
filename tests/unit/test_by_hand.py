"""What a person decided for a shot reaches its cameras, and what cannot be done is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import documents as make
import scenes
from panscan import direct, operate
from panscan.direct.setups import setups_of
from panscan.model.geometry import Size
from panscan.model.perception import ShotBoundaries, Tracks
from panscan.model.request import Override, PlacedKey, SubjectBox
from scenes import LOOKS, faces, objects, perception, still

MEDIA = make.media(frame_count=100)
PAIR = faces(sorted(still(200, 200) + still(1450, 200)), LOOKS)
CANVASES = (make.VERTICAL, make.SQUARE, Size(1080, 1350), Size(720, 1280), make.HD)


def planned(*overrides, seen=None, canvas=make.VERTICAL, **choices):
    asked = scenes.request(canvas, overrides=overrides, **choices)
    return direct.plan(MEDIA, seen or perception(faces=PAIR), asked)


def framed(*overrides, **choices):
    plan = planned(*overrides, **choices)
    return [operate.frame_shot(shot, plan, make.HD, MEDIA.video.rate) for shot in plan.shots]


def box(left, top=300, size=200, frame=40):
    return SubjectBox(frame, (left / 1920, top / 1080, size / 1920, size / 1080))


def middle(framing, cell=0, frame=50):
    return framing.cells[cell].crop_at(frame, make.HD).center_x


KEY = (PlacedKey(0, (0.5, 0.5)),)

# --- who is at a box


@pytest.mark.parametrize(("left", "place"), [(200, 300), (1450, 1550)])
def test_whoever_is_at_the_box_is_shown(left, place):
    (framing,) = framed(Override(first=0, subject_at=box(left + 30, top=280)))
    assert middle(framing) == pytest.approx(place, abs=20) and not framing.unmet


def test_the_box_finds_who_has_another_name_now():
    """Somebody else is seen first: persons count anew."""
    earlier = faces(sorted(still(800, 200) + still(1450, 200, frames=LOOKS[1:])), LOOKS)
    wanted = Override(first=0, subject="person-1", subject_at=box(1450))
    for seen in (faces(still(1450, 200), LOOKS), earlier):
        (framing,) = framed(wanted, seen=perception(faces=seen))
        assert middle(framing) == pytest.approx(1550, abs=20) and not framing.unmet


def test_where_nobody_is_at_the_box_the_name_counts_and_it_is_told():
    (framing,) = framed(Override(first=0, subject="left", subject_at=box(900)))
    assert middle(framing) == pytest.approx(300, abs=20)
    assert framing.unmet == ("whoever is at the box of frame 40 was not found",)


def test_a_thing_is_not_taken_for_another_one_in_other_shots():
    """Things count anew in each shot: the first of one shot is not the first of the next."""
    dogs = [(f, "dog", 300 if f < 50 else 1500, 800, 150, 100) for f in LOOKS]
    cats = [(f, "cat", 1500 if f < 50 else 300, 800, 150, 100) for f in LOOKS]
    seen = perception(objects=objects(sorted(dogs + cats)), cuts=ShotBoundaries(np.array([50], np.int64)))
    at = SubjectBox(20, (1500 / 1920, 800 / 1080, 150 / 1920, 100 / 1080))
    for place in ({"first": 0}, {"frames": (3, 100)}):
        first, second = framed(Override(subject_at=at, **place), seen=seen)
        assert middle(first, frame=20) == pytest.approx(1575, abs=50) and not first.unmet
        assert second.unmet == ("whoever is at the box of frame 20 was not found",)
    assert [bool(f.unmet) for f in framed(Override(frame=60, subject_at=at), seen=seen)] == [False, True]
    assert [bool(f.unmet) for f in framed(Override(frame=10, subject_at=at), seen=seen)] == [False, False]


@pytest.mark.parametrize(
    ("override", "told"),
    [
        (Override(first=0, subject="person-9"), "person-9 is not there"),
        (Override(first=0, layout="split-4"), "split-4 cannot be made"),
        (Override(first=0, cell=3, center=(0.5, 0.5)), "there is no cell 3: split-2 has 2"),
        (Override(first=0, cell=1, subject="person-9"), "person-9 is not there"),
        (Override(first=0, layout="split-2", keys=KEY), "the keys belong to no cell of split-2"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(override, told):
    (framing,) = framed(override)
    assert framing.unmet == (told,)


# --- set-ups


def test_shots_of_one_set_up_are_those_with_the_same_people_at_the_same_place():
    def tracks(*shots):
        """Tracks of shots, each with people as (person, left, size)."""
        rows = [(n, *one) for n, people in enumerate(shots) for one in people]
        count = len(rows)
        boxes = np.array([(left, 300, size, size) for _, _, left, size in rows], float).reshape(-1, 4)
        number, zeros = np.arange(count), np.zeros(count, np.int64)
        shot, person = (np.array([row[n] for row in rows], np.int64) for n in (0, 1))
        body, label = np.full((count, 4), np.nan), np.full(count, "person")
        return Tracks(number, number * 10, boxes, boxes, np.ones(count), zeros, shot, person, zeros, body, label)

    wide = [(0, 300, 100), (1, 1400, 100)]
    seen = tracks(
        *(wide, [(0, 800, 300)], [(0, 340, 105), (1, 1380, 95)], [(0, 860, 290)], [(0, 800, 200)], [(1, 800, 300)], []),
        [*wide, (2, 900, 30)],  # somebody small in the background
    )
    assert setups_of(seen, 8) == (0, 1, 0, 1, 2, 3, 4, 0)
    assert setups_of(None, 2) == (0, 1)


def test_a_correction_of_a_set_up_holds_for_its_other_shots_alone():
    """The camera comes back after 66 frames; in between somebody stands on the other side."""
    rows = [row for row in [*still(200, 200), *still(1450, 200)] if (33 <= row[0] < 66) == (row[1] > 900)]
    cuts = ShotBoundaries(np.array([33, 66], np.int64))
    tracks = perception(faces=faces(sorted(rows), LOOKS), cuts=cuts)
    seen = tracks.need(Tracks)
    seen.person[:] = [int(left > 900) for left in (seen.box_px[seen.track == t, 0][0] for t in range(len(seen.person)))]
    framings = framed(Override(frame=10, setup=True, center=(0.5, 0.5)), seen=tracks)
    assert [round(middle(f)) for f in framings] == [960, pytest.approx(1550, abs=20), 960]


# --- cells


def test_a_cell_shows_who_is_named_for_it_and_the_other_stays():
    before, after = (
        framed(*more, layouts=("split-2",))[0]
        for more in ((), (Override(first=0, cell=1, subject="right"), Override(first=0, cell=1, zoom=1.0)))
    )
    assert middle(before, 0) < 960 < middle(before, 1) and after.cells[1] == before.cells[1]
    crop = after.cells[0].crop_at(50, make.HD)
    assert crop.left < 1450 < 1650 < crop.right and crop.width == pytest.approx(1215), "as wide as the cell can be"


@pytest.mark.parametrize("layout", ["split-2", "split-3", "split-4", "pip", "stack"])
def test_cells_with_keys_of_their_own_are_there_whoever_is_seen(layout):
    """They outlive an analysis that sees nobody, in the cells in which the layout shows people."""
    count = int(layout[-1]) if layout[-1].isdecimal() else 2
    keys = [Override(first=0, cell=n, keys=(PlacedKey(0, (n / 8, 0.5), 4.0),)) for n in range(1, count + 1)]
    (framing,) = framed(Override(first=0, layout=layout), *keys, seen=perception())
    assert framing.layout == layout and not framing.unmet
    assert [round(middle(framing, n)) for n in range(count)] == [240 * (n + 1) for n in range(count)]
    told = framed(Override(first=0, layout=layout), *keys[:1], seen=perception())[0].unmet
    assert told == (f"{layout} cannot be made",)


@pytest.mark.parametrize("layout", ["split-2", "pip"])
def test_those_cells_lie_where_the_layout_puts_them(layout):
    keys = [Override(first=0, cell=n, keys=KEY) for n in (1, 2)]
    small = perception(faces=faces(sorted(still(200, 120) + still(1450, 120)), LOOKS))
    made, alone = (framed(Override(first=0, layout=layout), *keys, seen=seen)[0] for seen in (small, perception()))
    assert [(c.left_px, c.top_px, c.size) for c in made.cells] == [(c.left_px, c.top_px, c.size) for c in alone.cells]
    assert made.cells[0].subject != alone.cells[0].subject, "in one of them the layout found its people"


def test_a_background_of_ones_own():
    (framing,) = framed(Override(first=0, layout="fit", background="#1a1a2e"))
    assert framing.background == "#1a1a2e" and framing.layout == "fit"


# --- keys

_CENTERS = st.tuples(*[st.floats(0.0, 1.0)] * 2)
_KEYS = st.dictionaries(st.integers(0, 99), st.tuples(_CENTERS, st.floats(0.5, 4.0)), min_size=1, max_size=6)


@given(keys=_KEYS, canvas=st.sampled_from(CANVASES), preset=st.sampled_from(["default", "action"]))
def test_keys_hold_in_every_shape_and_preset(keys, canvas, preset):
    """The place in the picture is the same wherever the crop fits there, and the crop stays in the picture."""
    placed = tuple(PlacedKey(frame, *keys[frame]) for frame in sorted(keys))
    ((framing,), (exact,)) = (
        framed(Override(first=0, keys=made), canvas=canvas, preset=preset, seen=SEEN)
        for made in (placed, tuple(PlacedKey(k.frame, k.center, k.zoom, inside=False) for k in placed))
    )
    widest = min(1920 / canvas.width, 1080 / canvas.height)
    for key in placed:
        crop, true = (f.cells[0].crop_at(key.frame, make.HD) for f in (framing, exact))
        size = np.array([canvas.width, canvas.height]) * widest / key.zoom
        wish = np.array(key.center) * (1920, 1080)
        assert [true.center_x, true.center_y, true.width, true.height] == pytest.approx([*wish, *size], abs=0.05)
        room = np.where(size <= (1920, 1080), np.clip(wish, size / 2, (1920, 1080) - size / 2), wish)
        assert [crop.center_x, crop.center_y, crop.width, crop.height] == pytest.approx([*room, *size], abs=0.05)


SEEN = perception(faces=PAIR)


def test_keys_of_a_long_range_leave_no_other_shots_keys_behind():
    seen = perception(faces=PAIR, cuts=ShotBoundaries(np.array([50], np.int64)))
    keys = tuple(PlacedKey(frame, (frame / 100, 0.5)) for frame in (10, 20, 30, 60, 90))
    first, second = framed(Override(first=0, keys=keys), seen=seen)
    assert first.cells[0].camera.frame == (10, 20, 30, 60) and second.cells[0].camera.frame == (30, 60, 90)
    assert first.why.startswith("camera placed by hand") and first.confidence == 1.0
