"""Objects: persons, animals, balls, and whatever else the weights know: the recommended ones, or the user's own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from panscan import weights
from panscan.errors import CapabilityError
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.request import Models
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.objects.detector import Detections, ObjectDetector
from panscan.perceive.signals.objects.tiles import TiledDetector

_LONG_SIDE_PX = 640  # of the view: the size that YOLO is trained for
_RATE_HZ = 2.0  # samples a second: a detection costs as much as all other signals together
_TFLITE_RATE_HZ = 4.0  # the same for EfficientDet, which costs a tenth: an animal turns within half a second
_MIN_SCORE = 0.25  # 0..1: YOLO's own default; tracks ask for more
_MIN_TFLITE_SCORE = 0.25  # the same for EfficientDet
_MIN_SIDE_PX = 2.0  # of the view: a smaller box is the remainder of one that lies outside the picture


@dataclass(frozen=True, slots=True)
class ObjectWeights:
    """The weights in use.

    Attributes
    ----------
    path : Path
    prompt : tuple of str
        The classes to find, for weights that accept any.
    """

    path: Path
    prompt: tuple[str, ...] = ()

    @property
    def content_key(self) -> tuple[str, ...]:
        """What results depend on: the content of the file, not its path."""
        status = self.path.stat()
        return (_digest(self.path, status.st_size, status.st_mtime_ns), *self.prompt)

    @property
    def is_light(self) -> bool:
        """Whether a detection is so quick that more pictures can be looked at."""
        return self.path.suffix == ".tflite"

    @property
    def is_open_vocabulary(self) -> bool:
        """Whether the weights find any class they are given (YOLO-World, YOLOE), judging by the file's name."""
        return self.path.suffix == ".pt" and any(kind in self.path.stem.lower() for kind in ("world", "yoloe"))

    def load_detector(self) -> ObjectDetector:
        """The detector, ready to run.

        Raises
        ------
        CapabilityError
            The weights cannot be read, or what runs them is not installed.
        """
        if self.path.suffix == ".pt":
            from panscan.perceive.signals.objects.ultralytics import UltralyticsDetector

            return UltralyticsDetector(self.path, self.prompt, _MIN_SCORE)
        if self.prompt:
            raise CapabilityError(
                f"{self.path.name} cannot look for {', '.join(self.prompt)}",
                why=f"{self.path.suffix} weights know a fixed list of classes.",
                fix="Use open-vocabulary .pt weights (YOLO-World, YOLOE), or unset PANSCAN_OBJECTS_PROMPT.",
            )
        if self.is_light:
            from panscan.perceive.signals.objects.efficientdet import EfficientDetector

            return EfficientDetector(self.path, _MIN_TFLITE_SCORE)
        from panscan.perceive.signals.objects.onnx import OnnxDetector

        return OnnxDetector(self.path, _MIN_SCORE, _LONG_SIDE_PX)


def selected_object_weights(models: Models) -> ObjectWeights | None:
    """The object weights to use: those that were asked for (a path or a name), else pulled ones, else None.

    Raises
    ------
    CapabilityError
        The chosen weights are not there, are damaged, or are of a kind that panscan does not read.
    """
    wanted = models.objects
    if wanted == "none":
        return None
    if not wanted:
        pulled = [w for w in weights.weights_for("objects") if w.can_run and weights.file_state(w) != "absent"]
        pulled.sort(key=lambda w: w.is_recommended)  # who fetched others by name wants those
        return _with_prompt(weights.verified_path(pulled[0]), models) if pulled else None
    listed = next((w for w in weights.WEIGHTS_FILES if w.name == wanted), None)
    if listed is not None:
        return _with_prompt(weights.verified_path(listed), models)
    for path in (Path(wanted), weights.weights_folder() / wanted):
        if path.is_file():
            if path.suffix not in (".onnx", ".pt", ".tflite"):
                raise CapabilityError(
                    f"objects cannot be found with {path.name}",
                    why="panscan reads .tflite (EfficientDet), .onnx, and .pt with the extra `yolo`.",
                    fix="Export the weights to ONNX, or name others in PANSCAN_OBJECTS_MODEL.",
                )
            return _with_prompt(path, models)
    raise CapabilityError(
        f"there are no weights {wanted!r} for objects",
        why=f"PANSCAN_OBJECTS_MODEL names neither a file, here or in {weights.weights_folder()}, nor a known model.",
        fix="Name a file, a model of `panscan models list`, or none to go without.",
    )


def _with_prompt(path: Path, models: Models) -> ObjectWeights:
    weights = ObjectWeights(path, models.vocabulary)
    return replace(weights, prompt=models.prompt) if weights.is_open_vocabulary and not models.vocabulary else weights


@lru_cache(maxsize=8)
def _digest(path: Path, size_bytes: int, changed_ns: int) -> str:
    """Hash of a file. Size and time of change are parameters so that a replaced file is hashed again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


class ObjectsSignal(PictureSignal):
    """Objects in two samples per second, four with light weights; idle where there are no weights."""

    name: ClassVar[str] = "objects"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Objects

    uses_models: ClassVar[bool] = True

    @staticmethod
    def options(models: Models) -> tuple[Any, ...]:
        """What the value depends on, including the weights: other weights measure again."""
        chosen = selected_object_weights(models)
        if chosen is not None and chosen.is_light:
            return (_LONG_SIDE_PX, _TFLITE_RATE_HZ, _MIN_TFLITE_SCORE, *TiledDetector.options, chosen.content_key)
        return (_LONG_SIDE_PX, _RATE_HZ, _MIN_SCORE, chosen.content_key if chosen else "no weights")

    def __init__(self, media: Media, rate_factor: float = 1.0, models: Models | None = None) -> None:
        self._weights = selected_object_weights(models or Models())
        rate_hz = _TFLITE_RATE_HZ if self._weights is not None and self._weights.is_light else _RATE_HZ
        self._schedule = SampleSchedule.at_rate(rate_hz * rate_factor, media)
        self._display = media.video.display_size
        self.idle = self._weights is None
        self._detector: ObjectDetector | None = None
        self._tiled: TiledDetector | None = None
        self._looked: list[int] = []
        self._found: list[Detections] = []

    def see(self, picture: PictureLike) -> None:
        """Find objects, when due."""
        if self._weights is None or not self._schedule.due(picture.frame):
            return
        if self._detector is None:
            self._detector = self._weights.load_detector()
            self._tiled = TiledDetector(self._detector) if self._weights.is_light else None
        view = picture.view(_LONG_SIDE_PX, "rgb24")
        found = self._tiled.detect(view) if self._tiled else self._detector.detect(view)
        if found is None:
            return
        self._looked.append(picture.frame)
        box, score, class_id = found
        real = np.all(box[:, 2:] >= _MIN_SIDE_PX, axis=1)
        size = np.array([self._display.width / view.shape[1], self._display.height / view.shape[0]], np.float64)
        self._found.append(Detections(box[real] * np.tile(size, 2), score[real], class_id[real]))

    def finish(self) -> perception.Objects:
        """All objects, in display px."""
        names = self._detector.names if self._detector else ()
        counts = [len(found.score) for found in self._found]
        return perception.Objects(
            looked=frames_array(self._looked),
            frame=np.repeat(frames_array(self._looked), counts),
            box_px=np.concatenate([np.zeros((0, 4)), *(found.box for found in self._found)]),
            score=np.concatenate([np.zeros(0), *(found.score for found in self._found)]),
            class_id=np.concatenate([np.zeros(0, np.int64), *(found.class_id for found in self._found)]),
            names=np.array(names, np.str_),
            available=self._weights is not None,
        )

    @classmethod
    def join(
        cls, values: Sequence[perception.Objects], spans: Sequence[tuple[int, int]], media: Media
    ) -> perception.Objects:
        """The objects of all spans; in one without a picture that decodes, the classes are not known."""
        named = max(values, key=lambda value: len(value.names))
        found: perception.Objects = super().join(values, spans, media)
        return replace(found, names=named.names)
