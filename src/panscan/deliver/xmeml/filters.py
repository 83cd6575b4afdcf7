"""The filters of an xmeml clip item: Basic Motion for the camera, Crop where a cell cuts the picture off.

Keys lie at `when`, in frames of the sequence's rate counted from the first picture of the media, on the axis of `in`.
Keys carry no curve, which is a straight line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from panscan.deliver.host_space import XmemlMotion, to_xmeml_motion
from panscan.deliver.sequence.cell_edges import crop_inset_keys
from panscan.deliver.sequence.sequence import ClipItem, Layer
from panscan.deliver.xml_text import format_number

_SCALE_LIMITS = (1000.0, 10000.0)  # percent: what Premiere writes, and the most that it shows

# Premiere writes 6, which is a hundredth of a px in small pictures of UHD media.
_CENTRE_DECIMALS = 8


def add_child(parent: etree._Element, tag: str, text: object = None, **attributes: str) -> etree._Element:
    """A new last child with a text."""
    element = etree.SubElement(parent, tag, attributes)
    if text is not None:
        element.text = str(text)
    return element


def layer_filters(piece: ClipItem, layer: Layer) -> list[etree._Element]:
    """The filters of one layer of a piece, in the order in which they work on the picture."""
    first = piece.clip.available_first
    source = piece.clip.framing.source
    moves = [(frame - first, to_xmeml_motion(key, source)) for frame, key in layer.keys]
    cuts = [(frame - first, cut) for frame, cut in crop_inset_keys(piece, layer)]
    return [*([_crop(cuts)] if cuts else []), _basic_motion(moves)]


def _basic_motion(moves: Sequence[tuple[int, XmemlMotion]]) -> etree._Element:
    element, effect = _filter("Basic Motion", "basic")
    top = max(move.scale_percent for _, move in moves)
    limit = next((limit for limit in _SCALE_LIMITS if top <= limit), top)
    _parameter(effect, "scale", "Scale", (0, limit), [(w, (format_number(m.scale_percent),)) for w, m in moves], _plain)
    _parameter(effect, "rotation", "Rotation", (-8640, 8640), [(0, ("0",))], _plain)
    centre = [
        (when, tuple(format_number(v, _CENTRE_DECIMALS) for v in (move.horiz, move.vert))) for when, move in moves
    ]
    _parameter(effect, "center", "Center", None, centre, _point)
    _parameter(effect, "centerOffset", "Anchor Point", None, [(0, ("0", "0"))], _point)
    return element


def _crop(cuts: Sequence[tuple[int, Any]]) -> etree._Element:
    element, effect = _filter("Crop", "crop")
    for side in ("left", "right", "top", "bottom"):
        values = [(when, (format_number(100 * getattr(cut, side)),)) for when, cut in cuts]
        _parameter(effect, side, side.title(), (0, 100), values, _plain)
    _parameter(effect, "edgefeather", "Edge Feather", (0, 100), [(0, ("0",))], _plain)
    return element


def _filter(name: str, identifier: str) -> tuple[etree._Element, etree._Element]:
    element = etree.Element("filter")
    effect = add_child(element, "effect")
    add_child(effect, "name", name)
    add_child(effect, "effectid", identifier)
    add_child(effect, "effectcategory", "motion")
    add_child(effect, "effecttype", "motion")
    add_child(effect, "mediatype", "video")
    add_child(effect, "pproBypass", "false")
    return element, effect


def _parameter(
    effect: etree._Element,
    identifier: str,
    name: str,
    limits: tuple[float, float] | None,
    values: Sequence[tuple[int, tuple[str, ...]]],
    add_value: Callable[[etree._Element, tuple[str, ...]], None],
) -> None:
    parameter = add_child(effect, "parameter", authoringApp="PremierePro")
    add_child(parameter, "parameterid", identifier)
    add_child(parameter, "name", name)
    if limits:
        add_child(parameter, "valuemin", format_number(limits[0]))
        add_child(parameter, "valuemax", format_number(limits[1]))
    add_value(parameter, values[0][1])
    if len({value for _, value in values}) == 1:
        return
    for when, value in values:
        key = add_child(parameter, "keyframe")
        add_child(key, "when", when)
        add_value(key, value)


def _plain(parent: etree._Element, value: tuple[str, ...]) -> None:
    add_child(parent, "value", value[0])


def _point(parent: etree._Element, value: tuple[str, ...]) -> None:
    element = add_child(parent, "value")
    add_child(element, "horiz", value[0])
    add_child(element, "vert", value[1])
