"""Markers and dissolves of a row of clips, counted in frames."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

import opentimelineio as otio

from panscan.deliver.artifact import Capabilities, Loss
from panscan.timeline.cut import FramedClip
from panscan.timeline.layout import exact_seconds


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker: its first frame, how many it covers (at least 1), its name, comment, and OTIO's name of its colour."""

    frame: int
    frame_count: int
    name: str
    note: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Dissolve:
    """A cross dissolve at a cut.

    after: number of the piece that it leads to; cut_frame: record frame of the cut; in_frames, out_frames: how long it
    lasts before and after the cut.
    """

    after: int
    edit_frame: int
    in_frames: int
    out_frames: int

    @property
    def frame_count(self) -> int:
        """How long it lasts."""
        return self.in_frames + self.out_frames


class HasFramedClip(Protocol):
    """A piece of the row, as far as it matters here."""

    @property
    def clip(self) -> FramedClip:
        """Its clip."""


def read_markers(markers: Iterable[Any], rate: Fraction) -> tuple[Marker, ...]:
    """OTIO markers in order of time, on the clock that their ranges count on."""
    found = []
    for marker in markers:
        first = _frames(marker.marked_range.start_time, rate)
        count = max(_frames(marker.marked_range.duration, rate), 1)
        found.append(Marker(first, count, marker.name, getattr(marker, "comment", "") or "", marker.color or ""))
    return tuple(sorted(found, key=lambda mark: (mark.frame, mark.name)))


def markers_on_clip_clock(found: Iterable[Marker], clip: FramedClip) -> tuple[Marker, ...]:
    """Markers on the clock of a clip's media, on the clip's own clock; those of a freeze frame lie at its start."""
    if clip.speed == 1:
        return tuple(found)
    placed = []
    for mark in found:
        offset, count = Fraction(0), Fraction(1)
        if clip.speed:
            offset = (mark.frame - clip.media_position(0)) / clip.speed
            count = mark.frame_count / abs(clip.speed)
        placed.append(replace(mark, frame=clip.first + _rounded(offset), frame_count=max(_rounded(count), 1)))
    return tuple(sorted(placed, key=lambda mark: (mark.frame, mark.name)))


def read_dissolves(
    transitions: Iterable[tuple[Any, Fraction]],
    clip_items: Sequence[HasFramedClip],
    rate: Fraction,
    capabilities: Capabilities,
    losses: list[Loss],
) -> list[Dissolve]:
    """The transitions (OTIO transition, record time of its cut in seconds) that are dissolves between two pieces.

    What is none, or what the format cannot say, becomes a hard cut and a loss.
    """
    starts = [piece.clip.record_frame for piece in clip_items]
    found: list[Dissolve] = []
    for transition, cut_s in transitions:
        cut = _rounded(cut_s * rate)
        dissolve = Dissolve(
            bisect_left(starts, cut), cut, _frames(transition.in_offset, rate), _frames(transition.out_offset, rate)
        )
        why = (
            "It becomes a hard cut."
            if not capabilities.transitions
            else _why_hard_cut(transition, dissolve, clip_items)
        )
        if not why and found and dissolve.edit_frame - dissolve.in_frames < found[-1].edit_frame + found[-1].out_frames:
            why = "It becomes a hard cut: it begins before the one before it ends."
        if why:
            losses.append(Loss(f"the transition {transition.name or transition.transition_type!r}", why))
        else:
            found.append(dissolve)
    return found


def _why_hard_cut(transition: Any, dissolve: Dissolve, row: Sequence[HasFramedClip]) -> str:
    """Why a transition cannot be a dissolve between two pieces; empty where it can."""
    number = dissolve.after
    if transition.transition_type != otio.schema.TransitionTypes.SMPTE_Dissolve:
        return "It becomes a hard cut: only cross dissolves are written."
    touching = 0 < number < len(row) and row[number].clip.record_frame == dissolve.edit_frame
    if not touching or row[number - 1].clip.record_frame + row[number - 1].clip.frame_count != dissolve.edit_frame:
        return "It becomes a hard cut: it does not lie between two clips that touch."
    before, after = row[number - 1].clip, row[number].clip
    if any(len(c.framing.cells) > 1 or c.framing.cells[0].size != c.framing.canvas for c in (before, after)):
        return "It becomes a hard cut: a split layout or an inset lies at it."
    if dissolve.frame_count < 1 or min(dissolve.in_frames, dissolve.out_frames) < 0:
        return "It has no length."
    if dissolve.in_frames > before.frame_count or dissolve.out_frames > after.frame_count:
        return "It becomes a hard cut: it is longer than the clip beside it."
    if not _has(before, before.frame_count - 1 + dissolve.out_frames):
        return "It becomes a hard cut: the media before it ends too early."
    if not _has(after, -dissolve.in_frames):
        return "It becomes a hard cut: the media after it starts too late."
    return ""


def _has(clip: FramedClip, offset: int) -> bool:
    """Whether a clip's media has the frame that it would show so many frames after its start."""
    return clip.available_first <= clip.media_frame(offset) < clip.available_first + clip.available_count


def _frames(time: Any, rate: Fraction) -> int:
    return _rounded(exact_seconds(time) * rate)


def _rounded(frames: Fraction) -> int:
    return (2 * frames.numerator + frames.denominator) // (2 * frames.denominator)
