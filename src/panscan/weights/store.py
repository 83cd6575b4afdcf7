"""Where weights lie, and whether they are what they claim to be."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

import platformdirs

from panscan.errors import CapabilityError
from panscan.weights.table import WeightsFile, recommended

FileState = Literal["present", "absent", "damaged"]


def weights_folder() -> Path:
    """Where weights are kept: $PANSCAN_MODELS_DIR, else the user's data folder."""
    chosen = os.environ.get("PANSCAN_MODELS_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("panscan", appauthor=False)) / "models"


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_state(weights: WeightsFile, folder: Path | None = None) -> FileState:
    """Whether the file lies in the folder with the right size and hash."""
    path = (folder or weights_folder()) / weights.file
    if not path.is_file():
        return "absent"
    try:
        right = path.stat().st_size == weights.size_bytes and sha256_of(path) == weights.sha256
    except OSError:
        return "damaged"
    return "present" if right else "damaged"


def verified_path(weights: WeightsFile, folder: Path | None = None) -> Path:
    """The file, after its size and hash were checked.

    Raises
    ------
    CapabilityError
        It is not there, or it is another file.
    """
    folder = folder or weights_folder()
    path = folder / weights.file
    found = file_state(weights, folder)
    if found == "absent":
        raise CapabilityError(
            f"the model {weights.name} is not on this machine",
            why=f"There is no {weights.file} in {folder}.",
            fix=f"panscan models pull {weights.name}; without a network, put the file there.",
        )
    if found == "damaged":
        raise CapabilityError(
            f"{path} is not the model {weights.name}",
            why=f"It should have {weights.size_bytes} bytes and the SHA-256 {weights.sha256}, and be readable.",
            fix=f"Delete it, or fetch it again: panscan models pull {weights.name}.",
        )
    return path


def recommended_path(part: str) -> Path | None:
    """The recommended weights of a part of panscan; None where they are not on this machine.

    Raises
    ------
    CapabilityError
        The file is damaged.
    """
    weights = next((w for w in recommended() if w.used_by == part), None)
    path = weights_folder() / weights.file if weights is not None else None
    if weights is None or path is None or not path.is_file():
        return None
    status = path.stat()
    return _checked(weights, path.parent, status.st_size, status.st_mtime_ns)


def absent_recommended() -> tuple[WeightsFile, ...]:
    """The recommended weights that are not on this machine."""
    return tuple(weights for weights in recommended() if not (weights_folder() / weights.file).is_file())


@lru_cache(maxsize=16)
def _checked(weights: WeightsFile, folder: Path, size_bytes: int, changed_ns: int) -> Path:
    """`verified_path`, once for each state of the file."""
    return verified_path(weights, folder)
