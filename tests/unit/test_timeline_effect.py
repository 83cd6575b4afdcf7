"""Framing <-> effect: what is refused, and in which words."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import opentimelineio as otio
import pytest

import documents as make
from panscan.errors import DocumentError
from panscan.timeline.effect import attach_framing, framing_of, from_payload, rounded, to_effect, to_payload

FRAMING = make.framing(((0, 1.777778, 811.1111, 0.0), (90, 1.777778, 277.7778, 0.0)), metrics={"held": 0.5})


def _damaged(path: str, value: object) -> dict:
    """The payload with one field replaced, or removed where `value` is ...."""
    payload = copy.deepcopy(to_payload(FRAMING))
    owner = payload
    *parents, last = path.split(".")
    for name in parents:
        owner = owner[int(name)] if name.isdigit() else owner[name]
    if value is ...:
        del owner[last]
    else:
        owner[last] = value
    return payload


def test_it_carries_a_stock_effect() -> None:
    effect = to_effect(FRAMING)
    assert type(effect) is otio.schema.Effect and effect.schema_name() == "Effect"
    assert effect.effect_name == "Reframe"


def test_numbers_are_rounded_once() -> None:
    awkward = make.framing(((0, 16 / 9, 100 / 3, -1e-9),))
    once = rounded(awkward)
    assert once.cells[0].camera.scale == (1.777778,) and once.cells[0].camera.x_px == (33.3333,)
    assert math.copysign(1, once.cells[0].camera.y_px[0]) == 1
    assert rounded(once) == once


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_metrics_that_are_no_numbers_are_refused(number) -> None:
    with pytest.raises(DocumentError, match="finite"):
        to_payload(replace(FRAMING, metrics={"held": number}))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("column", ["scale", "x_px", "y_px", "frame"])
def test_keys_that_are_no_numbers_are_refused(column, number) -> None:
    with pytest.raises(DocumentError, match=column):
        from_payload(_damaged(f"cells.0.keys.{column}", [0, number]))
    with pytest.raises(ValueError, match="finite"):
        make.framing(((0, 1.0, number, 0.0),))


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("canvas_px", ..., "canvas_px"),
        ("canvas_px", [1080], "canvas_px"),
        ("canvas_px", [1080.5, 1920], "canvas_px"),
        ("canvas_px", [0, 1920], "canvas_px"),
        ("canvas_px", "1080x1920", "canvas_px"),
        ("source_px", ..., "source_px"),
        ("source_px", None, "source_px"),
        ("rate", ..., "rate"),
        ("rate", 25, "rate"),
        ("rate", [25, 0], "rate"),
        ("rate", [0, 1], "rate"),
        ("rate", [25, True], "rate"),
        ("cells", ..., "cells"),
        ("cells", [], "cell"),
        ("cells", {}, "cells"),
        ("cells", [None], "cell_px"),
        ("cells.0.cell_px", ..., "cell_px"),
        ("cells.0.cell_px", [0, 0, 1080], "cell_px"),
        ("cells.0.cell_px", [0, 0, 0, 1920], "cell"),
        ("cells.0.subject", 7, "subject"),
        ("cells.0.keys", ..., "keys"),
        ("cells.0.keys", [], "frame"),
        ("cells.0.keys.frame", ..., "frame"),
        ("cells.0.keys.frame", [0], "keys"),
        ("cells.0.keys.frame", [90, 0], "keys"),
        ("cells.0.keys.frame", [0, 0], "keys"),
        ("cells.0.keys.frame", [0, 90.5], "frame"),
        ("cells.0.keys.scale", [1, 0], "keys"),
        ("cells.0.keys.scale", [1, "2"], "scale"),
        ("cells.0.keys.x_px", [1, None], "x_px"),
        ("cells.0.keys.y_px", 5, "y_px"),
        ("background", "red", "background"),
        ("background", 0, "background"),
        ("layout", 1, "layout"),
        ("effect", None, "effect"),
        ("why", [], "why"),
        ("metrics", [], "metrics"),
        ("metrics", {"held": "much"}, "metrics"),
        ("metrics", {"held": math.nan}, "metrics"),
    ],
)
def test_damage_is_named(path, value, field) -> None:
    with pytest.raises(DocumentError, match=r"damaged") as caught:
        from_payload(_damaged(path, value))
    assert field in caught.value.why and caught.value.fix


@pytest.mark.parametrize("payload", [None, [], "framing", 7])
def test_what_is_no_object_is_refused(payload) -> None:
    with pytest.raises(DocumentError, match="not an object"):
        from_payload(payload)


@pytest.mark.parametrize("version", [None, 0, 2, "1"])
def test_other_versions_are_refused(version) -> None:
    with pytest.raises(DocumentError, match="version"):
        from_payload(_damaged("version", version))


def test_optional_fields_have_defaults() -> None:
    payload = to_payload(FRAMING)
    for name in ("background", "layout", "effect", "why", "metrics"):
        del payload[name]
    del payload["cells"][0]["subject"]
    plain = from_payload(payload)
    assert (plain.background, plain.layout, plain.effect, plain.why, dict(plain.metrics)) == (
        "black", "single", "STATIC", "", {},
    )  # fmt: skip


def test_attaching_replaces_the_framing_and_keeps_other_effects() -> None:
    clip = otio.schema.Clip("a", effects=[otio.schema.Effect(effect_name="Reframe"), otio.schema.Effect("blur")])
    attach_framing(clip, make.framing(((0, 1.0, 0.0, 0.0),)))
    attach_framing(clip, rounded(FRAMING))
    assert len(clip.effects) == 3
    assert framing_of(clip) == rounded(FRAMING)


def test_two_framings_on_a_clip_are_refused() -> None:
    clip = otio.schema.Clip("talk", effects=[to_effect(FRAMING), to_effect(FRAMING)])
    with pytest.raises(DocumentError, match=r"'talk' carries 2 framings"):
        framing_of(clip)


def test_damage_names_its_clip() -> None:
    effect = to_effect(FRAMING)
    del effect.metadata["panscan"]["rate"]
    with pytest.raises(DocumentError, match=r"clip 'talk'[\s\S]*'rate'"):
        framing_of(otio.schema.Clip("talk", effects=[effect]))


def test_a_clip_of_others_has_no_framing() -> None:
    assert framing_of(otio.schema.Clip("a", effects=[otio.schema.Effect(effect_name="Reframe")])) is None
