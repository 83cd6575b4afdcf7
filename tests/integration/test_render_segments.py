"""Renders in segments and several from one decoding: the same pictures, resumed after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

import media
import media_shapes
import tagged
from panned_renders import CANVAS, QUICK, edited, film_in, left_over, packets, pictures, same, scenes_in, whole
from panscan.ingest.media.probe import probe
from panscan.model.geometry import Size
from panscan.render import RenderSettings, encode_segment, render, render_many
from panscan.render import encode as encode_module
from panscan.render.picture.hdr_metadata import hdr_metadata_of
from panscan.render.segments import processes, ranges
from panscan.timeline.cut import read_cut
from panscan.timeline.files import write_timeline


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return film_in(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scenes_in(tmp_path_factory.mktemp("scenes"))


# Several from one decoding.


@pytest.mark.parametrize("ranges", [[(0, 20), (20, 60)], [(5, 20), (30, 44)]])
def test_several_from_one_decoding_equal_single_renders(scenes, tmp_path, monkeypatch, ranges):
    folder, source = scenes
    timelines = [edited(source, ranges, canvas) for canvas in (CANVAS, Size(160, 160), Size(128, 160))]
    for n, timeline in enumerate(timelines):
        render(timeline, folder=folder, output=tmp_path / f"single{n}.mp4", settings=QUICK)
    opened, real = [], encode_module.plan_decoding

    def planned(cuts, *rest):
        opened.append(len(cuts))
        return real(cuts, *rest)

    monkeypatch.setattr(encode_module, "plan_decoding", planned)
    wanted = [(timeline, tmp_path / f"many{n}.mp4") for n, timeline in enumerate(timelines)]
    results = render_many(wanted, folder=folder, settings=QUICK)
    assert opened == [3] and [r.output for r in results] == [path for _, path in wanted]
    for n in range(3):
        assert (tmp_path / f"many{n}.mp4").read_bytes() == (tmp_path / f"single{n}.mp4").read_bytes()


def test_other_cuts_are_decoded_apart(scenes, tmp_path):
    folder, source = scenes
    wanted = [
        (edited(source, ranges), tmp_path / f"{n}.mp4") for n, ranges in enumerate(([(0, 10)], [(30, 45)], [(0, 60)]))
    ]
    assert [r.frame_count for r in render_many(wanted, folder=folder, settings=QUICK)] == [10, 15, 60]


# Segments.


@pytest.fixture
def short_segments(monkeypatch):
    monkeypatch.setattr(ranges, "_MIN_SEGMENT_S", Fraction(2, 5))
    monkeypatch.setattr(ranges, "_MAX_SEGMENT_S", Fraction(6, 5))


@pytest.mark.parametrize("ranges", [[(0, 20), (20, 35), (35, 60)], [(5, 20), (30, 58)]])
def test_segments_show_what_one_piece_shows(scenes, tmp_path, short_segments, ranges):
    folder, source = scenes
    timeline = edited(source, ranges)
    lossless = RenderSettings(preset="veryfast", crf=0)
    render(timeline, folder=folder, output=tmp_path / "one.mp4", settings=lossless)
    render(timeline, folder=folder, output=tmp_path / "cut.mp4", settings=replace(lossless, jobs=1))
    assert same(tmp_path / "one.mp4", tmp_path / "cut.mp4")
    assert packets(tmp_path / "one.mp4") == packets(tmp_path / "cut.mp4")
    assert left_over(tmp_path) == []


def test_any_number_of_processes_gives_the_same_movie(scenes, tmp_path, short_segments):
    folder, source = scenes
    timeline = edited(source, [(0, 20), (20, 35), (35, 60)])
    for jobs in (1, 2):
        render(timeline, folder=folder, output=tmp_path / f"{jobs}.mp4", settings=RenderSettings(jobs=jobs))
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()


@pytest.mark.parametrize(("codec", "suffix"), [("h265", ".mp4"), ("av1", ".mkv"), ("prores", ".mov")])
def test_segments_of_other_codecs(scenes, tmp_path, short_segments, codec, suffix):
    folder, source = scenes
    timeline, settings = edited(source, [(0, 20), (20, 60)]), RenderSettings.of(codec, "draft")
    one, cut = tmp_path / f"one{suffix}", tmp_path / f"cut{suffix}"
    render(timeline, folder=folder, output=one, settings=settings)
    render(timeline, folder=folder, output=cut, settings=replace(settings, jobs=1))
    a, b = pictures(one), pictures(cut)
    assert [t for t, _ in a] == [t for t, _ in b] and len(b) == 60
    unit = 1 if a[0][1].dtype == np.uint8 else 4
    # The same pictures, encoded apart by a coarse encoder.
    assert max(np.abs(x.astype(float) - y).mean() / unit for (_, x), (_, y) in zip(a, b, strict=True)) < 4
    assert probe(cut).video.codec == probe(one).video.codec


@pytest.mark.parametrize(("codec", "suffix"), [("h264", ".mp4"), ("h264", ".mov"), ("h265", ".mp4")])
def test_segments_keep_timecode_and_colours(tmp_path, short_segments, codec, suffix):
    path = tagged.hdr_film(tmp_path / "film.mov") if codec == "h265" else media.with_timecode(tmp_path / "film.mov")
    told = []
    for output, jobs in ((tmp_path / f"one{suffix}", 0), (tmp_path / f"cut{suffix}", 1)):
        settings = replace(RenderSettings.of(codec, "draft"), jobs=jobs)
        render(whole(probe(path)), folder=tmp_path, output=output, settings=settings)
        made = probe(output)
        with av.open(str(output)) as container:
            hdr = hdr_metadata_of(next(container.decode(video=0)))
        told.append((made.timecode, made.video.rate, made.video.colour, hdr))
    assert told[0] == told[1]
    assert told[0][0] or told[0][3], "there is something to be kept"


def test_a_segment_in_which_a_picture_just_stays(tmp_path, short_segments):
    path = media_shapes.made("gif_uneven", tmp_path)  # its last picture stays for 0.9 s, others for half a second
    source = probe(path)
    render(whole(source), folder=tmp_path, output=tmp_path / "out.mp4", settings=replace(QUICK, jobs=1))
    assert [t for t, _ in pictures(tmp_path / "out.mp4")] == [t for t, _ in pictures(path)]
    assert probe(tmp_path / "out.mp4").frame_count == source.frame_count


def test_segments_keep_variable_timestamps(tmp_path, short_segments):
    path = media.vfr(tmp_path / "film.mp4")
    render(
        whole(probe(path)),
        folder=tmp_path,
        output=tmp_path / "out.mp4",
        settings=replace(QUICK, crf=18, preset="veryfast", jobs=1),
    )
    assert [t for t, _ in pictures(tmp_path / "out.mp4")] == [t for t, _ in pictures(path)]


def test_a_killed_render_resumes(scenes, tmp_path, short_segments, monkeypatch):
    folder, source = scenes
    timeline = edited(source, [(0, 20), (20, 35), (35, 60)])
    go = {"folder": folder, "output": tmp_path / "out.mp4", "settings": RenderSettings(jobs=1)}
    made, real = [], encode_segment

    def killed(job):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(job.number)
        real(job)

    monkeypatch.setattr(processes, "encode_segment", killed)
    with pytest.raises(KeyboardInterrupt):
        render(timeline, **go)
    assert left_over(tmp_path) == [".out.mp4.parts"] and not (tmp_path / "out.mp4").exists()
    half = tmp_path / ".out.mp4.parts" / ".00002.part.mp4"
    half.write_bytes(b"half a segment")
    again = []
    monkeypatch.setattr(processes, "encode_segment", lambda job: again.append(job.number) or real(job))
    seen = []
    render(timeline, progress=lambda done, total: seen.append(done), **go)
    assert made == [0, 1] and again == [2] and seen[0] > 0 and left_over(tmp_path) == []
    render(timeline, folder=folder, output=tmp_path / "fresh.mp4", settings=RenderSettings(jobs=1))
    assert (tmp_path / "fresh.mp4").read_bytes() == (tmp_path / "out.mp4").read_bytes()


KILLED = """
import sys
from fractions import Fraction
from pathlib import Path
from panscan import read_timeline
from panscan.render import RenderSettings, render
from panscan.render.segments import ranges
if __name__ == "__main__":
    ranges._MIN_SEGMENT_S = ranges._MAX_SEGMENT_S = Fraction(2, 5)
    settings = RenderSettings(preset="placebo", jobs=2)
    render(read_timeline(Path(sys.argv[1])), folder=Path("."), output=Path(sys.argv[2]), settings=settings)
"""


def _end_all(group):
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed with a signal of Unix")
def test_processes_end_with_a_killed_parent(scenes, tmp_path):
    _folder, source = scenes
    write_timeline(edited(source, [(0, 60)], Size(360, 640)), tmp_path / "t.otio")
    (tmp_path / "run.py").write_text(KILLED)
    command = [sys.executable, str(tmp_path / "run.py"), str(tmp_path / "t.otio"), str(tmp_path / "out.mp4")]
    parts = tmp_path / ".out.mp4.parts"
    # The children inherit this pipe: it ends when the last of them is gone.
    with ExitStack() as after:
        process = after.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True))
        after.callback(_end_all, process.pid)
        while process.poll() is None and not (parts / "00000.json").exists():
            time.sleep(0.02)
        process.kill()
        assert process.communicate(timeout=60)[0] == b""
    assert parts.is_dir() and not (tmp_path / "out.mp4").exists()


def test_segments_of_other_settings_are_not_used(scenes, tmp_path, short_segments, monkeypatch):
    folder, source = scenes
    timeline = edited(source, [(0, 20), (20, 60)])
    home = tmp_path / ".out.mp4.parts"
    home.mkdir()
    (home / "manifest.json").write_text(json.dumps({"timeline": "another"}))
    (home / "00000.json").write_text("{}")
    render(timeline, folder=folder, output=tmp_path / "out.mp4", settings=replace(QUICK, jobs=1))
    assert len(pictures(tmp_path / "out.mp4")) == 60 and left_over(tmp_path) == []


@pytest.mark.parametrize(("minutes", "shortest_s", "longest_s"), [(10, 10, 40), (60, 60, 120)])
def test_segments_end_with_shots_or_in_even_parts(film, minutes, shortest_s, longest_s):
    _folder, source = film
    end, shot = 25 * 60 * minutes, 25 * shortest_s + 100
    cut = read_cut(edited(replace(source, frame_count=end), [(0, 100), (100, shot), (shot, end)]), folder=_folder)
    spans = ranges.segment_ranges(cut, end)
    assert spans[0] == (0, shot) and [a for a, _ in spans[1:]] == [b for _, b in spans[:-1]] and spans[-1][1] == end
    assert all(25 * shortest_s <= b - a <= 25 * longest_s for a, b in spans)
