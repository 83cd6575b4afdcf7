"""Libraries of native code: imported for less, kept quiet, and kept to one thread."""

from __future__ import annotations

import gc
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

# File descriptor 2 belongs to the whole process: two threads that redirect it at once would lose it for good.
_STDERR_LOCK = threading.Lock()


@contextmanager
def quiet_native_log() -> Iterator[None]:
    """Discard what native code writes to stderr: MediaPipe's messages at the start have no other switch."""
    with _STDERR_LOCK:
        kept = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
            # protobuf 4 warns at every result that one of its own calls is old; nobody can act on it.
            warnings.filterwarnings("ignore", message="SymbolDatabase.GetPrototype", category=UserWarning)


@contextmanager
def single_threaded_opencv() -> Iterator[None]:
    """Limit OpenCV to one thread, and exclude the objects that exist now from garbage collection.

    Decoders and our own threads fill the cores: OpenCV's would only wait for them. Measuring makes thousands of small
    objects, so the collector runs often, and each time would walk through every object of the imported libraries.
    What is garbage already is collected before, and what became garbage after: among the excluded objects it would stay
    for long, and PyAV's pictures with side data, which refer to themselves, keep megabytes and threads each.
    """
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    gc.collect(1)  # the young objects alone
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        cv2.setNumThreads(before)


class _ImportedOnUse(ModuleType):
    """Stands for a module that is imported when one of its names is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked for by the import system itself
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


def import_mediapipe() -> ModuleType:
    """MediaPipe without Matplotlib, which it only draws with: importing that takes as long as decoding 70 pictures."""
    if "matplotlib" in sys.modules:
        return import_module("mediapipe")
    package, pyplot = _ImportedOnUse("matplotlib"), _ImportedOnUse("matplotlib.pyplot")
    package.pyplot = pyplot  # type: ignore[attr-defined]
    sys.modules |= {"matplotlib": package, "matplotlib.pyplot": pyplot}
    try:
        return import_module("mediapipe")
    finally:
        del sys.modules["matplotlib"], sys.modules["matplotlib.pyplot"]
