"""EfficientDet (TFLite), run by LiteRT: the recommended weights for persons, animals, balls and things.

The file holds the network without its last step, so anchors are laid out and boxes decoded here, by the numbers of the
EfficientDet paper (arXiv 1911.09070) and its reference configuration.
"""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError
from panscan.perceive.signals.litert import load_interpreter
from panscan.perceive.signals.objects.detector import Detections, Image, clip_to_picture
from panscan.perceive.signals.objects.onnx import COCO_NAMES, non_maximum_suppression

FloatArray = npt.NDArray[np.float64]

_GRIDS = (40, 20, 10, 5, 3)  # cells across, from the finest to the coarsest
_OCTAVES, _RATIOS, _ANCHOR_SCALE = (0, 1 / 3, 2 / 3), (1.0, 2.0, 0.5), 3.0
_PAD_LEVEL = 127  # of the grey beside a picture that is not square: squeezed ones cost a third of the small objects
_NMS_IOU = 0.5  # of one class, as in the reference configuration
_MAX_OBJECTS = 100  # of one picture, the most certain ones: bounds the work of linking them into tracks
_MAX_CANDIDATES = 400  # boxes that duplicates are removed from: far more than objects in a picture


class EfficientDetector:
    """One EfficientDet file that is ready to run."""

    def __init__(self, path: Path, min_score: float) -> None:
        self._path, self._min_score = path, min_score
        self._interpreter = _interpreter(path)
        taken, (first, second) = self._interpreter.get_input_details(), self._interpreter.get_output_details()[:2]
        shape = tuple(int(side) for side in taken[0]["shape"])
        scores, boxes = (first, second) if first["shape"][-1] != 4 else (second, first)
        if len(shape) != 4 or shape[0] != 1 or shape[3] != 3 or taken[0]["dtype"] != np.uint8:
            raise _unsupported(path, f"It takes {taken[0]['dtype'].__name__} {shape}, not one picture in 8 bits.")
        self._input, self._side_px = int(taken[0]["index"]), shape[1]
        self._scores, self._boxes = int(scores["index"]), int(boxes["index"])
        if shape[1] != shape[2] or tuple(boxes["shape"][1:]) != (len(anchors(shape[1])), 4):
            raise _unsupported(path, f"Its boxes have the shape {tuple(boxes['shape'])}.")
        self.names = _names(path, int(scores["shape"][-1]))

    def detect(self, rgb: Image) -> Detections:
        """The objects in a picture, most certain first."""
        import cv2

        height, width = rgb.shape[:2]
        scale = self._side_px / max(height, width)
        method = cv2.INTER_AREA if scale <= 1 else cv2.INTER_LINEAR
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        canvas = np.full((self._side_px, self._side_px, 3), _PAD_LEVEL, np.uint8)
        canvas[: size[1], : size[0]] = cv2.resize(rgb, size, interpolation=method)
        self._interpreter.set_tensor(self._input, canvas[None])
        self._interpreter.invoke()
        scores = np.asarray(self._interpreter.get_tensor(self._scores)[0])
        best = scores.argmax(axis=1)
        score = scores[np.arange(len(scores)), best].astype(np.float64)
        likely = np.flatnonzero(score >= self._min_score)
        likely = likely[np.argsort(-score[likely], kind="stable")][:_MAX_CANDIDATES]
        raw = np.asarray(self._interpreter.get_tensor(self._boxes)[0][likely], np.float64)
        ltrb = decoded_boxes(raw, anchors(self._side_px)[likely]) / scale
        score, class_id = np.minimum(score[likely], 1.0), best[likely].astype(np.int64)
        kept = non_maximum_suppression(ltrb, score, class_id, _NMS_IOU)[:_MAX_OBJECTS]
        return Detections(clip_to_picture(ltrb[kept], width, height), score[kept], class_id[kept])


@cache
def anchors(side_px: int) -> FloatArray:
    """Centre y, centre x, height and width (n, 4) of all anchors in a square input of `side_px`, in its px."""
    rows = []
    for cells in _GRIDS:
        stride = side_px / cells
        y, x = np.meshgrid(*[(np.arange(cells) + 0.5) * stride] * 2, indexing="ij")
        for octave in _OCTAVES:
            for ratio in _RATIOS:
                base = _ANCHOR_SCALE * stride * 2**octave
                sides = np.broadcast_to([base / ratio**0.5, base * ratio**0.5], (cells, cells, 2))
                rows.append(np.concatenate([np.stack([y, x], -1), sides], -1)[:, :, None])
        shapes = len(_OCTAVES) * len(_RATIOS)
        rows[-shapes:] = [np.concatenate(rows[-shapes:], axis=2).reshape(-1, 4)]
    return np.concatenate(rows)


def decoded_boxes(raw: FloatArray, anchor: FloatArray) -> FloatArray:
    """Left, top, right, bottom (n, 4) of the network's dy, dx, dh, dw (n, 4) on their anchors (n, 4)."""
    centre = raw[:, :2] * anchor[:, 2:] + anchor[:, :2]
    half = np.exp(np.minimum(raw[:, 2:], 10.0)) * anchor[:, 2:] / 2
    return np.concatenate([(centre - half)[:, ::-1], (centre + half)[:, ::-1]], axis=1)


def _names(path: Path, count: int) -> tuple[str, ...]:
    """The classes, from the list that TFLite files carry as a ZIP archive at their end; else COCO's, by place."""
    try:
        with zipfile.ZipFile(path) as archive:
            lists = [name for name in archive.namelist() if name.endswith(".txt")]
            named = archive.read(lists[0]).decode(errors="replace").splitlines() if lists else []
    except (zipfile.BadZipFile, OSError):
        named = []
    names = [name.strip() for name in named] or list(COCO_NAMES)
    return tuple((names + [f"class {n}" for n in range(len(names), count)])[:count])


def _interpreter(path: Path) -> Any:
    try:
        return load_interpreter(path)
    except ImportError as error:
        raise CapabilityError(
            f"objects cannot be found with {path.name}",
            why=f"LiteRT does not import: {error}.",
            fix="pip install 'ai-edge-litert>=2.3,<3', or set PANSCAN_OBJECTS_MODEL=none to go without objects.",
        ) from error
    except (ValueError, RuntimeError) as error:
        raise _unsupported(path, f"LiteRT says: {str(error).splitlines()[0]}") from error


def _unsupported(path: Path, why: str) -> CapabilityError:
    return CapabilityError(
        f"objects cannot be found with {path.name}",
        why=why,
        fix="Use the recommended weights: `panscan models pull efficientdet-lite0`.",
    )
