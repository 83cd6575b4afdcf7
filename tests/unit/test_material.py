"""Sport and screen recordings are recognised and told, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import documents as make
from panscan.cli.sources import say_material
from panscan.direct.material import recognise_material
from panscan.model.geometry import Size
from panscan.pipeline import with_preset_of_material
from panscan.request.options import request_for
from scenes import LOOKS, faces, flow, objects, perception, request, screen, screen_events, still, thing

HD = Size(1920, 1080)
TYPED = ("typing", 1.0, 3.0, 200, 200, 400, 40)
BALL = thing("sports ball", 900, 800, 40, 40)
PLAYERS = [row for left in range(300, 1500, 300) for row in thing("person", left, 600, 50, 150)]


def seen(things=(), *, panned_px_s=0.0, score=0.8, **signals):
    rows = sorted(things)
    motion = flow([], LOOKS)
    motion = replace(motion, camera_px_s=np.full((len(motion.looked), 2), (panned_px_s, 0.0)))
    return perception(objects=objects(rows, score=score), flow=motion, **signals)


def name_of(found):
    material = recognise_material(found, HD)
    return material and (material.name, material.preset)


@pytest.mark.parametrize(
    "found",
    [
        seen(BALL),
        seen(BALL[:4], panned_px_s=200, score=0.35),
        seen(PLAYERS, panned_px_s=200),
        seen([*BALL[:4], *PLAYERS], score=0.35),
    ],
    ids=["a ball in play all along", "a ball and a pan", "far people and a pan", "a ball and far people"],
)
def test_sport(found):
    assert name_of(found) == ("sport", "action")


@pytest.mark.parametrize(
    "found",
    [
        seen(),
        seen(BALL[:4], score=0.35),
        seen(BALL[:1], panned_px_s=200),
        seen(PLAYERS),
        seen(panned_px_s=400),
        seen(thing("person", 700, 200, 400, 800), panned_px_s=200),
        seen([*thing("person", 700, 200, 400, 800), *BALL[:4]], score=0.35),
        perception(faces=faces(still(800, 200), LOOKS)),
        perception(),
    ],
    ids=[
        "nothing",
        "a ball for once",
        "a ball at one look",
        "people in a yard",
        "a landscape",
        "somebody walks by",
        "somebody plays",
        "a talk",
        "nothing measured",
    ],
)
def test_no_sport(found):
    assert name_of(found) is None


def test_a_screen_recording():
    assert name_of(perception(screen=screen((0.0, 0.0, 1920.0, 1080.0)))) == ("a screen recording", "educational")


def test_a_screen_recording_in_which_something_happens():
    found = perception(screen=screen((0.0, 0.0, 1920.0, 1080.0)), events=screen_events(TYPED))
    assert name_of(found) == ("a screen recording", "screen")


@pytest.mark.parametrize(("seconds", "name"), [(2.0, "a screen recording"), (0.5, None)])
def test_a_panel_before_a_photo_is_told_by_its_typing(seconds, name):
    content = screen((0.0, 0.0, 1920.0, 1080.0), looked=range(0, 100, 10))
    photo = replace(content, flat=np.zeros(10))
    events = screen_events(("typing", 1.0, 1.0 + seconds, 200, 200, 400, 40))
    material = recognise_material(perception(screen=photo, events=events), HD)
    assert (material and material.name) == name


@pytest.mark.parametrize("method", [None, "motion_centroid"])
@pytest.mark.parametrize(("preset", "used"), [(None, "screen"), ("default", "default"), ("podcast", "podcast")])
def test_its_preset_is_used_unless_one_was_chosen_whatever_the_method(preset, used, method, capsys):
    found = perception(screen=screen((0.0, 0.0, 1920.0, 1080.0)), events=screen_events(TYPED))
    asked, media = request_for("9:16", preset=preset, method=method), make.media(frame_count=100)
    assert with_preset_of_material(asked, media, found).preset.name == used
    say_material(media, found, asked)
    assert ("framed with --preset screen" in capsys.readouterr().err) is (used == "screen")


def test_a_film_keeps_the_default_preset():
    asked = request_for("9:16")
    assert with_preset_of_material(asked, make.media(frame_count=100), perception()) == asked


def test_a_slide_in_a_talk_is_none():
    found = screen((0.0, 0.0, 1920.0, 1080.0), looked=range(0, 100, 10))
    mostly_camera = replace(found, flat=np.where(np.arange(10) < 3, found.flat, 0.0))
    assert name_of(perception(screen=mostly_camera)) is None


@pytest.mark.parametrize(("preset", "told"), [("default", True), ("action", False), ("podcast", False)])
def test_one_line_unless_a_preset_was_chosen(preset, told, capsys):
    say_material(make.media(frame_count=100), seen(BALL), request(preset=preset))
    said = capsys.readouterr().err
    assert ("looks like sport" in said and "--preset action suits it" in said and said.count("\n") == 1) is told


def test_nothing_is_said_of_a_talk(capsys):
    say_material(make.media(frame_count=100), perception(), request())
    assert capsys.readouterr().err == ""
