"""The playlists of an MLT file: one per layer of cells, and one beneath them for the backgrounds."""

from __future__ import annotations

from typing import Any

from lxml import etree

from panscan.deliver.mlt.filters import (
    Fades,
    FilterRange,
    MoveFilter,
    add_blurred_background,
    add_camera_filters,
    add_properties,
    picture_properties,
)
from panscan.deliver.mlt.retimes import add_retimed_clip
from panscan.deliver.mlt.sounds import SoundProducers, add_sound_entry, sound_rows
from panscan.deliver.sequence import (
    ClipItem,
    ClipSequence,
    Layer,
    background_kind,
    shows_background,
    subclip,
    trim_camera,
)
from panscan.deliver.xml_text import xml_safe
from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import Dissolve


def background_fill(clip_item: ClipItem) -> str:
    """What fills the space around a clip item's picture: "" (nothing or black), a colour "#rrggbb", or "blur".

    MLT can blur only behind a single cell of the canvas's size; around a split layout it stays black.
    """
    framing = clip_item.clip.framing
    kind = background_kind(framing.background)
    if kind == "black" or not has_visible_background(clip_item):
        return ""
    if kind == "blur":
        return "blur" if framing.cells[0].size == framing.canvas and len(framing.cells) == 1 else ""
    return framing.background.lower()


def has_visible_background(clip_item: ClipItem) -> bool:
    """Whether a clip item leaves space around its pictures."""
    clip = clip_item.clip
    return shows_background(clip, [trim_camera(cell.camera, clip.first, clip.end - 1) for cell in clip.framing.cells])


class PlaylistWriter:
    """Writes the playlists of a clip sequence, and the producers that they play."""

    def __init__(self, root: etree._Element, clip_sequence: ClipSequence, mover: MoveFilter = "qtblend") -> None:
        self._root, self._clip_sequence, self._mover = root, clip_sequence, mover
        self._producers: dict[Any, str] = {}
        self._crosses = {dissolve.incoming: dissolve for dissolve in clip_sequence.dissolves if dissolve.is_cross}
        self._fades = Fades.of_all(clip_sequence)
        self._dissolve_count = self._retimed_count = 0

    def write(self) -> list[str]:
        """Append all playlists to the file; their ids, lowest first."""
        shown = [clip_item for clip_item in self._clip_sequence.clip_items if clip_item.enabled]
        count = max((len(clip_item.clip.framing.cells) for clip_item in shown), default=1)
        playlists = [self._behind()] if any(background_fill(clip_item) for clip_item in shown) else []
        playlists += [self._layer(layer) for layer in range(count)]
        self._root.extend(playlists)
        return [str(playlist.get("id")) for playlist in playlists]

    def _layer(self, layer: int) -> etree._Element:
        """The playlist of one layer; the lowest brings the sound and the dissolves."""
        playlist = _track(*(("picture", "Picture") if layer == 0 else (f"picture{layer + 1}", f"Picture {layer + 1}")))
        cursor = 0
        for index, clip_item in enumerate(self._clip_sequence.clip_items):
            if not clip_item.enabled or layer >= len(clip_item.clip.framing.cells):
                continue
            # Dissolves and fades join whole pictures, so such clip items have one layer.
            into, out = (self._crosses.get(index), self._crosses.get(index + 1)) if layer == 0 else (None, None)
            fades = self._fades[index]
            first = fades.first(clip_item) if into is None else into.out_frames
            end = fades.end(clip_item) - (out.in_frames if out is not None else 0)
            if into is not None:
                self._dissolve(playlist, self._clip_sequence.clip_items[index - 1], clip_item, into)
                cursor = into.end
            cursor = _blank_until(playlist, cursor, clip_item.clip.record_frame + first)
            if end > first:
                part = subclip(clip_item, first, end)
                sounds = clip_item.has_sound and layer == 0
                entry = self._entry(playlist, part, part.layers[layer], layer, fades, sounds=sounds)
                if sounds:
                    _mute_handles(entry, max(-first, 0), max(end - clip_item.clip.frame_count, 0), end - first)
                cursor += end - first
        _blank_until(playlist, cursor, self._clip_sequence.frame_count)
        return playlist

    def _dissolve(self, playlist: etree._Element, before: ClipItem, after: ClipItem, dissolve: Dissolve) -> None:
        """A dissolve as a nested tractor in the playlist, as Shotcut writes it."""
        self._dissolve_count += 1
        name = f"dissolve{self._dissolve_count}"
        last = str(dissolve.frame_count - 1)
        length = before.clip.frame_count
        sides = (
            subclip(before, length - dissolve.in_frames, length + dissolve.out_frames),
            subclip(after, -dissolve.in_frames, dissolve.out_frames),
        )
        tractor = etree.Element("tractor", {"id": name, "in": "0", "out": last})
        add_properties(tractor, {"shotcut:transition": "lumaMix"})
        crosses = dissolve.incoming in self._clip_sequence.sounding_dissolves
        # Where the sound is cut hard, each side is silent beyond the cut.
        silent = ((dissolve.in_frames, dissolve.out_frames), (0, dissolve.in_frames))
        for side, part, (begin, count) in zip("ab", sides, silent, strict=True):
            row = etree.Element("playlist", id=f"{name}{side}")
            entry = self._entry(row, part, part.layers[0], side, sounds=part.has_sound)
            if part.has_sound and not crosses and count:
                _mute(entry, begin, count)
            self._root.append(row)  # after the producer that it plays
            etree.SubElement(tractor, "track", producer=f"{name}{side}")
        in_out = {"in": "0", "out": last}
        tracks = {"a_track": "0", "b_track": "1"}
        add_properties(etree.SubElement(tractor, "transition", in_out), {"mlt_service": "luma", **tracks})
        mix = {"mlt_service": "mix", **({"start": "-1"} if crosses else {"sum": "1"}), **tracks}
        add_properties(etree.SubElement(tractor, "transition", in_out), mix)
        self._root.append(tractor)
        etree.SubElement(playlist, "entry", {"producer": name, "in": "0", "out": last})

    def write_sounds(self) -> list[str]:
        """Append a playlist for each row of sounds to the file; their ids."""
        rate, names = self._clip_sequence.rate, []
        for number, (name, row) in enumerate(sound_rows(self._clip_sequence), start=1):
            producers = SoundProducers(self._root, rate, f"sound{number}media")
            playlist = etree.Element("playlist", id=f"sound{number}")
            add_properties(playlist, {"shotcut:audio": "1", "shotcut:name": xml_safe(name)})
            cursor = 0
            for item in row:
                # Shotcut lists the filters of producers, not those of entries.
                use = cursor if self._mover == "affine" else 0
                cursor = add_sound_entry(playlist, item, producers.add(item, use, {}), cursor, rate)
            self._root.append(playlist)
            names.append(f"sound{number}")
        return names

    def _behind(self) -> etree._Element:
        """The playlist of the backgrounds."""
        playlist = _track("behind", "Background")
        for _, frame_count, clip_item in self._clip_sequence.with_gaps():
            what = background_fill(clip_item) if clip_item is not None and clip_item.enabled else ""
            if clip_item is None or not what:
                _blank(playlist, frame_count)
            elif what == "blur":
                self._blurred(playlist, clip_item)
            else:
                producer = self._colour(what, frame_count)
                etree.SubElement(playlist, "entry", {"producer": producer, "in": "0", "out": str(frame_count - 1)})
        return playlist

    def _blurred(self, playlist: etree._Element, clip_item: ClipItem) -> None:
        """The whole picture again, covering the canvas, and blurred there."""
        shown, filter_range = self._play(playlist, clip_item, "behind", sounds=False)
        add_blurred_background(shown, filter_range, clip_item)

    def _entry(
        self,
        playlist: etree._Element,
        clip_item: ClipItem,
        layer: Layer,
        use: Any,
        fades: Fades | None = None,
        *,
        sounds: bool,
    ) -> etree._Element:
        """A clip item's layer, moved by its camera and cropped to its cell; what holds its filters."""
        shown, filter_range = self._play(playlist, clip_item, use, sounds=sounds)
        add_camera_filters(shown, filter_range, clip_item, layer, fades or Fades())
        return shown

    def _play(
        self, playlist: etree._Element, clip_item: ClipItem, use: Any, *, sounds: bool
    ) -> tuple[etree._Element, FilterRange]:
        """Let a playlist play a clip item's media; the element that takes its filters, and their range."""
        clip = clip_item.clip
        # MLT counts media from the first picture of the file, whatever its timecode.
        first = 0 if clip.is_retimed else clip.first - clip.available_first
        in_out = {"in": str(first), "out": str(first + clip.frame_count - 1)}
        # Shotcut lists the filters of producers, not those of entries: there each entry plays one of its own.
        own = (use, len(self._producers)) if self._mover == "affine" else use
        if clip.is_retimed:
            media = self._add_retimed_media(clip, sounds)
        else:
            media = self._producer(clip_item, own, sounds=sounds)
        entry = etree.SubElement(playlist, "entry", {"producer": media, **in_out})
        holder = next(e for e in reversed(self._root) if e.get("id") == media) if self._mover == "affine" else entry
        return holder, FilterRange(in_out, mover=self._mover)

    def _producer(self, clip_item: ClipItem, use: Any, *, sounds: bool) -> str:
        """Id of a producer of a clip item's media; one per track (`use`), so that none seeks for two at once."""
        clip = clip_item.clip
        key = (clip.path, clip.available_count, sounds, use)
        if key in self._producers:
            return self._producers[key]
        identifier = self._producers.setdefault(key, f"media{len(self._producers) + 1}")
        last = str(clip.available_count - 1)
        producer = etree.SubElement(self._root, "producer", {"id": identifier, "in": "0", "out": last})
        add_properties(
            producer,
            picture_properties(clip, clip.available_count, sounds=sounds),
        )
        return identifier

    def _add_retimed_media(self, clip: FramedClip, sounds: bool) -> str:
        """Add a chain that plays just what a retimed clip shows, from its frame 0 on; its id."""
        self._retimed_count += 1
        identifier = f"retimed{self._retimed_count}"
        add_retimed_clip(
            self._root,
            identifier,
            clip,
            picture_properties(clip, clip.frame_count, sounds=sounds),
        )
        return identifier

    def _colour(self, colour: str, frame_count: int) -> str:
        key = (colour, frame_count)
        if key not in self._producers:
            self._producers[key] = f"colour{len(self._producers) + 1}"
            in_out = {"in": "0", "out": str(frame_count - 1)}
            producer = etree.SubElement(self._root, "producer", {"id": self._producers[key], **in_out})
            add_properties(
                producer,
                {"length": str(frame_count), "eof": "pause", "resource": colour, "mlt_service": "color"}
                | {"mlt_image_format": "rgba", "set.test_audio": "0"},
            )
        return self._producers[key]


def _mute(holder: etree._Element, begin: int, count: int) -> None:
    """Silence so many frames of what an entry plays, counted from its `in`."""
    first = next(int(element.get("in", "0")) for element in holder.iterfind("filter")) + begin
    silence = etree.SubElement(holder, "filter", {"in": str(first), "out": str(first + count - 1)})
    add_properties(silence, {"mlt_service": "volume", "gain": "0"})


def _mute_handles(holder: etree._Element, head: int, tail: int, length: int) -> None:
    """Silence what an entry plays in fades before and after its clip; `length`: of the entry."""
    if head:
        _mute(holder, 0, head)
    if tail:
        _mute(holder, length - tail, tail)


def _track(identifier: str, name: str) -> etree._Element:
    """An empty playlist that Shotcut takes for a video track."""
    playlist = etree.Element("playlist", id=identifier)
    add_properties(playlist, {"shotcut:video": "1", "shotcut:name": name})
    return playlist


def _blank(playlist: etree._Element, frame_count: int) -> None:
    etree.SubElement(playlist, "blank", length=str(frame_count))


def _blank_until(playlist: etree._Element, cursor: int, frame: int) -> int:
    """Fill a playlist with nothing from one record frame to another; the frame that is reached."""
    if frame > cursor:
        _blank(playlist, frame - cursor)
    return max(cursor, frame)
