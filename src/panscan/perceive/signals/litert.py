"""LiteRT: runs TensorFlow Lite networks."""

from __future__ import annotations

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
