"""The pictures of the movie that is judged, some at a time, and what its decoding tells beside them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.decoding.containers import open_container
from panscan.verify.checks.container import DecodeResult
from panscan.verify.expectation import Expectation
from panscan.verify.picture_tags import tags_of
from panscan.verify.source_clock import picture_stream

# Pictures of a group, and the px of all of them: as many of 1920x1080. A decoder drives all else out of the
# processor's caches, so measuring eight pictures one after another takes a fifth less than each after its decoding.
_TOGETHER, _TOGETHER_PX = 8, 8 * 1920 * 1080


def picture_groups(output: Path, expectation: Expectation, result: DecodeResult) -> Iterator[list[tuple[int, Any]]]:
    """Decode all of a movie, sound too: pictures in a row with their numbers, after the source pictures they show.

    What else is learnt is noted in `result`.
    """
    size = _group_size(expectation)
    for source in expectation.sources.values():
        source.keep_together(size)
    group: list[tuple[int, Any]] = []
    for number, frame in enumerate(_decoded(output, len(expectation.pictures), result)):
        if group and (len(group) == size or not _are_near(group[0][0], number, expectation)):
            yield _with_sources(group, expectation)
            group = []
        group.append((number, frame))
    if group:
        yield _with_sources(group, expectation)


def _group_size(expectation: Expectation) -> int:
    """How many pictures of movie and sources are held in memory at once."""
    canvas = expectation.cut.canvas
    sizes = [(source.tags.width, source.tags.height) for source in expectation.sources.values()]
    largest_px = max(width * height for width, height in [(canvas.width, canvas.height), *sizes])
    return max(1, min(_TOGETHER, _TOGETHER_PX // largest_px))


def _are_near(first: int, number: int, expectation: Expectation) -> bool:
    """Whether two pictures of the movie show one clip outside its dissolves, and source pictures that are near."""
    pictures, mixes = expectation.pictures, expectation.mixes
    if number >= len(pictures) or first in mixes or number in mixes:
        return False
    one, two = pictures[first], pictures[number]
    if one is None or two is None or one.clip != two.clip:
        return False
    return abs(two.source_picture - one.source_picture) < _TOGETHER


def _with_sources(group: list[tuple[int, Any]], expectation: Expectation) -> list[tuple[int, Any]]:
    """The group, after the source pictures that it should show have been decoded, all in a row."""
    if len(group) > 1:
        for number, _ in group:
            picture = expectation.pictures[number]
            assert picture is not None  # else it would be alone
            expectation.source_of(picture).frame(picture.source_picture)
    return group


def _decoded(output: Path, total: int, result: DecodeResult) -> Iterator[Any]:
    """All pictures; `total`: how many there should be."""
    try:
        with open_container(output) as container:
            stream = picture_stream(container)
            if stream is None:
                result.error = "it has no picture"
                return
            stream.thread_type = "AUTO"
            for frame in container.decode(stream, *container.streams.audio):
                if isinstance(frame, av.VideoFrame):
                    _note(frame, stream, result)
                    yield frame
            promised, count = stream.frames, len(result.time_s)
            # With several threads, decoders may report the normal end of a file that is cut off.
            if promised > count and count < total and not result.error:
                result.error = f"the file ends after picture {count} of the {promised} it promises"
    except (av.error.FFmpegError, OSError) as error:
        result.error = str(getattr(error, "strerror", None) or error)


def _note(frame: Any, stream: Any, result: DecodeResult) -> None:
    if result.tags is None:
        result.tags = tags_of(frame, stream)
    result.interlaced_count += bool(frame.interlaced_frame)
    if frame.is_corrupt and not result.error:
        result.error = f"picture {len(result.time_s)} is damaged"
    ticks = frame.pts if frame.pts is not None else frame.dts or 0
    result.time_s.append(ticks * Fraction(frame.time_base or stream.time_base))
