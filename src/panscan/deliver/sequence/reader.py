"""Reading a timeline as a row of clips and gaps.

What a format cannot store is collected as losses; what it would show wrongly is an error.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.deliver.artifact import Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import fit_scale
from panscan.deliver.sequence import losses as sequence_losses
from panscan.deliver.sequence.markers import Marker, markers_on_clip_clock, read_markers
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, trim_camera
from panscan.errors import InputError
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.time import snap_rate
from panscan.timeline.cut import (
    Cut,
    FramedClip,
    children_with_starts,
    clip_in_record_frames,
    framed_clip,
    is_framed,
    picture_track,
    read_cut,
)
from panscan.timeline.effect import NAMESPACE, plain_metadata
from panscan.timeline.layout import speed_of
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.transitions import Dissolve, HardCut, is_transition, label_of, split_dissolves

SyncKey = tuple[object, ...]  # equal for a picture and its own sound
SoundNames = list[tuple[str, str]]  # of a sound and of its track

_SYNC_DECIMALS = 4  # of seconds: finer than any frame, coarser than the rounding of times in OTIO files


def read_sequence(
    timeline: Any, *, folder: Path, capabilities: Capabilities | None = None, keys: KeyDensity = "sparse"
) -> ClipSequence:
    """Read a timeline's picture as a row of clips and gaps.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.
    capabilities : Capabilities
        What the format can store; the rest becomes losses.
    keys : "sparse" or "every-frame"
        The document's keys, or one on each frame of moving cameras.

    Raises
    ------
    DocumentError
        No clip is framed, or a framing is damaged.
    InputError
        A clip is retimed in a way that the format cannot store, refers to a web address, or shows frames that its
        media does not have; or no clip is left.
    """
    capabilities = capabilities or Capabilities()
    cut = read_cut(timeline, folder=folder)
    track = picture_track(timeline)
    reader = _Reader(cut, folder, capabilities, keys, _sounds(timeline))
    reader.losses += sequence_losses.timeline_losses(timeline, track, capabilities)
    for child, start_s in children_with_starts(track):
        reader.read_child(child, start_s)
    clip_items, dissolves = reader.finish()
    return ClipSequence(
        cut.name,
        cut.canvas,
        cut.rate,
        clip_items,
        distinct_losses(reader.losses),
        start_frame_of(timeline, cut.rate) if capabilities.start_timecode else 0,
        read_markers([*timeline.tracks.markers, *track.markers], cut.rate) if capabilities.markers else (),
        dissolves,
    )


class _Reader:
    """Reads the children of the picture's track, one after the other."""

    def __init__(
        self, cut: Cut, folder: Path, capabilities: Capabilities, keys: KeyDensity, sounds: dict[SyncKey, SoundNames]
    ) -> None:
        self.losses: list[Loss] = []
        self._cut, self._folder = cut, folder
        self._capabilities, self._keys = capabilities, keys
        self._sounds = sounds
        self._framed = iter(cut.clips)
        self._clip_items: list[ClipItem] = []
        self._transitions: list[tuple[Any, Fraction]] = []

    def read_child(self, child: Any, start_s: Fraction) -> None:
        """Take a clip, a transition or a gap that starts at a record time in seconds."""
        if is_transition(child):
            self._transitions.append((child, start_s))
        elif isinstance(child, otio.schema.Clip):
            self._read_clip(child, start_s)
        else:
            self.losses += sequence_losses.other_child_losses(child)

    def finish(self) -> tuple[tuple[ClipItem, ...], tuple[Dissolve, ...]]:
        """The clip items, with the handles that dissolves show, and these dissolves."""
        if not self._clip_items:
            raise InputError(
                f"nothing of timeline {self._cut.name!r} can be written",
                why="All its clips with a camera are retimed, which this format does not say.",
                fix="Deliver another format, or render the retimed clips to movies of their own and use those.",
            )
        self.losses += [
            Loss(f"the sound {name!r} of track {track_name}", "Only sound cut together with its picture is written.")
            for name, track_name in chain.from_iterable(self._sounds.values())
        ]
        row = _without_overlap(self._clip_items)
        dissolves, hard_cuts = self._split_dissolves(row)
        self.losses += [Loss(f"the transition {label_of(transition)!r}", why) for transition, why in hard_cuts]
        for dissolve in dissolves:
            after = dissolve.incoming_index
            row[after - 1] = replace(row[after - 1], tail_frames=dissolve.out_frames)
            row[after] = replace(row[after], head_frames=dissolve.in_frames)
        return tuple(row), tuple(dissolves)

    def _split_dissolves(self, row: list[ClipItem]) -> tuple[list[Dissolve], list[HardCut]]:
        """The dissolves of a row, and the transitions that become hard cuts: all of them if the format has none."""
        if not self._capabilities.transitions:
            return [], [(transition, "It becomes a hard cut.") for transition, _ in self._transitions]
        return split_dissolves(self._transitions, [item.clip for item in row], self._cut.rate)

    def _read_clip(self, child: Any, start_s: Fraction) -> None:
        capabilities = self._capabilities
        self.losses += sequence_losses.clip_losses(child, capabilities)
        if is_framed(child):
            clip: FramedClip | None = next(self._framed)
        else:
            clip = _fit_unframed_clip(child, start_s, self._cut, self._folder, self.losses)
        if clip is None:
            return
        own_sounds = self._sounds.pop(_sync_key(child, start_s), [])
        if clip.is_retimed and not capabilities.retimes and capabilities.retimed_clip_loss:
            self.losses.append(Loss(f"the retimed clip {clip.name!r}", capabilities.retimed_clip_loss))
            return
        sequence_losses.check_clip(child, clip, capabilities)
        clip = clip_in_record_frames(clip)
        cameras = [trim_camera(cell.camera, clip.first, clip.end - 1) for cell in clip.framing.cells]
        self.losses += sequence_losses.framing_losses(clip, cameras, capabilities)
        self.losses += sequence_losses.sound_losses(clip, len(own_sounds), capabilities)
        markers: tuple[Marker, ...] = ()
        if capabilities.markers:
            markers = markers_on_clip_clock(read_markers(child.markers, self._cut.rate), clip)
        has_sound = bool(own_sounds) and clip.speed != 0
        self._clip_items.append(
            ClipItem(clip, bool(child.enabled), has_sound, self._keys == "every-frame", markers),
        )


def _fit_unframed_clip(child: Any, start_s: Fraction, cut: Cut, folder: Path, losses: list[Loss]) -> FramedClip | None:
    """An unframed clip with its whole picture fitted in; None, a gap, where the size of its picture is unknown."""
    what = f"clip {child.name!r} has no camera"
    reference = child.media_reference
    facts = plain_metadata(reference.metadata[NAMESPACE]) if NAMESPACE in reference.metadata else {}
    if not (isinstance(reference, otio.schema.ExternalReference) and "size_px" in facts):
        losses.append(Loss(what, "Its media or the size of its picture is unknown, so its place stays empty."))
        return None
    losses.append(Loss(what, "Its whole picture is fitted into the canvas."))
    source = Size(*facts["size_px"])
    whole = Camera((0,), (fit_scale(source, cut.canvas),), (0.0,), (0.0,))
    fitted = Framing(cut.canvas, source, cut.rate, (Cell(0, 0, cut.canvas, whole),), layout="fit")
    return framed_clip(child, start_s, fitted, folder)


def start_frame_of(timeline: Any, rate: Fraction) -> int:
    """The timecode at which a timeline starts, in frames of `rate` since midnight."""
    start = timeline.global_start_time
    return 0 if start is None else round(Fraction(start.value) * rate / snap_rate(start.rate))


def _sounds(timeline: Any) -> dict[SyncKey, SoundNames]:
    """Names of all sounds and of their tracks."""
    found: dict[SyncKey, SoundNames] = {}
    for track in timeline.audio_tracks():
        for child, start_s in children_with_starts(track):
            if not (track.enabled and isinstance(child, otio.core.Composition | otio.schema.Clip) and child.enabled):
                continue
            key = _sync_key(child, start_s) if isinstance(child, otio.schema.Clip) else (id(child),)
            found.setdefault(key, []).append((child.name, track.name))
    return found


def _sync_key(child: Any, start_s: Fraction) -> SyncKey:
    """A key that is equal for a picture and its own sound: media, media range, record time in seconds, and speed."""
    used = child.trimmed_range()
    url = getattr(child.media_reference, "target_url", id(child))
    times = (exact_seconds(used.start_time), exact_seconds(used.duration), start_s, speed_of(child)[0])
    return (url, *(round(float(time), _SYNC_DECIMALS) for time in times))


def _without_overlap(clip_items: list[ClipItem]) -> list[ClipItem]:
    """Clip items in order; one whose start was rounded to the frame grid ends where the next one starts."""
    kept: list[ClipItem] = []
    for item, following in zip_longest(clip_items, clip_items[1:]):
        room = item.clip.frame_count if following is None else following.clip.record_frame - item.clip.record_frame
        if room < item.clip.frame_count:
            item = replace(item, clip=replace(item.clip, frame_count=room))
        kept.append(item)
    return kept
