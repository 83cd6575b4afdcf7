"""The story elements of an FCPXML file: clips with their cameras, connected clips, compound clips, dissolves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from panscan.deliver.fcpxml.resources import AUDIO_CROSSFADE, CROSS_DISSOLVE, Resources, fcpxml_time
from panscan.deliver.fcpxml.retimes import add_time_map, on_time_map_clock
from panscan.deliver.fcpxml.sounds import ConnectedSound, ConnectedSounds, add_conform_rate
from panscan.deliver.host_space import YUnit, to_fcpxml_transform, to_fcpxml_trim
from panscan.deliver.host_values import FcpxmlTransform, FcpxmlTrim
from panscan.deliver.numbers import format_number
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer, Marker
from panscan.deliver.xml_text import xml_safe
from panscan.model.geometry import Rect
from panscan.model.time import is_drop_frame
from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import Dissolve


@dataclass(frozen=True, slots=True)
class FlavourRules:
    """What differs between the programs that read FCPXML.

    Attributes
    ----------
    y_unit : "canvas" or "fitted"
        What positions count in.
    crops_media : bool
        Whether the trim of a media clip is read as Apple documents it, so that a still cell needs no compound clip.
    """

    y_unit: YUnit
    crops_media: bool


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs on an element of the storyline, placed by the record.

    Attributes
    ----------
    markers : list of Marker
        Those of the timeline.
    sounds : list of ConnectedSound
    """

    markers: list[Marker]
    sounds: list[ConnectedSound]


class StorylineWriter:
    """Writes the clip items of a sequence into the `spine` of an FCPXML sequence."""

    def __init__(
        self, clip_sequence: ClipSequence, canvas_format: str, resources: Resources, flavour_rules: FlavourRules
    ) -> None:
        self._rate, self._canvas, self._start_frame = (
            clip_sequence.rate,
            clip_sequence.canvas,
            clip_sequence.start_frame,
        )
        self._format = canvas_format
        self._resources, self._flavour_rules = resources, flavour_rules
        self._sounds = ConnectedSounds(resources, clip_sequence.rate)
        self._compounds = 0

    def add_clip_item(self, spine: etree._Element, clip_item: ClipItem, hanging: Hanging) -> None:
        """Add a clip item: its lowest layer in the spine, the others connected above it, and what hangs on it."""
        clip_item = on_time_map_clock(clip_item)
        clip = clip_item.clip
        lowest, *others = clip_item.layers
        head = self._layer(spine, clip_item, lowest, fcpxml_time(self._start_frame + clip.record_frame, self._rate))
        # Connected clips are placed on the clock of the clip they hang on: its (retimed) media time, or 0 at the start
        # of a compound clip.
        origin = 0 if head.tag == "ref-clip" else clip.first
        for lane, layer in enumerate(others, start=1):
            self._layer(head, clip_item, layer, fcpxml_time(origin, self._rate), lane)
        own = [(marker.frame - clip.first + origin, marker) for marker in visible_markers(clip_item)]
        self._hang(head, hanging, origin - clip.record_frame, own)

    def add_gap(self, spine: etree._Element, record_frame: int, frame_count: int, hanging: Hanging) -> None:
        """Add a gap, whose own clock starts at 0, and what hangs on it."""
        offset = fcpxml_time(self._start_frame + record_frame, self._rate)
        duration = fcpxml_time(frame_count, self._rate)
        gap = etree.SubElement(spine, "gap", name="Gap", offset=offset, duration=duration)
        self._hang(gap, hanging, -record_frame, [])

    def add_dissolve(self, spine: etree._Element, dissolve: Dissolve, sounds: bool) -> None:
        """Add a cross dissolve between the elements before and after it, or a fade where one of them is none or a gap.

        As in Final Cut's own exports, the clips touch at the edit point, and the offset is where the dissolve starts.
        """
        first = self._start_frame + dissolve.edit_frame - dissolve.in_frames
        times = {"offset": fcpxml_time(first, self._rate), "duration": fcpxml_time(dissolve.frame_count, self._rate)}
        element = etree.SubElement(spine, "transition", {"name": CROSS_DISSOLVE[0], **times})
        filters = [("filter-video", CROSS_DISSOLVE)] + ([("filter-audio", AUDIO_CROSSFADE)] if sounds else [])
        for tag, effect in filters:
            etree.SubElement(element, tag, ref=self._resources.effect(effect), name=effect[0])

    def _hang(self, element: etree._Element, hanging: Hanging, shift: int, own: Sequence[tuple[int, Marker]]) -> None:
        """Add what hangs on an element whose own clock is `shift` frames ahead of the record, and its own markers."""
        for connected in hanging.sounds:
            self._sounds.add(element, connected, connected.start_s + shift / self._rate)
        self._markers(element, [*own, *((marker.frame + shift, marker) for marker in hanging.markers)])

    def _markers(self, element: etree._Element, placed: Sequence[tuple[int, Marker]]) -> None:
        """Add markers at frames of the element's own clock."""
        for frame, marker in sorted(placed, key=lambda item: (item[0], item[1].name)):
            times = {"start": fcpxml_time(frame, self._rate), "duration": fcpxml_time(marker.frame_count, self._rate)}
            written = etree.SubElement(element, "marker", {**times, "value": xml_safe(marker.name)})
            if marker.note:
                written.set("note", xml_safe(marker.note))

    def _layer(
        self, parent: etree._Element, clip_item: ClipItem, layer: Layer, offset: str, lane: int = 0
    ) -> etree._Element:
        """Add one layer as the media's own clip, or as a compound clip that is trimmed to the cell.

        On the canvas the edge of a cell does not move, but in the source it moves with the camera. So the camera goes
        inside a compound clip of the canvas's size, and that compound clip is trimmed to the cell: no keys needed.
        """
        if not layer.needs_crop or (self._flavour_rules.crops_media and len(layer.keys) == 1):
            return self._asset_clip(parent, clip_item, layer, offset, lane, sounds=clip_item.has_sound and not lane)
        clip, canvas = clip_item.clip, self._canvas
        self._compounds += 1
        name = xml_safe(f"{clip.name} cell {lane + 1} ({self._compounds})")
        duration = fcpxml_time(clip.frame_count, self._rate)
        reference, inside = self._resources.compound(
            name, {"format": self._format, "duration": duration, "tcStart": "0s", "tcFormat": "NDF"}
        )
        self._asset_clip(inside, clip_item, layer, "0s", 0, sounds=clip_item.has_sound and not lane, is_inside=True)
        attributes = {"ref": reference, "name": name, "offset": offset, "start": "0s", "duration": duration}
        if lane:
            attributes |= {"lane": str(lane), "srcEnable": "video"}
        elif not clip_item.has_sound:
            attributes["srcEnable"] = "video"
        if not clip_item.enabled:
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
        clip_item: ClipItem,
        layer: Layer,
        offset: str,
        lane: int,
        *,
        sounds: bool,
        is_inside: bool = False,
    ) -> etree._Element:
        clip, rate = clip_item.clip, clip_item.clip.framing.rate
        asset, media_format = self._resources.asset(clip)
        attributes = {
            "ref": asset,
            "name": xml_safe(clip.name),
            "offset": offset,
            "start": fcpxml_time(clip.first, rate),
            "duration": fcpxml_time(clip.frame_count, rate),
        }
        if not clip.facts.is_still:
            # Without its format Final Cut conforms by the project's.
            attributes |= {"format": media_format, "tcFormat": timecode_format(clip)}
        if lane:
            attributes["lane"] = str(lane)
        if not clip_item.enabled and not is_inside:
            attributes["enabled"] = "0"
        if clip.facts.audio:
            attributes |= {"audioRole": "dialogue"} if sounds else {"srcEnable": "video"}
        if not clip.facts.is_still:
            attributes["videoRole"] = "video"
        # As in Final Cut's own exports, a photo is no clip of an asset but a stretch of its picture.
        element = etree.SubElement(parent, "video" if clip.facts.is_still else "asset-clip", attributes)
        add_conform_rate(element, clip)
        add_time_map(element, clip_item)
        if layer.needs_crop and not is_inside:
            _adjust_crop(element, to_fcpxml_trim(layer.crops[0][1], clip.framing.source))
        etree.SubElement(element, "adjust-conform", type="fit")
        _adjust_transform(element, clip, layer, self._flavour_rules.y_unit)
        return element


def visible_markers(clip_item: ClipItem) -> tuple[Marker, ...]:
    """The markers of a clip item that lie in the part of its media that it shows."""
    return tuple(marker for marker in clip_item.markers if clip_item.clip.first <= marker.frame < clip_item.clip.end)


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
            # The default curve is smooth; cameras move linearly between two keys.
            etree.SubElement(animation, "keyframe", time=time, value=value, curve="linear")


def _position(value: FcpxmlTransform) -> str:
    return f"{format_number(value.x_percent)} {format_number(value.y_percent)}"


def _scale(value: FcpxmlTransform) -> str:
    return f"{format_number(value.scale)} {format_number(value.scale)}"
