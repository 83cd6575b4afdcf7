"""MLT XML for Kdenlive, Shotcut and melt: one qtblend filter per clip whose `rect` moves the whole source.

The rectangle is linear in scale and position, so its straight lines between keys are the document's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from lxml import etree

from panscan.deliver.artifact import Artifact, Loss, distinct
from panscan.deliver.host_space import mlt
from panscan.deliver.spine import Piece, Spine, read_spine
from panscan.deliver.xml_text import legal, number


@dataclass(frozen=True, slots=True)
class MltOptions:
    """MLT has no options."""


class Mlt:
    """MLT XML with one playlist."""

    name: ClassVar[str] = "mlt"
    title: ClassVar[str] = "MLT XML"
    suffix: ClassVar[str] = ".mlt"
    opens_in: ClassVar[tuple[str, ...]] = ("Shotcut", "Kdenlive", "melt")
    how_to_import: ClassVar[str] = "Shotcut and Kdenlive: File > Open; or play it with `melt FILE.mlt`."
    options: ClassVar[type[MltOptions]] = MltOptions

    def export(self, timeline: Any, *, folder: Path, options: MltOptions) -> Artifact:
        """The timeline as one playlist inside a tractor, at the profile of the canvas."""
        spine = read_spine(timeline, folder=folder)
        losses = [*spine.losses]
        root = etree.Element("mlt", LC_NUMERIC="C", producer="main", title=legal(spine.name))
        etree.SubElement(root, "profile", _profile(spine))
        producers: dict[Any, str] = {}
        playlist = etree.Element("playlist", id="picture")
        for _, frame_count, piece in spine.with_gaps():
            if piece is None:
                etree.SubElement(playlist, "blank", length=str(frame_count))
            elif not piece.enabled:
                losses.append(Loss(f"the disabled clip {piece.clip.name!r}", "Its place stays empty."))
                etree.SubElement(playlist, "blank", length=str(frame_count))
            else:
                losses += _of_media(piece)
                _entry(playlist, piece, _producer(root, producers, piece))
        root.append(playlist)
        _tractor(root, spine)
        text = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
        return Artifact({self.suffix: text}, distinct(losses))


def _profile(spine: Spine) -> dict[str, str]:
    shape = Fraction(spine.canvas.width, spine.canvas.height)
    return {
        "description": f"{spine.canvas} {float(spine.rate):.6g} fps",
        "width": str(spine.canvas.width),
        "height": str(spine.canvas.height),
        "progressive": "1",
        "sample_aspect_num": "1",
        "sample_aspect_den": "1",
        "display_aspect_num": str(shape.numerator),
        "display_aspect_den": str(shape.denominator),
        "frame_rate_num": str(spine.rate.numerator),
        "frame_rate_den": str(spine.rate.denominator),
        "colorspace": "709",
    }


def _of_media(piece: Piece) -> list[Loss]:
    if piece.sounds and len(piece.clip.facts.audio) > 1:
        return [Loss(f"all but the first sound stream of {piece.clip.path.name!r}", "MLT plays one stream per clip.")]
    return []


def _producer(root: etree._Element, producers: dict[Any, str], piece: Piece) -> str:
    clip = piece.clip
    key = (clip.path, clip.available_count, piece.sounds)
    if key in producers:
        return producers[key]
    identifier = producers.setdefault(key, f"media{len(producers) + 1}")
    last = str(clip.available_count - 1)
    producer = etree.SubElement(root, "producer", {"id": identifier, "in": "0", "out": last})
    properties = {
        "length": str(clip.available_count),  # without it melt shows one frame
        "eof": "pause",
        "resource": legal(str(clip.path.absolute())),
        "mlt_service": "avformat",
    }
    if not piece.sounds:
        properties["audio_index"] = "-1"
    _properties(producer, properties)
    return identifier


def _entry(playlist: etree._Element, piece: Piece, producer: str) -> None:
    clip = piece.clip
    # MLT counts media from the first picture of the file, whatever its timecode.
    first, last = str(clip.first - clip.available_first), str(clip.end - 1 - clip.available_first)
    entry = etree.SubElement(playlist, "entry", {"producer": producer, "in": first, "out": last})
    # Key frames count from the filter's own `in`: that is the first frame shown.
    effect = etree.SubElement(entry, "filter", {"in": first, "out": last})
    keys = []
    for frame, key in piece.keys:
        rect = mlt(key, clip.framing.source, clip.framing.canvas)
        sides = " ".join(number(side) for side in (rect.left, rect.top, rect.width, rect.height))
        keys.append(f"{frame - clip.first}={sides} 1")
    properties = {"mlt_service": "qtblend", "rect": ";".join(keys), "compositing": "0", "distort": "0"}
    _properties(effect, properties)


def _tractor(root: etree._Element, spine: Spine) -> None:
    """The picture over black: on its own, melt shows gaps white."""
    place = {"in": "0", "out": str(spine.frame_count - 1)}
    black = etree.Element("producer", {"id": "black", **place})
    root.insert(1, black)  # after the profile
    _properties(
        black,
        {"length": str(spine.frame_count), "eof": "pause", "resource": "0", "mlt_service": "color"}
        | {"mlt_image_format": "rgba", "set.test_audio": "0"},
    )
    tractor = etree.SubElement(root, "tractor", {"id": "main", **place})
    etree.SubElement(tractor, "track", producer="black")
    etree.SubElement(tractor, "track", producer="picture")
    tracks = {"a_track": "0", "b_track": "1", "always_active": "1"}
    _properties(etree.SubElement(tractor, "transition", place), {"mlt_service": "mix", "sum": "1", **tracks})
    _properties(etree.SubElement(tractor, "transition", place), {"mlt_service": "qtblend", **tracks})


def _properties(parent: etree._Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        etree.SubElement(parent, "property", name=name).text = value
