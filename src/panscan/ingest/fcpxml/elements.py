"""Building single OTIO clips from FCPXML elements: looks up resources, lengths and start times."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import opentimelineio as otio
from lxml import etree

from panscan.ingest.fcpxml.values import (
    TimeMap,
    active_alternative,
    asset_url,
    format_rate,
    markers,
    time_attribute,
    time_range,
    unmapped_metadata,
)
from panscan.timeline.transitions import CUSTOM, DISSOLVE, names_a_dissolve


class ClipBuilder:
    """The resources of one FCPXML document, and the clips that are made of them."""

    def __init__(self, root: etree._Element) -> None:
        self._by_id = {e.get("id"): e for e in root.iterfind("resources/*") if e.get("id")}
        self._rate = Fraction(25)  # frames per second of the sequence; set when that is read

    def _clip(
        self,
        element: etree._Element,
        asset: etree._Element,
        timing: TimeMap,
        start_s: Fraction,
        length_s: Fraction,
        shift_s: Fraction,
    ) -> Any:
        rate = self._rate
        asset_start_s = time_attribute(asset, "start", Fraction(0))
        asset_rate = format_rate(self._resource(asset.get("format"), "format"))
        begin_s = timing.begins_at(start_s, length_s, rate, asset_rate or rate)
        available = None
        if asset.get("duration") and time_attribute(asset, "duration") > 0:
            available = time_range(asset_start_s, time_attribute(asset, "duration"), asset_rate or rate)
        clip = otio.schema.Clip(
            name=element.get("name") or asset.get("name", ""),
            media_reference=otio.schema.ExternalReference(
                target_url=asset_url(asset), available_range=available, metadata=unmapped_metadata(asset)
            ),
            source_range=time_range(begin_s + shift_s, length_s, rate),
            metadata=unmapped_metadata(element),
        )
        clip.media_reference.name = asset.get("name", "")
        clip.effects.extend(timing.time_effects(start_s, length_s))
        clip.markers.extend(markers(element, shift_s, rate, timing))
        return clip

    def _generator(self, element: etree._Element, shift_s: Fraction) -> Any:
        effect = self._by_id.get(element.get("ref"))
        kind = effect.get("name", "") if effect is not None else ""
        clip = otio.schema.Clip(
            name=element.get("name", ""),
            media_reference=otio.schema.GeneratorReference(name=element.get("name", ""), generator_kind=kind),
            source_range=time_range(self._local_start(element), self._length(element), self._rate),
            metadata=unmapped_metadata(element),
        )
        clip.markers.extend(markers(element, shift_s, self._rate))
        return clip

    def _missing(self, element: etree._Element) -> Any:
        return otio.schema.Clip(
            name=element.get("name", ""),
            media_reference=otio.schema.MissingReference(),
            source_range=time_range(self._local_start(element), self._length(element), self._rate),
            metadata=unmapped_metadata(element),
        )

    def _length(self, element: etree._Element) -> Fraction:
        """Length of an element; an asset-clip without a duration lasts as long as its asset."""
        element = active_alternative(element)
        asset = self._by_id.get(element.get("ref"))
        default = None
        if element.get("duration") is None and asset is not None:
            owner = asset.find("sequence") if asset.tag == "media" else asset
            default = time_attribute(owner, "duration") if owner is not None else None
        return time_attribute(element, "duration", default)

    def _local_start(self, element: etree._Element) -> Fraction:
        """The element's `start`. Without one: zero, or the media's own start time if zero lies outside the media."""
        if element.get("start") is not None:
            return time_attribute(element, "start")
        resource = self._by_id.get(element.get("ref"))
        if resource is None or element.find("timeMap") is not None:
            return Fraction(0)
        if resource.tag == "media":
            owner = next((c for c in resource if c.tag in ("sequence", "multicam")), None)
            return time_attribute(owner, "tcStart", Fraction(0)) if owner is not None else Fraction(0)
        return time_attribute(resource, "start", Fraction(0)) if resource.tag == "asset" else Fraction(0)

    def _transition_type(self, element: etree._Element) -> str:
        """A dissolve if its effect is one, or none is named; else a kind of the editor's own."""
        used = element.find("filter-video")
        if used is None:
            return DISSOLVE
        effect = self._by_id.get(used.get("ref"))
        names = [used.get("name", ""), *((effect.get("name", ""), effect.get("uid", "")) if effect is not None else ())]
        return DISSOLVE if names_a_dissolve(names) else CUSTOM

    def _resource(self, name: str | None, tag: str) -> etree._Element | None:
        resource = self._by_id.get(name)
        return resource if resource is not None and resource.tag == tag else None
