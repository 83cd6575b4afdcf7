"""Markers that say what was done: on clips, so that a second run updates them, and on the copy of the timeline.

The Lua scripts write and read the same notes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from panscan_resolve.host import ScriptError

if TYPE_CHECKING:
    from fusionscript import Timeline, TimelineItem

MARK: Final = "panscan"  # what our notes begin with
COLOUR: Final = "Mint"  # of our markers
# Names in a note, in the order in which they are written.
ORDER = ("role", "source", "canvas", "plan", "clip", "cell", "state", "comps", "tracks")
Note = dict[str, str]
_MARKER_FRAMES = 10  # at the start of a timeline, of which one is free for our marker


def _encoded(note: dict[str, Any]) -> str:
    return ";".join([MARK, *(f"{name}={note[name]}" for name in ORDER if note.get(name) is not None)])


def _decoded(text: Any) -> Note | None:
    if not isinstance(text, str) or not text.startswith(MARK):
        return None
    return dict(re.findall(r"(\w+)=([^;]*)", text))


def find_note(remote: Timeline | TimelineItem) -> tuple[Note, float] | None:
    """Our note on a clip or timeline, and the frame of its marker."""
    for frame, marker in (remote.GetMarkers() or {}).items():
        note = _decoded(marker.get("customData"))
        if note is not None:
            return note, frame
    return None


def read_note(remote: Timeline | TimelineItem) -> Note | None:
    """Our note on a clip or timeline."""
    there = find_note(remote)
    return there[0] if there else None


def note_numbers(note: Note, name: str) -> list[int]:
    """A list of numbers in a note, e.g. its tracks."""
    return [int(word) for word in re.findall(r"\d+", note.get(name, ""))]


def put_on_clip(item: TimelineItem, note: dict[str, Any]) -> None:
    """Put a note on a clip, or change the one that is there.

    Raises
    ------
    ScriptError
        It cannot be read back.
    """
    there = find_note(item)
    if there:
        item.UpdateMarkerCustomData(there[1], _encoded(note))
    else:
        # Frames of clip markers count in the media; zero is tried too, should a version count from the clip.
        left = int(item.GetLeftOffset(False))
        for frame in (left, left + 1, left + 2, 0, 1, 2):
            if item.AddMarker(frame, COLOUR, "Panscan", "reframed by panscan", 1, _encoded(note)):
                break
    written = read_note(item)
    if written is None or written.get("state") != note["state"]:
        raise ScriptError("its marker could not be written")


def put_on_timeline(timeline: Timeline, note: dict[str, Any], text: str) -> None:
    """Put a note on a timeline. The new marker is there before the old one goes, so that no crash loses both."""
    there = find_note(timeline)
    markers = timeline.GetMarkers() or {}
    for frame in range(_MARKER_FRAMES):
        if frame not in markers and timeline.AddMarker(frame, COLOUR, "Panscan", text, 1, _encoded(note)):
            if there:
                timeline.DeleteMarkerAtFrame(there[1])
            return
