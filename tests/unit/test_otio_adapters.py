"""Our OTIO adapters and the hook, called through OTIO inside this process."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
import otio_panscan
from panscan import registry
from panscan.deliver import deliver
from panscan.errors import InputError, UsageError
from panscan.timeline.effect import framing_of

EXPORTERS = sorted(registry.EXPORTERS)
READERS = {"panscan_fcpxml", "panscan_xmeml", "panscan_edl"}
MOVE = ((0, 1.777778, 811.1111, 0.0), (49, 2.4, 324.0, 240.0))
MANIFEST = json.loads((Path(otio_panscan.__file__).parent / "plugin_manifest.json").read_text())


def named(exporter: str) -> str:
    return "panscan_" + exporter.replace("-", "_")


def framed():
    return make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.two_cells()))


def hook(timeline, arguments=None):
    """The hook as OTIO calls it."""
    return otio.hooks.run("pre_adapter_write", timeline, arguments)


def test_every_exporter_has_its_adapter_and_none_claims_a_suffix():
    assert sorted(a["name"] for a in MANIFEST["adapters"]) == sorted(map(named, EXPORTERS))
    assert all(adapter["suffixes"] == [] for adapter in MANIFEST["adapters"])
    assert {named(e) for e in EXPORTERS} <= set(otio.adapters.available_adapter_names())


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_string_is_what_deliver_returns(exporter):
    written = otio.adapters.write_to_string(framed(), named(exporter), folder="/projects")
    assert written == deliver(framed(), exporter, folder=Path("/projects")).text


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_file_brings_all_files_of_the_delivery(exporter, tmp_path):
    expected = deliver(framed(), exporter, folder=Path("/projects"))
    main, *_ = expected.files
    otio.adapters.write_to_file(framed(), str(tmp_path / f"talk{main}"), named(exporter), folder="/projects")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {f"talk{s}": d for s, d in expected.files.items()}


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_arguments_are_declared_documented_and_checked(exporter):
    adapter = otio.adapters.from_name(named(exporter))
    module = adapter.module()
    assert module.__doc__ and f"-O {named(exporter)}" in module.__doc__
    for function in (module.write_to_string, module.write_to_file):
        declared = inspect.getfullargspec(function).args
        options = registry.load("exporters", exporter).options.__dataclass_fields__
        assert {"ratio", "folder", *options} <= set(declared)
        assert all(name in inspect.getdoc(function) for name in declared)
    with pytest.raises(TypeError, match="no_such"):
        otio.adapters.write_to_string(framed(), named(exporter), no_such=1)
    assert adapter.has_feature("read") == (named(exporter) in READERS)


def test_numbers_that_otioconvert_makes_of_texts_are_texts_again():
    """It reads `-A version=1.10` as the number 1.1."""
    written = otio.adapters.write_to_string(framed(), "panscan_fcpxml", version=1.1)
    assert '<fcpxml version="1.10"' in written
    assert '<fcpxml version="1.9"' in otio.adapters.write_to_string(framed(), "panscan_fcpxml", version=1.9)
    fdl = json.loads(otio.adapters.write_to_string(framed(), "panscan_fdl", version=1.1))
    assert (fdl["version"]["major"], fdl["version"]["minor"]) == (1, 1)


def test_wishes_without_a_ratio_are_refused():
    with pytest.raises(UsageError, match="no ratio"):
        otio.adapters.write_to_string(framed(), "panscan_edl", preset="podcast")
    with pytest.raises(UsageError, match="no ratio"):
        hook(framed(), {"panscan_preset": "podcast"})


def test_a_timeline_framed_for_the_ratio_is_delivered_as_it_is():
    asked = otio.adapters.write_to_string(framed(), "panscan_fcpxml", ratio="9:16")
    assert asked == otio.adapters.write_to_string(framed(), "panscan_fcpxml")


def test_the_hook_does_nothing_unless_asked():
    unframed = make.timeline((0, 30, make.framing(MOVE)))
    unframed.find_clips()[0].effects.clear()
    before = unframed.deepcopy()
    for arguments in (None, {}, {"burrito": "bar", "adapter_arguments": {"ratio": "9:16"}, "_filepath": "x.otio"}):
        assert hook(unframed, arguments) is unframed
    assert unframed.is_equivalent_to(before)
    collection = otio.schema.SerializableCollection()
    assert hook(collection) is collection


def test_the_hook_keeps_what_is_framed_for_the_ratio():
    timeline = framed()
    assert hook(timeline, {"panscan_ratio": "9:16"}) is timeline


def test_the_hook_refuses_what_it_does_not_know():
    with pytest.raises(TypeError, match="tempo"):
        hook(framed(), {"panscan_ratio": "9:16", "panscan_tempo": 3})
    with pytest.raises(UsageError, match="not an aspect ratio"):
        hook(framed(), {"panscan_ratio": "tall"})
    with pytest.raises(InputError, match="cannot be reframed"):
        hook(otio.schema.SerializableCollection(), {"panscan_ratio": "9:16"})


def test_another_ratio_asks_for_the_media():
    """It is framed anew, which needs media that is not there."""
    with pytest.raises(InputError, match="of timeline 'talk 9x16' cannot be used") as caught:
        hook(framed(), {"panscan_ratio": "1:1"})
    assert "talk.mp4" in caught.value.why and "relink=" in caught.value.fix
    assert framing_of(framed().find_clips()[0]).canvas == make.VERTICAL


def test_readers_refuse_files_of_other_formats(tmp_path):
    path = tmp_path / "cut.edl"
    path.write_text("TITLE: cut\n")
    with pytest.raises(InputError, match="cannot be read by this adapter"):
        otio.adapters.read_from_file(str(path), "panscan_fcpxml")
