"""Dissolves in a row of clips: which transitions are mixed, and how much of either picture each frame shows.

Frame k of a dissolve of n frames shows k / n of the later picture and the rest of the earlier one, as MLT does: its
first frame is the earlier picture alone, and the frame after its last one the later. Where nothing lies on one side,
black is mixed with the other: a fade. A dip leads through a colour: the earlier picture goes out to it in the first
half, and the later one comes in from it in the second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from panscan.model.time import round_half_up
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.transitions import DISSOLVE, dip_colour, label_of

if TYPE_CHECKING:
    from panscan.timeline.cut import FramedClip

FadeSupport = Literal["none", "inside", "any"]  # which fades a format has

HARD_CUT = "It becomes a hard cut"


@dataclass(frozen=True, slots=True)
class CutTransition:
    """A transition at a cut of a row, in record frames.

    Attributes
    ----------
    name : str
        What to call it in a message.
    is_mixed : bool
        It is a dissolve, a fade or a dip; otherwise a wipe or another kind.
    colour : str
        That of a dip, "black" or "#rrggbb"; empty for other kinds.
    edit_frame : int
        Record frame of the cut.
    in_frames, out_frames : int
        How long it lasts before and after the cut.
    """

    name: str
    is_mixed: bool
    colour: str
    edit_frame: int
    in_frames: int
    out_frames: int

    @classmethod
    def of(cls, transition: Any, cut_s: Fraction, rate: Fraction) -> CutTransition:
        """An OTIO transition whose cut lies at a record time, counted at the rate of the cut."""
        colour = dip_colour(transition)
        in_frames, out_frames = (
            round_half_up(exact_seconds(time) * rate) for time in (transition.in_offset, transition.out_offset)
        )
        is_mixed = bool(colour) or transition.transition_type == DISSOLVE
        return cls(label_of(transition), is_mixed, colour, round_half_up(cut_s * rate), in_frames, out_frames)


@dataclass(frozen=True, slots=True)
class Dissolve:
    """A transition that is mixed: between two clips of a row, or from or to black.

    Attributes
    ----------
    outgoing, incoming : int, optional
        Index of the clip that it leads from, and of the one that it leads to; None: of nothing.
    edit_frame : int
        Record frame of the cut.
    in_frames, out_frames : int
        How long it lasts before and after the cut.
    colour : str
        What is seen instead of a clip that is None, and what a dip leads through: "black" or "#rrggbb".
    is_dip : bool
        It leads through the colour.
    """

    outgoing: int | None
    incoming: int | None
    edit_frame: int
    in_frames: int
    out_frames: int
    colour: str = "black"
    is_dip: bool = False

    @property
    def first(self) -> int:
        """Its first record frame."""
        return self.edit_frame - self.in_frames

    @property
    def end(self) -> int:
        """The record frame after its last one."""
        return self.edit_frame + self.out_frames

    @property
    def frame_count(self) -> int:
        """How long it lasts."""
        return self.in_frames + self.out_frames

    @property
    def is_cross(self) -> bool:
        """Whether it leads straight from one clip to another."""
        return self.outgoing is not None and self.incoming is not None and not self.is_dip

    def shares(self, frame: int) -> tuple[Fraction, Fraction]:
        """How much a record frame shows of the clip before and of the clip after; the rest is the colour."""
        done = Fraction(frame - self.first, self.frame_count)
        out, into = (1 - 2 * done, 2 * done - 1) if self.is_dip else (1 - done, done)
        return (
            max(out, Fraction(0)) if self.outgoing is not None else Fraction(0),
            max(into, Fraction(0)) if self.incoming is not None else Fraction(0),
        )


def split_dissolves(
    transitions: Iterable[CutTransition], clips: Sequence[FramedClip], length: int
) -> tuple[list[Dissolve], list[tuple[CutTransition, str]]]:
    """The transitions of a row that are mixed, and those that become hard cuts, with the reason.

    Parameters
    ----------
    transitions : iterable of CutTransition
        In record order.
    clips : sequence of FramedClip
        The clips of the row in record order.
    length : int
        How many frames the row lasts. A fade lasts no longer than the black beside it there.
    """
    starts = [clip.record_frame for clip in clips]
    dissolves: list[Dissolve] = []
    hard_cuts: list[tuple[CutTransition, str]] = []
    for transition in transitions:
        number = bisect_left(starts, transition.edit_frame)
        dissolve = _dissolve(transition, number, clips, length)
        why = _why_hard_cut(transition, dissolve, number, clips)
        if not why and dissolves and dissolve.first < dissolves[-1].end:
            why = f"{HARD_CUT}: it begins before the one before it ends."
        if why:
            hard_cuts.append((transition, why))
        else:
            dissolves.append(dissolve)
    return dissolves, hard_cuts


def _dissolve(transition: CutTransition, number: int, clips: Sequence[FramedClip], length: int) -> Dissolve:
    """What a transition joins at its cut; `number`: of the first clip that starts there or later."""
    edit = transition.edit_frame
    outgoing = number - 1 if number and clips[number - 1].record_end == edit else None
    incoming = number if number < len(clips) and clips[number].record_frame == edit else None
    is_dip = bool(transition.colour) and outgoing is not None and incoming is not None
    colour = transition.colour or "black"
    in_frames = min(transition.in_frames, edit) if outgoing is None else transition.in_frames
    out_frames = min(transition.out_frames, length - edit) if incoming is None else transition.out_frames
    return Dissolve(outgoing, incoming, edit, in_frames, out_frames, colour, is_dip)


def _why_hard_cut(transition: CutTransition, dissolve: Dissolve, number: int, clips: Sequence[FramedClip]) -> str:
    """Why a transition is not mixed; empty where it is. `number`: of the first clip that starts at its cut or later."""
    if not transition.is_mixed:
        return f"{HARD_CUT}: only dissolves, fades and dips are mixed."
    if dissolve.frame_count < 1 or min(dissolve.in_frames, dissolve.out_frames) < 0:
        return "It has no length."
    before = None if dissolve.outgoing is None else clips[dissolve.outgoing]
    after = None if dissolve.incoming is None else clips[dissolve.incoming]
    if before is None and after is None:
        return f"{HARD_CUT}: no picture begins or ends at it."
    # Beside the cut a fade needs black for as long as it lasts there.
    edit = dissolve.edit_frame
    room_before = before.frame_count if before else edit - clips[number - 1].record_end if number else edit
    room_after = after.frame_count if after else clips[number].record_frame - edit if number < len(clips) else None
    if dissolve.in_frames > room_before or (room_after is not None and dissolve.out_frames > room_after):
        return f"{HARD_CUT}: it is longer than the clip or the black beside it."
    return ""


def shown_ranges(clips: Sequence[FramedClip], dissolves: Iterable[Dissolve]) -> list[range]:
    """The record frames in which each clip is seen, with the handles that dissolves show."""
    begins = [clip.record_frame for clip in clips]
    # Times that are rounded to frames may make two clips overlap.
    ends = [min([clip.record_end, *begins[n + 1 : n + 2]]) for n, clip in enumerate(clips)]
    for dissolve in dissolves:
        if dissolve.outgoing is not None:
            ends[dissolve.outgoing] = dissolve.end
        if dissolve.incoming is not None:
            begins[dissolve.incoming] = dissolve.first
    return [range(max(begin, 0), end) for begin, end in zip(begins, ends, strict=True)]


def why_not_written(dissolve: Dissolve, clips: Sequence[FramedClip], *, crosses: bool, fades: FadeSupport) -> str:
    """Why no editor's file can hold a dissolve as it is mixed; empty where one can.

    Parameters
    ----------
    dissolve : Dissolve
    clips : sequence of FramedClip
        The clips of the row in record order.
    crosses : bool
        Whether the format has cross dissolves.
    fades : "none", "inside" or "any"
        Which fades from and to black it has.
    """
    sides = [clips[number] for number in (dissolve.outgoing, dissolve.incoming) if number is not None]
    if dissolve.is_dip or dissolve.colour != "black":
        return f"{HARD_CUT}: dips to a colour are not written."
    if dissolve.is_cross and not crosses:
        return f"{HARD_CUT}."
    if not dissolve.is_cross and fades == "none":
        return f"{HARD_CUT}: fades from and to black are not written."
    beside = dissolve.in_frames if dissolve.outgoing is None else dissolve.out_frames
    if not dissolve.is_cross and fades == "inside" and beside:
        return f"{HARD_CUT}: it begins before its clip, or ends after it."
    if any(len(c.framing.cells) > 1 or c.framing.cells[0].size != c.framing.canvas for c in sides):
        return f"{HARD_CUT}: a split layout or an inset lies at it."
    if short := short_of_handles(dissolve, clips):
        is_before = dissolve.outgoing is not None and short[0] is clips[dissolve.outgoing]
        return f"{HARD_CUT}: the media {'before it ends too early' if is_before else 'after it starts too late'}."
    return ""


def with_handles_of_stills(clips: Sequence[FramedClip], transitions: Sequence[CutTransition]) -> tuple[FramedClip, ...]:
    """The clips of a row; photos have the frames that transitions show before and after them, on their own clock."""
    found = []
    for clip in clips:
        head = max((t.in_frames for t in transitions if t.edit_frame == clip.record_frame), default=0)
        tail = max((t.out_frames for t in transitions if t.edit_frame == clip.record_end), default=0)
        if clip.facts.is_still and (head or tail):
            clip = replace(
                clip,
                framing=clip.framing.shifted(head),
                first=clip.first + head,
                available_count=head + clip.frame_count + tail,
            )
        found.append(clip)
    return tuple(found)


def short_of_handles(dissolve: Dissolve, clips: Sequence[FramedClip]) -> list[FramedClip]:
    """The clips at a dissolve whose media has not all frames that it shows."""
    found = []
    if dissolve.outgoing is not None:
        before = clips[dissolve.outgoing]
        if not _has_media_frame(before, before.frame_count - 1 + dissolve.out_frames):
            found.append(before)
    if dissolve.incoming is not None and not _has_media_frame(clips[dissolve.incoming], -dissolve.in_frames):
        found.append(clips[dissolve.incoming])
    return found


def _has_media_frame(clip: FramedClip, offset: int) -> bool:
    """Whether a clip's media has the frame that the clip would show `offset` frames after its start."""
    return clip.available_first <= clip.media_frame(offset) < clip.available_first + clip.available_count
