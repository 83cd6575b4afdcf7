"""The request of a timeline's recipe is the one that it was made with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from panscan.model.request import CameraSegment, Override
from panscan.request.options import request_for
from panscan.request.recipe import request_of_recipe, request_recipe


def recipe(request: Any) -> dict[str, Any]:
    """As a timeline keeps it."""
    told: dict[str, Any] = json.loads(json.dumps(request_recipe(request)))
    return told | {"media": "digest", "perception": "digest"}


@pytest.mark.parametrize(
    ("ratio", "named"),
    [
        ("9:16", {"preset": "default"}),
        ("1:1", {"preset": "podcast", "method": "max_weight", "mode": "stable"}),
        ("4:5", {"preset": "nature", "layouts": "split-2,single", "canvas": "720x900", "speaker": False}),
        ("9:16", {"preset": "action", "prompt": "dog, ball", "avoid": "crowd"}),
        ("9:16", {"preset": "screen", "lead_s": 0.5, "deinterlace": "off", "tolerance_px": 2.0}),
    ],
)
def test_it_comes_back(ratio: str, named: dict[str, Any]) -> None:
    request = request_for(ratio, **named)
    found = request_of_recipe(recipe(replace(request, overrides=(Override(frame=3, hold=True),))))
    assert found == request


def test_settings_that_are_not_known_are_no_request() -> None:
    known = recipe(request_for("9:16", preset="default"))
    assert request_of_recipe({**known, "cut": "digest"}) is not None
    segments = (CameraSegment(0, 1, "wide", None, "all"),)
    for other in (
        {**known, "preset": {**known["preset"], "headroom": 0.77}},
        {**known, "preset": {**known["preset"], "name": "gone"}},
        recipe(replace(request_for("9:16", preset="default"), segments=segments)),
        {},
    ):
        assert request_of_recipe(other) is None
