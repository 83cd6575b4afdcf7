"""Object weights in ONNX, run by onnxruntime, and boxes from the network's output.

Reads what YOLO's exporters write: raw heads (1, 4 + classes, n) or (1, n, 4 + classes), of which duplicates are removed
here, and end-to-end heads (1, n, 6).
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.arrays.boxes import iou_of_edges
from panscan.errors import CapabilityError
from panscan.perceive.signals.objects.detector import Detections, Image, clip_to_picture

FloatArray = npt.NDArray[np.float64]

_STRIDE_PX = 32  # YOLO's coarsest grid: the sides of an open input size are multiples of it
_PAD_LEVEL = 114  # the grey beside the picture with which these networks were trained
_NMS_IOU_THRESHOLD = 0.6  # boxes of one class that overlap more are one object: people side by side overlap less
_MAX_OBJECTS = 100  # of one picture, the most certain ones: bounds the work of linking them into tracks
_THREADS = 2  # of onnxruntime: the decoder and the other signals need the rest

_COCO = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,"
    "bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,"
    "skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,"
    "cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,"
    "potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,"
    "refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush"
)
COCO_NAMES = tuple(_COCO.split(","))


class OnnxDetector:
    """One ONNX file that is ready to run."""

    def __init__(self, path: Path, min_score: float, long_side_px: int) -> None:
        self._path = path
        self._min_score = min_score
        self._session = _session(path)
        taken = self._session.get_inputs()[0]
        shape = list(taken.shape)
        kinds = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
        one = shape[0] == 1 or not isinstance(shape[0], int)
        if len(shape) != 4 or not one or shape[1] != 3 or taken.type not in kinds:
            why = f"It takes {taken.type} {shape}, not one picture as float (1, 3, height, width)."
            raise _unsupported_weights(path, why)
        self._input: str = taken.name
        self._kind = kinds[taken.type]
        fixed = isinstance(shape[2], int) and isinstance(shape[3], int)
        self._input_px: tuple[int, int] | None = (shape[3], shape[2]) if fixed else None
        self._long_side_px = long_side_px
        known: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.names = class_names(known.get("names", "")) or COCO_NAMES
        self._end_to_end = known.get("end2end") == "True" or "'nms': True" in known.get("args", "")

    def detect(self, rgb: Image) -> Detections:
        """The objects in a picture, most certain first."""
        height, width = rgb.shape[:2]
        canvas, scale, left, top = letterbox(rgb, self._input_px or _input_size_px(width, height, self._long_side_px))
        planes = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None]).astype(self._kind) / self._kind(255)
        (first, *_) = self._session.run(None, {self._input: planes})
        try:
            ltrb, score, class_id = decode_yolo_output(
                np.asarray(first, np.float64), len(self.names), self._min_score, end_to_end=self._end_to_end
            )
        except ValueError as error:
            raise _unsupported_weights(self._path, str(error)) from error
        ltrb = (ltrb - [left, top, left, top]) / scale
        return Detections(clip_to_picture(ltrb, width, height), score, class_id)


def class_names(literal: str) -> tuple[str, ...]:
    """Names by class number from the exporter's metadata, a dict literal {0: "person", ...}; empty if there is none."""
    try:
        known = dict(ast.literal_eval(literal))
        return tuple(str(known.get(n, f"class {n}")) for n in range(max(known, default=-1) + 1))
    except (ValueError, SyntaxError, TypeError):
        return ()


def letterbox(rgb: Image, size_px: tuple[int, int]) -> tuple[Image, float, int, int]:
    """The picture fitted into a size (width, height) with grey beside it; its scale, left and top in there."""
    import cv2

    height, width = rgb.shape[:2]
    scale = min(size_px[0] / width, size_px[1] / height)
    fitted = (max(1, round(width * scale)), max(1, round(height * scale)))
    if fitted != (width, height):
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        rgb = np.asarray(cv2.resize(rgb, fitted, interpolation=method), np.uint8)
    left, top = (size_px[0] - fitted[0]) // 2, (size_px[1] - fitted[1]) // 2
    canvas = np.full((size_px[1], size_px[0], 3), _PAD_LEVEL, np.uint8)
    canvas[top : top + fitted[1], left : left + fitted[0]] = rgb
    return canvas, scale, left, top


def decode_yolo_output(
    output: FloatArray, class_count: int, min_score: float, *, end_to_end: bool = False
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    """The network's first output as boxes (left, top, right, bottom in px of its input), scores and classes.

    Parameters
    ----------
    output : ndarray
    class_count : int
        Classes that the weights know.
    min_score : float
        Less certain objects are left out.
    end_to_end : bool
        The file says that its rows are finished boxes; otherwise the shape decides.

    Raises
    ------
    ValueError
        The output has none of the shapes that are known.
    """
    if output.ndim != 3 or output.shape[0] != 1:
        raise ValueError(f"Its output has the shape {output.shape}.")
    table, wide = output[0], 4 + class_count
    if (end_to_end and table.shape[1] >= 6) or (table.shape[1] == 6 and wide not in table.shape):
        kept = table[(table[:, 4] >= min_score) & (table[:, 5] >= 0) & (table[:, 5] < class_count)]
        kept = kept[np.argsort(-kept[:, 4], kind="stable")]
        return kept[:, :4], np.minimum(kept[:, 4], 1.0), kept[:, 5].astype(np.int64)
    # Behind the classes, heads for masks and poses have further numbers.
    if table.shape[0] >= wide and table.shape[1] != wide and table.shape[0] < table.shape[1]:
        table = table[:wide].T
    elif table.shape[1] != wide:
        raise ValueError(f"Its output has the shape {output.shape}, which does not fit {class_count} classes.")
    class_id = np.argmax(table[:, 4:], axis=1)
    score = table[np.arange(len(table)), 4 + class_id]
    likely = np.flatnonzero(score >= min_score)
    center, half = table[likely, :2], table[likely, 2:4] / 2
    ltrb = np.concatenate([center - half, center + half], axis=1)
    score, class_id = np.minimum(score[likely], 1.0), class_id[likely]
    kept_rows = non_maximum_suppression(ltrb, score, class_id)[:_MAX_OBJECTS]
    return ltrb[kept_rows], score[kept_rows], class_id[kept_rows].astype(np.int64)


def non_maximum_suppression(
    ltrb: FloatArray, score: FloatArray, class_id: npt.NDArray[np.int64], iou_threshold: float = _NMS_IOU_THRESHOLD
) -> npt.NDArray[np.int64]:
    """Rows of the boxes that are kept, most certain first: of one class and place only the best one."""
    waiting = np.argsort(-score, kind="stable")
    kept: list[int] = []
    while waiting.size:
        best, others = waiting[0], waiting[1:]
        kept.append(int(best))
        overlap = iou_of_edges(ltrb[others], ltrb[best])
        waiting = others[(overlap <= iou_threshold) | (class_id[others] != class_id[best])]
    return np.array(kept, np.int64)


def _input_size_px(width: int, height: int, long_side_px: int) -> tuple[int, int]:
    scale = long_side_px / max(width, height)
    across, down = (max(1, -(-round(side * scale) // _STRIDE_PX)) * _STRIDE_PX for side in (width, height))
    return across, down


def _session(path: Path) -> Any:
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # Windows builds report to their maker otherwise
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # The decoder needs the other cores; threads that spin between two samples would take them for nothing.
    options.intra_op_num_threads = min(_THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common base
        raise _unsupported_weights(path, f"onnxruntime says: {str(error).splitlines()[0]}") from error


def _unsupported_weights(path: Path, why: str) -> CapabilityError:
    return CapabilityError(
        f"objects cannot be found with {path.name}",
        why=why,
        fix="Use the ONNX export of a YOLO detector, e.g. `panscan models pull yolov8n-int8`.",
    )
