"""Camera keys in the numbers of each host. The only place where a delivery does geometry.

A key says (model.framing): `scale` s, canvas px per source px, and where the centre of the source W x H lies from the
centre of the canvas W' x H', x_px right and y_px down. Every host scales about the centre of the source first and
moves it afterwards, so each is another encoding of the same three numbers, linear in them at every key: keys that are
joined by straight lines here are joined by the same straight lines there.

Each `host(key, source, canvas)` has an inverse `host_crop`, written from the host's side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from panscan.model.framing import Cell
from panscan.model.geometry import Rect, Size

YUnit = Literal["canvas", "fitted"]


@dataclass(frozen=True, slots=True)
class Key:
    """Scale in canvas px per source px; centre of the source minus centre of the canvas, canvas px, right and down."""

    scale: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class FcpxmlTransform:
    """The `scale` and `position` of an adjust-transform: factor on the fitted picture; percent, right and up."""

    scale: float
    x_percent: float
    y_percent: float


def on_canvas(key: Key, cell: Cell, canvas: Size) -> Key:
    """A key counted from the centre of its cell, counted from the centre of the canvas."""
    return Key(
        key.scale,
        key.x_px + cell.left_px + cell.size.width / 2 - canvas.width / 2,
        key.y_px + cell.top_px + cell.size.height / 2 - canvas.height / 2,
    )


def fit_scale(source: Size, canvas: Size) -> float:
    """Canvas px per source px when the whole source is fitted into the canvas."""
    return min(canvas.width / source.width, canvas.height / source.height)


def fcpxml(key: Key, source: Size, canvas: Size, y_unit: YUnit = "canvas") -> FcpxmlTransform:
    """Final Cut: adjust-conform "fit", then adjust-transform.

    Position is a percentage of the project's height on both axes, x right and y up; scale multiplies the fitted
    picture (Apple, "Animation parameters in FCPXML", and Final Cut's own exports).

    Some builds of DaVinci Resolve have been reported to read position as a percentage of the fitted picture instead;
    `y_unit` "fitted" writes that. Both agree on the axis along which the fitted picture fills the canvas.
    """
    fit = fit_scale(source, canvas)
    per_x, per_y = _percent_px(source, canvas, y_unit)
    return FcpxmlTransform(key.scale / fit, key.x_px / per_x, -key.y_px / per_y)


def fcpxml_crop(transform: FcpxmlTransform, source: Size, canvas: Size, y_unit: YUnit = "canvas") -> Rect:
    """The source rectangle that Final Cut shows: the canvas seen through the transform."""
    magnified = transform.scale * fit_scale(source, canvas)
    per_x, per_y = _percent_px(source, canvas, y_unit)
    left = canvas.width / 2 + transform.x_percent * per_x - magnified * source.width / 2
    top = canvas.height / 2 - transform.y_percent * per_y - magnified * source.height / 2
    return Rect(-left / magnified, -top / magnified, canvas.width / magnified, canvas.height / magnified)


def mlt(key: Key, source: Size, canvas: Size) -> Rect:
    """MLT's qtblend and affine `rect`: where the whole source lands on the canvas, px from its top-left corner.

    Source: MLT's filter_qtblend, and renders of melt 7.12 located on a test pattern.
    """
    width, height = key.scale * source.width, key.scale * source.height
    return Rect(
        canvas.width / 2 + key.x_px - width / 2,
        canvas.height / 2 + key.y_px - height / 2,
        width,
        height,
    )


def mlt_crop(rect: Rect, source: Size, canvas: Size) -> Rect:
    """The source rectangle that MLT shows when the source fills `rect`."""
    across, down = source.width / rect.width, source.height / rect.height
    return Rect(-rect.left * across, -rect.top * down, canvas.width * across, canvas.height * down)


def _percent_px(source: Size, canvas: Size, y_unit: YUnit) -> tuple[float, float]:
    """Canvas px in one percent of position, across and down."""
    percent = canvas.height / 100
    if y_unit == "canvas":
        return percent, percent
    fit = fit_scale(source, canvas)
    return percent * source.width * fit / canvas.width, percent * source.height * fit / canvas.height
