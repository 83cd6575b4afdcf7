"""What a signal was measured from is part of its name on disk: a change anywhere before it measures it anew."""

from __future__ import annotations

import numpy as np
import pytest

import documents as make
from panscan import registry
from panscan.model.perception import ShotBoundaries
from panscan.perceive.cache import PerceptionCache, signal_key
from panscan.perceive.observe import observe


class Nothing:
    """A source with nothing in it: these signals follow from each other."""

    def pictures(self):
        raise AssertionError("the pictures were decoded")

    sound = pictures


def chain(derived, **changed):
    """Three signals, each of which consults the one before, and one alone; `changed`: attributes of a signal by name.

    Each writes into `derived` that it was made, and its value is one more than what it consults.
    """

    def kind(name, consulted):
        class Signal:
            version, depends_on, produces = 1, consulted, ShotBoundaries

            def __init__(self, media, rate_factor):
                pass

            def derive(self, values):
                derived.append(name)
                step = getattr(self, "step", 1)
                return ShotBoundaries(np.array([step + sum(int(value.frame[0]) for value in values.values())]))

        for attribute, value in changed.get(name, {}).items():
            setattr(Signal, attribute, value)
        return Signal

    return {"first": kind("first", ()), "second": kind("second", ("first",)), "third": kind("third", ("second",))} | {
        "alone": kind("alone", ())
    }


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """Observes the chain: what each signal says, and which were made for it."""

    def observed(**changed):
        derived = []
        kinds = chain(derived, **changed)
        monkeypatch.setattr(registry, "load", lambda group, name: kinds[name])
        found = observe(make.media(), Nothing(), signals=list(kinds), cache=PerceptionCache("media", tmp_path))
        return {name: int(value.frame[0]) for name, value in found.signals.items()}, derived, found.digest

    return observed


def test_what_is_known_is_not_made_again(seen):
    values, made, digest = seen()
    assert values == {"first": 1, "second": 2, "third": 3, "alone": 1} and made == ["first", "second", "third", "alone"]
    assert seen() == (values, [], digest)


@pytest.mark.parametrize("change", [{"version": 2}, {"options": ("finer",)}, {"options": lambda: ("finer",)}])
def test_a_change_of_a_signal_is_a_change_of_all_that_consult_it(seen, change):
    _, _, before = seen()
    values, made, digest = seen(first={**change, "step": 11})
    assert made == ["first", "second", "third"], "not the one that consults none of them"
    assert values == {"first": 11, "second": 12, "third": 13, "alone": 1}
    assert digest != before, "nothing that was decided on the old values counts as decided on these"


def test_a_change_in_the_middle_leaves_what_lies_before(seen):
    seen()
    values, made, _ = seen(second={"version": 2, "step": 11})
    assert made == ["second", "third"] and values == {"first": 1, "second": 12, "third": 13, "alone": 1}


def test_a_key_names_signal_version_options_pace_and_what_it_consults():
    class Kind:
        version, options = 3, ("a",)

    class Other(Kind):
        options = ("b",)

    class Newer(Kind):
        version = 4

    keys = [
        signal_key("faces", Kind),
        signal_key("pose", Kind),
        signal_key("faces", Newer),
        signal_key("faces", Other),
        signal_key("faces", Kind, 0.5),
        signal_key("faces", Kind, 1.0, ["cuts-v1-0"]),
        signal_key("faces", Kind, 1.0, ["cuts-v2-0"]),
    ]
    assert keys[0].startswith("faces-v3-") and len(set(keys)) == len(keys)
    assert signal_key("faces", Kind, 1.0, ["cuts-v1-0"]) == keys[5], "the same in every run"
