"""Where words stand in a photo: signs, titles, print on clothes, as far as their letters are large and clear."""

from __future__ import annotations

import numpy as np

from panscan.decoding.photo import Image
from panscan.perceive.signals.lettering import Edges, lines_of_letters
from panscan.perceive.signals.strokes import Box, overlap, union
from panscan.photos.perception import FloatArray

_VIEWS_PX = (640, 1280)  # longer sides: in the smaller view large letters are found, in the larger one small letters
_EDGE_LEVELS = 60  # between neighbours: letters of signs have hard edges
_LARGEST = 0.25  # share of the photo: more is a grid or a page, which no crop can hold or avoid


def find_texts(view: Image) -> FloatArray:
    """Boxes (k, 4) of texts in px of a view, each with all its lines: left, top, right, bottom."""
    import cv2

    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    lines: list[Box] = []
    for long_side in _VIEWS_PX:
        scale = min(1.0, long_side / max(grey.shape))
        small = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        lines += [_larger(box, 1 / scale) for box in lines_of_letters(_edges(small))]
        if scale == 1.0:
            break
    texts = [box for box in _joined(lines) if box[2] * box[3] <= _LARGEST * grey.size]
    return np.array([(x, y, x + wide, y + tall) for x, y, wide, tall in texts], np.float64).reshape(-1, 4)


def _edges(grey: Image) -> Edges:
    import cv2

    gradient = np.asarray(cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)
    return Edges(grey, gradient, gradient > _EDGE_LEVELS)


def _larger(box: Box, factor: float) -> Box:
    left, top, width, height = (round(factor * side) for side in box)
    return left, top, width, height


def _joined(lines: list[Box]) -> list[Box]:
    """Lines that are nearer to each other than they are high, as one text."""
    texts: list[Box] = []
    for box in sorted(lines):
        near = [text for text in texts if min(overlap(text, box)) > -box[3]]
        texts = [text for text in texts if text not in near]
        for text in near:
            box = union(box, text)
        texts.append(box)
    return texts
