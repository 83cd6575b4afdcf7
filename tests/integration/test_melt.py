"""The .mlt file rendered by melt on a picture that codes its own positions: which frame, and which crop, it shows."""

from __future__ import annotations

import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

import documents as make
from panscan.deliver import deliver
from panscan.document.effect import rounded
from panscan.model.geometry import Size

SOURCE, CANVAS = Size(960, 540), Size(540, 960)
START = 90000


@pytest.fixture(scope="module")
def melt() -> str:
    found = shutil.which("melt")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("melt is missing: install it, so that .mlt files are rendered here")
        pytest.skip("melt is not installed")
    return found


def coded_picture(size: Size, frame: int) -> np.ndarray:
    """Red tells x, green tells y, blue tells the frame; dithered, so that means are exact to a fraction of a level."""
    x, y = np.arange(size.width) + 0.5, np.arange(size.height) + 0.5
    golden = (np.sqrt(5) - 1) / 2
    red = x[None, :] * 250 / size.width + (np.arange(size.height)[:, None] * golden) % 1
    green = y[:, None] * 250 / size.height + (np.arange(size.width)[None, :] * golden) % 1
    return np.stack([red, green, np.full(red.shape, 4 * frame)], axis=-1).astype(np.uint8)


def write_coded(path: Path, size: Size, rate: Fraction, frame_count: int) -> None:
    """A lossless movie of coded pictures with a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=rate)
        video.width, video.height, video.pix_fmt = size.width, size.height, "bgr0"
        sound = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        for number in range(frame_count):
            picture = av.VideoFrame.from_ndarray(coded_picture(size, number), format="rgb24")
            container.mux(video.encode(picture.reformat(format="bgr0")))
        container.mux(video.encode(None))
        times = np.arange(int(48000 * frame_count / rate)) / 48000
        tone = (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)[None]
        samples = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
        samples.sample_rate, samples.pts = 48000, 0
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))


def decode(path: Path) -> tuple[list[np.ndarray], np.ndarray]:
    """All pictures as RGB and all samples."""
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with av.open(str(path)) as container:
        samples = [frame.to_ndarray().ravel() for frame in container.decode(audio=0)]
    return pictures, np.concatenate(samples)


def located(picture: np.ndarray, source: Size) -> np.ndarray:
    """The source rectangle in a picture: straight lines through the mean red per column and green per row."""
    sides = []
    for channel, extent, mean_over in ((0, source.width, 0), (1, source.height, 1)):
        levels = picture[..., channel].mean(axis=mean_over)  # the dither undoes the rounding down to whole levels
        length = len(levels)
        inner = slice(4, length - 4)
        slope, at_zero = np.polyfit(np.arange(length)[inner] + 0.5, levels[inner] * extent / 250, 1)
        sides.append((at_zero, slope * length))
    (left, width), (top, height) = sides
    return np.array([left, top, width, height])


def test_melt_shows_the_cameras_crops(melt, tmp_path) -> None:
    movie = tmp_path / "coded.mkv"
    write_coded(movie, SOURCE, make.PAL, 60)
    pan_zoom = ((0, 1.9, 200.0, 0.0), (20, 1.9, -150.5, 0.0), (30, 2.6, 100.25, 80.0), (31, 2.0, -60.0, -40.0))
    tilt = ((0, 2.5, 0.0, -120.0), (59, 2.5, 30.0, 140.0))
    first, second = (rounded(make.framing(keys, canvas=CANVAS, source=SOURCE)) for keys in (pan_zoom, tilt))
    of = make.media(str(movie), size=SOURCE, frame_count=60, start_frame=START, audio=((1, 48000),))
    timeline = make.timeline((10, 40, first), (45, 60, second), of=of)
    for track in timeline.tracks:
        track.insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(5, 25)))
    document = tmp_path / "talk.mlt"
    artifact = deliver(timeline, "mlt", folder=tmp_path)
    document.write_bytes(artifact.main)
    out = tmp_path / "out.mkv"
    log = _melt(melt, document, out)
    assert "qtblend" not in log and "X11" not in log and "failed" not in log.lower(), log

    pictures, samples = decode(out)
    assert len(pictures) == 50
    for record_first, framing, frames in ((0, first, range(10, 40)), (35, second, range(45, 60))):
        crops = framing.cells[0].crops(np.array(frames), SOURCE)
        shown = pictures[record_first : record_first + len(frames)]
        assert [round(p[..., 2].mean() / 4) for p in shown] == list(frames)
        errors = np.array([located(p, SOURCE) for p in shown]) - crops
        assert np.abs(errors).max() < 0.1, np.abs(errors).max(axis=0)
    assert all(p.max() < 3 for p in pictures[30:35]), "the gap is not black"
    loud = np.abs(samples.astype(float)) > 0.05 * np.abs(samples).max()
    per_frame = [part.mean() for part in np.array_split(loud, 50)]
    assert min(per_frame[:29] + per_frame[36:]) > 0.5 and max(per_frame[31:34]) == 0


def test_melt_shows_black_around_a_letterbox(melt, tmp_path) -> None:
    movie = tmp_path / "coded.mkv"
    write_coded(movie, SOURCE, make.NTSC, 6)
    whole = make.framing(((0, 0.5625, 0.0, 40.0),), canvas=CANVAS, source=SOURCE, rate=make.NTSC)
    of = make.media(str(movie), size=SOURCE, rate=make.NTSC, frame_count=6, audio=((1, 48000),))
    document = tmp_path / "talk.mlt"
    document.write_bytes(deliver(make.timeline((1, 5, whole), of=of), "mlt", folder=tmp_path).main)
    _melt(melt, document, tmp_path / "out.mkv")
    pictures, _ = decode(tmp_path / "out.mkv")
    assert [round(p[400:600, ..., 2].mean() / 4) for p in pictures] == [1, 2, 3, 4]
    top = (960 - 540 * 0.5625) / 2 + 40
    for picture in pictures:
        lit = np.flatnonzero(picture.max(axis=(1, 2)) > 3)
        assert (lit[0], lit[-1] + 1) == pytest.approx((top, top + 303.75), abs=1)


def test_the_fit_finds_a_crop_to_a_hundredth_of_a_pixel() -> None:
    picture = coded_picture(SOURCE, 0)[100:400, 200:700]
    assert located(picture, SOURCE) == pytest.approx([200, 100, 500, 300], abs=0.03)


def _melt(melt: str, document: Path, out: Path) -> str:
    # qtblend draws with Qt: without these it is skipped with a line on stderr and exit code 0.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DISPLAY": os.environ.get("DISPLAY") or ":99"}
    consumer = f"avformat:{out} vcodec=ffv1 pix_fmt=bgr0 mlt_image_format=rgb acodec=pcm_s16le real_time=-1"
    done = subprocess.run(
        [melt, str(document), "-consumer", *consumer.split()],
        env=environment, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return "\n".join(line for line in done.stderr.splitlines() if "Current Frame" not in line)
