"""What is rendered: cuts that share their decoding, and their output pictures in order."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from panscan.model.time import round_half_up
from panscan.render.container.codecs import composed_format, encoder_for
from panscan.render.container.sound import PacketSource
from panscan.render.photo_reader import ClipReader, PhotoReader
from panscan.render.picture.compose import Compositor
from panscan.render.picture.corner_pin import CornerPin
from panscan.render.picture.picture_format import PictureFormat
from panscan.render.retimed import held_pictures
from panscan.render.settings import RenderSettings
from panscan.render.source import MediaReader
from panscan.timeline.cut import Cut, FramedClip
from panscan.timeline.dissolves import shown_ranges


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """What an output picture shows of one clip.

    Attributes
    ----------
    compositors : tuple of Compositor
        One per movie.
    media_frame : int
        Frame of the clip's clock at which cameras are sampled.
    frame : av.VideoFrame
        The decoded picture.
    share : float
        How much of it is seen: less than 1 in dissolves.
    """

    compositors: tuple[Compositor, ...]
    media_frame: int
    frame: Any
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class FrameJob:
    """One output picture.

    Attributes
    ----------
    pts, duration : int
        In ticks of the output.
    shown : tuple of ShownPicture
        What is mixed; none in a gap.
    colour : str
        What is seen where these leave something: "black" or "#rrggbb".
    """

    pts: int
    duration: int
    shown: tuple[ShownPicture, ...] = ()
    colour: str = "black"


@dataclass(slots=True)
class OutputMovie:
    """One movie that is being written.

    Attributes
    ----------
    cut : Cut
    container : av container
    stream : av stream
        Of the picture.
    packet_sources : list of PacketSource
        Sound and subtitles.
    sound : str
        "copied", "encoded" or "none".
    notes : list of str
        What is not as in the source.
    """

    cut: Cut
    container: Any
    stream: Any
    packet_sources: list[PacketSource] = field(default_factory=list)
    sound: str = "none"
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DecodePlan:
    """How one or several cuts that show the same pictures are decoded.

    Attributes
    ----------
    cuts : tuple of Cut
    first_reader : ClipReader
        Of the first media.
    keeps_source_clock : bool
        Timestamps are the source's; otherwise there is one picture per frame of the timeline.
    picture_count : int
        In all.
    time_base : Fraction
        Seconds per tick of the output's picture.
    fills_grid : bool
        There is one picture per frame of the source's grid, however long each stays.
    corner_pins : tuple of tuple of CornerPin
        Of each cut; empty if there are none.
    readers : list of ClipReader
        All that were opened.
    notes : list of str
        What was found while decoding.
    """

    cuts: tuple[Cut, ...]
    first_reader: ClipReader
    keeps_source_clock: bool
    picture_count: int
    time_base: Fraction
    fills_grid: bool
    corner_pins: tuple[tuple[CornerPin, ...], ...] = ()
    readers: list[ClipReader] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def changed_counts(self) -> Counter[str]:
        """By path of a media: decoded pictures whose size or colours were others than the first's."""
        return sum((Counter({str(r.path): r.changed_count}) for r in (self.first_reader, *self.readers)), Counter())

    @property
    def movie_reader(self) -> MediaReader:
        """Of the first media where it is a movie, as wherever its clock is kept."""
        assert isinstance(self.first_reader, MediaReader)
        return self.first_reader

    @property
    def picture_format(self) -> PictureFormat:
        """How pictures come to the compositors."""
        return self.first_reader.picture_format


def open_media(
    cut: Cut, clip: FramedClip, stack: ExitStack, settings: RenderSettings, fmt: str | None = None
) -> ClipReader:
    """The reader of a clip's media, closed with `stack`. `fmt`: pixel format; default: the nearest of the encoder's."""
    # Slow motion shows all pictures of a media with a higher rate.
    rate = clip.facts.rate if clip.is_retimed else cut.rate
    is_vfr = clip.facts.is_vfr or clip.facts.rate != rate
    encoder = encoder_for(settings)
    if clip.facts.is_still:
        return PhotoReader(clip.path, composed=lambda name: fmt or composed_format(name, encoder))
    reader = MediaReader(
        clip.path,
        rate,
        is_vfr=is_vfr,
        fields=clip.facts.fields,
        composed=lambda name: fmt or composed_format(name, encoder),
    )
    stack.callback(reader.close)
    return reader


def notes_on_changes(counts: Mapping[str, int]) -> list[str]:
    """A line for each media whose pictures do not all look like its first."""
    return [
        f"{count} pictures of {Path(path).name} have another size or other colours than its first: "
        "they were converted to those"
        for path, count in counts.items()
        if count
    ]


def keeps_source_clock(cut: Cut) -> bool:
    """Whether a cut keeps its only media's clock, sound and all."""
    return cut.is_whole and all(clip.speed == 1 for clip in cut.clips)


def shares_decoding(a: Cut, b: Cut) -> bool:
    """Whether two cuts show the same pictures of the same media at the same times."""
    times = [(cut.rate, cut.frame_count, keeps_source_clock(cut), cut.needs_every_frame) for cut in (a, b)]
    if times[0] != times[1]:
        return False
    if keeps_source_clock(a):
        return a.clips[0].path == b.clips[0].path
    return [_used(clip) for clip in a.clips] == [_used(clip) for clip in b.clips] and a.dissolves == b.dissolves


def _used(clip: FramedClip) -> tuple[Any, ...]:
    return (clip.path, clip.record_frame, clip.media_position(0), clip.frame_count, clip.speed)


def plan_decoding(cuts: Sequence[Cut], stack: ExitStack, settings: RenderSettings) -> DecodePlan:
    """Open the first media of cuts that share their decoding."""
    cut = cuts[0]
    first = open_media(cut, cut.clips[0], stack, settings)
    if not keeps_source_clock(cut) or isinstance(first, PhotoReader):
        return DecodePlan(tuple(cuts), first, False, cut.frame_count, 1 / cut.rate, False)
    frames = cut.clips[0].available_count
    is_longer = settings.cfr and (
        cut.clips[0].facts.is_vfr or frames > first.picture_count
    )  # its last picture may stay
    if is_longer or cut.needs_every_frame:
        return DecodePlan(tuple(cuts), first, True, frames, 1 / cut.rate, True)
    return DecodePlan(tuple(cuts), first, True, first.picture_count, first.time_base, False)


def frame_jobs(
    plan: DecodePlan, stack: ExitStack, settings: RenderSettings, span: tuple[int, int] | None = None
) -> Iterator[FrameJob]:
    """Output pictures in order; `span`: only those of record frames [first, end)."""
    if not plan.keeps_source_clock:
        return _conformed_jobs(plan, stack, settings, span or (0, plan.picture_count))
    return _grid_jobs(plan, span) if plan.fills_grid else _whole_jobs(plan, span)


def frame_span(plan: DecodePlan) -> int:
    """Record frames from the start to the end of what is rendered."""
    return plan.cuts[0].clips[0].available_count if plan.keeps_source_clock else plan.cuts[0].frame_count


def _compositor(
    plan: DecodePlan,
    cut_number: int,
    clip_number: int,
    picture_format: PictureFormat,
    handles: tuple[int, int] = (0, 0),
) -> Compositor:
    """The compositor of a clip; `handles`: frames before and after it in which dissolves show it, too."""
    clip = plan.cuts[cut_number].clips[clip_number]
    corner_pins = plan.corner_pins[cut_number] if plan.corner_pins else ()
    return Compositor(
        clip.framing,
        clip.first - handles[0],
        clip.frame_count + sum(handles),
        pixel_format=picture_format.pixel_format,
        coded=picture_format.coded,
        coded_format=picture_format.coded_format,
        quarter_turns=picture_format.quarter_turns,
        is_mirrored=picture_format.is_mirrored,
        matrix=picture_format.colour.matrix,
        colour_range=picture_format.colour.range,
        centred_chroma=picture_format.centred_chroma,
        corner_pins={
            pin.cell: np.pad(pin.matrices, (handles, (0, 0), (0, 0)), mode="edge")
            for pin in corner_pins
            if pin.clip == clip_number
        },
    )


class _WholeCutCompositors:
    """The compositors of whole cuts, by media frame."""

    def __init__(self, plan: DecodePlan) -> None:
        self._starts = [[clip.first for clip in cut.clips] for cut in plan.cuts]
        self._compositors = [
            [_compositor(plan, number, clip, plan.picture_format) for clip in range(len(cut.clips))]
            for number, cut in enumerate(plan.cuts)
        ]

    def at(self, frame: int) -> tuple[Compositor, ...]:
        """One compositor per cut."""
        return tuple(
            of_clips[max(0, bisect_right(starts, frame) - 1)]
            for starts, of_clips in zip(self._starts, self._compositors, strict=True)
        )


def _whole_jobs(plan: DecodePlan, span: tuple[int, int] | None) -> Iterator[FrameJob]:
    compositors, clip = _WholeCutCompositors(plan), plan.cuts[0].clips[0]
    times: list[int] = []
    origin = round(plan.movie_reader.origin_s / plan.time_base)
    for picture in plan.movie_reader.between(*span) if span else plan.movie_reader:
        times.append(picture.pts)
        frame = clip.available_first + picture.grid_frame
        shown = ShownPicture(compositors.at(frame), frame, picture.frame)
        yield FrameJob(picture.pts - origin, picture.duration, (shown,))
    if span is None or span[1] >= clip.available_count:
        plan.movie_reader.check_end(clip.available_count)
    note = plan.movie_reader.check_decoded(times) if span is None else None
    if note:
        plan.notes.append(note)


def _grid_jobs(plan: DecodePlan, span: tuple[int, int] | None) -> Iterator[FrameJob]:
    compositors, clip = _WholeCutCompositors(plan), plan.cuts[0].clips[0]
    grids = range(*(span or (0, clip.available_count)))
    reader = plan.movie_reader
    start = round_half_up((reader.first_pts * reader.time_base - reader.origin_s) * plan.cuts[0].rate)
    for grid, picture in zip(grids, reader.held(grids), strict=True):
        frame = clip.available_first + grid
        yield FrameJob(start + grid, 1, (ShownPicture(compositors.at(frame), frame, picture.frame),))


class _ClipFeeds:
    """The pictures of the clips of a conformed cut, each clip read on its own: dissolves show two at once."""

    def __init__(self, plan: DecodePlan, stack: ExitStack, settings: RenderSettings, end: int) -> None:
        """`end`: record frame at which the reading ends."""
        self._plan, self._stack, self._settings, self._end = plan, stack, settings, end
        self._cut = plan.cuts[0]
        self._dissolves = {
            frame: dissolve for dissolve in self._cut.dissolves for frame in range(dissolve.first, dissolve.end)
        }
        self._ranges = shown_ranges(self._cut.clips, self._cut.dissolves)
        self._lanes = [0] * len(self._ranges)
        for n, (before, after) in enumerate(pairwise(self._ranges), start=1):
            self._lanes[n] = 1 - self._lanes[n - 1] if after.start < before.stop else 0
        self._readers = {self._reader_key(0): plan.first_reader}
        self._feeds: dict[int, Iterator[ShownPicture]] = {}
        self._oldest = 0

    def job(self, at: int) -> FrameJob:
        """What a record frame shows; to be asked in rising order."""
        while self._oldest < len(self._ranges) and self._ranges[self._oldest].stop <= at:
            self._feeds.pop(self._oldest, None)
            self._oldest += 1
        dissolve = self._dissolves.get(at)
        shown = []
        for n in range(self._oldest, min(self._oldest + 2, len(self._ranges))):
            if at not in self._ranges[n]:
                continue
            feed = self._feeds.get(n) or self._feeds.setdefault(n, self._feed(n, at))
            share = 1.0 if dissolve is None else float(dissolve.shares(at)[dissolve.incoming == n])
            shown.append(replace(next(feed), share=share))
        colour = dissolve.colour if dissolve is not None else "black"
        return FrameJob(at, 1, tuple(picture for picture in shown if picture.share > 0), colour)

    def _feed(self, n: int, at: int) -> Iterator[ShownPicture]:
        """The pictures of a clip from a record frame on."""
        clip, here = self._cut.clips[n], self._ranges[n]
        handles = (max(clip.record_frame - here.start, 0), max(here.stop - clip.record_end, 0))
        reader = self._reader(n)
        numbers = range(len(self._plan.cuts))
        compositors = tuple(_compositor(self._plan, number, n, reader.picture_format, handles) for number in numbers)
        offsets = range(at - clip.record_frame, min(here.stop, self._end) - clip.record_frame)
        for offset, picture in zip(offsets, held_pictures(reader, clip, offsets), strict=True):
            yield ShownPicture(compositors, clip.first + offset, picture.frame)

    def _reader(self, n: int) -> ClipReader:
        key = self._reader_key(n)
        if key not in self._readers:
            fmt = self._plan.first_reader.picture_format.pixel_format
            self._readers[key] = open_media(self._cut, self._cut.clips[n], self._stack, self._settings, fmt)
            self._plan.readers.append(self._readers[key])
        return self._readers[key]

    def _reader_key(self, n: int) -> tuple[Path, bool, int]:
        """A key that is equal for clips that one reader can serve, one after the other."""
        clip = self._cut.clips[n]
        return clip.path, clip.is_retimed, self._lanes[n]


def _conformed_jobs(
    plan: DecodePlan, stack: ExitStack, settings: RenderSettings, span: tuple[int, int]
) -> Iterator[FrameJob]:
    feeds = _ClipFeeds(plan, stack, settings, span[1])
    return (feeds.job(at) for at in range(*span))
