"""Whoever changes what a signal measures raises its `version`, or cached values of the old kind go on being used.

`signal_sources.json` holds, for each of panscan's signals, its version, a digest of the sources that its value depends
on, and its name in the cache. Written anew by

    pytest tests/contract/test_signal_sources.py --update-golden
"""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path

import pytest

import documents as make
import signal_sources
from panscan import registry
from panscan.files import write_text

GOLDEN = Path(__file__).with_name("signal_sources.json")
UPDATE = "pytest tests/contract/test_signal_sources.py --update-golden"
SIGNALS = list(registry.SIGNALS)


def present():
    """What the golden file should say."""
    modules = {name: signal_sources.modules_of(name) for name in SIGNALS}
    keys = signal_sources.signal_keys(make.media())
    return {
        "signals": {
            name: {
                "version": registry.load("signals", name).version,
                "key": keys[name],
                "sources": hashlib.blake2b(
                    " ".join(sorted(map(signal_sources.module_digest, modules[name]))).encode(), digest_size=8
                ).hexdigest(),
            }
            for name in SIGNALS
        },
        "modules": {
            module: signal_sources.module_digest(module)
            for module in sorted({m for of in modules.values() for m in of})
        },
    }


@pytest.fixture(scope="module")
def now():
    return present()


@pytest.fixture(scope="module")
def golden(now, request):
    """What the file says; with --update-golden it is written, and nothing is compared."""
    before = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {"signals": {}}
    if not request.config.getoption("--update-golden"):
        return before
    write_text(json.dumps(now, indent=1) + "\n", GOLDEN)
    same = [
        name
        for name, old in before["signals"].items()
        if name in SIGNALS
        and old["sources"] != now["signals"][name]["sources"]
        and old["version"] == now["signals"][name]["version"]
    ]
    told = f"; not one bit of these may differ, whose version stays: {', '.join(same)}" if same else ""
    pytest.skip(f"{GOLDEN.name} was written{told}")


def changed_modules(name, now, golden):
    """The modules of a signal that are new or do something else than they did."""
    known = golden["modules"].values()
    return [module for module in signal_sources.modules_of(name) if now["modules"][module] not in known]


def test_all_of_ours_are_told(golden):
    assert list(golden["signals"]) == SIGNALS, f"run {UPDATE}"


@pytest.mark.parametrize("name", SIGNALS)
def test_a_version_stands_for_its_sources(name, now, golden):
    old, new = golden["signals"][name], now["signals"][name]
    assert new["version"] >= old["version"], f"{name}: a version that was used before names old values"
    changed = ", ".join(changed_modules(name, now, golden)) or "what it imports"
    where = registry.entries("signals")[name].target.partition(":")[0]
    assert (new["sources"], new["version"]) == (old["sources"], old["version"]), (
        f"the sources or the version of the signal {name!r} changed ({changed}). If the same movie may now give "
        f"another value, raise `version` in {where}; if not one bit can differ, leave it. Then run: {UPDATE}"
    )


@pytest.mark.parametrize("name", SIGNALS)
def test_its_name_in_the_cache_stays(name, now, golden):
    old, new = golden["signals"][name], now["signals"][name]
    assert new["key"] == old["key"], (
        f"every movie will be looked at again for {name!r}, and no timeline that was made before is kept. If that is "
        f"meant (its version, its options, or those of a signal that it consults), run {UPDATE}"
    )


# --- what counts as a change


def digest(text):
    return "".join(signal_sources._meaning(ast.parse(text)))


PLAIN = "from panscan.model.shots import shots_of\n_RATE_HZ = 4.0\ndef f(a, b=2):\n    return a * _RATE_HZ\n"


@pytest.mark.parametrize(
    "text",
    [
        f'"""A module."""\n{PLAIN}',
        PLAIN.replace("4.0", "4.0  # per second"),
        PLAIN.replace("def f(a, b=2)", "def f(a: int, b: int = 2) -> float"),
        PLAIN.replace("    return", '    """A function."""\n\n    return'),
        PLAIN.replace("a * _RATE_HZ", "(\n        a\n        * _RATE_HZ\n    )"),
        PLAIN.replace("panscan.model.shots", "panscan.arrays.shots"),
    ],
    ids=["docstring", "comment", "annotations", "docstring of a function", "formatting", "moved module"],
)
def test_what_changes_no_value_does_not_count(text):
    assert text != PLAIN and digest(text) == digest(PLAIN)


@pytest.mark.parametrize(
    ("old", "new"), [("4.0", "5.0"), ("b=2", "b=3"), ("a *", "a +"), ("import shots_of", "import spans as shots_of")]
)
def test_what_may_change_a_value_counts(old, new):
    assert digest(PLAIN.replace(old, new)) != digest(PLAIN)


def test_sources_are_followed_through_all_that_is_imported():
    found = signal_sources.modules_of("tracks")
    assert {"perceive/tracking/tracks.py", "perceive/tracking/association.py"} <= set(found)
    assert "model/perception/people.py" in found
    assert "ingest/media/frames.py" in signal_sources.modules_of("cuts"), "what decodes for it"
    assert "ingest/media/audio.py" in signal_sources.modules_of("loudness")
    assert not [module for module in found if module.startswith(("perceive/observe", "perceive/cache", "ingest/"))]
