"""Where the picture of a cell is cropped, for formats that crop every cell on a track of its own.

Editors interpolate crop values linearly. In source coordinates the edges of a cell move linearly while the camera only
pans, but not while it zooms or while the crop reaches beyond the picture. There, keys are added until linear
interpolation is exact enough.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.arrays.simplify import douglas_peucker, points_on_chord
from panscan.deliver.host_space import crop_insets
from panscan.deliver.host_values import CropInsets
from panscan.deliver.sequence.sequence import ClipItem, Layer
from panscan.model.geometry import Rect

# Source px between the exact edge and the line between two keys: together with the rounding of the values in the files
# this stays below a hundredth of a px.
_TOLERANCE_PX = 0.004


def crop_inset_keys(clip_item: ClipItem, layer: Layer) -> tuple[tuple[int, CropInsets], ...]:
    """Frames on the clip's own clock, and what is cropped off the source there, in fractions of it.

    One key where it never changes, none where the layer needs no crop.
    """
    if not layer.needs_crop:
        return ()
    clip, source = clip_item.clip, clip_item.clip.framing.source
    if len(layer.keys) == 1:
        frame, rect = layer.crops[0]
        return ((frame, crop_insets(rect, source)),)
    frames = np.arange(clip.first, clip.end)
    insets = [crop_insets(Rect(*row), source) for row in layer.cell.crops(frames, source).tolist()]
    values = np.array([(each.left, each.top, each.right, each.bottom) for each in insets])
    tolerances = np.array([source.width, source.height, source.width, source.height]) / _TOLERANCE_PX

    def stray(first: int, last: int) -> npt.NDArray[np.float64]:
        inside = np.abs(values[first + 1 : last] - points_on_chord(values, first, last)) * tolerances
        return np.asarray(inside.max(axis=1), np.float64)

    kept = range(len(insets)) if clip_item.has_dense_keys else douglas_peucker(len(insets), stray)
    return tuple((clip.first + index, insets[index]) for index in kept)
