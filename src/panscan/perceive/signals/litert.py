"""LiteRT: runs TensorFlow Lite networks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from panscan.libraries import quiet_native_log

_THREADS = 1  # the decoder and the other signals need the rest


def load_interpreter(path: Path) -> Any:
    """A network, ready and quiet.

    Raises
    ------
    ImportError
        LiteRT is not installed: there is no build for this machine.
    ValueError, RuntimeError
        The file is not a network that it runs.
    """
    from ai_edge_litert.interpreter import Interpreter

    with quiet_native_log():
        interpreter = Interpreter(model_path=str(path), num_threads=_THREADS)
        interpreter.allocate_tensors()
        interpreter.invoke()  # the rest of the log messages come with the first picture
    return interpreter


def packaged_model(name: str) -> Path | None:
    """Where a network of MediaPipe's package lies; None where it or LiteRT is not installed."""
    package = find_spec("mediapipe")
    if package is None or find_spec("ai_edge_litert") is None:
        return None
    path = Path(next(iter(package.submodule_search_locations or ()), "")) / name
    return path if path.is_file() else None
