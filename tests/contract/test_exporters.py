"""What every exporter in the registry keeps, ours and those of other packages."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import pytest

import documents as make
from panscan import registry
from panscan.deliver import deliver

EXPORTERS = sorted(registry.entries("exporters"))
SHOWS_EVERY_CELL = {"otio"}

MOVE = ((0, 1.777778, 811.1111, 0.0), (49, 2.4, 324.0, 240.0))


def _timeline():
    return make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.framing(MOVE)))


def test_the_registry_holds_exporters() -> None:
    assert len(EXPORTERS) >= 2


@pytest.mark.parametrize("name", EXPORTERS)
def test_it_declares_itself(name) -> None:
    exporter = registry.load("exporters", name)
    assert exporter.name == name
    assert exporter.title and exporter.__doc__
    assert exporter.suffix.startswith(".") and exporter.suffix == exporter.suffix.lower()
    assert isinstance(exporter.opens_in, tuple) and all(exporter.opens_in)
    assert exporter.how_to_import.endswith((".", "`.")) and "\n" not in exporter.how_to_import
    assert dataclasses.is_dataclass(exporter.options) and exporter.options.__dataclass_params__.frozen
    exporter.options()
    assert all(field.metadata.get("help") for field in dataclasses.fields(exporter.options))


@pytest.mark.parametrize("name", EXPORTERS)
def test_equal_timelines_give_equal_bytes(name) -> None:
    first = deliver(_timeline(), name, folder=Path("/projects"))
    second = deliver(_timeline(), name, folder=Path("/projects"))
    assert first.files == second.files


@pytest.mark.parametrize("name", EXPORTERS)
def test_it_writes_utf8_text_under_its_suffix(name) -> None:
    artifact = deliver(_timeline(), name, folder=Path("/projects"))
    assert next(iter(artifact.files)) == registry.load("exporters", name).suffix
    for content in artifact.files.values():
        assert isinstance(content, bytes)
        text = content.decode("utf-8")
        assert text.endswith("\n") and "\r" not in text


@pytest.mark.parametrize("name", EXPORTERS)
def test_it_leaves_the_timeline_alone(name) -> None:
    timeline = _timeline()
    before = copy.deepcopy(timeline)
    deliver(timeline, name, folder=Path("/projects"))
    assert timeline.is_equivalent_to(before)


@pytest.mark.parametrize("name", EXPORTERS)
def test_cells_it_cannot_show_are_listed(name) -> None:
    losses = deliver(make.timeline((0, 30, make.two_cells())), name, folder=Path("/projects")).losses
    if name in SHOWS_EVERY_CELL:
        assert losses == ()
    else:
        assert any("cell" in loss.what for loss in losses)
    assert all(loss.what and loss.why.endswith(".") for loss in losses)


@pytest.mark.parametrize("name", EXPORTERS)
def test_it_writes_nothing_to_disk(name, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    deliver(_timeline(), name, folder=tmp_path)
    assert not list(tmp_path.iterdir())
