"""The media of an xmeml file: each is described in full where it is named first."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from lxml import etree

from panscan.deliver.sequence import DEFAULT_SOUND_HZ, SoundMedia
from panscan.deliver.xmeml.filters import add_child
from panscan.deliver.xmeml.markers import add_rate
from panscan.deliver.xml_text import xml_safe
from panscan.model.geometry import Size
from panscan.model.time import frames_to_timecode, is_drop_frame
from panscan.timeline.cut import FramedClip

_SOUND_BITS = 16  # of a sample: the element needs a number, and that of the media is not known

PathUrl = Literal["localhost", "empty-host", "double-slash"]
# What stands before an absolute path.
_BEFORE_PATH: Mapping[PathUrl, str] = {
    "localhost": "file://localhost",
    "empty-host": "file://",
    "double-slash": "file://localhost/",
}


class MediaFiles:
    """Numbers the media, and describes them."""

    def __init__(self, rate: Fraction, pathurl: PathUrl) -> None:
        self._rate, self._pathurl = rate, pathurl
        self._numbers: dict[object, int] = {}
        self._written: set[int] = set()

    def add_picture_media(self, element: etree._Element, clip: FramedClip) -> None:
        """Add the media of a clip with a picture."""
        file = self._file(element, self.number(clip), clip.path)
        if file is None:
            return
        facts, rate = clip.facts, clip.framing.rate
        add_rate(file, facts.rate)
        add_child(file, "duration", round(clip.available_count * facts.rate / rate))
        start = round(clip.available_first * facts.rate / rate)
        add_timecode(file, start, facts.rate, is_drop_frame(facts.timecode, facts.rate))
        media = add_child(file, "media")
        add_picture_format(add_child(media, "video"), facts.size, facts.rate)
        _add_sounds(media, facts.audio)

    def add_sound_media(self, element: etree._Element, media: SoundMedia) -> None:
        """Add the media of a sound; one without a picture counts at the rate of the sequence."""
        if media.clip is not None:
            self.add_picture_media(element, media.clip)
            return
        file = self._file(element, self.sound_number(media), media.path)
        if file is None:
            return
        add_rate(file, self._rate)
        add_child(file, "duration", ceil(media.length_s * self._rate))
        add_timecode(file, round(media.start_s * self._rate), self._rate, is_drop=False)
        _add_sounds(add_child(file, "media"), media.streams or ((2, DEFAULT_SOUND_HZ),))

    def number(self, clip: FramedClip) -> int:
        """Number of a clip's media."""
        return self._number((clip.path, clip.available_first, clip.available_count, clip.facts))

    def sound_number(self, media: SoundMedia) -> int:
        """Number of a sound's media."""
        return self.number(media.clip) if media.clip is not None else self._number(media)

    def _number(self, key: object) -> int:
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def _file(self, element: etree._Element, number: int, path: Path) -> etree._Element | None:
        """A new `file`; None where it only refers to the one of the same id."""
        file = add_child(element, "file", id=f"file-{number}")
        if number in self._written:
            return None
        self._written.add(number)
        add_child(file, "name", xml_safe(path.name))  # with its extension: editors relink by it
        add_child(file, "pathurl", _BEFORE_PATH[self._pathurl] + _encoded(path))
        return file


def add_picture_format(parent: etree._Element, size: Size, rate: Fraction) -> None:
    """Add the format of a picture."""
    format_ = add_child(parent, "samplecharacteristics")
    add_rate(format_, rate)
    add_child(format_, "width", size.width)  # of a file: Premiere divides the position by it
    add_child(format_, "height", size.height)
    add_child(format_, "anamorphic", "FALSE")
    add_child(format_, "pixelaspectratio", "square")
    add_child(format_, "fielddominance", "none")


def add_sound_format(parent: etree._Element, rate_hz: int) -> None:
    """Add the format of a sound."""
    format_ = add_child(parent, "samplecharacteristics")
    add_child(format_, "depth", _SOUND_BITS)
    add_child(format_, "samplerate", rate_hz)


def add_timecode(parent: etree._Element, frame: int, rate: Fraction, is_drop: bool) -> None:
    """Add the timecode of a first frame."""
    timecode = add_child(parent, "timecode")
    add_rate(timecode, rate)
    add_child(timecode, "string", frames_to_timecode(frame, rate, drop=is_drop))
    add_child(timecode, "frame", frame)
    add_child(timecode, "displayformat", "DF" if is_drop else "NDF")


def _encoded(path: Path) -> str:
    """The path as Premiere writes it: every segment percent-encoded, a drive letter's colon too ("/C%3a/")."""
    posix = path.absolute().as_posix()
    encoded = quote(os.fsencode(posix), safe="/").replace("%3A", "%3a")
    return encoded if encoded.startswith("/") else f"/{encoded}"


def _add_sounds(media: etree._Element, streams: Iterable[tuple[int, int]]) -> None:
    for channels, rate_hz in streams:
        audio = add_child(media, "audio")
        add_sound_format(audio, rate_hz)
        add_child(audio, "channelcount", channels)
