"""The output file: streams, tags, and a name that appears only when the movie is complete."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.errors import CapabilityError, RenderError, UsageError
from panscan.model.geometry import Size
from panscan.render.sound import LAYOUT, RATE_HZ
from panscan.render.source import Look

CONTAINERS = (".mp4", ".mov", ".mkv")

# What a muxer writes itself; copied along it would contradict the new file.
_OWN_TAGS = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}
_PQ, _HLG = 16, 18

# FFmpeg writes more into MP4 (PCM, Vorbis), but few players and editors read it there.
_MP4_SOUND = {"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a movie is encoded.

    preset, crf: of x264 (a lower crf keeps more); audio_bit_rate: of sound that must be encoded again;
    workers: threads that compose pictures, 0 for as many as pay off.
    """

    preset: str = "veryfast"
    crf: int = 18
    audio_bit_rate: int = 192_000
    workers: int = 0


@contextmanager
def finished_file(output: Path, clocks_hz: Sequence[int], duration_s: Fraction) -> Iterator[Any]:
    """A container open for writing under a temporary name; it takes its final name when the block ends well.

    Parameters
    ----------
    output : Path
    clocks_hz : sequence of int
        Ticks per second of the picture (first) and the sounds: starts must fall on whole ticks of the movie.
    duration_s : Fraction
        About how long the movie gets.

    Raises
    ------
    UsageError
        The suffix names no container that can be written.
    RenderError
        The folder cannot be written to, or the file cannot be completed.
    """
    if output.suffix.lower() not in CONTAINERS:
        raise UsageError(
            f"cannot write {output.name}",
            why=f"The suffix {output.suffix or '(none)'} names no container for a rendered movie.",
            fix=f"Use one of {', '.join(CONTAINERS)}.",
        )
    # Same folder, so that renaming is one step; a part left by a killed run has this name too and is replaced.
    part = output.with_name(f".{output.stem}.part{output.suffix}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        options = {}
        if output.suffix.lower() != ".mkv":
            options = {"movflags": "+faststart", "movie_timescale": str(_movie_clock(clocks_hz, duration_s))}
        container = av.open(str(part), "w", options=options)
    except (OSError, av.error.FFmpegError) as error:
        raise _unwritable(output, error) from error
    try:
        yield container
        try:
            container.close()
            os.replace(part, output)
        except (OSError, av.error.FFmpegError) as error:
            raise _unwritable(output, error) from error
    except BaseException:
        _discard(container, part)
        raise


def _movie_clock(clocks_hz: Sequence[int], duration_s: Fraction) -> int:
    """Ticks per second in which MP4 says how late a stream starts; FFmpeg's 1000 moves it by up to half a ms."""
    common = math.lcm(*clocks_hz)
    # More ticks than 32 bits hold would need the long form of the header, which old players do not read.
    return common if common * max(duration_s, Fraction(1)) * 2 < 2**32 else clocks_hz[0]


def _discard(container: Any, part: Path) -> None:
    # It is thrown away; the error that brought us here is the one to tell.
    with suppress(OSError, ValueError, av.error.FFmpegError):
        container.close()
    part.unlink(missing_ok=True)


def _unwritable(output: Path, error: Exception) -> RenderError:
    return RenderError(
        f"cannot write {output}",
        why=f"The system says: {getattr(error, 'strerror', None) or error}.",
        fix="Check free space and rights of the folder, or choose another with -o.",
    )


def add_picture(
    container: Any, canvas: Size, look: Look, rate: Fraction, time_base: Fraction, settings: Settings
) -> Any:
    """The H.264 stream of the canvas, colour tags as in the source.

    Raises
    ------
    UsageError
        The canvas has odd sides, which chroma at half resolution cannot have.
    CapabilityError
        This build of PyAV has no libx264.
    """
    if "420" in look.pixel_format and (canvas.width % 2 or canvas.height % 2):
        raise UsageError(
            f"a canvas of {canvas} cannot be rendered",
            why="4:2:0 video needs even sides.",
            fix="Choose a canvas with even width and height.",
        )
    try:
        stream = container.add_stream(
            "libx264", rate=rate, options={"preset": settings.preset, "crf": str(settings.crf)}
        )
    except (ValueError, av.error.FFmpegError) as error:
        raise CapabilityError(
            "H.264 video cannot be written here",
            why=f"PyAV was built without libx264 ({error}).",
            fix="Install PyAV from its binary wheel.",
        ) from error
    context = stream.codec_context
    context.width, context.height = canvas.width, canvas.height
    context.pix_fmt = look.pixel_format
    context.time_base = time_base
    stream.time_base = time_base
    context.sample_aspect_ratio = Fraction(1)
    context.color_primaries = look.colour.primaries
    context.color_trc = look.colour.transfer
    context.colorspace = look.colour.matrix
    context.color_range = look.colour.range
    # PyAV's default is sliced threads, which costs compression.
    context.thread_type = "FRAME"
    return stream


def add_sound(container: Any, settings: Settings) -> Any:
    """An AAC stream for sound that is cut or cannot be copied."""
    stream = container.add_stream("aac", rate=RATE_HZ, layout=LAYOUT)
    stream.codec_context.bit_rate = settings.audio_bit_rate
    stream.codec_context.format = "fltp"
    stream.time_base = Fraction(1, RATE_HZ)
    return stream


def can_copy(stream: Any, container: Any) -> bool:
    """Whether a sound or subtitle stream may go into `container` untouched."""
    name = stream.codec.canonical_name
    if container.format.name == "mp4" and stream.type == "audio":
        return name in _MP4_SOUND
    return name in container.supported_codecs


def copy_stream_tags(source: Any, target: Any) -> None:
    """Language, title and the like of one stream."""
    for key, value in source.metadata.items():
        if key not in _OWN_TAGS and key != "timecode":
            target.metadata[key] = value


def copy_file_tags(source: Any, container: Any) -> None:
    """Title, dates, chapters."""
    for key, value in source.metadata.items():
        if key not in _OWN_TAGS and key != "timecode":
            container.metadata[key] = value
    chapters = source.chapters()
    if chapters:
        container.set_chapters(chapters)


def lost_light_levels(look: Look) -> str | None:
    """A note for HDR sources: their mastering metadata is no part of what PyAV passes on."""
    if look.colour.transfer in (_PQ, _HLG):
        return "HDR colour tags are kept; mastering display and light level metadata are not"
    return None
