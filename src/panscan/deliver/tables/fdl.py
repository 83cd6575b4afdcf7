"""ASC Framing Decision List: which rectangle of the original was chosen, for shots whose camera does not move.

FDL does not support tracking per frame (ASC, "Framing Decision List", 2.0.1 section 2) and allows one decision per
canvas and intent. So each different framing of a media file gets its own context with its own canvas, and each cell of
a layout gets its own intent.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from panscan.deliver.artifact import ALL_OF_STILLS, Artifact, Capabilities, Loss, distinct_losses
from panscan.deliver.host_space import part_in_picture
from panscan.deliver.options import check_choice
from panscan.deliver.sequence import ClipItem, Layer, read_sequence
from panscan.model.geometry import Rect, Size

Version = Literal["2.0.1", "1.1"]
# 2.0.1 is an edition of the text; documents of it say 2.0 (its schema allows nothing else).
_NUMBERS = {"2.0.1": (2, 0), "1.1": (1, 1)}
# Of the identifiers of lists, which follow from their content.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://ascmitc.github.io/fdl")
_DECIMALS = 4  # of source px

LayeredClipItems = Sequence[tuple[ClipItem, tuple[Layer, ...]]]


@dataclass(frozen=True, slots=True)
class FdlOptions:
    """Options of the FDL delivery."""

    version: Version = field(
        default="2.0.1",
        metadata={"help": 'version of the specification: "2.0.1", or "1.1", which cannot name the clip'},
    )

    def __post_init__(self) -> None:
        check_choice(self.version, Version, "version of FDL")


class FdlExporter:
    """An FDL with one framing decision per distinct static framing and cell."""

    name: ClassVar[str] = "fdl"
    title: ClassVar[str] = "ASC Framing Decision List"
    suffix: ClassVar[str] = ".fdl"
    opens_in: ClassVar[tuple[str, ...]] = ("programs that read ASC FDL",)
    how_to_import: ClassVar[str] = "Load it as the framing decision list of the original camera files."
    capabilities: ClassVar[Capabilities] = Capabilities(
        moving=False,
        layers=True,
        sound=False,
        disabled=False,
        retimes=True,
        stills=ALL_OF_STILLS,
    )
    options: ClassVar[type[FdlOptions]] = FdlOptions

    def export(self, timeline: Any, *, folder: Path, options: FdlOptions) -> Artifact:
        """The list; its identifier follows from its content, so equal timelines give equal files."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities)
        losses = [
            *clip_sequence.losses,
            Loss("the cut", "A framing decision list names framings, not their places in a cut."),
        ]
        losses += [
            Loss(f"the disabled clip {clip_item.clip.name!r}", "Its framing is listed like the others.")
            for clip_item in clip_sequence.clip_items
            if not clip_item.enabled
        ]
        names_clips = options.version != "1.1"
        row = [(clip_item, clip_item.layers) for clip_item in clip_sequence.clip_items]
        contexts, cropping_losses = _contexts(row, clip_sequence.canvas, names_clips)
        losses += cropping_losses
        major, minor = _NUMBERS[options.version]
        intents = _intents(row, clip_sequence.canvas)
        content: dict[str, Any] = {
            "version": {"major": major, "minor": minor},
            "fdl_creator": "panscan",
            "default_framing_intent": intents[0]["id"],
            "framing_intents": intents,
            "contexts": contexts,
            "canvas_templates": [_template(clip_sequence.canvas)],
        }
        identity = uuid.uuid5(_NAMESPACE, json.dumps(content, sort_keys=True))
        text = json.dumps({"uuid": str(identity), **content}, indent=2, ensure_ascii=False) + "\n"
        return Artifact({self.suffix: text.encode("utf-8")}, distinct_losses(losses))


def _intent_id(layer: Layer, canvas: Size) -> str:
    size = layer.cell.size
    if size == canvas:
        return f"C{canvas.width}x{canvas.height}"
    # Cells of one size differ by their place.
    return f"C{size.width}x{size.height}_{layer.cell.left_px}_{layer.cell.top_px}".replace("-", "m")


def _intents(row: LayeredClipItems, canvas: Size) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for _, layers in row:
        for layer in layers:
            size = layer.cell.size
            divisor = math.gcd(size.width, size.height)
            width, height = size.width // divisor, size.height // divisor
            identity = _intent_id(layer, canvas)
            place = "" if size == canvas else f" at {layer.cell.left_px}, {layer.cell.top_px} of {canvas}"
            found[identity] = {
                "label": f"{width}:{height}{place}",
                "id": identity,
                "aspect_ratio": {"width": width, "height": height},
                "protection": 0,
            }
    return list(found.values())


def _contexts(row: LayeredClipItems, canvas: Size, names_clips: bool) -> tuple[list[dict[str, Any]], list[Loss]]:
    grouped: dict[Any, list[ClipItem]] = {}
    losses = []
    for clip_item, layers in row:
        boxes = tuple((_intent_id(layer, canvas), layer.crops[0][1]) for layer in layers)
        grouped.setdefault((clip_item.clip.path, clip_item.clip.framing.source, boxes), []).append(clip_item)
        source = clip_item.clip.framing.source
        if any(part_in_picture(box, source) != box for _, box in boxes):
            losses.append(
                Loss(
                    f"what clip {clip_item.clip.name!r} shows around the picture",
                    "A framing decision lies inside its canvas: it holds the part that is picture.",
                )
            )
    contexts = []
    for number, ((path, source, boxes), clip_items) in enumerate(grouped.items(), start=1):
        canvas_id = f"F{number:04d}"
        clips = [_clip(clip_item) for clip_item in clip_items]
        context: dict[str, Any] = {"label": f"{path.name} framing {number}", "context_creator": "panscan"}
        if names_clips:
            context["clip_id"] = {"clip_name": path.name, "file": str(path.absolute())}
            context["_panscan_clips"] = clips
        context["canvases"] = [
            {
                "label": f"{path.name} original",
                "id": canvas_id,
                "source_canvas_id": canvas_id,
                "dimensions": {"width": source.width, "height": source.height},
                "anamorphic_squeeze": 1.0,
                "framing_decisions": [
                    _decision(canvas_id, intent, part_in_picture(box, source)) for intent, box in boxes
                ],
            }
        ]
        contexts.append(context)
    return contexts, losses


def _clip(clip_item: ClipItem) -> dict[str, Any]:
    clip = clip_item.clip
    speed = {"speed": str(clip.speed)} if clip.is_retimed else {}
    return {
        "name": clip.name,
        "first": clip.media_frame(0),
        "frames": clip.frame_count,
        "record": clip.record_frame,
    } | speed


def _decision(canvas_id: str, intent: str, box: Rect) -> dict[str, Any]:
    return {
        "label": intent,
        "id": f"{canvas_id}-{intent}",
        "framing_intent_id": intent,
        "dimensions": {"width": round(box.width, _DECIMALS), "height": round(box.height, _DECIMALS)},
        "anchor_point": {"x": round(box.left, _DECIMALS), "y": round(box.top, _DECIMALS)},
    }


def _template(canvas: Size) -> dict[str, Any]:
    return {
        "label": f"{canvas}",
        "id": f"T{canvas.width}x{canvas.height}",
        "target_dimensions": {"width": canvas.width, "height": canvas.height},
        "target_anamorphic_squeeze": 1.0,
        "fit_source": "framing_decision.dimensions",
        "fit_method": "fit_all",
        "round": {"even": "even", "mode": "round"},
    }
