"""The network as two signals: its input from the sound, and its output for each face.

Both are empty, and cost nothing, where PANSCAN_SPEAKER_MODEL chooses no weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import newest_row
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.model.request import Models
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, SoundSignal, frames_array
from panscan.perceive.signals.lips import MAX_FACES, MIN_FACE_PX, MIN_SPEECH_PROBABILITY, SPEECH_WITHIN_S
from panscan.perceive.speaking.asd import mfcc
from panscan.perceive.speaking.asd.network import CHUNK_FACES, FACE_PX, RATE_HZ, ROWS_PER_FACE, LrAsdNetwork
from panscan.perceive.speaking.asd.weights import read_state_dict, selected_speaker_weights
from panscan.perceive.speaking.face_slots import FaceSlot, assign_slots, largest_faces

_BLOCK_SAMPLES = 100 * mfcc.HOP_SAMPLES  # measured at once, at least: a second, so that few calls are made
_MIN_RATE_FACTOR = 0.5  # measured: every second picture, used twice, is hardly worse
_MIN_RUN_FACES = 5  # a fifth of a second: in a shorter run there is nothing to hear


def _weights_key(models: Models) -> tuple[Any, ...]:
    weights = selected_speaker_weights(models)
    return (weights.sha256,) if weights else ("none",)


class CepstrumSignal(SoundSignal):
    """MFCC of the sound, where a speaker network is in use."""

    name: ClassVar[str] = "cepstrum"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Cepstrum
    uses_models: ClassVar[bool] = True

    @staticmethod
    def options(models: Models) -> tuple[Any, ...]:
        """Whether there are weights; which ones does not matter."""
        return (selected_speaker_weights(models) is not None,)

    def __init__(self, media: Media, rate_factor: float = 1.0, models: Models | None = None) -> None:
        self._wanted = selected_speaker_weights(models or Models()) is not None
        self._waiting: list[npt.NDArray[np.float32]] = []
        self._count = 0
        self._previous_sample = 0.0
        self._rows: list[npt.NDArray[np.float32]] = []

    def hear(self, samples: npt.NDArray[np.float32]) -> None:
        """Collect sound, and measure it in blocks; what the next window needs again is kept."""
        if not self._wanted:
            return
        self._waiting.append(samples)
        self._count += len(samples)
        if self._count >= _BLOCK_SAMPLES + mfcc.WINDOW_SAMPLES:
            joined = np.concatenate(self._waiting)
            rows = mfcc.mfcc(joined, self._previous_sample)
            used = len(rows) * mfcc.HOP_SAMPLES
            self._rows.append(rows)
            self._previous_sample = float(joined[used - 1])
            self._waiting, self._count = [joined[used:]], len(joined) - used

    def finish(self) -> perception.Cepstrum:
        """The whole sound; the last window is padded with silence."""
        if self._count:
            rest = np.concatenate(self._waiting)
            row_count = -(-len(rest) // mfcc.HOP_SAMPLES)
            padded = np.pad(rest, (0, mfcc.WINDOW_SAMPLES - 1))
            self._rows.append(mfcc.mfcc(padded, self._previous_sample)[:row_count])
            self._waiting, self._count = [], 0
        empty = np.zeros((0, mfcc.COEFFICIENT_COUNT), np.float32)
        return perception.Cepstrum(np.concatenate([empty, *self._rows]), mfcc.HOP_SAMPLES / mfcc.RATE_HZ)


class ActiveSpeakerSignal(PictureSignal):
    """How surely each of up to four faces speaks: 25 samples a second, while somebody speaks and there are several."""

    name: ClassVar[str] = "asd"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.ActiveSpeaker
    uses_models: ClassVar[bool] = True
    depends_on: ClassVar[tuple[str, ...]] = ("faces", "speech", "cepstrum")
    options = staticmethod(_weights_key)

    def __init__(self, media: Media, rate_factor: float = 1.0, models: Models | None = None) -> None:
        self._schedule = SampleSchedule.at_rate(RATE_HZ * max(rate_factor, _MIN_RATE_FACTOR), media)
        self._rate = float(media.video.rate)
        self._chosen = selected_speaker_weights(models or Models())
        self._network: LrAsdNetwork | None = None
        self._faces: Any = None
        self._speech: perception.Speech | None = None
        self._cepstrum = np.zeros((0, mfcc.COEFFICIENT_COUNT), np.float32)
        self._slots = [_BufferedFaceSlot() for _ in range(MAX_FACES)]
        self._looked: list[int] = []
        self._frames: list[int] = []
        self._boxes: list[FloatArray] = []
        self._logits: list[float] = []

    def consult(self, others: Mapping[str, Any]) -> None:
        """Receive the faces, the speech and the sound's cepstrum; all three are needed."""
        self._faces, self._speech = others.get("faces"), others.get("speech")
        if "cepstrum" in others:
            self._cepstrum = others["cepstrum"].coefficient

    def see(self, picture: PictureLike) -> None:
        """Keep crops of the largest faces, when due and somebody speaks, and run the network on full chunks."""
        if self._chosen is None or self._faces is None or not self._schedule.due(picture.frame):
            return
        time_s = picture.frame / self._rate
        if self._speech is None or not self._speech.speaking(time_s, SPEECH_WITHIN_S, MIN_SPEECH_PROBABILITY):
            return
        boxes = self._faces.at(picture.frame)
        if len(boxes) < 2:
            return
        self._looked.append(picture.frame)
        boxes = largest_faces(boxes, MAX_FACES, MIN_FACE_PX)
        recipe = self._chosen.face_crop
        for run, box in zip(assign_slots(self._slots, boxes, time_s), boxes, strict=True):
            if run.follow(box, time_s) or run.step_count(time_s) >= CHUNK_FACES:
                self._run_network(run)
            run.append(
                picture.frame,
                time_s,
                box,
                picture.luma(run.crop_square(recipe.side_in_faces, recipe.centre_offset_down_in_faces), FACE_PX),
            )

    def finish(self) -> perception.ActiveSpeaker:
        """The logits of all faces, by frame."""
        for run in self._slots:
            self._run_network(run)
        order = np.argsort(self._frames, kind="stable")
        return perception.ActiveSpeaker(
            looked=frames_array(self._looked),
            frame=frames_array(self._frames)[order],
            box_px=np.array(self._boxes, np.float64).reshape(-1, 4)[order],
            logit=np.array(self._logits, np.float64)[order],
        )

    def _run_network(self, run: _BufferedFaceSlot) -> None:
        """Run the network on the crops that a slot has kept, and clear the slot."""
        first, faces = run.crops()
        if len(faces) >= _MIN_RUN_FACES and self._chosen is not None:
            if self._network is None:
                self._network = LrAsdNetwork(read_state_dict(self._chosen.path))
            rows = np.zeros((ROWS_PER_FACE * len(faces), mfcc.COEFFICIENT_COUNT), np.float32)
            sound = self._cepstrum[ROWS_PER_FACE * first : ROWS_PER_FACE * (first + len(faces))]
            rows[: len(sound)] = sound
            logits = self._network.speaking_logits(faces, rows)
            for step, frame, box in zip(run.steps, run.frames, run.boxes, strict=True):
                self._frames.append(frame)
                self._boxes.append(box)
                self._logits.append(float(logits[step - first]))
        run.clear()


class _BufferedFaceSlot(FaceSlot):
    """One face and its crops since the network ran last; steps are 1/25 s from the first picture."""

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Drop what was kept."""
        self.steps: list[int] = []
        self.frames: list[int] = []
        self.boxes: list[FloatArray] = []
        self._crops: list[npt.NDArray[np.uint8]] = []

    def step_count(self, time_s: float) -> int:
        """Steps from the first that is kept to a time."""
        return _step(time_s) - self.steps[0] if self.steps else 0

    def append(self, frame: int, time_s: float, box: FloatArray, crop: npt.NDArray[np.uint8]) -> None:
        """Keep one sample of the face."""
        self.steps.append(_step(time_s))
        self.frames.append(frame)
        self.boxes.append(box)
        self._crops.append(crop)

    def crops(self) -> tuple[int, npt.NDArray[np.uint8]]:
        """The first step, and for each step up to the last the newest crop (T, 112, 112)."""
        if not self.steps:
            return 0, np.zeros((0, FACE_PX, FACE_PX), np.uint8)
        wanted = np.arange(self.steps[0], self.steps[-1] + 1)
        return self.steps[0], np.stack(self._crops)[newest_row(np.array(self.steps), wanted)]


def _step(time_s: float) -> int:
    return int(time_s * RATE_HZ + 1e-6)
