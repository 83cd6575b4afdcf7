"""ASC Framing Decision List: which rectangle of the original was chosen, for shots whose camera stands still.

The specification (ASC, "Framing Decision List", 2.0.1 section 2) leaves tracking per frame out of scope and has one
decision per canvas and intent. So every distinct framing of a media is a context of its own, with its own canvas, and
every cell of a layout is an intent of its own.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from panscan.deliver.artifact import Artifact, Capabilities, Loss, distinct_losses
from panscan.deliver.options import check_choice
from panscan.deliver.sequence.sequence import ClipItem, Layer, read_sequence
from panscan.model.geometry import Rect, Size

Version = Literal["2.0.1", "1.1"]
# 2.0.1 is an edition of the text; documents of it say 2.0 (its schema allows nothing else).
_NUMBERS = {"2.0.1": (2, 0), "1.1": (1, 1)}
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://ascmitc.github.io/fdl")
_DECIMALS = 4

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
        moving=False, layers=True, sound=False, disabled=False, retimes=True
    )
    options: ClassVar[type[FdlOptions]] = FdlOptions

    def export(self, timeline: Any, *, folder: Path, options: FdlOptions) -> Artifact:
        """The list; its identifier follows from its content, so equal timelines give equal files."""
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities)
        losses = [*spine.losses, Loss("the cut", "A framing decision list names framings, not their places in a cut.")]
        losses += [
            Loss(f"the disabled clip {piece.clip.name!r}", "Its framing is listed like the others.")
            for piece in spine.clip_items
            if not piece.enabled
        ]
        modern = options.version != "1.1"
        row = [(piece, piece.layers) for piece in spine.clip_items]
        contexts, inside = _contexts(row, spine.canvas, modern)
        losses += inside
        major, minor = _NUMBERS[options.version]
        intents = _intents(row, spine.canvas)
        content: dict[str, Any] = {
            "version": {"major": major, "minor": minor},
            "fdl_creator": "panscan",
            "default_framing_intent": intents[0]["id"],
            "framing_intents": intents,
            "contexts": contexts,
            "canvas_templates": [_template(spine.canvas)],
        }
        identity = uuid.uuid5(_NAMESPACE, json.dumps(content, sort_keys=True))
        text = json.dumps({"uuid": str(identity), **content}, indent=2, ensure_ascii=False) + "\n"
        return Artifact({self.suffix: text.encode("utf-8")}, distinct_losses(losses))


def _intent_id(layer: Layer, canvas: Size) -> str:
    size = layer.cell.size
    if size == canvas:
        return f"C{canvas.width}x{canvas.height}"
    # The place of the cell tells cells of one size apart.
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


def _contexts(row: LayeredClipItems, canvas: Size, modern: bool) -> tuple[list[dict[str, Any]], list[Loss]]:
    grouped: dict[Any, list[ClipItem]] = {}
    losses = []
    for piece, layers in row:
        boxes = tuple((_intent_id(layer, canvas), layer.crops[0][1]) for layer in layers)
        grouped.setdefault((piece.clip.path, piece.clip.framing.source, boxes), []).append(piece)
        source = piece.clip.framing.source
        if any(_inside(box, source) != box for _, box in boxes):
            losses.append(
                Loss(
                    f"what clip {piece.clip.name!r} shows around the picture",
                    "A framing decision lies inside its canvas: it holds the part that is picture.",
                )
            )
    contexts = []
    for number, ((path, source, boxes), pieces) in enumerate(grouped.items(), start=1):
        canvas_id = f"F{number:04d}"
        clips = [_clip(piece) for piece in pieces]
        context: dict[str, Any] = {"label": f"{path.name} framing {number}", "context_creator": "panscan"}
        if modern:
            context["clip_id"] = {"clip_name": path.name, "file": str(path.absolute())}
            context["_panscan_clips"] = clips
        context["canvases"] = [
            {
                "label": f"{path.name} original",
                "id": canvas_id,
                "source_canvas_id": canvas_id,
                "dimensions": {"width": source.width, "height": source.height},
                "anamorphic_squeeze": 1.0,
                "framing_decisions": [_decision(canvas_id, intent, _inside(box, source)) for intent, box in boxes],
            }
        ]
        contexts.append(context)
    return contexts, losses


def _clip(piece: ClipItem) -> dict[str, Any]:
    clip = piece.clip
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


def _inside(box: Rect, source: Size) -> Rect:
    """The part of a crop that is picture; unchanged where only the document's rounding reaches beyond it."""
    left, top = max(box.left, 0.0), max(box.top, 0.0)
    right, bottom = min(box.right, float(source.width)), min(box.bottom, float(source.height))
    cut = Rect(left, top, max(right - left, 1e-3), max(bottom - top, 1e-3))
    slack_px = 0.01
    near = abs(cut.width - box.width) < slack_px and abs(cut.height - box.height) < slack_px
    return box if near and box.left >= 0 and box.top >= 0 else cut


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
