"""Sounds in FCPXML: clips without a picture, connected below the storyline, one lane per row of a track.

Lanes must not overlap; sounds that cross lie in two lanes, each with its own fade. Source for what a project says of
sound: Apple's DTD, and projects that Final Cut exported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from lxml import etree

from panscan.deliver.fcpxml.resources import PROJECT_RATES, Resources, seconds_time
from panscan.deliver.fcpxml.retimes import add_time_point
from panscan.deliver.host_values import to_fcpxml_level, to_fcpxml_pan
from panscan.deliver.sequence import ClipSequence, SoundItem, SoundTrack
from panscan.deliver.xml_text import xml_safe
from panscan.model.time import is_drop_frame
from panscan.timeline.cut import FramedClip
from panscan.timeline.sound import SoundClip

_STEREO_PANNER = "1 (Stereo Left/Right)"
# Final Cut's own roles, by words in the names of tracks; the first is that of all others.
_ROLES = {"dialogue": (), "music": ("music", "musik", "score"), "effects": ("fx", "effect", "atmo", "foley", "ambien")}
# Shapes of fades as Final Cut spells them: its "+3dB" is the one that keeps the power of two sounds that cross.
_SHAPES = {"linear": "linear", "equal-power": "easeIn"}


def add_conform_rate(element: etree._Element, clip: FramedClip) -> None:
    """Let media of another rate keep its speed; otherwise Final Cut may run 24 fps at 25."""
    if clip.facts.rate != clip.framing.rate:
        conform_rate = etree.SubElement(element, "conform-rate", scaleEnabled="0")
        if clip.facts.rate in PROJECT_RATES:
            conform_rate.set("srcFrameRate", PROJECT_RATES[clip.facts.rate][1])


@dataclass(frozen=True, slots=True)
class ConnectedSound:
    """A sound and its place below the storyline.

    Attributes
    ----------
    item : SoundItem
    channels : tuple of int
        Those that are heard, from 0, counted over all streams of the file.
    lane : int
        Below 0.
    role : str
    """

    item: SoundItem
    channels: tuple[int, ...]
    lane: int
    role: str

    @property
    def start_s(self) -> Fraction:
        """Record time at which it starts."""
        return self.item.sound.start_s


def connected_sounds(clip_sequence: ClipSequence) -> list[ConnectedSound]:
    """All sounds in record order."""
    found = []
    lane = 0
    for track in clip_sequence.sound_tracks:
        whole = _whole_sounds(track)
        for row in replace(track, items=tuple(item for item, _ in whole.values())).rows():
            lane -= 1
            found += [ConnectedSound(item, whole[_alike(item)][1], lane, _role(track.name)) for item in row]
    return sorted(found, key=lambda one: (one.start_s, -one.lane))


def _whole_sounds(track: SoundTrack) -> dict[SoundClip, tuple[SoundItem, tuple[int, ...]]]:
    """The sounds of a track with all channels that are heard alike: one clip brings several streams."""
    found: dict[SoundClip, tuple[SoundItem, tuple[int, ...]]] = {}
    for item in track.items:
        first, channels = found.get(_alike(item), (item, ()))
        found[_alike(item)] = first, tuple(sorted({*channels, *item.media.channels_of(item.sound)}))
    return found


def _alike(item: SoundItem) -> SoundClip:
    return replace(item.sound, stream=0, channels=())


class ConnectedSounds:
    """Writes sounds into the elements that they hang on."""

    def __init__(self, resources: Resources, rate: Fraction) -> None:
        self._resources, self._rate = resources, rate

    def add(self, parent: etree._Element, connected: ConnectedSound, offset_s: Fraction) -> None:
        """Add a sound at a time of its parent's own clock."""
        item, rate = connected.item, self._rate
        sound, media = item.sound, item.media
        begins_s = _local_start_s(item)
        attributes = {
            "ref": self._resources.sound_asset(media, rate),
            "name": xml_safe(sound.name),
            "lane": str(connected.lane),
            "offset": seconds_time(offset_s, rate),
            "start": seconds_time(begins_s, rate),
            "duration": seconds_time(sound.length_s, rate),
            "audioRole": connected.role,
        }
        clip = media.clip
        if clip is not None:
            attributes |= {
                "srcEnable": "audio",
                "format": self._resources.asset(clip)[1],
                "tcFormat": "DF" if is_drop_frame(clip.facts.timecode, clip.framing.rate) else "NDF",
            }
        element = etree.SubElement(parent, "asset-clip", attributes)
        if clip is not None:
            add_conform_rate(element, clip)
        if sound.speed != 1:
            _add_time_map(element, item)
        _add_volume(element, sound, begins_s, rate)
        if sound.pan:
            etree.SubElement(element, "adjust-panner", mode=_STEREO_PANNER, amount=to_fcpxml_pan(sound.pan))
        _add_channels(element, connected)


def _role(name: str) -> str:
    """The role of a track's sounds: one of Final Cut's own, with the track as its subrole."""
    lower = name.lower()
    role = next((role for role, words in _ROLES.items() if any(word in lower for word in words)), next(iter(_ROLES)))
    return f"{role}.{xml_safe(name).replace('.', ' ')}"


def _local_start_s(item: SoundItem) -> Fraction:
    """Where a sound starts on its own clock: that of its media, or of its time map."""
    sound, media = item.sound, item.media
    if sound.speed == 1:
        return item.source_s
    played_s = sound.media_s if sound.speed > 0 else media.length_s - sound.media_s
    return media.start_s + played_s / abs(sound.speed)


def _add_time_map(element: etree._Element, item: SoundItem) -> None:
    """The speed of a sound, over its whole media, as for pictures (`panscan.deliver.fcpxml.retimes`)."""
    media, speed = item.media, item.sound.speed
    ends = (media.start_s, media.start_s + media.length_s)
    time_map = etree.SubElement(element, "timeMap")
    add_time_point(time_map, media.start_s, ends[0 if speed > 0 else 1])
    add_time_point(time_map, media.start_s + media.length_s / abs(speed), ends[1 if speed > 0 else 0])


def _add_volume(element: etree._Element, sound: SoundClip, begins_s: Fraction, rate: Fraction) -> None:
    moves = len({level_db for _, level_db in sound.gain}) > 1
    fades = [("fadeIn", sound.fade_in), ("fadeOut", sound.fade_out)]
    if not (sound.gain or any(fade.length_s for _, fade in fades)):
        return
    amount = to_fcpxml_level(sound.gain[0][1] if sound.gain else 0.0)
    volume = etree.SubElement(element, "adjust-volume", {} if moves else {"amount": amount})
    if not (moves or any(fade.length_s for _, fade in fades)):
        return
    parameter = etree.SubElement(volume, "param", name="amount")
    for tag, fade in fades:
        if fade.length_s:
            duration = seconds_time(fade.length_s, rate)
            etree.SubElement(parameter, tag, type=_SHAPES[fade.shape], duration=duration)
    if moves:
        animation = etree.SubElement(parameter, "keyframeAnimation")
        for time_s, level_db in sound.gain:
            time = seconds_time(begins_s + time_s, rate)
            etree.SubElement(animation, "keyframe", time=time, value=to_fcpxml_level(level_db), curve="linear")


def _add_channels(element: etree._Element, connected: ConnectedSound) -> None:
    """Which channels are heard, where these are not all of the file; the others are there, but switched off."""
    every = range(sum(channels for channels, _ in connected.item.media.streams))
    others = [channel for channel in every if channel not in connected.channels]
    for channels, active in ((connected.channels, "1"), (others, "0")) if others else ():
        numbers = ", ".join(str(channel + 1) for channel in channels)
        etree.SubElement(element, "audio-channel-source", srcCh=numbers, role=connected.role, active=active)
