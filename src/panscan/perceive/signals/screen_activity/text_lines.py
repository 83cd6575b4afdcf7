"""Lines of text in a picture of a screen: their boxes and heights."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from panscan.perceive.signals.screen_activity.changes import Grey, grid_px
from panscan.perceive.signals.strokes import Box, overlap, union

_STROKE_LEVELS = 40  # between neighbours across: pale grey letters have as much
_WORD_GAP_CELLS = 4  # between words of a line: as wide as a letter or two
_HEIGHT = (5, 0.1)  # px of the view; share of its shorter side: from the smallest letters to a phone's headings
_LEAST_SHAPE = 1.2  # width by height: two letters
_SAME_ROW = 0.5  # share of the lower one's height that is beside the other
_CARET = 2.2  # height of a caret by that of letters: up to twice in the forms of phones
_GAP = 2.5  # line heights between parts of one line: a prompt and what is typed after it


def text_lines(grey: Grey) -> list[Box]:
    """Boxes of what looks like lines of text, in view px."""
    height, width = grey.shape
    side = grid_px(width, height)
    strokes = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    strokes = cv2.threshold(strokes, _STROKE_LEVELS, 255, cv2.THRESH_BINARY)[1]
    # Heights are needed to the px, widths are not.
    share = cv2.resize(strokes, (max(1, (width - 1) // side), height), interpolation=cv2.INTER_AREA)
    joined = cv2.morphologyEx((share > 0).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, _WORD_GAP_CELLS), np.uint8))
    outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    most = _HEIGHT[1] * min(width, height)
    boxes = ((x * side, y, w * side, h) for x, y, w, h in map(cv2.boundingRect, outlines))
    return sorted(box for box in boxes if _HEIGHT[0] <= box[3] <= most and box[2] >= _LEAST_SHAPE * box[3])


def line_height(lines: Sequence[Box], box: Box) -> float:
    """Median height of the lines of text that a box touches; 0 where it touches none."""
    heights = [line[3] for line in lines if min(overlap(line, box)) > 0]
    return float(np.median(heights)) if heights else 0.0


def is_as_high(lines: Sequence[Box], box: Box, height: float) -> bool:
    """Whether a change of this height at a box may be writing, by the lines of text there."""
    there = [line[3] for line in lines if min(overlap(line, box)) > 0]
    known = max([*there, float(np.median([line[3] for line in lines])) if lines else height])
    return height <= _CARET * known


def whole_line(lines: Sequence[Box], box: Box) -> Box:
    """A box inside a line of text, and all of that line around it."""
    row = [line for line in lines if overlap(line, box)[1] >= _SAME_ROW * min(line[3], box[3])]
    row = [line for line in row if line[3] <= 2 * box[3]]
    while near := [line for line in row if overlap(line, box)[0] > -_GAP * box[3]]:
        row = [line for line in row if line not in near]
        for line in near:
            box = union(box, line)
    return box
