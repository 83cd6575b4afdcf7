"""OTIO for DaVinci Resolve: Transform and Cropping effects in Resolve's own metadata, on stock Effect.1 objects.

Key frames count from the first frame of the clip in the record. A key without curve handles is joined to the next by a
straight line, as the document's keys are. Those of a clip that a dissolve leads to begin before it, at negative frames.
Resolve ignores metadata that is not its own and does not keep it, so none of panscan's goes along: the plain .otio
beside this file holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity
from panscan.deliver.host_space import to_resolve_transform
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.otio.tracks import EditorMetadata, make_effect, to_otio_bytes
from panscan.deliver.sequence.cell_edges import crop_inset_keys
from panscan.deliver.sequence.sequence import ClipItem, Layer, read_sequence
from panscan.errors import InputError

METADATA_NAME = "Resolve_OTIO"
_AUDIO_TYPES = {1: {"Audio Type": "Mono"}, 2: {"Audio Type": "Stereo"}}  # the spelling of the others is not known
_DECIMALS = 8  # a hundred-thousandth of a pixel of the widest picture

# As Resolve writes transitions and markers itself; the comment of a marker it keeps in its own metadata alone.
_CROSS_DISSOLVE = {
    "Effects": {
        "Effect Name": "Cross Dissolve",
        "Enabled": True,
        "Name": "Cross Dissolve",
        "Parameters": [],
        "Type": 9,
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
        layers=True, transitions=True, markers=True, retimes=True, start_timecode=True
    )
    options: ClassVar[type[OtioResolveOptions]] = OtioResolveOptions

    def export(self, timeline: Any, *, folder: Path, options: OtioResolveOptions) -> Artifact:
        """The timeline with one video track per layer of cells and one audio track per sound stream.

        Raises
        ------
        InputError
            A camera needs more zoom, pan or tilt than Resolve has.
        """
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        editor_metadata = EditorMetadata(
            name=METADATA_NAME,
            timeline={"Resolve OTIO Meta Version": "1.0"},
            stack={},
            picture_track={"Locked": False},
            sound_track=lambda channels: {**_AUDIO_TYPES.get(channels, {}), "Locked": False, "SoloOn": False},
            picture_clip=lambda link: {"Link Group ID": link},
            sound_clip=lambda link, stream, channels: {
                "Link Group ID": link,
                "Channels": [{"Source Channel ID": n, "Source Track ID": stream} for n in range(channels)],
            },
            effects=_effects,
            dissolve=_CROSS_DISSOLVE,
            marker=lambda mark: {"Keywords": [], "Note": mark.note},
        )
        return Artifact({self.suffix: to_otio_bytes(spine, editor_metadata)}, spine.losses)


def _effects(piece: ClipItem, layer: Layer) -> list[Any]:
    clip = piece.clip
    source, canvas = clip.framing.source, clip.framing.canvas
    moves = [(frame - clip.first, to_resolve_transform(key, source, canvas)) for frame, key in layer.keys]
    zoom = [(frame, move.zoom) for frame, move in moves]
    transform = (
        _parameter("transformationZoomX", zoom, 1.0, 0.0, 100.0, clip.name),
        _parameter("transformationZoomY", zoom, 1.0, 0.0, 100.0, clip.name),
        _parameter("transformationPan", [(frame, move.pan) for frame, move in moves], 0.0, -4.0, 4.0, clip.name),
        _parameter("transformationTilt", [(frame, move.tilt) for frame, move in moves], 0.0, -4.0, 4.0, clip.name),
    )
    found = [_effect("Transform", 2, transform)]
    cuts = [(frame - clip.first, cut) for frame, cut in crop_inset_keys(piece, layer)]
    if cuts:
        sides = {"Left": "left", "Right": "right", "Top": "top", "Bottom": "bottom"}
        cropping = [
            _parameter(f"crop{side}", [(frame, getattr(cut, name)) for frame, cut in cuts], 0.0, 0.0, 1.0, clip.name)
            for side, name in sides.items()
        ]
        found.append(_effect("Cropping", 3, cropping))
    return found


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
    identifier: str, values: Values, default: float, low: float, high: float, clip: str
) -> dict[str, Any] | None:
    """A parameter as Resolve writes it, or None where it keeps its default throughout (Resolve lists no such)."""
    rounded = [(frame, round(value, _DECIMALS) + 0.0) for frame, value in values]
    if not all(low <= value <= high for _, value in rounded):
        raise InputError(
            f"clip {clip!r} needs a {identifier} that Resolve does not have",
            why=f"Resolve takes {low:g} to {high:g}; the camera needs "
            f"{min(v for _, v in rounded):.4g} to {max(v for _, v in rounded):.4g}.",
            fix="Frame this clip less tightly, or deliver with `--to fcpxml`.",
        )
    moves = len({value for _, value in rounded}) > 1
    if not moves and rounded[0][1] == default:
        return None
    keys = {str(frame): {"Value": value, "Variant Type": "Double"} for frame, value in rounded} if moves else {}
    return {
        "Default Parameter Value": default,
        "Key Frames": keys,
        "Parameter ID": identifier,
        "Parameter Value": rounded[0][1],
        "Variant Type": "Double",
        "maxValue": high,
        "minValue": low,
    }
