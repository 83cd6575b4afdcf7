"""The filters that frame a clip in MLT, and the properties of its media."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from lxml import etree

from panscan.deliver.host_space import cover_key, to_mlt_rect
from panscan.deliver.host_values import CameraKey
from panscan.deliver.numbers import format_number
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer
from panscan.deliver.xml_text import xml_safe
from panscan.model.framing import BLUR_REDUCTION, BLUR_SIGMA_PX
from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import Dissolve

MoveFilter = Literal["qtblend", "affine"]


@dataclass(frozen=True, slots=True)
class FilterRange:
    """The time range in which the filters of an entry act.

    Attributes
    ----------
    in_out : dict
        Their `in` and `out`; keys count from `in`. Empty, as in Kdenlive: keys count from the start of the media.
    first_key_frame : int
        Frame number of a key on the first visible frame.
    mover : "qtblend" or "affine"
        The filter that moves the picture.
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


def picture_properties(clip: FramedClip, frame_count: int, *, sounds: bool) -> dict[str, str]:
    """The properties of a producer of a clip's media.

    Photos have one of their own, which holds the picture and turns it as EXIF says; that of movies shows black.
    """
    values = media_properties(clip.path, str(frame_count), sounds=sounds or clip.facts.is_still)
    return values | {"mlt_service": "qimage"} if clip.facts.is_still else values


@dataclass(frozen=True, slots=True)
class Fades:
    """The fades of a clip item from and to black.

    Attributes
    ----------
    into, out : Dissolve, optional
        The fade at its start, and the one at its end.
    """

    into: Dissolve | None = None
    out: Dissolve | None = None

    @classmethod
    def of_all(cls, clip_sequence: ClipSequence) -> list[Fades]:
        """Those of each clip item."""
        fades = [dissolve for dissolve in clip_sequence.dissolves if not dissolve.is_cross]
        into = {fade.incoming: fade for fade in fades if fade.incoming is not None}
        out = {fade.outgoing: fade for fade in fades if fade.outgoing is not None}
        return [cls(into.get(index), out.get(index)) for index in range(len(clip_sequence.clip_items))]

    def level(self, record_frame: int) -> Fraction:
        """How much of the picture is seen on a record frame."""
        into = self.into.shares(record_frame)[1] if self.into is not None else Fraction(1)
        out = self.out.shares(record_frame)[0] if self.out is not None else Fraction(1)
        return min(into, out, Fraction(1))

    def first(self, clip_item: ClipItem) -> int:
        """Where the clip item is seen first, in frames from its own first one."""
        return -min(self.into.in_frames, clip_item.clip.record_frame) if self.into is not None else 0

    def end(self, clip_item: ClipItem) -> int:
        """Where it is no longer seen, in frames from its first one."""
        return clip_item.clip.frame_count + (self.out.out_frames if self.out is not None else 0)


def add_camera_filters(
    entry: etree._Element, filter_range: FilterRange, clip_item: ClipItem, layer: Layer, fades: Fades
) -> None:
    """Move a layer of a clip item by its camera, let it fade, and crop it to its cell."""
    shift = filter_range.first_key_frame - clip_item.clip.first
    keys = [(frame + shift, _rect(key, clip_item, level)) for frame, key, level in _faded(clip_item, layer, fades)]
    # Kdenlive wants all keyed parameters of an effect to have their keys on the same frames.
    more = {} if filter_range.in_out else {"rotation": ";".join(f"{frame}=0" for frame, _ in keys)}
    _move(entry, filter_range, ";".join(f"{frame}={rect}" for frame, rect in keys), more)
    if layer.needs_crop:
        cell = layer.cell
        rect = f"{cell.left_px} {cell.top_px} {cell.size.width} {cell.size.height} 1"
        _filter(entry, filter_range, {"mlt_service": "qtcrop", "rect": rect, "color": "#00000000"})


def _faded(clip_item: ClipItem, layer: Layer, fades: Fades) -> list[tuple[int, CameraKey, Fraction]]:
    """The keys of a layer with the opacity at each; keys are added where a fade begins and ends."""
    clip = clip_item.clip
    shift = clip.first - clip.record_frame
    ends = {frame + shift for fade in (fades.into, fades.out) if fade is not None for frame in (fade.first, fade.end)}
    camera = {frame: key for frame, key in layer.keys}
    at = sorted({*camera, *(min(max(frame, clip.first), clip.end) for frame in ends)})
    columns = np.array([(key.scale, key.x_px, key.y_px) for key in camera.values()]).T
    sampled = zip(*(np.interp(at, list(camera), column).tolist() for column in columns), strict=True)
    return [
        (frame, camera.get(frame) or CameraKey(*key), fades.level(frame - shift))
        for frame, key in zip(at, sampled, strict=True)
    ]


def add_blurred_background(entry: etree._Element, filter_range: FilterRange, clip_item: ClipItem) -> None:
    """Let the whole picture of a clip item cover the canvas, and blur it there."""
    key = cover_key(clip_item.clip.framing.source, clip_item.clip.framing.canvas)
    # The renderer blurs a smaller copy of the source; here the picture already has the canvas's scale.
    sigma_px = BLUR_REDUCTION * BLUR_SIGMA_PX * key.scale
    _move(entry, filter_range, _rect(key, clip_item), {})
    _filter(entry, filter_range, {"mlt_service": "avfilter.gblur", "av.sigma": format_number(sigma_px, 3)})


def _rect(key: CameraKey, clip_item: ClipItem, level: Fraction = Fraction(1)) -> str:
    """Where the whole source lies, and its opacity."""
    rect = to_mlt_rect(key, clip_item.clip.framing.source, clip_item.clip.framing.canvas)
    return " ".join(format_number(side) for side in (rect.left, rect.top, rect.width, rect.height, float(level)))


def _move(entry: etree._Element, filter_range: FilterRange, rect: str, others: dict[str, str]) -> None:
    # Without "distort" MLT shrinks the picture to whole pixels first, each side for itself, and centres it in the
    # rectangle: it would be off by up to half a pixel of the canvas, and jump by that in zooms.
    if filter_range.mover == "qtblend":
        values = {"mlt_service": "qtblend", "rect": rect, "compositing": "0", "distort": "1", **others}
    else:  # as Shotcut's Size, Position & Rotate writes it
        values = {"mlt_service": "affine", "shotcut:filter": "affineSizePosition", "background": "color:#00000000"}
        values |= {"transition.rect": rect, "transition.fill": "1", "transition.distort": "1"}
    _filter(entry, filter_range, values)


def _filter(entry: etree._Element, filter_range: FilterRange, values: dict[str, str]) -> None:
    # Kdenlive knows its effects by `kdenlive_id`.
    element = etree.SubElement(entry, "filter", filter_range.in_out)
    add_properties(element, {**values, "kdenlive_id": values["mlt_service"]})
