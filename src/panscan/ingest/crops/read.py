"""Reading an edit list and its table of crops back into a timeline of framings.

The edit list says what is shown when; its events may have been trimmed or moved since it was written. The table says
which part of the picture each media frame shows. Cameras get as few keys as the crops of the table allow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio

from panscan.errors import InputError
from panscan.files import name_text
from panscan.ingest.crops.events import CropEvent, crop_events
from panscan.ingest.crops.retimed import keys_on_media_frames
from panscan.ingest.crops.table import CropMedia, Crops, CropTable, damaged_table, read_table
from panscan.model.framing import Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES, nominal_rate
from panscan.timeline.bounds import image_bounds
from panscan.timeline.effect import NAMESPACE, attach_framing
from panscan.timeline.sampled_camera import camera_of_samples, crops_of_keys
from panscan.timeline.transitions import DISSOLVE

TABLE_SUFFIX = ".crops.csv"


def edl_and_csv(path: Path) -> tuple[Path, Path]:
    """The edit list and the table of crops, given either: they lie side by side and share a name.

    Raises
    ------
    InputError
        The name is that of neither, or one of the two is missing.
    """
    if path.name.lower().endswith(TABLE_SUFFIX):
        pair = path.with_name(path.name[: -len(TABLE_SUFFIX)] + ".edl"), path
    elif path.suffix.lower() == ".edl":
        pair = path, path.with_name(path.stem + TABLE_SUFFIX)
    else:
        raise InputError(
            f"{path} is no list of crops",
            why=f"Crops are read from a .edl and the {TABLE_SUFFIX} beside it.",
            fix="Give one of the two files that `panscan deliver --to edl` wrote.",
        )
    for file in pair:
        if not file.is_file():
            raise InputError(
                f"{file} does not exist",
                why="An edit list and its table of crops are read together.",
                fix="Put the two files that `panscan deliver --to edl` wrote side by side, under the same name.",
            )
    return pair


def read_crops(edl_path: Path, csv_path: Path) -> Any:
    """The timeline of an edit list, with the cameras of its table of crops.

    Parameters
    ----------
    edl_path, csv_path : Path
        The two files of the "edl" delivery (`edl_and_csv` finds one by the other).

    Returns
    -------
    otio.schema.Timeline
        One video track of framed clips and one audio track per sound stream, media with absolute paths.

    Raises
    ------
    InputError
        A file is damaged, or an event shows media or frames that are not in the table.
    """
    table = read_table(csv_path)
    # Of sound alone, only what pictures bring whose own event says other times.
    found = [e for e in crop_events(edl_path, table.rate) if e.has_picture or e.comment_fields.get("sound") == "own"]
    if not any(event.has_picture and not event.is_black for event in found):
        raise InputError(f"{edl_path} has no picture events", why="There is nothing to show.", fix="Export it again.")
    timeline = otio.schema.Timeline(name=table.name, metadata={NAMESPACE: {"from_crops": csv_path.name}})
    if table.start_frame:
        timeline.global_start_time = _time(table.start_frame, table.rate)
    links = {id(event): number for number, event in enumerate((e for e in found if not e.is_black), start=1)}
    media = {id(e): None if e.is_black else _media_of(e, table.media, table.rate, edl_path) for e in found}
    pictures = [(event, media[id(event)]) for event in found if event.has_picture]
    timeline.tracks.append(_track("V1", pictures, table, links, edl_path, csv_path))
    sounds = [(event, of) for event in found if event.has_sound and (of := media[id(event)]) is not None]
    for stream in range(max((len(of.facts["audio"]) for _, of in sounds), default=0)):
        row = [(event, of) for event, of in sounds if stream < len(of.facts["audio"])]
        timeline.tracks.append(_track(f"A{stream + 1}", row, table, links, edl_path, csv_path))
    return timeline


def _track(
    name: str,
    row: Sequence[tuple[CropEvent, CropMedia | None]],
    table: CropTable,
    links: Mapping[int, int],
    edl_path: Path,
    csv_path: Path,
) -> Any:
    """A track of events, each with its media, None of black; those of pictures with cameras and dissolves."""
    is_picture = name.startswith("V")
    track = otio.schema.Track(name=name, kind="Video" if is_picture else "Audio")
    cursor = 0
    for n, (event, media) in enumerate(row):
        start = event.record_first - table.start_frame
        if start < cursor:
            raise InputError(
                f"event {event.number} of {edl_path} starts before the one before it ends",
                why="Clips of one track cannot overlap.",
                fix="Sort the edit list by record time and export one video track.",
            )
        if start > cursor:
            track.append(otio.schema.Gap(duration=_time(start - cursor, table.rate)))
        if is_picture and event.dissolve:
            nothing, length = (_time(frames, table.rate) for frames in (0, event.dissolve))
            track.append(otio.schema.Transition("Cross Dissolve", DISSOLVE, nothing, length))
        if media is None:
            track.append(otio.schema.Gap(duration=_time(event.frame_count, table.rate)))
        else:
            touching = [next_ for next_, _ in row[n + 1 : n + 2] if next_.record_first == event.record_end]
            tail = touching[0].dissolve if touching else 0
            clip = _clip(event, media, table, links[id(event)], start)
            if is_picture:
                _attach_camera(clip, event, media, table, start, tail, csv_path)
            track.append(clip)
        cursor = start + event.frame_count
    return track


def _clip(event: CropEvent, media: CropMedia, table: CropTable, link: int, record: int) -> Any:
    first = _on_clock(event.media_first, media, table.rate)
    begin = first + float(event.media_first_fraction)
    clip = otio.schema.Clip(
        name=event.name or name_text(Path(media.path).name),
        media_reference=otio.schema.ExternalReference(
            target_url=Path(media.path).as_uri(),
            available_range=otio.opentime.TimeRange(_time(media.first, table.rate), _time(media.count, table.rate)),
            available_image_bounds=image_bounds(media.size),
            metadata={NAMESPACE: dict(media.facts)},
        ),
        source_range=otio.opentime.TimeRange(_time(begin, table.rate), _time(event.frame_count, table.rate)),
        metadata={NAMESPACE: {"link": link, "shot": link}},
    )
    if not event.speed:
        clip.effects.append(otio.schema.FreezeFrame())
    elif event.speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(event.speed)))
    return clip


def _attach_camera(
    clip: Any, event: CropEvent, media: CropMedia, table: CropTable, record: int, tail: int, csv_path: Path
) -> None:
    """Give a clip its camera; `tail`: frames beyond its end that a dissolve shows."""
    first = _on_clock(event.media_first, media, table.rate)
    shown = replace(event, frame_count=event.frame_count + tail)
    try:
        attach_framing(clip, _framing(shown, media, table, first, record, csv_path))
    except InputError:
        raise
    except ValueError as error:  # a size or a crop of nothing
        raise damaged_table(csv_path, str(error)) from error


def _framing(event: CropEvent, media: CropMedia, table: CropTable, first: int, record: int, csv_path: Path) -> Framing:
    cells = _cells(event, media, table, first, record, csv_path)
    return Framing(
        table.canvas,
        media.size,
        table.rate,
        cells,
        background=event.comment_fields.get("background", "black"),
        layout=event.comment_fields.get("layout", "single" if len(cells) == 1 else f"split-{len(cells)}"),
        effect=event.comment_fields.get("effect", "STATIC"),
        why=event.why,
    )


def _cells(
    event: CropEvent, media: CropMedia, table: CropTable, first: int, record: int, csv_path: Path
) -> tuple[Cell, ...]:
    crops_of_frames: list[Crops] = []
    positions = [first + event.media_first_fraction + index * event.speed for index in range(event.frame_count)]
    for index, position in enumerate(positions):
        frame = math.floor(position + BOUNDARY_TOLERANCE_FRAMES)
        at_record_frame = table.cells.get((media.path, record + index, frame))
        found = at_record_frame or table.cells.get((media.path, None, frame))
        if found is None:
            raise InputError(
                f"event {event.number} shows frame {frame} of {media.path}, which has no crop",
                why=f"{csv_path.name} lists the frames that were framed; the event was made longer since.",
                fix="Trim the event, or run `panscan reframe` on the media.",
            )
        crops_of_frames.append(found)
    layouts = {tuple((number, place) for number, (place, _) in sorted(crops.items())) for crops in crops_of_frames}
    if len(layouts) > 1:
        raise InputError(
            f"event {event.number} goes over a change of layout",
            why="A clip has one layout from its first to its last frame.",
            fix="Split the event where the cells change.",
        )
    cells = []
    for number, (left, top, width, height) in layouts.pop():
        size = Size(width, height)
        crops = np.array([row[number][1] for row in crops_of_frames])
        keys = np.array([key_values_of_crop(Rect(*(float(v) for v in crop)), size, media.size) for crop in crops])
        frames = np.arange(first, first + event.frame_count)
        if event.speed != 1:
            frames, keys = keys_on_media_frames(positions, keys)
            crops = crops_of_keys(keys, size, media.size)
        cells.append(Cell(left, top, size, camera_of_samples(frames, keys, crops, size, media.size)))
    return tuple(cells)


def _media_of(event: CropEvent, known: tuple[CropMedia, ...], rate: Fraction, edl_path: Path) -> CropMedia:
    """The media of an event: by its path, else by its file name, else by its reel; the last two must be unique.

    A still is in the table once for each of its ranges; the entry that contains the event is taken.
    """
    for wanted, name_of in (
        (event.path, lambda media: " ".join(media.path.split())),
        (event.name, lambda media: " ".join(Path(media.path).name.split())),
        (event.reel, lambda media: media.reel),
    ):
        matches = [media for media in known if wanted and name_of(media) == wanted]
        if len({media.path for media in matches}) == 1:
            return next((media for media in matches if _contains(media, event, rate)), matches[0])
    raise InputError(
        f"event {event.number} of {edl_path} shows unknown media ({event.path or event.name or event.reel})",
        why=f"The table of crops knows {', '.join(media.path for media in known)}.",
        fix="Keep the comments `* SOURCE FILE:` or `* FROM CLIP NAME:` of the edit list, or its reels.",
    )


def _contains(media: CropMedia, event: CropEvent, rate: Fraction) -> bool:
    first = _on_clock(event.media_first, media, rate)
    return media.first <= first and first + event.frame_count <= media.first + media.count


def _on_clock(frame: int, media: CropMedia, rate: Fraction) -> int:
    """A media frame of an event on the media's clock: timecode starts again at midnight, media frames do not."""
    day = 86400 * nominal_rate(rate)
    if media.facts.get("timecode") and ";" in media.facts["timecode"]:
        day -= 144 * 9 * (nominal_rate(rate) // 15)
    return frame if frame >= media.first else frame + day


def _time(frames: float, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(frames, float(rate))
