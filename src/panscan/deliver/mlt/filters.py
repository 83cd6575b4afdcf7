"""The filters that frame a clip in MLT, and the properties of the media that they stand on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lxml import etree

from panscan.deliver.host_space import CameraKey, to_mlt_rect
from panscan.deliver.sequence.sequence import ClipItem, Layer
from panscan.deliver.xml_text import format_number, xml_safe

# The renderer blurs a copy of an eighth of the size by 6 px.
_BLUR_SIGMA_PX = 48.0


MoveFilter = Literal["qtblend", "affine"]


@dataclass(frozen=True, slots=True)
class FilterRange:
    """Where the filters of an entry act.

    ends: their `in` and `out`. Keys count from their `in`; without ends they count from the start of the media, as
    Kdenlive's do. first_key: frame of a key at the first frame shown. mover: the filter that moves the picture.
    """

    in_out: dict[str, str]
    first_key_frame: int = 0
    mover: MoveFilter = "qtblend"


def add_properties(parent: etree._Element, values: dict[str, str]) -> None:
    """Add properties to an element."""
    for name, value in values.items():
        etree.SubElement(parent, "property", name=name).text = value


def media_properties(path: Path, length: str, *, sounds: bool) -> dict[str, str]:
    """The properties of a producer of a media file; without a length melt shows one frame."""
    values = {"length": length, "eof": "pause", "resource": xml_safe(str(path.absolute())), "mlt_service": "avformat"}
    return values if sounds else values | {"audio_index": "-1"}


def subclip(piece: ClipItem, first: int, end: int) -> ClipItem:
    """The frames [first, end) of a piece, counted from its first one; they may lie in the handles of its media."""
    clip = piece.clip
    cut = replace(
        clip,
        first=clip.first + first,
        record_frame=clip.record_frame + first,
        frame_count=end - first,
        exact_first=clip.media_position(first) if clip.is_retimed else None,
    )
    return replace(piece, clip=cut, head_frames=0, tail_frames=0)


def add_camera_filters(entry: etree._Element, place: FilterRange, piece: ClipItem, layer: Layer) -> None:
    """Move a layer of a piece by its camera, and cut it off at its cell."""
    keys = [(frame - piece.clip.first + place.first_key_frame, _rect(key, piece)) for frame, key in layer.keys]
    # Kdenlive wants all keyed parameters of an effect to have their keys on the same frames.
    turns = {} if place.in_out else {"rotation": ";".join(f"{frame}=0" for frame, _ in keys)}
    _move(entry, place, ";".join(f"{frame}={rect}" for frame, rect in keys), turns)
    if layer.needs_crop:
        cell = layer.cell
        rect = f"{cell.left_px} {cell.top_px} {cell.size.width} {cell.size.height} 1"
        _filter(entry, place, {"mlt_service": "qtcrop", "rect": rect, "color": "#00000000"})


def add_blurred_background(entry: etree._Element, place: FilterRange, piece: ClipItem) -> None:
    """Let the whole picture of a piece cover the canvas, and blur it there."""
    source, canvas = piece.clip.framing.source, piece.clip.framing.canvas
    scale = max(canvas.width / source.width, canvas.height / source.height)
    _move(entry, place, _rect(CameraKey(scale, 0.0, 0.0), piece), {})
    _filter(entry, place, {"mlt_service": "avfilter.gblur", "av.sigma": format_number(_BLUR_SIGMA_PX * scale, 3)})


def _rect(key: CameraKey, piece: ClipItem) -> str:
    rect = to_mlt_rect(key, piece.clip.framing.source, piece.clip.framing.canvas)
    return " ".join(format_number(side) for side in (rect.left, rect.top, rect.width, rect.height)) + " 1"


def _move(entry: etree._Element, place: FilterRange, rect: str, others: dict[str, str]) -> None:
    # Without "distort" MLT shrinks the picture to whole pixels first, each side for itself, and centres it in the
    # rectangle: it would be off by up to half a pixel of the canvas, and jump by that in zooms.
    if place.mover == "qtblend":
        values = {"mlt_service": "qtblend", "rect": rect, "compositing": "0", "distort": "1", **others}
    else:  # as Shotcut's Size, Position & Rotate writes it
        values = {"mlt_service": "affine", "shotcut:filter": "affineSizePosition", "background": "color:#00000000"}
        values |= {"transition.rect": rect, "transition.fill": "1", "transition.distort": "1"}
    _filter(entry, place, values)


def _filter(entry: etree._Element, place: FilterRange, values: dict[str, str]) -> None:
    # Kdenlive knows its effects by `kdenlive_id`.
    element = etree.SubElement(entry, "filter", place.in_out)
    add_properties(element, {**values, "kdenlive_id": values["mlt_service"]})
