"""Lines of text that a viewer is reading: titles and captions, not logos and not writing in the scene."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from judge.evidence import Evidence, Whole, contrast, likeness
from judge.framings import Boxes
from judge.showing import Showing

LEAST_SCORE = 0.6  # surely text
LONG, TALLEST = 1.5, 0.3  # least width of a line over its height, and greatest height over the picture's
LEAST_HEIGHT = 0.03  # of the picture's height: smaller text is not set to be read
SAME_PLACE_IOU, SAME_LOOK = 0.5, 0.4  # overlap and correlation of two looks at one line; changed words stay below
GAP_S = 1.2  # a line that is lost for so long, as somebody moves in front of it, is still the same
LEAST_S, LEAST_SEEN = 0.8, 0.7  # a line stands so long, and is seen in this share of the looks
MOST_DRIFT = 0.015  # of the picture's width: titles stand still, writing in the scene goes with the camera
INSIDE_SHOT_S = 0.7  # comes or goes so far from the ends of its shot
GONE = 0.5  # share of its contrast that is there before a line comes, or after it went; writing on a wall keeps it all
CORNER = (0.2, 0.3, 0.2)  # of the picture's width: a shorter line, so near a side, so near the top or bottom, is a logo
SUBTITLE = (0.05, 0.25, 0.75)  # so near the middle of the width, so wide, and below this share of the height
MARK_SHARE = 0.6  # where text stands in so many of a movie's looks is a mark of the sender, and known
MARK_STAYS = 0.3  # share of its contrast that stays when a mark is lost from sight; of a caption nothing stays
CHARACTERS_S = 15.0  # speed of reading in subtitling, characters a second
READ_TWICE, LEAST_READING_S = 2.0, 1.5  # a title stands long enough to be read twice; less than 1.5 s nobody reads
CHARACTER_SHAPE = 0.5  # width of a character over the height of its line


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A line of text while it is read.

    Attributes
    ----------
    looks : ndarray
        Rows in `Evidence.looked` in which it was seen while it was read.
    boxes : ndarray, shape (n, 4)
        Where, left, top, right and bottom in source px.
    first, end : int
        Frames from its coming to its going; `looks` end earlier where it was read before it went.
    """

    looks: Whole
    boxes: Boxes
    first: int
    end: int


@cache
def readings(showing: Showing) -> tuple[Reading, ...]:
    """All lines that are read, each from its coming until it was read twice."""
    evidence = showing.evidence
    found = []
    for rows in lines_in_time(showing):
        looks, boxes = evidence.text_look[rows], evidence.texts[rows, :4]
        first, end = int(evidence.looked[looks[0]]), int(evidence.looked[looks[-1]])
        if _is_set_to_be_read(showing, rows):
            wide, tall = np.median(boxes[:, 2:] - boxes[:, :2], axis=0)
            reading_s = READ_TWICE * wide / (CHARACTER_SHAPE * tall) / CHARACTERS_S
            until = first + max(LEAST_READING_S, reading_s) * showing.rate
            while_read = evidence.looked[looks] <= until
            found.append(Reading(looks[while_read], boxes[while_read], first, end))
    return tuple(found)


def lines_in_time(showing: Showing) -> list[list[int]]:
    """Rows of `Evidence.texts` that show one line each, in rising order."""
    evidence, gap = showing.evidence, GAP_S * showing.rate
    lines: list[list[int]] = []
    standing: list[list[int]] = []
    look_frame = evidence.looked[evidence.text_look]
    for row in np.flatnonzero(_are_lines(showing)).tolist():
        standing = [line for line in standing if look_frame[row] - look_frame[line[-1]] <= gap]
        same = [line for line in standing if _is_same(evidence, line[-1], row)]
        line = max(same, key=lambda line: _overlap(evidence.texts[line[-1]], evidence.texts[row]), default=None)
        if line is None:
            line = []
            lines.append(line)
            standing.append(line)
        line.append(row)
    return lines


def _are_lines(showing: Showing) -> npt.NDArray[np.bool_]:
    """Which rows of `Evidence.texts` have the shape and size of a line that is set to be read."""
    texts, height = showing.evidence.texts, showing.source_px[1]
    wide, tall = texts[:, 2] - texts[:, 0], texts[:, 3] - texts[:, 1]
    large = (tall >= LEAST_HEIGHT * height) & (tall <= TALLEST * height) & (wide >= LONG * tall)
    return np.asarray(large & (texts[:, 4] >= LEAST_SCORE))


def _is_same(evidence: Evidence, before: int, row: int) -> bool:
    return (
        bool(evidence.text_look[before] != evidence.text_look[row])
        and _overlap(evidence.texts[before], evidence.texts[row]) >= SAME_PLACE_IOU
        and likeness(evidence.patches[before], evidence.patches[row]) >= SAME_LOOK
    )


def _overlap(a: Boxes, b: Boxes) -> float:
    both = float(np.prod(np.maximum(0.0, np.minimum(a[2:4], b[2:4]) - np.maximum(a[:2], b[:2]))))
    return both / max(1e-9, float(np.prod(a[2:4] - a[:2]) + np.prod(b[2:4] - b[:2])) - both)


def _is_set_to_be_read(showing: Showing, rows: list[int]) -> bool:
    evidence, rate = showing.evidence, showing.rate
    looks, boxes = evidence.text_look[rows], evidence.texts[rows]
    first, end = int(evidence.looked[looks[0]]), int(evidence.looked[looks[-1]])
    if end - first < LEAST_S * rate or len(looks) < LEAST_SEEN * (looks[-1] - looks[0] + 1):
        return False
    # A line that is typed grows at one end, or at both.
    ends = np.stack([boxes[:, 0], boxes[:, 2], (boxes[:, 0] + boxes[:, 2]) / 2])
    drift = np.ptp(np.quantile(ends, [0.1, 0.9], axis=1), axis=0).min()
    if drift > MOST_DRIFT * showing.source_px[0]:
        return False
    if showing.in_fit((first + end) / 2):
        return True
    middle = evidence.texts[rows[len(rows) // 2]]
    is_mark = _is_in_corner(middle, showing.source_px) or _is_mark(evidence, rows)
    return not is_mark and (_is_subtitle(middle, showing.source_px) or _is_overlay(showing, rows, first, end))


def _is_in_corner(line: Boxes, source_px: tuple[int, int]) -> bool:
    """Whether a line is as short and as near a corner as logos, clocks and scores are."""
    left, top, right, bottom = line[:4] / np.tile(source_px, 2)
    beside = right <= CORNER[1] or left >= 1 - CORNER[1]
    return bool(right - left <= CORNER[0] and beside and (bottom <= CORNER[2] or top >= 1 - CORNER[2]))


def _is_subtitle(line: Boxes, source_px: tuple[int, int]) -> bool:
    """Whether a line stands where subtitles do; they may live as long as their shot."""
    left, top, right, _ = line[:4] / np.tile(source_px, 2)
    return bool(abs((left + right) / 2 - 0.5) <= SUBTITLE[0] and right - left >= SUBTITLE[1] and top >= SUBTITLE[2])


def _is_mark(evidence: Evidence, rows: list[int]) -> bool:
    """Whether text stands at the place of a line in most of the movie, and this line is no other than the one before.

    Marks that shine through look different on every ground, but captions change altogether.
    """
    line = evidence.texts[rows[len(rows) // 2]]
    near = [n for n, other in enumerate(evidence.texts) if _overlap(other, line) >= SAME_PLACE_IOU]
    stands = len(set(evidence.text_look[near].tolist())) >= MARK_SHARE * len(evidence.looked)
    return stands and max(evidence.was_there[rows[0]], evidence.stays_there[rows[-1]]) >= MARK_STAYS


def _is_overlay(showing: Showing, rows: list[int], first: int, end: int) -> bool:
    """Whether a line comes or goes inside a shot, or stays over a cut: writing in a scene lives as long as its shot.

    A line that is only found late, as the writing on a wall, was there before it was found.
    """
    evidence, shot, inside = showing.evidence, showing.shot_at(first), INSIDE_SHOT_S * showing.rate
    last = min(shot[1], float(evidence.looked[-1]))
    comes = first - shot[0] > inside and evidence.was_there[rows[0]] * _contrast(evidence, rows, 0) < GONE
    goes = last - end > inside and evidence.stays_there[rows[-1]] * _contrast(evidence, rows, -1) < GONE
    return bool(comes or goes or end > shot[1] + inside)


def _contrast(evidence: Evidence, rows: list[int], place: int) -> float:
    """Contrast of a line in one of its looks over that in the middle of its time: less while it fades."""
    return contrast(evidence.patches[rows[place]]) / max(1e-6, contrast(evidence.patches[rows[len(rows) // 2]]))
