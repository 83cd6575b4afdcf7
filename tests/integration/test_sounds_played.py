"""Sound that melt and FFmpeg play from deliveries: each tone is heard where the cut says, as loud as it says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import needed
import numbered as make
from coded_movies import play_with_melt
from panscan.deliver import Artifact, deliver
from panscan.ingest.cuts.read import read_editor_cut
from structures import reading
from structures.sounds import CUTS, FILES, FPS, HZ, SECONDS, Footage, Heard, shoot, signal

SAMPLES = HZ // FPS  # of a frame
RETIMED = {"fast"}  # the pitch of a sound at another speed is up to the program


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    return shoot(tmp_path_factory.mktemp("sounds"))


def mixed(heard: tuple[Heard, ...], frames: int) -> Any:
    """What must be heard: left and right. Sound of one channel is spread over both with its power kept."""
    found = np.zeros((frames * SAMPLES, 2))
    for one in heard:
        first, end = int(one.first * SAMPLES), min(int(one.end * SAMPLES), len(found))
        at = np.arange(first, end)
        media_s = (float(one.media) + (at / SAMPLES - float(one.first)) * float(one.speed)) / FPS
        inside = (media_s >= 0) & (media_s < SECONDS[one.stem])
        factor = np.array([one.factor(frame) for frame in at / SAMPLES]) * inside
        if FILES[one.stem][0] == 1 or len(one.channels) == 1:
            factor = factor / np.sqrt(2)
        channels = one.channels or tuple(range(FILES[one.stem][0]))
        for side in (0, 1):
            balance = 1 - max(one.pan * (1 if side == 0 else -1), 0)
            found[first:end, side] += (
                balance * factor * signal(one.stem, channels[min(side, len(channels) - 1)], media_s)
            )
    return found


def played(path: Path) -> Any:
    with av.open(str(path)) as container:
        parts = [frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)]
    return np.concatenate(parts) / 32768


def told_apart(samples: Any, heard: tuple[Heard, ...]) -> None:
    """Per frame little is left when what must be heard is taken away."""
    wanted = mixed(heard, len(samples) // SAMPLES)
    left, whole = (
        np.sqrt((rows.reshape(-1, SAMPLES, 2) ** 2).mean(axis=1)) for rows in (samples[: len(wanted)] - wanted, wanted)
    )
    assert whole.max() > 0.05
    assert left.max() < 0.02, (np.argwhere(left > 0.02).tolist(), left.max())


@pytest.fixture(scope="module")
def delivered(media: Footage, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], tuple[Any, Artifact]]:
    folder = tmp_path_factory.mktemp("cuts")

    @cache
    def made(name: str, exporter: str) -> tuple[Any, Artifact]:
        sounding = CUTS[name](media)
        cut = read_editor_cut(make.written(sounding.timeline, folder / f"{name}.otio"))
        return sounding, deliver(reading.framed(cut).timeline, exporter, folder=Path("/"))

    return made


@pytest.mark.parametrize("suffix", [".mlt", ".kdenlive"])
@pytest.mark.parametrize("name", [name for name in CUTS if name not in RETIMED])
def test_melt_plays_the_sound_of_the_cut(
    name: str, suffix: str, delivered: Callable[[str, str], tuple[Any, Artifact]], melt: str, tmp_path: Path
) -> None:
    sounding, artifact = delivered(name, "mlt")
    document = tmp_path / f"cut{suffix}"
    document.write_bytes(artifact.files[suffix])
    log = play_with_melt(melt, document, tmp_path / "out.avi")
    assert "failed" not in log.lower(), log
    told_apart(played(tmp_path / "out.avi"), sounding.heard)


@pytest.mark.parametrize("name", [name for name in CUTS if name not in RETIMED])
def test_the_script_for_ffmpeg_mixes_the_sound_of_the_cut(
    name: str, delivered: Callable[[str, str], tuple[Any, Artifact]], tmp_path: Path
) -> None:
    sounding, artifact = delivered(name, "ffmpeg")
    for suffix, data in artifact.files.items():
        (tmp_path / f"cut{suffix}").write_bytes(data)
    words = ["sh", str(tmp_path / "cut.ffmpeg.sh"), str(tmp_path / "out.mkv"), "-c:v", "ffv1", "-c:a", "pcm_s16le"]
    environment = {**os.environ, "FFMPEG": needed.program("ffmpeg")}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    samples = played(tmp_path / "out.mkv")
    assert len(samples) % SAMPLES == 0  # whole frames, to the sample
    told_apart(samples, sounding.heard)
