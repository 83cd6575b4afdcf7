"""Encoding in segments by several processes, resumed where a killed run stopped, joined without loss.

Where segments begin depends on the timeline alone, and each is encoded with the same number of threads, so any number
of processes gives the same movie. Finished segments are kept in a hidden folder beside the output until all are there;
its manifest says which movie they belong to.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

from panscan.decoding.containers import open_container
from panscan.errors import InternalError, RenderError
from panscan.files import claimed, hidden, write_text
from panscan.processes import end_with_parent
from panscan.render.container import mux
from panscan.render.container.picture_track import PictureTrack
from panscan.render.frame_jobs import DecodePlan, OutputMovie, frame_jobs, frame_span, plan_decoding
from panscan.render.picture.corner_pin import CornerPin
from panscan.render.settings import RenderSettings
from panscan.render.threads import Progress, run_threads, write_other_streams
from panscan.timeline.cut import Cut
from panscan.timeline.files import timeline_text
from panscan.timeline.flatten import renderable_cut

# Long enough that the encoder's lookahead is hardly missed, short enough that a killed run loses little.
_MIN_SEGMENT_S, _MAX_SEGMENT_S = 10, 40
_ENCODER_THREADS = 4  # of each process: a fixed number, as bytes depend on it; more gain little for small canvases


@dataclass(frozen=True, slots=True)
class _SegmentJob:
    """What a process needs to encode one segment.

    Attributes
    ----------
    number : int
        Of the segment, from 0.
    first, end : int
        Its record frames [first, end).
    segments_folder : str
        Holds the timeline, and gets the segment.
    media_folder : str
        Where relative media paths start.
    settings : RenderSettings
    corner_pins : tuple of CornerPin
    """

    number: int
    first: int
    end: int
    segments_folder: str
    media_folder: str
    settings: RenderSettings
    corner_pins: tuple[CornerPin, ...]


def segment_ranges(cut: Cut, frames: int) -> list[tuple[int, int]]:
    """Record frames [first, end) of each segment: from clip to clip if clips are neither too short nor too long."""
    shortest, longest = (max(1, round(seconds * cut.rate)) for seconds in (_MIN_SEGMENT_S, _MAX_SEGMENT_S))
    starts = [0]
    offset = cut.clips[0].record_frame if cut.is_whole else 0
    for start in [clip.record_frame - offset for clip in cut.clips[1:]] + [frames]:
        while start - starts[-1] > longest:
            # Equal parts of a long clip, none shorter than half of the longest.
            parts = -(-(start - starts[-1]) // longest)
            starts.append(starts[-1] + (start - starts[-1]) // parts)
        if start - starts[-1] >= shortest and start < frames:
            starts.append(start)
    return list(pairwise([*starts, frames]))


def _spans_with_pictures(spans: Sequence[tuple[int, int]], plan: DecodePlan) -> list[tuple[int, int]]:
    """Segments that each begin a picture: one during which a picture just stays is joined to the one before."""
    if not plan.keeps_source_clock or plan.fills_grid:
        return list(spans)
    frames = plan.movie_reader.grid_frames
    starts = [first for first, end in spans if bisect_left(frames, first) < bisect_left(frames, end)]
    return list(pairwise([*starts, spans[-1][1]]))


class EncodedSegments:
    """All segments of a movie, encoded."""

    def __init__(self, folder: Path, count: int, suffix: str, time_base: Fraction) -> None:
        self._paths = [folder / f"{n:05}{suffix}" for n in range(count)]
        self._notes = [json.loads(path.with_suffix(".json").read_text()) for path in self._paths]
        self._time_base = time_base

    @property
    def changed_counts(self) -> Counter[str]:
        """By path of a media: decoded pictures whose size or colours were others than the first's."""
        return sum((Counter(note.get("changed", {})) for note in self._notes), Counter())

    def add_stream(self, container: Any) -> Any:
        """The picture stream, with the parameters of the first segment.

        Raises
        ------
        RenderError
            The segments were not encoded alike.
        """
        headers = set()
        for path in self._paths:
            with open_container(path) as segment:
                headers.add(bytes(segment.streams.video[0].codec_context.extradata or b""))
        if len(headers) > 1:
            raise RenderError(
                "the segments of the movie do not fit together",
                why="The encoder described them differently.",
                fix="Render without --jobs.",
            )
        with open_container(self._paths[0]) as segment:
            stream = mux.add_coded_picture(container, segment.streams.video[0])
        stream.time_base = self._time_base
        return stream

    def write(self, movie: OutputMovie) -> int:
        """Join the segments into the movie's picture stream, and write sound and subtitles.

        Returns the number of pictures.
        """
        stamps = sorted(pts for note in self._notes for pts in note["pts"])
        delay = max((_reorder_depth(note["pts"]) for note in self._notes), default=0)
        tick = max(1, stamps[1] - stamps[0]) if len(stamps) > 1 else 1
        # A packet's decoding time is the display time of `delay` pictures earlier: rising, and not after its own.
        before = [stamps[0] - tick * (delay - n) for n in range(delay)]
        done, track = 0, PictureTrack(movie.container)
        for path, note in zip(self._paths, self._notes, strict=True):
            with open_container(path) as segment:
                stream = segment.streams.video[0]
                packets = (packet for packet in segment.demux(stream) if packet.dts is not None)
                for packet, pts, length in zip(packets, note["pts"], note["duration"], strict=True):
                    packet.stream = movie.stream
                    packet.time_base = self._time_base
                    packet.pts = pts
                    packet.dts = before[done] if done < delay else stamps[done - delay]
                    packet.duration = length
                    done += 1
                    track.write(packet)
                    write_other_streams(movie, stamps[done - 1] * self._time_base)
        track.close()
        write_other_streams(movie, None)
        return done


def _reorder_depth(stamps: list[int]) -> int:
    """The largest number of pictures that are displayed before a picture decoded earlier than they are."""
    ranks = {pts: rank for rank, pts in enumerate(sorted(stamps))}
    return max((n - ranks[pts] for n, pts in enumerate(stamps)), default=0)


@contextmanager
def encoded_segments(
    timeline: Any,
    cut: Cut,
    plan: DecodePlan,
    output: Path,
    folder: Path,
    settings: RenderSettings,
    progress: Progress | None,
) -> Iterator[EncodedSegments]:
    """Encode the missing segments of a movie. Their folder is removed when the block ends well.

    Raises
    ------
    RenderError
        A segment cannot be encoded. Finished segments are kept for the next run.
    """
    fixed = replace(settings, threads=settings.threads or _ENCODER_THREADS, workers=1, jobs=0)
    spans = _spans_with_pictures(segment_ranges(cut, frame_span(plan)), plan)
    suffix = ".mov" if settings.codec == "prores" else ".mp4"
    corner_pins = plan.corner_pins[0] if plan.corner_pins else ()
    manifest = _manifest(timeline, cut, fixed, spans, corner_pins)
    with _parts_folder(output) as parts_folder:
        _prepare(parts_folder, manifest, timeline)
        jobs = [
            _SegmentJob(n, a, b, str(parts_folder), str(folder.resolve()), fixed, corner_pins)
            for n, (a, b) in enumerate(spans)
        ]
        missing = [job for job in jobs if not (parts_folder / f"{job.number:05}.json").is_file()]
        total = sum(b - a for a, b in spans)
        done = total - sum(job.end - job.first for job in missing)
        if progress:
            progress(done, total)
        for job in _encoded(missing, settings.jobs):
            done += job.end - job.first
            if progress:
                progress(done, total)
        yield EncodedSegments(parts_folder, len(spans), suffix, plan.time_base)


@contextmanager
def _parts_folder(output: Path) -> Iterator[Path]:
    """The folder of a movie's segments, for this process alone; after an error it stays if any is finished."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(claimed(hidden(output, ".parts")))
        except OSError as error:
            raise mux.unwritable(output, error) from error
        try:
            yield folder
        except BaseException:
            if not any(path.stem.isdigit() for path in folder.glob("*.json")):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)


def _manifest(
    timeline: Any, cut: Cut, settings: RenderSettings, spans: list[tuple[int, int]], corner_pins: Sequence[CornerPin]
) -> dict[str, Any]:
    media = {}
    for path in dict.fromkeys(clip.path for clip in cut.clips):
        status = path.stat()
        media[str(path)] = [status.st_size, status.st_mtime_ns]
    return {
        "timeline": blake2b(timeline_text(timeline).encode(), digest_size=16).hexdigest(),
        "settings": asdict(settings),
        "media": media,
        "segments": [list(span) for span in spans],
        "tilts": [
            [pin.clip, pin.cell, blake2b(pin.matrices.tobytes(), digest_size=16).hexdigest()] for pin in corner_pins
        ],
    }


def _prepare(parts_folder: Path, manifest: dict[str, Any], timeline: Any) -> None:
    """Make the folder of the segments: as a killed run left it if they are of the same movie, else empty."""
    path = parts_folder / "manifest.json"
    try:
        if json.loads(path.read_text(encoding="utf-8")) == manifest:
            return
    except (OSError, ValueError):
        pass
    shutil.rmtree(parts_folder, ignore_errors=True)
    try:
        parts_folder.mkdir(parents=True)
    except OSError as error:
        raise mux.unwritable(parts_folder, error) from error
    write_text(timeline_text(timeline), parts_folder / "timeline.otio")
    write_text(json.dumps(manifest), path)


def _encoded(missing: list[_SegmentJob], count: int) -> Iterator[_SegmentJob]:
    """Encode segments in processes; yields each as it is finished."""
    if count == 1 or len(missing) < 2:
        for job in missing:
            encode_segment(job)
            yield job
        return
    before = set(multiprocessing.active_children())
    # Not forked: other threads of this process may hold locks.
    with ProcessPoolExecutor(
        min(count, len(missing)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_process,
        initargs=(os.getpid(),),
    ) as pool:
        pending = {pool.submit(encode_segment, job): job for job in missing}
        try:
            while pending:
                finished, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                    yield pending.pop(future)
        except BrokenProcessPool as error:
            raise InternalError(
                "a process that encoded a segment crashed",
                why="Perhaps for want of memory.",
                fix="Run the command again with fewer --jobs; finished segments are kept.",
            ) from error
        except BaseException:
            # To wait for segments that are not needed any more would look like a hang.
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start_process(parent: int) -> None:
    """Make this process end quietly on Ctrl-C, and with the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent(parent)


def encode_segment(job: _SegmentJob) -> None:
    """Encode one segment. Its file, and the note of its timestamps beside it, appear only when it is complete."""
    from panscan.timeline.files import read_timeline

    parts_folder, settings = Path(job.segments_folder), job.settings
    timeline = read_timeline(parts_folder / "timeline.otio")
    cut = renderable_cut(timeline, folder=Path(job.media_folder))
    suffix = ".mov" if settings.codec == "prores" else ".mp4"
    path = parts_folder / f"{job.number:05}{suffix}"
    stamps: list[int] = []
    lengths: dict[int, int] = {}
    with ExitStack() as stack:
        plan = replace(plan_decoding([cut], stack, settings), corner_pins=(job.corner_pins,))
        container = stack.enter_context(mux.open_output(path, [plan.time_base.denominator], Fraction(job.end)))
        stream = mux.add_picture(container, cut.canvas, plan.picture_format, cut.rate, plan.time_base, settings)
        movie = OutputMovie(cut, _Recorder(container, stamps, lengths), stream)
        pictures = frame_jobs(plan, stack, settings, (job.first, job.end))
        run_threads([movie], pictures, plan.picture_format, plan.time_base, job.end - job.first, settings, None)
    note = {
        "pts": stamps,
        "duration": [lengths[pts] for pts in stamps],
        "changed": plan.changed_counts(),
    }
    write_text(json.dumps(note), path.with_suffix(".json"))


class _Recorder:
    """A container that notes the timestamps of its packets and writes them from zero on, where edit lists are exact."""

    def __init__(self, container: Any, stamps: list[int], lengths: dict[int, int]) -> None:
        self._container = container
        self._stamps = stamps
        self._lengths = lengths

    def mux(self, packet: Any) -> None:
        """Write one packet."""
        self._stamps.append(packet.pts)
        self._lengths[packet.pts] = packet.duration
        packet.pts, packet.dts = packet.pts - self._stamps[0], packet.dts - self._stamps[0]
        self._container.mux(packet)
