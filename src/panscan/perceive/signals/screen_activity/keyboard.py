"""The on-screen keyboard of a phone: rows of keys, each a tenth of the picture's width from the next."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from panscan.perceive.signals.screen_activity.changes import Grey

_VIEW_WIDTH_PX = 360  # of the view in which keys are found: letters on them are 10 px high
_PORTRAIT = 1.2  # height by width from which a picture is a phone's
_LOWER = 0.4  # share of the height above which no keyboard stands
_LETTER_LEVELS = 40  # by which a letter differs from its key
_LETTER_PX = (4, 24)  # of the view: height of a letter or an icon on a key
_SPOT_PX = 13  # of the view: wider than a stroke of a letter, so that letters stand out of their key
_KEY_PITCH = (0.085, 0.115)  # shares of the width from key to key
_SAME_ROW = 0.02  # of the width, by which letters of one row differ in height
_SAME_KEY = 0.03  # of the width: a letter and its dot
_LEAST_GAPS = 5  # between the keys of a row
_ROW_PITCH = (0.1, 0.2)  # of the width from row to row
_GROUND_LEVELS = 8  # by which the keyboard's ground differs in itself
_BETWEEN_KEYS, _BAR = 0.7, 0.35  # share of a row of px that is ground: between keys; beside predicted words
_HIGHEST = 0.26  # of the width, from the first row of letters up to the keyboard's edge


def keyboard_top(grey: Grey) -> float | None:
    """The upper edge of an on-screen keyboard, as a share of the picture's height; None where there is none."""
    height, width = grey.shape
    if height < _PORTRAIT * width:
        return None
    size = (_VIEW_WIDTH_PX, round(height * _VIEW_WIDTH_PX / width))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    rows = max((_key_rows(small, kind) for kind in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)), key=len)
    return None if len(rows) < 2 else _upper_edge(small, rows) / len(small)


def _key_rows(small: Grey, kind: int) -> list[float]:
    """Heights of the first rows of keys with light or dark letters, px of the view, from the top."""
    first = round(_LOWER * len(small))
    letters = sorted(_letters(small[first:], kind), key=lambda place: place[1])
    rows: list[list[tuple[float, float]]] = []
    for place in letters:
        if rows and place[1] - rows[-1][-1][1] <= _SAME_ROW * _VIEW_WIDTH_PX:
            rows[-1].append(place)
        else:
            rows.append([place])
    found = [first + float(np.median([y for _, y in row])) for row in rows if _gaps(row) >= _LEAST_GAPS]
    low, high = (share * _VIEW_WIDTH_PX for share in _ROW_PITCH)
    pairs = [n for n in range(len(found) - 1) if low <= found[n + 1] - found[n] <= high]
    return found[pairs[0] :] if pairs else []


def _letters(lower: Grey, kind: int) -> list[tuple[float, float]]:
    """Centres of what stands out like a letter."""
    out = cv2.morphologyEx(lower, kind, np.ones((_SPOT_PX, _SPOT_PX), np.uint8))
    _, _, stats, centres = cv2.connectedComponentsWithStats((out > _LETTER_LEVELS).astype(np.uint8))
    tall, wide = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    fits = (tall >= _LETTER_PX[0]) & (np.maximum(tall, wide) <= _LETTER_PX[1])
    return [(float(x), float(y)) for x, y in centres[fits]]


def _gaps(row: Sequence[tuple[float, float]]) -> int:
    """How many neighbours in a row are as far from each other as keys are."""
    x = np.sort([x for x, _ in row]) / _VIEW_WIDTH_PX
    x = x[np.append(True, np.diff(x) > _SAME_KEY)]
    apart = np.diff(x)
    return int(np.sum((apart >= _KEY_PITCH[0]) & (apart <= _KEY_PITCH[1])))


def _upper_edge(small: Grey, rows: Sequence[float]) -> float:
    """Where the ground between the keys ends above the first row, px of the view."""
    first, second = round(rows[0]), round(rows[1])
    between = small[first:second]
    calm = int(np.argmin(between.astype(np.float64).std(axis=1)))
    ground = float(np.median(between[calm]))
    is_ground = (np.abs(small.astype(np.float64) - ground) <= _GROUND_LEVELS).mean(axis=1)
    half = (second - first) // 2
    top = next((y for y in range(first, max(0, first - half - 4), -1) if is_ground[y] >= _BETWEEN_KEYS), first - half)
    while top > max(1.0, first - _HIGHEST * _VIEW_WIDTH_PX) and is_ground[top - 1] >= _BAR:
        top -= 1
    return float(top)
