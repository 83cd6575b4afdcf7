"""Object weights in PyTorch (.pt), run by ultralytics: the extra `yolo`, AGPL-3.0, never part of the core.

Ultralytics reports usage, installs packages and downloads files of its own accord. Its switches for that are set before
it is imported, and what has no switch is refused here.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from panscan.errors import CapabilityError
from panscan.perceive.cache import cache_folder
from panscan.perceive.signals.objects.detector import Detections, Image, clip_to_picture


class UltralyticsDetector:
    """One .pt file that is ready to run. A .pt file can run any code when it is opened: use only those you trust."""

    def __init__(self, path: Path, prompt: tuple[str, ...], min_score: float) -> None:
        yolo = _ultralytics()
        self._file, self._min_score = path.name, min_score
        with _offline():
            try:
                self._model: Any = yolo(str(path.resolve()))
            except Exception as error:  # torch and ultralytics raise anything at a file they cannot read
                what = f"objects cannot be found with {path.name}"
                raise _weights_error(what, error, "Use a YOLO detector.") from error
            if prompt:
                self._ask_for(prompt, path)
            names: Any = self._model.names
        listed = names if isinstance(names, dict) else dict(enumerate(names))
        self.names = tuple(str(listed.get(n, f"class {n}")) for n in range(max(listed, default=-1) + 1))

    def detect(self, rgb: Image) -> Detections:
        """The objects in a picture, most certain first.

        Raises
        ------
        CapabilityError
            The weights are no detector, or torch and torchvision do not fit together.
        """
        height, width = rgb.shape[:2]
        bgr = np.ascontiguousarray(rgb[..., ::-1])
        with _offline():
            try:
                (result,) = self._model.predict(bgr, conf=self._min_score, imgsz=max(rgb.shape[:2]), verbose=False)
            except Exception as error:  # as above
                raise _weights_error(f"objects cannot be found with {self._file}", error, _fix(error)) from error
        if result.boxes is None:
            raise CapabilityError(
                "these weights find no boxes", why="They are not a detector.", fix="Use the weights of a YOLO detector."
            )
        ltrb, score, class_id = (
            np.asarray(column.cpu().numpy(), np.float64)
            for column in (result.boxes.xyxy, result.boxes.conf, result.boxes.cls)
        )
        order = np.argsort(-score, kind="stable")
        return Detections(
            clip_to_picture(ltrb.reshape(-1, 4)[order], width, height),
            np.clip(score[order], 0, 1),
            class_id[order].astype(np.int64),
        )

    def _ask_for(self, prompt: tuple[str, ...], path: Path) -> None:
        what = f"{path.name} cannot look for {', '.join(prompt)}"
        if not hasattr(self._model, "set_classes"):
            raise CapabilityError(
                what,
                why="These weights know a fixed list of classes.",
                fix="Use open-vocabulary weights (YOLO-World, YOLOE), or unset PANSCAN_OBJECTS_PROMPT.",
            )
        try:
            self._model.set_classes(list(prompt))
        except Exception as error:  # as above
            fix = (
                "Words need the text encoder of these weights on this machine; fetch it once with ultralytics itself.\n"
                "       Or name the classes there once (set_classes), save the weights, and use them without a prompt."
            )
            raise _weights_error(what, error, fix) from error


def _ultralytics() -> Any:
    """The class YOLO, with everything switched off that uses the network or installs packages."""
    folder = cache_folder().parent / "ultralytics"
    os.environ.update(YOLO_AUTOINSTALL="false", YOLO_OFFLINE="true", YOLO_CONFIG_DIR=str(folder), YOLO_VERBOSE="false")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _offline():
            from importlib import import_module

            ultralytics = import_module("ultralytics")
            if ultralytics.settings.get("sync"):
                ultralytics.settings.update({"sync": False})
    except ImportError as error:
        raise CapabilityError(
            ".pt weights cannot be used",
            why=f"ultralytics does not import: {error}.",
            fix="pip install 'panscan[yolo]' (AGPL-3.0, brings torch), or use an ONNX export of the weights.",
        ) from error
    return ultralytics.YOLO


_offline_state = threading.local()
_audit_hook_installed = threading.Event()


@contextmanager
def _offline() -> Iterator[None]:
    """Refuse network and installers to this thread: ultralytics downloads missing parts whatever its switches say."""
    if not _audit_hook_installed.is_set():
        _audit_hook_installed.set()
        sys.addaudithook(_block_network)
    before = getattr(_offline_state, "on", False)
    _offline_state.on = True
    try:
        yield
    finally:
        _offline_state.on = before


def _block_network(event: str, arguments: tuple[Any, ...]) -> None:
    if not getattr(_offline_state, "on", False):
        return
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise ConnectionError("panscan lets nothing be downloaded here")
    if event == "subprocess.Popen" and any(tool in repr(arguments[:2]) for tool in ("curl", "pip", "wget")):
        raise ConnectionError("panscan lets nothing be downloaded or installed here")


def _fix(error: Exception) -> str:
    if "torchvision::" in str(error):  # on Linux pip pairs a torch for the CPU with a torchvision for graphics cards
        return (
            "torch and torchvision must be of one build; for the CPU:\n"
            "       pip install --force-reinstall torch torchvision --index-url https://download.pytorch.org/whl/cpu"
        )
    return "Use a YOLO detector."


def _weights_error(what: str, error: Exception, fix: str) -> CapabilityError:
    return CapabilityError(what, why=f"{type(error).__name__}: {error}".splitlines()[0][:300], fix=fix)
