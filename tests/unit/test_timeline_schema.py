"""The schema, and the page that explains it."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import documents as make
from panscan.model.framing import Framing, Rest
from panscan.timeline.effect import from_payload, to_payload
from panscan.timeline.schema import schema

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]


def _fields(part: object) -> set[str]:
    """All property names in a schema."""
    if not isinstance(part, dict):
        return set()
    found = set(part.get("properties", {}))
    return found.union(*(_fields(value) for value in part.values()))


def _refused(payload: dict) -> bool:
    return not jsonschema.Draft202012Validator(schema()).is_valid(payload)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def _planned(framing: Framing) -> Framing:
    """The framing with all that few have: planned rests, a tilt, looks, and a wish that could not be fulfilled."""
    (cell, *others) = framing.cells
    rests = (Rest(0, 10, "the whole screen", "cut"), Rest(25, 60, "typing"))
    corners = ((0.02, 0.05), (0.98, 0.0), (0.98, 1.0), (0.02, 0.95))
    camera = replace(cell.camera, corners=(corners,) * len(cell.camera.frame))
    looks = {"background": "#102030:#405060", "corner_radius_px": 12.5, "has_shadow": True}
    cells = (replace(cell, rests=rests, camera=camera), *others)
    return replace(framing, cells=cells, unmet=("person-2 is not there",), digest="0a1b", **looks)


@pytest.mark.parametrize("framing", [make.framing(((0, 1.5, 0.0, 0.0),), metrics={"held": 1.0}), make.two_cells()])
def test_what_is_written_is_valid_and_complete(framing) -> None:
    payload, planned = to_payload(framing), to_payload(_planned(framing))
    jsonschema.validate(payload, schema())
    jsonschema.validate(planned, schema())
    assert from_payload(planned).cells[0].rests == _planned(framing).cells[0].rests
    assert to_payload(from_payload(planned)) == planned
    only_planned = {"rests", "first", "end", "reason", "easing", "unmet", "digest"}
    only_planned |= {"corners", "corner_radius_px", "shadow"}
    assert _fields(schema()) == _fields_of(planned) == only_planned | _fields_of(payload)
    assert not only_planned & _fields_of(payload)


def _fields_of(payload: dict) -> set[str]:
    (cell, *_) = payload["cells"]
    return {*payload, *cell, *cell["keys"], *cell.get("rests", {})}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("canvas_px",), [1080]),
        (("canvas_px",), [1080.5, 1920]),
        (("rate",), [25, 0]),
        (("cells",), []),
        (("cells", 0, "cell_px"), [0, 0, 0, 1920]),
        (("cells", 0, "cell_px"), [0, 0, 1080]),
        (("cells", 0, "keys", "scale"), [0]),
        (("cells", 0, "keys", "frame"), [0.5]),
        (("cells", 0, "keys", "x_px"), ["a"]),
        (("background",), "red"),
        (("version",), 2),
        (("metrics",), {"held": "much"}),
        (("colour",), "an unknown field"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(path, value) -> None:
    payload = copy.deepcopy(to_payload(make.framing(((0, 1.5, 0.0, 0.0),))))
    owner = payload
    for name in path[:-1]:
        owner = owner[name]
    owner[path[-1]] = value
    assert _refused(payload)


@pytest.mark.parametrize("name", ["version", "canvas_px", "source_px", "rate", "cells"])
def test_required_fields_are_required(name) -> None:
    payload = to_payload(make.two_cells())
    del payload[name]
    assert _refused(payload)


def test_the_page_has_examples_and_all_are_valid() -> None:
    assert len(EXAMPLES) >= 2
    for example in EXAMPLES:
        jsonschema.validate(example, schema())
        from_payload(example)


def test_the_page_names_every_field() -> None:
    missing = {name for name in _fields(schema()) if f"| `{name}` |" not in PAGE}
    assert not missing


def test_the_worked_example_is_right() -> None:
    framing = from_payload(EXAMPLES[0])
    crops = framing.cells[0].crops([108000, 108045, 108090], framing.source)
    assert crops[:, 0] == pytest.approx([200, 350, 500], abs=0.001)
    assert crops[0, 1:] == pytest.approx([0, 607.5, 1080], abs=0.001)
    for number in ("607.5 px wide", "1080 px high", "200 px from the left", "at 500 px", "at 350 px"):
        assert number in PAGE


def test_every_field_says_what_it_is() -> None:
    def described(part: dict) -> None:
        for name, field in part.get("properties", {}).items():
            assert "description" in field or "$ref" in field, name
            described(field)

    whole = schema()
    for part in (whole, *whole["$defs"].values()):
        described(part)
