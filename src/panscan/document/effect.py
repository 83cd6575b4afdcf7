"""Framing <-> the stock OTIO `Effect.1` that carries it in metadata["panscan"].

A stock effect, because a file with an unknown effect schema is unreadable for everybody without our plugin.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.errors import DocumentError
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size

EFFECT_NAME = "Reframe"
NAMESPACE = "panscan"
VERSION = 1

# A ten-thousandth of a pixel and a millionth of scale: below one hundredth of a pixel on any canvas.
_PX_DECIMALS = 4
_SCALE_DECIMALS = 6


def rounded(framing: Framing) -> Framing:
    """The framing as the document stores it: numbers rounded to its decimals."""
    return from_payload(to_payload(framing))


def to_payload(framing: Framing) -> dict[str, Any]:
    """The JSON-ready dictionary of a framing (docs/format.md).

    Raises
    ------
    DocumentError
        A number is not finite.
    """
    return {
        "version": VERSION,
        "canvas_px": [framing.canvas.width, framing.canvas.height],
        "source_px": [framing.source.width, framing.source.height],
        "rate": [framing.rate.numerator, framing.rate.denominator],
        "cells": [_cell_payload(cell) for cell in framing.cells],
        "background": framing.background,
        "layout": framing.layout,
        "effect": framing.effect,
        "why": framing.why,
        "metrics": {name: _finite(value, 4) for name, value in sorted(framing.metrics.items())},
    }


def from_payload(payload: Any) -> Framing:
    """Read a framing.

    Raises
    ------
    DocumentError
        A field is missing, has the wrong type or an impossible value; the message names it.
    """
    if not isinstance(payload, dict):
        raise _damaged("the payload is not an object")
    version = payload.get("version")
    if version != VERSION:
        raise DocumentError(
            f"this framing has version {version!r}",
            why=f"This panscan reads version {VERSION}.",
            fix="Update panscan, or make the timeline again with `panscan reframe`.",
        )
    try:
        numerator, denominator = (_whole(v) for v in payload["rate"])
        return Framing(
            canvas=_size(payload["canvas_px"]),
            source=_size(payload["source_px"]),
            rate=Fraction(numerator, denominator),
            cells=tuple(_cell(cell) for cell in payload["cells"]),
            background=str(payload.get("background", "black")),
            layout=str(payload.get("layout", "single")),
            effect=str(payload.get("effect", "STATIC")),
            why=str(payload.get("why", "")),
            metrics={str(k): float(v) for k, v in payload.get("metrics", {}).items()},
        )
    except KeyError as missing:
        raise _damaged(f"the field {missing} is missing") from missing
    except (TypeError, ValueError, ZeroDivisionError) as wrong:
        raise _damaged(str(wrong)) from wrong


def to_effect(framing: Framing) -> Any:
    """The OTIO effect that carries a framing."""
    return otio.schema.Effect(name="", effect_name=EFFECT_NAME, metadata={NAMESPACE: to_payload(framing)})


def framing_of(clip: Any) -> Framing | None:
    """The framing attached to an OTIO clip, or None.

    Raises
    ------
    DocumentError
        The clip carries more than one framing, or a damaged one; the message names the clip.
    """
    effects = [e for e in clip.effects if e.effect_name == EFFECT_NAME and NAMESPACE in e.metadata]
    if not effects:
        return None
    if len(effects) > 1:
        raise DocumentError(
            f"clip {clip.name!r} carries {len(effects)} framings",
            why="A clip has one camera; two would fight.",
            fix="Delete all but one Reframe effect of the clip, or run `panscan reframe` again.",
        )
    try:
        return from_payload(plain(effects[0].metadata[NAMESPACE]))
    except DocumentError as error:
        raise DocumentError(f"clip {clip.name!r}: {error.what}", why=error.why, fix=error.fix) from error


def attach(clip: Any, framing: Framing) -> None:
    """Give a clip its framing, in place of any it had."""
    kept = [e for e in clip.effects if not (e.effect_name == EFFECT_NAME and NAMESPACE in e.metadata)]
    clip.effects[:] = [*kept, to_effect(framing)]


def plain(metadata: Any) -> Any:
    """OTIO's metadata proxies as plain dictionaries and lists."""
    return json.loads(otio.core.serialize_json_to_string(metadata, {}, 0))


def _cell_payload(cell: Cell) -> dict[str, Any]:
    camera = cell.camera
    return {
        "cell_px": [cell.left_px, cell.top_px, cell.size.width, cell.size.height],
        "subject": cell.subject,
        "keys": {
            "frame": list(camera.frame),
            "scale": [_finite(v, _SCALE_DECIMALS) for v in camera.scale],
            "x_px": [_finite(v, _PX_DECIMALS) for v in camera.x_px],
            "y_px": [_finite(v, _PX_DECIMALS) for v in camera.y_px],
        },
    }


def _cell(payload: Any) -> Cell:
    left, top, width, height = (_whole(v) for v in payload["cell_px"])
    keys = payload["keys"]
    return Cell(
        left_px=left,
        top_px=top,
        size=Size(width, height),
        camera=Camera(
            frame=tuple(_whole(v) for v in keys["frame"]),
            scale=tuple(_number(v) for v in keys["scale"]),
            x_px=tuple(_number(v) for v in keys["x_px"]),
            y_px=tuple(_number(v) for v in keys["y_px"]),
        ),
        subject=None if payload.get("subject") is None else str(payload["subject"]),
    )


def _size(value: Any) -> Size:
    width, height = (_whole(v) for v in value)
    return Size(width, height)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"{value!r} should be a whole number")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} should be a number")
    return float(value)


def _finite(value: float, decimals: int) -> float:
    if not math.isfinite(value):
        raise DocumentError(
            f"{value} cannot be written into a timeline",
            why="Keys and metrics are finite numbers; NaN and infinity are not JSON.",
            fix="Please report this: a camera was solved to a number that is none.",
        )
    number = round(float(value), decimals)
    return number + 0.0  # -0.0 becomes 0.0, so equal cameras give equal bytes


def _damaged(why: str) -> DocumentError:
    return DocumentError(
        "the framing data of this timeline is damaged",
        why=f"{why}.",
        fix="Compare it with docs/format.md, or make the timeline again with `panscan reframe`.",
    )
