"""Finding out whether the pictures of a movie are made of two fields: from pictures, as flags alone are often wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

import av.error
import numpy as np
import numpy.typing as npt

from panscan.model.media import Deinterlace, Fields

Rows = npt.NDArray[np.int16]

_SAMPLE_PICTURES = 12  # in a row: two rounds of 3:2 pulldown, and one picture more on both sides
_PLACES = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))  # of the movie: where a flagged one is looked at
_LEAST_SIGNS = 4  # of ten pictures, that all must say the same
_CLEAR_SHARE = 0.9  # of the combed pictures, that must show the same order of fields to overrule their flags
_PULLDOWN = 5  # pictures after which 3:2 pulldown repeats; two of them mix two frames of the film

# Rows of the formats that are ever interlaced: SD with and without blanking, HD with and without padding; and the most
# frames per second. A movie of another kind is not measured unless it is flagged.
_INTERLACED_ROWS = frozenset((480, 486, 576, 608, 1080, 1088))
_INTERLACED_RATE_HZ = 31

_COLUMN_STEP = 4  # every fourth column is looked at: combs run along rows
_MOVING_LEVELS = 10  # of 256: a sample that changes by more has moved, beyond noise
_COMB_LEVELS = 10  # of 256: how far a row of a comb lies from the rows above and below it
# Share of the moving samples that lie on a comb. Measured on 60 clips: 0.000 to 0.008 where they are progressive (0.02
# in test patterns), 0.03 to 0.5 where the same are interlaced.
_COMBED_SHARE, _PROGRESSIVE_SHARE = 0.03, 0.02
_MOVING_SHARE = 0.02  # of all samples: below, too little moves to call a picture progressive


class Scan(NamedTuple):
    """How the pictures of a movie were scanned.

    Attributes
    ----------
    fields : Fields
        What must be deinterlaced.
    order : Fields
        "top_first" or "bottom_first": for a user who wants all pictures deinterlaced.
    is_telecined : bool
        Two of five pictures mix two frames of a film (3:2 pulldown).
    is_flagged : bool
        Pictures are flagged as interlaced, rightly or not.
    """

    fields: Fields = "progressive"
    order: Fields = "top_first"
    is_telecined: bool = False
    is_flagged: bool = False

    def chosen(self, wanted: Deinterlace) -> Fields:
        """What is deinterlaced if the user wants this."""
        if wanted == "auto":
            return self.fields
        return self.order if wanted == "on" else "progressive"

    def notes(self, wanted: Deinterlace) -> tuple[str, ...]:
        """What a user should know, a line each."""
        told = []
        if self.is_telecined:
            told.append("2 of 5 pictures mix two frames of a film (3:2 pulldown); an inverse telecine would be sharper")
        if wanted == "auto" and self.fields != "progressive":
            told.append("the pictures are interlaced: each is deinterlaced (--deinterlace off keeps the combs)")
        if wanted == "auto" and self.is_flagged and self.fields == "progressive":
            told.append("the file says interlaced, its pictures do not: they are kept (--deinterlace on changes that)")
        return tuple(told)


def scan_of(container: Any, stream: Any, first: Any, rate: Fraction, pts: npt.NDArray[np.int64]) -> Scan:
    """How a movie was scanned, from a few rows of its pictures. Afterwards the container is read from elsewhere.

    Parameters
    ----------
    container, stream
        Opened.
    first : av.VideoFrame
        The first picture.
    rate : Fraction
        Frames per second.
    pts : ndarray, shape (n,)
        Timestamps of all pictures, rising.
    """
    is_flagged = bool(first.interlaced_frame)
    if not is_flagged and (first.height not in _INTERLACED_ROWS or rate > _INTERLACED_RATE_HZ):
        return Scan()
    places = _PLACES if is_flagged else _PLACES[1:2]
    looks = [_look(container, stream, int(pts[int(len(pts) * place)]), is_flagged) for place in places]
    is_flagged = is_flagged or any(look.is_flagged for look in looks)
    flat = [sign for look in looks for sign in look.signs]
    top, bottom = flat.count("top_first"), flat.count("bottom_first")
    order: Fields = "bottom_first" if bottom > top else "top_first"
    combed = top + bottom
    is_telecined = any(_is_pulldown(look.signs) for look in looks)
    if is_flagged:  # cameras and broadcasters flag progressive pictures, too
        is_progressive = not combed and all(look.signs.count("progressive") >= _LEAST_SIGNS for look in looks)
        # Encoders often flag the wrong order; but where some pictures are whole, flags alone tell which.
        is_clear = max(top, bottom) >= max(_LEAST_SIGNS, _CLEAR_SHARE * combed) and all(look.has_all for look in looks)
        return Scan("progressive" if is_progressive else order if is_clear else "flagged", order, is_telecined, True)
    is_interlaced = is_telecined or (combed >= _LEAST_SIGNS and "progressive" not in flat)
    return Scan(order if is_interlaced else "progressive", order, is_telecined)


class _Look(NamedTuple):
    """What a few pictures in a row show.

    Attributes
    ----------
    signs : list of str
        For each picture but the first and the last: "top_first", "bottom_first", "progressive", or "" in doubt.
    is_flagged, has_all : bool
        Whether one of them is flagged as interlaced, and whether all are.
    """

    signs: list[str]
    is_flagged: bool
    has_all: bool


def _look(container: Any, stream: Any, pts: int, is_flagged: bool) -> _Look:
    """Look at the pictures from a time on; without flags not for longer than it takes to see that they are whole."""
    planes: list[Rows] = []
    signs: list[str] = []
    has_all = True
    for frame in islice(_pictures_from(container, stream, pts), _SAMPLE_PICTURES):
        is_flagged, has_all = is_flagged or bool(frame.interlaced_frame), has_all and bool(frame.interlaced_frame)
        planes = [*planes[-2:], _luma(frame)]
        if len(planes) == 3:
            signs.append(_sign(*planes))
        is_whole = "progressive" in signs and not any(map(_is_combed, signs))
        if not is_flagged and len(signs) == _PULLDOWN - 1 and is_whole:
            break  # whatever follows, it is neither interlaced throughout nor 3:2 pulldown
    return _Look(signs, is_flagged, has_all)


def _pictures_from(container: Any, stream: Any, pts: int) -> Iterator[Any]:
    try:
        container.seek(pts, stream=stream)
        yield from container.decode(stream)
    except av.error.FFmpegError:  # damaged there: what was decoded tells
        return


def _luma(frame: Any) -> Rows:
    return np.asarray(frame.reformat(format="gray").to_ndarray()[:, ::_COLUMN_STEP], np.int16)


def _sign(before: Rows, here: Rows, after: Rows) -> str:
    if not before.shape == here.shape == after.shape:
        return ""
    moving = np.abs(here[2:-2] - before[2:-2]) > _MOVING_LEVELS
    share = float(_on_combs(here, moving).mean()) if moving.any() else 0.0
    if share >= _COMBED_SHARE:
        return _field_order(before, here, after)
    return "progressive" if moving.mean() >= _MOVING_SHARE and share < _PROGRESSIVE_SHARE else ""


def _on_combs(here: Rows, places: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether samples lie on a row that both neighbours differ from alike, though the rows beyond them are like it.

    places: which samples, of all rows but the first two and the last two.
    """
    last = len(here) - 2
    rows = (here[2 + step : last + step][places] for step in range(-2, 3))
    two_above, above, row, below, two_below = (samples.astype(np.int32) for samples in rows)
    up, down = above - row, below - row
    beyond = np.abs(two_above - row) + np.abs(two_below - row)
    return np.asarray((up * down > _COMB_LEVELS**2) & (beyond < np.minimum(np.abs(up), np.abs(down))))


def _field_order(before: Rows, here: Rows, after: Rows) -> str:
    """Which field comes first: rows between those of the first one fit those of the frame before better.

    The arithmetic is that of FFmpeg's filter idet.
    """
    neighbours = here[:-2] + here[2:]
    to_before, to_after = (np.abs(neighbours - 2 * rows[1:-1]).sum(axis=1) for rows in (before, after))
    top_first = to_before[1::2].sum() + to_after[::2].sum()
    bottom_first = to_before[::2].sum() + to_after[1::2].sum()
    return "top_first" if top_first >= bottom_first else "bottom_first"


def _is_combed(sign: str) -> bool:
    return sign in ("top_first", "bottom_first")


def _is_pulldown(signs: Sequence[str]) -> bool:
    """Whether two neighbours of every five pictures are combed."""
    combed = [_is_combed(sign) for sign in signs]
    once = combed[:_PULLDOWN]
    if len(combed) < 2 * _PULLDOWN or once != combed[_PULLDOWN : 2 * _PULLDOWN]:
        return False
    return sum(once) == 2 and any(once[n] and once[(n + 1) % _PULLDOWN] for n in range(_PULLDOWN))
