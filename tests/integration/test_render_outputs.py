"""What comes out: codecs and containers, sizes, segments, streams, several from one decoding, and clear refusals."""

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
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

import media
import media_shapes
import tagged
from panscan.errors import CapabilityError, InputError, RenderError, UsageError
from panscan.ingest.media.probe import content_digest, probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, at_native_size, ladder, render, render_many, scaled, segments
from panscan.render import encode as encode_module
from panscan.render.container import codecs
from panscan.render.container.codecs import Encoder, coded_format
from panscan.render.picture.hdr_metadata import hdr_metadata_of
from panscan.render.picture.planes import PLANAR_FORMATS, views
from panscan.timeline.build import build_timeline
from panscan.timeline.cut import read_cut
from panscan.timeline.files import write_timeline

ladder_module = sys.modules["panscan.render.ladder"]  # the package shows the function under this name
CANVAS = Size(90, 160)
QUICK = RenderSettings(preset="ultrafast", crf=10)


def pan(source, canvas=CANVAS, first=0, last=None):
    """The largest crop of the canvas's shape, from the left end to the right end."""
    size = source.video.display_size
    scale = max(canvas.width / size.width, canvas.height / size.height)
    width, height = canvas.width / scale, canvas.height / scale
    last = source.frame_count - 1 if last is None else last
    ends = [Rect(0, 0, width, height), Rect(size.width - width, size.height - height, width, height)]
    rows = [key_values_of_crop(end, canvas, size) for end in ends]
    camera = Camera((first, last), *(tuple(float(v) for v in column) for column in zip(*rows, strict=True)))
    return Framing(canvas, size, source.video.rate, (Cell(0, 0, canvas, camera),))


def edited(source, ranges, canvas=CANVAS, recipe=None):
    shots = [(Shot(a, b), pan(source, canvas, a, b - 1)) for a, b in ranges]
    return build_timeline(source, shots, name="test", recipe=recipe or {})


def whole(source, canvas=CANVAS, recipe=None):
    return edited(source, [(0, source.frame_count)], canvas, recipe)


def pictures(path):
    """Exact time and samples of every picture."""
    with av.open(str(path)) as container:
        return [(frame.pts * frame.time_base, frame.to_ndarray()) for frame in container.decode(video=0)]


def same(a, b):
    a, b = pictures(a), pictures(b)
    return [t for t, _ in a] == [t for t, _ in b] and all(
        np.array_equal(x, y) for (_, x), (_, y) in zip(a, b, strict=True)
    )


def packets(path, kind="audio"):
    with av.open(str(path)) as container:
        streams = [s for s in container.streams if s.type == kind]
        return [(p.stream.index, bytes(p)) for p in container.demux(streams) if p.dts is not None] if streams else []


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    return folder, probe(media.write_clip(folder / "film.mp4"))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    return folder, probe(media.cuts(folder / "scenes.mp4"))


# Codecs and containers.


@pytest.mark.parametrize(
    ("codec", "suffix", "name", "fmt"),
    [
        ("h264", ".mov", "h264", "yuv420p"),
        ("h265", ".mp4", "hevc", "yuv420p"),
        ("av1", ".mkv", "av1", "yuv420p"),
        ("prores", ".mov", "prores", "yuv422p10le"),
    ],
)
def test_codecs(film, tmp_path, codec, suffix, name, fmt):
    folder, source = film
    output = tmp_path / f"out{suffix}"
    settings = RenderSettings.of(codec, "draft")
    result = render(whole(source), folder=folder, output=output, settings=settings)
    with av.open(str(output)) as made:
        context = made.streams.video[0].codec_context
        assert (context.codec.canonical_name, context.pix_fmt) == (name, fmt)
        assert codec != "h265" or context.codec_tag == "hvc1"
        frames = list(made.decode(video=0))
    assert len(frames) == result.frame_count == 25 and result.sound == "copied"
    plain = tmp_path / "plain.mp4"
    render(whole(source), folder=folder, output=plain, settings=RenderSettings(crf=4, preset="ultrafast"))
    with av.open(str(plain)) as made:
        for n, (got, wanted) in enumerate(zip(frames, made.decode(video=0), strict=True)):
            a, b = (
                views(f, PLANAR_FORMATS[f.format.name])[0] / PLANAR_FORMATS[f.format.name].peak for f in (got, wanted)
            )
            assert np.sqrt(np.mean((a - b) ** 2)) * 255 < 8, n
            tags = [(int(f.color_primaries), int(f.color_trc), int(f.colorspace)) for f in (got, wanted)]
            assert tags == [(1, 1, 1)] * 2


def test_encoders_of_half_planar_pictures(film, tmp_path, monkeypatch):
    """Graphics cards want chroma in one plane: what they are given is the same picture."""
    folder, source = film
    render(whole(source), folder=folder, output=tmp_path / "plain.mp4", settings=QUICK)
    for module in ("encode", "container.mux", "frame_jobs"):
        monkeypatch.setattr(
            sys.modules[f"panscan.render.{module}"], "encoder_for", lambda _: Encoder("libx264", False, ("nv12",))
        )
    given = []
    monkeypatch.setattr(
        "panscan.render.container.mux.coded_format", lambda *at: given.append(coded_format(*at)) or given[-1]
    )
    render(whole(source), folder=folder, output=tmp_path / "out.mp4", settings=replace(QUICK, hardware="auto"))
    assert given == ["nv12"]
    for (_, a), (_, b) in zip(pictures(tmp_path / "plain.mp4"), pictures(tmp_path / "out.mp4"), strict=True):
        assert a.shape == b.shape and np.sqrt(np.mean((a.astype(float) - b) ** 2)) < 4


@pytest.mark.parametrize(
    ("fmt", "size"),
    [("yuv422p", (320, 180)), ("yuv444p", (321, 181)), ("yuv422p10le", (320, 180)), ("yuv444p10le", (321, 181))],
)
def test_chroma_and_depth_are_kept(tmp_path, fmt, size):
    path = media.write_clip(tmp_path / "film.mkv", size=size, pixel_format=fmt, pts=range(6))
    render(whole(probe(path)), folder=tmp_path, output=tmp_path / "out.mp4", settings=QUICK)
    with av.open(str(tmp_path / "out.mp4")) as made:
        assert made.streams.video[0].codec_context.pix_fmt == fmt


def test_full_range_stays_full(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.color_range = 2
        for n in range(5):
            frame = media.picture(
                lambda f, plane, x, y: np.full((len(y), len(x)), 17.0 if plane == 0 else 128), n, (320, 180), "yuv420p"
            )
            frame.pts, frame.color_range = n, 2
            for packet in stream.encode(frame):
                out.mux(packet)
        out.mux(stream.encode(None))
    render(whole(probe(path)), folder=tmp_path, output=tmp_path / "out.mp4", settings=QUICK)
    with av.open(str(tmp_path / "out.mp4")) as made:
        frame = next(made.decode(video=0))
        assert int(frame.color_range) == 2 and abs(int(frame.to_ndarray()[40, 40]) - 17) <= 1


@pytest.mark.parametrize(("codec", "suffix"), [("h264", ".mp4"), ("h265", ".mp4"), ("av1", ".mkv"), ("prores", ".mov")])
def test_hdr_metadata_is_kept_or_its_loss_told(tmp_path, codec, suffix):
    path = tagged.hdr_film(tmp_path / "hdr.mp4")
    output = tmp_path / f"out{suffix}"
    result = render(whole(probe(path)), folder=tmp_path, output=output, settings=RenderSettings.of(codec, "draft"))
    with av.open(str(path)) as before, av.open(str(output)) as after:
        wanted = hdr_metadata_of(next(before.decode(video=0)))
        got = hdr_metadata_of(next(after.decode(video=0)))
    assert wanted.content_light == (1000, 400)
    if codec == "prores":
        assert got is None and any("mastering" in note for note in result.notes)
    else:
        assert got.content_light == wanted.content_light and not result.notes
        for a, b in zip((*got.primaries, *got.luminance), (*wanted.primaries, *wanted.luminance), strict=True):
            assert abs(a - b) < Fraction(1, 1000)


# Beside the picture.


def surround(path):
    """Six channels of sound beside the picture."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        sound = out.add_stream("ac3", rate=48000, layout="5.1")
        for n in range(25):
            frame = media.picture(media.coded_value, n, (320, 180), "yuv420p")
            frame.pts = n
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for start in range(0, 48000, 1536):
            block = np.stack([0.2 * np.sin((start + np.arange(1536)) * (n + 1) / 60) for n in range(6)])
            frame = av.AudioFrame.from_ndarray(block.astype(np.float32), format="fltp", layout="5.1")
            frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
            out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    return path


def test_surround_sound_is_copied(tmp_path):
    path = surround(tmp_path / "film.mkv")
    render(whole(probe(path)), folder=tmp_path, output=tmp_path / "out.mp4", settings=QUICK)
    with av.open(str(tmp_path / "out.mp4")) as made:
        assert made.streams.audio[0].codec_context.channels == 6
    assert [data for _, data in packets(tmp_path / "out.mp4")] == [data for _, data in packets(path)]


def subtitled(path, codec):
    """A film with two lines of text; `codec` is what the container carries."""
    film = media.write_clip(path.with_stem("bare").with_suffix(".mp4"))
    with av.open(str(film)) as source, av.open(str(path), "w") as out:
        streams = {s.index: out.add_stream_from_template(s) for s in source.streams if s.type in ("video", "audio")}
        text = out.add_mux_stream(codec)
        text.time_base, text.metadata["language"] = Fraction(1, 1000), "eng"
        text.disposition = text.disposition.forced.value
        out.metadata["title"] = "A film"
        out.set_chapters(
            [
                {
                    "id": n,
                    "start": 500 * n,
                    "end": 500 * n + 500,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": t},
                }
                for n, t in enumerate(("One", "Two"))
            ]
        )
        for packet in source.demux():
            if packet.dts is not None and packet.stream.index in streams:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
        for n, words in enumerate(("Hello <i>you</i>", "second\nline")):
            data = words.encode()
            if codec == "mov_text":
                data = len(data).to_bytes(2, "big") + data
            packet = av.Packet(data)
            packet.pts = packet.dts = 100 + 400 * n
            packet.duration, packet.time_base, packet.stream = 300, Fraction(1, 1000), text
            out.mux(packet)
    return path


@pytest.mark.parametrize(
    ("before", "codec", "after", "kept"),
    [
        (".mkv", "subrip", ".mkv", "subrip"),
        (".mkv", "subrip", ".mp4", "mov_text"),
        (".mp4", "mov_text", ".mkv", "subrip"),
        (".mp4", "mov_text", ".mov", "mov_text"),
    ],
)
def test_subtitles_chapters_and_tags(tmp_path, before, codec, after, kept):
    path = subtitled(tmp_path / f"film{before}", codec)
    result = render(whole(probe(path)), folder=tmp_path, output=tmp_path / f"out{after}", settings=QUICK)
    assert bool(result.notes) == (codec != kept)
    with av.open(str(tmp_path / f"out{after}")) as made:
        (text,) = made.streams.subtitles
        assert text.codec_context.codec.canonical_name == kept and text.metadata["language"] == "eng"
        assert made.metadata["title"] == "A film"
        assert [c["metadata"]["title"] for c in made.chapters()] == ["One", "Two"]
        shown = [p for p in made.demux(text) if p.dts is not None and len(bytes(p)) > 2]
        with av.open(str(path)) as source:
            video = source.streams.video[0]
            begin = [
                p.pts * p.time_base
                for p in source.demux(source.streams.subtitles[0])
                if p.dts is not None and len(bytes(p)) > 2
            ]
            begin = [t - video.start_time * video.time_base for t in begin]
        start = made.streams.video[0].start_time * made.streams.video[0].time_base
        assert [abs(p.pts * p.time_base - start - t) < Fraction(1, 500) for p, t in zip(shown, begin, strict=True)] == [
            True
        ] * 2
        assert b"second\nline" in bytes(shown[1])
        if (codec, kept) == ("subrip", "mov_text"):
            assert b"Hello you" in bytes(shown[0])


# Sizes and clocks.


def test_native_canvas_enlarges_nothing(film, tmp_path):
    folder, source = film
    timeline = whole(source, Size(360, 640))
    small = at_native_size(timeline)
    result = render(small, folder=folder, output=tmp_path / "out.mp4", settings=QUICK)
    assert result.canvas == Size(100, 180)  # 101.25 x 180, down to even px
    cut = read_cut(small, folder=folder)
    assert max(cut.clips[0].framing.cells[0].camera.scale) == pytest.approx(1)
    before = read_cut(timeline, folder=folder).clips[0].framing.cells[0]
    after = cut.clips[0].framing.cells[0]
    for old, new in zip(
        before.crops(np.arange(25), Size(320, 180)), after.crops(np.arange(25), Size(320, 180)), strict=True
    ):
        assert np.allclose(old[:2] + old[2:] / 2, new[:2] + new[2:] / 2, atol=0.01)  # the same middle
        assert (new[2:] <= old[2:] + 0.01).all()
    assert at_native_size(small) is small


def test_scaled_split_stays_inside_its_source(film):
    _folder, source = film
    half = Size(180, 161)
    cells = tuple(Cell(0, top, half, Camera((0,), (161 / 180,), (0.0,), (0.0,))) for top in (0, 161))
    framing = Framing(Size(180, 322), source.video.display_size, source.video.rate, cells)
    timeline = build_timeline(source, [(Shot(0, 25), framing)], name="split", recipe={})
    made = read_cut(scaled(timeline, 0.5), folder=_folder).clips[0].framing
    assert made.canvas == Size(90, 160)
    assert made.cells[0].size.height + made.cells[1].size.height == 160
    for cell in made.cells:
        left, top, width, height = cell.crops(np.array([0]), source.video.display_size)[0]
        assert left >= -1e-3 and top >= -1e-3 and left + width <= 320.001 and top + height <= 180.001


def test_constant_rate_of_a_variable_one(tmp_path):
    path = media.vfr(tmp_path / "film.mp4")
    source = probe(path)
    settings = replace(QUICK, cfr=True)
    result = render(whole(source), folder=tmp_path, output=tmp_path / "out.mp4", settings=settings)
    times = [t for t, _ in pictures(tmp_path / "out.mp4")]
    assert {b - a for a, b in pairwise(times)} == {1 / source.video.rate}
    assert len(times) == source.frame_count == result.frame_count and result.sound == "copied"
    assert packets(tmp_path / "out.mp4") == packets(path)


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
    monkeypatch.setattr(segments, "_MIN_SEGMENT_S", Fraction(2, 5))
    monkeypatch.setattr(segments, "_MAX_SEGMENT_S", Fraction(6, 5))


def left_over(folder):
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))


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
    made, real = [], segments.encode_segment

    def killed(job):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(job.number)
        real(job)

    monkeypatch.setattr(segments, "encode_segment", killed)
    with pytest.raises(KeyboardInterrupt):
        render(timeline, **go)
    assert left_over(tmp_path) == [".out.mp4.parts"] and not (tmp_path / "out.mp4").exists()
    half = tmp_path / ".out.mp4.parts" / ".00002.part.mp4"
    half.write_bytes(b"half a segment")
    again = []
    monkeypatch.setattr(segments, "encode_segment", lambda job: again.append(job.number) or real(job))
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
from panscan.render import RenderSettings, render, segments
if __name__ == "__main__":
    segments._MIN_SEGMENT_S = segments._MAX_SEGMENT_S = Fraction(2, 5)
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


def test_segments_end_with_shots_or_in_even_parts(film):
    _folder, source = film
    long = replace(source, frame_count=25 * 200)
    cut = read_cut(edited(long, [(0, 100), (100, 400), (400, 5000)]), folder=_folder)
    spans = segments.segment_ranges(cut, 5000)
    assert spans[0] == (0, 400) and [a for a, _ in spans[1:]] == [b for _, b in spans[:-1]] and spans[-1][1] == 5000
    assert all(b - a <= 25 * 40 for a, b in spans) and all(b - a >= 250 for a, b in spans)


# Streams.


@pytest.mark.parametrize("kind", ["hls", "dash"])
def test_ladder(scenes, tmp_path, kind, monkeypatch):
    monkeypatch.setattr(ladder_module, "_KEYFRAMES_S", 1)
    folder, source = scenes
    timeline = edited(source, [(0, 60)], Size(180, 320))
    output = tmp_path / "stream"
    result = ladder(timeline, folder=folder, output=output, kind=kind, settings=QUICK)
    assert [r.canvas for r in result.rungs] == [Size(180, 320), Size(108, 192), Size(90, 160)]
    assert left_over(tmp_path) == []
    text = result.master.read_text()
    if kind == "dash":
        assert text.count("<Representation") == 4 and text.count("<AdaptationSet") == 2
        assert all(f'width="{r.canvas.width}" height="{r.canvas.height}"' in text for r in result.rungs)
        kinds = {"manife", "init-0", "init-1", "init-2", "init-3", "part-0", "part-1", "part-2", "part-3"}
        assert {path.name[:6] for path in output.iterdir()} == kinds
    else:
        assert all(f"RESOLUTION={r.canvas.width}x{r.canvas.height}" in text for r in result.rungs)
        assert text.count('CODECS="avc1.') == 3 and text.count('mp4a.40.2"') == 3
        for rung in result.rungs:
            with av.open(str(rung.output)) as made:
                video = made.streams.video[0]
                frames = list(made.decode(video))
            assert (len(frames), frames[0].width, frames[0].height) == (60, rung.canvas.width, rung.canvas.height)
            assert [n for n, f in enumerate(frames) if f.key_frame] == [0, 30]
    again = ladder(timeline, folder=folder, output=output, kind=kind, settings=QUICK)
    assert again.master.read_text() == text


def test_ladder_replaces_nothing_else(scenes, tmp_path):
    folder, source = scenes
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").write_text("")
    with pytest.raises(UsageError, match="in the way"):
        ladder(edited(source, [(0, 60)]), folder=folder, output=tmp_path / "holiday", kind="hls")
    with pytest.raises(UsageError, match="smooth"):
        ladder(edited(source, [(0, 60)]), folder=folder, output=tmp_path / "x", kind="smooth")


# Clips that are switched off or retimed.


def test_disabled_clips_are_skipped(scenes, tmp_path):
    folder, source = scenes
    timeline = edited(source, [(0, 20), (20, 35), (35, 60)])
    for track in timeline.tracks:
        track[1].enabled = False
    render(timeline, folder=folder, output=tmp_path / "out.mp4", settings=QUICK)
    made = pictures(tmp_path / "out.mp4")
    assert len(made) == 60
    assert all((p[:160] == 16).all() for _, p in made[21:34]) and all(
        p[:160].std() > 5 for _, p in made[:20] + made[36:]
    )


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(2.0, range(0, 24, 2)), (0.5, [n // 2 for n in range(12)]), (0.0, [0] * 12), (-1.0, range(14, 2, -1))],
)
def test_constant_speeds_and_freeze_frames(film, tmp_path, monkeypatch, speed, expected):
    monkeypatch.setattr("panscan.render.retimed._KEPT_BYTES", 0)  # backwards in several goes
    folder, source = film
    first = 14 if speed < 0 else 0
    timeline = edited(source, [(first, first + 12)])
    for track in timeline.tracks:
        effect = otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()
        track[0].effects.append(effect)
    still = Framing(
        Size(160, 180),
        source.video.display_size,
        source.video.rate,
        (Cell(0, 0, Size(160, 180), Camera((0,), (1.0,), (0.0,), (0.0,))),),
    )
    from panscan.timeline.effect import attach_framing

    attach_framing(timeline.tracks[0][0], still)
    result = render(timeline, folder=folder, output=tmp_path / "out.mp4", settings=RenderSettings(crf=0))
    assert result.frame_count == 12
    # A frozen sound is none, and sound played backwards is silence.
    assert result.sound == ("encoded" if speed else "none")
    assert [word for note in result.notes for word in ("no sound", "silent") if word in note] == {
        0.0: ["no sound"],
        -1.0: ["silent"],
    }.get(speed, [])
    original = pictures(folder / "film.mp4")
    for (_, got), n in zip(pictures(tmp_path / "out.mp4"), expected, strict=True):
        assert np.array_equal(got[:180], original[n][1][:180, 80:240])


def test_a_speed_that_changes_on_the_way_is_refused(film, tmp_path):
    folder, source = film
    timeline = edited(source, [(3, 15)])
    timeline.tracks[0][0].effects.append(otio.schema.TimeEffect(effect_name="Time Remap"))
    with pytest.raises(InputError, match="changes its speed"):
        render(timeline, folder=folder, output=tmp_path / "out.mp4")


# Refusals.


def test_changed_source_is_refused(film, tmp_path):
    folder, source = film
    good = whole(source, recipe={"media": source.digest})
    render(good, folder=folder, output=tmp_path / "out.mp4", settings=QUICK, digest=content_digest)
    changed = whole(source, recipe={"media": "0" * 32})
    with pytest.raises(InputError, match="changed") as caught:
        render(changed, folder=folder, output=tmp_path / "no.mp4", digest=content_digest)
    assert "--force" in caught.value.fix and not (tmp_path / "no.mp4").exists()
    by_path = whole(source, recipe={"media": {str(folder / "film.mp4"): "0" * 32}})
    with pytest.raises(InputError, match="changed"):
        render(by_path, folder=folder, output=tmp_path / "no.mp4", digest=content_digest)
    render(changed, folder=folder, output=tmp_path / "forced.mp4", settings=QUICK)
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("jobs", [0, 1])
def test_unwritable_target(film, tmp_path, jobs):
    folder, source = film
    (tmp_path / "file").write_text("")
    with pytest.raises(RenderError, match="cannot write"):
        render(whole(source), folder=folder, output=tmp_path / "file" / "out.mp4", settings=replace(QUICK, jobs=jobs))


def forbidden(tmp_path):
    """A folder in which nothing can be made, also not by root."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    if not os.access(folder, os.W_OK):
        return folder
    if Path("/sys/kernel").is_dir():
        return Path("/sys/kernel")
    pytest.skip("every folder here can be written to")


@pytest.mark.skipif(sys.platform == "win32", reason="rights of folders are a matter of Unix")
@pytest.mark.parametrize("jobs", [0, 1])
def test_read_only_target(film, tmp_path, jobs):
    folder, source = film
    target = forbidden(tmp_path)
    before = left_over(target)
    with pytest.raises(RenderError, match="cannot write") as caught:
        render(whole(source), folder=folder, output=target / "out.mp4", settings=replace(QUICK, jobs=jobs))
    assert "rights of the folder" in caught.value.fix and left_over(target) == before
    with pytest.raises(RenderError, match="cannot write"):
        ladder(whole(source), folder=folder, output=target / "stream", kind="hls", settings=QUICK)
    assert left_over(target) == before


@pytest.mark.parametrize("jobs", [0, 1])
def test_missing_source_and_codec_leave_nothing(film, tmp_path, jobs, monkeypatch):
    folder, source = film
    settings = replace(QUICK, jobs=jobs)
    gone = whole(replace(source, path=str(tmp_path / "gone.mp4")))
    with pytest.raises(InputError, match=r"gone\.mp4 does not exist") as missing:
        render(gone, folder=folder, output=tmp_path / "out.mp4", settings=settings)
    assert "path in the timeline" in missing.value.fix
    monkeypatch.setitem(codecs._SOFTWARE, "h264", "libnothing")
    with pytest.raises(CapabilityError, match="libnothing"):
        render(whole(source), folder=folder, output=tmp_path / "out.mp4", settings=settings)
    assert left_over(tmp_path) == []


FULL_DISK = """
import resource, sys
from pathlib import Path
from panscan import read_timeline
from panscan.errors import RenderError
from panscan.render import RenderSettings, render
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    settings = RenderSettings(jobs=int(sys.argv[3]))
    render(read_timeline(Path(sys.argv[1])), folder=Path("."), output=Path(sys.argv[2]), settings=settings)
except RenderError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are a matter of Unix")
@pytest.mark.parametrize("jobs", [0, 1])
def test_full_disk(film, tmp_path, jobs):
    """A limit on the size of files fails like a disk without space, in the middle of writing."""
    _folder, source = film
    write_timeline(whole(source), tmp_path / "t.otio")
    output = tmp_path / "out" / "out.mp4"
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "t.otio"), str(output), str(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "cannot write" in done.stdout and "free space" in done.stdout
    assert list(output.parent.iterdir()) == []
