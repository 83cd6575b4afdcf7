"""`panscan doctor`: what works on this machine, and how to repair what does not."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer

from panscan.cli.console import print_data, print_json
from panscan.errors import CapabilityError


def command(json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """Check every part that reframing needs: exit 0 when all are there, 4 otherwise."""
    rows = [_run_check(name, check) for name, check in _CHECKS.items()]
    if json:
        print_json(rows)
    else:
        for row in rows:
            print_data(f"{'ok     ' if row['ok'] else 'MISSING'} {row['part']:<22} {row['detail']}")
            if not row["ok"]:
                print_data(f"{'':<8}fix: {row['fix']}")
    if not all(row["ok"] for row in rows):
        raise typer.Exit(CapabilityError.exit_code)


def _run_check(part: str, check: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"part": part, "ok": True, "detail": check(), "fix": ""}
    except Exception as error:  # whatever is wrong with one part, the others are still checked
        lines = str(error).splitlines() or [type(error).__name__]
        fix = getattr(error, "fix", "") or "pip install --force-reinstall panscan"
        return {"part": part, "ok": False, "detail": lines[0], "fix": fix}


def _faces() -> str:
    import numpy as np

    from panscan import weights
    from panscan.perceive.signals.mediapipe_faces import full_range_detector
    from panscan.perceive.signals.yunet_faces import YuNetFaces

    full_range_detector().process(np.zeros((64, 64, 3), np.uint8))
    bundled = f"mediapipe {version('mediapipe')}, full-range model inside"
    path = weights.recommended_path("faces")
    if path is None:
        return f"{bundled}; small and turned faces need yunet: `panscan models pull`"
    YuNetFaces(path, 25.0).find(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8), 0)
    return f"{path}; {bundled}"


def _opencv() -> str:
    import cv2

    both = {name: _version(name) for name in ("opencv-python", "opencv-contrib-python")}
    if len(set(both.values())) != 1:
        raise RuntimeError(f"two versions share one folder: {both}")
    return f"opencv {cv2.__version__}, dense flow {'yes' if hasattr(cv2, 'DISOpticalFlow') else 'NO'}"


def _codecs() -> str:
    import av

    for name in ("libx264", "aac"):
        av.codec.Codec(name, "w")
    return f"PyAV {av.__version__}, encoders libx264 and aac"


def _shot_detection() -> str:
    from scenedetect import AdaptiveDetector  # noqa: F401

    return f"scenedetect {version('scenedetect')}"


def _timeline() -> str:
    import opentimelineio as otio

    names = otio.plugins.ActiveManifest().adapters
    ours = [a.name for a in names if a.name.startswith("panscan_")]
    return f"opentimelineio {otio.__version__}, adapters {', '.join(ours) or 'of panscan not found'}"


def _objects() -> str:
    from panscan.perceive.signals.objects.signal import selected_object_weights
    from panscan.request.options import models_of_environment

    weights = selected_object_weights(models_of_environment())
    if weights is None:
        return "optional; no weights: `panscan models pull`, or PANSCAN_OBJECTS_MODEL=FILE"
    return f"{weights.path}, {len({*weights.load_detector().names} - {'???'})} classes"  # COCO's list has gaps


def _cache() -> str:
    import os

    from panscan.perceive.cache import cache_folder

    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} cannot be written")
    size = sum(f.stat().st_size for f in folder.rglob("*.npz"))
    return f"{folder} ({size / 1e6:.1f} MB)"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


_CHECKS: dict[str, Callable[[], str]] = {
    "faces": _faces,
    "cuts": _shot_detection,
    "pictures and flow": _opencv,
    "decoding and encoding": _codecs,
    "timelines": _timeline,
    "objects": _objects,
    "analysis cache": _cache,
}
