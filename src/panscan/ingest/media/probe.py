"""Probing a media file: streams, exact rates, rotation, pixel aspect, colour, timecode, timestamps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error
import numpy as np

from panscan.decoding.containers import open_container
from panscan.decoding.index import PROBING_THREADS, index_pictures
from panscan.decoding.orientation import Orientation, orientation_of
from panscan.decoding.photo import photo_header
from panscan.decoding.pictures import is_of_programme, picture_stream
from panscan.decoding.scan import scan_of
from panscan.decoding.sound import sound_streams
from panscan.errors import InputError
from panscan.files import digest_of
from panscan.ingest.media.no_movies import is_photo, refuse_photo, refuse_playlists_and_documents
from panscan.model.geometry import Size
from panscan.model.media import AudioStream, Colour, Deinterlace, Media, StillFacts, VideoStream
from panscan.model.time import IntArray, snap_rate, timecode_to_frames

# A rate counts as constant while timestamps stray by no more than this from a regular grid. The second number grows
# with the count of pictures: rates in headers are rounded, and the error adds up.
_CFR_JITTER_FRAMES = Fraction(1, 4)
_CFR_DRIFT_FRAMES_PER_PICTURE = 2e-6
_HEADER_TOLERANCE = Fraction(1, 500)  # of a rate: a header this near to the measured rate is the exact one

# Frames per second of the grids for media with a variable rate: what editors offer.
_MAX_GRID_RATE_HZ = 60
_GRID_RATES = tuple(Fraction(r) for r in (10, 12, 15, 24, 25, 30, 50, 60))
_GRID_TOLERANCE = Fraction(97, 100)  # of the finest step: a grid this much coarser still keeps nearly all pictures
_SHORT_STEP_PERCENT = 10  # of the steps between pictures are shorter than the one that the grid must resolve
_MIN_RATE_HZ = Fraction(1, 1000)  # a picture in a quarter of an hour: below it a clock is damaged
_DEFAULT_RATE_HZ = 25  # of a single picture whose file names no rate


def probe(path: Path | str, *, deinterlace: Deinterlace = "auto", photos: bool = True) -> Media:
    """Find out what a media file holds.

    All packets are read once for exact timestamps. A few pictures are decoded for how they look, and stretches of which
    the packets do not tell whether they decode.

    Parameters
    ----------
    path : Path or str
    deinterlace : "auto", "off" or "on"
        Whether pictures made of two fields are deinterlaced: where they are found, never, or all pictures.
    photos : bool
        Whether a photo is media, as in a cut. By itself it is no movie.

    Raises
    ------
    InputError
        The file is missing, empty, no media or a photo that is not wanted, or too few of its pictures decode.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(
            f"{file} does not exist" if not file.exists() else f"{file} is not a file",
            why="There is no media file at this path.",
            fix="Check the path.",
        )
    if file.stat().st_size == 0:
        raise InputError(f"{file} is empty", why="It holds 0 bytes.", fix="Copy or export the file again.")
    refuse_playlists_and_documents(file)
    try:
        with open_container(file) as container:
            media = _media(file, container, deinterlace)
            if not photos:
                refuse_photo(file, container, media.frame_count)
            return media
    except (av.error.FFmpegError, OSError, IndexError, EOFError) as error:
        raise InputError(
            f"{file} cannot be read as media",
            why=f"FFmpeg says: {getattr(error, 'strerror', None) or error}.",
            fix="Check that it plays in a media player; export it again as MP4 or MOV if not.",
        ) from error


def content_digest(path: Path) -> str:
    """Hash of a file's size and of 16 evenly spread blocks: identifies the content, whatever its path or date.

    To hash a whole camera original would take longer than many an analysis. An edit of a compressed movie that keeps
    its size and all these blocks does not occur.
    """
    with path.open("rb") as file:
        return digest_of(file)


def _media(file: Path, container: Any, deinterlace: Deinterlace) -> Media:
    stream = _picture_stream(file, container)
    pictures, picture = index_pictures(file, container, stream)
    rate, is_vfr = _rate(stream, pictures.pts)
    orientation = orientation_of(picture)
    scan = scan_of(container, stream, picture, rate, pictures.pts)
    aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
    coded = Size(picture.width, picture.height)
    video = VideoStream(
        index=stream.index,
        codec=stream.codec_context.name,
        pixel_format=picture.format.name,
        coded_size=coded,
        display_size=_display_size(coded, aspect, orientation.rotation_deg),
        pixel_aspect=aspect,
        rotation_deg=orientation.rotation_deg,
        rate=rate,
        is_vfr=is_vfr,
        time_base=stream.time_base,
        pts=pictures.pts,
        colour=Colour(
            int(picture.color_primaries), int(picture.color_trc), int(picture.colorspace), int(picture.color_range)
        ),
        is_mirrored=orientation.is_mirrored,
        fields=scan.chosen(deinterlace),
        pictures=pictures,
    )
    timecode, start_frame = _timecode(container, stream, rate)
    frame_count = _frame_count(video, pictures.last_duration * stream.time_base)
    return Media(
        path=str(file),
        digest=content_digest(file),
        container=container.format.name,
        video=video,
        audio=tuple(_audio(s, pictures.clock_offsets[0] * stream.time_base) for s in sound_streams(container, stream)),
        frame_count=frame_count,
        start_frame=start_frame,
        timecode=timecode,
        notes=(
            *pictures.notes,
            *_stream_notes(container, stream),
            *_notes_on_looks(picture, orientation),
            *scan.notes(deinterlace),
        ),
        still=_still(file, video) if is_photo(container, frame_count) else None,
    )


def _still(file: Path, video: VideoStream) -> StillFacts | None:
    """What a photo asks for; None where Pillow cannot read it, or reads it in another size than FFmpeg."""
    header = photo_header(file)
    return header[1] if header is not None and header[0] == video.display_size else None


def _frame_count(video: VideoStream, last_s: Fraction) -> int:
    """Grid frames up to the end of the last picture; of a constant rate, only whole ones count."""
    last = round(last_s * video.rate) if video.is_vfr else math.floor(last_s * video.rate + _CFR_JITTER_FRAMES)
    return int(video.grid_frames()[-1]) + max(1, last)


def _notes_on_looks(picture: Any, orientation: Orientation) -> Iterator[str]:
    if orientation.is_odd:
        yield f"it asks for a turn by {orientation.angle_deg:.0f} degrees; {orientation.rotation_deg} are taken"
    if any(component.is_alpha for component in picture.format.components):
        yield "its pictures are partly transparent: the transparency is left out"


def _picture_stream(file: Path, container: Any) -> Any:
    stream = picture_stream(container)
    if stream is not None:
        stream.thread_type = PROBING_THREADS
        return stream
    raise InputError(
        f"{file} has no picture",
        why=f"It holds {len(container.streams.audio)} audio stream(s) and no video stream.",
        fix="Give the movie itself, not its sound.",
    )


def _stream_notes(container: Any, stream: Any) -> list[str]:
    notes = []
    movies = [s for s in container.streams.video if "attached_pic" not in str(s.disposition)]
    if len(movies) > 1:
        notes.append(f"the file has {len(movies)} picture streams: the first is used (stream {stream.index})")
    others = sum(not is_of_programme(container, s, stream) for s in container.streams.audio)
    if others:
        notes.append(f"{others} sound stream(s) of other programmes are left out")
    unknown = sum(s.codec_context is None for s in container.streams.audio)
    if unknown:
        notes.append(f"{unknown} sound stream(s) are of a codec that FFmpeg does not know: left out")
    return notes


def _rate(stream: Any, pts: IntArray) -> tuple[Fraction, bool]:
    """Grid rate, and whether the pictures stray from it."""
    header = Fraction(stream.guessed_rate or stream.average_rate or 0)
    header = header if header >= _MIN_RATE_HZ else Fraction(_DEFAULT_RATE_HZ)
    if len(pts) < 2:
        return snap_rate(header), False
    count = len(pts)
    span_s = (int(pts[-1]) - int(pts[0])) * stream.time_base
    if Fraction(count - 1) / span_s < _MIN_RATE_HZ:
        raise InputError(
            "the times of its pictures are damaged",
            why=f"{count} pictures are spread over {float(span_s) / 3600:.0f} hours.",
            fix="Export the file again.",
        )
    measured = snap_rate(Fraction(count - 1) / span_s)
    # If header and measurement agree, the header's rate is the exact one.
    rate = snap_rate(header) if abs(snap_rate(header) - measured) <= measured * _HEADER_TOLERANCE else measured
    positions = (pts - pts[0]) * float(stream.time_base * rate)
    if np.abs(positions - np.arange(count)).max() <= _CFR_JITTER_FRAMES + count * _CFR_DRIFT_FRAMES_PER_PICTURE:
        return rate, False
    # Fine enough that hardly any two pictures share a grid frame; a burst of close pictures must not make it 240 fps.
    step_s = Fraction(int(np.percentile(np.diff(pts), _SHORT_STEP_PERCENT))) * stream.time_base
    finest = min(Fraction(_MAX_GRID_RATE_HZ), max(rate, 1 / step_s))
    standard = next((r for r in _GRID_RATES if r >= finest * _GRID_TOLERANCE), Fraction(_MAX_GRID_RATE_HZ))
    return standard, True


def _display_size(coded: Size, aspect: Fraction, rotation_deg: int) -> Size:
    """Upright size in square px; as in players, the longer axis of a px is stretched and the other one kept."""
    width = round(coded.width * aspect) if aspect > 1 else coded.width
    height = round(coded.height / aspect) if aspect < 1 else coded.height
    return Size(height, width) if rotation_deg in (90, 270) else Size(width, height)


def _timecode(container: Any, stream: Any, rate: Fraction) -> tuple[str | None, int]:
    candidates = [stream.metadata.get("timecode"), container.metadata.get("timecode")]
    candidates += [s.metadata.get("timecode") for s in container.streams if s.type == "data"]
    for text in candidates:
        if text:
            try:
                return text, timecode_to_frames(text, rate)
            except ValueError:
                continue
    return None, 0


def _audio(stream: Any, lead_s: Fraction) -> AudioStream:
    start = stream.start_time
    return AudioStream(
        index=stream.index,
        codec=stream.codec_context.name,
        rate_hz=stream.codec_context.sample_rate or 0,
        channels=stream.codec_context.channels or 0,
        start_s=lead_s + (0 if start is None else start * stream.time_base),
        language=stream.metadata.get("language", ""),
    )
