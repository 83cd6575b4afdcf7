"""One cut as five editors export it: pictures and sounds are those of a table that was worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import numbered
from commandline import panscan
from editor_exports import as_otio, avid, final_cut, premiere, resolve, truth
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline import cut as document
from panscan.timeline.sound import read_sounds
from structures import reading

Media = dict[str, Path]
# File name, how it is written, which sounds are heard, and whether the format says the level of the music.
EXPORTS: dict[str, tuple[str, Callable[[Media], str], tuple[truth.Sound, ...], bool]] = {
    **{
        f"Final Cut {version}{' wrapped' if wrapped else ''}": (
            "cut.fcpxml", lambda m, v=version, w=wrapped: final_cut.text(m, v, wrapped=w), truth.CROSSED, True)
        for version in final_cut.VERSIONS
        for wrapped in (False, True)
    },
    "Premiere": ("cut.xml", premiere.text, truth.CROSSED, True),
    "Premiere nested": ("cut.xml", lambda m: premiere.text(m, nested=True), truth.CROSSED, True),
    "Premiere layered": ("cut.xml", lambda m: premiere.text(m, layered=True), truth.CROSSED, True),
    "Premiere OTIO": ("cut.otio", lambda m: as_otio.text(m, "premiere"), truth.CROSSED, False),
    **{
        f"Resolve {version}": ("cut.fcpxml", lambda m, v=version: resolve.text(m, v), truth.CUT_HARD, True)
        for version in resolve.VERSIONS
    },
    "Resolve OTIO": ("cut.otio", lambda m: as_otio.text(m, "resolve"), truth.CROSSED, False),
    "Avid EDL": ("cut.edl", avid.text, truth.CUT_HARD, False),
}  # fmt: skip
# Amplitude of each media's tone.
LEVELS = {**dict.fromkeys("01234", 0.3), "music": 0.1}
RENDERED = ("Final Cut 1.13 wrapped", "Premiere")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    return truth.shoot(tmp_path_factory.mktemp("editors"))


@pytest.fixture
def export(media: Media, tmp_path: Path) -> Callable[[str], Path]:
    def made(name: str) -> Path:
        file, write, _, _ = EXPORTS[name]
        path = tmp_path / file
        path.write_bytes(write(media).encode())
        return path

    return made


@pytest.mark.parametrize("name", EXPORTS)
def test_the_pictures_are_those_of_the_editor(name: str, export: Callable[[str], Path]) -> None:
    cut = read_editor_cut(export(name))
    framed = reading.framed(cut).timeline
    pictures, _ = reading.by_panscan(framed)
    shown = list(truth.SHOWN)
    if name == "Avid EDL":  # there the later clip begins with the dissolve
        shown[42:50] = [("1", 12 + n) for n in range(8)]
    assert pictures == shown
    assert cut.rate == truth.FPS
    assert framed.global_start_time.to_seconds() == truth.HOUR
    cut_at, before, after = (42, 0, 16) if name == "Avid EDL" else truth.DISSOLVE
    assert reading.dissolves_of(framed) == [(cut_at, before, after)]


@pytest.mark.parametrize("name", EXPORTS)
def test_the_sounds_are_those_of_the_editor(name: str, export: Callable[[str], Path]) -> None:
    timeline = reading.framed(read_editor_cut(export(name))).timeline
    found = []
    for sound in read_sounds(timeline, folder=Path("/")):
        assert sound.is_playable and not sound.stream and not sound.pan and len(sound.channels) in (0, 2)
        frames = tuple(time_s * truth.FPS for time_s in (sound.start_s, sound.end_s, sound.media_s))
        found.append((sound.path.stem, *frames, round(sound.gain[0][1], 2) if sound.gain else 0.0))
    _, _, heard, has_level = EXPORTS[name]
    wanted = [(*sound, truth.MUSIC_DB if has_level and sound[0] == "music" else 0.0) for sound in heard]
    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("name", EXPORTS)
def test_the_cut_ends_with_its_title(name: str, export: Callable[[str], Path]) -> None:
    read = document.read_cut(reading.framed(read_editor_cut(export(name))).timeline, folder=Path("/"))
    assert read.frame_count == truth.LENGTH


@pytest.mark.parametrize("name", RENDERED)
def test_the_movie_is_the_cut(name: str, export: Callable[[str], Path], tmp_path: Path) -> None:
    """Every numbered picture, and the tones of every fifth of a second."""
    framed = tmp_path / "framed.otio"
    numbered.written(numbered.framed(read_editor_cut(export(name))).timeline, framed)
    movie = tmp_path / "movie.mp4"
    ran = panscan("render", framed, "-o", movie, "--json")
    assert ran.code == 0, ran.err
    cut, before, after = truth.DISSOLVE
    expected: list[Any] = [(int(stem), frame) for stem, frame in truth.SHOWN]
    expected += [None] * (truth.LENGTH - len(expected))
    found = list(numbered.numbers(movie))
    assert len(found) == len(expected)
    mixed = range(cut - before, cut + after)
    assert [p for n, p in enumerate(found) if n not in mixed] == [p for n, p in enumerate(expected) if n not in mixed]
    for first in range(2, truth.LENGTH - 5, 5):
        if {first, first + 4} & set(mixed) or _is_edge(first):
            continue
        assert _tones(movie, first) == _wanted(first), first


def _is_edge(first: int) -> bool:
    edges = {edge for _, start, end, _ in truth.CROSSED for edge in (start, end)}
    return bool(edges & set(range(first, first + 6)))


def _wanted(first: int) -> dict[str, float]:
    """Level in dB of every media that is heard."""
    on = [sound[0] for sound in truth.CROSSED if sound[1] <= first < sound[2]]
    return {stem: truth.MUSIC_DB if stem == "music" else 0.0 for stem in sorted(on)}


@cache
def _sound(movie: Path) -> Any:
    """The left channel, from the time 0 on."""
    with av.open(str(movie)) as container:
        blocks = [(frame.pts, frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    samples = np.concatenate([block for _, block in blocks])
    return samples[-blocks[0][0] :] if blocks[0][0] < 0 else np.pad(samples, (blocks[0][0], 0))


def _tones(movie: Path, first: int) -> dict[str, float]:
    samples = _sound(movie)[first * 1920 : (first + 5) * 1920]
    window = np.hanning(len(samples))
    time_s = np.arange(len(samples)) / 48000
    found = {}
    for stem, level in LEVELS.items():
        turning = np.exp(-2j * np.pi * truth.hz(stem) * time_s)
        strength = 2 * abs(np.sum(samples * window * turning)) / np.sum(window)
        if strength > 0.005:
            found[stem] = float(np.round(20 * np.log10(strength / level)))
    return dict(sorted(found.items()))
