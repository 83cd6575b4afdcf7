"""Checks before rendering: transitions that become hard cuts, and sources that are missing or have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import InputError
from panscan.files import name_text
from panscan.timeline.cut import Cut, is_framed
from panscan.timeline.transitions import find_transitions, label_of


def transitions_shown_as_cuts(timeline: Any) -> list[str]:
    """Names of the transitions beside clips with a camera: the renderer shows a hard cut instead of each."""
    tracks = [t for t in timeline.find_children(otio.schema.Track) if t.kind == "Video" and t.enabled]
    return [
        label_of(transition)
        for track in tracks
        for transition, *neighbours in find_transitions(track)
        if any(isinstance(child, otio.schema.Clip) and is_framed(child) for child in neighbours)
    ]


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
