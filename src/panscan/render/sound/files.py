"""The files that the sound of a cut comes from: their sound streams, and where their clocks start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av.error

from panscan.decoding.containers import open_container
from panscan.decoding.index import read_index
from panscan.decoding.pictures import picture_stream
from panscan.decoding.sound import sound_streams
from panscan.model.media import PictureIndex
from panscan.timeline.sound import SoundClip


@dataclass(frozen=True, slots=True)
class SoundStream:
    """A sound stream of a file.

    Attributes
    ----------
    index : int
        In the file.
    layout : str
        FFmpeg's name of its channel layout.
    """

    index: int
    layout: str


@dataclass(frozen=True, slots=True)
class FileClock:
    """The clock of a file.

    Attributes
    ----------
    zero_s : Fraction
        Its time at the first picture, or at the first sample of sound alone.
    index : PictureIndex, optional
        Says how it jumps; None without pictures.
    """

    zero_s: Fraction
    index: PictureIndex | None


class SoundFiles:
    """What is known of the files: each is opened once for its streams, and once for its clock when it is first heard.

    A cut may use thousands of files, so none stays open.
    """

    def __init__(self) -> None:
        self._streams: dict[Path, tuple[SoundStream, ...]] = {}
        self._clocks: dict[Path, FileClock] = {}

    def stream(self, sound: SoundClip) -> SoundStream | None:
        """The stream of a sound clip; None where the file is missing, cannot be read or has no such stream."""
        if sound.path not in self._streams:
            self._streams[sound.path] = _sound_streams(sound.path)
        streams = self._streams[sound.path]
        return streams[sound.stream] if sound.stream < len(streams) else None

    def clock(self, path: Path) -> FileClock:
        """The clock of a file.

        Raises
        ------
        InputError
            Too few of its pictures decode.
        av.error.FFmpegError
            It cannot be read.
        """
        if path not in self._clocks:
            self._clocks[path] = _clock(path)
        return self._clocks[path]


def _sound_streams(path: Path) -> tuple[SoundStream, ...]:
    try:
        with open_container(path) as container:
            streams = sound_streams(container, picture_stream(container))
            return tuple(SoundStream(s.index, s.codec_context.layout.name) for s in streams)
    except (OSError, av.error.FFmpegError):
        return ()


def _clock(path: Path) -> FileClock:
    with open_container(path) as container:
        if picture_stream(container) is None:
            first = next(container.decode(audio=0), None)
            zero_s = Fraction(0) if first is None or first.pts is None else first.pts * Fraction(first.time_base)
            return FileClock(zero_s, None)
    index = read_index(path)
    # The times of all its pictures are not needed: a cut may use many long films.
    return FileClock(int(index.pts[0]) * index.time_base, replace(index, pts=index.pts[:1]))
