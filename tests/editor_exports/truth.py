"""The cut that all editors are given: its media, and by hand what of them is seen and heard at which record frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numbered
import tones

FPS = 25
FRAMES = 100  # of each media
MUSIC_FRAMES = 240
HOUR = 3600  # s: where each editor's timeline starts
MUSIC_DB = -12.0
FROZEN = 30  # media frame of the freeze frame
LENGTH = 230
TITLE = (190, 230)
DISSOLVE = (50, 8, 8)  # record frame of the cut, and frames before and after it

Sound = tuple[str, int, int, int]  # media, first and last record frame, media frame heard first

# Media, first record frame, frames, media frame shown first; the third is a freeze frame.
PICTURES = (("0", 0, 50, 10), ("1", 50, 40, 20), ("2", 90, 20, FROZEN), ("3", 110, 45, 25), ("4", 155, 35, 15))
SHOWN = tuple(
    (stem, media + (0 if stem == "2" else n)) for stem, _, count, media in PICTURES for n in range(count)
)  # fmt: skip
MUSIC: Sound = ("music", 0, LENGTH, 0)
# The sound of 3 begins 12 frames before its picture, under the freeze frame.
AFTER: tuple[Sound, ...] = (("3", 98, 155, 13), ("4", 155, 190, 15), MUSIC)
CUT_HARD: tuple[Sound, ...] = (("0", 0, 50, 10), ("1", 50, 90, 20), *AFTER)
# The sounds cross in the dissolve, like the pictures.
CROSSED: tuple[Sound, ...] = (("0", 0, 58, 10), ("1", 42, 90, 12), *AFTER)


def hz(stem: str) -> float:
    """The tone of a media."""
    return 1900.0 if stem == "music" else 400.0 + 240 * int(stem)


def shoot(folder: Path) -> dict[str, Path]:
    """Movies whose pictures tell their number, with a tone in stereo, and music."""
    made = {str(n): numbered.movie(folder / f"{n}.mov", n, FRAMES, tones={"und": hz(str(n))}) for n in range(5)}
    made["music"] = tones.write_sound(folder / "music.wav", [hz("music")] * 2, MUSIC_FRAMES / FPS)
    return made


def seconds(frames: float) -> Fraction:
    return Fraction(frames) / FPS
