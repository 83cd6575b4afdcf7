"""The facts of a file of sound alone, such as music or a separate recording."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error

from panscan.decoding.containers import open_container
from panscan.errors import InputError
from panscan.ingest.media.no_movies import refuse_playlists_and_documents

_MICROSECOND = Fraction(1, 1_000_000)  # in which containers give their length


@dataclass(frozen=True, slots=True)
class SoundFile:
    """Sound without pictures.

    Attributes
    ----------
    path : str
    streams : tuple of (int, int)
        Channels and samples per second of each sound stream.
    duration_s : Fraction
    clock_s : Fraction
        Time of day of the first sample, as recorders write it into Broadcast Wave files; 0 where there is none.
    """

    path: str
    streams: tuple[tuple[int, int], ...]
    duration_s: Fraction
    clock_s: Fraction


def probe_sound(path: Path) -> SoundFile:
    """The facts of a file of sound alone; its packets are not read.

    Raises
    ------
    InputError
        It cannot be read, or holds no sound.
    """
    try:
        refuse_playlists_and_documents(path)
        with open_container(path) as container:
            streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
            facts = tuple((s.codec_context.channels or 0, s.codec_context.sample_rate or 0) for s in streams)
            if facts:
                return SoundFile(str(path), facts, _duration_s(container, streams), _clock_s(container, facts[0][1]))
    except (av.error.FFmpegError, OSError, EOFError) as error:
        raise InputError(
            f"{path} cannot be read as sound",
            why=f"FFmpeg says: {getattr(error, 'strerror', None) or error}.",
            fix="Check that it plays in a media player; export it again as WAV if not.",
        ) from error
    raise InputError(f"{path} holds no sound", why="It has no sound stream.", fix="Give the file that is meant.")


def _duration_s(container: Any, streams: list[Any]) -> Fraction:
    lengths_s = [stream.duration * stream.time_base for stream in streams if stream.duration]
    return max(lengths_s, default=(container.duration or 0) * _MICROSECOND)


def _clock_s(container: Any, rate_hz: int) -> Fraction:
    """Broadcast Wave counts its samples from midnight."""
    text = str(container.metadata.get("time_reference", ""))
    return Fraction(int(text), rate_hz) if text.isdigit() and rate_hz else Fraction(0)
