"""How well a crop is composed, from boxes alone: readable rules with weights fitted to people's votes.

The weights of `VOTED` are least squares over 28,000 crops of 339 photos of people that were voted on (public data,
GAICD with the boxes of HCIC), rounded; on photos left out, ten folds, the scores rank the crops of one photo with a
mean Spearman correlation of 0.66 (`benchmarks/photos.py`). What votes cannot say, because all voted crops are large,
comes from portrait practice: `CRAFT`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panscan.model.geometry import Size
from panscan.photos.perception import FloatArray, Horizon

# Weight of each feature; a difference of 1 is one standard deviation of people's votes on the crops of a photo.
VOTED: Mapping[str, float] = {
    "keep": 1.3,  # share of the subject that is inside
    "area": 1.0,  # share of the photo
    "thirds": -4.7,  # distance of the subject's middle from a third or the middle, in widths
    "level": -2.3,  # distance of the middle of what is seen of it from the middle of the height, in heights
    "eyes": -2.0,  # distance of its eyes from the upper third, in heights
    "shift_across": -1.4,  # how far the crop is moved from the photo's middle, in its widths
    "shift_along": -2.1,  # the same in its heights
    "side_room": 2.3,  # room beside the subject up to a tenth of the crop's width, negative where it is cut
    "head_room": 5.7,  # room above it, up to a tenth of the crop's height, negative where it is cut
}
CRAFT: Mapping[str, float] = {
    "look_room": 1.0,  # room on the side that the face looks to, minus that behind it, in widths, times the turn
    "clutter": -1.0,  # detail that the crop's edges run through, 0..1
    "touching": -0.6,  # boxes of other things that an edge of the crop touches without cutting
    "halves": -2.0,  # people in the back that an edge cuts through, weighed by how much of them is inside
    "cut_texts": -1.0,  # texts that an edge cuts through: worse than touching a thing, not so bad as half a person
    "horizon": -2.0,  # distance of the horizon from a third, in heights, in establishing shots: it counts as eyes do
}
_EYES = 0.12  # of a standing body's height, below its top
_ROOM = 0.1  # of the crop: more room beside or above is no better
_TOUCH = 0.02  # of the crop's side: an edge that is nearer to a box than this touches it
_TEXT_MARGIN = 0.02  # share of a text inside, below which it is out and above 1 minus which it is in: under a letter
_HORIZON_OFF = 1 / 6  # of a crop's height: from a third to the middle, where a horizon cuts a picture in two
_HALF_MARGIN = 0.1  # share of a body inside, below which it is out, and above 1 minus which it is in


def voted_features(windows: FloatArray, subject: FloatArray, size: Size) -> dict[str, FloatArray]:
    """The features of `VOTED` for crops (n, 4) of a photo with one subject (4,).

    The eyes are taken to lie where those of a standing body do.
    """
    left, top, right, bottom = windows.T
    low_x, low_y, high_x, high_y = subject
    wide, tall = right - left, bottom - top
    inside_x = np.clip(np.minimum(right, high_x) - np.maximum(left, low_x), 0, None)
    inside_y = np.clip(np.minimum(bottom, high_y) - np.maximum(top, low_y), 0, None)
    middle_x = (np.clip(low_x, left, right) + np.clip(high_x, left, right)) / 2
    middle_y = (np.clip(low_y, top, bottom) + np.clip(high_y, top, bottom)) / 2
    across, along = (middle_x - left) / wide, (middle_y - top) / tall
    eyes = (low_y + _EYES * (high_y - low_y) - top) / tall
    return {
        "keep": inside_x * inside_y / ((high_x - low_x) * (high_y - low_y)),
        "area": wide * tall / (size.width * size.height),
        "thirds": np.abs(across[:, None] - np.array([1 / 3, 1 / 2, 2 / 3])).min(axis=1),
        "level": np.abs(along - 0.5),
        "eyes": np.abs(eyes - 1 / 3),
        "shift_across": np.abs((left + right) / 2 / size.width - 0.5),
        "shift_along": np.abs((top + bottom) / 2 / size.height - 0.5),
        "side_room": np.minimum(np.minimum((low_x - left) / wide, (right - high_x) / wide), _ROOM),
        "head_room": np.clip((low_y - top) / tall, -_ROOM, _ROOM),
    }


def voted_score(windows: FloatArray, subject: FloatArray, size: Size) -> FloatArray:
    """What people would think of crops (n, 4) of a photo with one subject (4,): higher is better."""
    features = voted_features(windows, subject, size)
    return np.asarray(sum(VOTED[name] * value for name, value in features.items()))


def look_room(windows: FloatArray, head: FloatArray, yaw: float) -> FloatArray:
    """Room in front of a face minus the room behind it (n,), in crop widths, times how far it is turned."""
    middle = (head[0] + head[2]) / 2
    wide = windows[:, 2] - windows[:, 0]
    return np.asarray(yaw * ((windows[:, 2] - middle) - (middle - windows[:, 0])) / wide)


def clutter(windows: FloatArray, detail: FloatArray, size: Size) -> FloatArray:
    """Mean detail (n,) along the edges of crops that do not lie at the photo's own."""
    height, width = detail.shape
    to_x, to_y = width / size.width, height / size.height
    rows = np.vstack([np.zeros(width), np.cumsum(detail, axis=0)])  # sums down each column
    columns = np.hstack([np.zeros((height, 1)), np.cumsum(detail, axis=1)])
    x0, x1 = (np.clip(np.round(windows[:, n] * to_x), 0, width).astype(int) for n in (0, 2))
    y0, y1 = (np.clip(np.round(windows[:, n] * to_y), 0, height).astype(int) for n in (1, 3))
    total, length = np.zeros(len(windows)), np.zeros(len(windows))
    for at, first, end, sums, last in (
        (x0, y0, y1, rows.T, width - 1),
        (x1 - 1, y0, y1, rows.T, width - 1),
        (y0, x0, x1, columns, height - 1),
        (y1 - 1, x0, x1, columns, height - 1),
    ):
        inner = (at > 0) & (at < last)
        line = np.clip(at, 0, last)
        total += np.where(inner, sums[line, end] - sums[line, first], 0.0)
        length += np.where(inner, end - first, 0)
    return np.asarray(np.where(length > 0, total / np.maximum(length, 1), 0.0))


def touching(windows: FloatArray, boxes: FloatArray) -> FloatArray:
    """How many boxes (k, 4) an edge of each crop (n, 4) touches from inside or outside, at most 2."""
    count = np.zeros(len(windows))
    for box in boxes:
        for axis in (0, 1):
            side = windows[:, 2 + axis] - windows[:, axis]
            along = np.minimum(windows[:, 3 - axis], box[3 - axis]) > np.maximum(windows[:, 1 - axis], box[1 - axis])
            for edge in (axis, 2 + axis):
                for own in (axis, 2 + axis):
                    count += along & (np.abs(windows[:, edge] - box[own]) < _TOUCH * side)
    return np.asarray(np.minimum(count, 2.0))


def halves(windows: FloatArray, bodies: FloatArray, sizes: FloatArray) -> FloatArray:
    """How much of other people (k, 4) is cut (n,): 1 for one of whom half is inside, times the size (k,), 0..1."""
    total = np.zeros(len(windows))
    for body, size in zip(bodies, sizes, strict=True):
        share = inside_share(windows, body)
        cut = (share > _HALF_MARGIN) & (share < 1 - _HALF_MARGIN)
        total += size * np.where(cut, 4 * share * (1 - share), 0.0)
    return np.asarray(np.minimum(total, 2.0))


def cut_texts(windows: FloatArray, texts: FloatArray) -> FloatArray:
    """How many texts (k, 4) are neither wholly inside nor wholly outside each crop (n, 4), at most 2."""
    shares = np.array([inside_share(windows, text) for text in texts]).reshape(len(texts), len(windows))
    cut = (shares > _TEXT_MARGIN) & (shares < 1 - _TEXT_MARGIN)
    return np.asarray(np.minimum(cut.sum(axis=0), 2.0))


def horizon_off(windows: FloatArray, horizon: Horizon, size: Size) -> FloatArray:
    """Distance (n,) of the horizon from the nearer third, in heights, at each crop's middle column.

    A crop without it counts like one with the horizon in the middle.
    """
    left, top, right, bottom = windows.T
    at = (horizon.height_at((left + right) / 2, size) - top) / (bottom - top)
    return np.asarray(np.minimum(np.minimum(np.abs(at - 1 / 3), np.abs(at - 2 / 3)), _HORIZON_OFF))


def inside_share(windows: FloatArray, box: FloatArray) -> FloatArray:
    """Share (n,) of a box (4,) inside each crop (n, 4)."""
    low, high = np.maximum(windows[:, :2], box[:2]), np.minimum(windows[:, 2:], box[2:])
    return np.asarray(np.prod(np.clip(high - low, 0, None), axis=1) / max(float(np.prod(box[2:] - box[:2])), 1e-9))
