"""Memory stays flat while a movie is looked at."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from panscan.perceive.worker import release_freed_memory


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps freed memory")
def test_freed_memory_goes_back_to_the_system():
    kept: list[np.ndarray] = []

    def fill() -> None:
        kept.extend(np.ones(100_000, np.uint8) for _ in range(2000))

    maker = threading.Thread(target=fill)
    maker.start()
    maker.join()
    full = resident_mb()
    del kept[:-1]  # the last block holds the arena's top: without trimming nothing goes back
    release_freed_memory()
    assert full - resident_mb() > 150
