"""Long media is measured in spans from cut to cut: the same result, whoever measures which."""

from __future__ import annotations

import shutil
from dataclasses import fields

import numpy as np
import pytest

from panscan import ingest, measure, pipeline
from panscan.errors import InputError
from panscan.model import media as media_model
from panscan.model.perception import Objects, ShotBoundaries, Text, Tracks
from panscan.perceive.signals.cuts import ShotBoundariesSignal
from panscan.perceive.signals.objects.signal import ObjectsSignal
from panscan.perceive.signals.text import TextSignal
from panscan.request.options import request_for
from panscan.timeline.files import timeline_text

TALL = request_for("9:16")


@pytest.fixture(scope="module")
def short_spans():
    """Media of more than three seconds is long, and a span of it about five."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media_model, "LONG_S", 3)
        patch.setattr(measure, "_SPAN_S", 5)
        yield


@pytest.fixture(scope="module")
def alone(talk, short_spans):
    """What one process alone finds."""
    return pipeline.analyse(talk)


@pytest.fixture
def cache_of(monkeypatch, tmp_path):
    """Work as one of several machines, each with a cache of its own."""

    def use(name):
        monkeypatch.setenv("PANSCAN_CACHE_DIR", str(tmp_path / name))
        return tmp_path / name

    return use


def refuse(*_, **__):
    raise AssertionError("decoded again")


def same_values(one, two):
    for name, value in one.signals.items():
        for field in fields(value):
            a, b = (np.asarray(getattr(seen.signals[name], field.name)) for seen in (one, two))
            assert a.tobytes() == b.tobytes(), (name, field.name)


def test_spans_are_even_parts_moved_to_the_next_cut(talk, short_spans, cache_of):
    cache_of("one")
    media = ingest.probe(talk)
    edges = [media.frame_count * n // 3 for n in (1, 2)]
    next_cuts = [next(cut for cut in (186, 273, 351) if cut >= edge) for edge in edges]
    assert round(media.duration_s / 5) == 3 and len(set(next_cuts)) == 2
    spans = measure.analysis_spans(media)
    assert spans == ((0, next_cuts[0]), tuple(next_cuts), (next_cuts[1], media.frame_count))
    parts = measure.analysis_parts(media)
    assert [(part.name, part.first, part.end) for part in parts] == [
        ("sound", 0, media.frame_count),
        *((f"span-{n}", *span) for n, span in enumerate(spans, 1)),
    ]
    assert len({part.folder for part in parts}) == 4


def test_media_of_twenty_minutes_and_media_without_cuts_is_one_whole(talk, movie, monkeypatch):
    monkeypatch.setattr(media_model, "LONG_S", 20 * 60)
    assert measure.analysis_parts(ingest.probe(talk)) == ()
    monkeypatch.setattr(media_model, "LONG_S", 0.5)
    monkeypatch.setattr(measure, "_SPAN_S", 0.5)
    assert measure.analysis_parts(ingest.probe(movie("moving_block"))) == ()


def test_any_number_of_machines_gives_the_same_bytes(talk, alone, cache_of, monkeypatch):
    cache_of("none")
    media, told = alone.media, []
    sound, *spans = measure.analysis_parts(media)
    given: list = []
    for machine, parts in (("a", [spans[2], spans[0]]), ("b", [spans[1]])):
        own = cache_of(machine)
        for part in parts:
            measure.measure_part(media, part, progress=lambda done, total: told.append((done, total)))
            given += [(own, part.folder.name)]
    length = spans[1].end - spans[1].first
    assert told[-1] == (length, length) and min(told)[0] == 1
    given += [(own, sound.folder.name)]
    together = cache_of("together")
    for own, folder in given:
        shutil.copytree(own / folder, together / folder)
    measure.analysis_spans(media)  # the edges are looked for on each machine
    for name in ("PictureDecoder", "mono_blocks"):
        monkeypatch.setattr(ingest, name, refuse)
    joined = pipeline.analyse(talk)
    same_values(joined.perception, alone.perception)
    assert timeline_text(pipeline.reframe(joined, TALL)) == timeline_text(pipeline.reframe(alone, TALL))


def test_the_result_is_that_of_one_look_but_for_what_crosses_the_joints(alone, monkeypatch):
    monkeypatch.setattr(media_model, "LONG_S", 1000)
    whole, parts = measure.perceive(alone.media), alone.perception
    assert list(parts.need(ShotBoundaries).frame) == [186, 273, 351]
    assert parts.digest != whole.digest and set(parts.signals) == set(whole.signals)
    assert np.array_equal(parts.signals["speech"].probability, whole.signals["speech"].probability)
    for signal in ("faces", "flow", "border"):
        looked = [seen.signals[signal].looked for seen in (whole, parts)]
        assert np.all(np.diff(looked[1]) > 0) and abs(len(looked[1]) - len(looked[0])) <= 2, signal
    people = [seen.need(Tracks) for seen in (whole, parts)]
    assert len(set(people[0].person)) == len(set(people[1].person))


def test_a_killed_run_goes_on_where_it_was(talk, short_spans, cache_of, monkeypatch):
    cache_of("one")
    media = ingest.probe(talk)
    _, first, *_ = measure.analysis_parts(media)
    measure.measure_part(media, first)
    decoded = []
    decoder = ingest.PictureDecoder
    monkeypatch.setattr(ingest, "mono_blocks", refuse)
    monkeypatch.setattr(ingest, "PictureDecoder", lambda *a, **k: decoded.append(k["spans"][0]) or decoder(*a, **k))
    measure.perceive(media)
    assert decoded == list(measure.analysis_spans(media))[1:]


def test_pictures_that_do_not_decode_are_judged_over_all_spans(talk, short_spans, cache_of, monkeypatch):
    cache_of("one")
    media = ingest.probe(talk)
    spans = measure.analysis_spans(media)
    lost_share = {spans[1]: 1.0}

    class Damaged(ingest.PictureDecoder):
        """Of which pictures of some spans do not decode."""

        def _count(self, times, looks):
            (span,) = self._spans
            return super()._count(times[: round(len(times) * (1 - lost_share.get(span, 0)))], looks)

    monkeypatch.setattr(ingest, "PictureDecoder", Damaged)
    notes: list = []
    measure.perceive(media, note=notes.append)
    (note,) = notes
    assert f"{spans[1][1] - spans[1][0]} of {media.video.picture_count}" in note

    cache_of("another")
    lost_share |= dict.fromkeys(spans, 0.6)
    for _ in range(2):  # what is in the cache is no reason to believe it
        with pytest.raises(InputError, match="too few pictures"):
            measure.perceive(media)


def boundaries(*frames, soft=()):
    return ShotBoundaries(np.array(frames, int), *np.array(soft, int).reshape(-1, 2).T)


def test_no_boundary_lies_beside_a_joint(talk):
    media = ingest.probe(talk)  # 30 frames a second: a shot has 12 frames at least
    found = ShotBoundariesSignal.join(
        [
            boundaries(50, 95, soft=[(20, 30)]),
            boundaries(110, 130, 191),
            boundaries(300, soft=[(202, 208), (400, 410)]),
        ],
        ((0, 100), (100, 200), (200, 500)),
        media,
    )
    assert list(found.frame) == [50, 100, 130, 200, 300]
    assert list(zip(found.soft_first, found.soft_end, strict=True)) == [(20, 30), (400, 410)]


def test_an_overlay_ends_with_its_span(talk):
    def text(first, end):
        one = np.array([first]), np.array([end]), np.ones((1, 4)), np.array([0]), np.ones(1)
        return Text(np.array([first]), *one)

    found = TextSignal.join([text(10, 500), text(100, 300)], ((0, 100), (100, 500)), ingest.probe(talk))
    assert (list(found.first), list(found.end)) == ([10, 100], [100, 300])


def test_classes_are_those_of_a_span_that_has_some(talk):
    def objects(names, count):
        some = np.arange(count), np.ones((count, 4)), np.ones(count), np.zeros(count, int)
        return Objects(np.arange(count), *some, np.array(names, np.str_))

    found = ObjectsSignal.join([objects([], 0), objects(["cat"], 2)], ((0, 100), (100, 500)), ingest.probe(talk))
    assert list(found.names) == ["cat"] and len(found.frame) == 2 and found.available
