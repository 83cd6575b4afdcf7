"""Whether a face smiles, by MediaPipe's face mesh."""

from __future__ import annotations

from typing import Any

import numpy as np

from panscan.decoding.photo import Image
from panscan.libraries import quiet_native_log
from panscan.perceive.signals.mediapipe_io import load_mediapipe
from panscan.photos.perception import FloatArray

MIN_FACE_PX = 40.0  # height of a face of the view: the mesh is unreliable below
_AROUND = 0.4  # of a face's height, looked at on each side: the mesh needs the whole head

# Numbers of the mesh's points: corners of the mouth, inner lips, and the ends of the face's height.
_CORNERS, _LIPS, _BROW, _CHIN = (61, 291), (13, 14), 10, 152


class SmileReader:
    """MediaPipe's face mesh for single pictures."""

    def __init__(self) -> None:
        with quiet_native_log():
            mediapipe = load_mediapipe("expressions cannot be read")
            self._mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1)
            self._mesh.process(np.zeros((64, 64, 3), np.uint8))  # log messages come with the first picture

    def read(self, view: Image, face: FloatArray) -> float | None:
        """How far the corners of a mouth lie above its middle, in mouth widths; None where no mesh is found.

        Measured on 15 faces: smiling ones 0.09 to 0.14, all others -0.07 to 0.05.
        """
        tall = float(face[3] - face[1])
        if tall < MIN_FACE_PX:
            return None
        height, width = view.shape[:2]
        low = np.maximum(0, face[:2] - _AROUND * tall).astype(int)
        high = np.minimum([width, height], face[2:] + _AROUND * tall).astype(int)
        part = np.ascontiguousarray(view[low[1] : high[1], low[0] : high[0]])
        found: Any = self._mesh.process(part).multi_face_landmarks
        if not found:
            return None
        points = np.array([(p.x, p.y) for p in found[0].landmark]) * [part.shape[1], part.shape[0]]
        up = points[_BROW] - points[_CHIN]
        corners, lips = points[list(_CORNERS)], points[list(_LIPS)]
        lift = (corners.mean(axis=0) - lips.mean(axis=0)) @ up / np.linalg.norm(up)
        return float(lift / np.linalg.norm(corners[0] - corners[1]))

    def close(self) -> None:
        """Release MediaPipe's graph."""
        self._mesh.close()
