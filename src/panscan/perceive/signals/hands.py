"""Hands: where no face leads, they tell what a picture is about, what is held, and where somebody works."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.large_face import FACE_LEADS_S, LARGE_FACE, LargeFace
from panscan.perceive.signals.palm_detector import PalmDetector, palm_model

_LONG_SIDE_PX = 640  # of the view: the one that faces are found in, so that nothing is scaled for it
_RATE_HZ = 3.75  # samples a second, half of those of faces, at the same pictures: hands are quick
# Sides of the detector's input per longer side of the picture. The second finds hands that fill the picture; one look a
# sample is enough, as wide as the last that found any.
_REDUCTIONS = (1.0, 2.0)
_NO_HANDS_S = 0.8  # pause between looks where neither finds any


class HandsSignal(PictureSignal):
    """Hands, while no large face is in the picture; idle without the model."""

    name: ClassVar[str] = "hands"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Hands
    depends_on: ClassVar[tuple[str, ...]] = ("faces",)

    @staticmethod
    def options() -> tuple[Any, ...]:
        """What the value depends on, including whether the model is there."""
        rates = (_RATE_HZ, _NO_HANDS_S, LARGE_FACE, FACE_LEADS_S)
        return (_LONG_SIDE_PX, *rates, *_REDUCTIONS, *PalmDetector.options, palm_model() is not None)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._model = palm_model()
        self.idle = self._model is None
        self._detector: PalmDetector | None = None
        self._large_face = LargeFace(media)
        self._pause_frames = _NO_HANDS_S * float(media.video.rate)
        self._reduction, self._misses = 0, 0
        self._looked: list[int] = []
        self._found: list[tuple[FloatArray, FloatArray]] = []

    def consult(self, others: Mapping[str, Any]) -> None:
        """Receive the faces; without them every picture may be sampled."""
        self._large_face.faces = others.get("faces")

    def see(self, picture: PictureLike) -> None:
        """Find hands, when due and worth it."""
        frame = picture.frame
        if self._model is None or not self._schedule.due(frame) or self._large_face.leads(frame) or self._rests(frame):
            return
        self._detector = self._detector or PalmDetector(self._model)
        view = picture.view(_LONG_SIDE_PX, "rgb24")
        box, score = self._detector.detect(view, _REDUCTIONS[self._reduction])
        self._misses = 0 if len(score) else self._misses + 1
        self._reduction = (self._reduction + (self._misses > 0)) % len(_REDUCTIONS)
        size = np.array([self._display.width / view.shape[1], self._display.height / view.shape[0]], np.float64)
        self._looked.append(frame)
        self._found.append((box * np.tile(size, 2), score))

    def _rests(self, frame: int) -> bool:
        """Whether looks at all sizes found nothing, the last one shortly before."""
        return self._misses >= len(_REDUCTIONS) and frame - self._looked[-1] < self._pause_frames

    def finish(self) -> perception.Hands:
        """All hands, in display px."""
        return perception.Hands(
            looked=frames_array(self._looked),
            frame=np.repeat(frames_array(self._looked), [len(score) for _, score in self._found]),
            box_px=np.concatenate([np.zeros((0, 4)), *(box for box, _ in self._found)]),
            score=np.concatenate([np.zeros(0), *(score for _, score in self._found)]),
        )
