"""The sound of .mlt and .kdenlive files rendered by melt: each tone is heard where the cut says, as loud as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import numbered as make
from coded_movies import play_with_melt
from panscan.deliver import deliver
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
        if FILES[one.stem][0] == 1:
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


@pytest.mark.parametrize("suffix", [".mlt", ".kdenlive"])
@pytest.mark.parametrize("name", [name for name in CUTS if name not in RETIMED])
def test_melt_plays_the_sound_of_the_cut(name: str, suffix: str, media: Footage, melt: str, tmp_path: Path) -> None:
    sounding = CUTS[name](media)
    cut = read_editor_cut(make.written(sounding.timeline, tmp_path / "cut.otio"))
    artifact = deliver(reading.framed(cut).timeline, "mlt", folder=Path("/"))
    document = tmp_path / f"cut{suffix}"
    document.write_bytes(artifact.files[suffix])
    log = play_with_melt(melt, document, tmp_path / "out.avi")
    assert "failed" not in log.lower(), log
    samples = played(tmp_path / "out.avi")
    wanted = mixed(sounding.heard, len(samples) // SAMPLES)
    # Per frame: what is left when what must be heard is taken away.
    left, whole = (
        np.sqrt((rows.reshape(-1, SAMPLES, 2) ** 2).mean(axis=1)) for rows in (samples[: len(wanted)] - wanted, wanted)
    )
    assert whole.max() > 0.05
    assert left.max() < 0.02, (np.argwhere(left > 0.02).tolist(), left.max())
