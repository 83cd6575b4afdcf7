"""Reads the published weights: torch's zip of a pickle and raw numbers, of which only numbers are accepted."""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan import weights
from panscan.errors import CapabilityError
from panscan.model.request import Models

StateDict = dict[str, npt.NDArray[Any]]

_MAX_BYTES = 64 * 2**20  # unpacked: the published files have less than 4 MiB; more is a hostile file
# Torch's types of storage -> numpy's.
_STORAGE_DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


@dataclass(frozen=True, slots=True)
class FaceCropSpec:
    """How a face is cropped for these weights.

    Attributes
    ----------
    name : str
        The weights.
    side_in_faces : float
        Side of the crop, in face boxes.
    centre_offset_down_in_faces : float
        How far below the centre of the face the crop's is, in face boxes.
    """

    name: str
    side_in_faces: float
    centre_offset_down_in_faces: float


@dataclass(frozen=True, slots=True)
class SpeakerWeights:
    """The weights in use.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of the file.
    face_crop : FaceCropSpec
    """

    path: Path
    sha256: str
    face_crop: FaceCropSpec


# By content: the authors' two files have the same name, and need different crops.
KNOWN_WEIGHTS = {
    "85e6c77fc981595234790d1e128ebb60352d37726b2445e0ef8891e2512fe9e3": FaceCropSpec("LR-ASD, AVA", 1.05, 0.0),
    "6b4ef53694e874e96cf630198dc479c78aebb3993bbf166aee3d926dfe7d9342": FaceCropSpec("LR-ASD, TalkSet", 0.78, 0.22),
}


def selected_speaker_weights(models: Models) -> SpeakerWeights | None:
    """The weights that `models.speaker` names, a file or a model of `panscan models list`; None where it is empty.

    Raises
    ------
    CapabilityError
        It names no file, or a file with other content than the known weights.
    """
    wanted = models.speaker
    if wanted in ("", "none"):
        return None
    listed = next((file for file in weights.WEIGHTS_FILES if file.name == wanted), None)
    path = weights.verified_path(listed) if listed else Path(wanted)
    if not path.is_file():
        raise CapabilityError(
            f"there are no weights {wanted!r} for the speaker network",
            why="PANSCAN_SPEAKER_MODEL names neither a file nor a known model.",
            fix="Name a file or lr-asd-ava (panscan models pull lr-asd-ava), or unset it to go without.",
        )
    status = path.stat()
    digest = _sha256(path, status.st_size, status.st_mtime_ns)
    if digest not in KNOWN_WEIGHTS:
        raise CapabilityError(
            f"{path.name} is not known as weights of the speaker network",
            why=f"Its SHA-256 begins with {digest[:16]}; the known ones are "
            f"{', '.join(f'{recipe.name} ({known[:16]})' for known, recipe in KNOWN_WEIGHTS.items())}.",
            fix="Use lr-asd-ava (panscan models pull lr-asd-ava), or unset PANSCAN_SPEAKER_MODEL to go without.",
        )
    return SpeakerWeights(path, digest, KNOWN_WEIGHTS[digest])


@lru_cache(maxsize=8)
def _sha256(path: Path, size_bytes: int, changed_ns: int) -> str:
    """Hash of a file. Size and time of change are parameters so that a replaced file is hashed again."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_state_dict(path: Path) -> StateDict:
    """All arrays of a file, by name.

    Raises
    ------
    CapabilityError
        The file is damaged, or holds anything but numbers.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_BYTES:
                raise pickle.UnpicklingError(f"it unpacks to more than {_MAX_BYTES} bytes")
            pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if len(pickles) != 1:
                raise pickle.UnpicklingError(f"it holds {len(pickles)} lists of tensors")
            folder = pickles[0].removesuffix("data.pkl")
            state = _RestrictedUnpickler(
                io.BytesIO(archive.read(pickles[0])), lambda key: archive.read(f"{folder}data/{key}")
            ).load()
        return {str(name): value for name, value in state.items() if isinstance(value, np.ndarray)}
    except Exception as error:  # a hostile or damaged file raises anything at all
        raise CapabilityError(
            f"{path.name} cannot be read as weights of the speaker network",
            why=f"{type(error).__name__}: {error}.",
            fix="Fetch the file again, or unset PANSCAN_SPEAKER_MODEL.",
        ) from error


class _OrderedDictStandIn(dict[str, Any]):
    """Stands for an OrderedDict: the pickle sets an attribute on it, which a plain dict does not allow."""


class _RestrictedUnpickler(pickle.Unpickler):
    """An unpickler that accepts four names and refuses all others."""

    def __init__(self, file: io.BytesIO, storage: Callable[[str], bytes]) -> None:
        super().__init__(file)
        self._storage = storage

    def find_class(self, module: str, name: str) -> Any:
        """The object that a name in the pickle stands for; unknown names are refused."""
        if (module, name) == ("collections", "OrderedDict"):
            return _OrderedDictStandIn
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _STORAGE_DTYPES:
            return _STORAGE_DTYPES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> npt.NDArray[Any]:
        """The raw numbers that a tensor is made of."""
        tag, kind, key, _, count = pid
        if tag != "storage" or kind not in _STORAGE_DTYPES.values() or not str(key).isdigit():
            raise pickle.UnpicklingError("a tensor points at no storage")
        numbers = np.frombuffer(self._storage(str(key)), kind)
        if len(numbers) != count:
            raise pickle.UnpicklingError("a storage has another size than it claims")
        return numbers


def _rebuild_tensor(numbers: npt.NDArray[Any], first: int, shape: Any, stride: Any, *_: Any) -> npt.NDArray[Any]:
    sizes = [int(size) for size in shape]
    rows = [math.prod(sizes[axis + 1 :]) for axis in range(len(sizes))]
    count = math.prod(sizes)
    if min(sizes, default=1) < 0 or first < 0 or first + count > len(numbers):
        raise pickle.UnpicklingError("a tensor reaches out of its storage")
    if any(size > 1 and step != row for size, step, row in zip(sizes, stride, rows, strict=True)):
        raise pickle.UnpicklingError("a tensor is not stored row by row")
    return numbers[first : first + count].reshape(sizes)
