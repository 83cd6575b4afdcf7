"""FCPXML for Final Cut Pro and DaVinci Resolve: conform fit, then a keyframed transform.

Final Cut joins keys of scale and position by straight lines, as the document does, so keys go over one to one. Key
times run on the clip's own axis, which starts at the clip's `start` (the media's timecode included).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, get_args

from lxml import etree

from panscan.deliver.artifact import Artifact, Loss, distinct
from panscan.deliver.host_space import FcpxmlTransform, YUnit, fcpxml
from panscan.deliver.spine import Piece, Spine, read_spine
from panscan.deliver.xml_text import legal, number
from panscan.document.timeline import FramedClip
from panscan.errors import UsageError
from panscan.model.geometry import Size

VERSIONS = ("1.9", "1.10", "1.11", "1.12", "1.13")

# Final Cut's project rates, as its format names and conform-rate spell them.
_RATES: dict[Fraction, tuple[str, str]] = {
    Fraction(24000, 1001): ("2398", "23.98"),
    Fraction(24): ("24", "24"),
    Fraction(25): ("25", "25"),
    Fraction(30000, 1001): ("2997", "29.97"),
    Fraction(30): ("30", "30"),
    Fraction(50): ("50", "50"),
    Fraction(60000, 1001): ("5994", "59.94"),
    Fraction(60): ("60", "60"),
}
_SIZES = {
    Size(1280, 720): "720p",
    Size(1920, 1080): "1080p",
    Size(3840, 2160): "3840x2160p",
    Size(4096, 2160): "4096x2160p",
}
_CUSTOM_FORMAT = "FFVideoFormatRateUndefined"
_SEQUENCE_AUDIO = {32000: "32k", 44100: "44.1k", 48000: "48k", 88200: "88.2k", 96000: "96k", 176400: "176.4k"}


@dataclass(frozen=True, slots=True)
class FcpxmlOptions:
    """Options of the FCPXML delivery."""

    version: str = field(
        default="1.10",
        metadata={"help": "FCPXML version, 1.9 to 1.13; 1.10 opens in Final Cut 10.6 and Resolve 18.5 or newer"},
    )
    y_unit: YUnit = field(
        default="canvas",
        metadata={"help": 'what position counts in: "canvas" (Final Cut), or "fitted" for a Resolve that needs it'},
    )

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise UsageError(
                f"FCPXML version {self.version!r} cannot be written",
                why=f"panscan writes {', '.join(VERSIONS)}.",
                fix="Leave the version out, or use one of these.",
            )
        if self.y_unit not in get_args(YUnit):
            raise UsageError(
                f"{self.y_unit!r} is no unit of position",
                why=f"It is one of {', '.join(get_args(YUnit))}.",
                fix="Leave y_unit out for Final Cut.",
            )


class Fcpxml:
    """FCPXML with one asset-clip per clip."""

    name: ClassVar[str] = "fcpxml"
    title: ClassVar[str] = "Final Cut Pro XML"
    suffix: ClassVar[str] = ".fcpxml"
    opens_in: ClassVar[tuple[str, ...]] = ("Final Cut Pro", "DaVinci Resolve")
    how_to_import: ClassVar[str] = (
        "Final Cut Pro: File > Import > XML. Resolve: File > Import > Timeline, with sizing information on."
    )
    options: ClassVar[type[FcpxmlOptions]] = FcpxmlOptions

    def export(self, timeline: Any, *, folder: Path, options: FcpxmlOptions) -> Artifact:
        """The timeline as one FCPXML project inside a library and an event."""
        spine = read_spine(timeline, folder=folder)
        losses = [*spine.losses]
        if spine.rate not in _RATES:
            losses.append(
                Loss(
                    f"the rate of {float(spine.rate):.6g} fps",
                    "Final Cut has no projects of this rate and may ask for another or refuse the file.",
                )
            )
        root = etree.Element("fcpxml", version=options.version)
        resources = _Resources(etree.SubElement(root, "resources"))
        canvas_format = resources.format(spine.canvas, spine.rate, colour="1-1-1 (Rec. 709)")
        library = etree.SubElement(root, "library")
        event = etree.SubElement(library, "event", name="panscan")
        project = etree.SubElement(event, "project", name=legal(spine.name or "panscan"))
        sequence = etree.SubElement(project, "sequence", _sequence_attributes(spine, canvas_format))
        row = etree.SubElement(sequence, "spine")
        for record_frame, frame_count, piece in spine.with_gaps():
            place = {"offset": seconds(record_frame, spine.rate), "duration": seconds(frame_count, spine.rate)}
            if piece is None:
                etree.SubElement(row, "gap", {"name": "Gap", "offset": place["offset"], "duration": place["duration"]})
            else:
                _asset_clip(row, piece, place, resources, options)
        text = etree.tostring(
            root, pretty_print=True, xml_declaration=True, encoding="UTF-8", doctype="<!DOCTYPE fcpxml>"
        )
        return Artifact({self.suffix: text}, distinct(losses))


class _Resources:
    """The resources element; the same format or asset is written once."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._ids: dict[Any, str] = {}

    def _id(self, key: Any) -> tuple[str, bool]:
        known = key in self._ids
        return self._ids.setdefault(key, f"r{len(self._ids) + 1}"), not known

    def format(self, size: Size, rate: Fraction, colour: str | None = None) -> str:
        """Id of a format. Media get no colour: the file itself tells."""
        identifier, new = self._id(("format", size, rate, colour))
        if new:
            standard = size in _SIZES and rate in _RATES
            attributes = {
                "id": identifier,
                "name": f"FFVideoFormat{_SIZES[size]}{_RATES[rate][0]}" if standard else _CUSTOM_FORMAT,
                "frameDuration": seconds(1, rate),
                "width": str(size.width),
                "height": str(size.height),
            }
            if colour:
                attributes["colorSpace"] = colour
            etree.SubElement(self._element, "format", attributes)
        return identifier

    def asset(self, clip: FramedClip) -> tuple[str, str]:
        """Ids of a clip's asset and of the asset's own format."""
        facts, rate = clip.facts, clip.framing.rate
        media_format = self.format(facts.size, facts.rate)
        identifier, new = self._id(("asset", clip.path, clip.available_first, clip.available_count, facts))
        if new:
            attributes = {
                "id": identifier,
                "name": legal(clip.path.name),  # with its extension: Resolve relinks by it
                "start": seconds(clip.available_first, rate),
                "duration": seconds(clip.available_count, rate),
                "hasVideo": "1",
                "format": media_format,
                "videoSources": "1",
            }
            if facts.audio:
                attributes |= {
                    "hasAudio": "1",
                    "audioSources": str(len(facts.audio)),
                    "audioChannels": str(max(channels for channels, _ in facts.audio)),
                    "audioRate": str(facts.audio[0][1]),
                }
            asset = etree.SubElement(self._element, "asset", attributes)
            etree.SubElement(asset, "media-rep", kind="original-media", src=clip.path.absolute().as_uri())
        return identifier, media_format


def seconds(frames: int, rate: Fraction) -> str:
    """A time of whole frames as Final Cut spells it: "3s", or multiples of the frame's own fraction ("1001/30000s")."""
    ticks = frames * rate.denominator
    return f"{ticks // rate.numerator}s" if ticks % rate.numerator == 0 else f"{ticks}/{rate.numerator}s"


def _sequence_attributes(spine: Spine, canvas_format: str) -> dict[str, str]:
    facts = spine.pieces[0].clip.facts
    rate_hz = facts.audio[0][1] if facts.audio else 48000
    return {
        "format": canvas_format,
        "duration": seconds(spine.frame_count, spine.rate),
        "tcStart": "0s",
        "tcFormat": _timecode_format(spine.pieces[0].clip),
        "audioLayout": "stereo",
        "audioRate": _SEQUENCE_AUDIO.get(rate_hz, "48k"),
    }


def _timecode_format(clip: FramedClip) -> str:
    drops = clip.facts.timecode is not None and ";" in clip.facts.timecode
    return "DF" if drops and clip.framing.rate in (Fraction(30000, 1001), Fraction(60000, 1001)) else "NDF"


def _asset_clip(
    row: etree._Element, piece: Piece, place: dict[str, str], resources: _Resources, options: FcpxmlOptions
) -> None:
    clip = piece.clip
    asset, media_format = resources.asset(clip)
    attributes = {
        "ref": asset,
        "name": legal(clip.name),
        "offset": place["offset"],
        "start": seconds(clip.first, clip.framing.rate),
        "duration": place["duration"],
        "format": media_format,  # without it Final Cut conforms by the project's format
        "tcFormat": _timecode_format(clip),
    }
    if not piece.enabled:
        attributes["enabled"] = "0"
    if piece.sounds and clip.facts.audio:
        attributes["audioRole"] = "dialogue"
    elif clip.facts.audio:
        attributes["srcEnable"] = "video"
    attributes["videoRole"] = "video"
    element = etree.SubElement(row, "asset-clip", attributes)
    if clip.facts.rate != clip.framing.rate:
        # Otherwise Final Cut may run 24 fps media at 25: the media keeps its speed.
        conform_rate = etree.SubElement(element, "conform-rate", scaleEnabled="0")
        if clip.facts.rate in _RATES:
            conform_rate.set("srcFrameRate", _RATES[clip.facts.rate][1])
    etree.SubElement(element, "adjust-conform", type="fit")
    _adjust_transform(element, piece, options)


def _adjust_transform(element: etree._Element, piece: Piece, options: FcpxmlOptions) -> None:
    clip = piece.clip
    keys = [
        (seconds(frame, clip.framing.rate), fcpxml(key, clip.framing.source, clip.framing.canvas, options.y_unit))
        for frame, key in piece.keys
    ]
    transform = etree.SubElement(element, "adjust-transform")
    for name, spell in (("position", _position), ("scale", _scale)):
        values = [(time, spell(value)) for time, value in keys]
        if len({value for _, value in values}) == 1:
            transform.set(name, values[0][1])
            continue
        parameter = etree.SubElement(transform, "param", name=name)
        animation = etree.SubElement(parameter, "keyframeAnimation")
        for time, value in values:
            # The default curve is smooth, which would leave the straight line between two keys.
            etree.SubElement(animation, "keyframe", time=time, value=value, curve="linear")


def _position(value: FcpxmlTransform) -> str:
    return f"{number(value.x_percent)} {number(value.y_percent)}"


def _scale(value: FcpxmlTransform) -> str:
    return f"{number(value.scale)} {number(value.scale)}"
