"""The playlists of an MLT file: one per layer of cells, and one beneath them for what shows around the pictures."""

from __future__ import annotations

from typing import Any

from lxml import etree

from panscan.deliver.mlt.filters import (
    FilterRange,
    MoveFilter,
    add_blurred_background,
    add_camera_filters,
    add_properties,
    media_properties,
    subclip,
)
from panscan.deliver.mlt.retimes import time_remap_properties
from panscan.deliver.sequence.losses import background_kind, shows_background
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, Layer, trim_camera
from panscan.timeline.cut import FramedClip
from panscan.timeline.transitions import Dissolve


def background_fill(piece: ClipItem) -> str:
    """What shows around a piece's picture: "", a colour "#rrggbb" or "blur".

    Blur is that of the whole canvas: in a split layout it stays black.
    """
    framing = piece.clip.framing
    kind = background_kind(framing.background)
    if kind == "black" or not has_visible_background(piece):
        return ""
    if kind == "blur":
        return "blur" if framing.cells[0].size == framing.canvas and len(framing.cells) == 1 else ""
    return framing.background.lower()


def has_visible_background(piece: ClipItem) -> bool:
    """Whether anything shows around a piece's pictures."""
    clip = piece.clip
    return shows_background(clip, [trim_camera(cell.camera, clip.first, clip.end - 1) for cell in clip.framing.cells])


class PlaylistWriter:
    """Writes the playlists of a row of pieces, and the producers that they play."""

    def __init__(self, root: etree._Element, spine: ClipSequence, mover: MoveFilter = "qtblend") -> None:
        self._root, self._spine, self._mover = root, spine, mover
        self._producers: dict[Any, str] = {}
        self._dissolve_into = {dissolve.after: dissolve for dissolve in spine.dissolves}
        self._crossings = self._retimes = 0

    def write(self) -> list[str]:
        """Append all playlists to the file; their ids, lowest first."""
        shown = [piece for piece in self._spine.clip_items if piece.enabled]
        count = max((len(piece.clip.framing.cells) for piece in shown), default=1)
        playlists = [self._behind()] if any(background_fill(piece) for piece in shown) else []
        playlists += [self._layer(layer) for layer in range(count)]
        self._root.extend(playlists)
        return [str(playlist.get("id")) for playlist in playlists]

    def _layer(self, layer: int) -> etree._Element:
        """The playlist of one layer; the lowest brings the sound and the dissolves."""
        playlist = _track(*(("picture", "Picture") if layer == 0 else (f"picture{layer + 1}", f"Picture {layer + 1}")))
        index = -1
        for _, frame_count, piece in self._spine.with_gaps():
            index += piece is not None
            if piece is None or not piece.enabled or layer >= len(piece.clip.framing.cells):
                _blank(playlist, frame_count)
                continue
            # Dissolves join whole pictures, so both pieces have one layer.
            into, out = (
                (self._dissolve_into.get(index), self._dissolve_into.get(index + 1)) if layer == 0 else (None, None)
            )
            if into is not None:
                self._dissolve(playlist, self._spine.clip_items[index - 1], piece, into)
            first = into.out_frames if into is not None else 0
            end = frame_count - (out.in_frames if out is not None else 0)
            if end > first:
                part = subclip(piece, first, end)
                self._entry(playlist, part, part.layers[layer], layer, sounds=piece.has_sound and layer == 0)
        return playlist

    def _dissolve(self, playlist: etree._Element, before: ClipItem, after: ClipItem, dissolve: Dissolve) -> None:
        """A dissolve as a nested tractor in the playlist, as Shotcut writes it."""
        self._crossings += 1
        name = f"dissolve{self._crossings}"
        last = str(dissolve.frame_count - 1)
        length = before.clip.frame_count
        sides = (
            subclip(before, length - dissolve.in_frames, length + dissolve.out_frames),
            subclip(after, -dissolve.in_frames, dissolve.out_frames),
        )
        tractor = etree.Element("tractor", {"id": name, "in": "0", "out": last})
        add_properties(tractor, {"shotcut:transition": "lumaMix"})
        for side, part in zip("ab", sides, strict=True):
            row = etree.Element("playlist", id=f"{name}{side}")
            self._entry(row, part, part.layers[0], side, sounds=part.has_sound)
            self._root.append(row)  # after the producer that it plays
            etree.SubElement(tractor, "track", producer=f"{name}{side}")
        place = {"in": "0", "out": last}
        tracks = {"a_track": "0", "b_track": "1"}
        add_properties(etree.SubElement(tractor, "transition", place), {"mlt_service": "luma", **tracks})
        add_properties(etree.SubElement(tractor, "transition", place), {"mlt_service": "mix", "start": "-1", **tracks})
        self._root.append(tractor)
        etree.SubElement(playlist, "entry", {"producer": name, "in": "0", "out": last})

    def _behind(self) -> etree._Element:
        """The playlist of the backgrounds."""
        playlist = _track("behind", "Background")
        for _, frame_count, piece in self._spine.with_gaps():
            what = background_fill(piece) if piece is not None and piece.enabled else ""
            if piece is None or not what:
                _blank(playlist, frame_count)
            elif what == "blur":
                self._blurred(playlist, piece)
            else:
                producer = self._colour(what, frame_count)
                etree.SubElement(playlist, "entry", {"producer": producer, "in": "0", "out": str(frame_count - 1)})
        return playlist

    def _blurred(self, playlist: etree._Element, piece: ClipItem) -> None:
        """The whole picture again, covering the canvas, and blurred there."""
        shown, place = self._play(playlist, piece, "behind", sounds=False)
        add_blurred_background(shown, place, piece)

    def _entry(self, playlist: etree._Element, piece: ClipItem, layer: Layer, use: Any, *, sounds: bool) -> None:
        """A piece's layer, moved by its camera and cut off at its cell."""
        shown, place = self._play(playlist, piece, use, sounds=sounds)
        add_camera_filters(shown, place, piece, layer)

    def _play(
        self, playlist: etree._Element, piece: ClipItem, use: Any, *, sounds: bool
    ) -> tuple[etree._Element, FilterRange]:
        """Let a playlist show a piece's media; the element that its filters hang on, and their place."""
        clip = piece.clip
        # MLT counts media from the first picture of the file, whatever its timecode.
        first = 0 if clip.is_retimed else clip.first - clip.available_first
        ends = {"in": str(first), "out": str(first + clip.frame_count - 1)}
        # Shotcut lists the filters of producers, not those of entries: there each entry plays one of its own.
        own = (use, len(self._producers)) if self._mover == "affine" else use
        media = self._retimed(clip, sounds) if clip.is_retimed else self._producer(piece, own, sounds=sounds)
        entry = etree.SubElement(playlist, "entry", {"producer": media, **ends})
        holder = next(e for e in reversed(self._root) if e.get("id") == media) if self._mover == "affine" else entry
        return holder, FilterRange(ends, mover=self._mover)

    def _producer(self, piece: ClipItem, use: Any, *, sounds: bool) -> str:
        """Id of a producer of a piece's media; each track (`use`) has its own, so that none seeks for two at once."""
        clip = piece.clip
        key = (clip.path, clip.available_count, sounds, use)
        if key in self._producers:
            return self._producers[key]
        identifier = self._producers.setdefault(key, f"media{len(self._producers) + 1}")
        last = str(clip.available_count - 1)
        producer = etree.SubElement(self._root, "producer", {"id": identifier, "in": "0", "out": last})
        add_properties(producer, media_properties(clip.path, str(clip.available_count), sounds=sounds))
        return identifier

    def _retimed(self, clip: FramedClip, sounds: bool) -> str:
        """Id of a chain that plays just what a retimed clip shows, from its frame 0 on."""
        self._retimes += 1
        identifier, count = f"retimed{self._retimes}", str(clip.frame_count)
        chain = etree.SubElement(self._root, "chain", {"id": identifier, "out": str(clip.frame_count - 1)})
        add_properties(chain, media_properties(clip.path, count, sounds=sounds))
        add_properties(etree.SubElement(chain, "link"), time_remap_properties(clip))
        return identifier

    def _colour(self, colour: str, frame_count: int) -> str:
        key = (colour, frame_count)
        if key not in self._producers:
            self._producers[key] = f"colour{len(self._producers) + 1}"
            place = {"in": "0", "out": str(frame_count - 1)}
            producer = etree.SubElement(self._root, "producer", {"id": self._producers[key], **place})
            add_properties(
                producer,
                {"length": str(frame_count), "eof": "pause", "resource": colour, "mlt_service": "color"}
                | {"mlt_image_format": "rgba", "set.test_audio": "0"},
            )
        return self._producers[key]


def _track(identifier: str, name: str) -> etree._Element:
    """An empty playlist that Shotcut takes for a video track."""
    playlist = etree.Element("playlist", id=identifier)
    add_properties(playlist, {"shotcut:video": "1", "shotcut:name": name})
    return playlist


def _blank(playlist: etree._Element, frame_count: int) -> None:
    etree.SubElement(playlist, "blank", length=str(frame_count))
