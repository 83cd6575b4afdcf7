"""The framed clips of an OTIO timeline, as deliveries, renderer and verifier read them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import DocumentError
from panscan.model.framing import Framing
from panscan.model.geometry import Size
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES, round_half_up
from panscan.timeline.dissolves import CutTransition, Dissolve, split_dissolves, with_handles_of_stills
from panscan.timeline.effect import EFFECT_NAME, NAMESPACE, framing_of
from panscan.timeline.facts import MediaFacts, facts_of
from panscan.timeline.layout import length_frames, speed_of
from panscan.timeline.otio_time import MAX_DENOMINATOR, exact_rate, exact_seconds
from panscan.timeline.paths import media_path
from panscan.timeline.retiming import camera_in_record_frames, first_on_grid, picture_position, rounded_down
from panscan.timeline.sound import SoundClip, read_sounds
from panscan.timeline.transitions import is_transition


@dataclass(frozen=True, slots=True)
class FramedClip:
    """One clip of the cut with its camera. Frames count at the framing's rate.

    Attributes
    ----------
    name : str
        The clip's name in the timeline.
    path : Path
        Its media file.
    record_frame : int
        Where it starts in the timeline.
    first : int
        The media frame that it shows first, on the source clock.
    frame_count : int
        How long it lasts in the record.
    available_first, available_count : int
        The whole media, on the source clock.
    facts : MediaFacts
        What is known of its media.
    framing : Framing
        Its cells and their cameras.
    speed : Fraction
        Media frames per record frame; 0 for a freeze frame, negative for backwards.
    is_ramped : bool
        The speed changes on the way, and `speed` does not say how.
    enabled : bool
        It is not switched off.
    exact_first : Fraction, optional
        Where a retimed clip starts, perhaps between two media frames; None: at `first`.
    """

    name: str
    path: Path
    record_frame: int
    first: int
    frame_count: int
    available_first: int
    available_count: int
    facts: MediaFacts
    framing: Framing
    speed: Fraction = Fraction(1)
    is_ramped: bool = False
    enabled: bool = True
    exact_first: Fraction | None = None

    @property
    def end(self) -> int:
        """Media frame after the last one that it shows, at normal speed."""
        return self.first + self.frame_count

    @property
    def record_end(self) -> int:
        """Record frame after the last one in which it lies."""
        return self.record_frame + self.frame_count

    @property
    def is_retimed(self) -> bool:
        """Whether it is not played at normal speed."""
        return self.speed != 1 or self.is_ramped

    def media_position(self, record_offset: int) -> Fraction:
        """The same as `media_frame`, not rounded."""
        start = Fraction(self.first) if self.exact_first is None else self.exact_first
        return start + record_offset * self.speed

    def media_frame(self, record_offset: int) -> int:
        """Media frame on the source clock that the clip shows `record_offset` frames after its start."""
        return math.floor(self.media_position(record_offset) + BOUNDARY_TOLERANCE_FRAMES)

    def media_frames(self) -> list[int]:
        """`media_frame` of all of its frames."""
        start = self.media_position(0) + BOUNDARY_TOLERANCE_FRAMES
        return rounded_down(start, self.speed, range(self.frame_count))

    def source_picture_number(self, record_offset: int) -> int:
        """Number, from 0, of the picture of its media that the clip shows there, counted at the media's own rate.

        Slow motion shows every picture of a media with a higher rate.
        """
        return self.source_picture_numbers((record_offset,))[0]

    def source_picture_numbers(self, record_offsets: Iterable[int]) -> list[int]:
        """The same for many frames."""
        rates = self.facts.rate / self.framing.rate
        start = picture_position(self.media_position(0) - self.available_first, rates, is_retimed=self.is_retimed)
        return rounded_down(start, self.speed * rates, record_offsets)

    @property
    def shows_missing_frames(self) -> bool:
        """Whether it shows frames that its media, as the timeline states it, does not have."""
        shown = (self.media_frame(0), self.media_frame(self.frame_count - 1))
        # Media of another rate may end inside a frame of the cut, which shows its last picture.
        end = self.available_first + self.available_count + (self.facts.rate != self.framing.rate)
        return self.frame_count < 1 or min(shown) < self.available_first or max(shown) >= end

    @property
    def frames_are_pictures(self) -> bool:
        """Whether its frames on the clock of its media are the pictures of the file, one by one."""
        return not self.is_retimed and self.facts.rate == self.framing.rate


@dataclass(frozen=True, slots=True)
class Cut:
    """The picture of a timeline as deliveries, renderer and verifier read it.

    Attributes
    ----------
    name : str
        Name of the timeline.
    canvas : Size
        Size of the output in px.
    rate : Fraction
        Record frames per second.
    clips : tuple of FramedClip
        In record order.
    unframed : tuple of str
        Names of the clips without a camera.
    frame_count : int
        Frames from the start of the timeline to the end of its longest enabled track.
    sounds : tuple of SoundClip
        What is heard, by track.
    transitions : tuple of CutTransition
        Those of the row of clips, in record order; `dissolves` are what is seen of them.
    """

    name: str
    canvas: Size
    rate: Fraction
    clips: tuple[FramedClip, ...]
    unframed: tuple[str, ...]
    frame_count: int
    sounds: tuple[SoundClip, ...] = ()
    transitions: tuple[CutTransition, ...] = ()

    @property
    def dissolves(self) -> tuple[Dissolve, ...]:
        """The transitions that are mixed, in record order; the others are hard cuts."""
        return tuple(split_dissolves(self.transitions, self.clips, self.frame_count)[0])

    @property
    def hard_cuts(self) -> list[tuple[CutTransition, str]]:
        """The transitions that become hard cuts, each with the reason."""
        return split_dissolves(self.transitions, self.clips, self.frame_count)[1]

    @property
    def black_end(self) -> int:
        """Frames after the last clip in which no picture is seen: a title, a gap or the end of the sound lies there."""
        return self.frame_count - max(clip.record_end for clip in self.clips)

    @property
    def is_whole(self) -> bool:
        """Whether it shows one movie from its first to its last frame, in order, without gaps, and nothing else."""
        first, last = self.clips[0], self.clips[-1]
        offset = first.first - first.record_frame
        return (
            not (self.unframed or first.facts.is_still)
            and not any(clip.is_retimed for clip in self.clips)
            and first.record_frame == 0
            and first.first == first.available_first
            and last.end == first.available_first + first.available_count
            and not (self.black_end or self.dissolves)
            and all(clip.path == first.path and clip.first - clip.record_frame == offset for clip in self.clips)
            and all(a.end == b.first for a, b in pairwise(self.clips))
        )

    @property
    def needs_every_frame(self) -> bool:
        """Whether a movie of it has one picture per frame although the rate of its media is variable.

        Recorders leave out pictures in which nothing changes, and a planned camera moves just then.
        """
        return any(
            clip.facts.is_vfr and any(cell.rests and not cell.camera.is_static for cell in clip.framing.cells)
            for clip in self.clips
        )

    @property
    def has_whole_sound(self) -> bool:
        """Whether what is heard is all sound of the one media that `is_whole`, untouched and in time."""
        first = self.clips[0]
        length_s = self.frame_count / self.rate
        heard_s: dict[int, Fraction] = dict.fromkeys(range(len(first.facts.audio)), Fraction(0))
        for sound in self.sounds:
            in_time = sound.media_s == sound.start_s == heard_s.get(sound.stream)
            # Streams that an editor put into several tracks are heard together, not side by side.
            is_alone = sound.output == sound.stream
            if not (sound.is_plain and in_time and is_alone and sound.path == first.path):
                return False
            heard_s[sound.stream] = sound.end_s
        return all(end_s == length_s for end_s in heard_s.values())


def read_cut(timeline: Any, *, folder: Path) -> Cut:
    """The framed clips of a timeline's top video track, in record order.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start: the folder of the .otio file.

    Raises
    ------
    DocumentError
        No clip is framed, or the framings disagree about canvas or rate.
    InputError
        A time in the timeline cannot be understood.
    """
    clips: list[FramedClip] = []
    unframed: list[str] = []
    transitions: list[tuple[Any, Fraction]] = []
    track = picture_track(timeline)
    for child, start_s in children_with_starts(track):
        if is_transition(child):
            transitions.append((child, start_s))
        if not isinstance(child, otio.schema.Clip):
            continue
        framing = framing_of(child) if is_framed(child) else None
        if framing is None:
            unframed.append(child.name)
            continue
        clips.append(framed_clip(child, start_s, framing, folder))
    if not clips:
        raise DocumentError(
            f"timeline {timeline.name!r} carries no camera",
            why="No clip of its top video track has a Reframe effect with panscan metadata.",
            fix="Run `panscan reframe` first and give the .otio file that it writes.",
        )
    canvases = {(clip.framing.canvas, clip.framing.rate) for clip in clips}
    if len(canvases) > 1:
        raise DocumentError(
            f"the clips of {timeline.name!r} disagree about the canvas",
            why="Found " + " and ".join(sorted(f"{canvas} at {rate} fps" for canvas, rate in canvases)) + ".",
            fix="Reframe all clips to one ratio and rate.",
        )
    canvas, rate = canvases.pop()
    length = max(length_frames(timeline, rate), *(clip.record_end for clip in clips))
    sounds = read_sounds(timeline, folder=folder)
    mixes = tuple(CutTransition.of(transition, cut_s, rate) for transition, cut_s in transitions)
    row = with_handles_of_stills(clips, mixes)
    return Cut(timeline.name, canvas, rate, row, tuple(unframed), length, sounds, mixes)


def picture_track(timeline: Any) -> Any:
    """The video track whose clips are read: the topmost enabled one with a framing, else the topmost enabled one.

    Raises
    ------
    DocumentError
        No video track is enabled.
    """
    tracks = [t for t in timeline.video_tracks() if t.enabled]
    framed = [t for t in tracks if any(framing_of(c) for c in t if isinstance(c, otio.schema.Clip))]
    if not (framed or tracks):
        raise DocumentError(
            f"timeline {timeline.name!r} has no video track",
            why="There is no picture to show.",
            fix="Give the .otio file that `panscan reframe` wrote.",
        )
    return (framed or tracks)[-1]


def children_with_starts(track: Any) -> Iterator[tuple[Any, Fraction]]:
    """The children of a track, each with the record time in seconds at which it starts.

    OTIO's own range_of_child adds up the whole row for every child, and in floating point.
    """
    start_s = Fraction(0)
    for child in track:
        yield child, start_s
        if not is_transition(child):
            start_s += exact_seconds(child.duration())


def is_framed(clip: Any) -> bool:
    """Whether `read_cut` returns this OTIO clip: it has external media and a framing."""
    has_media = isinstance(clip.media_reference, otio.schema.ExternalReference)
    return has_media and any(e.effect_name == EFFECT_NAME and NAMESPACE in e.metadata for e in clip.effects)


def framed_clip(clip: Any, start_s: Fraction, framing: Framing, folder: Path) -> FramedClip:
    """An OTIO clip with external media that starts at record time `start_s`; frames count at its framing's rate."""
    rate = framing.rate
    used = clip.trimmed_range()
    reference = clip.media_reference
    facts = facts_of(reference, framing)
    available = used if facts.is_still else reference.available_range or used  # a photo stands as long as is asked for
    speed, is_ramped = (Fraction(1), False) if facts.is_still and _is_static(framing) else speed_of(clip)
    start, zero = _exact_frames(used.start_time, rate), _exact_frames(available.start_time, rate)
    if speed == 1 and facts.rate == rate:
        first = round_half_up(start)
    else:
        start += round_half_up(zero) - zero  # the grid of the cut starts with the media
        first = math.floor(start + BOUNDARY_TOLERANCE_FRAMES) if speed != 1 else first_on_grid(start)
    return FramedClip(
        name=clip.name,
        path=media_path(reference.target_url, folder),
        record_frame=round_half_up(start_s * rate),
        first=first,
        frame_count=_frames(used.duration, rate),
        available_first=round_half_up(zero),
        available_count=_frames(available.duration, rate),
        facts=facts,
        framing=framing,
        speed=speed,
        is_ramped=is_ramped,
        enabled=bool(clip.enabled),
        exact_first=None if speed == 1 else start,
    )


def _is_static(framing: Framing) -> bool:
    return all(cell.camera.is_static for cell in framing.cells)


def clip_in_record_frames(clip: FramedClip) -> FramedClip:
    """The clip with cameras that are keyed in record frames, the first of which is called `first`.

    A clip at normal speed is so already. The pictures that the clip shows stay the same. Not to be applied twice.
    """
    if clip.speed == 1 or clip.is_ramped:
        return clip
    start = clip.media_position(0)
    cells = tuple(
        replace(cell, camera=camera_in_record_frames(cell.camera, start, clip.speed, clip.first), rests=())
        for cell in clip.framing.cells
    )
    return replace(clip, framing=replace(clip.framing, cells=cells))


def _frames(time: Any, rate: Fraction) -> int:
    return round_half_up(_exact_frames(time, rate))


def _exact_frames(time: Any, rate: Fraction) -> Fraction:
    own_rate = exact_rate(time.rate)
    value = Fraction(time.value).limit_denominator(MAX_DENOMINATOR)
    return value if own_rate == rate else value * rate / own_rate
