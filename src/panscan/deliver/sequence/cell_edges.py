"""Where the picture of a cell is cut off, for formats that crop every cell on a track of its own.

Editors join crop values by straight lines. The edges of a cell run straight in the source while the camera only moves,
but not while it zooms or while a side of the crop leaves the picture, so keys are added there until they do.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.arrays.simplify import douglas_peucker, points_on_chord
from panscan.deliver.host_space import CropInsets, crop_insets
from panscan.deliver.sequence.sequence import ClipItem, Layer
from panscan.model.geometry import Rect

_TOLERANCE_PX = 0.004  # source px: with the rounding of the written values still below a hundredth


def crop_inset_keys(piece: ClipItem, layer: Layer) -> tuple[tuple[int, CropInsets], ...]:
    """Media frames of a piece and what is cut off the source there; one key where it never changes.

    Empty where the layer needs no cut.
    """
    if not layer.needs_crop:
        return ()
    clip, source = piece.clip, piece.clip.framing.source
    if len(layer.keys) == 1:
        frame, rect = layer.crops[0]
        return ((frame, crop_insets(rect, source)),)
    frames = np.arange(clip.first, clip.end)
    cuts = [crop_insets(Rect(*row), source) for row in layer.cell.crops(frames, source).tolist()]
    values = np.array([(cut.left, cut.top, cut.right, cut.bottom) for cut in cuts])
    px = np.array([source.width, source.height, source.width, source.height]) / _TOLERANCE_PX

    def stray(first: int, last: int) -> npt.NDArray[np.float64]:
        inside = np.abs(values[first + 1 : last] - points_on_chord(values, first, last)) * px
        return np.asarray(inside.max(axis=1), np.float64)

    kept = range(len(cuts)) if piece.has_dense_keys else douglas_peucker(len(cuts), stray)
    return tuple((clip.first + index, cuts[index]) for index in kept)
