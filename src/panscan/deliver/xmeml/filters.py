"""The filters of an xmeml clip item: Basic Motion for the camera, and Crop where the picture is larger than its cell.

Keys lie at `when`, in frames of the sequence's rate counted from the first picture of the media, as `in` does. A key
without a curve is interpolated linearly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

from panscan.deliver.host_space import to_premiere_crop, to_xmeml_motion
from panscan.deliver.host_values import CropInsets, XmemlMotion
from panscan.deliver.numbers import format_number
from panscan.deliver.sequence import ClipItem, Layer, crop_inset_keys

_SCALE_LIMITS = (1000.0, 10000.0)  # percent: what Premiere writes, and the most that it shows
_ROTATION_LIMIT = 8640  # degrees, either way, as Premiere writes it

# Decimals of a width or height of the source. Premiere writes 6: an error of 0.004 px in UHD media.
_CENTRE_DECIMALS = 8


def add_child(parent: etree._Element, tag: str, text: object = None, **attributes: str) -> etree._Element:
    """A new last child with a text."""
    element = etree.SubElement(parent, tag, attributes)
    if text is not None:
        element.text = str(text)
    return element


def layer_filters(clip_item: ClipItem, layer: Layer, first: int) -> list[etree._Element]:
    """The filters of one layer of a clip item, in the order in which they are applied to the picture.

    first: the frame of the clip item's own clock that the keys count as 0.
    """
    source = clip_item.clip.framing.source
    moves = [(frame - first, to_xmeml_motion(key, source)) for frame, key in layer.keys]
    crops = [(frame - first, to_premiere_crop(insets)) for frame, insets in crop_inset_keys(clip_item, layer)]
    return [*([_crop(crops)] if crops else []), _basic_motion(moves)]


def _basic_motion(moves: Sequence[tuple[int, XmemlMotion]]) -> etree._Element:
    element, effect = _filter("Basic Motion", "basic")
    top = max(move.scale_percent for _, move in moves)
    limit = next((limit for limit in _SCALE_LIMITS if top <= limit), top)
    _parameter(effect, "scale", "Scale", (0, limit), [(w, (format_number(m.scale_percent),)) for w, m in moves], _plain)
    _parameter(effect, "rotation", "Rotation", (-_ROTATION_LIMIT, _ROTATION_LIMIT), [(0, ("0",))], _plain)
    centre = [
        (when, tuple(format_number(v, _CENTRE_DECIMALS) for v in (move.horiz, move.vert))) for when, move in moves
    ]
    _parameter(effect, "center", "Center", None, centre, _point)
    _parameter(effect, "centerOffset", "Anchor Point", None, [(0, ("0", "0"))], _point)
    return element


def _crop(crops: Sequence[tuple[int, CropInsets]]) -> etree._Element:
    element, effect = _filter("Crop", "crop")
    for side in ("left", "right", "top", "bottom"):
        values = [(when, (format_number(getattr(crop, side)),)) for when, crop in crops]
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
