"""Encoding in segments by several processes, resumed where a killed run stopped, joined without loss.

Where segments begin depends on the timeline alone, and each is encoded with the same number of threads: any number of
processes gives the same movie. Finished segments wait in a hidden folder beside the output; a manifest there says of
what they are segments.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
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

import av

from panscan.errors import RenderError
from panscan.files import write_text
from panscan.render.container import mux
from panscan.render.frame_jobs import DecodePlan, OutputMovie, frame_jobs, frame_span, plan_decoding
from panscan.render.picture.tilt import CornerPin
from panscan.render.settings import RenderSettings
from panscan.render.threads import Progress, run_threads, write_other_streams
from panscan.timeline.cut import Cut
from panscan.timeline.files import timeline_text
from panscan.timeline.flatten import renderable_cut

# Long enough that the encoder's look ahead is not missed, short enough that little is lost and processes end together.
_SHORTEST_S, _LONGEST_S = 10, 40
_THREADS = 4
_WATCH_S = 0.2


@dataclass(frozen=True, slots=True)
class _SegmentJob:
    """What a process needs to encode one segment: record frames [first, end) of the timeline in `manifest`'s folder."""

    number: int
    first: int
    end: int
    segments_folder: str
    media_folder: str
    settings: RenderSettings
    tilts: tuple[CornerPin, ...]


def segment_ranges(cut: Cut, frames: int) -> list[tuple[int, int]]:
    """Record frames [first, end) of each segment: from shot to shot where shots are neither too short nor too long."""
    shortest, longest = (max(1, round(seconds * cut.rate)) for seconds in (_SHORTEST_S, _LONGEST_S))
    marks = [0]
    offset = cut.clips[0].record_frame if cut.is_whole else 0
    for start in [clip.record_frame - offset for clip in cut.clips[1:]] + [frames]:
        while start - marks[-1] > longest:
            # Even parts of a long shot, none shorter than half the longest.
            parts = -(-(start - marks[-1]) // longest)
            marks.append(marks[-1] + (start - marks[-1]) // parts)
        if start - marks[-1] >= shortest and start < frames:
            marks.append(start)
    return list(pairwise([*marks, frames]))


class EncodedSegments:
    """All segments of a movie, encoded."""

    def __init__(self, home: Path, count: int, suffix: str, time_base: Fraction) -> None:
        self._paths = [home / f"{n:05}{suffix}" for n in range(count)]
        self._notes = [json.loads(path.with_suffix(".json").read_text()) for path in self._paths]
        self._time_base = time_base

    def add_stream(self, container: Any) -> Any:
        """The picture stream, with the parameters of the first segment.

        Raises
        ------
        RenderError
            The segments were not encoded alike.
        """
        headers = set()
        for path in self._paths:
            with av.open(str(path)) as piece:
                headers.add(bytes(piece.streams.video[0].codec_context.extradata or b""))
        if len(headers) > 1:
            raise RenderError(
                "the segments of the movie do not fit together",
                why="The encoder described them differently.",
                fix="Render without --jobs.",
            )
        with av.open(str(self._paths[0])) as piece:
            stream = mux.add_coded_picture(container, piece.streams.video[0])
        stream.time_base = self._time_base
        return stream

    def write(self, movie: OutputMovie) -> int:
        """Join the segments into the movie's picture stream and write what lies beside; returns the pictures."""
        stamps = sorted(pts for note in self._notes for pts in note["pts"])
        delay = max((_reordering(note["pts"]) for note in self._notes), default=0)
        tick = max(1, stamps[1] - stamps[0]) if len(stamps) > 1 else 1
        # Decoding times are the display times `delay` pictures before: rising, and never after the display time.
        before = [stamps[0] - tick * (delay - n) for n in range(delay)]
        done = 0
        for path, note in zip(self._paths, self._notes, strict=True):
            with av.open(str(path)) as piece:
                stream = piece.streams.video[0]
                packets = (packet for packet in piece.demux(stream) if packet.dts is not None)
                for packet, pts, length in zip(packets, note["pts"], note["duration"], strict=True):
                    packet.stream = movie.stream
                    packet.time_base = self._time_base
                    packet.pts = pts
                    packet.dts = before[done] if done < delay else stamps[done - delay]
                    packet.duration = length
                    done += 1
                    movie.container.mux(packet)
                    write_other_streams(movie, stamps[done - 1] * self._time_base)
        write_other_streams(movie, None)
        return done


def _reordering(stamps: list[int]) -> int:
    """How many pictures at most are shown before one that is decoded before them."""
    ranks = {pts: rank for rank, pts in enumerate(sorted(stamps))}
    return max((n - ranks[pts] for n, pts in enumerate(stamps)), default=0)


@contextmanager
def encoded_segments(
    timeline: Any,
    cut: Cut,
    what: DecodePlan,
    output: Path,
    folder: Path,
    settings: RenderSettings,
    progress: Progress | None,
) -> Iterator[EncodedSegments]:
    """Encode what is missing of a movie's segments; their folder goes when the block ends well.

    Raises
    ------
    RenderError
        A segment cannot be encoded. Those that are finished stay for the next run.
    """
    fixed = replace(settings, threads=settings.threads or _THREADS, workers=1, jobs=0)
    home = output.with_name(f".{output.name}.parts")
    spans = segment_ranges(cut, frame_span(what))
    suffix = ".mov" if settings.codec == "prores" else ".mp4"
    tilts = what.corner_pins[0] if what.corner_pins else ()
    manifest = _manifest(timeline, cut, fixed, spans, tilts)
    _prepare(home, manifest, timeline)
    orders = [_SegmentJob(n, a, b, str(home), str(folder.resolve()), fixed, tilts) for n, (a, b) in enumerate(spans)]
    missing = [order for order in orders if not (home / f"{order.number:05}.json").is_file()]
    total = sum(b - a for a, b in spans)
    done = total - sum(order.end - order.first for order in missing)
    if progress:
        progress(done, total)
    try:
        for order in _encoded(missing, settings.jobs):
            done += order.end - order.first
            if progress:
                progress(done, total)
        yield EncodedSegments(home, len(spans), suffix, what.time_base)
    except BaseException:
        if not any(path.stem.isdigit() for path in home.glob("*.json")):
            shutil.rmtree(home, ignore_errors=True)
        raise
    shutil.rmtree(home, ignore_errors=True)


def _manifest(
    timeline: Any, cut: Cut, settings: RenderSettings, spans: list[tuple[int, int]], tilts: Sequence[CornerPin]
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
        "tilts": [[t.clip, t.cell, blake2b(t.matrices.tobytes(), digest_size=16).hexdigest()] for t in tilts],
    }


def _prepare(home: Path, manifest: dict[str, Any], timeline: Any) -> None:
    """The folder of the segments: as a killed run left it if it holds the same movie's, else empty."""
    path = home / "manifest.json"
    try:
        if json.loads(path.read_text(encoding="utf-8")) == manifest:
            return
    except (OSError, ValueError):
        pass
    shutil.rmtree(home, ignore_errors=True)
    try:
        home.mkdir(parents=True)
    except OSError as error:
        raise mux.unwritable(home, error) from error
    write_text(timeline_text(timeline), home / "timeline.otio")
    write_text(json.dumps(manifest), path)


def _encoded(missing: list[_SegmentJob], count: int) -> Iterator[_SegmentJob]:
    """Encode segments in processes; yields each as it is finished."""
    if count == 1 or len(missing) < 2:
        for order in missing:
            encode_segment(order)
            yield order
        return
    before = set(multiprocessing.active_children())
    # Not forked: other threads of this process may hold locks.
    with ProcessPoolExecutor(
        min(count, len(missing)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_end_with_parent,
        initargs=(os.getpid(),),
    ) as pool:
        pending = {pool.submit(encode_segment, order): order for order in missing}
        try:
            while pending:
                finished, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                    yield pending.pop(future)
        except BrokenProcessPool as error:
            raise RenderError(
                "a process that encoded a segment ended",
                why="It was killed, perhaps for want of memory.",
                fix="Run the command again with fewer --jobs; finished segments are kept.",
            ) from error
        except BaseException:
            # Waiting for segments that nobody will join would look like a hang.
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent(parent: int) -> None:
    """Make this process end, quietly, with Ctrl-C or the process that started it, however that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    def watch() -> None:
        # A killed parent says nothing, and the queue between the two stays open on this side.
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, name="panscan-parent", daemon=True).start()


def encode_segment(order: _SegmentJob) -> None:
    """Encode one segment; it has its final name, and a note of its timestamps beside it, only when it is complete."""
    from panscan.timeline.files import read_timeline

    home, settings = Path(order.segments_folder), order.settings
    timeline = read_timeline(home / "timeline.otio")
    cut = renderable_cut(timeline, folder=Path(order.media_folder))
    suffix = ".mov" if settings.codec == "prores" else ".mp4"
    path = home / f"{order.number:05}{suffix}"
    stamps: list[int] = []
    lengths: dict[int, int] = {}
    with ExitStack() as stack:
        what = replace(plan_decoding([cut], stack, settings), corner_pins=(order.tilts,))
        container = stack.enter_context(mux.open_output(path, [what.time_base.denominator], Fraction(order.end)))
        stream = mux.add_picture(container, cut.canvas, what.picture_format, cut.rate, what.time_base, settings)
        movie = OutputMovie(cut, _Recorder(container, stamps, lengths), stream)
        pictures = frame_jobs(what, stack, settings, (order.first, order.end))
        run_threads([movie], pictures, what.picture_format, what.time_base, order.end - order.first, settings, None)
    note = {"pts": stamps, "duration": [lengths[pts] for pts in stamps]}
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
