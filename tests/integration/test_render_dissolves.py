"""Dissolves, fades and dips in movies, as FFmpeg decodes them: numbered greys, layouts, segments, ladders, shapes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

import documents as make
import media
import needed
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, frame_jobs, ladder, render, render_many
from panscan.render.segments import ranges
from panscan.timeline.build import build_timeline

SIZE = Size(64, 36)
EXACT = RenderSettings(crf=0, preset="ultrafast")
WHOLE = make.framing(((0, 1.0, 0.0, 0.0),), canvas=SIZE, source=SIZE)
DARK, LIGHT = 40, 220  # levels of the first pictures


def _grey(folder: Path, name: str, frames: int = 60, **named) -> Path:
    """A film of even pictures: level 40 and rising, or 220 and falling, one step a picture."""
    first, step = (DARK, 1) if name == "dark" else (LIGHT, -1)

    def scene(frame, plane, x_px, y_px):
        return np.full((len(y_px), len(x_px)), 128.0 if plane else first + step * frame)

    size = (SIZE.width, SIZE.height)
    made = partial(media.write_clip, scene=scene, size=size, pts=range(frames), lossless=True, tones={})
    return made(folder / f"{name}.mp4", **named)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("greys")
    for name in ("dark", "light"):
        _grey(folder, name)
    return folder


def _cut(films, first=5, second=10, transitions=((1, (4, 6)),), framings=(WHOLE, WHOLE), kind="SMPTE_Dissolve"):
    """Twenty pictures of either film, with transitions before the children of these numbers."""
    pieces = [
        build_timeline(probe(films / f"{name}.mp4"), [(Shot(start, start + 20), framing)], name="cut", recipe={})
        for name, start, framing in zip(("dark", "light"), (first, second), framings, strict=True)
    ]
    timeline = pieces[0]
    timeline.video_tracks()[0].append(pieces[1].video_tracks()[0][0].clone())
    for at, frames in sorted(transitions, reverse=True):
        offsets = (otio.opentime.RationalTime(count, 25) for count in frames)
        timeline.video_tracks()[0].insert(at, otio.schema.Transition("mix", kind, *offsets))
    return timeline


def _levels(path: Path, plane: str = "y") -> np.ndarray:
    """The planes of all pictures as FFmpeg's own program decodes them: (pictures, height, width)."""
    ffmpeg = needed.program("ffmpeg")
    filters = ["-vf", f"extractplanes={plane}", "-vsync", "passthrough"]  # no picture twice where sound begins earlier
    command = [ffmpeg, "-v", "error", "-i", str(path), *filters, "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        depth, size = np.uint16 if "10" in context.pix_fmt else np.uint8, (context.height, context.width)
    return np.frombuffer(raw, depth).reshape(-1, *size).astype(float)


def _means(path: Path) -> list[float]:
    return [float(picture.mean()) for picture in _levels(path)]


def test_every_picture_of_a_dissolve_is_its_mix(films, tmp_path) -> None:
    transitions = [(0, (0, 5)), (1, (4, 6)), (2, (5, 0))]
    result = render(_cut(films, transitions=transitions), folder=films, output=tmp_path / "o.mkv", settings=EXACT)
    wanted = []
    for n in range(40):
        dark, light = DARK + 5 + n, LIGHT - (10 + n - 20)
        into = min(max((n - 16) / 10, 0), 1)
        level = dark * (1 - into) + light * into
        fade = min(n / 5, 1, (40 - n) / 5)
        wanted.append(level * fade + 16 * (1 - fade))
    assert np.abs(np.subtract(_means(tmp_path / "o.mkv"), wanted)).max() <= 0.5
    assert result.notes == () and result.frame_count == 40


def test_a_dip_shows_one_picture_at_a_time(films, tmp_path) -> None:
    timeline = _cut(films, transitions=[(1, (4, 4))], kind="Custom_Transition")
    timeline.video_tracks()[0][1].name = "Dip to Color Dissolve"
    render(timeline, folder=films, output=tmp_path / "o.mkv", settings=EXACT)
    shares = [1, 0.75, 0.5, 0.25, 0, 0.25, 0.5, 0.75]
    levels = [DARK + 5 + n if n < 20 else LIGHT - (10 + n - 20) for n in range(16, 24)]
    wanted = [level * share + 16 * (1 - share) for level, share in zip(levels, shares, strict=True)]
    assert np.abs(np.subtract(_means(tmp_path / "o.mkv")[16:24], wanted)).max() <= 0.5


def test_ten_bits_are_mixed_in_ten_bits(tmp_path) -> None:
    for name in ("dark", "light"):
        _grey(tmp_path, name, pixel_format="yuv420p10le")
    render(_cut(tmp_path), folder=tmp_path, output=tmp_path / "o.mkv", settings=replace(EXACT, codec="h265"))
    found = _means(tmp_path / "o.mkv")
    for k in range(10):
        dark, light = DARK + 5 + 16 + k, LIGHT - (10 - 4 + k)
        assert found[16 + k] == pytest.approx(4 * (dark + (light - dark) * k / 10), abs=1)


def test_media_that_ends_too_early_stands_still_and_is_told(films, tmp_path) -> None:
    timeline = _cut(films, first=40, second=2)  # no handles: 60 pictures, and two before the cut
    result = render(timeline, folder=films, output=tmp_path / "o.mkv", settings=EXACT)
    found = _means(tmp_path / "o.mkv")
    for k in range(10):
        dark, light = DARK + min(40 + 16 + k, 59), LIGHT - max(2 - 4 + k, 0)
        assert found[16 + k] == pytest.approx(dark + (light - dark) * k / 10, abs=0.6)
    assert result.notes == ("in dissolves, pictures stand still where the media ends: 'dark.mp4', 'light.mp4'",)


def test_two_parts_of_one_media_dissolve(films, tmp_path) -> None:
    """Both are decoded at once, each from its own place."""
    source = probe(films / "dark.mp4")
    timeline = build_timeline(source, [(Shot(30, 50), WHOLE), (Shot(6, 26), WHOLE)], name="cut", recipe={})
    make.dissolve(timeline, 1, (6, 4))
    render(timeline, folder=films, output=tmp_path / "o.mkv", settings=EXACT)
    found = _means(tmp_path / "o.mkv")
    for k in range(10):
        before, after = DARK + 30 + 14 + k, DARK + 6 - 6 + k
        assert found[14 + k] == pytest.approx(before + (after - before) * k / 10, abs=0.6)


def test_cameras_move_on_in_the_handles(tmp_path) -> None:
    """A picture that codes places: both cameras, sampled by FFmpeg's decode of a mix with a known share."""
    for name in ("dark", "light"):
        media.position_coded(tmp_path / f"{name}.mp4", size=(320, 180), frames=60)
    canvas, source = Size(100, 180), Size(320, 180)
    pans = [
        make.framing(((0, 1.0, 100.0, 0.0), (59, 1.0, -100.0, 0.0)), canvas=canvas, source=source),
        make.framing(((0, 1.0, -90.0, 0.0), (59, 1.0, 90.0, 0.0)), canvas=canvas, source=source),
    ]
    render(_cut(tmp_path, framings=pans), folder=tmp_path, output=tmp_path / "o.mkv", settings=EXACT)
    found = _levels(tmp_path / "o.mkv")
    for k in (1, 5, 9):
        frames = 5 + 16 + k, 10 - 4 + k
        wanted = 0.0
        for framing, frame, share in zip(pans, frames, (1 - k / 10, k / 10), strict=True):
            left, *_ = framing.cells[0].crops([frame], source)[0]
            view = media.coded_value(frame, 0, left + np.arange(100.0), np.arange(180.0))
            wanted = wanted + share * view
        assert np.abs(found[16 + k] - wanted)[4:-4, 4:-4].mean() < 1.5


def test_other_layouts_are_mixed_as_canvases(films, tmp_path) -> None:
    """From two cells to a letterbox: each canvas is composed, then both are mixed."""
    half = Size(64, 18)
    still = Camera((0,), (1.0,), (0.0,), (0.0,))
    split = Framing(SIZE, SIZE, Fraction(25), (Cell(0, 0, half, still), Cell(0, 18, half, still)), layout="split-2")
    fit = make.framing(((0, 0.5, 0.0, 0.0),), canvas=SIZE, source=SIZE, layout="fit", background="#ffffff")
    render(_cut(films, framings=(split, fit)), folder=films, output=tmp_path / "o.mkv", settings=EXACT)
    found = _levels(tmp_path / "o.mkv")
    for k in (2, 7):
        dark, light = DARK + 5 + 16 + k, LIGHT - (10 - 4 + k)
        corner, middle = (dark + (level - dark) * k / 10 for level in (235, light))
        assert found[16 + k][2, 2] == pytest.approx(corner, abs=1)
        assert found[16 + k][18, 32] == pytest.approx(middle, abs=1)


@pytest.fixture
def short_segments(monkeypatch):
    monkeypatch.setattr(ranges, "_MIN_SEGMENT_S", 0.2)
    monkeypatch.setattr(ranges, "_MAX_SEGMENT_S", 0.4)


def test_segments_show_what_one_piece_shows(films, tmp_path, short_segments) -> None:
    """Also where one begins inside a dissolve."""
    timeline = _cut(films, transitions=[(0, (0, 5)), (1, (9, 10)), (2, (5, 0))])
    render(timeline, folder=films, output=tmp_path / "whole.mp4", settings=EXACT)
    for jobs in (1, 2):
        render(timeline, folder=films, output=tmp_path / f"{jobs}.mp4", settings=replace(EXACT, jobs=jobs))
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()
    assert np.array_equal(_levels(tmp_path / "whole.mp4"), _levels(tmp_path / "1.mp4"))


def test_several_shapes_come_from_one_decoding(films, tmp_path, monkeypatch) -> None:
    plans = []
    planned = frame_jobs.plan_decoding

    def plan(*given):
        plans.append(planned(*given))
        return plans[-1]

    monkeypatch.setattr("panscan.render.encode.plan_decoding", plan)
    square = make.framing(((0, 1.0, 0.0, 0.0),), canvas=Size(36, 36), source=SIZE)
    wanted = [(_cut(films), tmp_path / "wide.mkv"), (_cut(films, framings=(square, square)), tmp_path / "square.mkv")]
    other = (_cut(films, transitions=[(1, (4, 5))]), tmp_path / "other.mkv")
    render_many([*wanted, other], folder=films, settings=EXACT)
    assert [len(plan.cuts) for plan in plans] == [2, 1]
    assert np.abs(np.subtract(_means(tmp_path / "wide.mkv"), _means(tmp_path / "square.mkv"))).max() < 0.01
    assert _means(tmp_path / "wide.mkv") != _means(tmp_path / "other.mkv")


def test_a_ladder_dissolves_on_every_rung(films, tmp_path) -> None:
    big = make.framing(((0, 4.0, 0.0, 0.0),), canvas=Size(240, 144), source=SIZE)
    result = ladder(
        _cut(films, framings=(big, big)), folder=films, output=tmp_path / "stream", kind="hls",
        settings=RenderSettings(crf=1),
    )  # fmt: skip
    assert len(result.rungs) > 1
    first, *others = (_means(rung.output) for rung in result.rungs)
    for other in others:
        assert np.abs(np.subtract(first, other)).max() < 1


def test_what_is_no_dissolve_is_told(films, tmp_path) -> None:
    timeline = _cut(films, kind="Custom_Transition")
    timeline.video_tracks()[0][1].name = "Clock Wipe"
    result = render(timeline, folder=films, output=tmp_path / "o.mkv", settings=EXACT)
    assert result.notes == ("1 transition(s) are hard cuts in the movie: 'Clock Wipe'",)
    assert _means(tmp_path / "o.mkv")[19:21] == [DARK + 24, LIGHT - 10]


@pytest.mark.parametrize(("end", "why"), [("title", "'The End' has no camera"), ("gap", "a gap lies there")])
def test_the_black_end_is_told(films, tmp_path, end, why) -> None:
    timeline = _cut(films)
    length = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(50, 25))
    title = otio.schema.Clip("The End", otio.schema.GeneratorReference(generator_kind="Text"), length)
    timeline.video_tracks()[0].append(title if end == "title" else otio.schema.Gap(source_range=length))
    result = render(timeline, folder=films, output=tmp_path / "o.mkv", settings=EXACT)
    assert any(note.startswith(f"the last 2.00 s are black: {why}") for note in result.notes), result.notes
    assert _means(tmp_path / "o.mkv")[39:] == [LIGHT - 29, *[16.0] * 50]
