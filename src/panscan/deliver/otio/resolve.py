"""OTIO for DaVinci Resolve: Transform and Cropping effects in Resolve's own metadata, on stock Effect.1 objects.

Key frames count from the first frame of the clip in the record. Between keys without curve handles Resolve interpolates
linearly, as cameras do. Where a dissolve leads to a clip, its keys begin before it, at negative frames. Resolve ignores
metadata that is not its own and does not keep it, so panscan's is not written: the plain .otio beside this file holds
it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity
from panscan.deliver.host_space import RESOLVE_MAX_MOVE, RESOLVE_MAX_ZOOM, to_resolve_transform
from panscan.deliver.numbers import rounded
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.otio.editor_metadata import EditorMetadata, make_effect
from panscan.deliver.otio.sounds import one_sided_fades
from panscan.deliver.otio.tracks import to_otio_bytes
from panscan.deliver.sequence import ClipItem, Layer, crop_inset_keys, read_sequence
from panscan.errors import InputError

METADATA_NAME = "Resolve_OTIO"
# Of an audio track, by its channels; how Resolve spells the others is not known.
_AUDIO_TYPES = {1: {"Audio Type": "Mono"}, 2: {"Audio Type": "Stereo"}}
_DECIMALS = 8  # a hundred-thousandth of a pixel of the widest picture

# Resolve's numbers for its effects.
_TRANSFORM, _CROPPING, _DISSOLVE, _FADERS = 2, 3, 9, 36
_MAX_FADER = 2147483647.0  # as Resolve writes it: the largest number of 32 bits

# As Resolve writes transitions itself.
_CROSS_DISSOLVE = {
    "Effects": {
        "Effect Name": "Cross Dissolve",
        "Enabled": True,
        "Name": "Cross Dissolve",
        "Parameters": [],
        "Type": _DISSOLVE,
    },
    "Transition Type": "Cross Dissolve",
}

Values = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class OtioResolveOptions:
    """Options of the OTIO delivery for Resolve."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        check_key_density(self.keys)


class OtioResolveExporter:
    """OpenTimelineIO with the transforms and crops that DaVinci Resolve reads from it."""

    name: ClassVar[str] = "otio-resolve"
    title: ClassVar[str] = "OpenTimelineIO for DaVinci Resolve"
    suffix: ClassVar[str] = ".resolve.otio"
    opens_in: ClassVar[tuple[str, ...]] = ("DaVinci Resolve 18.5+",)
    how_to_import: ClassVar[str] = (
        "Resolve: set the project's timeline to the canvas and the rate of the media, mismatched files to "
        '"Scale entire image to fit", then File > Import > Timeline.'
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        # Which metadata holds levels and pan is not known.
        sound_tracks=frozenset({"fades", "channels", "streams", "speed", "exact time"}),
        transitions=True,
        fades="inside",
        black_end=True,
        markers=True,
        retimes=True,
        start_timecode=True,
        media_urls=True,
    )
    options: ClassVar[type[OtioResolveOptions]] = OtioResolveOptions

    def export(self, timeline: Any, *, folder: Path, options: OtioResolveOptions) -> Artifact:
        """The timeline with one video track per layer of cells and one audio track per sound stream.

        Raises
        ------
        InputError
            A camera needs more zoom, pan or tilt than Resolve has.
        """
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        editor_metadata = EditorMetadata(
            name=METADATA_NAME,
            timeline={"Resolve OTIO Meta Version": "1.0"},
            stack={},
            picture_track={"Locked": False},
            sound_track=lambda channels: {**_AUDIO_TYPES.get(channels, {}), "Locked": False, "SoloOn": False},
            picture_clip=lambda link: {"Link Group ID": link},
            sound_clip=lambda link, stream, channels: {
                "Link Group ID": link,
                "Channels": [{"Source Channel ID": n, "Source Track ID": stream} for n in channels],
            },
            effects=_effects,
            dissolve=_CROSS_DISSOLVE,
            marker=lambda marker: {"Keywords": [], "Note": marker.note},
        )
        losses = (*clip_sequence.losses, *one_sided_fades(clip_sequence))
        return Artifact({self.suffix: to_otio_bytes(clip_sequence, editor_metadata)}, losses)


def _effects(clip_item: ClipItem, layer: Layer) -> list[Any]:
    clip = clip_item.clip
    source, canvas = clip.framing.source, clip.framing.canvas
    moves = [(frame - clip.first, to_resolve_transform(key, source, canvas)) for frame, key in layer.keys]
    zoom = [(frame, move.zoom) for frame, move in moves]
    pan = [(frame, move.pan) for frame, move in moves]
    tilt = [(frame, move.tilt) for frame, move in moves]
    transform = (
        _parameter("transformationZoomX", zoom, 1.0, (0.0, RESOLVE_MAX_ZOOM), clip.name),
        _parameter("transformationZoomY", zoom, 1.0, (0.0, RESOLVE_MAX_ZOOM), clip.name),
        _parameter("transformationPan", pan, 0.0, (-RESOLVE_MAX_MOVE, RESOLVE_MAX_MOVE), clip.name),
        _parameter("transformationTilt", tilt, 0.0, (-RESOLVE_MAX_MOVE, RESOLVE_MAX_MOVE), clip.name),
    )
    found = [_effect("Transform", _TRANSFORM, transform)]
    insets = [(frame - clip.first, each) for frame, each in crop_inset_keys(clip_item, layer)]
    if insets:
        sides = {"Left": "left", "Right": "right", "Top": "top", "Bottom": "bottom"}
        cropping = [
            _parameter(f"crop{side}", [(n, getattr(each, name)) for n, each in insets], 0.0, (0.0, 1.0), clip.name)
            for side, name in sides.items()
        ]
        found.append(_effect("Cropping", _CROPPING, cropping))
    faders = {"videoFaderIn": clip_item.fade_in_frames, "videoFaderOut": clip_item.fade_out_frames}
    if any(faders.values()):
        found.append(_effect("Video Faders", _FADERS, [_fader(name, frames) for name, frames in faders.items()]))
    return found


def _fader(identifier: str, frames: int) -> dict[str, Any] | None:
    """How long a clip comes from black or goes to it, in frames; None where it does not."""
    if not frames:
        return None
    return {
        "Default Parameter Value": 0.0,
        "Parameter ID": identifier,
        "Parameter Value": float(frames),
        "Variant Type": "Double",
        "maxValue": _MAX_FADER,
        "minValue": 0.0,
    }


def _effect(name: str, kind: int, parameters: Iterable[dict[str, Any] | None]) -> Any:
    metadata = {
        "Effect Name": name,
        "Enabled": True,
        "Name": name,
        "Parameters": [parameter for parameter in parameters if parameter],
        "Type": kind,
    }
    return make_effect("Resolve Effect", METADATA_NAME, metadata)


def _parameter(
    identifier: str, values: Values, default: float, limits: tuple[float, float], clip_name: str
) -> dict[str, Any] | None:
    """A parameter as Resolve writes it; None where it always has its default, which Resolve does not write."""
    low, high = limits
    values = [(frame, rounded(value, _DECIMALS)) for frame, value in values]
    if not all(low <= value <= high for _, value in values):
        raise InputError(
            f"clip {clip_name!r} needs a {identifier} that Resolve does not have",
            why=f"Resolve takes {low:g} to {high:g}; the camera needs "
            f"{min(v for _, v in values):.4g} to {max(v for _, v in values):.4g}.",
            fix="Frame this clip less tightly, or deliver with `--to fcpxml`.",
        )
    moves = len({value for _, value in values}) > 1
    if not moves and values[0][1] == default:
        return None
    keys = {str(frame): {"Value": value, "Variant Type": "Double"} for frame, value in values} if moves else {}
    return {
        "Default Parameter Value": default,
        "Key Frames": keys,
        "Parameter ID": identifier,
        "Parameter Value": values[0][1],
        "Variant Type": "Double",
        "maxValue": high,
        "minValue": low,
    }
