"""Hard cuts: PySceneDetect's adaptive content detector, fed with our own small pictures."""

from __future__ import annotations

from typing import ClassVar

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, frames_array

_LONG_SIDE_PX = 256
_MIN_SHOT_S = 0.4


class Cuts:
    """First frame of each new shot."""

    name: ClassVar[str] = "cuts"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Cuts
    options = (_LONG_SIDE_PX, _MIN_SHOT_S)

    def __init__(self, media: Media) -> None:
        from scenedetect import AdaptiveDetector, FrameTimecode

        self._rate = float(media.video.rate)
        self._timecode = FrameTimecode
        self._detector = AdaptiveDetector(min_scene_len=max(1, round(_MIN_SHOT_S * self._rate)))
        # Detectors count what they are fed; this list turns their count back into grid frames.
        self._frames: list[int] = []
        self._found: list[int] = []

    def see(self, picture: PictureLike) -> None:
        """Compare the picture with its neighbours."""
        position = self._timecode(len(self._frames), self._rate)
        self._frames.append(picture.frame)
        image = picture.view(_LONG_SIDE_PX, "bgr24")
        self._found += [cut.frame_num for cut in self._detector.process_frame(position, image)]

    def finish(self) -> perception.Cuts:
        """All cuts, the first frame of the media not included."""
        if self._frames:
            last = self._timecode(len(self._frames) - 1, self._rate)
            self._found += [cut.frame_num for cut in self._detector.post_process(last)]
        return perception.Cuts(
            frames_array(sorted({self._frames[n] for n in self._found if 0 < n < len(self._frames)}))
        )
