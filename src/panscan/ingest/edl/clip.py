"""OTIO's clips and transitions for the pieces of an edit list, with what its comments say of them."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.ingest.edl.clock import Clock
from panscan.ingest.edl.edits import AUXILIARY, Edit
from panscan.ingest.edl.levels import levels_of
from panscan.ingest.edl.record import Piece
from panscan.ingest.edl.rows import PlacedTransition
from panscan.ingest.edl.statements import KEYS
from panscan.timeline.transitions import CUSTOM, DISSOLVE, names_a_dissolve

METADATA_KEY = "cmx_3600"  # OTIO's name for this format
_BARS = "BARS"  # the reel of colour bars
_SEQUENCE = re.compile(r"\.\[(\d{1,9})-\d{1,9}\](\.\w+)$")  # first number and suffix
_FREEZE_SUFFIX = " FF"  # that Avid adds to the name of a freeze frame
_OF_ONE_CLIP = ("FROM CLIP NAME", "TO CLIP NAME", "KEY CLIP NAME", "LOC")  # comments that metadata does not hold
# Comments with a place of their own in the clip; all others are kept as text.
_TAKEN = ("FROM CLIP NAME", "TO CLIP NAME", "KEY CLIP NAME", "FROM CLIP", "FROM FILE", "LOC", "ASC_SOP", "ASC_SAT")
_NO_CLIP = json.loads(otio.schema.Clip(media_reference=otio.schema.MissingReference()).to_json_string())
_NUMBER = r"([-+]?[\d.]+)"
_TRIPLE = re.compile(rf"\(\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+{_NUMBER}[\s,]*\)")


def time_range(first: float, count: float, rate: Fraction) -> Any:
    """The TimeRange of so many frames from one on."""
    fps = float(rate)
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, fps), otio.opentime.RationalTime(count, fps))


class Clips:
    """Makes the clips of a list.

    OTIO takes up metadata slowly and copies clips fast: those of the same metadata are copies of one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[object, ...], Any] = {}

    def clip_of(self, piece: Piece, channel: int | None) -> Any:
        """The clip of a piece; `channel` is the number of its sound track, None for a picture."""
        event, rate = piece.event, self._clock.rate
        clip = self._with_metadata(event.edit, channel)
        clip.name = name_of(event.edit)
        clip.source_range = time_range(float(event.media_at(piece.record_first)), piece.frame_count, rate)
        reference = _reference(event.edit, rate)
        if reference is not None:
            clip.media_reference = reference
        if not event.speed:
            clip.effects.append(otio.schema.FreezeFrame())
        elif event.speed != 1:
            clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(event.speed)))
        return clip

    def _with_metadata(self, edit: Edit, channel: int | None) -> Any:
        """A clip that has nothing but the metadata of an edit."""
        told = tuple(remark for remark in edit.remarks if remark.key not in _OF_ONE_CLIP)
        key = (edit.line.reel, edit.line.edit, channel, told)
        if key not in self._known:
            metadata = _metadata(edit)
            if channel is not None:
                own = metadata.setdefault(METADATA_KEY, {})
                own["channel"] = channel
                if levels := levels_of(edit, channel, self._clock):
                    own["levels"] = levels
            text = json.dumps({**_NO_CLIP, "metadata": metadata})
            self._known[key] = otio.core.deserialize_json_from_string(text)
        return self._known[key].clone()


def transition_of(placed: PlacedTransition, rate: Fraction, *, is_sound: bool) -> Any:
    """The transition; a wipe of sound is a cross fade, and its name says how it fades."""
    edit, fps = placed.event.edit, float(rate)
    code, effects = edit.line.edit, edit.texts("EFFECT")
    is_dissolve = is_sound or code == "D" or names_a_dissolve(effects)
    kind = DISSOLVE if is_dissolve else CUSTOM
    what = DISSOLVE if is_dissolve else f"Wipe {code[1:]}"
    if is_sound and effects:
        what = effects[0]
    to_name = "black" if edit.is_black else name_of(edit)
    return otio.schema.Transition(
        name=f"{what}{f' from {placed.from_name}' if placed.from_name else ''} to {to_name}",
        transition_type=kind,
        in_offset=otio.opentime.RationalTime(placed.in_frames, fps),
        out_offset=otio.opentime.RationalTime(placed.out_frames, fps),
        metadata={METADATA_KEY: {"transition": code, "transition_duration": float(edit.line.length)}},
    )


def comments_of(edit: Edit) -> list[str]:
    """The comments that have no place of their own in a clip, as the list has them."""
    kept = (r for r in edit.remarks if r.key not in _TAKEN and r.key != "FREEZE FRAME")
    return [text for r in kept if (text := f"{r.key}: {r.text}" if r.key else r.text)]


def name_of(edit: Edit) -> str:
    """The name of a clip: from a comment, else of its file, else the number of its event."""
    if edit.name:
        is_still = bool(edit.texts("FREEZE FRAME"))
        return edit.name.removesuffix(_FREEZE_SUFFIX) if is_still else edit.name
    return posixpath.splitext(posixpath.basename(edit.path))[0] if edit.path else edit.line.number


def _reference(edit: Edit, rate: Fraction) -> Any:
    """What a clip shows; None where nothing is known but names, because no comment says the path of the media."""
    if edit.line.reel.upper() == _BARS:
        return otio.schema.GeneratorReference(generator_kind="SMPTEBars")
    if not edit.path:
        return None
    match = _SEQUENCE.search(edit.path)
    if match is None:
        return otio.schema.ExternalReference(target_url=edit.path)
    folder, prefix = posixpath.split(edit.path[: match.start() + 1])
    return otio.schema.ImageSequenceReference(
        target_url_base=folder,
        name_prefix=prefix,
        name_suffix=match[2],
        rate=float(rate),
        start_frame=int(match[1]),
        frame_zero_padding=len(match[1]),
    )


def _metadata(edit: Edit) -> dict[str, Any]:
    own: dict[str, Any] = {}
    comments = comments_of(edit)
    if comments:
        own["comments"] = comments
    if edit.line.reel.upper() not in AUXILIARY:
        own["reel"] = edit.line.reel
    if edit.line.edit in KEYS:
        own["edit"] = edit.line.edit
    metadata: dict[str, Any] = {METADATA_KEY: own} if own else {}
    colours = _colours(edit)
    return {**metadata, "cdl": colours} if colours else metadata


def _colours(edit: Edit) -> dict[str, Any]:
    """The colour correction that the comments ASC_SOP and ASC_SAT say."""
    triples = [_TRIPLE.findall(text) for text in edit.texts("ASC_SOP")]
    saturations = [float(text) for text in edit.texts("ASC_SAT") if _is_number(text)]
    found = next((t for t in triples if len(t) == 3 and all(_is_number(n) for each in t for n in each)), None)
    if found is None and not saturations:
        return {}
    slope, offset, power = (_floats(each) for each in found or (("1",) * 3, ("0",) * 3, ("1",) * 3))
    sop = {"slope": slope, "offset": offset, "power": power}
    return {"asc_sat": saturations[0] if saturations else 1.0, "asc_sop": sop}


def _floats(numbers: Sequence[str]) -> list[float]:
    return [float(number) for number in numbers]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?(\d{1,9}\.?\d{0,18}|\.\d{1,18})", text) is not None
