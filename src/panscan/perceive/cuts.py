"""Hard cuts: PySceneDetect's adaptive content detector on our small pictures, confirmed by picture structure.

The detector compares a change with its neighbourhood, so a still passage makes any small change look like a cut.
A real cut leaves nothing of the picture before: the best match of the new picture's middle within the old one
(normalised correlation) stays low. Pans and flashes of detail keep it high.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, frames_array

_LONG_SIDE_PX = 256
_MIN_SHOT_S = 0.4
_SAME_SCENE = 0.75  # measured: real cuts 0.0 to 0.5, pans and window changes 0.87 to 1.0
_STRUCTURE_PX = 96


class Cuts:
    """First frame of each new shot."""

    name: ClassVar[str] = "cuts"
    version: ClassVar[int] = 3
    produces: ClassVar[type] = perception.Cuts
    options = (_LONG_SIDE_PX, _MIN_SHOT_S, _SAME_SCENE)

    def __init__(self, media: Media, pace: float = 1.0) -> None:
        from scenedetect import AdaptiveDetector, FrameTimecode

        # The detector counts pictures: of a variable rate there are fewer than grid frames.
        self._rate = float(media.video.picture_count / media.duration_s)
        self._timecode = FrameTimecode
        self._detector = AdaptiveDetector(min_scene_len=max(1, round(_MIN_SHOT_S * self._rate)))
        # The detector counts what it is fed; this list turns its count back into grid frames.
        self._frames: list[int] = []
        self._similarity: list[float] = []
        self._before: npt.NDArray[np.float32] | None = None
        self._found: list[Any] = []

    def see(self, picture: PictureLike) -> None:
        """Compare the picture with the one before."""
        position = self._timecode(len(self._frames), self._rate)
        self._frames.append(picture.frame)
        self._found += self._detector.process_frame(position, picture.view(_LONG_SIDE_PX, "bgr24"))
        structure = _structure(picture)
        self._similarity.append(1.0 if self._before is None else _best_match(self._before, structure))
        self._before = structure

    def finish(self) -> perception.Cuts:
        """All cuts, the first frame of the media not included."""
        if self._frames:
            self._found += self._detector.post_process(self._timecode(len(self._frames) - 1, self._rate))
        places = {cut.frame_num for cut in self._found}
        confirmed = {n for n in places if 0 < n < len(self._frames) and self._similarity[n] < _SAME_SCENE}
        return perception.Cuts(frames_array(sorted({self._frames[n] for n in confirmed})))


def _structure(picture: PictureLike) -> npt.NDArray[np.float32]:
    return picture.view(_STRUCTURE_PX, "gray").astype(np.float32)


def _best_match(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> float:
    """Normalised correlation of the middle of `after` at its best place in `before`, -1..1."""
    import cv2

    height, width = after.shape
    down, across = height // 6, width // 6
    middle = after[down : height - down, across : width - across]
    if middle.size == 0 or float(middle.std()) < 1.0:  # a flat picture matches anything
        return 1.0 if abs(float(before.mean()) - float(after.mean())) < 8 else 0.0
    return float(cv2.matchTemplate(before, middle, cv2.TM_CCOEFF_NORMED).max())
