"""Movies whose packets, headers or clocks tell something else than what decodes, from end to end."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial

import av
import av.error
import pytest

import ill_timed
from panscan import ingest
from panscan.decoding.containers import open_container
from panscan.ingest.media import frames
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import render
from panscan.timeline.build import build_timeline
from panscan.verify import Verdict, verify

CANVAS = Size(100, 178)
KINDS = {
    "an edit list": (ill_timed.trimmed, "a.mp4"),
    "no key at the start": (ill_timed.between_keys, "a.ts"),
    "a jump forward": (ill_timed.jumping, "a.ts"),
    "a jump back": (partial(ill_timed.jumping, second_start_s=3), "a.ts"),
    "a clock that wraps": (partial(ill_timed.transport_stream, start_s=95441.7), "a.ts"),
    "a recording that was interrupted": (ill_timed.interrupted, "a.mp4"),
    "a file that is cut off": (ill_timed.cut_off, "a.mp4"),
    "bad reception": (ill_timed.gap, "a.ts"),
    "noise over pictures": (ill_timed.noisy, "a.mp4"),
    "a long last picture": (ill_timed.long_last, "a.mp4"),
    "a last picture that stays": (partial(ill_timed.held, seconds=2), "a.mp4"),
    "a clock that begins late": (partial(ill_timed.transport_stream, start_s=5000), "a.ts"),
    "dropped pictures": (ill_timed.dropped, "a.avi"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_movie_that_plays_is_rendered_and_verified(name, tmp_path):
    make, file = KINDS[name]
    probed = ingest.probe(make(tmp_path / file))
    decoded = sum(1 for _ in ingest.PictureDecoder(probed))
    camera = Camera((0,), (1.0,), (20.0,), (0.0,))
    framing = Framing(CANVAS, probed.video.display_size, probed.video.rate, (Cell(0, 0, CANVAS, camera),))
    timeline = build_timeline(probed, [(Shot(0, probed.frame_count), framing)], name="t", recipe={})
    render(timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    report = verify(tmp_path / "out.mp4", timeline, folder=tmp_path)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    with av.open(str(tmp_path / "out.mp4")) as movie:
        picture = movie.streams.video[0]
        assert movie.duration / av.time_base == pytest.approx(float(probed.duration_s), abs=1.1), "nothing before it"
        assert picture.duration * picture.time_base == pytest.approx(float(probed.duration_s), abs=0.001)
        assert sum(1 for _ in movie.decode(picture)) == decoded


def test_damage_is_told_where_a_cut_shows_it(tmp_path):
    probed = ingest.probe(ill_timed.noisy(tmp_path / "a.mp4"))

    def told(*spans):
        notes = []
        seen = {picture.frame for picture in ingest.PictureDecoder(probed, spans=spans or None, note=notes.append)}
        return seen, notes

    seen, whole = told()
    lost = sorted(set(range(probed.frame_count)) - seen)
    assert [note.split()[0] for note in whole] == [str(len(lost))]
    assert told((0, lost[0]))[1] == []
    assert told((lost[0] - 2, lost[0] + 1))[1][0].startswith("1 of 3 picture(s) do not decode")


class Unseekable:
    """A file in which a place cannot be sought, as happens near damage."""

    def __init__(self, container):
        self._container = container

    def __getattr__(self, name):
        return getattr(self._container, name)

    def seek(self, *_, **__):
        raise av.error.PermissionError(1, "Operation not permitted")


def test_a_place_that_cannot_be_sought_is_reached_from_the_start(tmp_path, monkeypatch):
    probed = ingest.probe(ill_timed.film(tmp_path / "a.mp4"))
    monkeypatch.setattr(frames, "open_container", open_unseekable)
    assert [picture.frame for picture in ingest.PictureDecoder(probed, spans=((60, 63),))] == [60, 61, 62]


@contextmanager
def open_unseekable(path):
    with open_container(path) as container:
        yield Unseekable(container)
