"""Faults of the file: its end, its size, its tags, its number of pictures."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import media
from faults.fault import Fault, Plant
from faults.kinds import Stage
from faults.remaking import remade

# Of one clip, of variable rate, of more bits, and of a cut.
KINDS = ("still camera", "variable rate", "10 bit", "dissolves")


def _cut_off(s: Stage, target: Path) -> Stage:
    target.write_bytes(s.movie.read_bytes()[: s.movie.stat().st_size * 6 // 10])
    return replace(s, movie=target)


def _of_one_picture(count: int, number: int = 33):
    return lambda s, t: replace(s, movie=remade(s.movie, t, lambda n, f: [f] * (count if n == number else 1)))


def _encoded(x264: str) -> Plant:
    return lambda s, t: replace(s, movie=remade(s.movie, t, x264=x264))


def _shown_through(*matrix: float) -> Plant:
    return lambda s, t: replace(s, movie=media.show_through(Path(shutil.copy(s.movie, t)), matrix))


FAULTS = (
    Fault("file cut off", _cut_off, "playable", KINDS),
    Fault("one picture left out", _of_one_picture(0), "frame_count", KINDS),
    Fault("one picture doubled", _of_one_picture(2), "frame_count", KINDS),
    Fault("tagged full range", lambda s, t: replace(s, movie=remade(s.movie, t, full_range=True)), "colour", KINDS),
    *(
        Fault(name, plant, check, KINDS[:1], why="tags are the same whatever the pictures show")
        for name, plant, check in (
            ("pixels of another shape, by the coded pictures", _encoded("sar=4/3"), "canvas"),
            ("turned upside down by a tag", _shown_through(-1, 0, 0, -1), "canvas"),
            ("turned a degree by a tag", _shown_through(*media.turned_matrix(1)), "canvas"),
            ("mirrored by a tag", _shown_through(-1, 0, 0, 1), "canvas"),
            ("flagged as interlaced", _encoded("interlaced=1"), "fields"),
        )
    ),
)
