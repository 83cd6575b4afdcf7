"""Keys that were moved by hand in a timeline -> entries of an overrides file, which last."""

from __future__ import annotations

from typing import Any

from panscan import registry
from panscan.model.framing import Cell
from panscan.model.geometry import Ratio, Rect, Size, cover_scale
from panscan.timeline.hand_edits import EditedClip

_CENTER_DECIMALS = 7  # of a share: a thousandth of a px in the widest pictures there are
_BARE_ZOOM = 1 - 1e-5  # under which a crop is larger than the picture, by more than its scale was rounded
_ZOOM_DECIMALS = 9  # the scales of a timeline have 6, and are up to some hundred times smaller than their zoom


def entries_of(edit: EditedClip, ratio: Ratio, note: str) -> list[dict[str, Any]]:
    """An entry per cell of a clip whose keys were moved; they hold for this shape alone."""
    framing = edit.framing
    place: dict[str, Any] = {"frame": [edit.first, edit.end], "ratio": str(ratio)}
    several = len(framing.cells) > 1
    if framing.layout != "single" and framing.layout in registry.names("layouts"):
        place["layout"] = framing.layout
    if any(_zoom(cell, scale, framing.source) < _BARE_ZOOM for cell in framing.cells for scale in cell.camera.scale):
        place["background"] = framing.background
    return [
        place | ({"cell": number} if several else {}) | {"keys": _keys(cell, framing.source), "note": note}
        for number, cell in enumerate(framing.cells, 1)
    ]


def _keys(cell: Cell, source: Size) -> list[dict[str, Any]]:
    keys = []
    for frame, scale in zip(cell.camera.frame, cell.camera.scale, strict=True):
        crop = cell.crop_at(frame, source)
        center = [
            round(crop.center_x / source.width, _CENTER_DECIMALS),
            round(crop.center_y / source.height, _CENTER_DECIMALS),
        ]
        keys.append({"frame": frame, "center": center, "zoom": round(_zoom(cell, scale, source), _ZOOM_DECIMALS)})
    return keys


def _zoom(cell: Cell, scale: float, source: Size) -> float:
    """How many times tighter a crop is than the widest one of its cell."""
    return scale / cover_scale(cell.size, Rect(0, 0, source.width, source.height))
