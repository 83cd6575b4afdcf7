"""Names -> implementations: all load, none clash, unknown ones are told."""

from __future__ import annotations

from importlib import metadata
from types import SimpleNamespace

import pytest

from panscan import registry
from panscan.errors import CapabilityError, UsageError

ENTRIES = [entry for kind in registry.KINDS for entry in registry.entries(kind).values()]


def register(monkeypatch, *points):
    """Pretend that installed packages bring entry points: (group, name, target, distribution)."""

    def found(*, group):
        return [
            SimpleNamespace(name=name, value=target, dist=SimpleNamespace(name=owner) if owner else None)
            for where, name, target, owner in points
            if where == group
        ]

    monkeypatch.setattr(registry, "entry_points", found)
    registry.refresh()


@pytest.fixture(autouse=True)
def forgotten():
    """What one test pretends to be installed is gone for the next."""
    yield
    registry.refresh()


def test_there_are_entries():
    assert len(ENTRIES) >= 10
    assert set(registry.KINDS) >= {"signals", "methods", "exporters"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e.kind}:{e.name}")
def test_every_entry_loads_and_is_documented(entry):
    loaded = registry.load(entry.kind, entry.name)
    assert loaded.__doc__ and (callable(loaded) or entry.kind == "modes")
    assert entry.target.count(":") == 1
    assert entry.name == entry.name.lower() and " " not in entry.name


def test_no_target_has_two_names():
    assert len({entry.target for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_an_unknown_name_is_answered_with_the_known_ones(kind):
    with pytest.raises(UsageError, match="unknown") as refused:
        registry.load(kind, "no such thing")
    assert all(name in refused.value.why for name in registry.entries(kind))
    assert refused.value.fix and refused.value.exit_code == 2


def test_an_installed_package_can_bring_a_name(monkeypatch):
    register(monkeypatch, ("panscan.methods", "luck", "json:dumps", "panscan-luck"))
    known = registry.entries("methods")
    assert next(iter(known)) == "adaptive" and known["luck"].source == "panscan-luck"
    import json

    assert registry.load("methods", "luck") is json.dumps
    assert "luck" not in registry.entries("signals")


@pytest.mark.parametrize("owner", ["panscan-other", None])
def test_a_package_may_not_take_a_name_of_ours(owner, monkeypatch):
    register(monkeypatch, ("panscan.signals", "faces", "json:dumps", owner))
    with pytest.raises(UsageError, match="two packages register the signal 'faces'") as refused:
        registry.entries("signals")
    assert "panscan" in refused.value.why and (owner or "unknown") in refused.value.fix


def test_two_packages_may_not_take_the_same_name(monkeypatch):
    register(
        monkeypatch,
        ("panscan.exporters", "avid", "json:dumps", "panscan-one"),
        ("panscan.exporters", "avid", "json:loads", "panscan-two"),
    )
    with pytest.raises(UsageError, match="avid") as refused:
        registry.load("exporters", "otio")
    assert "panscan-one" in refused.value.why and "panscan-two" in refused.value.why


def test_naming_a_thing_loads_nothing(monkeypatch):
    register(monkeypatch, ("panscan.signals", "smell", "no_such_module:Smell", "panscan-smell"))
    assert "smell" in registry.entries("signals")
    with pytest.raises(CapabilityError, match="the signal 'smell' of panscan-smell cannot be loaded") as refused:
        registry.load("signals", "smell")
    assert "no_such_module" in refused.value.why and "uninstall it" in refused.value.fix


def test_a_package_that_lacks_what_it_names_is_told(monkeypatch):
    register(monkeypatch, ("panscan.methods", "luck", "json:no_such_thing", "panscan-luck"))
    with pytest.raises(CapabilityError, match="the method 'luck' of panscan-luck cannot be loaded") as refused:
        registry.load("methods", "luck")
    assert "no_such_thing" in refused.value.why


def test_real_entry_points_are_looked_up():
    assert registry.entry_points is metadata.entry_points
