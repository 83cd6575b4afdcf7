"""Segments of a movie that other processes encode, in other folders and with the media elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path

import pytest

import media
from panned_renders import QUICK, edited, whole
from panscan.errors import RenderError
from panscan.ingest.media.probe import probe
from panscan.render import RenderSettings, encode_segment, prepare_segments, relocate_media, render
from panscan.render.segments import encoding, processes, ranges

# What another machine is told: a folder with a timeline in it, settings, and segments.
ELSEWHERE = """
import json, sys
from pathlib import Path
from panscan.decoding import index
from panscan.render import RenderSettings, SegmentOrder, encode_segment
index.scan_packets = None  # which pictures there are is told
folder, settings, spans = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
for span in spans:
    encode_segment(SegmentOrder(*span, folder, folder, RenderSettings(**settings)))
"""


@pytest.fixture(autouse=True)
def short_segments(monkeypatch):
    monkeypatch.setattr(ranges, "_MIN_SEGMENT_S", Fraction(2, 5))
    monkeypatch.setattr(ranges, "_MAX_SEGMENT_S", Fraction(6, 5))


def at_film_rate(folder):
    source = probe(media.cuts(folder / "film.mp4", rate=Fraction(24000, 1001)))
    return source, edited(source, [(0, 20), (20, 35), (35, 60)])


def of_variable_rate(folder):
    source = probe(media.vfr(folder / "film.mp4", frames=60))
    return source, whole(source)


@pytest.mark.parametrize(
    ("made", "settings", "name"),
    [
        (at_film_rate, RenderSettings(), "out.mp4"),
        (at_film_rate, RenderSettings.of("prores", "draft"), "out.mov"),
        (of_variable_rate, RenderSettings(), "out.mp4"),
    ],
)
def test_a_movie_is_the_same_whoever_encodes_its_segments(tmp_path, made, settings, name):
    source, timeline = made(tmp_path)
    alone = tmp_path / f"alone-{name}"
    assert render(timeline, output=alone, settings=replace(settings, jobs=1)).sound == "copied"

    go = {"output": tmp_path / name, "settings": settings, "parts_folder": tmp_path / "parts"}
    prepared = prepare_segments(timeline, **go)
    assert prepared.missing == list(prepared.orders) and len(prepared.orders) > 1
    elsewhere = tmp_path / "another machine" / "parts"
    moved = tmp_path / "another machine" / "moved film.mp4"
    elsewhere.mkdir(parents=True)
    for file in (prepared.orders[0].timeline, prepared.orders[0].index):
        shutil.copy(file, elsewhere)
    relocate_media(elsewhere, {Path(source.path).as_uri(): moved})
    Path(source.path).rename(moved)  # whoever would look for it in the old place fails
    sent = prepared.orders[1::2]
    spans = [(order.number, order.first, order.end) for order in sent]
    script = [sys.executable, "-c", ELSEWHERE, str(elsewhere), json.dumps(asdict(sent[0].settings)), json.dumps(spans)]
    subprocess.run(script, check=True, cwd="/")
    moved.rename(source.path)
    for order in sent:
        for path in (order.path, order.note):
            shutil.copy(elsewhere / path.name, path)

    assert prepared.missing == list(prepared.orders[::2])
    render(timeline, **go)
    assert (tmp_path / name).read_bytes() == alone.read_bytes()


def test_segments_of_another_build_of_the_encoder_are_refused(tmp_path):
    _, timeline = at_film_rate(tmp_path)
    go = {"output": tmp_path / "out.mp4", "settings": QUICK, "parts_folder": tmp_path / "parts"}
    first = prepare_segments(timeline, **go).orders[0]
    encode_segment(first)
    first.note.write_text(json.dumps(json.loads(first.note.read_text()) | {"build": "FFmpeg 5.1"}))
    with pytest.raises(RenderError, match="another build of the encoder: 0") as refused:
        render(timeline, **go)
    assert "FFmpeg 5.1" in refused.value.why and not (tmp_path / "out.mp4").exists()


def test_a_render_goes_on_with_the_segments_of_its_folder(tmp_path, monkeypatch):
    _, timeline = at_film_rate(tmp_path)
    go = {"output": tmp_path / "out.mp4", "settings": QUICK, "parts_folder": tmp_path / "parts"}
    prepared = prepare_segments(timeline, **go)
    encode_segment(prepared.orders[1])
    encoded = []

    def killed(order):
        if encoded:
            raise KeyboardInterrupt
        encoded.append(order.number)
        encode_segment(order)

    monkeypatch.setattr(processes, "encode_segment", killed)
    with pytest.raises(KeyboardInterrupt):
        render(timeline, **go)
    monkeypatch.setattr(
        processes, "encode_segment", lambda order: encoded.append(order.number) or encode_segment(order)
    )
    render(timeline, **go)
    assert encoded == [0, 2]
    render(timeline, **go | {"output": tmp_path / "again.mp4"})  # nothing is encoded any more
    assert encoded == [0, 2] and (tmp_path / "again.mp4").read_bytes() == (tmp_path / "out.mp4").read_bytes()


def test_a_process_reads_the_timeline_once_for_all_its_segments(tmp_path, monkeypatch):
    _, timeline = at_film_rate(tmp_path)
    read, real = [], encoding.read_timeline
    monkeypatch.setattr(encoding, "read_timeline", lambda path: read.append(path) or real(path))
    render(timeline, output=tmp_path / "out.mp4", settings=QUICK, parts_folder=tmp_path / "parts")
    assert read == [tmp_path / "parts" / "timeline.otio"]
