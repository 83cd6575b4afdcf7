"""Words with their times, by Whisper: only when asked for, and only with a model that is already on this machine.

`Models.words` names it: a folder with a converted model (CTranslate2), or a name such as "small" that was downloaded
before. Nothing is downloaded here.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.request import Models
from panscan.perceive.signal import SoundSignal


class WordsSignal(SoundSignal):
    """What is said, word by word."""

    name: ClassVar[str] = "words"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Words

    uses_models: ClassVar[bool] = True

    @staticmethod
    def options(models: Models) -> tuple[str, ...]:
        """The model that was asked for: another one gives other words."""
        return (models.words,)

    def __init__(self, media: Media, rate_factor: float = 1.0, models: Models | None = None) -> None:
        self._model = models.words if models else ""
        self.idle = not self._model
        self._blocks: list[npt.NDArray[np.float32]] = []

    def hear(self, samples: npt.NDArray[np.float32]) -> None:
        """Collect the sound: the model needs all of it at once."""
        if self._model:
            self._blocks.append(samples)

    def finish(self) -> perception.Words:
        """All words; none where no model was asked for or nothing is said."""
        found: list[tuple[float, float, str]] = []
        if self._model and self._blocks:
            segments, _ = _whisper(self._model).transcribe(
                np.concatenate(self._blocks), word_timestamps=True, vad_filter=True, beam_size=1, temperature=0.0
            )
            found = [(w.start, w.end, w.word.strip()) for s in segments for w in s.words or []]
        return perception.Words(
            start_s=np.array([start for start, _, _ in found], np.float64),
            end_s=np.array([end for _, end, _ in found], np.float64),
            text=np.array([text for _, _, text in found], np.str_),
        )


def _whisper(model: str) -> Any:
    """The Whisper model, from this machine only.

    Raises
    ------
    CapabilityError
        There is no such model here.
    """
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:  # not here, unknown name, or no model in that folder
        raise CapabilityError(
            f"the words cannot be read: there is no Whisper model {model!r} on this machine",
            why=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'it does not load'}",
            fix="Give a folder with a CTranslate2 Whisper model, or download one before, e.g. with\n"
            "       python -c \"import faster_whisper; faster_whisper.download_model('small')\"",
        ) from error
