"""What comes out below a line that was typed, as in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.strokes import overlap, union

_SOON_S = 1.5  # after a command, in which its output comes
_FILL = 0.35  # share of its box that output changes: letters on the ground that was there, unlike a menu
_WIDTH = 3.0  # width by height of a single line that comes out: a word
_GAP = 1.5  # line heights between a line and what comes out below it


def with_output(
    writing: Sequence[FoundEvent], areas: Sequence[FoundEvent], blobs: Sequence[Sequence[Blob]], time_s: Sequence[float]
) -> tuple[list[FoundEvent], list[FoundEvent]]:
    """Typing with the text that comes out below it, each block an event of its own, and the areas that are none.

    Parameters
    ----------
    writing, areas : sequences of FoundEvent
    blobs : sequence of sequences of Blob
        By sample; single lines may come out, too.
    time_s : sequence of float
        Of each sample.
    """
    typed, rest = list(writing), []
    singles = [
        FoundEvent(ScreenEventKind.POPUP, blob.sample, blob.sample, blob.box, 0.8, fill=blob.fill)
        for found in blobs
        for blob in found
        if blob.box[2] >= _WIDTH * blob.box[3] and not any(_holds(area, blob) for area in areas)
    ]
    for area, is_single in sorted([(a, False) for a in areas] + [(s, True) for s in singles], key=_first):
        above = next((event for event in typed if _comes_out(event, area, time_s)), None)
        if above is not None:
            box = union(above.box, area.box) if any(above is event for event in writing) else area.box
            typed.append(replace(above, first=area.first, last=area.last, box=box, letters=()))
        elif not is_single:
            rest.append(area)
    return typed, rest


def _first(pair: tuple[FoundEvent, bool]) -> int:
    return pair[0].first


def _holds(area: FoundEvent, blob: Blob) -> bool:
    """Whether a blob is a part of an area."""
    return area.first <= blob.sample <= area.last and min(overlap(area.box, blob.box)) > 0


def _comes_out(event: FoundEvent, area: FoundEvent, time_s: Sequence[float]) -> bool:
    if not 0 < time_s[area.first] - time_s[event.last] <= _SOON_S:
        return False
    across, down = overlap(event.box, area.box)
    is_below = across > 0 and area.box[1] >= event.box[1] and -down <= _GAP * event.line_px
    is_flush = abs(area.box[0] - event.box[0]) <= _GAP * event.line_px
    return area.kind == ScreenEventKind.POPUP and area.fill <= _FILL and is_below and is_flush
