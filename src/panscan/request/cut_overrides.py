"""Overrides of an editor's cut: from its shots, clips and record times to the frames of its media."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from panscan.errors import UsageError
from panscan.model.request import Override
from panscan.timeline.editorial import EditorCut, Note
from panscan.timeline.record import MediaRange, RecordLayout


def clip_overrides(
    cut: EditorCut, overrides: Sequence[Override], media_overrides: Mapping[str, Sequence[Override]]
) -> tuple[list[tuple[Override, ...]], tuple[Note, ...]]:
    """What was decided by hand for each of `cut.clips`, on the frames of its media; and what concerns no clip.

    Parameters
    ----------
    cut : EditorCut
    overrides : sequence of Override
        Decisions for the cut, on the frames of its record.
    media_overrides : mapping
        Path of a media -> decisions for it, on its own frames. They hold wherever the cut shows it; those for the cut
        come after them and win.

    Raises
    ------
    UsageError
        An override names a shot or a clip that the cut does not have.
    """
    found = [list(media_overrides.get(used.media_path, ())) for used in cut.clips]
    notes = []
    if not overrides:
        return [tuple(own) for own in found], ()
    record = RecordLayout.of(cut)
    for number, override in enumerate(overrides, 1):
        places = _clip_ranges(record, override, f"overrides, entry {number}")
        if not places:
            notes.append(Note(f"overrides, entry {number}", "No clip with a camera lies in this range."))
        for n, (first, end) in places:
            here = replace(override, shot=None, clip=None, frame=None, frames=None, first=first, end=end)
            found[n].append(_on_media(here, record, n))
    return [tuple(own) for own in found], tuple(notes)


def _clip_ranges(record: RecordLayout, override: Override, where: str) -> list[tuple[int, MediaRange]]:
    """The clips that an override of a cut means, each with the frames of its media."""
    if override.frame is not None:
        row = record.row_at(override.frame)
        return [] if row is None else [record.clip_of_row(row)]
    if override.frames is not None:
        return record.clips_in_frames(*override.frames)
    if override.shot is not None:
        if override.shot > len(record.rows):
            raise UsageError(
                f"{where}: there is no shot {override.shot}",
                why=f"The cut shows {len(record.rows)} clips with a camera.",
                fix="Use a number of the table that reframe prints, or give `clip`, or `from` and `to`.",
            )
        return [record.clip_of_row(override.shot)]
    if override.clip is not None:
        numbers = record.clips_named(override.clip)
        if not numbers:
            names = sorted({used.clip.name.strip() for used in record.cut.clips})
            raise UsageError(
                f"{where}: there is no clip {override.clip!r} with a camera",
                why=f"There are {', '.join(names[:12])}{' and others' if len(names) > 12 else ''}.",
                fix="Write the name as the editor shows it, or give `shot`, or `from` and `to`.",
            )
        return [(n, (None, None)) for n in numbers]
    return record.clips_in_frames(override.first, override.end)


def _on_media(override: Override, record: RecordLayout, number: int) -> Override:
    """An override of a clip with its keys and its box on the frames of the clip's media."""
    keys = {record.media_frame(number, key.frame): key for key in override.keys or ()}
    placed = tuple(replace(key, frame=frame) for frame, key in sorted(keys.items(), key=lambda pair: pair[0]))
    box = override.subject_at
    if box is not None:
        row = record.row_at(box.frame)
        holder = number if row is None else record.rows[row - 1][0]
        box = replace(box, frame=record.media_frame(holder, box.frame)) if _same_media(record, holder, number) else None
    return replace(override, keys=placed or None, subject_at=box)


def _same_media(record: RecordLayout, one: int, other: int) -> bool:
    clips = record.cut.clips
    return clips[one].media_path == clips[other].media_path
