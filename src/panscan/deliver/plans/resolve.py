"""A plan for the scripts in DaVinci Resolve's Scripts menu: per clip the numbers to set, as a Lua data file.

The scripts do no geometry. A clip whose cameras stand still gets Inspector values (one set per cell, each on a track
of its own); one that moves gets the keys of Fusion tools, because Resolve has no script call for Inspector keys. The
JSON file beside the Lua file says the same to the scripts' Python twin.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity
from panscan.deliver.host_space import (
    CameraKey,
    canvas_to_cell,
    cell_to_canvas,
    crop_insets,
    to_fusion_merge,
    to_resolve_inspector,
    to_resolve_inspector_crop,
)
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.plans.lua_text import format_rows, lua_text
from panscan.deliver.plans.resolve_probes import probe_frames
from panscan.deliver.sequence.losses import background_kind, shows_background
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, Layer, read_sequence
from panscan.model.geometry import Size

FORMAT, VERSION = "panscan-resolve-plan", 1
Route = Literal["scripts", "import"]

_DECIMALS = 9
_MAX_ZOOM = 100.0  # Resolve's README: ZoomX 0 to 100, Pan within 4 widths, Tilt within 4 heights of the timeline
_MAX_PAN_CANVASES = 4.0


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
        transitions=True,
        markers=True,
        without_retimes="The scripts leave it as it is: its camera is not set.",
        start_timecode=True,
    )
    options: ClassVar[type[ResolvePlanOptions]] = ResolvePlanOptions

    def export(self, timeline: Any, *, folder: Path, options: ResolvePlanOptions) -> Artifact:
        """The plan as Lua and, with the same content, as JSON."""
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        plan = _plan(spine, options)
        json_text = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
        files = {self.suffix: lua_text(plan).encode(), ".resolve-plan.json": json_text.encode()}
        return Artifact(files, spine.losses)


def _plan(spine: ClipSequence, options: ResolvePlanOptions) -> dict[str, Any]:
    canvas = spine.canvas
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": spine.name,
        "route": options.route,
        "canvas_px": [canvas.width, canvas.height],
        "rate": [spine.rate.numerator, spine.rate.denominator],
        "clips": [_clip(number, piece) for number, piece in enumerate(spine.clip_items, start=1)],
    }
    # Marks on clips name the plan they were set by, so that a second run knows what is done.
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {**content, "id": digest[:12]}


def _clip(number: int, piece: ClipItem) -> dict[str, Any]:
    clip, framing = piece.clip, piece.clip.framing
    said: dict[str, Any] = {
        "id": f"clip{number:03d}",
        "name": clip.name,
        "file": str(clip.path.absolute()),
        "left_offset": clip.first - clip.available_first,
        "duration": clip.frame_count,
        "record": clip.record_frame,
        "source_px": [framing.source.width, framing.source.height],
        "layout": framing.layout,
        "effect": framing.effect,
        "looks": probe_frames(piece),
    }
    cameras = [cell.camera for cell in framing.cells]
    coloured = background_kind(framing.background) == "colour" and shows_background(clip, cameras)
    stills = [] if coloured else _inspectors(piece)
    return said | ({"inspector": stills} if stills else {"fusion": _fusion(piece)})


def _inspectors(piece: ClipItem) -> list[dict[str, float]]:
    """Inspector values per cell, or nothing where a camera moves or needs more than the Inspector has."""
    framing = piece.clip.framing
    source, canvas = framing.source, framing.canvas
    found = []
    for layer in piece.layers:
        if len(layer.keys) > 1:
            return []
        place = to_resolve_inspector(layer.keys[0][1], source, canvas)
        if (
            place.zoom > _MAX_ZOOM
            or abs(place.pan) > _MAX_PAN_CANVASES * canvas.width
            or abs(place.tilt) > _MAX_PAN_CANVASES * canvas.height
        ):
            return []
        values = {"ZoomX": place.zoom, "ZoomY": place.zoom, "Pan": place.pan, "Tilt": place.tilt}
        values |= {"CropLeft": 0.0, "CropTop": 0.0, "CropRight": 0.0, "CropBottom": 0.0}
        if layer.needs_crop:
            cut = to_resolve_inspector_crop(crop_insets(layer.crops[0][1], source), source, canvas)
            values |= {"CropLeft": cut.left, "CropTop": cut.top, "CropRight": cut.right, "CropBottom": cut.bottom}
        found.append({name: _rounded(value) for name, value in values.items()})
    return found


def _fusion(piece: ClipItem) -> dict[str, Any]:
    framing = piece.clip.framing
    colour = framing.background if background_kind(framing.background) == "colour" else "#000000"
    is_whole = len(framing.cells) == 1 and framing.cells[0].size == framing.canvas
    return {
        "is_whole": is_whole,
        "background_rgb": [_rounded(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5)],
        "cells": [_cell(piece, layer, framing.canvas) for layer in piece.layers],
    }


def _cell(piece: ClipItem, layer: Layer, canvas: Size) -> dict[str, Any]:
    """A Merge over a background of the cell's size, and where that lies on the canvas. Frame 0: first of the clip."""
    size = layer.cell.size
    moves = [
        (frame - piece.clip.first, to_fusion_merge(canvas_to_cell(key, layer.cell, canvas), size))
        for frame, key in layer.keys
    ]  # fmt: skip
    place = to_fusion_merge(cell_to_canvas(CameraKey(1.0, 0.0, 0.0), layer.cell, canvas), canvas)
    return {
        "size_px": [size.width, size.height],
        "place": [_rounded(place.center_x), _rounded(place.center_y)],
        "size": _curve([(frame, move.size) for frame, move in moves]),
        "x": _curve([(frame, move.center_x) for frame, move in moves]),
        "y": _curve([(frame, move.center_y) for frame, move in moves]),
    }


def _curve(keys: Sequence[tuple[int, float]]) -> str:
    """Rows of a Bezier spline: frame, value, and both handles (frame, value) on the straight line to the neighbours.

    Handles are absolute and lie a third of the way to the next key (Fusion scripting guide, "BezierSpline"); Fusion's
    own would ease and overshoot.
    """
    found = []
    for number, (frame, value) in enumerate(keys):
        before = keys[max(number - 1, 0)]
        after = keys[min(number + 1, len(keys) - 1)]
        handles = [
            at + (to - at) / 3 for other in (before, after) for at, to in zip((frame, value), other, strict=True)
        ]
        found.append([frame, *(_rounded(number) for number in (value, *handles))])
    return format_rows(found)


def _rounded(value: float) -> float:
    return round(value, _DECIMALS) + 0.0  # -0.0 becomes 0.0
