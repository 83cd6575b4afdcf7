"""What every signal in the registry keeps, ours and those of other packages."""

from __future__ import annotations

import dataclasses
import pickle
from functools import cache

import numpy as np
import pytest

from panscan import ingest, registry
from panscan.perceive.cache import PerceptionCache, signal_key
from panscan.perceive.observe import observe
from panscan.perceive.signal import DerivedSignal, Signal, complete_signal_class

SIGNALS = sorted(registry.entries("signals"))
MOVIES = ("cuts", "rotated", "vfr", "odd_sized", "one_frame", "late_video", "silent", "talk")


class Source:
    def __init__(self, media):
        self.media = media

    def pictures(self):
        return ingest.PictureDecoder(self.media)

    def sound(self):
        return ingest.mono_blocks(self.media)


def with_consulted(name):
    """A signal and all that it consults, directly or not."""
    consulted = complete_signal_class(registry.load("signals", name)).depends_on
    return [*(other for first in consulted for other in with_consulted(first)), name]


def measured(name, media):
    return observe(media, Source(media), signals=list(dict.fromkeys(with_consulted(name)))).signals[name]


def columns(value):
    return {field.name: np.asarray(getattr(value, field.name)) for field in dataclasses.fields(value)}


@pytest.fixture(scope="module")
def values(movie, talk_seen):
    """Each signal of each movie, all measured together, once; the talk is the one with people and speech."""

    @cache
    def perception(clip):
        if clip == "talk":
            return talk_seen[1]
        media = ingest.probe(movie(clip))
        return observe(media, Source(media), signals=SIGNALS)

    return lambda name, clip: perception(clip).signals[name]


@pytest.fixture(scope="module")
def probed(movie, talk_seen):
    return lambda clip: talk_seen[0] if clip == "talk" else ingest.probe(movie(clip))


def test_the_registry_holds_signals():
    assert len(SIGNALS) >= 6


@pytest.mark.parametrize("name", SIGNALS)
def test_it_declares_itself(name):
    kind = registry.load("signals", name)
    assert kind.name == name and kind.__doc__
    assert isinstance(kind.version, int) and kind.version >= 1
    assert sum(hasattr(kind, how) for how in ("see", "hear", "derive")) == 1
    assert hasattr(kind, "finish") != hasattr(kind, "derive")
    complete = complete_signal_class(kind)
    assert set(complete.depends_on) <= set(SIGNALS) - {name}
    reads_others = issubclass(complete, DerivedSignal) or complete.consult is not Signal.consult
    assert bool(complete.depends_on) == reads_others
    assert dataclasses.is_dataclass(kind.produces) and kind.produces.__dataclass_params__.frozen
    ours = registry.entries("signals")[name].source == "panscan"
    assert kind.produces.__module__.startswith("panscan.model.perception.") or not ours


def test_no_two_signals_produce_the_same_type():
    produced = [registry.load("signals", name).produces for name in SIGNALS]
    assert len(set(produced)) == len(produced)


@pytest.mark.parametrize("clip", MOVIES)
@pytest.mark.parametrize("name", SIGNALS)
def test_its_frames_rise_inside_the_media(name, clip, values, probed):
    media = probed(clip)
    value = values(name, clip)
    assert type(value) is registry.load("signals", name).produces
    for column, rows in columns(value).items():
        if column not in ("frame", "looked", "since"):
            continue
        assert rows.dtype == np.int64 and rows.ndim == 1, column
        assert np.all((rows >= 0) & (rows < media.frame_count)), column
        # Several things may be seen at one frame, but no look happens twice, nor is one thing twice at one frame.
        tracked = column == "frame" and hasattr(value, "track")
        threads = [rows[value.track == n] for n in np.unique(value.track)] if tracked else [rows]
        least = 0 if column == "frame" and not tracked else 1
        assert all(np.all(np.diff(thread) >= least) for thread in threads), column
    if hasattr(value, "frame") and hasattr(value, "looked"):
        assert np.isin(value.frame, value.looked).all()


@pytest.mark.parametrize("clip", MOVIES)
@pytest.mark.parametrize("name", SIGNALS)
def test_its_numbers_are_finite_and_its_boxes_real(name, clip, values, probed):
    display = probed(clip).video.display_size
    found = columns(values(name, clip))
    for column, rows in found.items():
        if column == "body_px":  # known or not, as a whole
            known = np.isfinite(rows).all(axis=1)
            assert np.isnan(rows[~known]).all() and np.all(rows[known, 2:] > 0)
            continue
        assert rows.dtype.kind in "SUb" or np.isfinite(rows).all(), column
        assert rows.dtype.kind in "SUbif", column
        if column in ("score", "sharpness", "confidence", "weight", "probability", "offscreen"):
            assert np.all((rows >= 0) & (rows <= 1 + 1e-6)), column
    if "box_px" in found:
        boxes = found["box_px"].reshape(-1, 4)
        assert np.all(boxes[:, 2:] > 0)
        center = boxes[:, :2] + boxes[:, 2:] / 2
        assert np.all((center > -boxes[:, 2:]) & (center < [display.width, display.height] + boxes[:, 2:]))
    lengths = {len(rows) for column, rows in found.items() if column in ("frame", "box_px", "score", "weight")}
    assert len(lengths) <= 1 or name == "border"


@pytest.mark.parametrize("name", SIGNALS)
def test_the_same_movie_gives_the_same_value_measured_alone(name, values, movie):
    again = columns(measured(name, ingest.probe(movie("cuts"))))
    for column, rows in columns(values(name, "cuts")).items():
        assert rows.tobytes() == again[column].tobytes(), column


@pytest.mark.parametrize("name", SIGNALS)
def test_it_ends_without_having_seen_anything(name, movie):
    media = ingest.probe(movie("one_frame"))
    signal = registry.load("signals", name)(media)
    value = signal.derive({}) if hasattr(signal, "derive") else signal.finish()
    assert type(value) is registry.load("signals", name).produces
    for column, rows in columns(value).items():
        assert rows.dtype.kind in "SUb" or np.isfinite(rows).all(), column


@pytest.mark.parametrize("clip", ["cuts", "silent", "talk"])
@pytest.mark.parametrize("name", SIGNALS)
def test_its_value_survives_cache_and_process_border_bit_by_bit(name, clip, values, tmp_path):
    value, kind = values(name, clip), registry.load("signals", name)
    kept = PerceptionCache("media", tmp_path)
    kept.store(signal_key(name, kind), value)
    for copy in (kept.load(signal_key(name, kind), kind.produces), pickle.loads(pickle.dumps(value))):
        assert type(copy) is type(value)
        for column, rows in columns(value).items():
            read = columns(copy)[column]
            assert (read.dtype, read.shape, read.tobytes()) == (rows.dtype, rows.shape, rows.tobytes()), column


def test_keys_tell_versions_and_options_apart():
    class Kind:
        version, options = 1, (640, 7.5)

    class Newer(Kind):
        version = 2

    class Finer(Kind):
        options = (960, 7.5)

    keys = {signal_key("faces", kind) for kind in (Kind, Newer, Finer)} | {signal_key("flow", Kind)}
    assert len(keys) == 4
    assert signal_key("faces", Kind) == signal_key("faces", type("Same", (Kind,), {}))
    assert all(key.replace("-", "").isalnum() for key in keys)
