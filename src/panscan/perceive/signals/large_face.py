"""Whether a large face leads: then nobody needs to look for bodies or hands."""

from __future__ import annotations

from typing import Any

import numpy as np

from panscan.model.media import Media

LARGE_FACE = 0.12  # height, as a share of the picture's: such a face is enough to frame by
FACE_LEADS_S = 1.0  # for so long after a large face, nothing else is searched for: the face may have turned away


class LargeFace:
    """What the faces say of each moment; without them no face leads."""

    def __init__(self, media: Media) -> None:
        self.faces: Any = None
        self._least_px = LARGE_FACE * media.video.display_size.height
        self._lasts_frames = FACE_LEADS_S * float(media.video.rate)
        self._last: float = -np.inf

    def leads(self, frame: int) -> bool:
        """Whether one is in the picture, or was shortly before; to be asked in order."""
        if self.faces is None:
            return False
        boxes = self.faces.at(frame)
        if len(boxes) and float(boxes[:, 3].max()) >= self._least_px:
            self._last = frame
        return frame - self._last < self._lasts_frames
