"""The FFmpeg scripts run for real: right frame, right place to a px, and what our own compositor draws."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction

import av
import numpy as np
import opentimelineio as otio
import pytest

import documents as make
import media
import needed
from panscan.deliver import deliver
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render.picture.compose import Compositor
from panscan.timeline import cut as document
from panscan.timeline.build import build_timeline
from retimed import camera_at, shown_by

CANVAS = Size(180, 320)
SOURCE = Size(640, 360)
FILL = 320 / 360


@pytest.fixture(scope="module")
def ffmpeg() -> str:
    return needed.program("ffmpeg")


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """A lossless movie in which every place and every frame looks unlike any other."""
    return media.position_coded(
        tmp_path_factory.mktemp('it\'s a "folder"') / "coded 100% $x.mp4", timecode="01:00:00:00"
    )


def framing(keys, *, canvas=CANVAS, **named):
    return Framing(canvas, SOURCE, make.PAL, (Cell(0, 0, canvas, make.camera(keys)),), **named)


def cut(path, *shots, name="talk"):
    return build_timeline(probe(path), [(Shot(a, b), f) for a, b, f in shots], name=name, recipe={})


def run(ffmpeg, timeline, folder, **options):
    """Pictures (luma, blue, red planes) and samples of what the script writes, without loss."""
    artifact = deliver(timeline, "ffmpeg", folder=folder, options=options)
    for suffix, data in artifact.files.items():
        (folder / f"a b{suffix}").write_bytes(data)
    done = subprocess.run(
        ["sh", str(folder / "a b.ffmpeg.sh"), "out put.mkv", "-c:v", "ffv1", "-c:a", "pcm_s16le"],
        cwd=folder, env={**os.environ, "FFMPEG": ffmpeg}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    with av.open(str(folder / "out put.mkv")) as movie:
        shown = list(movie.decode(video=0))
        rate = Fraction(movie.streams.video[0].average_rate)
        stamps = [frame.pts * frame.time_base for frame in shown]
    with av.open(str(folder / "out put.mkv")) as movie:
        streams = range(len(movie.streams.audio))
    sounds = [left_channel(folder / "out put.mkv", n) for n in streams]
    # Matroska counts milliseconds.
    assert all(abs(stamp - n / rate) <= Fraction(1, 1000) for n, stamp in enumerate(stamps))
    return [planes(frame) for frame in shown], sounds, rate


def left_channel(path, stream):
    with av.open(str(path)) as movie:
        blocks = [f.to_ndarray().ravel()[:: f.layout.nb_channels] for f in movie.decode(audio=stream)]
    return np.concatenate(blocks).astype(float)


def planes(frame):
    assert frame.format.name == "yuv420p"
    return [
        np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[: p.height, : p.width].astype(np.float32)
        for p in frame.planes
    ]


def pictures(path):
    with av.open(str(path)) as movie:
        return list(movie.decode(video=0))


def drawn(framed, source, first, frames):
    """What our compositor draws of clip frames `frames`, counted from 0."""
    made = Compositor(framed, first, 10_000, pixel_format="yuv420p", coded=SOURCE)
    return {n: planes(made.compose(source[n], n)) for n in frames}


def offset(found, expected, *, reach=4):
    """How far `found` must be moved to lie on `expected`: rows and columns with the least difference, and that."""
    height, width = expected.shape
    inner = (slice(reach, height - reach), slice(reach, width - reach))
    errors = {}
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            moved = found[reach + down : height - reach + down, reach + across : width - reach + across]
            errors[down, across] = float(np.abs(moved - expected[inner]).mean())
    best = min(errors, key=errors.get)
    return best, errors[best]


def assert_same(found, framed, source, first_picture, count, *, slack_px=1):
    """Every shown frame lies within a px of ours, and no neighbouring frame of the source fits better."""
    for n in range(count):
        near = [first_picture + n + d for d in (-1, 0, 1) if 0 <= first_picture + n + d < len(source)]
        here = framing_at(framed, first_picture + n)
        ours = drawn(here, source, 0, near)
        fits = {k: offset(found[n][0], ours[k][0]) for k in near}
        (down, across), error = fits[first_picture + n]
        assert max(abs(down), abs(across)) <= slack_px, (n, fits)
        assert min(fits, key=lambda k: fits[k][1]) == first_picture + n, (n, fits)
        assert error < 6, (n, fits)


def framing_at(framed, frame):
    """The framing whose cameras stand as they do at a frame, so that neighbouring pictures are drawn in one place."""
    cells = []
    for cell in framed.cells:
        s, x, y = (float(v) for v in cell.camera.sample([frame])[0])
        cells.append(Cell(cell.left_px, cell.top_px, cell.size, Camera((0,), (s,), (x,), (y,))))
    return Framing(framed.canvas, framed.source, framed.rate, tuple(cells), background=framed.background)


@pytest.mark.parametrize("flavour", ["expressions", "sendcmd"])
def test_pan_jump_and_zoom_with_a_gap(ffmpeg, coded, tmp_path, flavour) -> None:
    source = pictures(coded)
    pan = framing(((0, FILL, 150.0, 0.0), (19, FILL, -120.0, 0.0), (20, FILL, 40.0, 0.0)))
    still = framing(((0, FILL, 60.0, 0.0),))
    zoom = framing(((30, FILL, 0.0, 0.0), (44, 1.6, -90.0, 60.0)))
    timeline = cut(coded, (5, 25, pan), (25, 30, still), (30, 46, zoom))
    for track in timeline.tracks:
        track.insert(2, otio.schema.Gap(duration=otio.opentime.RationalTime(4, 25)))
    found, sounds, rate = run(ffmpeg, timeline, tmp_path, flavour=flavour)
    assert len(found) == 45 and rate == 25
    assert_same(found[:20], pan, source, 5, 20)
    assert_same(found[20:25], still, source, 25, 5)
    assert all(abs(frame[0] - 16).max() <= 1 and abs(frame[1] - 128).max() <= 1 for frame in found[25:29])
    assert_same(found[29:], zoom, source, 30, 16)
    assert len(sounds) == 1
    loud = [np.abs(part).mean() for part in np.array_split(sounds[0], 45)]
    assert max(loud[26:28]) < 0.02 * max(loud) and min(loud[:24] + loud[30:]) > 0.5 * max(loud)
    assert len(sounds[0]) == 45 * 48000 // 25


def test_back_in_time_and_twice_the_same(ffmpeg, coded, tmp_path) -> None:
    source = pictures(coded)
    still = framing(((0, FILL, 60.0, 0.0),))
    timeline = cut(coded, (30, 40, still), (0, 10, still), (0, 5, still))
    found, _, _ = run(ffmpeg, timeline, tmp_path)
    assert len(found) == 25
    for at, first, count in ((0, 30, 10), (10, 0, 10), (20, 0, 5)):
        assert_same(found[at : at + count], still, source, first, count)


@pytest.mark.parametrize("flavour", ["expressions", "sendcmd"])
def test_retimed_clips(ffmpeg, coded, tmp_path, flavour) -> None:
    """Twice and half as fast over a jump, backwards, slowly backwards off the frame grid, held, as it is."""
    source = pictures(coded)
    first = probe(coded).start_frame
    jump = framing(((0, FILL, 150.0, 0.0), (29, FILL, -20.0, 0.0), (30, FILL, 40.0, 0.0), (59, FILL, 100.0, 0.0)))
    speeds = ((2.0, 21), (0.5, 27), (-1.0, 35), (-0.7, 35.5), (0.0, 30), (1.0, 38))
    timeline = cut(coded, *((0, 10, jump) for _ in speeds[:-1]), (38, 48, jump))
    for index, (speed, start) in enumerate(speeds[:-1]):
        make.retime(timeline, index, speed, first + start)
    found, sounds, _ = run(ffmpeg, timeline, tmp_path, flavour=flavour)
    assert len(found) == 60
    for clip in document.read_cut(timeline, folder=tmp_path).clips:
        for offset_, (frame, crops) in enumerate(shown_by(clip)):
            camera = camera_at(clip.framing.cells[0].camera, clip.media_position(offset_))
            here = framing(((0, *(float(value) for value in camera)),))
            number = frame - first
            assert len(crops) == 1
            assert_same([found[clip.record_frame + offset_]], here, source, number, 1)
    loud = [np.abs(part).mean() for part in np.array_split(sounds[0], 60)]
    assert max(loud[:49]) == 0 and min(loud[51:]) > 0.5 * max(loud)


@pytest.mark.parametrize("flavour", ["expressions", "sendcmd"])
def test_split_layout(ffmpeg, coded, tmp_path, flavour) -> None:
    source = pictures(coded)
    upper, lower = Size(180, 140), Size(180, 180)
    cells = (
        Cell(0, 0, upper, make.camera(((0, 0.6, 40.0, 10.0), (14, 0.6, -60.0, -10.0)))),
        Cell(0, 140, lower, make.camera(((0, 0.8, -70.0, 12.0),))),
    )
    framed = Framing(CANVAS, SOURCE, make.PAL, cells, layout="split-2")
    found, _, _ = run(ffmpeg, cut(coded, (0, 15, framed)), tmp_path, flavour=flavour)
    assert len(found) == 15
    for n, frame in enumerate(found):
        ours = drawn(framed, source, 0, [n])[n]
        for rows in (slice(0, 140), slice(140, 320)):
            (down, across), error = offset(frame[0][rows], ours[0][rows])
            assert max(abs(down), abs(across)) <= 1 and error < 6, (n, rows, down, across, error)


@pytest.mark.parametrize("background", ["black", "blur", "#804020"])
def test_fit_over_a_background(ffmpeg, coded, tmp_path, background) -> None:
    source = pictures(coded)
    framed = framing(((0, 180 / 640, 0.0, 20.0),), background=background, layout="fit")
    found, _, _ = run(ffmpeg, cut(coded, (3, 9, framed)), tmp_path)
    assert len(found) == 6
    top, bottom = (320 - 101.25) / 2 + 20, (320 + 101.25) / 2 + 20
    for n, frame in enumerate(found):
        ours = drawn(framed, source, 0, [3 + n])[3 + n]
        inside = slice(int(top) + 3, int(bottom) - 3)
        _, error = offset(frame[0][inside], ours[0][inside])
        assert error < 7  # it lies half a px beside ours: 101 px high in the middle of 320
        around = np.r_[0 : int(top) - 3, int(bottom) + 3 : 320]
        limit = 6 if background == "blur" else 1.01
        assert np.abs(frame[0][around] - ours[0][around]).mean() < limit
        half = np.unique(around[:-1:2] // 2)[1:-1]
        half = half[(half < top / 2 - 2) | (half > bottom / 2 + 2)]
        for plane in (1, 2):
            assert np.abs(frame[plane][half] - ours[plane][half]).mean() < limit


def test_a_letterbox_that_opens_into_a_crop(ffmpeg, coded, tmp_path) -> None:
    source = pictures(coded)
    framed = framing(((0, 0.4, 0.0, 0.0), (20, 1.2, 60.0, -30.0)))
    found, _, _ = run(ffmpeg, cut(coded, (0, 21, framed)), tmp_path)
    for n in range(10, 21):
        ours = drawn(framed, source, 0, [n])[n]
        (down, across), error = offset(found[n][0], ours[0])
        assert max(abs(down), abs(across)) <= 1 and error < 8, (n, down, across, error)


def test_a_varying_rate_is_conformed_as_we_conform_it(ffmpeg, movie, tmp_path) -> None:
    path = movie("vfr")
    known = probe(path)
    grid = known.video.grid_frames()
    size = known.video.display_size
    framed = Framing(
        Size(100, 180), size, known.video.rate, (Cell(0, 0, Size(100, 180), make.camera(((0, 1.0, 0.0, 0.0),))),)
    )
    timeline = build_timeline(known, [(Shot(0, known.frame_count), framed)], name="vfr", recipe={})
    found, _, _ = run(ffmpeg, timeline, tmp_path)
    assert len(found) == known.frame_count
    source = [planes(frame) for frame in pictures(path)]
    left = (size.width - 100) // 2
    for n, frame in enumerate(found):
        held = max(k for k, g in enumerate(grid) if g <= n)
        errors = [np.abs(frame[0] - picture[0][:, left : left + 100]).mean() for picture in source]
        assert int(np.argmin(errors)) == held, n


def test_two_sounds_are_both_kept(ffmpeg, movie, tmp_path) -> None:
    path = movie("two_audio")
    known = probe(path)
    canvas = Size(100, 180)
    framed = Framing(
        canvas, known.video.display_size, known.video.rate, (Cell(0, 0, canvas, make.camera(((0, 1.0, 0.0, 0.0),))),)
    )
    timeline = build_timeline(known, [(Shot(5, 20), framed)], name="two", recipe={})
    _, sounds, _ = run(ffmpeg, timeline, tmp_path)
    heard = []
    for sound in sounds:
        spectrum = np.abs(np.fft.rfft(sound))
        heard.append(np.argmax(spectrum) * 48000 / len(sound))
    assert heard == pytest.approx([880, 440], abs=5)


def test_many_keys_stay_shallow(ffmpeg, coded, tmp_path) -> None:
    """FFmpeg's parser gives up at a hundred levels: a chain would not load, a balanced tree does."""
    keys = tuple((n, FILL, 150.0 * (-1) ** n, 0.0) for n in range(48))
    many = tuple((n, FILL, float(n % 300) - 150, 0.0) for n in range(0, 5000))
    framed = framing(keys)
    found, _, _ = run(ffmpeg, cut(coded, (0, 48, framed)), tmp_path)
    source = pictures(coded)
    for n in (0, 1, 30, 47):
        ours = drawn(framed, source, 0, [n])[n]
        (down, across), _ = offset(found[n][0], ours[0])
        assert (down, abs(across) <= 1) == (0, True)
    of = make.media(frame_count=5000, size=SOURCE)
    graph = deliver(
        make.timeline((0, 5000, framing(many)), of=of), "ffmpeg", folder=tmp_path
    ).files[".ffmpeg.filter"].decode()  # fmt: skip
    depth = deepest = 0
    for mark in graph:
        depth += (mark == "(") - (mark == ")")
        deepest = max(deepest, depth)
    assert deepest < 40 and depth == 0


def test_a_script_of_another_name_finds_its_graph(ffmpeg, coded, tmp_path) -> None:
    """`panscan deliver -o look.sh` writes look.sh and look.ffmpeg.filter."""
    artifact = deliver(cut(coded, (0, 3, framing(((0, FILL, 0.0, 0.0),)))), "ffmpeg", folder=tmp_path)
    (tmp_path / "look.sh").write_bytes(artifact.main)
    (tmp_path / "look.ffmpeg.filter").write_bytes(artifact.files[".ffmpeg.filter"])
    subprocess.run(["sh", "look.sh"], cwd=tmp_path, env={**os.environ, "FFMPEG": ffmpeg}, check=True, timeout=300)
    assert len(pictures(tmp_path / "look.mp4")) == 3
