"""Two to four people at once, each in a cell: for shots where several matter and do not fit side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from panscan.direct.aims import aim_at_subjects
from panscan.direct.layouts.proposal import Layout, LayoutInput
from panscan.direct.panels import panel_of_subject, panel_zoom
from panscan.direct.reasons import list_names
from panscan.direct.shot_context import ShotContext
from panscan.model.geometry import Size, cover_scale
from panscan.model.plan import CellPlan, Subject

_LEAST_S = 2.5  # seconds: a shorter split is a flicker
_LEAST_FACE = 0.10  # of the picture's height: smaller people are a crowd, not partners
_TOGETHER = 0.75  # of the shot in which all must be there: an empty cell is worse than a crop
_APART = 0.6  # windows between neighbours: closer ones fit in one
_SETTLED = 0.5  # windows a person may walk: who walks further is followed
_HEAD_SHARE = 0.42  # of a cell's height, that a head should fill: head and shoulders
_TIGHTEST = 2.2  # zoom: closer is soft: 1080p gives 490 lines to a cell
_ALONE = 0.9  # of the way to the neighbour, that a cell may show: short of the neighbour's face
_HEAD_ROOM = 0.9  # of a cell, that a head may fill at the closest
_SIZE_POWER = 0.7  # of the size: twice the size is not twice as important


def split_2(proposal: LayoutInput) -> Layout | None:
    """Two people, one above the other on a tall canvas, else side by side."""
    return _split(proposal, 2)


def split_3(proposal: LayoutInput) -> Layout | None:
    """Three people in rows or columns."""
    return _split(proposal, 3)


def split_4(proposal: LayoutInput) -> Layout | None:
    """Four people, two by two."""
    return _split(proposal, 4)


def tile_canvas(canvas: Size, count: int) -> list[tuple[int, int, Size]]:
    """Left, top and size of `count` cells of even sizes that tile a canvas: rows if it is tall, else columns; 2 x 2."""
    rows, columns = (2, 2) if count == 4 else (count, 1) if canvas.height > canvas.width else (1, count)
    widths, heights = _even_lengths(canvas.width, columns), _even_lengths(canvas.height, rows)
    return [
        (sum(widths[:c]), sum(heights[:r]), Size(widths[c], heights[r])) for r in range(rows) for c in range(columns)
    ]


def _even_lengths(length: int, count: int) -> list[int]:
    """Even lengths that add up; the last takes what is left."""
    share = length // count // 2 * 2
    return [*[share] * (count - 1), length - share * (count - 1)]


def _split(proposal: LayoutInput, count: int) -> Layout | None:
    context, choice = proposal.context, proposal.choice
    if proposal.is_forced:
        people = _largest(context.of_kind("person"), count)
        if len(people) < count:
            return None
        why = "as asked"
    else:
        people = list(choice.contested)
        if len(people) != count or choice.aim.jumps or not _suits_split(people, context):
            return None
        why = "nobody is heard to speak"
    people.sort(key=lambda s: float(np.median(s.keep_px[:, 0] + s.keep_px[:, 2] / 2)))
    cells = []
    for person, (left, top, size) in zip(people, tile_canvas(proposal.canvas, count), strict=True):
        scale = cover_scale(size, context.bounds)
        own = replace(context, window=(size.width / scale, size.height / scale))
        zoom = _zoom(person, people, own)
        own = replace(own, window=(own.window[0] / zoom, own.window[1] / zoom))
        aim = aim_at_subjects([person], own)
        if panel_of_subject(person, own) is None:  # else there is a place that is the person's own
            target = aim.target_px.copy()
            heads = aim.must_keep_px  # hands that move beside belong to the picture, not to a cell of a head
            target[:, 0] = heads[:, 0] + heads[:, 2] / 2 + _step_aside(person, people, own)
            aim = replace(aim, target_px=target, nice_to_keep_px=heads)
        aim = replace(aim, zoom=np.full(len(aim.frame), zoom))
        cells.append(CellPlan(left, top, size, aim, zoom_ceiling=zoom))
    return Layout(f"split-{count}", tuple(cells), why, shows=f"{list_names(people)}, each in a cell")


def _largest(people: Sequence[Subject], count: int) -> list[Subject]:
    """The people seen most.

    Where two tracks have the same name (a person lost and found again), only the longer one counts.
    """
    best: dict[str, Subject] = {}
    for person in people:
        if person.name not in best or len(person.frame) > len(best[person.name].frame):
            best[person.name] = person
    size = {s.name: len(s.frame) * float(np.median(s.box_px[:, 3])) ** _SIZE_POWER for s in best.values()}
    return sorted(best.values(), key=lambda s: -size[s.name])[:count]


def _suits_split(people: list[Subject], context: ShotContext) -> bool:
    """Whether all are there, large, settled and apart for long enough."""
    if context.duration_s < _LEAST_S:
        return False
    middles = []
    for person in people:
        seen = (person.frame[-1] - person.frame[0] + 1) / context.shot.frame_count
        x = person.keep_px[:, 0] + person.keep_px[:, 2] / 2
        walked = float(np.percentile(x, 95) - np.percentile(x, 5))
        small = float(np.median(person.box_px[:, 3])) < _LEAST_FACE * context.bounds.height
        if seen < _TOGETHER or small or walked > _SETTLED * context.window[0]:
            return False
        middles.append(float(np.median(x)))
    return bool(np.min(np.diff(np.sort(middles))) >= _APART * context.window[0])


def _step_aside(person: Subject, people: list[Subject], context: ShotContext) -> float:
    """How far, source px, a cell moves from the head in its middle so that it cuts through no neighbour's head.

    Never further than the head itself allows.
    """
    left, _, width, _ = np.median(person.keep_px, axis=0)
    middle, half = left + width / 2, context.window[0] / 2
    free = max(0.0, half * _HEAD_ROOM - width / 2)
    step = 0.0
    for other in (np.median(s.keep_px, axis=0) for s in people if s is not person):
        if other[0] + other[2] / 2 < middle:
            step = max(step, float(other[0] + other[2] - (middle - half)))
        else:
            step = min(step, float(other[0] - (middle + half)))
    return float(np.clip(step, -free, free))


def _zoom(person: Subject, people: list[Subject], context: ShotContext) -> float:
    """How much closer than the widest crop a cell looks: a head of good size, nobody else's in it, one panel alone."""
    head = np.median(person.keep_px, axis=0)
    wanted = max(_HEAD_SHARE * context.window[1] / max(1.0, float(head[3])), panel_zoom(person, context))
    middle = head[0] + head[2] / 2
    others = [np.median(s.keep_px, axis=0) for s in people if s is not person]
    for other in others:
        apart = abs(float(other[0] + other[2] / 2 - middle)) - float(other[2]) / 2
        if apart > head[2] / 2:
            wanted = max(wanted, context.window[0] / (2 * _ALONE * apart))
    # Never closer than the head allows.
    fits = min(context.window[0] / max(1.0, float(head[2])), context.window[1] / max(1.0, float(head[3]))) * _HEAD_ROOM
    return float(round(max(1.0, min(wanted, fits, _TIGHTEST)), 4))
