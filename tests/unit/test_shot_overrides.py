"""What overrides say of each part of each shot: the later one wins, and what is anchored to frames lasts."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.model.plan import Shot
from panscan.model.request import Override, PlacedKey
from panscan.request.overrides import overrides_recipe, shot_overrides

SHOTS = (Shot(0, 100), Shot(100, 250), Shot(250, 400))


def said(found):
    keys = ("subject", "layout", "center", "hold", "zoom", "method", "mode")
    return [
        (p.first, p.end, n, o and {k: getattr(o, k) for k in keys if getattr(o, k) is not None}) for p, n, o in found
    ]


def test_without_overrides_the_shots_are_what_they_were():
    assert shot_overrides(SHOTS, (), Ratio(9, 16)) == [(shot, n, None) for n, shot in enumerate(SHOTS, 1)]


def test_a_number_means_the_whole_shot():
    found = shot_overrides(SHOTS, (Override(2, subject="left"),), Ratio(9, 16))
    assert said(found) == [(0, 100, 1, None), (100, 250, 2, {"subject": "left"}), (250, 400, 3, None)]
    assert found[1][2] == Override(2, 100, 250, "9:16", subject="left")


def test_shots_are_divided_where_a_range_begins_or_ends():
    found = shot_overrides(SHOTS, (Override(first=60, end=300, hold=True),), Ratio(9, 16))
    assert said(found) == [
        (0, 60, 1, None), (60, 100, 1, {"hold": True}), (100, 250, 2, {"hold": True}), (250, 300, 3, {"hold": True}),
        (300, 400, 3, None),
    ]  # fmt: skip


def test_looks_add_up_look_by_look():
    tilt, both = (("tilt", "left"),), (("shadow", True), ("padding", 0.1))
    overrides = (Override(first=0, style=both), Override(shot=2, style=(("padding", 0.05), *tilt)))
    found = [said and dict(said.style or ()) for _, _, said in shot_overrides(SHOTS, overrides, Ratio(9, 16))]
    other = {"shadow": True, "padding": 0.1}
    assert found == [other, {"shadow": True, "padding": 0.05, "tilt": "left"}, other]


def test_an_open_range_reaches_to_the_end():
    assert said(shot_overrides(SHOTS, (Override(end=50, zoom=2.0), Override(first=250, hold=True)), Ratio(1, 1))) == [
        (0, 50, 1, {"zoom": 2.0}), (50, 100, 1, None), (100, 250, 2, None), (250, 400, 3, {"hold": True}),
    ]  # fmt: skip


def test_later_entries_win_key_by_key():
    entries = (
        Override(first=0, hold=True, zoom=1.5, mode="stable"),
        Override(2, zoom=1.2),
        Override(first=200, end=220, hold=False, zoom=1.0),
    )
    assert said(shot_overrides(SHOTS[:2], entries, Ratio(9, 16))) == [
        (0, 100, 1, {"hold": True, "zoom": 1.5, "mode": "stable"}),
        (100, 200, 2, {"hold": True, "zoom": 1.2, "mode": "stable"}),
        (200, 220, 2, {"hold": False, "zoom": 1.0, "mode": "stable"}),
        (220, 250, 2, {"hold": True, "zoom": 1.2, "mode": "stable"}),
    ]


def test_subject_and_center_put_each_other_out_of_force():
    one, other = Override(1, subject="left"), Override(1, center=(0.1, 0.2))
    assert said(shot_overrides(SHOTS[:1], (one, other), Ratio(9, 16)))[0][3] == {"center": (0.1, 0.2)}
    assert said(shot_overrides(SHOTS[:1], (other, one), Ratio(9, 16)))[0][3] == {"subject": "left"}


def test_a_shape_limits_an_entry():
    entries = (Override(1, ratio="9:16", hold=True), Override(first=50, ratio="1:1", zoom=2.0))
    assert said(shot_overrides(SHOTS[:1], entries, Ratio.parse("1080:1920"))) == [(0, 100, 1, {"hold": True})]
    assert said(shot_overrides(SHOTS[:1], entries, Ratio(4, 5))) == [(0, 100, 1, None)]


def test_no_shot_is_divided_where_nothing_changes():
    entries = (Override(first=0, end=50, hold=True), Override(first=50, end=120, hold=True), Override(1, zoom=1.5))
    found = said(shot_overrides(SHOTS[:2], entries, Ratio(9, 16)))
    assert found[:2] == [(0, 100, 1, {"hold": True, "zoom": 1.5}), (100, 120, 2, {"hold": True})]


def test_a_shot_that_is_not_there():
    with pytest.raises(UsageError, match="entry 2: there is no shot 4") as error:
        shot_overrides(SHOTS, (Override(3, hold=True), Override(4, hold=True)), Ratio(9, 16))
    assert "3 shots" in error.value.why and error.value.fix


_RANGES = st.tuples(st.integers(0, 399), st.integers(1, 400)).filter(lambda pair: pair[0] < pair[1])
_ENTRIES = st.one_of(
    st.builds(Override, shot=st.integers(1, 3), zoom=st.sampled_from([1.0, 1.5])),
    st.builds(lambda r, hold: Override(first=r[0], end=r[1], hold=hold), _RANGES, st.booleans()),
)


@given(st.lists(_ENTRIES, max_size=5))
def test_parts_cover_every_frame_once_and_each_frame_has_what_was_said_last(entries):
    found = shot_overrides(SHOTS, entries, Ratio(9, 16))
    assert (found[0][0].first, found[-1][0].end) == (0, 400)
    assert all(a.end == b.first for (a, *_), (b, *_) in pairwise(found))
    for part, number, applied in found:
        shot = SHOTS[number - 1]
        assert shot.first <= part.first < part.end <= shot.end
        for frame in (part.first, part.end - 1):
            zoom = hold = None
            for o in entries:
                if o.shot == number or (o.shot is None and o.first <= frame < o.end):
                    zoom, hold = o.zoom or zoom, hold if o.hold is None else o.hold
            assert (applied and applied.zoom, applied and applied.hold) == (zoom, hold)


def test_the_shot_that_has_a_frame_and_all_of_its_set_up():
    one, all_alike = Override(frame=249, hold=True), Override(frame=120, setup=True, zoom=1.2)
    assert said(shot_overrides(SHOTS, (one,), Ratio(9, 16)))[1] == (100, 250, 2, {"hold": True})
    found = shot_overrides(SHOTS, (one, all_alike), Ratio(9, 16), setups=(0, 1, 1))
    assert [settings for *_, settings in said(found)] == [None, {"hold": True, "zoom": 1.2}, {"zoom": 1.2}]


def test_keys_of_a_set_up_count_from_the_start_of_each_shot():
    entry = Override(frame=120, setup=True, keys=(PlacedKey(110, (0.2, 0.5)), PlacedKey(140, (0.4, 0.5))))
    found = shot_overrides(SHOTS, (entry,), Ratio(9, 16), setups=(0, 1, 1))
    assert [o and [key.frame for key in o.keys] for *_, o in found] == [None, [110, 140], [260, 290]]


@pytest.mark.parametrize(
    ("frames", "meant"),
    [((97, 253), (100, 250)), ((94, 256), (94, 256)), ((99, 103), (99, 103)), ((2, None), (0, 400))],
)
def test_edges_of_frames_go_to_the_cut_that_is_near(frames, meant):
    """Another analysis puts a cut some frames elsewhere: no remnant of the shot may flash up."""
    found = said(shot_overrides(SHOTS, (Override(frames=frames, hold=True),), Ratio(9, 16)))
    held = [(first, end) for first, end, _, settings in found if settings]
    assert (held[0][0], held[-1][1]) == meant


def test_cells_have_settings_of_their_own_until_all_of_the_shot_is_meant():
    split = Override(1, layout="split-2", hold=True)
    cell = Override(1, cell=2, center=(0.8, 0.4), zoom=1.5)
    (_, _, both), *_ = shot_overrides(SHOTS, (split, cell), Ratio(9, 16))
    assert (both.layout, both.hold, both.center) == ("split-2", True, None)
    assert both.cells == (Override(cell=2, center=(0.8, 0.4), zoom=1.5),)
    (_, _, later), *_ = shot_overrides(SHOTS, (split, cell, Override(1, subject="left")), Ratio(9, 16))
    assert later.subject == "left" and later.cells == (Override(cell=2, zoom=1.5),)


def test_the_recipe_is_plain_and_holds_only_what_is_said():
    keys = (PlacedKey(3, (0.1 + 0.2, 0.5)),)
    entries = (Override(1, center=(0.1 + 0.2, 0.5), hold=False), Override(first=0, keys=keys, note="why"))
    recipe = overrides_recipe(entries)
    assert recipe == [
        {"shot": 1, "center": [0.3, 0.5], "hold": False},
        {"first": 0, "keys": [{"frame": 3, "center": [0.3, 0.5], "zoom": 1.0, "inside": True}]},
    ]
    assert json.loads(json.dumps(recipe)) == recipe
