"""The media of the cuts: short, numbered, at the rates and timecodes that matter."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import media
import numbered as make

PAL, FILM, NTSC = Fraction(25), Fraction(24), Fraction(30000, 1001)
FRAMES = 60
RATES = {"film": FILM, "ntsc": NTSC, "drop": NTSC}
# Embedded timecode in frames since midnight.
STARTS = {"tc": 90_000, "ntsc": 108_000, "drop": 107_892}

Footage = Mapping[str, Path]


def shoot(folder: Path) -> Footage:
    """Movies and stills by their stem. "lost" lies in a folder of its own; "music" has no picture."""
    moved = folder / "moved"
    moved.mkdir()
    sound = {"tones": {"und": 440.0}}
    return {
        "a": make.movie(folder / "a.mp4", 0),
        "b": make.movie(folder / "b.mp4", 1),
        "tc": make.movie(folder / "tc.mov", 2, timecode="01:00:00:00"),
        "film": make.movie(folder / "film.mp4", 3, rate=FILM),
        "ntsc": make.movie(folder / "ntsc.mov", 4, rate=NTSC, timecode="01:00:00:00"),
        "drop": make.movie(folder / "drop.mov", 5, rate=NTSC, timecode="01:00:00;00"),
        "loud": make.movie(folder / "loud.mp4", 6, **sound),
        "still": make.still(folder / "still.png", 7),
        "lost": make.movie(moved / "lost.mp4", 8),
        "music": media.audio_only(folder / "music.m4a"),
    }
