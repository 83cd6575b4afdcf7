"""Perception on disk: one .npz per media, signal, options and version; written whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from panscan.files import whole_file
from panscan.model.request import Models


def cache_folder() -> Path:
    """Where perception is kept: $PANSCAN_CACHE_DIR, else the user's cache folder."""
    chosen = os.environ.get("PANSCAN_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("panscan", appauthor=False)) / "perception"


def signal_key(
    name: str, kind: Any, pace: float = 1.0, consulted: Sequence[str] = (), models: Models | None = None
) -> str:
    """Name of a signal's cache entry: signal, version and a hash of its options, pace and consulted entries.

    `options` of a signal may be a function, where they depend on the machine (which weights are there); that of a
    signal that uses models is given them.
    """
    own = getattr(kind, "options", ())
    if callable(own):
        own = own(models or Models()) if getattr(kind, "uses_models", False) else own()
    options = repr((own, pace, list(consulted)))
    return f"{name}-v{kind.version}-{hashlib.blake2b(options.encode(), digest_size=4).hexdigest()}"


class PerceptionCache:
    """The analysed signals of one media."""

    def __init__(self, media_digest: str, folder: Path | None = None) -> None:
        self._folder = (folder or cache_folder()) / media_digest

    def load(self, key: str, produces: type) -> Any | None:
        """The stored value, or None where there is none that can be read."""
        path = self._folder / f"{key}.npz"
        names = [field.name for field in dataclasses.fields(produces)]
        try:
            # Opened here: numpy leaves a damaged file open.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                values = {name: stored[name] for name in names}
        except Exception:  # a damaged file raises anything at all; measuring again mends it
            return None
        return produces(**{name: value.item() if value.ndim == 0 else value for name, value in values.items()})

    def store(self, key: str, value: Any) -> None:
        """Keep a value; a cache that cannot be written costs time, never the result."""
        columns = {field.name: np.asarray(getattr(value, field.name)) for field in dataclasses.fields(value)}
        try:
            with whole_file(self._folder / f"{key}.npz", private=True) as file:
                np.savez(file, allow_pickle=False, **columns)
        except OSError:
            return
