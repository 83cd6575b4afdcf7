"""The framings of a timeline file, read from its text alone, so that a check shares no code with what it checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CameraPath:
    """What one cell of a canvas shows over time.

    Attributes
    ----------
    cell_px : tuple of int
        Left, top, width and height on the canvas.
    keys : ndarray, shape (n, 4)
        Frame counted from the media's first picture, scale in canvas px per source px, and the place x, y in canvas px.
    """

    cell_px: tuple[int, int, int, int]
    keys: Boxes

    def crops(self, frames: npt.ArrayLike, source_px: tuple[int, int]) -> Boxes:
        """Left, top, right and bottom in source px at each of some frames."""
        at = np.asarray(frames, np.float64)
        scale, x_px, y_px = (np.interp(at, self.keys[:, 0], self.keys[:, n]) for n in (1, 2, 3))
        middle = np.stack([source_px[0] / 2 - x_px / scale, source_px[1] / 2 - y_px / scale], axis=-1)
        half = np.stack([self.cell_px[2] / scale, self.cell_px[3] / scale], axis=-1) / 2
        return np.concatenate([middle - half, middle + half], axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class FramedStretch:
    """Frames of a media that one clip shows with one framing.

    Attributes
    ----------
    media : Path
        The movie.
    first, end : int
        Frames [first, end), counted from the media's first picture.
    rate : float
        Frames per second.
    source_px, canvas_px : tuple of int
        Width and height of the upright source, and of the picture that is made.
    layout, why : str
        Name of the layout, and the reason that the director gave.
    cameras : tuple of CameraPath
        One for each cell.
    """

    media: Path
    first: int
    end: int
    rate: float
    source_px: tuple[int, int]
    canvas_px: tuple[int, int]
    layout: str
    why: str
    cameras: tuple[CameraPath, ...]

    def crops(self, frame: int) -> Boxes:
        """Left, top, right and bottom of each cell's crop at one frame, source px, shape (cells, 4)."""
        return np.stack([camera.crops(frame, self.source_px) for camera in self.cameras])


def read_framings(path: Path) -> list[FramedStretch]:
    """All framings of a timeline file, in the order of its clips."""
    found = [_stretch(clip, effect) for clip in _clips(json.loads(path.read_text())) for effect in _reframes(clip)]
    if not found:
        raise SystemExit(f"{path} has no clip with a framing: make it with `panscan reframe`")
    return found


def _clips(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if str(node.get("OTIO_SCHEMA")).startswith("Clip."):
            yield node
        for value in node.values():
            yield from _clips(value)
    elif isinstance(node, list):
        for value in node:
            yield from _clips(value)


def _reframes(clip: dict[str, Any]) -> list[dict[str, Any]]:
    return [e["metadata"]["panscan"] for e in clip["effects"] if e.get("effect_name") == "Reframe"]


def _stretch(clip: dict[str, Any], framing: dict[str, Any]) -> FramedStretch:
    reference = clip["media_references"][clip["active_media_reference_key"]]
    rate = framing["rate"][0] / framing["rate"][1]
    available = reference.get("available_range")
    start = _frames(available["start_time"], rate) if available else 0
    first = _frames(clip["source_range"]["start_time"], rate) - start
    return FramedStretch(
        Path(unquote(urlsplit(reference["target_url"]).path)),
        first,
        first + _frames(clip["source_range"]["duration"], rate),
        rate,
        tuple(framing["source_px"]),
        tuple(framing["canvas_px"]),
        framing.get("layout", "single"),
        framing.get("why", ""),
        tuple(_camera(cell, start) for cell in framing["cells"]),
    )


def _frames(time: dict[str, Any], rate: float) -> int:
    return round(float(time["value"]) / float(time["rate"]) * rate)


def _camera(cell: dict[str, Any], start: int) -> CameraPath:
    columns = [cell["keys"][name] for name in ("frame", "scale", "x_px", "y_px")]
    return CameraPath(tuple(cell["cell_px"]), np.array(columns, np.float64).T - (start, 0, 0, 0))
