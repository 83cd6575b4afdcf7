"""Basic Motion of the clips of a Final Cut Pro 7 XML file, as Premiere and Resolve write it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from lxml import etree

from panscan.ingest.cameras.motions import EditorMotions, MotionClip, Values, joined_keys
from panscan.model.geometry import Size

_MOTION = "filter/effect[effectid='basic']"
_NTSC = Fraction(1000, 1001)
# Without the filter the picture has its own size in the middle of the sequence.
_STILL: dict[str, Values] = {"scale": (100.0,), "center": (0.0, 0.0)}


def xmeml_motions(root: etree._Element, sequence: etree._Element) -> EditorMotions:
    """The clips of media in the picture tracks of a sequence; nested sequences are not opened.

    Raises
    ------
    ValueError
        Something is no number, or the sequence has no size.
    """
    files = {file.get("id", ""): file for file in root.iter("file") if file.find("pathurl") is not None}
    form = sequence.find("media/video/format/samplecharacteristics")
    if form is None:
        raise ValueError("its sequence has no size")
    canvas = Size(_whole(form, "width"), _whole(form, "height"))
    items = sequence.iterfind("media/video/track/clipitem")
    return EditorMotions("xmeml", canvas, tuple(clip for item in items if (clip := _clip(item, files)) is not None))


def _clip(item: etree._Element, files: dict[str, etree._Element]) -> MotionClip | None:
    file = item.find("file")
    named = None if file is None else files.get(file.get("id", ""))
    if named is None or item.findtext("stillframe") == "TRUE" or item.findtext("enabled") == "FALSE":
        return None
    rate = _rate(item)
    first_s, end_s = (_whole(item, name) / rate for name in ("in", "out"))
    effect = item.find(_MOTION)
    curves = {name: list(_curve(effect, name, still, rate)) for name, still in _STILL.items()}
    keys = joined_keys({"scale": curves["scale"], "position": curves["center"]})
    eased = effect is not None and effect.find("parameter/keyframe/interpolation") is not None
    url, name = named.findtext("pathurl", ""), item.findtext("name", "")
    return MotionClip(name, url, first_s, end_s, keys, _unread(item, effect), eased)


def _curve(
    effect: etree._Element | None, name: str, still: Values, rate: Fraction
) -> Iterator[tuple[Fraction, Values]]:
    """The keys of a parameter, or its one value."""
    parameter = None if effect is None else effect.find(f"parameter[parameterid='{name}']")
    keys = [] if parameter is None else parameter.findall("keyframe")
    for key in sorted(keys, key=lambda key: _whole(key, "when")):
        yield _whole(key, "when") / rate, _values(key)
    if not keys:
        yield Fraction(0), still if parameter is None else _values(parameter)


def _values(owner: etree._Element) -> Values:
    value = owner.find("value")
    if value is None:
        raise ValueError("a parameter of Basic Motion has no value")
    parts = [part.text for part in value] or [value.text]
    return tuple(float(part or "") for part in parts)


def _unread(item: etree._Element, effect: etree._Element | None) -> str:
    """What a clip does beyond scale and position."""
    if item.find("filter/effect[effectid='timeremap']") is not None:
        return "it plays at another speed"
    for name in ("rotation", "centerOffset"):
        curve = _curve(effect, name, (0.0,), Fraction(1))
        if any(number != 0 for _, values in curve for number in values):
            return "it is rotated, or its anchor was moved"
    return ""


def _rate(item: etree._Element) -> Fraction:
    rate = item.find("rate")
    if rate is None:
        raise ValueError("a clip has no rate")
    return _whole(rate, "timebase") * (_NTSC if rate.findtext("ntsc", "").upper() == "TRUE" else Fraction(1))


def _whole(owner: etree._Element, name: str) -> int:
    text = owner.findtext(name, "")
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"<{name}> of a <{owner.tag}> is {text!r}, which is no whole number") from error
