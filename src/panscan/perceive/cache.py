"""Perception on disk: one .npz for each media, signal, version and options; written whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from panscan.files import whole_file
from panscan.model.request import Models
from panscan.perceive.signal import complete_signal_class


def cache_folder() -> Path:
    """Where perception is kept: $PANSCAN_CACHE_DIR, or else the user's cache folder."""
    chosen = os.environ.get("PANSCAN_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("panscan", appauthor=False)) / "perception"


def signal_key(
    name: str, signal_class: type, rate_factor: float = 1.0, consulted: Sequence[str] = (), models: Models | None = None
) -> str:
    """Name of a signal's cache entry: its name, its version, and a hash of what else its value depends on.

    Parameters
    ----------
    name : str
        Its name in the registry.
    signal_class : type
        The class, whose `options` are part of the hash.
    rate_factor : float
        What multiplies its sampling rate.
    consulted : sequence of str
        Keys of the signals that it depends on.
    models : Models, optional
        Given to `options`, where the signal uses models and `options` is a function.
    """
    complete = complete_signal_class(signal_class)
    own = complete.options
    if callable(own):
        own = own(models or Models()) if complete.uses_models else own()
    options = repr((own, rate_factor, list(consulted)))
    return f"{name}-v{complete.version}-{hashlib.blake2b(options.encode(), digest_size=4).hexdigest()}"


class PerceptionCache:
    """The measured signals of one media, or of some of its frames; all are files NAME.npz in `folder`."""

    def __init__(self, media_digest: str, folder: Path | None = None) -> None:
        self.folder = (folder or cache_folder()) / media_digest

    def load(self, key: str, produces: type) -> Any | None:
        """The stored value, or None where there is none that can be read."""
        path = self.folder / f"{key}.npz"
        names = [field.name for field in dataclasses.fields(produces)]
        try:
            # Opened here: numpy leaves a damaged file open.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                values = {name: stored[name] for name in names}
        except Exception:  # a damaged file raises anything at all; then the signal is measured again
            return None
        return produces(**{name: value.item() if value.ndim == 0 else value for name, value in values.items()})

    def store(self, key: str, value: Any) -> None:
        """Keep a value; where the cache cannot be written, it is measured again the next time."""
        columns = {field.name: np.asarray(getattr(value, field.name)) for field in dataclasses.fields(value)}
        try:
            with whole_file(self.folder / f"{key}.npz", private=True) as file:
                np.savez(file, allow_pickle=False, **columns)
        except OSError:
            with suppress(OSError):
                self.folder.rmdir()  # unless it holds other values
