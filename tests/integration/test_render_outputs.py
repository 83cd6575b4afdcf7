"""What comes out: codecs and containers, what lies beside the picture, sizes, clocks and streams."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

import media
import tagged
from panned_renders import QUICK, edited, film_in, left_over, packets, pictures, scenes_in, whole
from panscan.errors import UsageError
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, at_native_size, ladder, render, scaled
from panscan.render.container.codecs import Encoder, coded_format
from panscan.render.picture.hdr_metadata import hdr_metadata_of
from panscan.render.picture.planes import PLANAR_FORMATS, views
from panscan.timeline.build import build_timeline
from panscan.timeline.cut import read_cut

ladder_module = sys.modules["panscan.render.ladder"]  # the package shows the function under this name


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return film_in(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scenes_in(tmp_path_factory.mktemp("scenes"))


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
    for module in ("checks", "container.mux", "frame_jobs"):
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
