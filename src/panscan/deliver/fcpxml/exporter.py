"""FCPXML for Final Cut Pro and DaVinci Resolve: conform fit, then a keyframed transform.

Final Cut interpolates scale and position linearly between keys, as cameras do, so every key is written as it is. Key
times count on the clip's own clock, which begins at the clip's `start` (including the media's timecode).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from lxml import etree

from panscan.deliver.artifact import ALL_SOUND_FEATURES, Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.fcpxml.clips import FlavourRules, Hanging, StorylineWriter, timecode_format, visible_markers
from panscan.deliver.fcpxml.resources import PROJECT_RATES, Resources, colour_space, fcpxml_time
from panscan.deliver.fcpxml.sounds import connected_sounds
from panscan.deliver.host_space import YUnit
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.sequence import DEFAULT_SOUND_HZ, ClipSequence, read_sequence, too_loud
from panscan.deliver.xml_text import xml_safe
from panscan.errors import UsageError

# Versions in which everything that is written here is spelt alike, by Apple's DTDs.
VERSIONS = ("1.9", "1.10", "1.11", "1.12", "1.13")
Flavour = Literal["fcp", "resolve"]
# `audioRate` of a sequence by Hz, as Apple's DTD spells it.
_AUDIO_RATES = {32000: "32k", 44100: "44.1k", 48000: "48k", 88200: "88.2k", 96000: "96k", 176400: "176.4k"}


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

        Several authors found by round trips that Resolve measures positions in the fitted picture and trims media in
        its own units. A compound clip of the canvas's size is read the same way by both.
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
        layers=True,
        sound_tracks=ALL_SOUND_FEATURES,
        sound_dissolves="equal-power",
        transitions=True,
        fades="any",
        black_end=True,
        markers=True,
        retimes=True,
        start_timecode=True,
        stills=frozenset({"turn", "profile", "transparency"}),
        media_urls=True,
    )
    options: ClassVar[type[FcpxmlOptions]] = FcpxmlOptions

    def export(self, timeline: Any, *, folder: Path, options: FcpxmlOptions) -> Artifact:
        """The timeline as one FCPXML project inside a library and an event."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        colour = colour_space(clip_sequence.clip_items[0].clip)
        root = etree.Element("fcpxml", version=options.version)
        resources = Resources(etree.SubElement(root, "resources"))
        canvas_format = resources.format(clip_sequence.canvas, clip_sequence.rate, colour=colour)
        library = etree.SubElement(root, "library")
        event = etree.SubElement(library, "event", name="panscan")
        project = etree.SubElement(event, "project", name=xml_safe(clip_sequence.name or "panscan"))
        sequence = etree.SubElement(project, "sequence", _sequence_attributes(clip_sequence, canvas_format))
        _fill(
            etree.SubElement(sequence, "spine"),
            clip_sequence,
            StorylineWriter(clip_sequence, canvas_format, resources, options.flavour_rules),
        )
        resources.append_compound_clips()
        text = etree.tostring(
            root, pretty_print=True, xml_declaration=True, encoding="UTF-8", doctype="<!DOCTYPE fcpxml>"
        )
        return Artifact(
            {self.suffix: text}, distinct_losses([*clip_sequence.losses, *_losses(clip_sequence, colour, options)])
        )


def _fill(spine: etree._Element, clip_sequence: ClipSequence, storyline: StorylineWriter) -> None:
    dissolve_at = {dissolve.edit_frame: dissolve for dissolve in clip_sequence.dissolves}
    waiting = [marker for marker in clip_sequence.markers if marker.frame >= 0]
    sounds = connected_sounds(clip_sequence)
    for record_frame, frame_count, clip_item in clip_sequence.with_gaps():
        end = record_frame + frame_count
        hanging = Hanging([], [])
        while waiting and waiting[0].frame < end:
            hanging.markers.append(waiting.pop(0))
        # What starts after the last picture hangs on that.
        while sounds and (sounds[0].start_s < end / clip_sequence.rate or end == clip_sequence.frame_count):
            hanging.sounds.append(sounds.pop(0))
        dissolve = dissolve_at.pop(record_frame, None)
        if dissolve is not None:
            sounding = dissolve.is_cross and dissolve.incoming in clip_sequence.sounding_dissolves
            storyline.add_dissolve(spine, dissolve, sounding)
        if clip_item is None:
            storyline.add_gap(spine, record_frame, frame_count, hanging)
        else:
            storyline.add_clip_item(spine, clip_item, hanging)
    for dissolve in dissolve_at.values():  # out of the last clip
        storyline.add_dissolve(spine, dissolve, sounds=False)


def _losses(clip_sequence: ClipSequence, colour: str, options: FcpxmlOptions) -> Iterator[Loss]:
    if clip_sequence.rate not in PROJECT_RATES:
        yield Loss(
            f"the rate of {float(clip_sequence.rate):.6g} fps",
            "Final Cut has no projects of this rate and may ask for another or refuse the file.",
        )
    if any(not 0 <= marker.frame < clip_sequence.frame_count for marker in clip_sequence.markers):
        yield Loss("the markers of the timeline outside its clips", "A marker hangs on a clip or a gap.")
    yield from too_loud(clip_sequence.sound_tracks)
    for clip_item in clip_sequence.clip_items:
        clip = clip_item.clip
        if len(visible_markers(clip_item)) < len(clip_item.markers):
            yield Loss(f"the markers of clip {clip.name!r} outside the part it shows", "They would not be seen.")
        if colour_space(clip) != colour:
            yield Loss(
                f"the colour space of {clip.path.name!r}",
                f"The project is in {colour}, as its first clip; Final Cut converts this one.",
            )
        if (
            options.flavour == "resolve"
            and clip.facts.audio
            and not clip_item.has_sound
            and not clip_item.layers[0].needs_crop
        ):
            yield Loss(
                f"that clip {clip.name!r} is silent", "Resolve is reported to play the sound of media clips anyway."
            )


def _sequence_attributes(clip_sequence: ClipSequence, canvas_format: str) -> dict[str, str]:
    first = clip_sequence.clip_items[0].clip
    rate_hz = first.facts.audio[0][1] if first.facts.audio else DEFAULT_SOUND_HZ
    channels = [
        count
        for clip_item in clip_sequence.clip_items
        if clip_item.has_sound
        for count, _ in clip_item.clip.facts.audio
    ] + [len(item.media.channels_of(item.sound)) for track in clip_sequence.sound_tracks for item in track.items]
    return {
        "format": canvas_format,
        "duration": fcpxml_time(clip_sequence.frame_count, clip_sequence.rate),
        "tcStart": fcpxml_time(clip_sequence.start_frame, clip_sequence.rate),
        "tcFormat": timecode_format(first),
        # Final Cut has been reported to refuse "mono".
        "audioLayout": "surround" if max(channels, default=2) > 2 else "stereo",
        "audioRate": _AUDIO_RATES.get(rate_hz, _AUDIO_RATES[DEFAULT_SOUND_HZ]),
    }
