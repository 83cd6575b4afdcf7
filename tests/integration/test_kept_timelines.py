"""Timelines that version 0.1 made are kept: nobody's keys are lost because panscan was rebuilt.

Recipes hold digests of media and perception, and these hold the keys of the cache. The movie has the same bytes
everywhere, so the digests have to be the stored ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import media
from commandline import panscan
from panscan import ingest, pipeline, registry
from panscan.perceive import observe
from panscan.request import recipe
from panscan.timeline.files import read_timeline, recipe_of

MADE_BY_0_1 = Path(__file__).parent / "data" / "version_0_1"
OPTIONS = {
    "exact.9x16.otio": (),
    "exact.1x1.otio": (
        *("--ratio", "1:1", "--preset", "podcast", "--method", "gravity", "--mode", "responsive"),
        *("--layouts", "fit,split-2,single", "--avoid", "crowd, logo", "--tolerance", "2", "--no-speaker"),
        *("--override", MADE_BY_0_1 / "hand.toml"),
    ),
}


@pytest.fixture(scope="module")
def movie(tmp_path_factory):
    return media.exact(tmp_path_factory.mktemp("movie") / "exact.y4m")


# Signals whose values have changed on purpose since, with the names in the cache that they had.
RAISED = {
    "border": "border-v2-5223927f",
    "cuts": "cuts-v5-2668911c",
    "flow": "flow-v5-68563568",
    "saliency": "saliency-v2-8040288d",
    "screen": "screen-v2-928abb85",
    "speaker": "speaker-v1-89384262",
    "text": "text-v2-6a5717a2",
    "tracks": "tracks-v7-d544c822",
}
ADDED = {"hands", "screen_events"}  # signals that are measured since
# Layouts of presets that have changed on purpose since, as they were.
LAYOUTS = {"podcast": ["single", "split-2", "split-3", "split-4"]}


def version_in(key):
    return int(key.split("-")[1].removeprefix("v"))


@pytest.fixture
def version(monkeypatch):
    """A new version makes timelines anew on purpose, as does a signal or a preset that changed; all else stays."""
    monkeypatch.setattr(recipe, "__version__", "0.1.0")

    def known_by_0_1(kind, real=registry.entries):
        return {name: entry for name, entry in real(kind).items() if name not in ADDED}

    monkeypatch.setattr(registry, "entries", known_by_0_1)

    def key_of_0_1(name, *rest, real=observe.signal_key):
        key = real(name, *rest)
        assert name not in RAISED or version_in(key) > version_in(RAISED[name]), "it is listed in vain"
        return RAISED.get(name, key) if len(rest) > 1 and rest[1] == 1.0 else key

    monkeypatch.setattr(observe, "signal_key", key_of_0_1)

    def recipe_of_0_1(preset, real=recipe.timeline_recipe):
        values = real(preset)
        assert values["layouts"] != LAYOUTS.get(preset.name), "it is listed in vain"
        return values | {"layouts": LAYOUTS.get(preset.name, values["layouts"])}

    monkeypatch.setattr(recipe, "timeline_recipe", recipe_of_0_1)


@pytest.fixture
def stored(tmp_path, version):
    """A folder with copies of the timelines that version 0.1 made."""
    for name in OPTIONS:
        (tmp_path / name).write_bytes((MADE_BY_0_1 / name).read_bytes())
    return tmp_path


def test_the_movie_is_the_one_that_was_looked_at(movie):
    recipe = recipe_of(read_timeline(MADE_BY_0_1 / "exact.9x16.otio"))
    assert ingest.probe(movie).digest == recipe["media"]


def test_what_was_measured_has_the_name_it_had(movie, version):
    """Another digest means another name of some signal in the cache: see tests/contract/test_signal_sources.py."""
    recipe = recipe_of(read_timeline(MADE_BY_0_1 / "exact.9x16.otio"))
    assert pipeline.analyse(movie).perception.digest == recipe["perception"]


@pytest.mark.parametrize("name", OPTIONS)
def test_it_is_kept_as_it_is(name, stored, movie):
    before = (stored / name).read_bytes()
    ran = panscan("reframe", movie, "-o", stored, "--to", "otio", "--json", *OPTIONS[name])
    assert ran.code == 0 and f"{name} (kept: same settings" in ran.err, ran.err
    assert [made["kept"] for made in ran.data] == [True]
    assert (stored / name).read_bytes() == before and not list(stored.glob("*.before"))


@pytest.mark.parametrize(
    "changed", [("--method", "gravity"), ("--avoid", "logo"), ("--tolerance", "2"), ("--no-speaker",), ("--fast",)]
)
def test_another_setting_makes_another(changed, stored, movie):
    """Or a recipe that says nothing would pass."""
    ran = panscan("reframe", movie, "-o", stored, "--to", "otio", "--json", *changed)
    assert [made["kept"] for made in ran.data] == [False]
