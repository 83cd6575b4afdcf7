"""Speech: Silero's voice detector (its model is inside the faster-whisper wheel, nothing is downloaded)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import SoundSignal

_RATE_HZ = 16_000
_STEP_SAMPLES = 512  # that the model takes at once: 32 ms
_CONTEXT_SAMPLES = 64  # of the step before, which the model takes again
_BLOCK_STEPS = 256  # 8 s at a time: as fast as all at once, and memory use stays constant

# Probabilities, and the padding, are Silero's own defaults; two limits keep a span from flickering at one of them.
_SPEECH_ABOVE = 0.5
_SILENCE_BELOW = 0.35
_MIN_SILENCE_S = 0.3  # a shorter pause is part of speaking
_PAD_S = 0.03  # before and after each span: soft consonants

_Samples = npt.NDArray[np.float32]


class SpeechSignal(SoundSignal):
    """Probability of speech, every 32 ms."""

    name: ClassVar[str] = "speech"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Speech
    options = (_SPEECH_ABOVE, _SILENCE_BELOW, _MIN_SILENCE_S, _PAD_S)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._session: Any = None
        self._state = [np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32)]
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._waiting: list[_Samples] = []
        self._waiting_count = 0
        self._heard_count = 0
        self._probability: list[FloatArray] = []

    def hear(self, samples: _Samples) -> None:
        """Collect sound, and run the model on blocks of it."""
        self._waiting.append(samples)
        self._waiting_count += len(samples)
        self._heard_count += len(samples)
        if self._waiting_count >= _BLOCK_STEPS * _STEP_SAMPLES:
            joined = np.concatenate(self._waiting)
            blocks = len(joined) // (_BLOCK_STEPS * _STEP_SAMPLES)
            for block in np.split(joined[: blocks * _BLOCK_STEPS * _STEP_SAMPLES], blocks):
                self._run_model(block)
            rest = joined[blocks * _BLOCK_STEPS * _STEP_SAMPLES :]
            self._waiting, self._waiting_count = [rest], len(rest)

    def finish(self) -> perception.Speech:
        """The curve over the whole sound, and its segments."""
        if self._waiting_count:
            self._run_model(np.pad(np.concatenate(self._waiting), (0, -self._waiting_count % _STEP_SAMPLES)))
            self._waiting, self._waiting_count = [], 0
        curve = np.concatenate(self._probability) if self._probability else np.zeros(0)
        start, end = speech_segments(curve, _STEP_SAMPLES / _RATE_HZ, self._heard_count / _RATE_HZ)
        return perception.Speech(curve, start, end, _STEP_SAMPLES / _RATE_HZ)

    def _run_model(self, samples: _Samples) -> None:
        """Run the model on whole steps; its state and the last samples go on to the next block."""
        if self._session is None:
            self._session = load_voice_activity_model()
        steps = samples.reshape(-1, _STEP_SAMPLES)
        before = np.concatenate([self._context[None], steps[:-1, -_CONTEXT_SAMPLES:]])
        heard = np.concatenate([before, steps], axis=1)
        likely, *self._state = self._session.run(None, {"input": heard, "h": self._state[0], "c": self._state[1]})
        self._context = steps[-1, -_CONTEXT_SAMPLES:].copy()
        self._probability.append(np.asarray(likely, np.float64).reshape(-1))


def speech_segments(probability: FloatArray, step_s: float, length_s: float) -> tuple[FloatArray, FloatArray]:
    """Start and end (s,) of the spans of speech: one begins above 0.5, and ends after 0.3 s below 0.35."""
    found: list[tuple[float, float]] = []
    start_s: float | None = None
    quiet_s: float | None = None
    for step, likely in enumerate(probability):
        now_s = step * step_s
        if likely > _SPEECH_ABOVE:
            start_s, quiet_s = now_s if start_s is None else start_s, None
        elif likely < _SILENCE_BELOW and start_s is not None:
            quiet_s = now_s if quiet_s is None else quiet_s
            if now_s + step_s - quiet_s >= _MIN_SILENCE_S:
                found.append((start_s, quiet_s))
                start_s = quiet_s = None
    if start_s is not None:
        found.append((start_s, quiet_s if quiet_s is not None else length_s))
    bounds = np.array(found, np.float64).reshape(-1, 2)
    return np.maximum(bounds[:, 0] - _PAD_S, 0.0), np.minimum(bounds[:, 1] + _PAD_S, length_s)


def load_voice_activity_model() -> Any:
    """The voice detector's inference session.

    Raises
    ------
    CapabilityError
        faster-whisper is missing or brings no such model.
    """
    try:
        import onnxruntime
        from faster_whisper.vad import get_vad_model

        onnxruntime.disable_telemetry_events()
        session = get_vad_model().session
    except Exception as error:  # a missing library, a missing model and a renamed part all end here
        raise CapabilityError(
            "speech cannot be detected",
            why=f"The voice detector of faster-whisper does not load: {error}.",
            fix="Install it again: pip install --force-reinstall 'faster-whisper>=1.2.1,<2'",
        ) from error
    wanted = ["c", "h", "input"]
    if sorted(given.name for given in session.get_inputs()) != wanted:
        raise CapabilityError(
            "speech cannot be detected",
            why=f"The voice detector of this faster-whisper takes other inputs than {', '.join(wanted)}.",
            fix="pip install 'faster-whisper==1.2.1'",
        )
    return session
