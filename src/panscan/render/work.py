"""What the two kinds of timeline need: pictures in output order, their clock, and tracks beside them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from panscan.document.timeline import Cut, FramedClip
from panscan.render import mux
from panscan.render.compose import Compositor
from panscan.render.mux import Settings
from panscan.render.sound import RATE_HZ, CopiedTracks, CutTrack, Span, Track
from panscan.render.source import Look, MediaReader


@dataclass(frozen=True, slots=True)
class Job:
    """One output picture: timestamp and duration in output ticks; no `frame` in a gap."""

    pts: int
    duration: int
    compositor: Compositor | None = None
    media_frame: int = 0
    frame: Any = None


@dataclass(slots=True)
class Work:
    """What one kind of timeline needs: a stream of jobs, their number and clock, and tracks beside the picture."""

    jobs: Iterator[Job]
    total: int
    time_base: Fraction
    tracks: list[Track] = field(default_factory=list)
    sound: str = "none"
    notes: list[str] = field(default_factory=list)


def open_media(cut: Cut, clip: FramedClip, stack: ExitStack, pixel_format: str | None = None) -> MediaReader:
    """The reader of a clip's media, closed with `stack`."""
    is_vfr = clip.facts.is_vfr or clip.facts.rate != cut.rate
    reader = MediaReader(clip.path, cut.rate, is_vfr=is_vfr, pixel_format=pixel_format)
    stack.callback(reader.close)
    return reader


def _compositor(clip: FramedClip, look: Look) -> Compositor:
    return Compositor(
        clip.framing,
        clip.first,
        clip.frame_count,
        pixel_format=look.pixel_format,
        coded=look.coded,
        quarter_turns=look.quarter_turns,
        matrix=look.colour.matrix,
        colour_range=look.colour.range,
        centred_chroma=look.centred_chroma,
    )


def whole(cut: Cut, reader: MediaReader, container: Any, settings: Settings) -> Work:
    """One media from its first to its last picture: its own clock, its own packets beside the picture."""
    clip = cut.clips[0]
    stream = mux.add_picture(container, cut.canvas, reader.look, cut.rate, reader.time_base, settings)
    work = Work(_whole_jobs(cut, reader), clip.available_count, reader.time_base)
    if clip.facts.is_vfr and reader.stream.frames:
        work.total = reader.stream.frames
    targets: dict[int, Any] = {}
    with av.open(str(clip.path)) as source:
        mux.copy_file_tags(source, container)
        mux.copy_stream_tags(source.streams[reader.stream.index], stream)
        if clip.facts.timecode:
            stream.metadata["timecode"] = clip.facts.timecode
        for kept in (*source.streams.audio, *source.streams.subtitles):
            codec = kept.codec_context.name if kept.codec_context else "unknown"
            if mux.can_copy(kept, container):
                targets[kept.index] = container.add_stream_from_template(kept)
                mux.copy_stream_tags(kept, targets[kept.index])
                work.sound = "copied" if kept.type == "audio" else work.sound
            elif kept.type == "audio":
                sound = mux.add_sound(container, settings)
                mux.copy_stream_tags(kept, sound)
                tick_s = Fraction(kept.time_base or 0)
                start_s = (kept.start_time or 0) * tick_s
                length_s = (kept.duration or 0) * tick_s or Fraction(source.duration or 0, 1_000_000)
                at = round(start_s * RATE_HZ)
                spans = [Span(clip.path, kept.index, start_s, round(length_s * RATE_HZ))]
                work.tracks.append(CutTrack(spans, sound, at))
                work.sound = "encoded"
                work.notes.append(f"{codec} sound does not fit into {container.format.name}: encoded as AAC")
            else:
                work.notes.append(f"{codec} subtitles do not fit into {container.format.name}: left out")
    if targets:
        work.tracks.append(CopiedTracks(clip.path, targets))
    return work


def _whole_jobs(cut: Cut, reader: MediaReader) -> Iterator[Job]:
    starts = [clip.first for clip in cut.clips]
    compositors = [_compositor(clip, reader.look) for clip in cut.clips]
    origin, count = cut.clips[0].available_first, cut.clips[0].available_count
    last = -1
    for picture in reader:
        frame = origin + picture.grid
        at = max(0, bisect_right(starts, frame) - 1)
        last = picture.grid
        yield Job(picture.pts, picture.duration, compositors[at], frame, picture.frame)
    reader.check_end(last, count)


def conformed(cut: Cut, first: MediaReader, container: Any, settings: Settings, stack: ExitStack) -> Work:
    """Any other cut: one picture per timeline frame, sound cut on the same ranges."""
    mux.add_picture(container, cut.canvas, first.look, cut.rate, 1 / cut.rate, settings)
    work = Work(_conformed_jobs(cut, first, stack), cut.frame_count, 1 / cut.rate)
    if cut.unframed:
        work.notes.append(f"{len(cut.unframed)} clip(s) without a camera are black: {', '.join(cut.unframed)}")
    spans, has_sound = _spans(cut)
    if has_sound:
        work.tracks.append(CutTrack(spans, mux.add_sound(container, settings)))
        work.sound = "encoded"
    return work


def _conformed_jobs(cut: Cut, first: MediaReader, stack: ExitStack) -> Iterator[Job]:
    readers = {cut.clips[0].path: first}
    record = 0
    for clip in cut.clips:
        for gap in range(record, clip.record_frame):
            yield Job(gap, 1)
        if clip.path not in readers:
            readers[clip.path] = open_media(cut, clip, stack, first.look.pixel_format)
        reader = readers[clip.path]
        compositor = _compositor(clip, reader.look)
        held = reader.held(clip.first - clip.available_first, clip.frame_count)
        for n, picture in enumerate(held):
            yield Job(clip.record_frame + n, 1, compositor, clip.first + n, picture.frame)
        record = clip.record_frame + clip.frame_count


def _spans(cut: Cut) -> tuple[list[Span], bool]:
    """The timeline's sound: first audio stream of each clip's media on the clip's own range, silence in gaps."""
    spans: list[Span] = []
    known: dict[Path, tuple[int | None, Fraction]] = {}
    done = 0
    for clip in cut.clips:
        start = round(clip.record_frame * RATE_HZ / cut.rate)
        end = round((clip.record_frame + clip.frame_count) * RATE_HZ / cut.rate)
        if start > done:
            spans.append(Span(None, 0, Fraction(0), start - done))
        if clip.path not in known:
            with ExitStack() as stack:
                reader = open_media(cut, clip, stack)
                with av.open(str(clip.path)) as source:
                    stream = source.streams.audio[0].index if source.streams.audio else None
                known[clip.path] = (stream, reader.first_pts * reader.time_base)
        stream, zero_s = known[clip.path]
        media_s = zero_s + (clip.first - clip.available_first) / cut.rate
        spans.append(Span(clip.path if stream is not None else None, stream or 0, media_s, end - start))
        done = end
    return spans, any(stream is not None for stream, _ in known.values())
