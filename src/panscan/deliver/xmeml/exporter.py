"""xmeml 4 (Final Cut Pro 7 XML) for Premiere Pro and DaVinci Resolve: Basic Motion with keys, one clip per cell.

Times inside a clip item (in, out and the keys' `when`) are frames at the rate of the sequence, counted from the first
picture of the media, or of the retimed media; the timecode is written once, with the file. Sources: Apple's "Final Cut
Pro 7 XML Interchange Format", and the files that Premiere writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from lxml import etree

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.premiere_time import premiere_ticks
from panscan.deliver.sequence import ClipItem, ClipSequence, Marker, read_sequence, too_loud
from panscan.deliver.xmeml.files import MediaFiles, PathUrl, add_picture_format, add_sound_format, add_timecode
from panscan.deliver.xmeml.filters import add_child, layer_filters
from panscan.deliver.xmeml.markers import add_dissolve, add_marker, add_rate
from panscan.deliver.xmeml.retimes import (
    clock_start,
    duration,
    exact_in_point,
    in_point,
    marker_frame,
    speed_loss,
    time_remap,
)
from panscan.deliver.xmeml.sounds import SoundWriter
from panscan.deliver.xml_text import xml_safe
from panscan.model.time import is_drop_frame, nominal_rate


@dataclass(frozen=True, slots=True)
class XmemlOptions:
    """Options of the xmeml delivery."""

    pathurl: PathUrl = field(
        default="localhost",
        metadata={
            "help": '"localhost" (file://localhost/..., as Premiere writes), "empty-host" (file:///...) or '
            '"double-slash" (file://localhost//..., which some versions of Resolve are reported to want)'
        },
    )
    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        check_choice(self.pathurl, PathUrl, "form of pathurl")
        check_key_density(self.keys)


class XmemlExporter:
    """Final Cut Pro 7 XML with Basic Motion and Crop filters."""

    name: ClassVar[str] = "xmeml"
    title: ClassVar[str] = "Final Cut Pro 7 XML (xmeml)"
    suffix: ClassVar[str] = ".xml"
    opens_in: ClassVar[tuple[str, ...]] = ("Premiere Pro", "DaVinci Resolve")
    how_to_import: ClassVar[str] = (
        "Premiere: set Preferences > Media > Default Media Scaling to None, then File > Import and choose the file."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        sound_tracks=frozenset({"level", "moving level", "fades", "pan", "channels", "streams"}),
        transitions=True,
        fades="any",
        markers=True,
        retimes=True,
        start_timecode=True,
        media_urls=True,
    )
    options: ClassVar[type[XmemlOptions]] = XmemlOptions

    def export(self, timeline: Any, *, folder: Path, options: XmemlOptions) -> Artifact:
        """The timeline as one sequence of the canvas's size."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        losses = [*clip_sequence.losses]
        if clip_sequence.rate.denominator not in (1, 1001):
            losses.append(
                Loss(
                    f"the rate of {float(clip_sequence.rate):.6g} fps",
                    f"xmeml counts whole rates and NTSC only: the file says {nominal_rate(clip_sequence.rate)} fps.",
                )
            )
        if any(marker.frame < 0 for marker in clip_sequence.markers):
            losses.append(Loss("the markers before the start of the timeline", "xmeml counts from there."))
        losses += [
            Loss(
                f"the markers before the media of clip {clip_item.clip.name!r}", "xmeml counts from its first picture."
            )
            for clip_item in clip_sequence.clip_items
            if len(_kept_markers(clip_item)) < len(clip_item.markers)
        ]
        retimed = sum(clip_item.clip.is_retimed for clip_item in clip_sequence.clip_items)
        losses += [speed_loss(retimed)] if retimed else []
        losses += too_loud(clip_sequence.sound_tracks)
        root = etree.Element("xmeml", version="4")
        sequence = add_child(root, "sequence", id="sequence-1")
        add_child(sequence, "duration", clip_sequence.frame_count)
        add_rate(sequence, clip_sequence.rate)
        add_child(sequence, "name", xml_safe(clip_sequence.name or "panscan"))
        media = add_child(sequence, "media")
        tracks = _TrackWriter(clip_sequence, options)
        tracks.write_pictures(add_child(media, "video"))
        tracks.write_sounds(add_child(media, "audio"))
        first = clip_sequence.clip_items[0].clip
        add_timecode(
            sequence,
            clip_sequence.start_frame,
            clip_sequence.rate,
            is_drop_frame(first.facts.timecode, clip_sequence.rate),
        )
        for marker in clip_sequence.markers:
            if marker.frame >= 0:
                add_marker(sequence, marker, 0)
        text = etree.tostring(
            root, pretty_print=True, xml_declaration=True, encoding="UTF-8", doctype="<!DOCTYPE xmeml>"
        )
        return Artifact({self.suffix: text}, distinct_losses(losses))


@dataclass(frozen=True, slots=True)
class _TrackItem:
    """One `clipitem`.

    Attributes
    ----------
    identifier : str
    kind : "video" or "audio"
    track_index, clip_index : int
        Its place among the tracks, both from 1.
    clip_item : ClipItem
    layer_or_channel : int
        What it plays of the clip item: a layer, or a channel of its sound, from 0.
    """

    identifier: str
    kind: str
    track_index: int
    clip_index: int
    clip_item: ClipItem
    layer_or_channel: int


class _TrackWriter:
    """Writes all tracks. Their items are numbered first, because linked items name each other."""

    def __init__(self, clip_sequence: ClipSequence, options: XmemlOptions) -> None:
        self._clip_sequence = clip_sequence
        self._files = MediaFiles(clip_sequence.rate, options.pathurl)
        items = clip_sequence.clip_items
        self._dissolve_into = {id(items[d.incoming]): d for d in clip_sequence.dissolves if d.incoming is not None}
        self._dissolve_out_of = {id(items[d.outgoing]): d for d in clip_sequence.dissolves if d.outgoing is not None}
        layers = max(len(clip_item.clip.framing.cells) for clip_item in clip_sequence.clip_items)
        channels = max(_channel_count(clip_item) for clip_item in clip_sequence.clip_items)
        self._video = [self._row("video", n, lambda p: len(p.clip.framing.cells)) for n in range(layers)]
        self._audio = [self._row("audio", n, _channel_count, layers) for n in range(channels)]
        self._groups: dict[int, list[_TrackItem]] = {}
        for row in (*self._video, *self._audio):
            for item in row:
                self._groups.setdefault(id(item.clip_item), []).append(item)

    def _row(self, kind: str, number: int, count: Callable[[ClipItem], int], before: int = 0) -> list[_TrackItem]:
        """Items of the track that plays layer or channel `number`; `before`: tracks whose items are named before."""
        items = []
        clip_index = 0
        for index, clip_item in enumerate(self._clip_sequence.clip_items):
            if number >= count(clip_item):
                continue
            # Premiere counts the transitions of a track among its items. They lie in the lowest one.
            counts = kind == "video" and number == 0
            clip_index += 2 if counts and id(clip_item) in self._dissolve_into else 1
            name = f"clipitem-{index + 1}-{before + number + 1}"
            items.append(_TrackItem(name, kind, number + 1, clip_index, clip_item, number))
            out_of = self._dissolve_out_of.get(id(clip_item))
            clip_index += counts and out_of is not None and not out_of.is_cross
        return items

    def write_pictures(self, video: etree._Element) -> None:
        """The format of the sequence and one track per layer, lowest first."""
        add_picture_format(add_child(video, "format"), self._clip_sequence.canvas, self._clip_sequence.rate)
        for row in self._video:
            track = add_child(video, "track")
            for item in row:
                into = self._dissolve_into.get(id(item.clip_item))
                if into is not None:
                    add_dissolve(track, into, self._clip_sequence.rate)
                element = self._start(track, item)
                if item.clip_item.clip.facts.is_still:
                    add_child(element, "stillframe", "TRUE")
                add_child(element, "alphatype", "none")
                add_child(element, "pixelaspectratio", "square")
                add_child(element, "anamorphic", "FALSE")
                self._files.add_picture_media(element, item.clip_item.clip)
                if item.clip_item.clip.is_retimed:
                    element.append(time_remap(item.clip_item.clip))
                layer = item.clip_item.layers[item.layer_or_channel]
                for made in layer_filters(item.clip_item, layer, clock_start(item.clip_item.clip)):
                    element.append(made)
                if item.layer_or_channel == 0:
                    for marker in _kept_markers(item.clip_item):
                        add_marker(element, marker, marker.frame - marker_frame(item.clip_item.clip, marker.frame))
                self._links(element, item)
                out_of = self._dissolve_out_of.get(id(item.clip_item))
                if out_of is not None and not out_of.is_cross:
                    add_dissolve(track, out_of, self._clip_sequence.rate)
            add_child(track, "enabled", "TRUE")
            add_child(track, "locked", "FALSE")

    def write_sounds(self, audio: etree._Element) -> None:
        """One mono track per channel, as Premiere writes the channels of its stereo tracks."""
        add_child(audio, "numOutputChannels", 2)
        add_sound_format(add_child(audio, "format"), self._clip_sequence.sound_rate_hz)
        for number, row in enumerate(self._audio):
            side = {_stereo_side(item.clip_item, number) for item in row}
            stereo = side in ({1}, {2})
            pair = {"currentExplodedTrackIndex": str(max(side) - 1), "totalExplodedTrackCount": "2"}
            track = add_child(audio, "track", **(pair | {"premiereTrackType": "Stereo"} if stereo else {}))
            for item in row:
                element = self._start(track, item, premiereChannelType="stereo" if stereo else "mono")
                self._files.add_picture_media(element, item.clip_item.clip)
                source = add_child(element, "sourcetrack")
                add_child(source, "mediatype", "audio")
                add_child(source, "trackindex", number + 1)
                self._links(element, item)
            add_child(track, "enabled", "TRUE")
            add_child(track, "locked", "FALSE")
            add_child(track, "outputchannelindex", max(side) if stereo else 1)
        SoundWriter(audio, self._clip_sequence, self._files, first_track=len(self._audio) + 1).write()

    def _start(self, track: etree._Element, item: _TrackItem, **attributes: str) -> etree._Element:
        clip = item.clip_item.clip
        element = add_child(track, "clipitem", id=item.identifier, **attributes)
        add_child(element, "masterclipid", f"masterclip-{self._files.number(clip)}")
        add_child(element, "name", xml_safe(clip.name))
        add_child(element, "enabled", "TRUE" if item.clip_item.enabled else "FALSE")
        # An end at a dissolve is written as -1; `in` and `out` then include what the dissolve shows of the media.
        clip_item, is_picture = item.clip_item, item.kind == "video"
        starts_in_dissolve = is_picture and id(clip_item) in self._dissolve_into
        ends_in_dissolve = is_picture and id(clip_item) in self._dissolve_out_of
        head = clip_item.head_frames if starts_in_dissolve else 0
        tail = clip_item.tail_frames if ends_in_dissolve else 0
        first = in_point(clip)
        add_child(element, "duration", duration(clip, first + clip.frame_count + tail))
        add_rate(element, clip.framing.rate)
        add_child(element, "start", -1 if starts_in_dissolve else clip.record_frame)
        add_child(element, "end", -1 if ends_in_dissolve else clip.record_frame + clip.frame_count)
        add_child(element, "in", first - head)
        add_child(element, "out", first + clip.frame_count + tail)
        if clip.is_retimed:  # frames of the retimed media are too coarse for the frame that is shown first
            add_child(element, "pproTicksIn", premiere_ticks(exact_in_point(clip) - head, clip.framing.rate))
        return element

    def _links(self, element: etree._Element, item: _TrackItem) -> None:
        """Every item of a group names all items of it, itself included."""
        group = self._groups[id(item.clip_item)]
        if len(group) == 1:
            return
        for other in group:
            link = add_child(element, "link")
            add_child(link, "linkclipref", other.identifier)
            add_child(link, "mediatype", other.kind)
            add_child(link, "trackindex", other.track_index)
            add_child(link, "clipindex", other.clip_index)
            if other.kind == "audio":
                add_child(link, "groupindex", 1)


def _kept_markers(clip_item: ClipItem) -> list[Marker]:
    return [marker for marker in clip_item.markers if marker_frame(clip_item.clip, marker.frame) >= 0]


def _channel_count(clip_item: ClipItem) -> int:
    return sum(channels for channels, _ in clip_item.clip.facts.audio) if clip_item.has_sound else 0


def _stereo_side(clip_item: ClipItem, channel: int) -> int:
    """1 for the left and 2 for the right channel of a stereo stream, 0 for a channel of any other."""
    for channels, _ in clip_item.clip.facts.audio:
        if channel < channels:
            return channel + 1 if channels == 2 else 0
        channel -= channels
    return 0
