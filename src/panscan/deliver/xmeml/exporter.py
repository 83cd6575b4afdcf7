"""xmeml 4 (Final Cut Pro 7 XML) for Premiere Pro and DaVinci Resolve: Basic Motion with keys, one clip per cell.

Times inside a clip item (in, out and the keys' `when`) are frames at the rate of the sequence, counted from the first
picture of the media; its timecode is told once, with the file. Sources: Apple's "Final Cut Pro 7 XML Interchange
Format", and the files that Premiere writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from lxml import etree

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.sequence.marks import Marker
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, read_sequence
from panscan.deliver.xmeml.filters import add_child, layer_filters
from panscan.deliver.xmeml.marks import add_dissolve, add_marker, add_rate
from panscan.deliver.xml_text import xml_safe
from panscan.model.time import frames_to_timecode, is_drop_frame, nominal_rate
from panscan.timeline.cut import FramedClip

PathUrl = Literal["localhost", "empty-host", "double-slash"]
_BEFORE_PATH: dict[str, str] = {
    "localhost": "file://localhost",
    "empty-host": "file://",
    "double-slash": "file://localhost/",
}


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
        layers=True, transitions=True, markers=True, start_timecode=True
    )
    options: ClassVar[type[XmemlOptions]] = XmemlOptions

    def export(self, timeline: Any, *, folder: Path, options: XmemlOptions) -> Artifact:
        """The timeline as one sequence of the canvas's size."""
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        losses = [*spine.losses]
        if spine.rate.denominator not in (1, 1001):
            losses.append(
                Loss(
                    f"the rate of {float(spine.rate):.6g} fps",
                    f"xmeml counts whole rates and NTSC only: the file says {nominal_rate(spine.rate)} fps.",
                )
            )
        if any(mark.frame < 0 for mark in spine.markers):
            losses.append(Loss("the markers before the start of the timeline", "xmeml counts from there."))
        losses += [
            Loss(f"the markers before the media of clip {piece.clip.name!r}", "xmeml counts from its first picture.")
            for piece in spine.clip_items
            if len(_kept_markers(piece)) < len(piece.markers)
        ]
        root = etree.Element("xmeml", version="4")
        sequence = add_child(root, "sequence", id="sequence-1")
        add_child(sequence, "duration", spine.frame_count)
        add_rate(sequence, spine.rate)
        add_child(sequence, "name", xml_safe(spine.name or "panscan"))
        media = add_child(sequence, "media")
        tracks = _TrackWriter(spine, options)
        tracks.write_pictures(add_child(media, "video"))
        tracks.write_sounds(add_child(media, "audio"))
        first = spine.clip_items[0].clip
        _timecode(sequence, spine.start_frame, spine.rate, is_drop_frame(first.facts.timecode, spine.rate))
        for mark in spine.markers:
            if mark.frame >= 0:
                add_marker(sequence, mark, 0)
        text = etree.tostring(
            root, pretty_print=True, xml_declaration=True, encoding="UTF-8", doctype="<!DOCTYPE xmeml>"
        )
        return Artifact({self.suffix: text}, distinct_losses(losses))


@dataclass(frozen=True, slots=True)
class _TrackItem:
    """One clip item: its place among the tracks, and what of its piece it plays (a layer, or a sound channel)."""

    identifier: str
    kind: str
    track_index: int
    clip_index: int
    clip_item: ClipItem
    layer_or_channel: int


class _TrackWriter:
    """The clip items of all tracks: numbered first, because linked items name each other."""

    def __init__(self, spine: ClipSequence, options: XmemlOptions) -> None:
        self._spine, self._options = spine, options
        self._files: dict[Any, int] = {}
        self._written_files: set[int] = set()
        self._dissolve_into = {id(spine.clip_items[dissolve.after]): dissolve for dissolve in spine.dissolves}
        self._out = {id(spine.clip_items[dissolve.after - 1]) for dissolve in spine.dissolves}
        layers = max(len(piece.clip.framing.cells) for piece in spine.clip_items)
        channels = max(_channel_count(piece) for piece in spine.clip_items)
        self._video = [self._row("video", n, lambda p: len(p.clip.framing.cells)) for n in range(layers)]
        self._audio = [self._row("audio", n, _channel_count, layers) for n in range(channels)]
        self._groups: dict[int, list[_TrackItem]] = {}
        for row in (*self._video, *self._audio):
            for item in row:
                self._groups.setdefault(id(item.clip_item), []).append(item)

    def _row(self, kind: str, number: int, count: Any, before: int = 0) -> list[_TrackItem]:
        items = []
        place = 0
        for index, piece in enumerate(self._spine.clip_items):
            if number >= count(piece):
                continue
            # As Premiere counts the items of a track: its transitions as well. They lie in the lowest.
            place += 2 if kind == "video" and number == 0 and id(piece) in self._dissolve_into else 1
            name = f"clipitem-{index + 1}-{before + number + 1}"
            items.append(_TrackItem(name, kind, number + 1, place, piece, number))
        return items

    def write_pictures(self, video: etree._Element) -> None:
        """The format of the sequence and one track per layer, lowest first."""
        _picture_format(add_child(video, "format"), self._spine.canvas, self._spine.rate)
        for row in self._video:
            track = add_child(video, "track")
            for item in row:
                into = self._dissolve_into.get(id(item.clip_item))
                if into is not None:
                    add_dissolve(track, into, self._spine.rate)
                element = self._start(track, item)
                add_child(element, "alphatype", "none")
                add_child(element, "pixelaspectratio", "square")
                add_child(element, "anamorphic", "FALSE")
                self._file(element, item.clip_item.clip)
                for made in layer_filters(item.clip_item, item.clip_item.layers[item.layer_or_channel]):
                    element.append(made)
                if item.layer_or_channel == 0:
                    for mark in _kept_markers(item.clip_item):
                        add_marker(element, mark, item.clip_item.clip.available_first)
                self._links(element, item)
            add_child(track, "enabled", "TRUE")
            add_child(track, "locked", "FALSE")

    def write_sounds(self, audio: etree._Element) -> None:
        """One mono track per channel, as Premiere writes the channels of its stereo tracks."""
        rates_hz = [hz for piece in self._spine.clip_items for _, hz in piece.clip.facts.audio]
        add_child(audio, "numOutputChannels", 2)
        _sound_format(add_child(audio, "format"), rates_hz[0] if rates_hz else 48000)
        for number, row in enumerate(self._audio):
            side = {_stereo_side(item.clip_item, number) for item in row}
            stereo = side in ({1}, {2})
            pair = {"currentExplodedTrackIndex": str(max(side) - 1), "totalExplodedTrackCount": "2"}
            track = add_child(audio, "track", **(pair | {"premiereTrackType": "Stereo"} if stereo else {}))
            for item in row:
                element = self._start(track, item, premiereChannelType="stereo" if stereo else "mono")
                self._file(element, item.clip_item.clip)
                source = add_child(element, "sourcetrack")
                add_child(source, "mediatype", "audio")
                add_child(source, "trackindex", number + 1)
                self._links(element, item)
            add_child(track, "enabled", "TRUE")
            add_child(track, "locked", "FALSE")
            add_child(track, "outputchannelindex", max(side) if stereo else 1)

    def _start(self, track: etree._Element, item: _TrackItem, **attributes: str) -> etree._Element:
        clip = item.clip_item.clip
        element = add_child(track, "clipitem", id=item.identifier, **attributes)
        add_child(element, "masterclipid", f"masterclip-{self._number(clip)}")
        add_child(element, "name", xml_safe(clip.name))
        add_child(element, "enabled", "TRUE" if item.clip_item.enabled else "FALSE")
        add_child(element, "duration", clip.available_count)
        add_rate(element, clip.framing.rate)
        # Beside a dissolve an item has no end of its own, and its range holds what the dissolve shows of its media.
        piece, is_picture = item.clip_item, item.kind == "video"
        begins, ends = is_picture and id(piece) in self._dissolve_into, is_picture and id(piece) in self._out
        add_child(element, "start", -1 if begins else clip.record_frame)
        add_child(element, "end", -1 if ends else clip.record_frame + clip.frame_count)
        add_child(element, "in", clip.first - clip.available_first - (piece.head_frames if begins else 0))
        add_child(element, "out", clip.end - clip.available_first + (piece.tail_frames if ends else 0))
        return element

    def _number(self, clip: FramedClip) -> int:
        key = (clip.path, clip.available_first, clip.available_count, clip.facts)
        return self._files.setdefault(key, len(self._files) + 1)

    def _file(self, element: etree._Element, clip: FramedClip) -> None:
        """The media: in full where it is named first; a later `file` of the same id refers to that one."""
        number = self._number(clip)
        file = add_child(element, "file", id=f"file-{number}")
        if number in self._written_files:
            return
        self._written_files.add(number)
        facts, rate = clip.facts, clip.framing.rate
        add_child(file, "name", xml_safe(clip.path.name))  # with its extension: editors relink by it
        add_child(file, "pathurl", _BEFORE_PATH[self._options.pathurl] + _encoded(clip.path))
        add_rate(file, facts.rate)
        add_child(file, "duration", round(clip.available_count * facts.rate / rate))
        start = round(clip.available_first * facts.rate / rate)
        _timecode(file, start, facts.rate, is_drop_frame(facts.timecode, facts.rate))
        media = add_child(file, "media")
        _picture_format(add_child(media, "video"), facts.size, facts.rate)
        for channels, rate_hz in facts.audio:
            audio = add_child(media, "audio")
            _sound_format(audio, rate_hz)
            add_child(audio, "channelcount", channels)

    def _links(self, element: etree._Element, item: _TrackItem) -> None:
        """Every clip item of a group names all of it, itself included."""
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


def _kept_markers(piece: ClipItem) -> list[Marker]:
    return [mark for mark in piece.markers if mark.frame >= piece.clip.available_first]


def _channel_count(piece: ClipItem) -> int:
    return sum(channels for channels, _ in piece.clip.facts.audio) if piece.has_sound else 0


def _stereo_side(piece: ClipItem, channel: int) -> int:
    """1 for the left and 2 for the right channel of a stereo stream, 0 for a channel of any other."""
    for channels, _ in piece.clip.facts.audio:
        if channel < channels:
            return channel + 1 if channels == 2 else 0
        channel -= channels
    return 0


def _picture_format(parent: etree._Element, size: Any, rate: Fraction) -> None:
    format_ = add_child(parent, "samplecharacteristics")
    add_rate(format_, rate)
    add_child(format_, "width", size.width)  # of a file: Premiere divides the position by it
    add_child(format_, "height", size.height)
    add_child(format_, "anamorphic", "FALSE")
    add_child(format_, "pixelaspectratio", "square")
    add_child(format_, "fielddominance", "none")


def _sound_format(parent: etree._Element, rate_hz: int) -> None:
    format_ = add_child(parent, "samplecharacteristics")
    add_child(format_, "depth", 16)
    add_child(format_, "samplerate", rate_hz)


def _timecode(parent: etree._Element, frame: int, rate: Fraction, drops: bool) -> None:
    timecode = add_child(parent, "timecode")
    add_rate(timecode, rate)
    add_child(timecode, "string", frames_to_timecode(frame, rate, drop=drops))
    add_child(timecode, "frame", frame)
    add_child(timecode, "displayformat", "DF" if drops else "NDF")


def _encoded(path: Path) -> str:
    """The path as Premiere writes it: every segment percent-encoded, a drive letter's colon too ("/C%3a/")."""
    posix = path.absolute().as_posix()
    encoded = quote(posix, safe="/").replace("%3A", "%3a")
    return encoded if encoded.startswith("/") else f"/{encoded}"
