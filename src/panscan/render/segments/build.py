"""What the bytes of a segment depend on besides its order: the programs that compose and encode."""

from __future__ import annotations

import platform
from functools import cache

import av
import cv2

from panscan import __version__

_VECTOR_UNIT = "AVX2"  # of Intel's and AMD's processors: OpenCV rounds otherwise without it


@cache
def encoder_build() -> str:
    """Versions of all that decides about pictures and their bytes; segments of two builds are not joined."""
    has_unit = _VECTOR_UNIT in (name.strip("*") for name in cv2.getCPUFeaturesLine().split())
    machine = f"{platform.machine()}{f' {_VECTOR_UNIT}' if has_unit else ''}"
    ffmpeg = f"FFmpeg {av.ffmpeg_version_info} (PyAV {av.__version__})"
    return f"panscan {__version__}, {ffmpeg}, OpenCV {cv2.__version__}, {machine}"
