"""Detecting faces again in the output, to check that the people named in the timeline are in the picture.

The detector is the verifier's own. Where it finds no face in the output it also searches the source: the back of a head
is not an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.libraries import import_mediapipe, quiet_native_log
from panscan.model.framing import shows_person
from panscan.verify.expectation import Expectation

RATE_HZ = Fraction(2)  # of samples: a person does not leave and come back in half a second
_LONG_SIDE_PX = 640  # of the pictures that are searched: enough for faces of a few per cent of the height
_MIN_SCORE = 0.6  # of the detector: below it, patterns are taken for faces
_MIN_SHARE_INSIDE = 0.8  # of a face's box that must be in the cell
_MIN_HEIGHT_SHARE = 0.04  # of the source's height: smaller faces are people in the background
_MIN_SEARCHED_PX = 16  # of a cell's smaller side: the detector needs some px

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FaceSample:
    """One cell of one picture, searched for a face.

    Attributes
    ----------
    number : int
        Of the output picture.
    clip : int
        Of the cut.
    cell : int
        Of the framing.
    found : bool, optional
        A face is in the cell; None if the source shows none either.
    face_centre_px : tuple of two float, optional
        Centre of the largest face in display px of the source, inside the cell or beside it.
    """

    number: int
    clip: int
    cell: int
    found: bool | None
    face_centre_px: tuple[float, float] | None = None


class FaceSampler:
    """Searches the cells that should show people, twice a second.

    Attributes
    ----------
    samples : list of FaceSample
    problem : str
        Why no faces can be detected; empty if they can.
    """

    def __init__(self, expectation: Expectation) -> None:
        self.samples: list[FaceSample] = []
        self.problem = ""
        self._expectation = expectation
        self._every = max(1, round(expectation.cut.rate / RATE_HZ))
        self._detector: Any = None

    def add_picture(self, frame: Any, number: int) -> None:
        """Take the next picture; it is searched if it is time."""
        if number % self._every != self._every // 2 or number >= len(self._expectation.pictures) or self.problem:
            return
        expected_picture = self._expectation.pictures[number]
        if expected_picture is None or number in self._expectation.mixes:
            return
        framing = self._expectation.framing_of(expected_picture)
        wanted = [n for n, cell in enumerate(framing.cells) if shows_person(cell.subject)]
        if not wanted:
            return
        image = _rgb(frame, framing.canvas.width, framing.canvas.height)
        factor = image.shape[1] / framing.canvas.width
        for n in wanted:
            cell = framing.cells[n]
            x, y = round(cell.left_px * factor), round(cell.top_px * factor)
            part = image[y : y + round(cell.size.height * factor), x : x + round(cell.size.width * factor)]
            crop = cell.crop_at(expected_picture.media_frame, framing.source)
            faces = [f for f in self._detect(part) if _share_inside(f) >= _MIN_SHARE_INSIDE]
            if faces:
                left, top, width, height = max(faces, key=lambda f: f[2] * f[3])
                face_centre_px = (
                    crop.left + crop.width * (left + width / 2),
                    crop.top + crop.height * (top + height / 2),
                )
                self.samples.append(FaceSample(number, expected_picture.clip, n, True, face_centre_px))
            elif not self.problem:
                self.samples.append(FaceSample(number, expected_picture.clip, n, *self._in_source(number)))

    def close(self) -> None:
        """Close the detector."""
        if self._detector is not None:
            self._detector.close()

    def _in_source(self, number: int) -> tuple[bool | None, tuple[float, float] | None]:
        expected_picture = self._expectation.pictures[number]
        assert expected_picture is not None
        source, display = (
            self._expectation.source_of(expected_picture),
            self._expectation.framing_of(expected_picture).source,
        )
        frame = source.frame(expected_picture.source_picture)
        if frame is None:
            return None, None
        sides = (display.height, display.width) if source.quarter_turns % 2 else (display.width, display.height)
        image = source.upright(_rgb(frame, *sides))
        faces = [f for f in self._detect(image) if f[3] >= _MIN_HEIGHT_SHARE]
        if not faces:
            return None, None
        left, top, width, height = max(faces, key=lambda f: f[2] * f[3])
        return False, ((left + width / 2) * display.width, (top + height / 2) * display.height)

    def _detect(self, image: Image) -> list[tuple[float, float, float, float]]:
        """Boxes as shares of the image: left, top, width, height."""
        if min(image.shape[:2]) < _MIN_SEARCHED_PX or self.problem:
            return []
        if self._detector is None:
            with quiet_native_log():
                try:
                    detection = import_mediapipe().solutions.face_detection
                    self._detector = detection.FaceDetection(model_selection=1, min_detection_confidence=_MIN_SCORE)
                    self._detector.process(np.zeros((64, 64, 3), np.uint8))  # messages come with the first picture
                except (ImportError, AttributeError, RuntimeError, ValueError) as error:
                    self.problem = f"MediaPipe does not work: {error}"
                    return []
        found = self._detector.process(np.ascontiguousarray(image)).detections or []
        boxes = [face.location_data.relative_bounding_box for face in found]
        return [(float(b.xmin), float(b.ymin), float(b.width), float(b.height)) for b in boxes]


def _share_inside(box: tuple[float, float, float, float]) -> float:
    left, top, width, height = box
    across = min(1.0, left + width) - max(0.0, left)
    down = min(1.0, top + height) - max(0.0, top)
    return max(0.0, across) * max(0.0, down) / (width * height) if width * height > 0 else 0.0


def _rgb(frame: Any, width: int, height: int) -> Image:
    """The frame as RGB in the shape width : height, at most 640 px long."""
    factor = min(1.0, _LONG_SIDE_PX / max(width, height))
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    return np.asarray(frame.reformat(width=size[0], height=size[1], format="rgb24").to_ndarray(), np.uint8)
