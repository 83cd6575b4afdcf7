"""What the bytes of a segment depend on besides its order: the programs that compose and encode, and the processor."""

from __future__ import annotations

import av
import cv2

from panscan import __version__
from panscan.render.processor import processor_kind


def encoder_build() -> str:
    """Versions of all that decides about pictures and their bytes; segments of two builds are not joined."""
    ffmpeg = f"FFmpeg {av.ffmpeg_version_info} (PyAV {av.__version__})"
    return f"panscan {__version__}, {ffmpeg}, OpenCV {cv2.__version__}, {processor_kind()}"
