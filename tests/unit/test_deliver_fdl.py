"""ASC FDL: the rules of the specification that touch us, and every still camera's rectangle."""

from __future__ import annotations

import json
import re
import uuid

import numpy as np
import pytest

import documents as make
from hosts import timelines
from panscan.deliver import deliver
from panscan.errors import UsageError
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size

_ID = re.compile(r"[A-Za-z0-9_]{1,32}")
_KEYS = {
    "context": {"label", "context_creator", "clip_id", "canvases"},
    "canvas": {"label", "id", "source_canvas_id", "dimensions", "anamorphic_squeeze", "framing_decisions"},
    "decision": {"label", "id", "framing_intent_id", "dimensions", "anchor_point"},
}


def _deliver(timeline, **options):
    return deliver(timeline, "fdl", folder=timelines.FOLDER, options=options)


def _read(timeline, **options):
    """The list, held against the rules of the specification's schema."""
    fdl = json.loads(_deliver(timeline, **options).main)
    uuid.UUID(fdl["uuid"])
    modern = fdl["version"] == {"major": 2, "minor": 0}
    assert modern or fdl["version"] == {"major": 1, "minor": 1}
    intents = {intent["id"]: intent for intent in fdl["framing_intents"]}
    assert len(intents) == len(fdl["framing_intents"]) and fdl["default_framing_intent"] in intents
    for intent in intents.values():
        assert _ID.fullmatch(intent["id"])
        assert all(isinstance(side, int) and side > 0 for side in intent["aspect_ratio"].values())
    seen = set()
    for context in fdl["contexts"]:
        private = {key for key in context if key.startswith("_")}
        assert set(context) - private <= _KEYS["context"] and (modern or not private)
        assert ("clip_id" in context) == modern
        for canvas in context["canvases"]:
            assert set(canvas) == _KEYS["canvas"]
            assert _ID.fullmatch(canvas["id"]) and canvas["id"] == canvas["source_canvas_id"]
            assert canvas["id"] not in seen
            seen.add(canvas["id"])
            size = canvas["dimensions"]
            for decision in canvas["framing_decisions"]:
                assert set(decision) == _KEYS["decision"]
                assert decision["id"] == f"{canvas['id']}-{decision['framing_intent_id']}"
                assert decision["framing_intent_id"] in intents
                anchor, box = decision["anchor_point"], decision["dimensions"]
                assert anchor["x"] >= 0 and anchor["y"] >= 0
                assert anchor["x"] + box["width"] <= size["width"] + 0.01
                assert anchor["y"] + box["height"] <= size["height"] + 0.01
    return fdl


def _box(decision):
    anchor, box = decision["anchor_point"], decision["dimensions"]
    return anchor["x"], anchor["y"], box["width"], box["height"]


@pytest.mark.parametrize("version", ["2.0.1", "1.1"])
@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
def test_every_list_keeps_the_specification(case, version) -> None:
    _read(case(), version=version)


def test_a_decision_is_the_cameras_crop() -> None:
    still = make.framing(((0, 2.4, 324.0, 240.0),))
    (context,) = _read(make.timeline((0, 10, still)))["contexts"]
    (canvas,) = context["canvases"]
    (decision,) = canvas["framing_decisions"]
    assert canvas["dimensions"] == {"width": 1920, "height": 1080}
    assert _box(decision) == pytest.approx((600, 40, 450, 800), abs=1e-3)
    assert context["clip_id"] == {"clip_name": "talk.mp4", "file": "/media/talk.mp4"}


def test_equal_framings_are_one_decision_and_unequal_ones_several() -> None:
    one, two = make.framing(((0, 2.4, 324.0, 240.0),)), make.framing(((0, 2.0, 0.0, 0.0),))
    fdl = _read(make.timeline((0, 10, one), (10, 20, two), (20, 30, one)))
    assert [len(context["_panscan_clips"]) for context in fdl["contexts"]] == [2, 1]
    assert [clip["record"] for clip in fdl["contexts"][0]["_panscan_clips"]] == [0, 20]


def test_every_cell_has_an_intent_of_its_own() -> None:
    cells = tuple(
        Cell(0, top, Size(1080, 960), make.camera(((0, 1.2, x, 0.0),))) for top, x in ((0, 100.0), (960, -100.0))
    )
    framed = Framing(make.VERTICAL, make.HD, make.PAL, cells, layout="split-2")
    fdl = _read(make.timeline((0, 10, framed)))
    decisions = fdl["contexts"][0]["canvases"][0]["framing_decisions"]
    for decision, cell in zip(decisions, cells, strict=True):
        assert np.abs(np.array(_box(decision)) - cell.crops([0], make.HD)[0]).max() < 0.01
    assert len(fdl["framing_intents"]) == 2


def test_a_moving_camera_is_told_and_stands_as_it_begins() -> None:
    artifact = _deliver(timelines.in_point())
    assert any("camera" in loss.what for loss in artifact.losses)
    (clip,) = timelines.clips(timelines.in_point())
    decision = json.loads(artifact.main)["contexts"][0]["canvases"][0]["framing_decisions"][0]
    assert np.abs(np.array(_box(decision)) - clip.framing.cells[0].crops([clip.first], make.HD)[0]).max() < 0.01


def test_what_lies_beyond_the_picture_is_told() -> None:
    artifact = _deliver(timelines.letterbox())
    assert any("around the picture" in loss.what for loss in artifact.losses)
    decision = json.loads(artifact.main)["contexts"][0]["canvases"][0]["framing_decisions"][0]
    assert _box(decision) == pytest.approx((0, 0, 1920, 1080), abs=1e-3)


def test_the_identifier_follows_from_the_content() -> None:
    one = _read(timelines.several())["uuid"]
    assert one == _read(timelines.several())["uuid"] != _read(timelines.split())["uuid"]


def test_other_versions_are_refused() -> None:
    with pytest.raises(UsageError):
        _deliver(timelines.split(), version="3.0")
