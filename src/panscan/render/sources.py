"""What is told of a cut that is rendered, and its sources: those that are missing or have changed are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from panscan.errors import InputError
from panscan.files import name_text
from panscan.timeline.cut import Cut
from panscan.timeline.dissolves import short_of_handles
from panscan.timeline.flatten import hard_cuts_of
from panscan.timeline.layout import sound_clips, video_clips


def notes_on_transitions(timeline: Any, cut: Cut) -> list[str]:
    """What is to be told of transitions: those that are hard cuts, and those whose media ends too early.

    Parameters
    ----------
    timeline : otio.schema.Timeline
        As the editor made it.
    cut : Cut
        What is seen of it.
    """
    notes = []
    if names := hard_cuts_of(timeline, cut):
        notes.append(f"{len(names)} transition(s) are hard cuts in the movie: {', '.join(dict.fromkeys(names))}")
    if names := [repr(clip.name) for dissolve in cut.dissolves for clip in short_of_handles(dissolve, cut.clips)]:
        notes.append(f"in dissolves, pictures stand still where the media ends: {', '.join(dict.fromkeys(names))}")
    return notes


def note_on_black_end(timeline: Any, cut: Cut) -> str:
    """What is to be told of the black after the last clip; empty without any.

    Parameters
    ----------
    timeline : otio.schema.Timeline
        As the editor made it.
    cut : Cut
        What is seen of it.
    """
    if not cut.black_end:
        return ""
    begin_s = (cut.frame_count - cut.black_end) / cut.rate
    names = dict.fromkeys(repr(placed.clip.name) for placed in video_clips(timeline) if placed.end_s > begin_s)
    why = f"{', '.join(names)} has no camera or is disabled" if names else "a gap lies there"
    if not names and any(placed.end_s > begin_s and placed.is_enabled for placed in sound_clips(timeline)):
        why = "its sound goes on"
    return f"the last {float(cut.black_end / cut.rate):.2f} s are black: {why}"


def check_sources(cut: Cut, recipe: Mapping[str, Any], digest: Callable[[Path], str] | None) -> None:
    """Refuse sources that are missing, or are not the files that the timeline's recipe names.

    Raises
    ------
    InputError
        The message names the file and what to do.
    """
    known = recipe.get("media")
    paths = list(dict.fromkeys(clip.path for clip in cut.clips))
    for path in paths:
        if not path.is_file():
            raise InputError(
                f"{path} does not exist",
                why="The timeline refers to this media file.",
                fix="Put the file back, or correct its path in the timeline.",
            )
        expected = known.get(name_text(path)) if isinstance(known, Mapping) else known if len(paths) == 1 else None
        if digest is None or not isinstance(expected, str):
            continue
        if digest(path) != expected:
            raise InputError(
                f"{path} changed since its timeline was made",
                why="Its content is not what was looked at: cuts and cameras may not fit it.",
                fix="Run `panscan reframe` again, or render all the same with --force.",
            )
