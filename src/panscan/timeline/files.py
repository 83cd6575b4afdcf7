"""Reading and writing .otio files, and the recipe that a timeline keeps of the run that made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import DocumentError, InputError
from panscan.files import write_text
from panscan.timeline.effect import NAMESPACE, plain_metadata
from panscan.timeline.otio_json import parse_otio
from panscan.timeline.otio_types import Timeline
from panscan.timeline.validation import validate_times


def write_timeline(timeline: Timeline, path: Path) -> None:
    """Write a timeline as .otio; the file appears complete or not at all."""
    write_text(timeline_text(timeline), path)


def timeline_text(timeline: Any) -> str:
    """The timeline as the text of an .otio file."""
    return str(otio.adapters.write_to_string(timeline, "otio_json")) + "\n"


def read_timeline(path: Path) -> Timeline:
    """Read an .otio timeline.

    Raises
    ------
    InputError
        The file is missing, is not OTIO, or holds something else than a timeline.
    DocumentError
        Its times are damaged.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist", why="There is no such file.", fix="Check the path.")
    try:
        timeline = parse_otio(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} is not an OTIO timeline",
            why=f"{getattr(error, 'strerror', None) or error}.",
            fix="Give the .otio file that `panscan reframe` wrote.",
        ) from error
    if not isinstance(timeline, otio.schema.Timeline):
        raise InputError(
            f"{path} holds a {type(timeline).__name__}, not a timeline",
            why="Only a timeline can be delivered, rendered or verified.",
            fix="Export the timeline itself as .otio.",
        )
    validate_times(timeline)
    found: Timeline = timeline
    return found


def recipe_of(timeline: Any) -> dict[str, Any]:
    """The timeline's own metadata["panscan"]; empty where there is none.

    Raises
    ------
    DocumentError
        It is damaged.
    """
    recipe = plain_metadata(timeline.metadata.get(NAMESPACE, {}))
    if not isinstance(recipe, dict):
        raise DocumentError(
            f"timeline {timeline.name!r} is damaged",
            why=f"Its metadata of panscan is a {type(recipe).__name__}, not an object.",
            fix="Make it again with `panscan reframe`.",
        )
    return recipe
