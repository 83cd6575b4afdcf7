"""The shots of framed timelines for people: one table for all shapes, a line for each with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.cli.console import print_table, say

if TYPE_CHECKING:
    from panscan.timeline.cut import Cut, FramedClip

_LOOK_FIRST = "?"  # behind the reason of a shot that is worth a look first


@dataclass(frozen=True, slots=True, eq=False)
class ShotsOfShape:
    """The shots of one timeline.

    Attributes
    ----------
    shape : str
        Such as "9:16".
    cut : Cut
        The timeline as the renderer reads it.
    """

    shape: str
    cut: Cut

    @classmethod
    def of(cls, shape: str, timeline: Any, folder: Path) -> ShotsOfShape:
        """Those of a timeline whose media paths start in `folder`."""
        from panscan.timeline.cut import read_cut
        from panscan.timeline.flatten import flatten_timeline

        return cls(shape, read_cut(flatten_timeline(timeline), folder=folder))

    def as_data(self) -> dict[str, Any]:
        """What is told of them for programs."""
        from panscan.timeline.doubts import doubts
        from panscan.timeline.unmet import unmet_of

        clips = self.cut.clips
        return {
            "confidence": [clip.framing.confidence for clip in clips],
            "look_first": [asdict(doubt) for doubt in doubts(clips)],
            "unmet": [asdict(one) for one in unmet_of(clips)],
        }

    def notes(self) -> list[str]:
        """What a person should know of them, in half a sentence each."""
        from panscan.timeline.captions import words_on_captions
        from panscan.timeline.doubts import doubts, words_on_doubts
        from panscan.timeline.unmet import unmet_of, words_on_unmet

        clips = self.cut.clips
        captions = words_on_captions(clips)
        found = [f"{captions}; --layouts fit shows the whole picture"] if captions else []
        found += [doubted] if (doubted := words_on_doubts(doubts(clips))) else []
        return [*found, *(words_on_unmet(one, len(clips)) for one in unmet_of(clips))]


def print_shots(shapes: Sequence[ShotsOfShape], *, verbose: bool = False) -> None:
    """Print a line per shot with the reason as an editor would say it, and what to look at.

    Where shapes differ, a shot has a line for each reason. verbose: the whole reason, and the camera in figures.
    """
    columns, rows = _figures(shapes) if verbose else _reasons(shapes)
    print_table(columns, rows, one_line=not verbose)
    told: dict[str, list[str]] = {}
    for one in shapes:
        for note in one.notes():
            told.setdefault(note, []).append(one.shape)
    for note, of in told.items():
        say(f"  note: {note}" if len(of) == len(shapes) else f"  note on {', '.join(of)}: {note}")


def _reasons(shapes: Sequence[ShotsOfShape]) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of a table with one line for all shapes that show a shot for the same reason."""
    from panscan.timeline.doubts import is_doubtful

    found: dict[tuple[int, int, int, str], list[str]] = {}
    for one in shapes:
        for number, clip in enumerate(one.cut.clips, 1):
            mark = f" {_LOOK_FIRST}" if is_doubtful(clip.framing) else ""
            place = clip.record_frame, number, clip.frame_count, short_reason(clip.framing.why) + mark
            found.setdefault(place, []).append(one.shape)
    rows, before = [], (-1, -1, -1)
    for start, number, length, why in sorted(found, key=lambda place: place[:3]):
        of, is_new = found[start, number, length, why], (start, number, length) != before
        seconds = f"{float(length / shapes[0].cut.rate):.1f} s"
        told = "" if len(of) == len(shapes) else ", ".join(of)
        rows.append([str(number) if is_new else "", seconds if is_new else "", told, why])
        before = (start, number, length)
    if not any(row[2] for row in rows):
        return ["shot", "length", "why"], [[row[0], row[1], row[3]] for row in rows]
    return ["shot", "length", "shape", "why"], rows


def short_reason(why: str) -> str:
    """The first of the reasons for a camera: who or what it shows, and why."""
    return why.partition(";")[0]


def _figures(shapes: Sequence[ShotsOfShape]) -> tuple[list[str], list[list[str]]]:
    rows = [
        [one.shape, str(number), *_figures_of(clip, one.cut)]
        for one in shapes
        for number, clip in enumerate(one.cut.clips, 1)
    ]
    return ["shape", "shot", "length", "effect", "layout", "keys", "sure", "why"], rows


def _figures_of(clip: FramedClip, cut: Cut) -> list[str]:
    from panscan.timeline.doubts import mark_of

    framing = clip.framing
    keys = sum(len(cell.camera.frame) for cell in framing.cells)
    seconds = f"{float(clip.frame_count / cut.rate):.1f} s"
    return [seconds, framing.effect, framing.layout, str(keys), mark_of(framing), framing.why]
