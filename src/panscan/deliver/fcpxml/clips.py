"""The story elements of an FCPXML file: clips with their cameras, connected clips, compound clips, dissolves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from panscan.deliver.fcpxml.resources import AUDIO_CROSSFADE, CROSS_DISSOLVE, PROJECT_RATES, Resources, fcpxml_time
from panscan.deliver.fcpxml.retimes import add_time_map, on_time_map_clock
from panscan.deliver.host_space import FcpxmlTransform, FcpxmlTrim, YUnit, to_fcpxml_transform, to_fcpxml_trim
from panscan.deliver.sequence.marks import Marker
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, Layer
from panscan.deliver.xml_text import format_number, xml_safe
from panscan.model.geometry import Rect
from panscan.model.time import is_drop_frame
from panscan.timeline.cut import FramedClip
from panscan.timeline.transitions import Dissolve


@dataclass(frozen=True, slots=True)
class FlavourRules:
    """What differs between the readers.

    y_unit: what positions count in; crops_media: the trim of a media clip is read as Apple documents it, so a still
    cell needs no compound clip.
    """

    y_unit: YUnit
    crops_media: bool


class StorylineWriter:
    """Writes pieces into a spine."""

    def __init__(self, spine: ClipSequence, canvas_format: str, resources: Resources, style: FlavourRules) -> None:
        self._spine, self._format = spine, canvas_format
        self._resources, self._style = resources, style
        self._compounds = 0

    def add_clip_item(self, row: etree._Element, piece: ClipItem, marks: Sequence[Marker]) -> None:
        """One piece: its lowest layer in the row, the others connected above it; marks count record frames."""
        piece = on_time_map_clock(piece)
        clip = piece.clip
        lowest, *others = piece.layers
        head = self._layer(
            row, piece, lowest, fcpxml_time(self._spine.start_frame + clip.record_frame, self._spine.rate)
        )
        # What hangs on a clip is placed on its own clock: (retimed) media time, or 0 at the start of a compound clip.
        origin = 0 if head.tag == "ref-clip" else clip.first
        for lane, layer in enumerate(others, start=1):
            self._layer(head, piece, layer, fcpxml_time(origin, self._spine.rate), lane)
        own = [(mark.frame - clip.first + origin, mark) for mark in visible_markers(piece)]
        of_timeline = [(mark.frame - clip.record_frame + origin, mark) for mark in marks]
        self.add_markers(head, [*own, *of_timeline])

    def add_gap(self, row: etree._Element, record_frame: int, frame_count: int, marks: Sequence[Marker]) -> None:
        """A gap, whose own clock starts at 0."""
        rate = self._spine.rate
        offset = fcpxml_time(self._spine.start_frame + record_frame, rate)
        gap = etree.SubElement(row, "gap", name="Gap", offset=offset, duration=fcpxml_time(frame_count, rate))
        self.add_markers(gap, [(mark.frame - record_frame, mark) for mark in marks])

    def add_dissolve(self, row: etree._Element, dissolve: Dissolve, sounds: bool) -> None:
        """A cross dissolve over the cut of the elements before and after it.

        As in Final Cut's own exports, the clips touch at the cut, and the offset is where the dissolve starts.
        """
        rate = self._spine.rate
        first = self._spine.start_frame + dissolve.edit_frame - dissolve.in_frames
        times = {"offset": fcpxml_time(first, rate), "duration": fcpxml_time(dissolve.frame_count, rate)}
        element = etree.SubElement(row, "transition", {"name": CROSS_DISSOLVE[0], **times})
        filters = [("filter-video", CROSS_DISSOLVE)] + ([("filter-audio", AUDIO_CROSSFADE)] if sounds else [])
        for tag, effect in filters:
            etree.SubElement(element, tag, ref=self._resources.effect(effect), name=effect[0])

    def add_markers(self, element: etree._Element, placed: Sequence[tuple[int, Marker]]) -> None:
        """Markers at frames of the element's own clock."""
        rate = self._spine.rate
        for frame, mark in sorted(placed, key=lambda item: (item[0], item[1].name)):
            times = {"start": fcpxml_time(frame, rate), "duration": fcpxml_time(mark.frame_count, rate)}
            marker = etree.SubElement(element, "marker", {**times, "value": xml_safe(mark.name)})
            if mark.note:
                marker.set("note", xml_safe(mark.note))

    def _layer(
        self, parent: etree._Element, piece: ClipItem, layer: Layer, offset: str, lane: int = 0
    ) -> etree._Element:
        """One layer as the media's own clip, or as a compound clip that is cut off at the cell's edge.

        The edge of a cell stands still on the canvas, but moves in the source as the camera does. So a compound clip of
        the canvas's size holds the camera, and its fixed trim is the cell: nothing about it needs keys.
        """
        if not layer.needs_crop or (self._style.crops_media and len(layer.keys) == 1):
            return self._asset_clip(parent, piece, layer, offset, lane, sounds=piece.has_sound and not lane)
        clip, rate, canvas = piece.clip, self._spine.rate, self._spine.canvas
        self._compounds += 1
        name = xml_safe(f"{clip.name} cell {lane + 1} ({self._compounds})")
        duration = fcpxml_time(clip.frame_count, rate)
        reference, inside = self._resources.compound(
            name, {"format": self._format, "duration": duration, "tcStart": "0s", "tcFormat": "NDF"}
        )
        self._asset_clip(inside, piece, layer, "0s", 0, sounds=piece.has_sound and not lane, is_inside=True)
        attributes = {"ref": reference, "name": name, "offset": offset, "start": "0s", "duration": duration}
        if lane:
            attributes |= {"lane": str(lane), "srcEnable": "video"}
        elif not piece.has_sound:
            attributes["srcEnable"] = "video"
        if not piece.enabled:
            attributes["enabled"] = "0"
        element = etree.SubElement(parent, "ref-clip", attributes)
        cell = layer.cell
        _adjust_crop(
            element, to_fcpxml_trim(Rect(cell.left_px, cell.top_px, cell.size.width, cell.size.height), canvas)
        )
        etree.SubElement(element, "adjust-conform", type="fit")
        etree.SubElement(element, "adjust-transform", position="0 0", scale="1 1")
        return element

    def _asset_clip(
        self,
        parent: etree._Element,
        piece: ClipItem,
        layer: Layer,
        offset: str,
        lane: int,
        *,
        sounds: bool,
        is_inside: bool = False,
    ) -> etree._Element:
        clip, rate = piece.clip, piece.clip.framing.rate
        asset, media_format = self._resources.asset(clip)
        attributes = {
            "ref": asset,
            "name": xml_safe(clip.name),
            "offset": offset,
            "start": fcpxml_time(clip.first, rate),
            "duration": fcpxml_time(clip.frame_count, rate),
            "format": media_format,  # without it Final Cut conforms by the project's format
            "tcFormat": timecode_format(clip),
        }
        if lane:
            attributes["lane"] = str(lane)
        if not piece.enabled and not is_inside:
            attributes["enabled"] = "0"
        if sounds and clip.facts.audio:
            attributes["audioRole"] = "dialogue"
        elif clip.facts.audio:
            attributes["srcEnable"] = "video"
        attributes["videoRole"] = "video"
        element = etree.SubElement(parent, "asset-clip", attributes)
        if clip.facts.rate != rate:
            # Otherwise Final Cut may run 24 fps media at 25: the media keeps its speed.
            conform_rate = etree.SubElement(element, "conform-rate", scaleEnabled="0")
            if clip.facts.rate in PROJECT_RATES:
                conform_rate.set("srcFrameRate", PROJECT_RATES[clip.facts.rate][1])
        add_time_map(element, piece)
        if layer.needs_crop and not is_inside:
            _adjust_crop(element, to_fcpxml_trim(layer.crops[0][1], clip.framing.source))
        etree.SubElement(element, "adjust-conform", type="fit")
        _adjust_transform(element, clip, layer, self._style.y_unit)
        return element


def visible_markers(piece: ClipItem) -> tuple[Marker, ...]:
    """The markers of a piece that lie in the part of its media that it shows."""
    return tuple(mark for mark in piece.markers if piece.clip.first <= mark.frame < piece.clip.end)


def timecode_format(clip: FramedClip) -> str:
    """How the timecode of a clip's media is counted: "DF" or "NDF"."""
    return "DF" if is_drop_frame(clip.facts.timecode, clip.framing.rate) else "NDF"


def _adjust_crop(element: etree._Element, trim: FcpxmlTrim) -> None:
    crop = etree.SubElement(element, "adjust-crop", mode="trim")
    sides = {"left": trim.left, "top": trim.top, "right": trim.right, "bottom": trim.bottom}
    etree.SubElement(crop, "trim-rect", {side: format_number(value) for side, value in sides.items()})


def _adjust_transform(element: etree._Element, clip: FramedClip, layer: Layer, y_unit: YUnit) -> None:
    framing = clip.framing
    keys = [
        (fcpxml_time(frame, framing.rate), to_fcpxml_transform(key, framing.source, framing.canvas, y_unit))
        for frame, key in layer.keys
    ]
    transform = etree.SubElement(element, "adjust-transform")
    for name, spell in (("position", _position), ("scale", _scale)):
        values = [(time, spell(value)) for time, value in keys]
        if len({value for _, value in values}) == 1:
            transform.set(name, values[0][1])
            continue
        parameter = etree.SubElement(transform, "param", name=name)
        animation = etree.SubElement(parameter, "keyframeAnimation")
        for time, value in values:
            # The default curve is smooth, which would leave the straight line between two keys.
            etree.SubElement(animation, "keyframe", time=time, value=value, curve="linear")


def _position(value: FcpxmlTransform) -> str:
    return f"{format_number(value.x_percent)} {format_number(value.y_percent)}"


def _scale(value: FcpxmlTransform) -> str:
    return f"{format_number(value.scale)} {format_number(value.scale)}"
