"""The processor of this machine, as far as pictures and their bytes depend on it."""

from __future__ import annotations

import platform
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

import cv2

AVX2, AVX512 = "AVX2", "AVX512-SKX"  # vector units of Intel's and AMD's processors, by OpenCV's names


@cache
def has_vector_unit(name: str) -> bool:
    """Whether the processor has a vector unit, and OpenCV uses it."""
    # Those that OpenCV chooses among bear a star, those that the processor has not, a question mark.
    return name in (unit.lstrip("*") for unit in cv2.getCPUFeaturesLine().split())


@cache
def processor_kind() -> str:
    """What two processors have in common that give the same bytes: their type, maker, and vector unit.

    Makers approximate reciprocals each in their own way, and x264 uses these; OpenCV rounds otherwise without AVX2.
    """
    unit = AVX2 if has_vector_unit(AVX2) else ""
    return " ".join(filter(None, (platform.machine(), _maker(), unit)))


def _maker() -> str:
    with suppress(OSError):
        if found := re.search(r"vendor_id\s*:\s*(\S+)", Path("/proc/cpuinfo").read_text(encoding="utf-8")):
            return found[1]
    return platform.processor()
