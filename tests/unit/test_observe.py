"""The single pass: one decode for all signals, none when everything is known."""

from __future__ import annotations

import dataclasses
import gc
import threading

import cv2
import numpy as np
import pytest

from panscan import ingest, registry
from panscan.errors import UsageError
from panscan.model.perception import Faces, Loudness, Saliency, ShotBoundaries
from panscan.perceive.cache import PerceptionCache
from panscan.perceive.observe import observe


class Counted:
    """A source that tells how often it was opened."""

    def __init__(self, media):
        self.media, self.opened = media, []

    def pictures(self):
        self.opened.append("pictures")
        return ingest.PictureDecoder(self.media)

    def sound(self):
        self.opened.append("sound")
        return ingest.mono_blocks(self.media)


class Closed:
    """A source that nobody may open."""

    def pictures(self):
        raise AssertionError("the pictures were decoded")

    sound = pictures


@pytest.fixture
def media(movie):
    return ingest.probe(movie("cuts"))


def same(one, two):
    for name, value in one.signals.items():
        for field in dataclasses.fields(value):
            a, b = (np.asarray(getattr(v.signals[name], field.name)) for v in (one, two))
            assert a.tobytes() == b.tobytes(), (name, field.name)
    assert list(one.signals) == list(two.signals)
    assert one.digest == two.digest


def test_one_decode_serves_all_signals(media):
    source = Counted(media)
    seen = observe(media, source)
    assert sorted(source.opened) == ["pictures", "sound"]
    assert list(seen.signals) == list(registry.entries("signals"))
    assert seen.get(ShotBoundaries).frame.tolist() == [20, 35]


def test_the_second_run_decodes_nothing(media, tmp_path):
    first = observe(media, Counted(media), cache=PerceptionCache(media.digest, tmp_path))
    second = observe(media, Closed(), cache=PerceptionCache(media.digest, tmp_path))
    same(first, second)


def test_without_a_cache_nothing_is_kept(media, tmp_path, monkeypatch):
    monkeypatch.setenv("PANSCAN_CACHE_DIR", str(tmp_path))
    observe(media, Counted(media), signals=["cuts"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("lost", "opened"), [("cuts", ["pictures"]), ("loudness", ["sound"]), ("border", ["pictures"]), ("tracks", [])]
)
def test_only_what_is_missing_is_measured(lost, opened, media, tmp_path, monkeypatch):
    cache = PerceptionCache(media.digest, tmp_path)
    first = observe(media, Counted(media), cache=cache)
    (entry,) = (tmp_path / media.digest).glob(f"{lost}-*.npz")
    entry.unlink()
    real, started = registry.load, []

    def load(what, name):
        kind = real(what, name)

        class Started(kind):
            def __init__(self, *arguments, **named):
                started.append(name)
                super().__init__(*arguments, **named)

        return Started

    monkeypatch.setattr(registry, "load", load)
    source = Counted(media)
    second = observe(media, source, cache=cache)
    assert (source.opened, started) == (opened, [lost])
    assert entry.exists()
    same(first, second)


def test_a_damaged_entry_is_measured_again(media, tmp_path):
    cache = PerceptionCache(media.digest, tmp_path)
    first = observe(media, Counted(media), cache=cache)
    entries = sorted((tmp_path / media.digest).glob("*.npz"))
    assert len(entries) == len(registry.entries("signals"))
    for content, entry in zip((b"", b"hello", entries[2].read_bytes()[:200]), entries, strict=False):
        entry.write_bytes(content)
    same(first, observe(media, Counted(media), cache=cache))
    same(first, observe(media, Closed(), cache=cache))


def test_sound_is_kept_when_the_pictures_break(media, tmp_path):
    class Torn(Counted):
        def pictures(self):
            yield next(iter(super().pictures()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        observe(media, Torn(media), cache=PerceptionCache(media.digest, tmp_path))
    source = Counted(media)
    observe(media, source, cache=PerceptionCache(media.digest, tmp_path))
    assert source.opened == ["pictures"]


def test_signals_can_be_chosen(media):
    source = Counted(media)
    seen = observe(media, source, signals=["loudness", "cuts"])
    assert list(seen.signals) == ["loudness", "cuts"]
    assert seen.get(Faces) is None
    with pytest.raises(LookupError, match=r"no Saliency.*loudness, cuts"):
        seen.need(Saliency)
    assert seen.need(Loudness) is seen.signals["loudness"]
    assert seen.digest != observe(media, source, signals=["cuts"]).digest


def test_an_unknown_signal_is_refused_before_decoding(media):
    with pytest.raises(UsageError, match="unknown signal 'smell'"):
        observe(media, Closed(), signals=["cuts", "smell"])


def test_progress_rises_to_the_end(media):
    told = []
    observe(media, Counted(media), signals=["cuts"], progress=lambda done, total: told.append((done, total)))
    assert told == [(n + 1, media.frame_count) for n in range(media.frame_count)]


def test_lightweight_signals_share_a_thread(media, monkeypatch):
    threads = {}

    def kind(name, is_light):
        class Here:
            produces, version, lightweight = Saliency, 1, is_light

            def __init__(self, media, rate_factor):
                pass

            def see(self, picture):
                threads.setdefault(name, set()).add(threading.get_ident())

            def finish(self):
                return Saliency(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0), np.zeros((0, 48), np.float32))

        Here.name = name
        return Here

    kinds = {"one": kind("one", True), "two": kind("two", True), "other": kind("other", False)}
    monkeypatch.setattr(registry, "load", lambda what, name: kinds[name])
    observe(media, Counted(media), signals=list(kinds))
    assert threads["one"] == threads["two"] and len(threads["one"]) == len(threads["other"]) == 1
    assert threads["one"] != threads["other"]


def test_settings_of_the_process_are_put_back(media):
    before, frozen = cv2.getNumThreads(), gc.get_freeze_count()
    observe(media, Counted(media), signals=["border"])
    assert (cv2.getNumThreads(), gc.get_freeze_count()) == (before, frozen)
