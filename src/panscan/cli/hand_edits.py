"""Keys moved by hand in timelines that are about to be made anew: they become entries of the overrides file first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.cli.console import say, short_path
from panscan.cli.outputs import is_as_made
from panscan.errors import InputError, UsageError

if TYPE_CHECKING:
    from panscan.cli.sources import AnalysedSource
    from panscan.model.request import Request
    from panscan.timeline.cut import FramedClip
    from panscan.timeline.hand_edits import EditedClip


def take_up(
    analysed: AnalysedSource, wanted: Mapping[Path, Request], *, fresh: bool = False, of_all: bool = False
) -> AnalysedSource:
    """The source with all that was moved by hand in earlier timelines of it.

    Parameters
    ----------
    analysed : AnalysedSource
    wanted : mapping
        The timelines to be made, by their paths. Those that will be kept as they are, are left alone.
    fresh : bool
        Make them anew without: what was moved stays in the timeline that is kept aside, and is only told.
    of_all : bool
        Also of timelines that would be kept as they are.

    Raises
    ------
    UsageError, InputError
        The overrides file cannot be changed.
    """
    from panscan.request.hand_edits import entries_of

    entries: list[dict[str, Any]] = []
    told: list[str] = []  # once it is true
    taken: set[tuple[str, int, int]] = set()  # shape and frames, of which one timeline alone can decide
    for path, request in wanted.items():
        kept: list[EditedClip] = []
        twice: list[EditedClip] = []
        for edit in _edits_in_danger(analysed, path, request, of_all=fresh or of_all):
            place = (str(request.ratio), edit.first, edit.end)
            (twice if place in taken else kept).append(edit)
            taken.add(place)
        if kept and fresh:
            say(f"  note: {_moved(kept, path)} are left out, because of --fresh")
        elif kept:
            note = f"moved by hand in {path.name}"
            entries += [entry for edit in kept for entry in entries_of(edit, request.ratio, note)]
            told.append(f"  {_moved(kept, path)} are kept in {short_path(analysed.overrides_file())}")
        if twice:
            say(f"  note: {_moved(twice, path)} are left there: they were moved in another timeline of this shape too")
    if not entries:
        return analysed
    try:
        analysed.write_entries(entries)
    except (InputError, UsageError) as error:
        fix = f"{error.fix} Or leave out what was moved, with --fresh: the timeline that is there is kept aside."
        raise type(error)(error.what, why=error.why, fix=fix) from error
    for line in told:
        say(line)
    return analysed.reread()


def earlier_clips(path: Path) -> Sequence[FramedClip]:
    """The clips of the timeline that is there; none where there is none, or it cannot be read."""
    from panscan.timeline.cut import read_cut
    from panscan.timeline.files import read_timeline
    from panscan.timeline.flatten import flatten_timeline

    try:
        return read_cut(flatten_timeline(read_timeline(path)), folder=path.parent).clips
    except InputError:
        return ()


def say_left_aside(path: Path) -> None:
    """Say which keys were moved by hand in a timeline of photos that is about to be made anew."""
    from panscan.timeline.hand_edits import is_edited

    moved = [number for number, clip in enumerate(earlier_clips(path), 1) if is_edited(clip.framing)]
    if moved:
        what = f"keys of shots {_list(moved)} moved by hand in {short_path(path)}"
        say(f"  note: {what} are left there: for photos, center and zoom of an overrides file last")


def _edits_in_danger(analysed: AnalysedSource, path: Path, request: Request, *, of_all: bool) -> list[EditedClip]:
    """The clips with moved keys in a timeline that will not be kept."""
    from panscan.timeline.files import read_timeline, recipe_of
    from panscan.timeline.hand_edits import has_digests

    if not path.is_file():
        return []
    try:
        timeline = read_timeline(path)
        if recipe_of(timeline) == analysed.recipe(request) and not of_all:
            return []
        edits, lost = analysed.edited_clips(timeline, path.parent)
    except InputError as error:
        say(f"  note: keys moved by hand in {short_path(path)} are not taken up: {error.what}")
        return []
    if not has_digests(timeline) and not is_as_made(path):
        say(f"  note: whether keys were moved by hand in {short_path(path)} cannot be told: an earlier version made it")
    if lost:
        moved = f"keys of shots {_list(lost)} moved by hand in {short_path(path)}"
        say(f"  note: {moved} are left there: what they show is gone")
    return edits


def _moved(edits: Sequence[EditedClip], path: Path) -> str:
    return f"keys of shots {_list([edit.number for edit in edits])} moved by hand in {short_path(path)}"


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
