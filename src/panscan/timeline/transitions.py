"""Transitions: finding them, their kind, the handles that they show, and what hinders a cross dissolve.

A transition lies at a cut between two items of a track and takes no time of its own. It shows the item before it for
`out_offset` longer and the item after it `in_offset` earlier; these extra parts are the handles of the two items.

OTIO names one kind, the dissolve. A fade is a dissolve with nothing on one side. Wipes and all other kinds are `CUSTOM`
and known by the name that the editor gave them.

Objects are known by their schema name, so nothing of OTIO is imported.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from panscan.model.time import round_half_up
from panscan.timeline.otio_time import exact_seconds

if TYPE_CHECKING:
    from panscan.timeline.cut import FramedClip

# `transition_type` as OTIO spells it.
DISSOLVE = "SMPTE_Dissolve"
CUSTOM = "Custom_Transition"

CROSS_DISSOLVE_ID = "4731E73A-8DAC-4113-9A30-AE85B1761265"  # Final Cut's effect, whatever its name in other languages

_HARD_CUT = "It becomes a hard cut"

# An OTIO transition, and why it cannot be a dissolve.
HardCut = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Dissolve:
    """A cross dissolve at a cut between two clips of a row.

    Attributes
    ----------
    incoming_index : int
        Index of the clip that it leads to.
    edit_frame : int
        Record frame of the cut.
    in_frames : int
        How long it lasts before the cut.
    out_frames : int
        How long it lasts after the cut.
    """

    incoming_index: int
    edit_frame: int
    in_frames: int
    out_frames: int

    @property
    def frame_count(self) -> int:
        """How long it lasts."""
        return self.in_frames + self.out_frames


def is_transition(item: Any) -> bool:
    """Whether an OTIO object is a transition."""
    return bool(item.schema_name() == "Transition")


def find_transitions(composition: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Each transition in a track or stack, the item before it and the item after it; None where there is no item."""
    children = list(composition)
    for before, child, after in zip([None, *children], children, [*children[1:], None], strict=False):
        if is_transition(child):
            yield child, before, after


def label_of(transition: Any) -> str:
    """What to call a transition in a message: its name, else its type."""
    return str(transition.name or transition.transition_type)


def names_a_dissolve(names: Iterable[str]) -> bool:
    """Whether one of the names and ids that an editor gives to a transition's effect is that of a dissolve."""
    return any("dissolve" in name.lower() or CROSS_DISSOLVE_ID in name for name in names)


def handles_s(children: Sequence[Any], number: int) -> tuple[Fraction, Fraction]:
    """Seconds of a child of a track that transitions show before its start and after its end."""
    before = children[number - 1] if number else None
    after = children[number + 1] if number + 1 < len(children) else None
    return (
        exact_seconds(before.in_offset) if before is not None and is_transition(before) else Fraction(0),
        exact_seconds(after.out_offset) if after is not None and is_transition(after) else Fraction(0),
    )


def split_dissolves(
    transitions: Iterable[tuple[Any, Fraction]], clips: Sequence[FramedClip], rate: Fraction
) -> tuple[list[Dissolve], list[HardCut]]:
    """The transitions that are cross dissolves between two clips, and those that can only be hard cuts.

    Parameters
    ----------
    transitions : iterable of (OTIO transition, Fraction)
        With the record time of their cut in seconds, in record order.
    clips : sequence of FramedClip
        The clips of the row in record order.
    rate : Fraction
        Record frames per second.
    """
    starts = [clip.record_frame for clip in clips]
    dissolves: list[Dissolve] = []
    hard_cuts: list[HardCut] = []
    for transition, cut_s in transitions:
        edit_frame = round_half_up(cut_s * rate)
        in_frames, out_frames = (
            round_half_up(exact_seconds(time) * rate) for time in (transition.in_offset, transition.out_offset)
        )
        dissolve = Dissolve(bisect_left(starts, edit_frame), edit_frame, in_frames, out_frames)
        why = _why_hard_cut(transition, dissolve, clips)
        if not why and dissolves and edit_frame - in_frames < dissolves[-1].edit_frame + dissolves[-1].out_frames:
            why = f"{_HARD_CUT}: it begins before the one before it ends."
        if why:
            hard_cuts.append((transition, why))
        else:
            dissolves.append(dissolve)
    return dissolves, hard_cuts


def _why_hard_cut(transition: Any, dissolve: Dissolve, clips: Sequence[FramedClip]) -> str:
    """Why a transition cannot be a dissolve between two clips; empty where it can."""
    number = dissolve.incoming_index
    if transition.transition_type != DISSOLVE:
        return f"{_HARD_CUT}: only cross dissolves are written."
    touching = 0 < number < len(clips) and clips[number].record_frame == dissolve.edit_frame
    if not touching or clips[number - 1].record_frame + clips[number - 1].frame_count != dissolve.edit_frame:
        return f"{_HARD_CUT}: it does not lie between two clips that touch."
    before, after = clips[number - 1], clips[number]
    if any(len(c.framing.cells) > 1 or c.framing.cells[0].size != c.framing.canvas for c in (before, after)):
        return f"{_HARD_CUT}: a split layout or an inset lies at it."
    if dissolve.frame_count < 1 or min(dissolve.in_frames, dissolve.out_frames) < 0:
        return "It has no length."
    if dissolve.in_frames > before.frame_count or dissolve.out_frames > after.frame_count:
        return f"{_HARD_CUT}: it is longer than the clip beside it."
    if not _has_media_frame(before, before.frame_count - 1 + dissolve.out_frames):
        return f"{_HARD_CUT}: the media before it ends too early."
    if not _has_media_frame(after, -dissolve.in_frames):
        return f"{_HARD_CUT}: the media after it starts too late."
    return ""


def _has_media_frame(clip: FramedClip, offset: int) -> bool:
    """Whether a clip's media has the frame that the clip would show `offset` frames after its start."""
    return clip.available_first <= clip.media_frame(offset) < clip.available_first + clip.available_count
