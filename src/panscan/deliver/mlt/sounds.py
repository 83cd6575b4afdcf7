"""Sounds in MLT: media without their pictures, with filters for level, fades, channels, and left and right.

Levels of the volume filter run straight in dB between keys, its `gain` and `end` straight in amplitude; what is heard
is a frame late. Source: MLT's filter_volume, filter_panner and filter_channelcopy, and sounds that melt 7.12 rendered.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from lxml import etree

from panscan.deliver.artifact import Loss
from panscan.deliver.host_values import to_mlt_balance, to_mlt_level
from panscan.deliver.mlt.filters import add_properties, media_properties
from panscan.deliver.mlt.retimes import add_retimed_chain
from panscan.deliver.numbers import format_number
from panscan.deliver.sequence import ClipSequence, SoundItem, level_keys, named
from panscan.timeline.sound import Fade, SoundClip

_BALANCE = {"channel": "-1", "start": "0.5"}  # without a start MLT does not look at `split`
_MIDDLE_DB = -10 * math.log10(2)  # one channel on both sides keeps its power, as MLT itself spreads mono sound
_WITHOUT_PICTURE = {"video_index": "-1", "set.test_image": "1"}  # as Shotcut and Kdenlive write it

Rows = list[tuple[str, tuple[SoundItem, ...]]]


def sound_rows(clip_sequence: ClipSequence) -> Rows:
    """The rows of all sound tracks, each with the track's name; sounds that cross lie in two of them."""
    return [(track.name, row) for track in clip_sequence.sound_tracks for row in track.rows()]


def sound_track_losses(clip_sequence: ClipSequence) -> Iterator[Loss]:
    """A choice among more than two channels, which the filters do not know."""
    lost = [
        (track, item)
        for track in clip_sequence.sound_tracks
        for item in track.items
        if item.sound.channels and item.media.streams[:1] and item.media.streams[0][0] > len(_SIDES)
    ]
    if lost:
        yield Loss(f"the choice of channels of {named(lost)}", "All channels are heard.")


class SoundProducers:
    """The media that the rows of one track play, each once."""

    def __init__(self, root: etree._Element, rate: Fraction, prefix: str) -> None:
        self._root, self._rate, self._prefix = root, rate, prefix
        self._known: dict[object, str] = {}
        self._count = 0

    def add(self, item: SoundItem, use: object, more: dict[str, str]) -> str:
        """Id of a producer of an item's media; `use`: what else it must not be shared with."""
        length = str(math.ceil(item.media.length_s * self._rate))
        if item.sound.speed == 1 and (item.media.path, use) in self._known:
            return self._known[item.media.path, use]
        self._count += 1
        name = f"{self._prefix}{self._count}"
        if item.sound.speed == 1:
            self._known[item.media.path, use] = name
            in_out = {"in": "0", "out": str(int(length) - 1)}
            producer = etree.SubElement(self._root, "producer", {"id": name, **in_out})
            add_properties(producer, media_properties(item.media.path, length, sounds=True) | _WITHOUT_PICTURE | more)
            return name
        first, end = item.record_frames(self._rate)
        values = media_properties(item.media.path, str(end - first), sounds=True) | _WITHOUT_PICTURE | more
        sound = item.sound
        ends = {n: sound.media_s + n * sound.speed / self._rate for n in (0, end - first)}
        add_retimed_chain(self._root, name, end - first, values, ends)
        return name


def add_sound_entry(
    playlist: etree._Element, item: SoundItem, producer: str, cursor: int, rate: Fraction, *, media_keys: bool = False
) -> int:
    """Add a sound to a playlist that is filled up to a record frame; where it is filled then.

    media_keys: filters that last as long as the sound have no range, and their keys count from the start of the media.
    """
    first, end = item.record_frames(rate)
    if first > cursor:
        etree.SubElement(playlist, "blank", length=str(first - cursor))
    media_first = round(item.sound.media_s * rate) if item.sound.speed == 1 else 0
    in_out = {"in": str(media_first), "out": str(media_first + end - first - 1)}
    entry = etree.SubElement(playlist, "entry", {"producer": producer, **in_out})
    for values, begin, count in _filters(item, end - first, rate, media_first if media_keys else 0):
        span = {"in": str(media_first + begin), "out": str(media_first + begin + count - 1)}
        is_fade = values["kdenlive_id"].startswith("fade")
        add_properties(etree.SubElement(entry, "filter", {} if media_keys and not is_fade else span), values)
    return end


# What channelcopy copies, for the left and the right channel alone.
_SIDES = ({"from": "0", "to": "1"}, {"from": "1", "to": "0"})


def _filters(item: SoundItem, count: int, rate: Fraction, first_key: int) -> Iterator[tuple[dict[str, str], int, int]]:
    """Properties of the filters of a sound, and the first frame and the length of each, from the sound's own start.

    Kdenlive knows its effects by `kdenlive_id`. first_key: number of a key on the first frame.
    """
    sound = item.sound
    if len(sound.channels) == 1 and item.media.streams[:1] and item.media.streams[0][0] == len(_SIDES):
        yield {"mlt_service": "channelcopy", "kdenlive_id": "channelcopy", **_SIDES[sound.channels[0]]}, 0, count
        sound = replace(
            sound, gain=tuple((time_s, db + _MIDDLE_DB) for time_s, db in sound.gain or ((Fraction(0), 0.0),))
        )
    if sound.gain:
        level = _level(sound, rate, first_key)
        yield {"mlt_service": "volume", "kdenlive_id": "volume", "level": level}, 0, count
    if sound.pan:
        balance = format_number(to_mlt_balance(sound.pan))
        yield {"mlt_service": "panner", "kdenlive_id": "audiobalance", **_BALANCE, "split": balance}, 0, count
    fade_in, fade_out = (min(round(fade.length_s * rate), count) for fade in (sound.fade_in, sound.fade_out))
    if fade_in:
        yield _fade(sound.fade_in, fade_in, rises=True) | {"kdenlive_id": "fadein"}, 0, fade_in
    if fade_out:
        yield _fade(sound.fade_out, fade_out, rises=False) | {"kdenlive_id": "fadeout"}, count - fade_out, fade_out


def _level(sound: SoundClip, rate: Fraction, first_key: int) -> str:
    keys = {first_key + round(time_s * rate): to_mlt_level(level_db) for time_s, level_db in level_keys(sound)}
    return next(iter(keys.values())) if len(keys) == 1 else ";".join(f"{frame}={db}" for frame, db in keys.items())


def _fade(fade: Fade, count: int, *, rises: bool) -> dict[str, str]:
    """A fade over so many frames; one that keeps the power has a key on each."""
    if fade.shape == "linear":
        return {"mlt_service": "volume", "gain": str(int(not rises)), "end": str(int(rises))}
    parts = [(frame if rises else count - frame) / count for frame in range(count + 1)]
    levels = [to_mlt_level(20 * math.log10(max(math.sin(math.pi / 2 * part), 1e-6))) for part in parts]
    return {"mlt_service": "volume", "level": ";".join(f"{frame}={level}" for frame, level in enumerate(levels))}
