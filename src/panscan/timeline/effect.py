"""Framing <-> the stock OTIO `Effect.1` that carries it in metadata["panscan"].

A stock effect, because a file with an unknown effect schema is unreadable for everybody without our plugin.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import opentimelineio as otio

from panscan.errors import DocumentError
from panscan.model.backgrounds import BACKGROUNDS, is_background
from panscan.model.corners import Corners
from panscan.model.framing import Camera, Cell, Framing, Rest
from panscan.model.geometry import Size

T = TypeVar("T")

EFFECT_NAME = "Reframe"
NAMESPACE = "panscan"
VERSION = 1  # of the payload, as in framing.schema.json

# Of a position in px, and of a scale or a share of a cell: all rounding errors are below one hundredth of a px on any
# canvas.
_PX_DECIMALS = 4
_SCALE_DECIMALS = 6
_METRIC_DECIMALS = 4  # metrics are shown to people, who need no more


def rounded(framing: Framing) -> Framing:
    """The framing as a timeline stores it, with rounded numbers."""
    return from_payload(to_payload(framing))


def to_payload(framing: Framing) -> dict[str, Any]:
    """The JSON-ready dictionary of a framing (docs/format.md).

    Raises
    ------
    DocumentError
        A number is not finite.
    """
    payload = {
        "version": VERSION,
        "canvas_px": [framing.canvas.width, framing.canvas.height],
        "source_px": [framing.source.width, framing.source.height],
        "rate": [framing.rate.numerator, framing.rate.denominator],
        "cells": [_cell_payload(cell) for cell in framing.cells],
        "background": framing.background,
        "layout": framing.layout,
        "effect": framing.effect,
        "why": framing.why,
        "metrics": {name: _finite(value, _METRIC_DECIMALS) for name, value in sorted(framing.metrics.items())},
    }
    seldom = {
        "corner_radius_px": _finite(framing.corner_radius_px, _PX_DECIMALS),
        "shadow": framing.has_shadow,
        "unmet": list(framing.unmet),
        "digest": framing.digest,
    }
    return payload | {name: value for name, value in seldom.items() if value}


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
        return Framing(
            canvas=_read(payload, "canvas_px", _size),
            source=_read(payload, "source_px", _size),
            rate=_read(payload, "rate", _rate),
            cells=_read(payload, "cells", _cells),
            background=_read(payload, "background", _background, "black"),
            layout=_read(payload, "layout", _text, "single"),
            effect=_read(payload, "effect", _text, "STATIC"),
            why=_read(payload, "why", _text, ""),
            metrics=_read(payload, "metrics", _metrics, {}),
            corner_radius_px=_read(payload, "corner_radius_px", _number, 0.0),
            has_shadow=_read(payload, "shadow", _flag, False),
            unmet=_read(payload, "unmet", _texts, ()),
            digest=_read(payload, "digest", _text, ""),
        )
    except ValueError as wrong:
        raise wrong if isinstance(wrong, DocumentError) else _damaged(str(wrong)) from wrong


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
        # The whole effect is serialised: OTIO writes metadata alone through Python, which is twenty times slower.
        return from_payload(json.loads(effects[0].to_json_string())["metadata"][NAMESPACE])
    except DocumentError as error:
        raise DocumentError(f"clip {clip.name!r}: {error.what}", why=error.why, fix=error.fix) from error


def attach_framing(clip: Any, framing: Framing) -> None:
    """Give a clip its framing, in place of any it had."""
    kept = [e for e in clip.effects if not (e.effect_name == EFFECT_NAME and NAMESPACE in e.metadata)]
    clip.effects[:] = [*kept, to_effect(framing)]


def plain_metadata(metadata: Any) -> Any:
    """OTIO's metadata proxies as plain dictionaries and lists."""
    return json.loads(otio.core.serialize_json_to_string(metadata, {}, 0))


def _cell_payload(cell: Cell) -> dict[str, Any]:
    camera = cell.camera
    rests = {"rests": _rests_payload(cell.rests)} if cell.rests else {}
    return {
        "cell_px": [cell.left_px, cell.top_px, cell.size.width, cell.size.height],
        "subject": cell.subject,
        "keys": {
            "frame": list(camera.frame),
            "scale": [_finite(v, _SCALE_DECIMALS) for v in camera.scale],
            "x_px": [_finite(v, _PX_DECIMALS) for v in camera.x_px],
            "y_px": [_finite(v, _PX_DECIMALS) for v in camera.y_px],
            **({"corners": [_corners_payload(corners) for corners in camera.corners]} if camera.corners else {}),
        },
        **rests,
    }


def _corners_payload(corners: Corners) -> list[list[float]]:
    return [[_finite(value, _SCALE_DECIMALS) for value in point] for point in corners]


def _rests_payload(rests: Sequence[Rest]) -> dict[str, Any]:
    return {name: [getattr(rest, name) for rest in rests] for name in ("first", "end", "reason", "easing")}


def _read(owner: Any, name: str, convert: Callable[[Any], T], default: T | None = None) -> T:
    """One field of `owner`, converted; errors name it."""
    if not isinstance(owner, dict):
        raise _damaged(f"the owner of the field {name!r} is not an object")
    if name not in owner:
        if default is None:
            raise _damaged(f"the field {name!r} is missing")
        return default
    try:
        return convert(owner[name])
    except DocumentError:
        raise
    except (TypeError, ValueError, ArithmeticError) as wrong:
        raise _damaged(f"the field {name!r}: {wrong}") from wrong


def _cells(value: Any) -> tuple[Cell, ...]:
    return tuple(_cell(item) for item in _list(value))


def _cell(payload: Any) -> Cell:
    left, top, width, height = _read(payload, "cell_px", lambda value: _integers(value, 4))
    return Cell(
        left_px=left,
        top_px=top,
        size=Size(width, height),
        camera=_read(payload, "keys", _camera),
        subject=None if payload.get("subject") is None else _read(payload, "subject", _text),
        rests=_read(payload, "rests", _rests, ()),
    )


def _rests(columns: Any) -> tuple[Rest, ...]:
    frames = [_read(columns, name, lambda value: [_integer(v) for v in _list(value)]) for name in ("first", "end")]
    words = [_read(columns, name, lambda value: [_text(v) for v in _list(value)]) for name in ("reason", "easing")]
    return tuple(Rest(*row) for row in zip(*frames, *words, strict=True))


def _camera(keys: Any) -> Camera:
    return Camera(
        frame=_read(keys, "frame", lambda value: tuple(_integer(v) for v in _list(value))),
        scale=_read(keys, "scale", _numbers),
        x_px=_read(keys, "x_px", _numbers),
        y_px=_read(keys, "y_px", _numbers),
        corners=_read(keys, "corners", lambda value: tuple(_corners(v) for v in _list(value)), ()),
    )


def _corners(value: Any) -> Corners:
    if len(_list(value)) != 4 or any(len(_list(point)) != 2 for point in value):
        raise ValueError(f"{value!r} should be four points [x, y]")
    return tuple((_number(x), _number(y)) for x, y in value)  # type: ignore[return-value]


def _size(value: Any) -> Size:
    width, height = _integers(value, 2)
    return Size(width, height)


def _rate(value: Any) -> Fraction:
    numerator, denominator = _integers(value, 2)
    return Fraction(numerator, denominator)


def _background(value: Any) -> str:
    if not (isinstance(value, str) and is_background(value)):
        raise ValueError(f"{value!r} should be {BACKGROUNDS}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} should be true or false")
    return value


def _metrics(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} should be an object")
    return {str(name): _number(number) for name, number in value.items()}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} should be a list")
    return value


def _integers(value: Any, count: int) -> list[int]:
    if len(_list(value)) != count:
        raise ValueError(f"{value!r} should hold {count} numbers")
    return [_integer(v) for v in value]


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(_number(v) for v in _list(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} should be text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _integer(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError(f"{value!r} should be a whole number")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} should be a finite number")
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
