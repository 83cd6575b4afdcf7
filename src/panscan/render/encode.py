"""The renderer: decode -> compose -> encode, each in its own threads, one timeline to one movie."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Any

import av
import av.error
import cv2

from panscan.document.timeline import Cut, read_cut
from panscan.errors import RenderError, UsageError
from panscan.model.geometry import Size
from panscan.render import mux
from panscan.render.compose import blank
from panscan.render.mux import Settings
from panscan.render.source import Look
from panscan.render.work import Job, Work, conformed, open_media, whole

# Pictures between two stages. A 4K picture is 12 MB; eight keep two cores busy.
_QUEUE = 8
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What was written. notes: everything a user should know that is not as in the source."""

    output: Path
    canvas: Size
    frame_count: int
    sound: str
    notes: tuple[str, ...] = ()


def render(
    timeline: Any,
    *,
    folder: Path,
    output: Path,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RenderResult:
    """Render a timeline that carries framings.

    A timeline that shows one media whole keeps its timestamps, sound, subtitles, chapters and timecode untouched.
    Any other is conformed: one picture per frame of the timeline, sound cut per sample and encoded again.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.
    output : Path
        The movie; .mp4, .mov or .mkv. It appears complete or not at all.
    settings : Settings, optional
    progress : callable, optional
        Called with pictures done and in total.

    Raises
    ------
    InputError
        A media file is missing or has no picture, or the timeline carries no camera.
    RenderError
        A source breaks half-way, or the output cannot be written.
    UsageError
        The output's suffix or the canvas cannot be written, or the output is one of the sources.
    """
    settings = settings or Settings()
    cut = read_cut(timeline, folder=folder)
    for clip in cut.clips:
        if output.exists() and clip.path.exists() and output.samefile(clip.path):
            raise UsageError(
                f"{output} is one of the sources", why="Rendering would replace it.", fix="Choose another name with -o."
            )
    with ExitStack() as stack:
        first = open_media(cut, cut.clips[0], stack)
        clocks_hz = [first.time_base.denominator if cut.is_whole else cut.rate.numerator]
        clocks_hz += [rate_hz for _channels, rate_hz in cut.clips[0].facts.audio if rate_hz]
        container = stack.enter_context(mux.finished_file(output, clocks_hz, cut.frame_count / cut.rate))
        try:
            work = (
                whole(cut, first, container, settings)
                if cut.is_whole
                else conformed(cut, first, container, settings, stack)
            )
            for track in work.tracks:
                stack.callback(track.close)
            note = mux.lost_light_levels(first.look)
            if note:
                work.notes.append(note)
            picture = container.streams.video[0]
            done = _run(work, container, picture, settings, lambda: _black(cut, first.look), progress)
        except (av.error.FFmpegError, OSError) as error:
            raise RenderError(
                f"{output} could not be encoded",
                why=f"FFmpeg says: {getattr(error, 'strerror', None) or error}.",
                fix="Check free space; try another container (.mkv) if that is not it.",
            ) from error
    return RenderResult(output, cut.canvas, done, work.sound, tuple(work.notes))


def _black(cut: Cut, look: Look) -> Any:
    return blank(cut.canvas, look.pixel_format, look.colour.matrix, look.colour.range)


def _run(
    work: Work,
    container: Any,
    stream: Any,
    settings: Settings,
    black: Callable[[], Any],
    progress: Callable[[int, int], None] | None,
) -> int:
    """Drive the three stages; any error in one stops the others and is raised here."""
    # With the pictures spread over threads, OpenCV's own threads would only fight them.
    threads_before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    workers = settings.workers or max(1, min(4, (os.cpu_count() or 1) // 2))
    queue: Queue[tuple[Job, Future[Any]] | BaseException | None] = Queue(_QUEUE)
    stop = threading.Event()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="panscan-compose")

    def offer(item: tuple[Job, Future[Any]] | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                queue.put(item, timeout=_POLL_S)
                return True
            except Full:
                continue
        return False

    def compose(job: Job) -> Any:
        result = black() if job.compositor is None else job.compositor.compose(job.frame, job.media_frame)
        result.pts, result.time_base = job.pts, work.time_base
        return result

    def produce() -> None:
        try:
            for job in work.jobs:
                if not offer((job, pool.submit(compose, job))):
                    return
            offer(None)
        except BaseException as error:
            offer(error)

    producer = threading.Thread(target=produce, name="panscan-decode", daemon=True)
    producer.start()
    try:
        return _encode(queue, producer, work, container, stream, progress)
    finally:
        stop.set()
        producer.join()
        pool.shutdown(wait=True, cancel_futures=True)
        cv2.setNumThreads(threads_before)


def _encode(
    queue: Queue[Any],
    producer: threading.Thread,
    work: Work,
    container: Any,
    stream: Any,
    progress: Callable[[int, int], None] | None,
) -> int:
    done = 0
    durations: dict[int, int] = {}

    def write(packets: list[Any]) -> None:
        for packet in packets:
            packet.duration = durations.pop(packet.pts, packet.duration)
            container.mux(packet)

    while True:
        try:
            item = queue.get(timeout=_POLL_S)  # a wait with a limit lets Ctrl-C through on every system
        except Empty:
            if not producer.is_alive() and queue.empty():
                raise RenderError("decoding stopped without a word", why="Its thread ended.") from None
            continue
        if item is None:
            break
        if isinstance(item, BaseException):
            raise item
        job, future = item
        frame = future.result()
        if job.duration:
            durations[job.pts] = job.duration
        write(stream.encode(frame))
        for track in work.tracks:
            for packet in track.until(job.pts * work.time_base):
                container.mux(packet)
        done += 1
        if progress:
            progress(done, max(work.total, done))
    if done == 0:
        raise RenderError("no picture was rendered", why="The sources gave none.", fix="Check that the media plays.")
    write(stream.encode(None))
    for track in work.tracks:
        for packet in track.until(None):
            container.mux(packet)
    return done
