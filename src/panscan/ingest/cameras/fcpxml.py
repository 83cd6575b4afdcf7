"""Scale and position of the clips of an FCPXML file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from lxml import etree

from panscan.ingest.cameras.motions import EditorMotions, MotionClip, Values, joined_keys
from panscan.ingest.fcpxml.values import asset_url, time_attribute
from panscan.model.geometry import Size

_STILL: dict[str, Values] = {"scale": (1.0, 1.0), "position": (0.0, 0.0)}  # without keys (Apple, adjust-transform)


def fcpxml_motions(root: etree._Element, sequence: etree._Element) -> EditorMotions:
    """The clips of media in the storylines of a sequence, connected ones too; compound clips are not opened.

    Raises
    ------
    ValueError
        Something is no time or number.
    """
    resources = {one.get("id", ""): one for one in root.iterfind("resources/*")}
    form = resources.get(sequence.get("format", ""))
    if form is None or not form.get("width") or not form.get("height"):
        raise ValueError("the format of its sequence has no size")
    canvas = Size(int(form.get("width", "")), int(form.get("height", "")))
    clips = [clip for element in sequence.iter("asset-clip", "clip") if (clip := _clip(element, resources)) is not None]
    return EditorMotions("fcpxml", canvas, tuple(clips))


def _clip(element: etree._Element, resources: dict[str, etree._Element]) -> MotionClip | None:
    """A clip of one asset; None of sound alone, or where it is switched off."""
    video = element if element.tag == "asset-clip" else element.find("video")
    asset = None if video is None else resources.get(video.get("ref", ""))
    if asset is None or asset.get("hasVideo", "1") == "0" or element.get("srcEnable") == "audio":
        return None
    if element.get("enabled", "1") == "0":
        return None
    start_s = time_attribute(asset, "start", Fraction(0))
    first_s = time_attribute(element, "start", start_s) - start_s
    length_s = time_attribute(element, "duration", time_attribute(asset, "duration", Fraction(0)))
    transform = element.find("adjust-transform")
    curves, is_eased = {}, False
    for name, still in _STILL.items():
        curves[name] = [(at_s - start_s, value) for at_s, value in _curve(transform, name, still)]
        is_eased |= any(key.get("curve", "smooth") != "linear" for key in _keyframes(transform, name))
    across = [(at_s, value[:1]) for at_s, value in curves["scale"]]
    keys = joined_keys({"scale": across, "position": curves["position"]})
    unread = _unread(element, transform, curves["scale"])
    url = asset_url(asset)
    return MotionClip(element.get("name", ""), url, first_s, first_s + length_s, keys, unread, is_eased)


def _curve(transform: etree._Element | None, name: str, still: Values) -> list[tuple[Fraction, Values]]:
    """The keys of a parameter on the clip's own clock, or its one value."""
    keys = sorted((time_attribute(key, "time"), _pair(key.get("value", ""))) for key in _keyframes(transform, name))
    if keys:
        return keys
    parameter = None if transform is None else transform.find(f"param[@name='{name}']")
    text = None if transform is None else (transform.get(name) if parameter is None else parameter.get("value"))
    return [(Fraction(0), still if text is None else _pair(text))]


def _keyframes(transform: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return iter(()) if transform is None else transform.iterfind(f"param[@name='{name}']/keyframeAnimation/keyframe")


def _pair(text: str) -> Values:
    numbers = tuple(float(part) for part in text.split())
    if len(numbers) != len(_STILL["scale"]):
        raise ValueError(f"{text!r} is no pair of numbers")
    return numbers


def _unread(element: etree._Element, transform: etree._Element | None, scales: list[tuple[Fraction, Values]]) -> str:
    """What a clip does beyond scale and position."""
    if element.find("timeMap") is not None:
        return "it plays at another speed"
    if element.find("adjust-corners") is not None:
        return "its corners are moved"
    conform = element.find("adjust-conform")
    if conform is not None and conform.get("type", "fit") != "fit":
        return f"its spatial conform is {conform.get('type')!r}, not 'fit'"
    if any(across != up for _, (across, up) in scales):
        return "it is scaled differently across and down"
    if transform is not None and (_is_turned(transform) or transform.get("anchor", "0 0") not in ("0 0", "0, 0")):
        return "it is rotated, or its anchor was moved"
    return ""


def _is_turned(transform: etree._Element) -> bool:
    keys = _keyframes(transform, "rotation")
    return float(transform.get("rotation", 0)) != 0 or any(float(key.get("value", 0)) != 0 for key in keys)
