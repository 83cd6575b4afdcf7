"""A plan for the scripts in DaVinci Resolve's Scripts menu: per clip the numbers to set, as a Lua data file.

The scripts do no geometry. A clip whose cameras do not move gets Inspector values (one set per cell, each on a track of
its own); one that moves gets the keys of Fusion tools, because Resolve has no script call for Inspector keys. The JSON
file beside the Lua file has the same content, for the scripts' Python twin.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from panscan.deliver.artifact import ALL_SOUND_FEATURES, Artifact, Capabilities, KeyDensity
from panscan.deliver.host_space import (
    RESOLVE_MAX_MOVE,
    RESOLVE_MAX_ZOOM,
    canvas_to_cell,
    cell_place,
    crop_insets,
    to_fusion_merge,
    to_resolve_inspector,
    to_resolve_inspector_crop,
)
from panscan.deliver.numbers import rounded
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.plans.lua_text import format_rows, lua_text
from panscan.deliver.plans.resolve_probes import probe_frames
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer, background_kind, read_sequence, shows_background
from panscan.model.geometry import Size

FORMAT, VERSION = "panscan-resolve-plan", 1  # the scripts refuse any other
Route = Literal["scripts", "import"]

_ID_DIGITS = 12  # of a plan's name: enough that no two plans share one
_DECIMALS = 9  # of shares of the canvas: far less than a hundredth of a px


@dataclass(frozen=True, slots=True)
class ResolvePlanOptions:
    """Options of the plan for Resolve's scripts."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})
    route: Route = field(
        default="scripts",
        metadata={
            "help": '"scripts" (work on a copy of the current timeline) or "import" (load the .resolve.otio that lies '
            "beside the plan)"
        },
    )

    def __post_init__(self) -> None:
        check_key_density(self.keys)
        check_choice(self.route, Route, "route")


class ResolvePlanExporter:
    """The numbers that panscan's scripts set inside DaVinci Resolve."""

    name: ClassVar[str] = "resolve-plan"
    title: ClassVar[str] = "Plan for panscan's scripts in DaVinci Resolve"
    suffix: ClassVar[str] = ".resolve-plan.lua"
    opens_in: ClassVar[tuple[str, ...]] = ("DaVinci Resolve 18.5+ (after `panscan install resolve`)",)
    how_to_import: ClassVar[str] = (
        "Resolve: copy the file to panscan_plan.lua in your home folder, open the timeline, then "
        "Workspace > Scripts > Panscan - apply a plan."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour"}),
        # The scripts work on a copy of the editor's own timeline: what they do not touch stays.
        sound_tracks=ALL_SOUND_FEATURES,
        transitions=True,
        fades="any",
        black_end=True,
        markers=True,
        retimed_clip_loss="The scripts leave it as it is: its camera is not set.",
        start_timecode=True,
    )
    options: ClassVar[type[ResolvePlanOptions]] = ResolvePlanOptions

    def export(self, timeline: Any, *, folder: Path, options: ResolvePlanOptions) -> Artifact:
        """The plan as Lua and, with the same content, as JSON."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        plan = _plan(clip_sequence, options)
        json_text = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
        files = {self.suffix: lua_text(plan).encode(), ".resolve-plan.json": json_text.encode()}
        return Artifact(files, clip_sequence.losses)


def _plan(clip_sequence: ClipSequence, options: ResolvePlanOptions) -> dict[str, Any]:
    canvas = clip_sequence.canvas
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": clip_sequence.name,
        "route": options.route,
        "canvas_px": [canvas.width, canvas.height],
        "rate": [clip_sequence.rate.numerator, clip_sequence.rate.denominator],
        "clips": [_clip(number, clip_item) for number, clip_item in enumerate(clip_sequence.clip_items, start=1)],
    }
    # Markers on clips name the plan they were set by, so that a second run knows what is done.
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {**content, "id": digest[:_ID_DIGITS]}


def _clip(number: int, clip_item: ClipItem) -> dict[str, Any]:
    clip, framing = clip_item.clip, clip_item.clip.framing
    known: dict[str, Any] = {
        "id": f"clip{number:03d}",
        "name": clip.name,
        "file": str(clip.path.absolute()),
        "left_offset": clip.first - clip.available_first,
        "duration": clip.frame_count,
        "record": clip.record_frame,
        "source_px": [framing.source.width, framing.source.height],
        "layout": framing.layout,
        "effect": framing.effect,
        "looks": probe_frames(clip_item),
    }
    if clip.facts.is_still:
        known["still"] = True  # where in a photo a clip begins says nothing: it is recognised by file and length
    cameras = [cell.camera for cell in framing.cells]
    coloured = background_kind(framing.background) == "colour" and shows_background(clip, cameras)
    stills = [] if coloured else _inspectors(clip_item)
    return known | ({"inspector": stills} if stills else {"fusion": _fusion(clip_item)})


def _inspectors(clip_item: ClipItem) -> list[dict[str, float]]:
    """Inspector values per cell, or nothing where a camera moves or needs more than the Inspector has."""
    framing = clip_item.clip.framing
    source, canvas = framing.source, framing.canvas
    found = []
    for layer in clip_item.layers:
        if len(layer.keys) > 1:
            return []
        place = to_resolve_inspector(layer.keys[0][1], source, canvas)
        if (
            place.zoom > RESOLVE_MAX_ZOOM
            or abs(place.pan) > RESOLVE_MAX_MOVE * canvas.width
            or abs(place.tilt) > RESOLVE_MAX_MOVE * canvas.height
        ):
            return []
        values = {"ZoomX": place.zoom, "ZoomY": place.zoom, "Pan": place.pan, "Tilt": place.tilt}
        values |= {"CropLeft": 0.0, "CropTop": 0.0, "CropRight": 0.0, "CropBottom": 0.0}
        if layer.needs_crop:
            crop = to_resolve_inspector_crop(crop_insets(layer.crops[0][1], source), source, canvas)
            values |= {"CropLeft": crop.left, "CropTop": crop.top, "CropRight": crop.right, "CropBottom": crop.bottom}
        found.append({name: rounded(value, _DECIMALS) for name, value in values.items()})
    return found


def _fusion(clip_item: ClipItem) -> dict[str, Any]:
    framing = clip_item.clip.framing
    colour = framing.background if background_kind(framing.background) == "colour" else "#000000"
    is_whole = len(framing.cells) == 1 and framing.cells[0].size == framing.canvas
    return {
        "is_whole": is_whole,
        "background_rgb": [rounded(int(colour[n : n + 2], 16) / 255, _DECIMALS) for n in (1, 3, 5)],
        "cells": [_cell(clip_item, layer, framing.canvas) for layer in clip_item.layers],
    }


def _cell(clip_item: ClipItem, layer: Layer, canvas: Size) -> dict[str, Any]:
    """A Merge over a background of the cell's size, and where that lies on the canvas; frames count in the clip."""
    size = layer.cell.size
    moves = [
        (frame - clip_item.clip.first, to_fusion_merge(canvas_to_cell(key, layer.cell, canvas), size))
        for frame, key in layer.keys
    ]  # fmt: skip
    place = to_fusion_merge(cell_place(layer.cell, canvas), canvas)
    return {
        "size_px": [size.width, size.height],
        "place": [rounded(place.center_x, _DECIMALS), rounded(place.center_y, _DECIMALS)],
        "size": _curve([(frame, move.size) for frame, move in moves]),
        "x": _curve([(frame, move.center_x) for frame, move in moves]),
        "y": _curve([(frame, move.center_y) for frame, move in moves]),
    }


def _curve(keys: Sequence[tuple[int, float]]) -> str:
    """Rows of a Bezier spline: frame, value, and both handles (frame, value).

    Handles are absolute. They lie on the straight line to the next key, a third of the way (Fusion scripting guide,
    "BezierSpline"); Fusion's own would ease and overshoot.
    """
    found = []
    for number, (frame, value) in enumerate(keys):
        before = keys[max(number - 1, 0)]
        after = keys[min(number + 1, len(keys) - 1)]
        handles = [
            at + (to - at) / 3 for other in (before, after) for at, to in zip((frame, value), other, strict=True)
        ]
        found.append([frame, *(rounded(number, _DECIMALS) for number in (value, *handles))])
    return format_rows(found)
