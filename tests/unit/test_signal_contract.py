"""What a signal's class may look like: with a base class, without one, or with the names of version 0.1."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pytest

from panscan import ingest, registry
from panscan.measure import Decoder
from panscan.perceive.cache import signal_key
from panscan.perceive.observe import observe
from panscan.perceive.signal import (
    DerivedSignal,
    PictureSignal,
    Signal,
    SoundSignal,
    complete_signal_class,
    frames_array,
)


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    frame: np.ndarray
    others: int


class Plain:
    """A signal without a base class, as an installed package may bring it."""

    name, version, produces, depends_on = "plain", 1, Count, ("border",)

    def __init__(self, media, rate_factor=1.0):
        self.frames, self.others = [], {}

    def consult(self, others):
        self.others = others

    def see(self, picture):
        self.frames.append(picture.frame)

    def finish(self):
        return Count(frames_array(self.frames), len(self.others))


def with_old_names():
    """The same as version 0.1 would have it: no attribute has a new name."""
    kept = ("name", "version", "produces", "__init__", "see", "finish")
    old = {"light": True, "after": ("border",), "attend": Plain.consult}
    return type("Old", (), {**{name: vars(Plain)[name] for name in kept}, **old})


@pytest.fixture
def measure(monkeypatch, movie):
    """Measures with a class, beside panscan's own border signal: (media, its value)."""

    def measured(kind):
        classes = {"border": registry.load("signals", "border"), "plain": kind}
        monkeypatch.setattr(registry, "load", lambda what, name: classes[name])
        media = ingest.probe(movie("cuts"))
        return media, observe(media, Decoder(media), signals=list(classes)).signals["plain"]

    return measured


def test_a_class_without_a_base_gets_the_defaults():
    complete = complete_signal_class(Plain)
    assert issubclass(complete, PictureSignal) and issubclass(complete, Plain)
    assert not (complete.lightweight or complete.uses_models or complete.idle or complete.options)
    assert complete_signal_class(Plain) is complete and complete_signal_class(complete) is complete
    assert signal_key("plain", complete) == signal_key("plain", Plain)


@pytest.mark.parametrize(
    ("method", "base"), [("see", PictureSignal), ("hear", SoundSignal), ("derive", DerivedSignal), ("other", Signal)]
)
def test_what_it_can_do_tells_its_kind(method, base):
    assert complete_signal_class(type("Some", (), {method: lambda self, given: None})).__mro__[2] is base


def test_a_class_without_a_base_is_measured(measure):
    media, value = measure(Plain)
    assert value.frame.tolist() == list(range(media.frame_count)) and value.others == 1


def test_old_names_work_and_warn(measure):
    old = with_old_names()
    with pytest.warns(DeprecationWarning, match=r"after, light, attend; now depends_on, lightweight, consult"):
        complete = complete_signal_class(old)
    assert complete.depends_on == ("border",) and complete.lightweight
    media, value = measure(old)
    assert value.frame.tolist() == list(range(media.frame_count)) and value.others == 1


def test_a_class_with_both_names_is_left_alone():
    both = type("Both", (Plain,), {"after": ("cuts",)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert complete_signal_class(both).depends_on == ("border",)


def test_a_signal_without_its_methods_cannot_be_made(movie):
    half = type("Half", (PictureSignal,), {"see": lambda self, picture: None})
    with pytest.raises(TypeError, match="finish"):
        half(ingest.probe(movie("cuts")))


def test_signals_that_wait_for_each_other_are_refused(monkeypatch, movie):
    one, two = (type(name, (Plain,), {"depends_on": (of,)}) for name, of in (("One", "two"), ("Two", "one")))
    monkeypatch.setattr(registry, "load", lambda what, name: {"one": one, "two": two}[name])
    media = ingest.probe(movie("cuts"))
    with pytest.raises(ValueError, match="one -> two -> one"):
        observe(media, Decoder(media), signals=["one", "two"])
