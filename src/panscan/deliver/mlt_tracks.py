"""The playlists of an MLT file: one per layer of cells, and one beneath them for what shows around the pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree

from panscan.deliver.host_space import Key, mlt
from panscan.deliver.spine import Dissolve, Layer, Piece, Spine, within
from panscan.deliver.spine_losses import background_kind, shows_background
from panscan.deliver.xml_text import legal, number

# The renderer blurs a copy of an eighth of the size by 6 px.
_BLUR_SIGMA_PX = 48.0


def behind(piece: Piece) -> str:
    """What shows around a piece's picture: "", a colour "#rrggbb" or "blur".

    Blur is that of the whole canvas: in a split layout it stays black.
    """
    framing = piece.clip.framing
    kind = background_kind(framing.background)
    if kind == "black" or not is_open(piece):
        return ""
    if kind == "blur":
        return "blur" if framing.cells[0].size == framing.canvas and len(framing.cells) == 1 else ""
    return framing.background.lower()


def is_open(piece: Piece) -> bool:
    """Whether anything shows around a piece's pictures."""
    clip = piece.clip
    return shows_background(clip, [within(cell.camera, clip.first, clip.end - 1) for cell in clip.framing.cells])


def properties(parent: etree._Element, values: dict[str, str]) -> None:
    """Add properties to an element."""
    for name, value in values.items():
        etree.SubElement(parent, "property", name=name).text = value


class Tracks:
    """Writes the playlists of a row of pieces, and the producers that they play."""

    def __init__(self, root: etree._Element, spine: Spine) -> None:
        self._root, self._spine = root, spine
        self._producers: dict[Any, str] = {}
        self._into = {dissolve.after: dissolve for dissolve in spine.dissolves}
        self._crossings = 0

    def write(self) -> list[str]:
        """Append all playlists to the file; their ids, lowest first."""
        shown = [piece for piece in self._spine.pieces if piece.enabled]
        count = max((len(piece.clip.framing.cells) for piece in shown), default=1)
        playlists = [self._behind()] if any(behind(piece) for piece in shown) else []
        playlists += [self._layer(layer) for layer in range(count)]
        self._root.extend(playlists)
        return [str(playlist.get("id")) for playlist in playlists]

    def _layer(self, layer: int) -> etree._Element:
        """The playlist of one layer; the lowest brings the sound and the dissolves."""
        playlist = etree.Element("playlist", id="picture" if layer == 0 else f"picture{layer + 1}")
        index = -1
        for _, frame_count, piece in self._spine.with_gaps():
            index += piece is not None
            if piece is None or not piece.enabled or layer >= len(piece.clip.framing.cells):
                _blank(playlist, frame_count)
                continue
            # Dissolves join whole pictures, so both pieces have one layer.
            into, out = (self._into.get(index), self._into.get(index + 1)) if layer == 0 else (None, None)
            if into is not None:
                self._crossing(playlist, self._spine.pieces[index - 1], piece, into)
            first = into.out_frames if into is not None else 0
            end = frame_count - (out.in_frames if out is not None else 0)
            if end > first:
                part = _part(piece, first, end)
                self._entry(playlist, part, part.layers[layer], layer, sounds=piece.sounds and layer == 0)
        return playlist

    def _crossing(self, playlist: etree._Element, before: Piece, after: Piece, dissolve: Dissolve) -> None:
        """A dissolve as a nested tractor in the playlist, as Shotcut writes it."""
        self._crossings += 1
        name = f"dissolve{self._crossings}"
        last = str(dissolve.frame_count - 1)
        length = before.clip.frame_count
        sides = (
            _part(before, length - dissolve.in_frames, length + dissolve.out_frames),
            _part(after, -dissolve.in_frames, dissolve.out_frames),
        )
        tractor = etree.Element("tractor", {"id": name, "in": "0", "out": last})
        for side, part in zip("ab", sides, strict=True):
            row = etree.Element("playlist", id=f"{name}{side}")
            self._entry(row, part, part.layers[0], side, sounds=part.sounds)
            self._root.append(row)  # after the producer that it plays
            etree.SubElement(tractor, "track", producer=f"{name}{side}")
        place = {"in": "0", "out": last}
        tracks = {"a_track": "0", "b_track": "1"}
        properties(etree.SubElement(tractor, "transition", place), {"mlt_service": "luma", **tracks})
        properties(etree.SubElement(tractor, "transition", place), {"mlt_service": "mix", "start": "-1", **tracks})
        self._root.append(tractor)
        etree.SubElement(playlist, "entry", {"producer": name, "in": "0", "out": last})

    def _behind(self) -> etree._Element:
        """The playlist of the backgrounds."""
        playlist = etree.Element("playlist", id="background")
        for _, frame_count, piece in self._spine.with_gaps():
            what = behind(piece) if piece is not None and piece.enabled else ""
            if piece is None or not what:
                _blank(playlist, frame_count)
            elif what == "blur":
                self._blurred(playlist, piece)
            else:
                producer = self._colour(what, frame_count)
                etree.SubElement(playlist, "entry", {"producer": producer, "in": "0", "out": str(frame_count - 1)})
        return playlist

    def _blurred(self, playlist: etree._Element, piece: Piece) -> None:
        """The whole picture again, covering the canvas, and blurred there."""
        source, canvas = piece.clip.framing.source, piece.clip.framing.canvas
        scale = max(canvas.width / source.width, canvas.height / source.height)
        entry, place = self._play(playlist, piece, "behind", sounds=False)
        _move(entry, place, _rect(Key(scale, 0.0, 0.0), piece))
        blur = etree.SubElement(entry, "filter", place)
        properties(blur, {"mlt_service": "avfilter.gblur", "av.sigma": number(_BLUR_SIGMA_PX * scale, 3)})

    def _entry(self, playlist: etree._Element, piece: Piece, layer: Layer, use: Any, *, sounds: bool) -> None:
        """A piece's layer, moved by its camera and cut off at its cell."""
        entry, place = self._play(playlist, piece, use, sounds=sounds)
        # Key frames count from the filter's own `in`: that is the first frame shown.
        keys = (f"{frame - piece.clip.first}={_rect(key, piece)}" for frame, key in layer.keys)
        _move(entry, place, ";".join(keys))
        if layer.is_cut:
            cell = layer.cell
            crop = etree.SubElement(entry, "filter", place)
            rect = f"{cell.left_px} {cell.top_px} {cell.size.width} {cell.size.height} 1"
            properties(crop, {"mlt_service": "qtcrop", "rect": rect, "color": "#00000000"})

    def _play(
        self, playlist: etree._Element, piece: Piece, use: Any, *, sounds: bool
    ) -> tuple[etree._Element, dict[str, str]]:
        """An entry that shows a piece's media, and the place of its filters."""
        clip = piece.clip
        # MLT counts media from the first picture of the file, whatever its timecode.
        place = {"in": str(clip.first - clip.available_first), "out": str(clip.end - 1 - clip.available_first)}
        producer = self._producer(piece, use, sounds=sounds)
        return etree.SubElement(playlist, "entry", {"producer": producer, **place}), place

    def _producer(self, piece: Piece, use: Any, *, sounds: bool) -> str:
        """Id of a producer of a piece's media; each track (`use`) has its own, so that none seeks for two at once."""
        clip = piece.clip
        key = (clip.path, clip.available_count, sounds, use)
        if key in self._producers:
            return self._producers[key]
        identifier = self._producers.setdefault(key, f"media{len(self._producers) + 1}")
        last = str(clip.available_count - 1)
        producer = etree.SubElement(self._root, "producer", {"id": identifier, "in": "0", "out": last})
        values = {
            "length": str(clip.available_count),  # without it melt shows one frame
            "eof": "pause",
            "resource": legal(str(clip.path.absolute())),
            "mlt_service": "avformat",
        }
        properties(producer, values if sounds else values | {"audio_index": "-1"})
        return identifier

    def _colour(self, colour: str, frame_count: int) -> str:
        key = (colour, frame_count)
        if key not in self._producers:
            self._producers[key] = f"colour{len(self._producers) + 1}"
            place = {"in": "0", "out": str(frame_count - 1)}
            producer = etree.SubElement(self._root, "producer", {"id": self._producers[key], **place})
            properties(
                producer,
                {"length": str(frame_count), "eof": "pause", "resource": colour, "mlt_service": "color"}
                | {"mlt_image_format": "rgba", "set.test_audio": "0"},
            )
        return self._producers[key]


def _part(piece: Piece, first: int, end: int) -> Piece:
    """The frames [first, end) of a piece, counted from its first one; they may lie in the handles of its media."""
    clip = piece.clip
    cut = replace(clip, first=clip.first + first, record_frame=clip.record_frame + first, frame_count=end - first)
    return replace(piece, clip=cut, head_frames=0, tail_frames=0)


def _rect(key: Key, piece: Piece) -> str:
    rect = mlt(key, piece.clip.framing.source, piece.clip.framing.canvas)
    return " ".join(number(side) for side in (rect.left, rect.top, rect.width, rect.height)) + " 1"


def _move(entry: etree._Element, place: dict[str, str], rect: str) -> None:
    values = {"mlt_service": "qtblend", "rect": rect, "compositing": "0", "distort": "0"}
    properties(etree.SubElement(entry, "filter", place), values)


def _blank(playlist: etree._Element, frame_count: int) -> None:
    etree.SubElement(playlist, "blank", length=str(frame_count))
