"""OTIO for Premiere Pro 25 and newer: the sequence's size, and Motion effects in Premiere's own metadata.

Keys lie in media time, on the clock of the clip's source range: those of a retimed clip at the media time that it plays
on their frame. Media of another size than the sequence show their own pixels at a scale of 100, so Premiere must not
rescale them on import (preference Default Media Scaling: None).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity
from panscan.deliver.host_space import to_premiere_crop, to_premiere_motion
from panscan.deliver.numbers import rounded
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.otio.editor_metadata import EditorMetadata, make_effect
from panscan.deliver.otio.tracks import to_otio_bytes
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer, crop_inset_keys, read_sequence

METADATA_NAME = "PremierePro_OTIO"
_STATIC_FRAME = -10800000.0  # where Premiere puts the one value of a parameter without keys
_DECIMALS = 8  # of percent and of fractions of the sequence: far less than a hundredth of a px
_NORMAL_BLENDING = 18  # Premiere's number for the blend mode "Normal"

Value = float | bool | int | dict[str, float]
Parameter = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OtioPremiereOptions:
    """Options of the OTIO delivery for Premiere."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        check_key_density(self.keys)


class OtioPremiereExporter:
    """OpenTimelineIO with the sequence settings and Motion effects that Premiere Pro reads from it."""

    name: ClassVar[str] = "otio-premiere"
    title: ClassVar[str] = "OpenTimelineIO for Premiere Pro"
    suffix: ClassVar[str] = ".premiere.otio"
    opens_in: ClassVar[tuple[str, ...]] = ("Premiere Pro 25+",)
    how_to_import: ClassVar[str] = (
        "Premiere: set Preferences > Media > Default Media Scaling to None, then File > Import and choose the file."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        # No source says whether Premiere takes transitions from OTIO.
        layers=True,
        # Nor which metadata holds levels, pan, and channels of a stream.
        sound_tracks=frozenset({"streams", "speed", "exact time"}),
        black_end=True,
        markers=True,
        retimes=True,
        start_timecode=True,
        media_urls=True,
    )
    options: ClassVar[type[OtioPremiereOptions]] = OtioPremiereOptions

    def export(self, timeline: Any, *, folder: Path, options: OtioPremiereOptions) -> Artifact:
        """The timeline with one video track per layer of cells and one audio track per sound stream."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        editor_metadata = EditorMetadata(
            name=METADATA_NAME,
            timeline={"MetadataVersion": "1.0"},
            stack=_sequence(clip_sequence),
            picture_track={},
            sound_track=lambda channels: {},
            picture_clip=partial(_clip, group=0),
            sound_clip=lambda link, stream, channels: _clip(link, stream),
            effects=_effects,
            range_in_media_frames=True,
        )
        return Artifact({self.suffix: to_otio_bytes(clip_sequence, editor_metadata)}, clip_sequence.losses)


def _sequence(clip_sequence: ClipSequence) -> dict[str, Any]:
    return {
        "AudioFrameRate": float(clip_sequence.sound_rate_hz),
        "PixelAspectRatio": {"denominator": 1.0, "numerator": 1.0},
        "VideoFrameRate": float(clip_sequence.rate),
        "VideoResolution": {"height": clip_sequence.canvas.height, "width": clip_sequence.canvas.width},
    }


def _clip(link: int, group: int) -> dict[str, Any]:
    return {"LinkID": link, "OriginalChannelGroupIndex": group, "SourceClipIndex": 0}


def _effects(clip_item: ClipItem, layer: Layer) -> list[Any]:
    framing = clip_item.clip.framing
    rate = float(framing.rate)
    moves = _in_media_time(clip_item, [(frame, to_premiere_motion(key, framing.canvas)) for frame, key in layer.keys])
    position = [(frame, _point(move.x, move.y)) for frame, move in moves]
    scale = [(frame, rounded(move.scale_percent, _DECIMALS)) for frame, move in moves]
    insets = [(frame, to_premiere_crop(each)) for frame, each in crop_inset_keys(clip_item, layer)]
    crop_keys = _in_media_time(clip_item, insets)
    crops = [
        [(frame, rounded(getattr(crop, side), _DECIMALS)) for frame, crop in crop_keys] or [(0, 0.0)]
        for side in ("left", "top", "right", "bottom")
    ]
    middle = _point(0.5, 0.5)  # of the source: the anchor that positions are measured at
    motion = [
        _parameter("Position", 1, position, rate),
        _parameter("Scale", 2, scale, rate),
        _still("Scale Width", 3, 100.0, rate),
        _still(" ", 4, True, rate),  # uniform scale; Premiere shows no name for it
        _still("Rotation", 5, 0.0, rate),
        _still("Anchor Point", 6, middle, rate),
        _still("Anti-flicker Filter", 7, 0.0, rate),
        _parameter("Crop Left", 8, crops[0], rate),
        _parameter("Crop Top", 9, crops[1], rate),
        _parameter("Crop Right", 10, crops[2], rate),
        _parameter("Crop Bottom", 11, crops[3], rate),
    ]
    opacity = [
        _still("Opacity", 1, 100.0, rate),
        _still("Blend Mode", 2, _NORMAL_BLENDING, rate),
        _still("Blend Mode", 3, 0, rate),
    ]
    return [_effect("Opacity", "AE.ADBE Opacity", opacity), _effect("Motion", "AE.ADBE Motion", motion)]


def _in_media_time(clip_item: ClipItem, keys: Iterable[tuple[int, T]]) -> list[tuple[float, T]]:
    """Move keys from the clip's own clock to the media frames that it plays there, which need not be whole."""
    clip = clip_item.clip
    placed = [(float(clip.media_position(frame - clip.first)), value) for frame, value in keys]
    return placed if clip.speed >= 0 else placed[::-1]


def _effect(name: str, match: str, parameters: list[Parameter]) -> Any:
    metadata = {"IsIntrinsic": True, "MatchName": match, "Parameters": parameters}
    return make_effect(name, METADATA_NAME, metadata)


def _parameter(name: str, identifier: int, values: Sequence[tuple[float, Value]], rate: float) -> Parameter:
    """Keys in media time, or one value where the parameter never changes."""
    first = values[0][1]
    if all(value == first for _, value in values):
        return _still(name, identifier, first, rate)
    keys = [{"Position": _time(frame, rate), "Value": value} for frame, value in values]
    return {"DisplayName": name, "ID": identifier, "Keyframes": keys}


def _still(name: str, identifier: int, value: Value, rate: float) -> Parameter:
    start = {"Position": _time(_STATIC_FRAME, rate), "Value": value}
    return {"DisplayName": name, "ID": identifier, "StartValue": start}


def _point(x: float, y: float) -> dict[str, float]:
    return {"X": rounded(x, _DECIMALS), "Y": rounded(y, _DECIMALS)}


def _time(frame: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(frame)}
