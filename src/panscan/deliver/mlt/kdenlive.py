"""A Kdenlive project of a clip sequence: MLT XML with a bin, and a tractor of two playlists per track.

Pictures lie on video tracks and their sound on an audio track beneath; a dissolve ("mix") is an overlap of the two
playlists of a track. Source: projects in Kdenlive's own tests (tests/dataset), document version 1.04, which Kdenlive
22.12 reads as it is and later versions convert.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from panscan.deliver.mlt.filters import (
    Fades,
    FilterRange,
    add_blurred_background,
    add_camera_filters,
    add_properties,
    media_properties,
    picture_properties,
)
from panscan.deliver.mlt.markers import kdenlive_guides
from panscan.deliver.mlt.retimes import add_retimed_clip
from panscan.deliver.mlt.sounds import SoundProducers, add_sound_entry, sound_rows
from panscan.deliver.mlt.tracks import background_fill
from panscan.deliver.sequence import ClipItem, ClipSequence, SoundItem, subclip
from panscan.deliver.xml_text import xml_safe
from panscan.timeline.dissolves import Dissolve

_DOCUMENT_VERSION = "1.04"  # as in the projects named above
_INTERNAL = {"internal_added": "237", "always_active": "1"}  # by these Kdenlive knows the transitions between tracks
_FIRST_BIN_ID = 2  # Kdenlive's root folder is 1


@dataclass(frozen=True, slots=True)
class _PlaylistItem:
    """A part of a clip item on one of the two playlists of its track.

    Attributes
    ----------
    index : int
        Index of the clip item in the sequence.
    part : ClipItem
    playlist : int
        0 or 1.
    """

    index: int
    part: ClipItem
    playlist: int


def kdenlive_project(clip_sequence: ClipSequence, profile: dict[str, str]) -> bytes:
    """The project file.

    Parameters
    ----------
    clip_sequence : ClipSequence
        Its dissolves join clip items that are enabled and fill the canvas.
    profile : dict
        Attributes of MLT's `profile` element.
    """
    return _Project(clip_sequence, profile).write()


class _Project:
    """Writes one project; what a track needs is made when the track is written."""

    def __init__(self, clip_sequence: ClipSequence, profile: dict[str, str]) -> None:
        self._clip_sequence = clip_sequence
        self._fades = Fades.of_all(clip_sequence)
        self._root = etree.Element("mlt", LC_NUMERIC="C", producer="main_bin", title=xml_safe(clip_sequence.name))
        etree.SubElement(self._root, "profile", profile)
        self._bin = etree.Element("playlist", id="main_bin")
        self._in_bin: dict[Any, str] = {}
        self._producers: dict[Any, str] = {}
        self._retimed_count = 0
        self._tracks: list[etree._Element] = []

    def write(self) -> bytes:
        clip_sequence = self._clip_sequence
        shown = [clip_item for clip_item in clip_sequence.clip_items if clip_item.enabled]
        placed = list(_on_two_playlists(clip_sequence))
        heard = list(_on_two_playlists(clip_sequence, only=clip_sequence.sounding_dissolves))
        for clip_item in shown:
            self._media_in_bin(clip_item)
        self._sounds()
        self._track("Sound", (item for item in heard if item.part.has_sound), "sound")
        if any(background_fill(clip_item) for clip_item in shown):
            self._track(
                "Background", (item for item in _on_one_playlist(clip_sequence) if background_fill(item.part)), "behind"
            )
        for layer in range(max((len(clip_item.clip.framing.cells) for clip_item in shown), default=1)):
            row = placed if layer == 0 else _on_one_playlist(clip_sequence)
            name = "Picture" if layer == 0 else f"Picture {layer + 1}"
            self._track(name, (item for item in row if layer < len(item.part.clip.framing.cells)), layer)
        bin_properties = {
            "kdenlive:docproperties.documentid": str(zlib.crc32(etree.tostring(self._root))),
            "kdenlive:docproperties.groups": json.dumps(self._groups(placed, heard)),
            "kdenlive:docproperties.guides": kdenlive_guides(clip_sequence),
            "kdenlive:docproperties.version": _DOCUMENT_VERSION,
            "xml_retain": "1",
        }
        for number, (name, value) in enumerate(bin_properties.items()):
            element = etree.Element("property", name=name)
            element.text = value
            self._bin.insert(number, element)
        self._root.insert(1 + len(self._in_bin), self._bin)
        self._tractor()
        return etree.tostring(self._root, pretty_print=True, xml_declaration=True, encoding="UTF-8")

    def _tractor(self) -> None:
        black = etree.SubElement(self._root, "producer", {"id": "black_track", "in": "0"})
        length = str(self._clip_sequence.frame_count)
        add_properties(
            black,
            {"length": length, "eof": "continue", "resource": "black", "mlt_service": "color"}
            | {"mlt_image_format": "rgba", "set.test_audio": "0"},
        )
        self._root.extend(self._tracks)
        in_out = {"in": "0", "out": str(self._clip_sequence.frame_count - 1)}
        tractor = etree.SubElement(self._root, "tractor", {"id": "main", **in_out})
        names = [track.get("id", "") for track in self._tracks if track.tag == "tractor"]
        for name in ("black_track", *names):
            etree.SubElement(tractor, "track", producer=name)
        for number, name in enumerate(names, start=1):
            tracks = {"a_track": "0", "b_track": str(number), **_INTERNAL}
            service = (
                {"mlt_service": "mix", "kdenlive_id": "mix", "accepts_blanks": "1", "sum": "1"}
                if name.startswith("track-sound")
                else {"mlt_service": "qtblend", "kdenlive_id": "qtblend", "compositing": "0", "distort": "0"}
            )
            add_properties(etree.SubElement(tractor, "transition"), {**tracks, **service})

    def _track(self, name: str, row: Iterator[_PlaylistItem], use: Any) -> None:
        """A track: two playlists, and the mixes between them."""
        is_sound = use == "sound"
        tractor, playlists = self._two_playlists(name, use, is_sound=is_sound)
        ends = [0, 0]
        on: dict[int, _PlaylistItem] = {}
        for item in row:
            clip, playlist = item.part.clip, playlists[item.playlist]
            if clip.record_frame > ends[item.playlist]:
                etree.SubElement(playlist, "blank", length=str(clip.record_frame - ends[item.playlist]))
            ends[item.playlist] = clip.record_frame + clip.frame_count
            self._entry(playlist, item, use)
            on[item.index] = item
        if use in (0, "sound"):
            for dissolve in self._clip_sequence.dissolves:
                if not dissolve.is_cross or (
                    is_sound and dissolve.incoming not in self._clip_sequence.sounding_dissolves
                ):
                    continue
                if dissolve.incoming in on and dissolve.outgoing in on:
                    _mix(tractor, dissolve, on[dissolve.incoming].playlist, is_sound=is_sound)
        self._tracks += [*playlists, tractor]

    def _sounds(self) -> None:
        """A track for each row of sounds; the first row of the cut is the highest of them, as Kdenlive counts."""
        rate = self._clip_sequence.rate
        rows = list(enumerate(sound_rows(self._clip_sequence), start=1))
        for number, (name, row) in reversed(rows):
            tractor, playlists = self._two_playlists(name, f"sound{number}", is_sound=True)
            producers = SoundProducers(self._root, rate, f"sound{number}media")
            cursor = 0
            for item in row:
                known = {"kdenlive:id": self._sound_in_bin(item), "set.test_audio": "0"}
                producer = producers.add(item, 0, known)
                cursor = add_sound_entry(playlists[0], item, producer, cursor, rate, media_keys=True)
                entry = playlists[0][-1]
                bin_id = etree.Element("property", name="kdenlive:id")
                bin_id.text = known["kdenlive:id"]
                entry.insert(0, bin_id)
            self._tracks += [*playlists, tractor]

    def _two_playlists(self, name: str, use: object, *, is_sound: bool) -> tuple[etree._Element, list[etree._Element]]:
        """An empty track, and its two playlists."""
        playlists = [etree.Element("playlist", id=f"playlist-{use}-{side}") for side in "ab"]
        out = str(self._clip_sequence.frame_count - 1)
        tractor = etree.Element("tractor", {"id": f"track-{use}", "in": "0", "out": out})
        add_properties(tractor, {"kdenlive:track_name": xml_safe(name)})
        for element in (tractor, *playlists) if is_sound else ():
            add_properties(element, {"kdenlive:audio_track": "1"})
        hidden = "video" if is_sound else "audio"
        for playlist in playlists:
            etree.SubElement(tractor, "track", {"hide": hidden, "producer": playlist.get("id", "")})
        return tractor, playlists

    def _entry(self, playlist: etree._Element, item: _PlaylistItem, use: Any) -> None:
        part, clip = item.part, item.part.clip
        if use == "behind" and background_fill(part) != "blur":
            producer, in_out = self._colour(background_fill(part)), {"in": "0", "out": str(clip.frame_count - 1)}
            etree.SubElement(playlist, "entry", {"producer": producer, **in_out})
            return
        first = 0 if clip.is_retimed else clip.first - clip.available_first
        in_out = {"in": str(first), "out": str(first + clip.frame_count - 1)}
        entry = etree.SubElement(playlist, "entry", {"producer": self._media(item, use), **in_out})
        add_properties(entry, {"kdenlive:id": self._media_in_bin(part)})
        if use == "behind":
            add_blurred_background(entry, FilterRange({}, first), part)
        elif use != "sound":
            add_camera_filters(entry, FilterRange({}, first), part, part.layers[use], self._fades[item.index])

    def _media(self, item: _PlaylistItem, use: Any) -> str:
        """Id of a producer of a clip item's media for a playlist; a retimed one has a chain of its own."""
        clip = item.part.clip
        key = (clip.path, clip.available_count, use, item.playlist)
        if not clip.is_retimed and key in self._producers:
            return self._producers[key]
        heard = use == "sound"
        switches = {
            "kdenlive:id": self._media_in_bin(item.part),
            "set.test_audio": str(int(not heard)),
            "set.test_image": str(int(heard)),
        }
        if clip.is_retimed:
            self._retimed_count += 1
            name = f"retimed{self._retimed_count}"
            values = picture_properties(clip, clip.frame_count, sounds=True) | switches
            add_retimed_clip(self._root, name, clip, values)
            return name
        name = self._producers[key] = f"media{len(self._producers) + 1}"
        producer = etree.SubElement(
            self._root, "producer", {"id": name, "in": "0", "out": str(clip.available_count - 1)}
        )
        add_properties(
            producer,
            picture_properties(clip, clip.available_count, sounds=True) | switches,
        )
        return name

    def _media_in_bin(self, clip_item: ClipItem) -> str:
        """Kdenlive's number of a clip item's media; the producers in the bin come first in the file."""
        clip = clip_item.clip
        values = picture_properties(clip, clip.available_count, sounds=True)
        return self._add_to_bin((clip.path, clip.available_count), values, clip.path.name)

    def _sound_in_bin(self, item: SoundItem) -> str:
        if item.media.clip is not None:
            return self._media_in_bin(ClipItem(item.media.clip, True))
        length = str(math.ceil(item.media.length_s * self._clip_sequence.rate))
        values = media_properties(item.media.path, length, sounds=True)
        return self._add_to_bin((item.media.path, length), values, item.media.path.name)

    def _colour(self, colour: str) -> str:
        length = str(self._clip_sequence.frame_count)
        values = {"length": length, "eof": "pause", "resource": colour, "mlt_service": "color"}
        values |= {"mlt_image_format": "rgba", "set.test_audio": "0", "kdenlive:clip_type": "2"}
        self._add_to_bin(colour, values, colour)
        return f"bin{self._in_bin[colour]}"

    def _add_to_bin(self, key: Any, values: dict[str, str], name: str) -> str:
        if key not in self._in_bin:
            number = self._in_bin[key] = str(len(self._in_bin) + _FIRST_BIN_ID)
            out = str(int(values["length"]) - 1)
            producer = etree.Element("producer", {"id": f"bin{number}", "in": "0", "out": out})
            named = {"kdenlive:clipname": xml_safe(name), "kdenlive:folderid": "-1", "kdenlive:id": number}
            add_properties(producer, {**values, **named})
            self._root.insert(len(self._in_bin), producer)  # behind the profile and those before it
            etree.SubElement(self._bin, "entry", {"producer": f"bin{number}", "in": "0", "out": out})
        return self._in_bin[key]

    def _groups(self, placed: list[_PlaylistItem], heard: list[_PlaylistItem]) -> list[dict[str, Any]]:
        """Each picture and its own sound, grouped as Kdenlive groups what it puts on the timeline together.

        Tracks are counted from the lowest one over the black; Kdenlive crashes where a number has no track.
        """
        names = [track.get("id") for track in self._tracks if track.tag == "tractor"]
        sound, picture = names.index("track-sound"), names.index("track-0")
        return [
            {
                "children": [
                    {"data": f"{track}:{one.part.clip.record_frame}", "leaf": "clip", "type": "Leaf"}
                    for track, one in ((picture, item), (sound, own))
                ],
                "type": "AVSplit",
            }
            for item, own in zip(placed, heard, strict=True)
            if item.part.has_sound
        ]


def _on_two_playlists(
    clip_sequence: ClipSequence, only: Container[int | None] | None = None
) -> Iterator[_PlaylistItem]:
    """The enabled clip items with the handles that dissolves show; each dissolve changes to the other playlist.

    only: indices of the clip items to which the dissolves lead that count, and no fades; by default all of both.
    """
    crosses = {
        dissolve.incoming: dissolve
        for dissolve in clip_sequence.dissolves
        if dissolve.is_cross and (only is None or dissolve.incoming in only)
    }
    all_fades = Fades.of_all(clip_sequence) if only is None else [Fades()] * len(clip_sequence.clip_items)
    playlist = 0
    for index, clip_item in enumerate(clip_sequence.clip_items):
        before, after, fades = crosses.get(index), crosses.get(index + 1), all_fades[index]
        playlist = 1 - playlist if before is not None else 0
        if clip_item.enabled:
            first = -before.in_frames if before is not None else fades.first(clip_item)
            end = fades.end(clip_item) + (after.out_frames if after is not None else 0)
            yield _PlaylistItem(index, subclip(clip_item, first, end), playlist)


def _on_one_playlist(clip_sequence: ClipSequence) -> Iterator[_PlaylistItem]:
    """The enabled clip items as they lie in the sequence."""
    for index, clip_item in enumerate(clip_sequence.clip_items):
        if clip_item.enabled:
            yield _PlaylistItem(index, subclip(clip_item, 0, clip_item.clip.frame_count), 0)


def _mix(tractor: etree._Element, dissolve: Dissolve, later_playlist: int, *, is_sound: bool) -> None:
    in_out = {
        "in": str(dissolve.edit_frame - dissolve.in_frames),
        "out": str(dissolve.edit_frame + dissolve.out_frames - 1),
    }
    service = (
        {"mlt_service": "mix", "kdenlive_id": "mix", "start": "-1", "accepts_blanks": "1"}
        if is_sound
        # With "alpha_over" the first half of a dissolve would not fade evenly.
        else {"mlt_service": "luma", "kdenlive_id": "luma", "softness": "0", "alpha_over": "0", "invert": "0"}
    )
    add_properties(
        etree.SubElement(tractor, "transition", in_out),
        {"a_track": "0", "b_track": "1", **service}
        | {"kdenlive:mixcut": str(dissolve.out_frames), "reverse": str(1 - later_playlist)},
    )
