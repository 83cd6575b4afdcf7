"""FCPXML for Final Cut Pro and DaVinci Resolve: conform fit, then a keyframed transform.

Final Cut joins keys of scale and position by straight lines, as the document does, so keys go over one to one. Key
times run on the clip's own axis, which starts at the clip's `start` (the media's timecode included).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from lxml import etree

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.fcpxml.clips import FlavourRules, StorylineWriter, timecode_format, visible_markers
from panscan.deliver.fcpxml.resources import PROJECT_RATES, Resources, colour_space, fcpxml_time
from panscan.deliver.host_space import YUnit
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.sequence.marks import Marker
from panscan.deliver.sequence.sequence import ClipSequence, read_sequence
from panscan.deliver.xml_text import xml_safe
from panscan.errors import UsageError

__all__ = ["VERSIONS", "FcpxmlExporter", "FcpxmlOptions", "fcpxml_time"]

VERSIONS = ("1.9", "1.10", "1.11", "1.12", "1.13")
Flavour = Literal["fcp", "resolve"]
_SEQUENCE_AUDIO = {32000: "32k", 44100: "44.1k", 48000: "48k", 88200: "88.2k", 96000: "96k", 176400: "176.4k"}


@dataclass(frozen=True, slots=True)
class FcpxmlOptions:
    """Options of the FCPXML delivery."""

    version: str = field(
        default="1.10",
        metadata={"help": "FCPXML version, 1.9 to 1.13; 1.10 opens in Final Cut 10.6 and Resolve 18.5 or newer"},
    )
    flavour: Flavour = field(
        default="fcp",
        metadata={"help": '"fcp", as Apple documents the format, or "resolve", as DaVinci Resolve reads it'},
    )
    y_unit: YUnit | None = field(
        default=None,
        metadata={
            "help": 'what position counts in: "canvas" (the flavour fcp), or "fitted" (the flavour resolve), for a '
            "Resolve that differs"
        },
    )
    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise UsageError(
                f"FCPXML version {self.version!r} cannot be written",
                why=f"panscan writes {', '.join(VERSIONS)}.",
                fix="Leave the version out, or use one of these.",
            )
        check_choice(self.flavour, Flavour, "flavour of FCPXML")
        if self.y_unit is not None:
            check_choice(self.y_unit, YUnit, "unit of position")
        check_key_density(self.keys)

    @property
    def flavour_rules(self) -> FlavourRules:
        """How clips are written.

        Resolve has been found, by round trips of several authors, to count positions in the fitted picture, and the
        trim of media in units of its own. A compound clip of the canvas's size means the same to both.
        """
        resolve = self.flavour == "resolve"
        return FlavourRules(self.y_unit or ("fitted" if resolve else "canvas"), crops_media=not resolve)


class FcpxmlExporter:
    """FCPXML with one clip per clip, and connected clips for the cells above the lowest."""

    name: ClassVar[str] = "fcpxml"
    title: ClassVar[str] = "Final Cut Pro XML"
    suffix: ClassVar[str] = ".fcpxml"
    opens_in: ClassVar[tuple[str, ...]] = ("Final Cut Pro", "DaVinci Resolve")
    how_to_import: ClassVar[str] = (
        "Final Cut Pro: File > Import > XML. Resolve: File > Import > Timeline, with sizing information on."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True, transitions=True, markers=True, retimes=True, start_timecode=True
    )
    options: ClassVar[type[FcpxmlOptions]] = FcpxmlOptions

    def export(self, timeline: Any, *, folder: Path, options: FcpxmlOptions) -> Artifact:
        """The timeline as one FCPXML project inside a library and an event."""
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        colour = colour_space(spine.clip_items[0].clip)
        root = etree.Element("fcpxml", version=options.version)
        resources = Resources(etree.SubElement(root, "resources"))
        canvas_format = resources.format(spine.canvas, spine.rate, colour=colour)
        library = etree.SubElement(root, "library")
        event = etree.SubElement(library, "event", name="panscan")
        project = etree.SubElement(event, "project", name=xml_safe(spine.name or "panscan"))
        sequence = etree.SubElement(project, "sequence", _sequence_attributes(spine, canvas_format))
        _fill(
            etree.SubElement(sequence, "spine"),
            spine,
            StorylineWriter(spine, canvas_format, resources, options.flavour_rules),
        )
        resources.append_compound_clips()
        text = etree.tostring(
            root, pretty_print=True, xml_declaration=True, encoding="UTF-8", doctype="<!DOCTYPE fcpxml>"
        )
        return Artifact({self.suffix: text}, distinct_losses([*spine.losses, *_losses(spine, colour, options)]))


def _fill(row: etree._Element, spine: ClipSequence, story: StorylineWriter) -> None:
    dissolve_at = {dissolve.edit_frame: dissolve for dissolve in spine.dissolves}
    waiting = [mark for mark in spine.markers if mark.frame >= 0]
    before = None
    for record_frame, frame_count, piece in spine.with_gaps():
        marks: list[Marker] = []
        while waiting and waiting[0].frame < record_frame + frame_count:
            marks.append(waiting.pop(0))
        if piece is None:
            story.add_gap(row, record_frame, frame_count, marks)
        else:
            dissolve = dissolve_at.get(record_frame)
            if dissolve is not None:
                story.add_dissolve(row, dissolve, piece.has_sound and before is not None and before.has_sound)
            story.add_clip_item(row, piece, marks)
        before = piece


def _losses(spine: ClipSequence, colour: str, options: FcpxmlOptions) -> Iterator[Loss]:
    if spine.rate not in PROJECT_RATES:
        yield Loss(
            f"the rate of {float(spine.rate):.6g} fps",
            "Final Cut has no projects of this rate and may ask for another or refuse the file.",
        )
    if any(not 0 <= mark.frame < spine.frame_count for mark in spine.markers):
        yield Loss("the markers of the timeline outside its clips", "A marker hangs on a clip or a gap.")
    for piece in spine.clip_items:
        clip = piece.clip
        if len(visible_markers(piece)) < len(piece.markers):
            yield Loss(f"the markers of clip {clip.name!r} outside the part it shows", "They would not be seen.")
        if colour_space(clip) != colour:
            yield Loss(
                f"the colour space of {clip.path.name!r}",
                f"The project is in {colour}, as its first clip; Final Cut converts this one.",
            )
        if options.flavour == "resolve" and clip.facts.audio and not piece.has_sound and not piece.layers[0].needs_crop:
            yield Loss(
                f"that clip {clip.name!r} is silent", "Resolve is reported to play the sound of media clips anyway."
            )


def _sequence_attributes(spine: ClipSequence, canvas_format: str) -> dict[str, str]:
    first = spine.clip_items[0].clip
    rate_hz = first.facts.audio[0][1] if first.facts.audio else 48000
    channels = [count for piece in spine.clip_items if piece.has_sound for count, _ in piece.clip.facts.audio]
    return {
        "format": canvas_format,
        "duration": fcpxml_time(spine.frame_count, spine.rate),
        "tcStart": fcpxml_time(spine.start_frame, spine.rate),
        "tcFormat": timecode_format(first),
        # Final Cut has been reported to refuse "mono".
        "audioLayout": "surround" if max(channels, default=2) > 2 else "stereo",
        "audioRate": _SEQUENCE_AUDIO.get(rate_hz, "48k"),
    }
