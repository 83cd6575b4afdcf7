"""Head boxes, head turn and plausibility, computed from the landmark points of faces and bodies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def ramp(values: FloatArray, low: float, high: float) -> FloatArray:
    """0 up to `low`, 1 from `high` on, straight between."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def nose_offset(box: FloatArray, points: FloatArray) -> FloatArray:
    """Horizontal distance of the nose from the midpoint of the ears (n,), in face widths, -0.5..0.5; + is right."""
    ears = points[:, 4:6, 0].mean(axis=1)
    turn: FloatArray = np.clip((points[:, 2, 0] - ears) / box[:, 2], -0.5, 0.5)
    return turn


def head_boxes_from_faces(box: FloatArray, points: FloatArray, picture_height_px: float) -> FloatArray:
    """Whole heads with hair (n, 4), for faces (n, 4) seen from the front and from the side.

    Measured on frontal faces: a head is 1.55 face boxes tall and 1.35 wide where the face is small, down to
    0.8 where it fills the picture (the detector evens out sizes). Seen from the side, the back of the head
    reaches, with its hair, 1.4 times as far behind the face as the nose stands out before the middle of the ears.
    """
    left, top, width, height = box.T
    wide = np.clip(1.35 - 0.95 * height / picture_height_px, 0.8, 1.35) * width
    turn = nose_offset(box, points)
    behind = np.clip(np.abs(turn) - 0.1, 0, 0.4) * 1.4 * width  # with hair
    return np.stack(
        [left + (width - wide) / 2 - np.where(turn > 0, behind, 0), top - 0.45 * height, wide + behind, 1.55 * height],
        axis=-1,
    )


def face_plausibility(box: FloatArray, points: FloatArray) -> FloatArray:
    """Whether the points lie as in a face (n,), 0..1: eyes over nose over mouth, eyes and ears apart."""
    width, height = box[:, 2], box[:, 3]
    right_eye, left_eye, nose, mouth, right_ear, left_ear = (points[:, n] for n in range(6))
    below_eyes = (nose - (right_eye + left_eye) / 2)[:, 1] / height
    below_nose = (mouth - nose)[:, 1] / height
    shape: FloatArray = (
        ramp(below_eyes, 0.0, 0.12)
        * ramp(below_nose, 0.0, 0.08)
        # In a head seen from above or behind, the points lie close together near its lower end.
        * ramp(below_nose / np.maximum(below_eyes, 0.05), 0.2, 0.6)
        * ramp(np.linalg.norm(left_eye - right_eye, axis=1) / width, 0.05, 0.15)
        * ramp((left_ear - right_ear)[:, 0] / width, 0.25, 0.45)
    )
    return shape


def body_plausibility(points: FloatArray, visibility: FloatArray) -> FloatArray:
    """Whether 33 points (n, 33, 2) make a body (n,), 0..1: head over shoulders over hips, in proportion."""
    shoulders = points[:, 11:13]
    hips, nose = points[:, 23:25].mean(axis=1), points[:, 0]
    torso = np.maximum(np.linalg.norm(shoulders.mean(axis=1) - hips, axis=1), 1.0)
    upright = (hips - shoulders.mean(axis=1))[:, 1] / torso
    neck = np.linalg.norm(nose - shoulders.mean(axis=1), axis=1) / torso
    wide = np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1) / torso
    shape = ramp(upright, -0.2, 0.5) * ramp(neck, 0.1, 0.3) * ramp(-neck, -1.5, -0.9) * ramp(-wide, -1.6, -1.0)
    seen: FloatArray = visibility[:, 11:13].mean(axis=1) * np.maximum(visibility[:, 23:25].mean(axis=1), 0.5)
    return np.asarray(shape * seen, np.float64)


def face_boxes_from_heads(head: FloatArray, picture_height_px: float) -> FloatArray:
    """Face boxes (n, 4) of heads (n, 4) seen from the front: the inverse of `head_boxes_from_faces`."""
    left, top, wide, tall = head.T
    height = tall / 1.55
    width = wide / np.clip(1.35 - 0.95 * height / picture_height_px, 0.8, 1.35)
    return np.stack([left + (wide - width) / 2, top + 0.45 * height, width, height], axis=-1)


def head_boxes_from_bodies(box: FloatArray) -> FloatArray:
    """Where the head of a body of which only the box (n, 4) is known must be (n, 4): its upper end, and wide.

    A standing body is 7.5 heads tall and three times as tall as wide; of one that sits or is cut off by the picture,
    the head is a larger part, and its box is less slender. The estimate is half again as large as that head, because
    nothing tells which way the body leans.
    """
    left, top, width, height = box.T
    slender = height / width
    tall = height * np.interp(slender, [0.8, 1.2, 2.0, 3.0], [0.6, 0.5, 0.3, 0.2])
    wide = np.minimum(width, np.maximum(1.2 * tall, 0.6 * width))
    return np.stack([left + (width - wide) / 2, top, wide, tall], axis=-1)
