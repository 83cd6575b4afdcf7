"""Which picture and sound tracks an event records."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Codes that are no list of tracks.
_WORDS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "": ((1,), ()), "B": ((1,), (1,)), "NONE": ((), ()),
}  # fmt: skip
_PART = re.compile(r"(V|A)(\d*)")
_MAX_TRACK = 128  # that any editor writes


@dataclass(frozen=True, slots=True)
class Channels:
    """The tracks of the record that an event records.

    Attributes
    ----------
    pictures : tuple of int
        Numbers of its picture tracks, from 1.
    sounds : tuple of int
        Numbers of its sound tracks, from 1.
    """

    pictures: tuple[int, ...]
    sounds: tuple[int, ...]


def read_channels(code: str, more_sound: tuple[int, ...] = ()) -> Channels:
    """The tracks of a code such as V, V2, A, A2, AA, AA/V, B or NONE, and of a line AUD.

    A list without this field records pictures.
    """
    if code in _WORDS:
        pictures, sounds = _WORDS[code]
    else:
        parts = [(letter, int(number or 1)) for letter, number in _PART.findall(code)]
        pictures = tuple(dict.fromkeys(n for letter, n in parts if letter == "V" and 0 < n <= _MAX_TRACK))
        sounds = tuple(_sound_tracks([n for letter, n in parts if letter == "A" and 0 < n <= _MAX_TRACK]))
    extra = (n for n in more_sound if 0 < n <= _MAX_TRACK)
    return Channels(pictures, tuple(dict.fromkeys((*sounds, *extra))))


def _sound_tracks(numbers: list[int]) -> list[int]:
    """The numbers without doubles; a letter without a number beside another one is the next track, as in AA."""
    tracks: list[int] = []
    for number in numbers:
        tracks.append(number if number not in tracks else max(tracks) + 1)
    return tracks
