"""MLT XML for Kdenlive, Shotcut and melt: one qtblend filter per clip whose `rect` moves the whole source.

The rectangle is linear in scale and position, so MLT's linear interpolation between keys is the camera's. Each cell of
a split layout lies on a track of its own; a qtcrop after the move crops it to the cell, whose edge does not move there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from lxml import etree

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.mlt.filters import MoveFilter, add_properties
from panscan.deliver.mlt.kdenlive import kdenlive_project
from panscan.deliver.mlt.markers import visible_timeline_markers, write_shotcut_markers
from panscan.deliver.mlt.sounds import sound_track_losses
from panscan.deliver.mlt.tracks import PlaylistWriter, background_fill, has_visible_background
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.sequence import ClipItem, ClipSequence, background_kind, read_sequence
from panscan.deliver.xml_text import xml_safe


@dataclass(frozen=True, slots=True)
class MltOptions:
    """Options of the MLT delivery."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})
    mover: MoveFilter = field(
        default="qtblend",
        metadata={
            "help": 'what moves the picture in the .mlt: "qtblend" (exact) or "affine" (to within a px; Shotcut shows'
            " it as Size, Position & Rotate)"
        },
    )

    def __post_init__(self) -> None:
        check_key_density(self.keys)
        check_choice(self.mover, MoveFilter, "choice of what moves the picture")


class MltExporter:
    """MLT XML with one playlist per layer of cells."""

    name: ClassVar[str] = "mlt"
    title: ClassVar[str] = "MLT XML"
    suffix: ClassVar[str] = ".mlt"
    opens_in: ClassVar[tuple[str, ...]] = ("Shotcut", "Kdenlive", "melt")
    how_to_import: ClassVar[str] = (
        "Shotcut: File > Open; Kdenlive: File > Open, and choose the .kdenlive file; or play it with `melt FILE.mlt`."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour", "blur"}),
        sound_tracks=frozenset({"level", "moving level", "fades", "pan", "channels", "speed"}),
        sound_dissolves="linear",
        disabled=False,
        transitions=True,
        fades="any",
        black_end=True,
        markers=True,
        retimes=True,
        stills=frozenset({"turn", "transparency"}),
    )
    options: ClassVar[type[MltOptions]] = MltOptions

    def export(self, timeline: Any, *, folder: Path, options: MltOptions) -> Artifact:
        """The timeline as playlists inside a tractor, at the profile of the canvas."""
        clip_sequence, losses = _without_wrong_dissolves(
            read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        )
        root = etree.Element("mlt", LC_NUMERIC="C", producer="main", title=xml_safe(clip_sequence.name))
        etree.SubElement(root, "profile", _profile(clip_sequence))
        _black(root, clip_sequence)
        tracks = PlaylistWriter(root, clip_sequence, options.mover)
        _tractor(root, clip_sequence, tracks.write(), tracks.write_sounds())
        text = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
        files = {self.suffix: text, ".kdenlive": kdenlive_project(clip_sequence, _profile(clip_sequence))}
        return Artifact(files, distinct_losses([*clip_sequence.losses, *losses, *_losses(clip_sequence)]))


def _profile(clip_sequence: ClipSequence) -> dict[str, str]:
    shape = Fraction(clip_sequence.canvas.width, clip_sequence.canvas.height)
    return {
        "description": f"{clip_sequence.canvas} {float(clip_sequence.rate):.6g} fps",
        "width": str(clip_sequence.canvas.width),
        "height": str(clip_sequence.canvas.height),
        "progressive": "1",
        "sample_aspect_num": "1",
        "sample_aspect_den": "1",
        "display_aspect_num": str(shape.numerator),
        "display_aspect_den": str(shape.denominator),
        "frame_rate_num": str(clip_sequence.rate.numerator),
        "frame_rate_den": str(clip_sequence.rate.denominator),
        "colorspace": "709",
    }


def _without_wrong_dissolves(clip_sequence: ClipSequence) -> tuple[ClipSequence, list[Loss]]:
    """The sequence without the dissolves that MLT would show wrongly, and losses for these.

    They lead from or to a disabled clip, or a picture that does not fill the canvas: MLT's luma keeps what lies under a
    transparent part of the later picture, where it should fade.
    """
    kept, losses = [], []
    for dissolve in clip_sequence.dissolves:
        sides = [clip_sequence.clip_items[n] for n in (dissolve.outgoing, dissolve.incoming) if n is not None]
        if all(clip_item.enabled and not has_visible_background(clip_item) for clip_item in sides):
            kept.append(dissolve)
        else:
            names = " and ".join(repr(clip_item.clip.name) for clip_item in sides)
            what = f"the dissolve between {names}" if dissolve.is_cross else f"the fade of {names}"
            losses.append(Loss(what, "It becomes a hard cut: one is disabled, or leaves an edge."))
    return replace(clip_sequence, dissolves=tuple(kept)), losses


def _losses(clip_sequence: ClipSequence) -> list[Loss]:
    losses = []
    kept = len(visible_timeline_markers(clip_sequence))
    if kept < len(clip_sequence.markers) + sum(len(clip_item.markers) for clip_item in clip_sequence.clip_items):
        losses.append(Loss("the markers outside the clips and the parts they show", "They would not be seen."))
    losses += sound_track_losses(clip_sequence)
    for clip_item in clip_sequence.clip_items:
        clip = clip_item.clip
        if _loses_its_blur(clip_item):
            losses.append(Loss(f"the blurred background of clip {clip.name!r}", "It is black around a split layout."))
        if not clip_item.enabled:
            losses.append(Loss(f"the disabled clip {clip.name!r}", "Its place stays empty."))
        elif clip_item.has_sound and len(clip.facts.audio) > 1:
            losses.append(
                Loss(f"all but the first sound stream of {clip.path.name!r}", "MLT plays one stream per clip.")
            )
    return losses


def _loses_its_blur(clip_item: ClipItem) -> bool:
    blurs = background_kind(clip_item.clip.framing.background) == "blur"
    return blurs and not background_fill(clip_item) and has_visible_background(clip_item)


def _black(root: etree._Element, clip_sequence: ClipSequence) -> None:
    """The lowest track, named as Shotcut names it: without one that is opaque, melt shows gaps white and no fades."""
    black = etree.SubElement(root, "producer", {"id": "black", "in": "0", "out": str(clip_sequence.frame_count - 1)})
    add_properties(
        black,
        {"length": str(clip_sequence.frame_count), "eof": "pause", "resource": "#000000", "mlt_service": "color"}
        | {"mlt_image_format": "rgba", "set.test_audio": "0"},
    )
    playlist = etree.SubElement(root, "playlist", id="background")
    etree.SubElement(playlist, "entry", {"producer": "black", "in": "0", "out": str(clip_sequence.frame_count - 1)})


def _tractor(root: etree._Element, clip_sequence: ClipSequence, playlists: list[str], sounds: list[str]) -> None:
    """All tracks, pictures laid over those below them; the first playlist of clips brings the sound of clips."""
    in_out = {"in": "0", "out": str(clip_sequence.frame_count - 1)}
    tractor = etree.SubElement(root, "tractor", {"id": "main", **in_out})
    add_properties(tractor, {"shotcut": "1"})  # without it Shotcut opens the file as one clip, not as a timeline
    write_shotcut_markers(tractor, clip_sequence)
    for name in ("background", *playlists):
        etree.SubElement(tractor, "track", producer=name)
    for name in sounds:
        etree.SubElement(tractor, "track", producer=name, hide="video")
    for number, name in enumerate(playlists, start=1):
        tracks = {"a_track": "0", "b_track": str(number), "always_active": "1"}
        if name == "picture":
            _mix(tractor, in_out, number)
        add_properties(etree.SubElement(tractor, "transition", in_out), {"mlt_service": "qtblend", **tracks})
    for number in range(len(playlists) + 1, len(playlists) + 1 + len(sounds)):
        _mix(tractor, in_out, number)


def _mix(tractor: etree._Element, in_out: dict[str, str], track: int) -> None:
    """Add the sound of a track to that of the lowest."""
    values = {"mlt_service": "mix", "sum": "1", "a_track": "0", "b_track": str(track), "always_active": "1"}
    add_properties(etree.SubElement(tractor, "transition", in_out), values)
