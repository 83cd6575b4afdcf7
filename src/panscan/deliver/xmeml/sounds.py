"""The sounds of an xmeml file in tracks of their own: a track per channel, with levels, pan and cross fades.

Two tracks that belong together carry the sides of stereo sounds, as Premiere writes them. Fades are transitions, too:
at one end alone they come from or lead to silence. Sources as in `panscan.deliver.xmeml.exporter`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from lxml import etree

from panscan.deliver.host_values import XMEML_MAX_LEVEL, to_xmeml_level, to_xmeml_pan
from panscan.deliver.numbers import format_number
from panscan.deliver.premiere_time import premiere_ticks
from panscan.deliver.sequence import ClipSequence, SoundItem, SoundTrack
from panscan.deliver.xmeml.files import MediaFiles
from panscan.deliver.xmeml.filters import add_child
from panscan.deliver.xmeml.markers import add_rate
from panscan.deliver.xml_text import xml_safe
from panscan.timeline.sound import Fade, SoundClip

_LEVEL_DECIMALS = 6
# Name and id of the cross fades, as Final Cut 7 and Premiere name them.
_CROSS_FADES = {
    "linear": ("Cross Fade ( 0dB)", "KGAudioTransCrossFade0dB"),
    "equal-power": ("Cross Fade (+3dB)", "KGAudioTransCrossFade3dB"),
}
Alignment = Literal["start-black", "center", "end-black"]


@dataclass(frozen=True, slots=True)
class _Fade:
    """A `transitionitem`.

    Attributes
    ----------
    first, end : int
        Record frames.
    alignment : "start-black", "center" or "end-black"
    fade : Fade
    """

    first: int
    end: int
    alignment: Alignment
    fade: Fade


@dataclass(frozen=True, slots=True)
class _Placed:
    """A `clipitem` of a row, and the fades beside it.

    Attributes
    ----------
    item : SoundItem
    before, after : _Fade, optional
        A cross fade belongs to both of its items.
    clip_index : int
        Its place in its track, from 1. Premiere counts transitions among the items.
    """

    item: SoundItem
    before: _Fade | None
    after: _Fade | None
    clip_index: int


class SoundWriter:
    """Writes the tracks of a sequence's sounds."""

    def __init__(
        self, audio: etree._Element, clip_sequence: ClipSequence, files: MediaFiles, *, first_track: int
    ) -> None:
        self._audio, self._rate, self._files = audio, clip_sequence.rate, files
        self._tracks = clip_sequence.sound_tracks
        self._track_index = first_track
        self._count = 0

    def write(self) -> None:
        """Append all tracks."""
        for track in self._tracks:
            for channels, row in _rows(track):
                self._row(list(_placed(row, self._rate)), channels)

    def _row(self, row: Sequence[_Placed], channels: int) -> None:
        """The tracks of a row whose items have so many channels each."""
        names = [
            [f"sound-{self._count + index + 1}-{channel + 1}" for channel in range(channels)]
            for index in range(len(row))
        ]
        self._count += len(row)
        stereo = channels == 2
        for channel in range(channels):
            pair = {"currentExplodedTrackIndex": str(channel), "totalExplodedTrackCount": "2"}
            track = add_child(self._audio, "track", **(pair | {"premiereTrackType": "Stereo"} if stereo else {}))
            for placed, own in zip(row, names, strict=True):
                if placed.before is not None:
                    _add_fade(track, placed.before, self._rate)
                self._item(track, placed, own, channel)
                if placed.after is not None and placed.after.alignment == "end-black":
                    _add_fade(track, placed.after, self._rate)
            add_child(track, "enabled", "TRUE")
            add_child(track, "locked", "FALSE")
            add_child(track, "outputchannelindex", channel + 1 if stereo else 1)
        self._track_index += channels

    def _item(self, track: etree._Element, placed: _Placed, names: Sequence[str], channel: int) -> None:
        item = placed.item
        sound, media, rate = item.sound, item.media, self._rate
        kind = "stereo" if len(names) == 2 else "mono"
        element = add_child(track, "clipitem", id=names[channel], premiereChannelType=kind)
        add_child(element, "masterclipid", f"masterclip-{self._files.sound_number(media)}")
        add_child(element, "name", xml_safe(sound.name))
        add_child(element, "enabled", "TRUE")
        add_child(element, "duration", round(media.length_s * rate))
        add_rate(element, rate)
        first, end = item.record_frames(rate)
        media_first = round(sound.media_s * rate)
        add_child(element, "start", first if placed.before is None else -1)
        add_child(element, "end", end if placed.after is None else -1)
        add_child(element, "in", media_first)
        add_child(element, "out", media_first + end - first)
        self._files.add_sound_media(element, media)
        source = add_child(element, "sourcetrack")
        add_child(source, "mediatype", "audio")
        add_child(source, "trackindex", media.channels_of(sound)[channel] + 1)
        for made in _filters(sound, media_first, rate):
            element.append(made)
        for number, name in enumerate(names if len(names) > 1 else ()):
            link = add_child(element, "link")
            add_child(link, "linkclipref", name)
            add_child(link, "mediatype", "audio")
            add_child(link, "trackindex", self._track_index + number)
            add_child(link, "clipindex", placed.clip_index)
            add_child(link, "groupindex", 1)


def _rows(track: SoundTrack) -> Iterator[tuple[int, tuple[SoundItem, ...]]]:
    """A track as rows of items with as many channels each, and this number."""
    by_count: dict[int, list[SoundItem]] = {}
    for item in track.items:
        by_count.setdefault(len(item.media.channels_of(item.sound)), []).append(item)
    for channels, items in by_count.items():
        for row in SoundTrack(track.name, tuple(items)).rows(crossing=True):
            yield channels, row


def _placed(row: Sequence[SoundItem], rate: Fraction) -> Iterator[_Placed]:
    clip_index = 0
    before: _Fade | None = None
    for number, item in enumerate(row):
        following = row[number + 1] if number + 1 < len(row) else None
        if before is None:
            before = _single(item, rate, "start-black")
        if following is not None and item.crosses(following):
            after: _Fade | None = _Fade(
                following.record_frames(rate)[0], item.record_frames(rate)[1], "center", item.sound.fade_out
            )
        else:
            after = _single(item, rate, "end-black")
        clip_index += 1 if before is None else 2
        yield _Placed(item, before, after, clip_index)
        clip_index += after is not None and after.alignment == "end-black"
        before = after if after is not None and after.alignment == "center" else None


def _single(item: SoundItem, rate: Fraction, alignment: Alignment) -> _Fade | None:
    """A fade from or to silence, as long as the sound at most."""
    first, end = item.record_frames(rate)
    fade = item.sound.fade_in if alignment == "start-black" else item.sound.fade_out
    length = min(round(fade.length_s * rate), end - first)
    if not length:
        return None
    return _Fade(*((first, first + length) if alignment == "start-black" else (end - length, end)), alignment, fade)


def _add_fade(track: etree._Element, fade: _Fade, rate: Fraction) -> None:
    element = add_child(track, "transitionitem")
    add_child(element, "start", fade.first)
    add_child(element, "end", fade.end)
    add_child(element, "alignment", fade.alignment)
    length = fade.end - fade.first
    cut = {"start-black": 0, "center": length // 2, "end-black": length}[fade.alignment]
    add_child(element, "cutPointTicks", premiere_ticks(cut, rate))
    add_rate(element, rate)
    effect = add_child(element, "effect")
    name, identifier = _CROSS_FADES[fade.fade.shape]
    add_child(effect, "name", name)
    add_child(effect, "effectid", identifier)
    add_child(effect, "effecttype", "transition")
    add_child(effect, "mediatype", "audio")
    add_child(effect, "wipecode", 0)
    add_child(effect, "wipeaccuracy", 100)
    add_child(effect, "startratio", 0)
    add_child(effect, "endratio", 1)
    add_child(effect, "reverse", "FALSE")


def _filters(sound: SoundClip, media_first: int, rate: Fraction) -> Iterator[etree._Element]:
    """Level and pan of a sound; keys count from the start of the media, as `in` does."""
    if sound.gain:
        keys = [(media_first + round(time_s * rate), to_xmeml_level(db)) for time_s, db in sound.gain]
        yield _filter("Audio Levels", "audiolevels", "level", "Level", (0, XMEML_MAX_LEVEL), keys)
    if sound.pan:
        yield _filter("Audio Pan", "audiopan", "pan", "Pan", (-1, 1), [(0, to_xmeml_pan(sound.pan))])


def _filter(
    name: str, kind: str, identifier: str, label: str, limits: tuple[float, float], keys: Sequence[tuple[int, float]]
) -> etree._Element:
    element = etree.Element("filter")
    effect = add_child(element, "effect")
    add_child(effect, "name", name)
    for tag in ("effectid", "effectcategory", "effecttype"):
        add_child(effect, tag, kind)
    add_child(effect, "mediatype", "audio")
    add_child(effect, "pproBypass", "false")
    parameter = add_child(effect, "parameter", authoringApp="PremierePro")
    add_child(parameter, "parameterid", identifier)
    add_child(parameter, "name", label)
    add_child(parameter, "valuemin", _spelt(limits[0]))
    add_child(parameter, "valuemax", _spelt(limits[1]))
    add_child(parameter, "value", _spelt(keys[0][1]))
    if len({value for _, value in keys}) > 1:
        for when, value in keys:
            key = add_child(parameter, "keyframe")
            add_child(key, "when", when)
            add_child(key, "value", _spelt(value))
    return element


def _spelt(value: float) -> str:
    return format_number(value, _LEVEL_DECIMALS)
