"""What every exporter in the registry keeps, ours and those of other packages."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import replace
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from panscan import registry
from panscan.deliver import deliver
from panscan.deliver.artifact import Capabilities
from panscan.errors import InputError
from panscan.model.media import StillFacts
from panscan.timeline.facts import still_words
from photo_scenes import photos

EXPORTERS = sorted(registry.entries("exporters"))
CAMERAS = ("fusion", "aftereffects")  # they hold cameras alone: the editor has the media
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
    assert isinstance(exporter.capabilities, Capabilities)
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


def _losses(timeline, name):
    losses = deliver(timeline, name, folder=Path("/projects")).losses
    assert all(loss.what and loss.why.endswith(".") for loss in losses)
    return losses


@pytest.mark.parametrize("name", EXPORTERS)
def test_cells_it_cannot_show_are_listed(name) -> None:
    losses = _losses(make.timeline((0, 30, make.two_cells())), name)
    missing = [loss for loss in losses if "1 of 2 cells" in loss.what]
    assert bool(missing) != registry.load("exporters", name).capabilities.layers


@pytest.mark.parametrize("name", EXPORTERS)
def test_backgrounds_it_cannot_show_are_listed(name) -> None:
    kinds = {"black": "black", "colour": "#204060", "gradient": "#204060:#102030", "blur": "blur"}
    for kind, background in kinds.items():
        letterbox = make.framing(((0, 0.5625, 0.0, 0.0),), background=background)
        losses = _losses(make.timeline((0, 10, letterbox)), name)
        missing = [loss for loss in losses if loss.what.startswith("the background")]
        assert bool(missing) != (kind in registry.load("exporters", name).capabilities.backgrounds)


@pytest.mark.parametrize("name", EXPORTERS)
def test_looks_it_cannot_show_are_listed(name) -> None:
    plain = make.framing(((0, 1.2, 0.0, 0.0),))
    (cell,) = plain.cells
    camera = replace(cell.camera, corners=(((0.02, 0.05), (0.98, 0.0), (0.98, 1.0), (0.02, 0.95)),))
    staged = replace(plain, cells=(replace(cell, camera=camera),), corner_radius_px=8.0, has_shadow=True)
    told = " ".join(loss.what for loss in _losses(make.timeline((0, 10, staged)), name))
    able = registry.load("exporters", name).capabilities
    assert ["the tilt" in told, "the round corners" in told, "the shadow" in told] == [
        not able.tilts,
        not able.corners,
        not able.shadows,
    ]
    assert not any("tilt" in loss.what for loss in _losses(make.timeline((0, 10, plain)), name))


@pytest.mark.parametrize("name", EXPORTERS)
def test_disabled_clips_it_cannot_say_are_listed(name) -> None:
    timeline = _timeline()
    make.track(timeline)[1].enabled = False
    missing = [loss for loss in _losses(timeline, name) if "disabled clip" in loss.what]
    assert bool(missing) != registry.load("exporters", name).capabilities.disabled


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_start_timecode_it_cannot_say_is_listed(name) -> None:
    timeline = _timeline()
    timeline.global_start_time = otio.opentime.RationalTime(90000, 25)
    missing = [loss for loss in _losses(timeline, name) if "start timecode" in loss.what]
    assert bool(missing) != registry.load("exporters", name).capabilities.start_timecode


@pytest.mark.parametrize("name", EXPORTERS)
def test_dissolves_it_cannot_say_are_listed(name) -> None:
    whole = make.framing(((0, 1.777778, 0.0, 0.0),))
    timeline = make.dissolve(make.timeline((0, 30, whole), (60, 90, whole)), 1, (5, 5))
    missing = [loss for loss in _losses(timeline, name) if "transition" in loss.what]
    assert bool(missing) != registry.load("exporters", name).capabilities.transitions


@pytest.mark.parametrize("name", EXPORTERS)
def test_markers_it_cannot_say_are_listed(name) -> None:
    marked = otio.opentime.TimeRange(otio.opentime.RationalTime(5, 25), otio.opentime.RationalTime(1, 25))
    of_clip, of_timeline = _timeline(), _timeline()
    make.track(of_clip)[0].markers.append(otio.schema.Marker("look", marked))
    of_timeline.tracks.markers.append(otio.schema.Marker("look", marked))
    for timeline in (of_clip, of_timeline):
        missing = [loss for loss in _losses(timeline, name) if loss.what.startswith("the markers of")]
        assert bool(missing) != registry.load("exporters", name).capabilities.markers


@pytest.mark.parametrize("speed", [2.0, 0.5, -1.0, 0.0])
@pytest.mark.parametrize("name", EXPORTERS)
def test_speeds_it_cannot_say_are_listed_or_refused(name, speed) -> None:
    timeline = make.retime(_timeline(), 0, speed, 40)
    able = registry.load("exporters", name).capabilities
    if not able.retimes and not able.retimed_clip_loss:
        with pytest.raises(InputError, match="is retimed"):
            deliver(timeline, name, folder=Path("/projects"), strict=True)
        assert any(loss.is_left_out for loss in _losses(timeline, name))
    else:
        missing = [loss for loss in _losses(timeline, name) if "the retimed clip" in loss.what]
        assert bool([loss for loss in missing if "sound" not in loss.what]) != able.retimes


@pytest.mark.parametrize("name", EXPORTERS)
def test_photos_are_in_every_delivery(name) -> None:
    assert not any(loss.is_left_out for loss in _losses(photos(), name))
    files = deliver(photos(), name, folder=Path("/projects")).files
    assert any(b"second.jpg" in content for content in files.values()) or name in CAMERAS


@pytest.mark.parametrize("name", EXPORTERS)
def test_what_other_programs_may_show_otherwise_of_photos_is_listed(name) -> None:
    timeline = photos()
    for clip in timeline.find_clips():
        asked = StillFacts(turn=6, profile="Display P3", is_transparent=True)
        clip.media_reference.metadata["panscan"]["still"] = still_words(asked)
        clip.media_reference.target_url = clip.media_reference.target_url.replace(".jpg", ".avif")
    told = " ".join(loss.what for loss in _losses(timeline, name))
    words = {"turn": "the rotation of", "profile": "Display P3", "transparency": "the transparency of"}
    for what, word in {**words, "kind": "the photo 'second.avif'"}.items():
        assert (word in told) != (what in registry.load("exporters", name).capabilities.stills)


@pytest.mark.parametrize("name", EXPORTERS)
def test_movement_it_cannot_show_is_listed(name) -> None:
    missing = [loss for loss in _losses(_timeline(), name) if "the movement" in loss.what]
    assert bool(missing) != registry.load("exporters", name).capabilities.moving


@pytest.mark.parametrize("name", EXPORTERS)
def test_it_writes_nothing_to_disk(name, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    deliver(_timeline(), name, folder=tmp_path)
    assert not list(tmp_path.iterdir())
