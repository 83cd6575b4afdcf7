"""The three stages of a render, each in its own threads: decode, compose, encode."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from queue import Empty, Full, Queue
from typing import Any

from panscan.errors import RenderError
from panscan.libraries import single_threaded_opencv
from panscan.render.container.picture_track import PictureTrack
from panscan.render.frame_jobs import FrameJob, OutputMovie
from panscan.render.picture.canvases import Canvases
from panscan.render.picture.compose import blank
from panscan.render.picture.mix import mix
from panscan.render.picture.picture_format import PictureFormat
from panscan.render.settings import RenderSettings

Progress = Callable[[int, int], None]

_QUEUED_PICTURES = 8  # between two stages: a 4K picture is 12 MB; eight keep two cores busy
_MAX_WORKERS = 4  # that compose: more wait for the encoder
_MIN_SHARE = 1e-6  # of a picture that is mixed: less is a rounding error
# Seconds. Sound and subtitles are written in groups: each by itself, between pictures that drive all else out of the
# processor's caches, takes more than twice as long. The container puts packets in order by itself.
_OTHERS_EVERY_S = Fraction(1, 4)
_POLL_S = 0.2  # how soon a stage sees that another one has stopped


def composed(job: FrameJob, number: int, canvases: Canvases, picture_format: PictureFormat) -> Any:
    """The canvas of one movie: one picture, two that are mixed, or one that fades from or to a colour."""
    left = 1 - sum(picture.share for picture in job.shown)
    pictures = [
        (picture.share, picture.compositors[number].compose(picture.frame, picture.media_frame, canvases.take()))
        for picture in job.shown
    ]
    if left > _MIN_SHARE:
        colour = picture_format.colour
        pictures.append((left, blank(canvases.take(), colour.matrix, colour.range, job.colour)))
    (_, result), *others = pictures
    for share, picture in others:
        result = mix(result, picture, share)
        canvases.give_back(picture)
    return result


class _MovieWriter:
    """Encodes the pictures of one movie and writes them, and what goes with them."""

    def __init__(self, movie: OutputMovie, canvases: Canvases, time_base: Fraction) -> None:
        self._movie, self._canvases, self._time_base = movie, canvases, time_base
        self._track = PictureTrack(movie.container)
        self._durations: dict[int, int] = {}
        self._others_at: int | None = None  # pts from which on sound and subtitles are written next

    def write(self, job: FrameJob, canvas: Any) -> None:
        """Write a picture, and from time to time the sound and subtitles up to it."""
        if job.duration:
            self._durations[job.pts] = job.duration
        self._encode(canvas)
        self._canvases.give_back(canvas)
        if self._others_at is None or job.pts >= self._others_at:
            write_other_streams(self._movie, job.pts * self._time_base)
            self._others_at = job.pts + int(_OTHERS_EVERY_S / self._time_base)

    def close(self) -> None:
        """Write what is left."""
        self._encode(None)
        self._track.close()
        write_other_streams(self._movie, None)

    def _encode(self, canvas: Any) -> None:
        for packet in self._movie.stream.encode(canvas):
            packet.duration = self._durations.pop(packet.pts, packet.duration)
            self._track.write(packet)


def run_threads(
    movies: Sequence[OutputMovie],
    jobs: Iterator[FrameJob],
    picture_format: PictureFormat,
    time_base: Fraction,
    total: int,
    settings: RenderSettings,
    progress: Progress | None,
) -> int:
    """Render pictures to every movie; any error in one stage stops the others and is raised here.

    Returns the number of pictures.

    Raises
    ------
    RenderError
        A source breaks, or no picture came.
    """
    workers = settings.workers or max(1, min(_MAX_WORKERS, (os.cpu_count() or 1) // 2))
    queue: Queue[tuple[FrameJob, list[Any]] | BaseException | None] = Queue(_QUEUED_PICTURES)
    stop = threading.Event()
    # One worker composes in the decoding thread: decoders have threads of their own, and a hand-over costs time.
    canvases = [Canvases(movie.cut.canvas, picture_format.pixel_format) for movie in movies]
    pool = ThreadPoolExecutor(workers, thread_name_prefix="panscan-compose") if workers > 1 else None

    def offer(item: tuple[FrameJob, list[Any]] | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                queue.put(item, timeout=_POLL_S)
                return True
            except Full:
                continue
        return False

    def compose(job: FrameJob, number: int) -> Any:
        result = composed(job, number, canvases[number], picture_format)
        result.pts, result.time_base = job.pts, time_base
        # Some encoders, ProRes among them, read the tags of each picture and not those of the stream.
        result.color_primaries, result.color_trc = picture_format.colour.primaries, picture_format.colour.transfer
        result.colorspace, result.color_range = picture_format.colour.matrix, picture_format.colour.range
        return result

    def produce() -> None:
        try:
            for job in jobs:
                numbers = range(len(movies))
                composed = [pool.submit(compose, job, n) if pool else compose(job, n) for n in numbers]
                if not offer((job, composed)):
                    return
            offer(None)
        except BaseException as error:
            offer(error)

    producer = threading.Thread(target=produce, name="panscan-decode", daemon=True)
    # Pictures are spread over threads already; OpenCV's own threads would only compete with them.
    with single_threaded_opencv():
        producer.start()
        try:
            writers = [_MovieWriter(*each, time_base) for each in zip(movies, canvases, strict=True)]
            return _write_all(queue, producer, writers, total, progress)
        finally:
            stop.set()
            producer.join()
            if pool:
                pool.shutdown(wait=True, cancel_futures=True)


def _write_all(
    queue: Queue[Any],
    producer: threading.Thread,
    writers: Sequence[_MovieWriter],
    total: int,
    progress: Progress | None,
) -> int:
    done = 0
    while True:
        try:
            item = queue.get(timeout=_POLL_S)  # without a timeout, Ctrl-C would wait on some systems
        except Empty:
            if not producer.is_alive() and queue.empty():
                raise RenderError("decoding stopped without a word", why="Its thread ended.") from None
            continue
        if item is None:
            break
        if isinstance(item, BaseException):
            raise item
        job, composed = item
        for writer, canvas in zip(writers, composed, strict=True):
            writer.write(job, canvas.result() if isinstance(canvas, Future) else canvas)
        done += 1
        if progress:
            progress(done, max(total, done))
    if done == 0:
        raise RenderError("no picture was rendered", why="The sources gave none.", fix="Check that the media plays.")
    for writer in writers:
        writer.close()
    return done


def write_other_streams(movie: OutputMovie, time_s: Fraction | None) -> None:
    """Write sound and subtitle packets up to a time; None writes all that are left."""
    for source in movie.packet_sources:
        for packet in source.until(time_s):
            movie.container.mux(packet)
