"""OTIO for Premiere Pro 25 and newer: the sequence's size, and Motion effects in Premiere's own metadata.

Keys lie in media time, on the clock of the clip's source range: those of a retimed clip at the media time that it plays
on their frame. Media of another size than the sequence show their own
pixels at a scale of 100, so Premiere must not rescale them on import (preference Default Media Scaling: None).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity
from panscan.deliver.host_space import to_premiere_motion
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.otio.tracks import EditorMetadata, make_effect, to_otio_bytes
from panscan.deliver.sequence.cell_edges import crop_inset_keys
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, Layer, read_sequence

METADATA_NAME = "PremierePro_OTIO"
_STATIC_FRAME = -10800000.0  # where Premiere puts the one value of a parameter without keys
_DECIMALS = 8

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
        markers=True,
        retimes=True,
        start_timecode=True,
    )
    options: ClassVar[type[OtioPremiereOptions]] = OtioPremiereOptions

    def export(self, timeline: Any, *, folder: Path, options: OtioPremiereOptions) -> Artifact:
        """The timeline with one video track per layer of cells and one audio track per sound stream."""
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        editor_metadata = EditorMetadata(
            name=METADATA_NAME,
            timeline={"MetadataVersion": "1.0"},
            stack=_sequence(spine),
            picture_track={},
            sound_track=lambda channels: {},
            picture_clip=partial(_clip, group=0),
            sound_clip=lambda link, stream, channels: _clip(link, stream),
            effects=_effects,
            range_in_media_frames=True,
        )
        return Artifact({self.suffix: to_otio_bytes(spine, editor_metadata)}, spine.losses)


def _sequence(spine: ClipSequence) -> dict[str, Any]:
    rates_hz = [hz for piece in spine.clip_items for _, hz in piece.clip.facts.audio]
    return {
        "AudioFrameRate": float(rates_hz[0] if rates_hz else 48000),
        "PixelAspectRatio": {"denominator": 1.0, "numerator": 1.0},
        "VideoFrameRate": float(spine.rate),
        "VideoResolution": {"height": spine.canvas.height, "width": spine.canvas.width},
    }


def _clip(link: int, group: int) -> dict[str, Any]:
    return {"LinkID": link, "OriginalChannelGroupIndex": group, "SourceClipIndex": 0}


def _effects(piece: ClipItem, layer: Layer) -> list[Any]:
    framing = piece.clip.framing
    rate = float(framing.rate)
    moves = _in_media_time(piece, [(frame, to_premiere_motion(key, framing.canvas)) for frame, key in layer.keys])
    position = [(frame, _point(move.x, move.y)) for frame, move in moves]
    scale = [(frame, _rounded(move.scale_percent)) for frame, move in moves]
    cuts = _in_media_time(piece, crop_inset_keys(piece, layer))
    crops = [
        [(frame, _rounded(100 * getattr(cut, side))) for frame, cut in cuts] or [(0, 0.0)]
        for side in ("left", "top", "right", "bottom")
    ]
    middle = _point(0.5, 0.5)
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
        _still("Blend Mode", 2, 18, rate),  # normal
        _still("Blend Mode", 3, 0, rate),
    ]
    return [_effect("Opacity", "AE.ADBE Opacity", opacity), _effect("Motion", "AE.ADBE Motion", motion)]


def _in_media_time(piece: ClipItem, keys: Iterable[tuple[int, T]]) -> list[tuple[float, T]]:
    """Keys on a clip's own clock at the media frames that it plays there, which need not be whole."""
    clip = piece.clip
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
    return {"X": _rounded(x), "Y": _rounded(y)}


def _rounded(value: float) -> float:
    return round(value, _DECIMALS) + 0.0  # -0.0 becomes 0.0


def _time(frame: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(frame)}
