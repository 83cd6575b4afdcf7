"""The small copy of a movie in the review page: picture n of it is frame n of the movie, whatever the movie is like."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import banded
import media_shapes
from panscan import ingest
from panscan.review.proxy import make_proxy

RATES = {"hevc": 25, "prores": 25, "ntsc": Fraction(30000, 1001), "fast_matroska": Fraction(60000, 1001)}
UNEVEN = ("variable", "pictures_missing", "long_step", "dropped_avi", "late_picture")


def shown(path: Path) -> list[tuple[float, int | None]]:
    """Time and number of each picture, read by FFmpeg alone."""
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), banded.number(frame.to_ndarray(format="gray").astype(float)))
            for frame in container.decode(video=0)
        ]


@pytest.mark.parametrize("name", [*RATES, "film", "turned_quarter_right", "wide_pixels"])
def test_each_picture_has_the_number_of_its_frame(name: str, tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    source = (
        media_shapes.film(tmp_path / "film.mp4", rate=str(rate))
        if name == "film"
        else media_shapes.made(name, tmp_path)
    )
    media = ingest.probe(source)
    found = shown(make_proxy(media, tmp_path / "cache" / "proxy.mp4"))
    assert [number for _, number in found] == list(range(media.frame_count)) and media.frame_count >= 20
    rate = RATES.get(name, rate if name == "film" else Fraction(25))
    assert [time for time, _ in found] == pytest.approx([n / float(rate) for n in range(len(found))], abs=1e-3)


@pytest.mark.parametrize("name", UNEVEN)
def test_where_pictures_come_at_a_variable_rate_each_stays_until_the_next(name: str, tmp_path: Path) -> None:
    media = ingest.probe(media_shapes.made(name, tmp_path))
    source = shown(Path(media.path))
    found = shown(make_proxy(media, tmp_path / "cache" / "proxy.mp4"))
    rate, start = float(media.video.rate), source[0][0]
    early = 1 / 8 if media.video.is_vfr else 1 / 2  # frames that a picture may come before its place
    expected = [
        [number for time, number in source if (time - start) * rate <= frame + early + 1e-6][-1]
        for frame in range(media.frame_count)
    ]
    assert [number for _, number in found] == expected and len(set(expected)) > 10


def test_a_player_can_seek_in_it_quickly_and_sound_goes_with_the_pictures(tmp_path: Path) -> None:
    media = ingest.probe(media_shapes.made("late_sound", tmp_path))
    path = make_proxy(media, tmp_path / "cache" / "proxy.mp4")
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        keys = [n for n, frame in enumerate(container.decode(video)) if frame.key_frame]
        assert keys == list(range(0, media.frame_count, 15)) and not video.codec_context.has_b_frames
        assert (video.codec_context.name, video.format.name) == ("h264", "yuv420p")
    with av.open(str(path)) as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        begins = np.flatnonzero(np.abs(heard) > 0.05)[0] / container.streams.audio[0].rate
    assert begins == pytest.approx(0.4, abs=0.05)


def test_colours_are_those_of_the_movie(movie: Callable[[str], Path], tmp_path: Path) -> None:
    """Also of ten bits: a correction is judged by what is seen."""
    source = movie("ten_bit")
    made = make_proxy(ingest.probe(source), tmp_path / "cache" / "proxy.mp4")

    def mean(path: Path) -> Any:
        with av.open(str(path)) as container:
            pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        return np.mean(pictures, axis=(0, 1, 2))

    assert np.abs(mean(source) - mean(made)).max() < 2, "levels; rounding of ten bits makes 1.3"


def test_it_is_made_once_and_a_stopped_one_is_none(tmp_path: Path) -> None:
    media = ingest.probe(media_shapes.made("hevc", tmp_path))

    def stop(done: int, _: int) -> None:
        if done > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_proxy(media, tmp_path / "cache" / "proxy.mp4", stop)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    made = make_proxy(media, tmp_path / "cache" / "proxy.mp4")
    assert make_proxy(media, tmp_path / "cache" / "proxy.mp4", stop) == made
