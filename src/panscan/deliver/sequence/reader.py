"""Reading a timeline as a row of clips and gaps.

What a format cannot store is collected as losses; what it would show wrongly is an error.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.deliver.artifact import Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import fit_scale
from panscan.deliver.sequence import losses as sequence_losses
from panscan.deliver.sequence.markers import Marker, markers_on_clip_clock, read_markers
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, trim_camera
from panscan.deliver.sequence.sound_losses import storable
from panscan.deliver.sequence.sounds import SoundTrack, sound_media, sound_tracks
from panscan.deliver.sequence.synced import OwnSound, PictureTimes, SyncedSounds, agreed
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
from panscan.timeline.dissolves import HARD_CUT, CutTransition, Dissolve, split_dissolves, why_not_written
from panscan.timeline.effect import NAMESPACE, plain_metadata
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.transitions import is_transition


def read_sequence(
    timeline: Any, *, folder: Path, capabilities: Capabilities | None = None, keys: KeyDensity = "sparse"
) -> ClipSequence:
    """Read a timeline's picture as a row of clips and gaps, and its sound as tracks.

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
        No clip is left: each is retimed in a way that the format cannot store, refers to a web address, or shows
        frames that its media does not have. Single ones are losses.
    """
    capabilities = capabilities or Capabilities()
    cut = read_cut(timeline, folder=folder)
    track = picture_track(timeline)
    reader = _Reader(cut, folder, capabilities, keys)
    reader.losses += sequence_losses.timeline_losses(timeline, track, capabilities)
    for child, start_s in children_with_starts(track):
        reader.read_child(child, start_s)
    clip_items, dissolves, sounding = reader.finish()
    tracks, sound_losses = storable(reader.other_sounds(timeline, clip_items), capabilities, cut.rate)
    reader.losses += sound_losses
    length = max(cut.frame_count, clip_items[-1].clip.record_end)
    if not capabilities.black_end and length > (reached := _reached_frame(clip_items, tracks, cut.rate)):
        what = f"the last {float((length - reached) / cut.rate):.2f} s, which are black"
        reader.losses.append(Loss(what, "The written timeline ends with its last clip."))
        length = reached
    return ClipSequence(
        cut.name,
        cut.canvas,
        cut.rate,
        length,
        clip_items,
        distinct_losses(reader.losses),
        start_frame_of(timeline, cut.rate) if capabilities.start_timecode else 0,
        read_markers([*timeline.tracks.markers, *track.markers], cut.rate) if capabilities.markers else (),
        dissolves,
        sounding,
        tracks,
    )


class _Reader:
    """Reads the children of the picture's track, one after the other."""

    def __init__(self, cut: Cut, folder: Path, capabilities: Capabilities, keys: KeyDensity) -> None:
        self.losses: list[Loss] = []
        self._cut, self._folder = cut, folder
        self._capabilities, self._keys = capabilities, keys
        self._sounds = SyncedSounds(cut.sounds)
        self._framed = iter(cut.clips)
        self._clip_items: list[ClipItem] = []
        self._pictures: list[PictureTimes] = []  # of the clip items
        self._transitions: list[CutTransition] = []
        self._refused: InputError | None = None

    def read_child(self, child: Any, start_s: Fraction) -> None:
        """Take a clip, a transition or a gap that starts at a record time in seconds."""
        if is_transition(child):
            self._transitions.append(CutTransition.of(child, start_s, self._cut.rate))
        elif isinstance(child, otio.schema.Clip):
            self._read_clip(child, start_s)
        else:
            self.losses += sequence_losses.other_child_losses(child)

    def finish(self) -> tuple[tuple[ClipItem, ...], tuple[Dissolve, ...], frozenset[int]]:
        """The clip items, with the handles that dissolves show, these dissolves, and those in which sound crosses."""
        if not self._clip_items and self._refused is not None:
            raise self._refused
        if not self._clip_items:
            raise InputError(
                f"nothing of timeline {self._cut.name!r} can be written",
                why="All its clips with a camera are retimed, which this format does not say.",
                fix="Deliver another format, or render the retimed clips to movies of their own and use those.",
            )
        row = _without_overlap(self._clip_items)
        dissolves, hard_cuts = self._split_dissolves(row)
        self.losses += [Loss(f"the transition {transition.name!r}", why) for transition, why in hard_cuts]
        own = self._own_sounds(dissolves)
        row = [replace(item, has_sound=bool(sound.sounds)) for item, sound in zip(row, own, strict=True)]
        for dissolve in dissolves:
            faded = 0 if dissolve.is_cross else dissolve.frame_count
            if (n := dissolve.outgoing) is not None:
                row[n] = replace(row[n], tail_frames=dissolve.out_frames, fade_out_frames=faded)
            if (n := dissolve.incoming) is not None:
                row[n] = replace(row[n], head_frames=dissolve.in_frames, fade_in_frames=faded)
        return tuple(row), tuple(dissolves), frozenset(n for n, sound in enumerate(own) if sound.crosses_in)

    def other_sounds(self, timeline: Any, clip_items: Iterable[ClipItem]) -> list[SoundTrack]:
        """The sounds that no clip item brings, in tracks."""
        rest = self._sounds.rest
        media = sound_media(timeline, self._folder, [item.clip for item in clip_items], rest)
        return sound_tracks(rest, media, len(timeline.audio_tracks()))

    def _own_sounds(self, dissolves: list[Dissolve]) -> list[OwnSound]:
        """The sound that each clip item brings."""
        shape = self._capabilities.sound_dissolves
        into = {d.incoming: d for d in dissolves if d.is_cross and shape}
        found = [self._sounds.find(p, into.get(n), into.get(n + 1), shape) for n, p in enumerate(self._pictures)]
        features = self._capabilities.sound_tracks or frozenset()
        for n, (own, picture) in enumerate(zip(found, self._pictures, strict=True)):
            # A clip brings all streams of its media. Where tracks can hold some of them, those are written instead.
            if "streams" in features and own.streams < set(range(len(picture.clip.facts.audio))):
                found[n] = OwnSound()
            # Sound that a format cannot retime is listed with the other sounds.
            if self._capabilities.sound_tracks is not None and picture.clip.is_retimed and "speed" not in features:
                found[n] = OwnSound()
        found = agreed(found, dissolves)
        for own, picture in zip(found, self._pictures, strict=True):
            self._sounds.take(own)
            self.losses += sequence_losses.sound_losses(picture.clip, len(own.streams), self._capabilities)
        return found

    def _split_dissolves(self, row: list[ClipItem]) -> tuple[list[Dissolve], list[tuple[CutTransition, str]]]:
        """The dissolves that the format can hold, and the transitions that become hard cuts."""
        crosses, fades = self._capabilities.transitions, self._capabilities.fades
        if not crosses and fades == "none":
            return [], [(transition, f"{HARD_CUT}.") for transition in self._transitions]
        clips = [item.clip for item in row]
        mixed, hard_cuts = split_dissolves(self._transitions, clips, self._cut.frame_count)
        named = {transition.edit_frame: transition for transition in self._transitions}
        why = [why_not_written(dissolve, clips, crosses=crosses, fades=fades) for dissolve in mixed]
        hard_cuts += [(named[dissolve.edit_frame], w) for dissolve, w in zip(mixed, why, strict=True) if w]
        return [dissolve for dissolve, w in zip(mixed, why, strict=True) if not w], hard_cuts

    def _read_clip(self, child: Any, start_s: Fraction) -> None:
        capabilities = self._capabilities
        self.losses += sequence_losses.clip_losses(child, capabilities)
        if is_framed(child):
            clip: FramedClip | None = next(self._framed)
        else:
            clip = _fit_unframed_clip(child, start_s, self._cut, self._folder, self.losses)
        if clip is None:
            return
        picture = _picture_times(child, start_s, clip)
        if clip.is_retimed and not capabilities.retimes and capabilities.retimed_clip_loss:
            self.losses.append(Loss(f"the retimed clip {clip.name!r}", capabilities.retimed_clip_loss))
            self._sounds.take(self._sounds.find(picture))
            return
        try:
            sequence_losses.check_clip(child, clip, capabilities)
        except InputError as error:  # one clip never refuses a cut
            self._refused = self._refused or error
            self.losses.append(Loss(error.what, f"{error.why} Its place stays empty.", is_left_out=True))
            return
        clip = clip_in_record_frames(clip)
        cameras = [trim_camera(cell.camera, clip.first, clip.end - 1) for cell in clip.framing.cells]
        self.losses += sequence_losses.framing_losses(clip, cameras, capabilities)
        self.losses += sequence_losses.still_losses(clip, capabilities)
        clip = replace(clip, framing=sequence_losses.with_plain_background(clip.framing, capabilities))
        markers: tuple[Marker, ...] = ()
        if capabilities.markers:
            markers = markers_on_clip_clock(_markers_of_clip(child, clip), clip)
        self._pictures.append(picture)
        self._clip_items.append(
            ClipItem(clip, bool(child.enabled), has_dense_keys=self._keys == "every-frame", markers=markers)
        )


def _markers_of_clip(child: Any, clip: FramedClip) -> tuple[Marker, ...]:
    """The markers of a clip; the clock of a photo may begin earlier than its clip says, where a dissolve shows it."""
    found, rate = read_markers(child.markers, clip.framing.rate), clip.framing.rate
    if not clip.facts.is_still:
        return found
    earlier = clip.first - round(exact_seconds(child.trimmed_range().start_time) * rate)
    return tuple(replace(marker, frame=marker.frame + earlier) for marker in found)


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


def _reached_frame(clip_items: Sequence[ClipItem], tracks: Iterable[SoundTrack], rate: Fraction) -> int:
    """The record frame at which the last picture or sound of a format ends that has no black after it."""
    ends_s = [item.sound.end_s for track in tracks for item in track.items]
    return max(clip_items[-1].clip.record_end, math.floor(max(ends_s, default=Fraction(0)) * rate))


def start_frame_of(timeline: Any, rate: Fraction) -> int:
    """The timecode at which a timeline starts, in frames of `rate` since midnight."""
    start = timeline.global_start_time
    return 0 if start is None else round(Fraction(start.value) * rate / snap_rate(start.rate))


def _picture_times(child: Any, start_s: Fraction, clip: FramedClip) -> PictureTimes:
    used, available = child.trimmed_range(), child.media_reference.available_range
    first_s = Fraction(0) if available is None else exact_seconds(available.start_time)
    end_s = start_s + exact_seconds(used.duration)
    return PictureTimes(clip, start_s, end_s, exact_seconds(used.start_time) - first_s)


def _without_overlap(clip_items: list[ClipItem]) -> list[ClipItem]:
    """Clip items in order; one whose start was rounded to the frame grid ends where the next one starts."""
    kept: list[ClipItem] = []
    for item, following in zip_longest(clip_items, clip_items[1:]):
        room = item.clip.frame_count if following is None else following.clip.record_frame - item.clip.record_frame
        if room < item.clip.frame_count:
            item = replace(item, clip=replace(item.clip, frame_count=room))
        kept.append(item)
    return kept
