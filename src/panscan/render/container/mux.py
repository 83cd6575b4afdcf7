"""The output file: streams, tags, and a name that appears only when the movie is complete."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.errors import RenderError, UsageError
from panscan.files import part_of, remove_abandoned_parts
from panscan.model.geometry import Size
from panscan.model.languages import quicktime_code
from panscan.render.container.codecs import coded_format, encoder_for, options_for
from panscan.render.container.sound_coding import STEREO_CHANNELS, SoundCoding, add_stream, common_name
from panscan.render.picture.hdr_metadata import encoder_parameters
from panscan.render.picture.picture_format import PictureFormat
from panscan.render.settings import RenderSettings

# Tags that a muxer writes itself; copies of the source's would contradict the new file.
_OWN_TAGS = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}
_PQ, _HLG = 16, 18  # transfer functions of HDR by ITU-T H.273
_DISK_ERRORS = {
    getattr(errno, name) for name in ("EACCES", "EPERM", "EROFS", "ENOSPC", "EFBIG", "EDQUOT") if hasattr(errno, name)
}

# Containers in which HEVC gets the tag that Apple's players need.
_APPLE_READS = ("mp4", "mov", "hls", "dash")

# FFmpeg writes more into MP4 (PCM, Vorbis), but few players and editors read it there.
_MP4_SOUND = {"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"}
# FLAC in MP4 does not say which channels it has, and players take these for granted.
_FLAC_LAYOUTS = {"mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"}


@contextmanager
def open_output(output: Path, clocks_hz: Sequence[int], duration_s: Fraction) -> Iterator[Any]:
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
    RenderError
        The folder cannot be written to, or the file cannot be completed.
    """
    part = part_of(output)  # in the same folder, so that renaming is one step
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned_parts(output)
        part.write_bytes(b"")  # FFmpeg would open it at the first packet only
        options = {}
        if output.suffix.lower() != ".mkv":
            options = {"movflags": "+faststart", "movie_timescale": str(_movie_clock(clocks_hz, duration_s))}
        container = av.open(str(part.absolute()), "w", options=options)
    except (OSError, av.error.FFmpegError) as error:
        raise unwritable(output, error) from error
    try:
        yield container
        try:
            container.close()
            os.replace(part, output)
        except (OSError, av.error.FFmpegError) as error:
            raise unwritable(output, error) from error
    except BaseException:
        _discard(container, part)
        raise


def _movie_clock(clocks_hz: Sequence[int], duration_s: Fraction) -> int:
    """Ticks per second of MP4's start offsets; FFmpeg's default of 1000 moves a stream by up to half a millisecond."""
    common = math.lcm(*clocks_hz)
    # More ticks than 32 bits hold would need the long form of the header, which old players do not read.
    return common if common * max(duration_s, Fraction(1)) * 2 < 2**32 else clocks_hz[0]


def _discard(container: Any, part: Path) -> None:
    # The file is thrown away, so an error here does not matter; the one that led here is raised.
    with suppress(OSError, ValueError, av.error.FFmpegError):
        container.close()
    part.unlink(missing_ok=True)


def is_unwritable(error: Exception) -> bool:
    """Whether an error of the encoder or the container comes from the disk."""
    return isinstance(error, OSError) and error.errno in _DISK_ERRORS


def unwritable(output: Path, error: Exception) -> RenderError:
    """The error for a file or folder that cannot be written."""
    return RenderError(
        f"cannot write {output}",
        why=f"The system says: {getattr(error, 'strerror', None) or error}.",
        fix="Check free space and rights of the folder, or choose another with -o.",
    )


def add_picture(
    container: Any,
    canvas: Size,
    picture_format: PictureFormat,
    rate: Fraction,
    time_base: Fraction,
    settings: RenderSettings,
) -> Any:
    """The picture stream of the canvas, colour tags and HDR metadata as in the source.

    Raises
    ------
    UsageError
        The canvas has odd sides, which chroma at half resolution cannot have.
    CapabilityError
        The encoder is not on this machine.
    """
    odd_x = canvas.width % 2 and "444" not in picture_format.pixel_format
    odd_y = canvas.height % 2 and "420" in picture_format.pixel_format
    if odd_x or odd_y:
        raise UsageError(
            f"a canvas of {canvas} cannot be rendered",
            why="Video with chroma at half resolution needs even sides.",
            fix="Choose a canvas with even width and height.",
        )
    encoder = encoder_for(settings)
    options = options_for(encoder, settings, picture_format.pixel_format, picture_format.hdr_metadata)
    stream = container.add_stream(encoder.name, rate=rate, options=options)
    context = stream.codec_context
    context.width, context.height = canvas.width, canvas.height
    context.pix_fmt = coded_format(picture_format.pixel_format, encoder)
    context.time_base = time_base
    stream.time_base = time_base
    context.sample_aspect_ratio = Fraction(1)
    context.color_primaries = picture_format.colour.primaries
    context.color_trc = picture_format.colour.transfer
    context.colorspace = picture_format.colour.matrix
    context.color_range = picture_format.colour.range
    # PyAV's default is sliced threads, which make larger files.
    context.thread_type = "FRAME"
    if settings.threads:
        context.thread_count = settings.threads
    if settings.gop_frames:
        context.gop_size = settings.gop_frames
    tag_hevc(stream, container)
    return stream


def add_coded_picture(container: Any, template: Any) -> Any:
    """A stream for pictures that are encoded already, as in the stream `template`."""
    # HEVC needs a codec context for its tag; for AV1, PyAV would look for an encoder with the name of the decoder.
    is_hevc = template.codec_context.codec.canonical_name == "hevc"
    stream = container.add_stream_from_template(template, opaque=not is_hevc)
    if is_hevc:
        tag_hevc(stream, container)
    return stream


def tag_hevc(stream: Any, container: Any) -> None:
    """Apple's players read HEVC in MP4 only under the tag hvc1; FFmpeg's choice is hev1."""
    if stream.codec_context.codec.canonical_name == "hevc" and container.format.name in _APPLE_READS:
        stream.codec_context.codec_tag = "hvc1"


def add_sound(container: Any, coding: SoundCoding, settings: RenderSettings) -> Any:
    """A stream for sound that is cut or cannot be copied."""
    pairs = max(1, coding.channels // STEREO_CHANNELS)  # the bit rate of the settings is that of a stereo stream
    return add_stream(container, coding, settings.audio_bit_rate * pairs)


def can_copy(stream: Any, container: Any) -> bool:
    """Whether a sound or subtitle stream may go into `container` untouched."""
    context = stream.codec_context
    if context is None:
        return False
    name = context.codec.canonical_name
    if container.format.name == "mp4" and stream.type == "audio":
        return name in _MP4_SOUND and not (name == "flac" and common_name(context.layout.name) not in _FLAC_LAYOUTS)
    if container.format.name in ("mp4", "mov") and stream.type == "subtitle":
        return bool(name == "mov_text")
    return name in container.supported_codecs


def copy_stream_tags(source: Any, target: Any) -> None:
    """Copy language, title and other tags of one stream, and its disposition (default, forced, comment...)."""
    target.disposition = source.disposition.value  # older versions of PyAV take the number alone
    for key, value in source.metadata.items():
        if key not in _OWN_TAGS and key != "timecode":
            is_for_quicktime = key == "language" and target.container.format.name == "mov"
            target.metadata[key] = quicktime_code(value) if is_for_quicktime else value


def copy_file_tags(source: Any, container: Any, origin_s: Fraction) -> None:
    """Copy title, dates, other tags of the file, and chapters; `origin_s`: what becomes zero of the file's clock."""
    for key, value in source.metadata.items():
        if key not in _OWN_TAGS and key != "timecode":
            container.metadata[key] = value
    chapters = source.chapters()
    for number, chapter in enumerate(chapters, 1):
        chapter["metadata"].setdefault("title", f"Chapter {number}")  # MP4 drops those without a name
        origin = round(origin_s / chapter["time_base"])
        chapter["start"], chapter["end"] = max(0, chapter["start"] - origin), max(0, chapter["end"] - origin)
    if chapters:
        container.set_chapters(chapters)


def lost_hdr_metadata(picture_format: PictureFormat, settings: RenderSettings) -> str | None:
    """A note for HDR sources whose mastering metadata the encoder does not write."""
    if picture_format.hdr_metadata is None or picture_format.colour.transfer not in (_PQ, _HLG):
        return None
    encoder = encoder_for(settings)
    if encoder_parameters(picture_format.hdr_metadata, encoder.name):
        return None
    return f"{encoder.name} keeps the HDR colour tags, but not the mastering display and light levels"
