"""What a cut shows on each frame of its record: read by panscan from a file, or by others from a delivery."""

from __future__ import annotations

import json
import math
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock
from urllib.parse import unquote

import opentimelineio as otio

import numbered as make
from hosts import fake_bpy, nuke_model
from panscan.deliver import Artifact
from panscan.ingest.cuts.read import read_editor_cut
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.timeline import cut as document
from panscan.timeline.conform import ReframedCut, attach_framings
from panscan.timeline.editorial import EditorCut
from panscan.timeline.flatten import flatten_timeline
from panscan.timeline.layout import sound_clips
from structures.cuts import Picture
from structures.footage import FRAMES, STARTS

CANVAS = Size(90, 160)
PAN = Camera((0, FRAMES - 1), (0.888889, 0.888889), (80.0, -70.0), (0.0, 0.0))


def framed(cut: EditorCut) -> ReframedCut:
    """All clips of a cut with a camera that pans over their media."""
    shots = {}
    for number, used in enumerate(cut.clips):
        of = cut.media[used.media_path]
        framing = Framing(CANVAS, make.SIZE, of.video.rate, (Cell(0, 0, CANVAS, PAN),), effect="PAN_FOLLOW")
        shots[number] = [(Shot(0, max(of.frame_count, 1)), framing)]
    return attach_framings(cut, shots, {"ratio": "9:16"})


def by_panscan(timeline: Any) -> tuple[list[Picture], tuple[str, ...]]:
    """What the framed clips of a timeline show, and their names in record order."""
    clips = [clip for clip in document.read_cut(flatten_timeline(timeline), folder=Path("/")).clips if clip.enabled]
    parts = []
    for clip in clips:
        still = clip.path.suffix == ".png"
        into = [Fraction(clip.media_frame(n) - clip.available_first) for n in range(clip.frame_count)]
        ratio = clip.facts.rate / clip.framing.rate
        # A picture counts as shown from an eighth of a frame before its time on.
        numbers = [0 if still else math.floor((k + Fraction(1, 8) * (ratio != 1)) * ratio) for k in into]
        if clip.is_retimed:  # may stand between two frames of the cut
            numbers = [0 if still else clip.source_picture_number(n) for n in range(clip.frame_count)]
        parts.append((clip.record_frame, [(clip.path.stem, k) for k in numbers]))
    return laid(parts), tuple(clip.name for clip in clips)


def read_back(text: bytes, suffix: str, folder: Path, **how: Any) -> EditorCut:
    """A delivery as panscan reads it."""
    path = folder / f"delivered{suffix}"
    path.write_bytes(text)
    return read_editor_cut(path, **how)


def laid(parts: Iterable[tuple[int, list[Any]]]) -> list[Any]:
    """Record frames from rows of pictures, each at its frame; None between them."""
    found: list[Any] = []
    for start, row in sorted(parts, key=lambda part: part[0]):
        assert start >= len(found), "two pictures at once"
        found += [None] * (start - len(found)) + row
    return found


def since_start(timeline: Any, pictures: list[Picture]) -> tuple[Fraction, list[Picture]]:
    """The timecode in seconds of the first picture that is seen, and all from it on: an EDL begins there."""
    lead = next(n for n, picture in enumerate(pictures) if picture)
    start = timeline.global_start_time
    frames = Fraction(0) if start is None else Fraction(start.value)
    return frames + lead, pictures[lead:]


def _start(timeline: Any) -> int:
    return 0 if timeline.global_start_time is None else round(timeline.global_start_time.value)


def mixed_frames(timeline: Any) -> set[int]:
    """The frames of all dissolves, counted from midnight."""
    cut = document.read_cut(flatten_timeline(timeline), folder=Path("/"))
    return {at + _start(timeline) for dissolve in cut.dissolves for at in range(dissolve.first, dissolve.end)}


def steady(timeline: Any, pictures: list[Picture], mixed: set[int]) -> list[Picture]:
    """What is seen outside some frames, counted from midnight; nothing after the last picture."""
    kept = [None if at in mixed else picture for at, picture in enumerate(pictures, start=_start(timeline))]
    return kept[: max((at + 1 for at, picture in enumerate(kept) if picture), default=0)]


def crops(timeline: Any) -> dict[int, tuple[float, float]]:
    """Left edge and width of what each record frame shows of its source."""
    found = {}
    for clip in document.read_cut(flatten_timeline(timeline), folder=Path("/")).clips:
        for n in range(clip.frame_count if clip.enabled else 0):
            crop = clip.framing.cells[0].crop_at(float(clip.media_position(n)), clip.framing.source)
            found[clip.record_frame + n] = crop.left, crop.width
    return found


def marks_of(timeline: Any) -> set[tuple[int, str]]:
    """All markers of a timeline of one track: record frame and name."""
    found = [(m.marked_range.start_time.value, m.name) for m in timeline.tracks.markers]
    for track in timeline.video_tracks():
        found += [(m.marked_range.start_time.value, m.name) for m in track.markers]
        cursor = 0.0
        for child in track:
            start = child.trimmed_range().start_time.value
            found += [(cursor + m.marked_range.start_time.value - start, m.name) for m in child.markers]
            cursor += child.duration().value
    return {(round(frame), name) for frame, name in found}


def dissolves_of(timeline: Any) -> list[tuple[int, int, int]]:
    """All dissolves of the first picture track: record frame of the cut, and frames before and after it."""
    found, cursor = [], 0.0
    for child in timeline.video_tracks()[0]:
        if isinstance(child, otio.schema.Transition):
            assert child.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
            found.append((round(cursor), round(child.in_offset.value), round(child.out_offset.value)))
        else:
            cursor += child.duration().value
    return found


def heard(name: str, timeline: Any) -> set[int]:
    """Record frames at which sound of a media of this stem is heard, in nests as well."""
    found: set[int] = set()
    for placed in sound_clips(timeline):
        if Path(unquote(_file(placed.clip))).stem == name:
            rate = Fraction(placed.clip.trimmed_range().duration.rate)
            found |= set(range(round(placed.start_s * rate), round(placed.end_s * rate)))
    return found


def _row(url: str, first: int, count: int) -> list[Picture]:
    """Pictures of a file; a still has one."""
    path = Path(unquote(url.removeprefix("file://")))
    return [(path.stem, 0 if path.suffix == ".png" else first + n) for n in range(count)]


# --- other readers: OTIO's own adapters


def by_adapter(text: str, name: str, cut_rate: Fraction, **named: Any) -> tuple[list[Picture], list[str]]:
    """The first picture track of a file as an OTIO adapter reads it: its pictures and names."""
    timeline = otio.adapters.read_from_string(text, name, **named)
    if isinstance(timeline, otio.schema.SerializableCollection):
        timeline = timeline[0]
    track = timeline.video_tracks()[0]
    cursor, parts, names = Fraction(0), [], []
    for child in track:
        if isinstance(child, otio.schema.Transition):
            continue
        length = Fraction(child.duration().value) / otio_rate(child.duration().rate)
        is_black = isinstance(child, otio.schema.Clip) and isinstance(
            child.media_reference, otio.schema.GeneratorReference
        )
        if isinstance(child, otio.schema.Clip) and child.enabled and not is_black:
            used = child.trimmed_range()
            start = STARTS.get(_stem(child), 0) if used.start_time.value >= 86_400 else 0
            first = round(used.start_time.value) - start
            parts.append((round(cursor * cut_rate), _row(_file(child), first, round(length * cut_rate))))
            names.append(child.name)
        cursor += length
    return laid(parts), names


def otio_rate(rate: float) -> Fraction:
    return Fraction(otio.opentime.RationalTime.nearest_smpte_timecode_rate(rate)).limit_denominator(1001)


def _file(clip: Any) -> str:
    """The media of a clip: its address, or what an edit list notes of it."""
    url = getattr(clip.media_reference, "target_url", "")
    if url:
        return str(url)
    comments = [str(c) for c in clip.metadata.get("cmx_3600", {}).get("comments", [])]
    return next(c.split(":", 1)[1].strip() for c in comments if c.startswith("SOURCE FILE:"))


def _stem(clip: Any) -> str:
    return Path(unquote(_file(clip))).stem


# --- formats that only their programs read: a few rules of each


def by_mlt(artifact: Artifact) -> list[Picture]:
    """The playlist of the lowest pictures; `OTHER` where a sequence of its own, such as a dissolve, is shown."""
    root = ET.fromstring(artifact.main)
    files = {
        one.get("id"): next(p.text or "" for p in one.findall("property") if p.get("name") == "resource")
        for one in root.iter("producer")
    }
    parts, cursor = [], 0
    for item in next(p for p in root.iter("playlist") if p.get("id") == "picture"):
        if item.tag == "blank":
            cursor += int(item.get("length", "0"))
        elif item.tag == "entry":
            first, last = (int(item.get(side, "0")) for side in ("in", "out"))
            file, count = files.get(item.get("producer")), last - first + 1
            parts.append((cursor, [OTHER] * count if file is None else _row(file, first, count)))
            cursor += last - first + 1
    return laid(parts)


def by_premiere_plan(artifact: Artifact) -> list[Picture]:
    parts = []
    for clip in json.loads(artifact.text)["clips"]:
        ticks = int(clip["frame_ticks"])
        first, end, start = (round(int(clip[f"{side}_ticks"]) / ticks) for side in ("in", "out", "start"))
        parts.append((start, _row(clip["file"], first, end - first)))
    return laid(parts)


def by_resolve_plan(artifact: Artifact) -> list[Picture]:
    clips = json.loads(artifact.files[".resolve-plan.json"])["clips"]
    return laid([(clip["record"], _row(clip["file"], clip["left_offset"], clip["duration"])) for clip in clips])


def by_crops_json(artifact: Artifact) -> list[Picture]:
    """Without gaps and names: one row per frame that is seen."""
    return [("", row["frame_number"]) for row in json.loads(artifact.text)]


def by_fdl(artifact: Artifact) -> list[Picture]:
    parts = []
    for context in json.loads(artifact.text)["contexts"]:
        for clip in context["_panscan_clips"]:
            stem = Path(context["clip_id"]["file"]).stem
            first = clip["first"] - STARTS.get(stem, 0)
            parts.append((clip["record"], _row(context["clip_id"]["file"], first, clip["frames"])))
    return laid(parts)


def by_blender(artifact: Artifact) -> list[Picture]:
    """The script, run in a stand-in for Blender."""
    lengths = _Lengths()
    bpy, scenes = fake_bpy.make(version=5, lengths=lengths)
    with mock.patch.dict(sys.modules, {"bpy": bpy}):
        exec(compile(artifact.text, "cut.blender.py", "exec"), {"__name__": "__main__"})
    (scene,) = scenes
    source = SimpleNamespace(width=make.SIZE.width, height=make.SIZE.height)
    found: list[Picture] = []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        shown = fake_bpy.play(scene, frame, source)
        found += _row(shown[-1][0].filepath, shown[-1][1], 1) if shown else [None]
    while found[-1] is None:  # the black end, which has a test of its own
        found.pop()
    return found


class _Lengths(dict[str, int]):
    def __missing__(self, path: str) -> int:
        return FRAMES


def by_nuke(artifact: Artifact) -> list[Picture]:
    """One row of frames per clip, in record order and without gaps."""
    found: list[Picture] = []
    for node in nuke_model.read(artifact.text)[1:]:
        knobs, inputs = node
        read = inputs[0]
        while read[0]["class"] != "Read":
            read = read[1][0]
        for frame in range(int(knobs["first_frame"]), int(knobs["last_frame"]) + 1):
            found += _row(read[0]["file"].strip('"'), nuke_model.play(node, frame)[2], 1)
    return found


OTHER: Picture = ("?", -1)
WITHOUT_GAPS = ("crops-json", "nuke")
READERS: dict[str, Callable[[Artifact], list[Picture]]] = {
    "mlt": by_mlt, "premiere-plan": by_premiere_plan, "resolve-plan": by_resolve_plan, "crops-json": by_crops_json,
    "fdl": by_fdl, "blender": by_blender, "nuke": by_nuke,
}  # fmt: skip
# Deliveries that panscan reads as cuts.
READABLE = ("otio", "otio-resolve", "otio-premiere", "fcpxml", "xmeml", "edl")
