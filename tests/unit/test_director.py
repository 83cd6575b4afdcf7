"""The plan: what a person decided by hand is done, shots are covered once, and every preset works on every shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
import scenes
from panscan import direct, operate
from panscan.errors import UsageError
from panscan.model.geometry import Ratio, Rect, Size, cover_scale
from panscan.model.perception import ShotBoundaries, Tracks
from panscan.model.plan import Shot
from panscan.model.request import Override
from panscan.model.style import Style
from panscan.request import presets
from scenes import LOOKS, faces, flow, objects, perception, preset, saliency, screen, speaker, still, text, thing

MEDIA = make.media(frame_count=100)
# person-1 to person-3 in the order in which they come: middle (large), right, left.
TRIO = sorted(still(860, 240) + still(1570, 150, frames=LOOKS[1:]) + still(150, 150, frames=LOOKS[2:]))
MIDDLES = {"person-1": 980, "person-2": 1645, "person-3": 225}


def trio(**signals):
    return perception(faces=faces(TRIO, LOOKS), **signals)


def planned(*overrides, seen=None, canvas=make.VERTICAL, **choices):
    return direct.plan(MEDIA, seen or trio(), scenes.request(canvas, overrides=overrides, **choices)).shots


def middle(shot, cell=0):
    return float(np.nanmedian(shot.cells[cell].aim.target_px[:, 0]))


def everywhere(**wishes):
    return Override(first=0, **wishes)


def test_the_scene_is_as_it_is_told():
    """The names that the tests below rely on."""
    found = direct.director.subjects_of(trio().need(Tracks), 0)
    assert {s.name: round(float(np.median(s.box_px[:, 0] + s.box_px[:, 2] / 2))) for s in found} == MIDDLES


# --- who


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("person-1", "person-1"),
        ("person-2", "person-2"),
        ("person-3", "person-3"),
        ("left", "person-3"),
        ("right", "person-2"),
        ("largest", "person-1"),
    ],
)
def test_who_is_named_is_shown(wanted, name):
    (shot,) = planned(everywhere(subject=wanted))
    assert middle(shot) == pytest.approx(MIDDLES[name], abs=15)
    assert shot.cells[0].aim.subject == name
    assert f"{name}, chosen by hand" in shot.why and shot.why.endswith("as overridden by hand")


def test_someone_who_only_passes_is_not_left_nor_right_of_all():
    seen = perception(faces=faces(sorted([*TRIO, *still(20, 100, frames=LOOKS[:4], top=800)]), LOOKS))
    (shot,) = planned(everywhere(subject="left"), seen=seen)
    assert middle(shot) == pytest.approx(225, abs=15)


def test_an_object_can_be_named():
    seen = trio(objects=objects(thing("dog", 1200, 800, 150, 100)))
    (shot,) = planned(everywhere(subject="object-1"), seen=seen)
    assert middle(shot) == pytest.approx(1275, abs=5)


@pytest.mark.parametrize("wanted", ["person-7", "object-1"])
def test_who_is_not_there_is_said_to_be_missing(wanted):
    (shot,) = planned(everywhere(subject=wanted))
    assert f"{wanted} is not in this shot" in shot.why and shot.why.endswith("as overridden by hand")
    assert shot.cells[0].aim.subject == planned()[0].cells[0].aim.subject, "the method's own choice"


def test_left_without_anyone_is_missing():
    (shot,) = planned(everywhere(subject="left"), seen=perception())
    assert "left is not in this shot" in shot.why and "middle" in shot.why


def test_the_speaker_can_be_asked_for():
    seen = trio(speaker=speaker([(0, 100, 2)], [0, 1, 2]))
    name = next(s.name for s in direct.director.subjects_of(seen.need(Tracks), 0) if s.track == 2)
    (shot,) = planned(everywhere(subject="speaker"), seen=seen, method="single_object")
    assert middle(shot) == pytest.approx(MIDDLES[name], abs=15) and f"{name} speaks" in shot.why
    (silent,) = planned(everywhere(subject="speaker"))
    assert "nobody is seen to speak" in silent.why and "is not in this shot" not in silent.why


# --- where and how


@pytest.mark.parametrize("share", [(0.25, 0.75), (0.0, 0.0)])
def test_a_place_is_centred_on(share):
    (shot,) = planned(everywhere(center=share))
    aim = shot.cells[0].aim
    assert aim.target_px.tolist() == [[share[0] * 1920, share[1] * 1080]] and np.isnan(aim.must_keep_px).all()
    assert shot.layout == "single" and "placed by hand" in shot.why


def test_a_place_is_a_share_of_the_picture_inside_its_bars():
    seen = trio(border=scenes.bars(238.25, 0, 238.25, 0))
    (shot,) = planned(everywhere(center=(0.5, 0.5)), seen=seen)
    assert shot.cells[0].aim.target_px.tolist() == [[960, 540]]
    (shot,) = planned(everywhere(center=(0.0, 1.0)), seen=seen)
    assert shot.cells[0].aim.target_px.tolist() == [[240, 1080]]


def test_a_camera_can_be_held():
    held = [
        [cell.hold for cell in planned(*by_hand, layouts=("single",))[0].cells]
        for by_hand in ((), (everywhere(hold=True),))
    ]
    assert held == [[False], [True]]
    split = planned(everywhere(hold=True, layout="split-3"))[0]
    assert [cell.hold for cell in split.cells] == [True] * 3
    breathing = planned(everywhere(hold=True), preset=preset(breathe=0.05))[0]
    assert breathing.cells[0].push_in == 0


def test_a_camera_can_be_brought_closer():
    (shot,) = planned(everywhere(zoom=1.5), preset=preset(zoom_ceiling=1.1))
    (cell,) = shot.cells
    assert cell.zoom_ceiling == 1.5 and np.all(cell.aim.zoom == 1.5) and len(cell.aim.zoom) == len(cell.aim.frame)


def test_all_can_be_shown():
    (shot,) = planned(everywhere(layout="fit"))
    assert shot.layout == "fit" and shot.cells[0].fit


def test_a_layout_can_be_demanded_and_its_lack_is_told():
    (shot,) = planned(everywhere(layout="split-2"))
    assert shot.layout == "split-2" and len(shot.cells) == 2 and "as asked" in shot.why
    (shot,) = planned(everywhere(layout="split-4"))
    assert shot.layout == "single" and "split-4 cannot be made of this shot" in shot.why


def test_an_override_goes_before_the_request():
    (shot,) = planned(everywhere(method="gravity", mode="stable"), method="single_object", layouts=("single",))
    assert shot.cells[0].aim.subject == "gravity" and shot.mode == "stable"
    assert planned(method="single_object")[0].cells[0].aim.subject == "person-1" and planned()[0].mode == ""
    (shot,) = planned(everywhere(layout="fit"), layouts=("single",))
    assert shot.layout == "fit"


def test_method_and_layouts_are_the_presets_unless_asked_for():
    style = preset(method="gravity", layouts=("fit",))
    (shot,) = planned(preset=style)
    assert shot.layout == "fit" and shot.cells[0].aim.subject == "gravity"
    (shot,) = planned(preset=style, method="single_object", layouts=("single",))
    assert shot.layout == "single" and shot.cells[0].aim.subject == "person-1"


@pytest.mark.parametrize("choices", [{"method": "luck"}, {"layouts": ("mosaic",)}])
def test_names_that_do_not_exist_are_refused(choices):
    with pytest.raises(UsageError, match="unknown"):
        planned(**choices)


# --- when and for which shape


def test_a_range_divides_its_shot():
    shots = planned(Override(first=30, end=60, subject="left"))
    assert [shot.shot for shot in shots] == [Shot(0, 30), Shot(30, 60), Shot(60, 100)]
    assert ["by hand" in shot.why for shot in shots] == [False, True, False]
    assert middle(shots[1]) == pytest.approx(225, abs=15)
    for shot in shots:
        frame = shot.cells[0].aim.frame
        assert shot.shot.first <= frame[0] and frame[-1] < shot.shot.end


def test_a_shot_is_meant_by_its_number():
    seen = trio(cuts=ShotBoundaries(np.array([50])))
    shots = planned(Override(shot=2, layout="fit"), seen=seen)
    assert [(shot.shot, shot.layout) for shot in shots] == [(Shot(0, 50), "single"), (Shot(50, 100), "fit")]


@pytest.mark.parametrize(("ratio", "layout"), [("9:16", "fit"), ("18x32", "fit"), ("1:1", "single")])
def test_an_override_of_one_shape_holds_for_it_alone(ratio, layout):
    (shot,) = planned(Override(first=0, ratio="9:16", layout="fit"), ratio=Ratio.parse(ratio), layouts=("single",))
    assert shot.layout == layout


@given(
    cuts=st.lists(st.integers(1, 99), max_size=4, unique=True).map(sorted),
    ranges=st.lists(st.tuples(st.integers(0, 98), st.integers(1, 99)), max_size=3),
)
@settings(max_examples=15, deadline=None)
def test_every_frame_is_planned_exactly_once(cuts, ranges):
    overrides = [Override(first=a, end=a + b, subject=("left", "right")[n % 2]) for n, (a, b) in enumerate(ranges)]
    shots = planned(*overrides, seen=trio(cuts=ShotBoundaries(np.array(cuts, np.int64))))
    covered = [frame for shot in shots for frame in range(shot.shot.first, shot.shot.end)]
    assert covered == list(range(100))
    assert {0, *cuts} <= {shot.shot.first for shot in shots}
    for shot in shots:
        by_hand = any(a <= shot.shot.first < a + b for a, b in ranges)
        assert ("by hand" in shot.why) == by_hand
        assert all(shot.shot.first <= f < shot.shot.end for cell in shot.cells for f in cell.aim.frame)


def test_who_speaks_can_be_left_out():
    seen = trio(speaker=speaker([(0, 100, 1)], [0, 1, 2]))
    heard, unheard = planned(seen=seen), planned(seen=seen, with_speaker=False)
    assert "speaks" in heard[0].why and "speaks" not in unheard[0].why
    assert heard[0].cells[0].aim.subject != unheard[0].cells[0].aim.subject


# --- presets

SCENES = {
    "nothing": perception(),
    "talk": trio(speaker=speaker([(0, 50, 1), (50, 100, 2)], [0, 1, 2])),
    "sport": perception(
        faces=faces(still(300, 60, speed=9), LOOKS),
        flow=flow(
            [
                row
                for f in LOOKS
                for row in ((f, 250 + 9 * f, 250, 160, 500, 0.5), (f, 1700 - 9 * f, 500, 200, 150, 0.5))
            ],
            LOOKS,
            energy=0.03,
        ),
        objects=objects(thing("dog", 1700, 500, 200, 150, speed=-9)),
        cuts=ShotBoundaries(np.array([25, 50, 75])),
    ),
    "lesson": perception(
        faces=faces(still(1720, 110, top=850), LOOKS),
        screen=screen((20, 20, 1650, 1040)),
        text=text([(0, 100, 100, 950, 1600, 80, 0)]),
    ),
    "interest": perception(saliency=saliency([0, 50], (1900.0, 20.0), 0.6)),
}
SHAPES = {
    "9:16": make.VERTICAL,
    "1:1": make.SQUARE,
    "4:5": Size(1080, 1350),
    "2:3": Size(1080, 1620),
    "21:9": Size(2520, 1080),
    "16:9 of 4:3": make.HD,
}
BARS = Rect(240, 0, 1440, 1080)  # a 4:3 picture between its bars; their edges are left out
BARRED = scenes.bars(238.25, 0, 238.25, 0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", presets.preset_names())
def test_every_preset_plans_every_scene_for_every_shape(name, shape):
    """And what it asks for lies inside the picture, so that the camera's windows can."""
    style, canvas = presets.load_preset(name), SHAPES[shape]
    for seen in SCENES.values():
        bounds = Rect(0, 0, 1920, 1080)
        if "of" in shape:
            bounds = BARS
            seen = type(seen)("media", "analysis", {**seen.signals, "border": BARRED})
        plan = direct.plan(MEDIA, seen, scenes.request(canvas, style))
        assert plan.canvas == canvas and {shot.bounds for shot in plan.shots} == {bounds}
        for shot in plan.shots:
            assert shot.why and shot.background == (style.background if shot.layout in ("fit", "pip") else "black")
            assert "auto" in style.layouts or shot.layout in (*style.layouts, "single")
            for cell in shot.cells:
                assert (
                    cell.left_px + cell.size.width <= canvas.width and cell.top_px + cell.size.height <= canvas.height
                )
                aim = cell.aim
                assert np.all((aim.weight >= 0) & (aim.weight <= 1)) and np.all(np.diff(aim.frame) > 0)
                for left, top, wide, high in aim.must_keep_px[np.isfinite(aim.must_keep_px[:, 0])]:
                    assert bounds.contains(Rect(left, top, wide, high), slack_px=1e-6)
                assert cell.fit or cell.zoom_ceiling >= max(1.0, np.nanmax(aim.zoom) if aim.zoom is not None else 1.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_windows_stay_inside_the_picture(shape):
    """With the camera's operator, on the scenes that move most."""
    canvas = SHAPES[shape]
    for name, scene_name in (
        ("smart-edit", "talk"),
        ("action", "sport"),
        ("educational", "lesson"),
        ("nature", "interest"),
    ):
        seen, bounds = SCENES[scene_name], Rect(0, 0, 1920, 1080)
        if "of" in shape:
            bounds = BARS
            seen = type(seen)("media", "analysis", {**seen.signals, "border": BARRED})
        plan = direct.plan(MEDIA, seen, scenes.request(canvas, presets.load_preset(name)))
        for shot in plan.shots:
            framing = operate.frame_shot(shot, plan, make.HD, MEDIA.video.rate)
            assert len(framing.cells) == len(shot.cells)
            for cell, asked in zip(framing.cells, shot.cells, strict=True):
                crops = cell.crops(np.arange(shot.shot.first, shot.shot.end), make.HD)
                if asked.fit:
                    whole = crops[:, 2:] >= [bounds.width - 0.5, bounds.height - 0.5]
                    assert whole.all(), "all of the picture is in it"
                    continue
                widest = cell.size.width / cover_scale(cell.size, bounds)
                ceiling = max(asked.zoom_ceiling, 1 + asked.push_in, 1.0)
                assert np.all(crops[:, 2] <= widest + 0.5) and np.all(crops[:, 2] >= widest / ceiling / 1.03 - 0.5)
                for left, top, wide, high in crops:
                    assert bounds.contains(Rect(left, top, wide, high), slack_px=0.5)


@pytest.mark.parametrize("name", ["default", "action"])
def test_the_same_film_gives_the_same_plan(name):
    def facts():
        shots = [
            shot
            for seen in SCENES.values()
            for shot in direct.plan(MEDIA, seen, scenes.request(make.VERTICAL, presets.load_preset(name))).shots
        ]
        told = [(shot.shot, shot.layout, shot.why, shot.pace, shot.mode) for shot in shots]
        cells = [cell for shot in shots for cell in shot.cells]
        placed = [(c.left_px, c.top_px, c.size, c.zoom_ceiling, c.aim.subject, c.aim.jumps) for c in cells]
        columns = ("frame", "must_keep_px", "nice_to_keep_px", "target_px", "weight")
        return told, placed, [getattr(c.aim, column).tobytes() for c in cells for column in columns]

    assert facts() == facts()


def test_presets_show_the_same_film_differently():
    shown = {
        name: direct.plan(MEDIA, SCENES["sport"], scenes.request(make.VERTICAL, presets.load_preset(name)))
        .shots[1]
        .cells[0]
        .aim.subject
        for name in ("talking-head", "nature")
    }
    assert shown["talking-head"].startswith("person") and not shown["nature"].startswith("person")
    lesson = {
        name: direct.plan(MEDIA, SCENES["lesson"], scenes.request(make.VERTICAL, presets.load_preset(name)))
        .shots[0]
        .layout
        for name in ("educational", "documentary", "drama")
    }
    assert lesson == {"educational": "pip", "documentary": "fit", "drama": "single"}


def test_a_podcast_shows_both_while_nobody_is_known_to_speak():
    seen = perception(faces=faces(sorted(still(200, 220) + still(1450, 220)), LOOKS))
    (shot,) = planned(seen=seen, preset=presets.load_preset("podcast"))
    assert shot.layout == "split-2"
    heard = perception(
        **{k: v for k, v in seen.signals.items() if k != "tracks"}, speaker=speaker([(0, 100, 0)], [0, 1])
    )
    (shot,) = planned(seen=heard, preset=presets.load_preset("podcast"))
    assert shot.layout == "single" and "speaks" in shot.why


def test_figures_stand_beside_the_reason_not_in_it():
    (shot,) = planned()
    assert {"motion", "travel", "cuts_min", "confidence", "clear", "seen"} == set(shot.figures)
    assert "0." not in shot.why


def test_what_was_decided_by_hand_needs_no_look():
    assert planned(everywhere(subject="left"))[0].figures["confidence"] == 1
    assert planned(everywhere(center=(0.5, 0.5)))[0].figures["confidence"] == 1
    assert planned(everywhere(subject="person-9"))[0].figures["confidence"] < 1


def test_a_background_that_was_asked_for_shows_in_every_layout():
    for layout in ("single", "fit", "split-2"):
        (shot,) = planned(everywhere(layout=layout), style=Style(background="#102030"))
        (own,) = planned(everywhere(layout=layout, background="blur"), style=Style(background="#102030"))
        assert (shot.background, own.background) == ("#102030", "blur")


def test_cells_are_named_in_place_of_the_one_window():
    shot = planned(layouts=("split-2",))[0]
    assert "each in a cell: as asked" in shot.why and "left out" not in shot.why
    assert planned(layouts=("fit",))[0].why == "whole picture: as asked"
