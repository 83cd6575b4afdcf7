"""Titles: large letters laid over a picture, and cards, which are an island of print on an empty ground.

Letters of a title are patches of one level with hard edges all around, in a row and alike. Those of signs and labels
in the scene are, too, but they neither come nor go while the picture stays, nor outlast a cut. A card may stand for a
whole shot: nothing but print leaves the picture's sides empty and has hard edges only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.perceive.signals.strokes import (
    Box,
    Mask,
    fineness,
    intersection_over_union,
    overlap,
    place_of,
    strokes_per_row,
    union,
)

_FLAT_LEVELS = 14  # between neighbours inside a letter: shading and coding noise
_LETTER_HEIGHT = (0.03, 0.35)  # share of the view's height, of one letter or of letters that touch
_LEAST_HEIGHT_PX, _LEAST_AREA_PX = 8, 10  # of the view, of what is flat in a letter: smaller letters are all edge
_LONGEST = 0.8  # share of the view's width, of letters that touch: longer is a strip
_ENCLOSED = 0.85  # share of a letter's rim that has hard edges nearby: the rest may touch something alike
_RIM_PX = 7  # of the view: how near
_SAME_LEVEL = 15  # levels by which letters of one line differ
_SAME_HEIGHT, _SAME_ROW = 0.4, 0.5  # lower letter by higher one; share of the lower one that is beside the other
_LEAST_PATCHES = 2  # of a line: large letters touch, but a single patch may be anything
_LEAST_STROKES, _LEAST_FINENESS = 4.0, 0.5  # per row, of three letters or more; letters have 1 to 2
_SAME_PLACE = 0.75  # intersection over union of a line with itself half a second later
_LEAST_SAMPLES = 3  # in which a title is seen: more than a second, or nobody can read it
_MISSED_SAMPLES = 2  # after which it has ended
_CHANGED = 0.5  # share of a line's place that changes when it comes or goes
_MORE = 0.3  # by how much that exceeds the share of the rest that changes: at a cut, all does
_SOFT_LEVELS = 24  # between neighbours: more than a smooth ground has
_MARGIN = (0.04, 0.06)  # share of the view's width and height: sides of a card, where nothing is
_EMPTY = 0.003  # share of the margins with edges, below which they are empty
_HARD_SHARE = 0.6  # of all edges of a card; things in front of a camera have 0.2 to 0.5
_STRAY = 0.01  # share of a card's hard edges that may lie outside its box at each side
SURE_TITLE = 0.6  # 0..1: as sure as writing that pops up


Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """A view with its edges.

    Attributes
    ----------
    image : ndarray of uint8 (h, w)
        Grey levels.
    gradient : ndarray of uint8 (h, w)
        Levels between neighbours.
    hard : ndarray of bool (h, w)
        Where these are as of graphics.
    """

    image: Image
    gradient: Image
    hard: Mask


@dataclass(frozen=True, slots=True, eq=False)
class _Letter:
    """A flat patch with hard edges around it: box in the view, outline and those of its holes, level."""

    box: Box
    outlines: tuple[npt.NDArray[Any], ...]
    level: int


@dataclass(slots=True, eq=False)
class Lettering:
    """One line of large letters, or a card, while it stands.

    Attributes
    ----------
    box : (int, int, int, int)
        Left, top, width, height in view px.
    first, last : int
        Numbers of the samples in which it was seen first and last.
    is_laid_over : bool
        It is no part of the scene: it came or went, outlasted a cut, or is a card.
    samples : int
        In which it was seen.
    """

    box: Box
    first: int
    last: int
    is_laid_over: bool
    samples: int = 1


class LetteringFinder:
    """Follows lines of large letters and cards from sample to sample."""

    def __init__(self) -> None:
        self._open: list[Lettering] = []
        self._found: list[Lettering] = []

    def look(self, sample: int, picture: Edges, changed: Mask, *, fleeting: bool) -> None:
        """Find the titles of a sample among those before.

        Parameters
        ----------
        sample : int
            Number of the sample.
        picture : Edges
            The view and its edges.
        changed : ndarray of bool (h, w)
            What changed since the sample before last.
        fleeting : bool
            The picture does not stay: a cut, or a camera move.
        """
        seen: list[tuple[Box, bool]] = [(box, False) for box in lines_of_letters(picture)]
        card = _card_box(picture)
        seen += [(card, True)] if card else []
        for box, is_card in seen:
            same = [t for t in self._open if intersection_over_union(t.box, box) >= _SAME_PLACE and t.last < sample]
            if same:
                same[0].last, same[0].samples = sample, same[0].samples + 1
                same[0].is_laid_over |= is_card or fleeting
            else:
                self._open.append(Lettering(box, sample, sample, is_card or _changes_alone(box, changed)))
        for title in self._open:
            if title.last == sample - 1:
                title.is_laid_over |= _changes_alone(title.box, changed)
        self._found += [t for t in self._open if sample - t.last >= _MISSED_SAMPLES]
        self._open = [t for t in self._open if sample - t.last < _MISSED_SAMPLES]

    def titles(self) -> list[Lettering]:
        """All titles in order of appearance, lines that stand together as one."""
        found = [t for t in (*self._found, *self._open) if t.is_laid_over and t.samples >= _LEAST_SAMPLES]
        return _joined(sorted(found, key=lambda title: (title.first, title.box)))


def _changes_alone(box: Box, changed: Mask) -> bool:
    """Whether what is in a box came or went, and the picture around it stayed."""
    inside = int(np.count_nonzero(changed[place_of(box)]))
    area = box[2] * box[3]
    rest = (int(np.count_nonzero(changed)) - inside) / max(1, changed.size - area)
    return inside >= max(_CHANGED, rest + _MORE) * area


def lines_of_letters(picture: Edges) -> Iterator[Box]:
    """Boxes of all lines of large letters."""
    for row in _rows(_letters(picture)):
        if len(row) < _LEAST_PATCHES:
            continue
        box = reduce(union, (letter.box for letter in row))
        strokes = strokes_per_row(_drawn(row, box))
        if strokes >= _LEAST_STROKES and fineness(strokes, box[2], box[3]) >= _LEAST_FINENESS:
            yield box


def _letters(picture: Edges) -> list[_Letter]:
    """All flat patches like letters, from left to right."""
    import cv2

    flat = (picture.gradient <= _FLAT_LEVELS).view(np.uint8)
    # Outlines take less time than labelling every pixel.
    outlines, nesting = cv2.findContours(flat, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    near = cv2.dilate(picture.hard.view(np.uint8), np.ones((_RIM_PX, _RIM_PX), np.uint8))
    tall, wide = flat.shape
    least, most = max(_LEAST_HEIGHT_PX, _LETTER_HEIGHT[0] * tall), _LETTER_HEIGHT[1] * tall
    if not outlines:
        return []
    # A patch is no shorter around than its height twice.
    around = np.fromiter(map(len, outlines), np.int64, len(outlines))
    letters = []
    for n in np.flatnonzero((nesting[0, :, 3] < 0) & (around >= 2 * least - 2)).tolist():
        outline, hole = outlines[n], nesting[0, n, 2]
        left, top, width, height = cv2.boundingRect(outline)
        at_edge = min(left, top, wide - left - width, tall - top - height) <= 1
        if not least <= height <= most or width > _LONGEST * wide or at_edge:
            continue
        x, y = outline[:, 0].T
        if float(near[y, x].mean()) >= _ENCLOSED:
            inner = []
            while hole >= 0:
                inner.append(outlines[hole])
                hole = nesting[0, hole, 0]
            letters.append(_Letter((left, top, width, height), (outline, *inner), int(picture.image[y, x].mean())))
    return sorted(letters, key=lambda letter: letter.box)


def _drawn(row: Sequence[_Letter], box: Box) -> Mask:
    """The letters of a row inside its box."""
    import cv2

    mask = np.zeros((box[3], box[2]), np.uint8)
    for letter in row:
        cv2.drawContours(mask, letter.outlines, -1, 1, cv2.FILLED, offset=(-box[0], -box[1]))
    return mask.view(np.bool_)


def _rows(letters: Sequence[_Letter]) -> list[list[_Letter]]:
    """Letters, given from left to right, in rows."""
    rows: list[list[_Letter]] = []
    ends = np.zeros((len(letters), 4), np.int64)  # of each row its last letter's right edge, top, bottom and level
    for letter in letters:
        left, top, width, height = letter.box
        right, its_top, its_bottom, level = ends[: len(rows)].T
        high = its_bottom - its_top
        low, highest = np.minimum(high, height), np.maximum(high, height)
        beside = np.minimum(its_bottom, top + height) - np.maximum(its_top, top)
        follows = (beside > _SAME_ROW * low) & (low > _SAME_HEIGHT * highest)
        follows &= (left - right < highest) & (np.abs(letter.level - level) <= _SAME_LEVEL)
        row = int(np.argmax(follows)) if follows.any() else len(rows)
        if row == len(rows):
            rows.append([])
        rows[row].append(letter)
        if len(rows[row]) == 1 or left + width > ends[row, 0]:
            ends[row] = left + width, top, top + height, letter.level
    return rows


def _card_box(picture: Edges) -> Box | None:
    """The box of all print of a card, None where the picture is none."""
    tall, wide = picture.hard.shape
    soft = picture.gradient > _SOFT_LEVELS
    across, down = round(_MARGIN[0] * wide), round(_MARGIN[1] * tall)
    # Below, small print stands on many cards.
    sides = soft[:down].sum() + soft[down:, :across].sum() + soft[down:, wide - across :].sum()
    if sides > _EMPTY * (soft.size - (tall - down) * (wide - 2 * across)):
        return None
    count = int(np.count_nonzero(picture.hard))
    if not count or count < _HARD_SHARE * np.count_nonzero(soft):
        return None
    edges = []
    for axis in (0, 1):
        share = np.cumsum(picture.hard.sum(axis=axis)) / count
        edges.append((int(np.searchsorted(share, _STRAY)), int(np.searchsorted(share, 1 - _STRAY)) + 1))
    (left, right), (top, bottom) = edges
    box = (left, top, right - left, bottom - top)
    return box if strokes_per_row(picture.hard[place_of(box)]) >= _LEAST_STROKES else None


def _joined(titles: Sequence[Lettering]) -> list[Lettering]:
    """Lines that come and go together, one over the other or one after the other, as one title."""
    joined: list[Lettering] = []
    for title in titles:
        for other in joined:
            together = abs(title.first - other.first) <= 1 and abs(title.last - other.last) <= 1
            across, down = overlap(title.box, other.box)
            high = max(title.box[3], other.box[3])
            if together and -across < high and -down < high:
                other.box, other.samples = union(title.box, other.box), max(title.samples, other.samples)
                other.first, other.last = min(title.first, other.first), max(title.last, other.last)
                break
        else:
            joined.append(title)
    return joined
