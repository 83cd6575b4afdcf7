"""A plan for the panel inside Premiere Pro: per clip the numbers of Motion, and what the clip is recognised by.

The panel does no geometry. Times are in Premiere's ticks. Keys and clip ranges count from the first frame of the media,
so the key on a clip's first visible frame lies at its in point, wherever the clip is in the sequence.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from panscan.deliver.artifact import ALL_SOUND_FEATURES, Artifact, Capabilities, KeyDensity
from panscan.deliver.host_space import to_premiere_crop, to_premiere_motion
from panscan.deliver.numbers import rounded
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.premiere_time import premiere_ticks
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer, crop_inset_keys, read_sequence

if TYPE_CHECKING:
    from pathlib import Path

FORMAT, VERSION = "panscan-premiere-plan", 1  # the panel refuses any other
_ID_DIGITS = 12  # of a plan's name: enough that no two plans share one
_DECIMALS = 8  # of percent and of fractions of the sequence: far less than a hundredth of a px


@dataclass(frozen=True, slots=True)
class PremierePlanOptions:
    """Options of the plan for Premiere's panel."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        check_key_density(self.keys)


class PremierePlanExporter:
    """The numbers that panscan's panel sets inside Premiere Pro."""

    name: ClassVar[str] = "premiere-plan"
    title: ClassVar[str] = "Plan for panscan's panel in Premiere Pro"
    suffix: ClassVar[str] = ".premiere-plan.json"
    opens_in: ClassVar[tuple[str, ...]] = ("Premiere Pro 25.6+ (after `panscan install premiere`)",)
    how_to_import: ClassVar[str] = (
        "Premiere: open the sequence, then Window > UXP Plugins > Panscan, choose the file, Apply to a copy."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        # The panel works on a copy of the editor's own sequence: what it does not touch stays.
        sound_tracks=ALL_SOUND_FEATURES,
        transitions=True,
        fades="any",
        black_end=True,
        markers=True,
        retimed_clip_loss="The panel leaves it as it is: its camera is not set.",
        start_timecode=True,
    )
    options: ClassVar[type[PremierePlanOptions]] = PremierePlanOptions

    def export(self, timeline: Any, *, folder: Path, options: PremierePlanOptions) -> Artifact:
        """The plan as JSON."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        return Artifact({self.suffix: _text(_plan(clip_sequence)).encode()}, clip_sequence.losses)


def _text(plan: dict[str, Any]) -> str:
    """JSON with each column of numbers on one line; text in JSON holds no line breaks, so none is touched."""
    text = json.dumps(plan, indent=1, ensure_ascii=False)
    columns = re.compile(r"\[\n\s*([^\[\]{}]*?)\n\s*\]")
    return columns.sub(lambda found: "[" + re.sub(r",\n\s*", ", ", found[1]) + "]", text) + "\n"


def _plan(clip_sequence: ClipSequence) -> dict[str, Any]:
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": clip_sequence.name,
        "canvas_px": [clip_sequence.canvas.width, clip_sequence.canvas.height],
        "rate": [clip_sequence.rate.numerator, clip_sequence.rate.denominator],
        "clips": [
            _clip(number, clip_item, clip_sequence.rate)
            for number, clip_item in enumerate(clip_sequence.clip_items, start=1)
        ],
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {**content, "id": digest[:_ID_DIGITS]}


def _clip(number: int, clip_item: ClipItem, record_rate: Fraction) -> dict[str, Any]:
    clip, framing = clip_item.clip, clip_item.clip.framing
    begin, rate = clip.available_first, framing.rate
    return {
        "id": f"clip{number:03d}",
        "name": clip.name,
        "file": str(clip.path.absolute()),
        "source_px": [framing.source.width, framing.source.height],
        "layout": framing.layout,
        "effect": framing.effect,
        "media_start_ticks": _ticks(begin, rate),
        "in_ticks": _ticks(clip.first - begin, rate),
        "out_ticks": _ticks(clip.end - begin, rate),
        "start_ticks": _ticks(clip.record_frame, record_rate),
        "frame_ticks": _ticks(1, min(rate, record_rate)),
        "layers": [_layer(clip_item, layer, begin) for layer in clip_item.layers],
    } | ({"still": True} if clip.facts.is_still else {})


def _layer(clip_item: ClipItem, layer: Layer, begin: int) -> dict[str, Any]:
    framing = clip_item.clip.framing
    moves = [(frame - begin, to_premiere_motion(key, framing.canvas)) for frame, key in layer.keys]
    crops = [(frame - begin, to_premiere_crop(insets)) for frame, insets in crop_inset_keys(clip_item, layer)]
    sides = ("left", "top", "right", "bottom")
    return {
        "subject": layer.cell.subject,
        "position": _curve([(at, {"x": move.x, "y": move.y}) for at, move in moves], framing.rate),
        "scale": _curve([(at, {"percent": move.scale_percent}) for at, move in moves], framing.rate),
        "crop": _curve([(at, {side: getattr(crop, side) for side in sides}) for at, crop in crops], framing.rate),
    }


def _curve(keys: Sequence[tuple[int, Mapping[str, float]]], rate: Fraction) -> dict[str, Any] | None:
    """Columns of ticks and values; one row where nothing changes, None where there is nothing."""
    if not keys:
        return None
    rows = [(at, {name: rounded(value, _DECIMALS) for name, value in row.items()}) for at, row in keys]
    if all(row == rows[0][1] for _, row in rows):
        rows = rows[:1]
    columns = {name: [row[name] for _, row in rows] for name in rows[0][1]}
    return {"ticks": [_ticks(at, rate) for at, _ in rows], **columns}


def _ticks(frames: int, rate: Fraction) -> str:
    """Ticks as text, like Premiere's own: a day of them is more than a JavaScript number holds exactly."""
    return str(premiere_ticks(frames, rate))
