"""What a person decided for a shot: the subject that is meant, cameras placed by hand, and what cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from panscan.arrays.boxes import iou
from panscan.arrays.samples import interpolate_rows
from panscan.direct.aims import aim_at_place, aim_at_subjects
from panscan.direct.layouts import Layout
from panscan.direct.layouts.places import cell_places
from panscan.direct.shot_context import MethodResult, ShotContext, subjects_of
from panscan.model.framing import Camera, key_values_of_crop
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.perception import Tracks
from panscan.model.plan import CellPlan, Shot, Subject
from panscan.model.request import Override, PlacedKey, SubjectBox
from panscan.model.style import Style
from panscan.request.overrides import shot_at

_OFTEN_SEEN = 0.25  # of the samples of the person seen most, from which "left" or "largest" may mean somebody
_SAME_BOX = 0.2  # intersection over union: one detector draws a face, another one the whole head
_SCALE_DECIMALS, _PX_DECIMALS = 6, 4  # of keys, as a timeline stores them


def with_subjects_found(
    overrides: Sequence[Override], shots: Sequence[Shot], tracks: Tracks | None, source: Size
) -> tuple[Override, ...]:
    """The overrides with the name of whoever is at the box of `subject_at`, which stays only where nobody is.

    A person is known again in other shots. A thing is not: beyond its shot, `subject_at` stays.
    """
    found: list[Override] = []
    for override in overrides:
        box = override.subject_at
        subject = None if box is None else subject_at(box, shots, tracks, source)
        if box is None or subject is None:
            found.append(override)
            continue
        named = replace(override, subject=subject.name, subject_at=None)
        if subject.kind == "person":
            found.append(named)
        else:
            found += [override, *_in_shot(named, shots, shot_at(shots, box.frame))]
    return tuple(found)


def _in_shot(override: Override, shots: Sequence[Shot], number: int) -> list[Override]:
    """An override as far as it holds in one shot, if it does."""
    meant = override.shot if override.frame is None else shot_at(shots, override.frame)
    if meant is not None:
        return [replace(override, setup=None)] if meant == number else []
    shot, (first, end) = shots[number - 1], override.frames or (override.first, override.end)
    part = max(first or 0, shot.first), shot.end if end is None else min(end, shot.end)
    return [replace(override, frames=part, first=None, end=None)] if part[0] < part[1] else []


def choice_by_hand(context: ShotContext, override: Override) -> MethodResult | None:
    """The place or the subject that an override demands; None where a method has to choose."""
    if override.center:
        return MethodResult(aim_at_place(override.center, context), "placed by hand")
    found = override.subject and find_subject(override.subject, context)
    if found:
        return MethodResult(aim_at_subjects([found], context), f"{found.known_as}, chosen by hand", (found,))
    return None


def find_subject(wanted: str, context: ShotContext) -> Subject | None:
    """The subject an override means: by its name, its place or its size."""
    exact = [s for s in context.subjects if wanted in (s.name, s.called)]
    if exact:
        return max(exact, key=lambda s: len(s.frame))
    looks = max((len(s.frame) for s in context.of_kind("person")), default=0)
    people = [s for s in context.of_kind("person") if len(s.frame) >= _OFTEN_SEEN * looks]
    if wanted in ("left", "right") and people:
        order = sorted(people, key=lambda s: float(np.median(s.keep_px[:, 0] + s.keep_px[:, 2] / 2)))
        return order[0 if wanted == "left" else -1]
    if wanted == "largest" and people:
        return max(people, key=lambda s: float(np.median(s.keep_px[:, 2] * s.keep_px[:, 3])))
    return None


def of_cell(override: Override | None, number: int) -> Override | None:
    """What is said of one cell: of the shot, and of the cell itself."""
    own = next((cell for cell in override.cells if cell.cell == number), None) if override else None
    if override is None or own is None:
        return override
    return replace(
        override,
        **{name: value for name in ("hold", "zoom", "keys") if (value := getattr(own, name)) is not None},
    )


def keyed_layout(context: ShotContext, choice: MethodResult, canvas: Size, override: Override | None) -> Layout | None:
    """The layout that an override demands, where keys are placed in all of its cells: any shot can have that."""
    if override is None or override.layout is None:
        return None
    places = cell_places(override.layout, canvas, context.bounds.width / context.bounds.height)
    keyed = {said.cell for said in override.cells if said.keys}
    if not places or keyed != set(range(1, len(places) + 1)):
        return None
    cells = tuple(CellPlan(left, top, size, choice.aim) for left, top, size in places)
    return Layout(override.layout, cells, background=context.preset.background)


def with_cells_by_hand(layout: Layout, context: ShotContext, override: Override | None, source: Size) -> Layout:
    """A layout with the cameras, cells and background that were decided by hand."""
    if override is None:
        return layout
    cells = []
    for number, cell in enumerate(layout.cells, 1):
        own = next((said for said in override.cells if said.cell == number), None)
        cell = _aimed(cell, own, context) if own else cell
        keys = (own and own.keys) or (override.keys if len(layout.cells) == 1 else None)
        camera = _camera(keys, cell.size, source, context.shot) if keys else None
        cells.append(replace(cell, camera=camera, rests=()) if camera else cell)
    return replace(layout, cells=tuple(cells), background=override.background or layout.background)


def style_by_hand(style: Style, override: Override | None) -> Style:
    """A style with what an override says of it."""
    said = override.style if override else None
    return replace(style, **dict(said)) if said else style


def unmet_wishes(context: ShotContext, layout: Layout, override: Override | None) -> tuple[str, ...]:
    """What an override demands and this shot cannot give, in words."""
    if override is None:
        return ()
    told = [_missing_subject(said, context) for said in (override, *override.cells)]
    if override.layout not in (None, "auto", layout.name):
        told.append(f"{override.layout} cannot be made")
    count = len(layout.cells)
    beyond = [said.cell for said in override.cells if (said.cell or 1) > count]
    told += [f"there is no cell {number}: {layout.name} has {count}" for number in beyond]
    if override.keys and count > 1:
        told.append(f"the keys belong to no cell of {layout.name}")
    return tuple(dict.fromkeys(text for text in told if text))


def _missing_subject(said: Override, context: ShotContext) -> str:
    if said.subject_at:
        return f"whoever is at the box of frame {said.subject_at.frame} was not found"
    if said.subject not in (None, "speaker") and find_subject(said.subject or "", context) is None:
        return f"{said.subject} is not there"
    return ""


def subject_at(anchor: SubjectBox, shots: Sequence[Shot], tracks: Tracks | None, source: Size) -> Subject | None:
    """The subject whose face, head or body is at a box."""
    box = np.array(anchor.box) * (source.width, source.height, source.width, source.height)
    best: Subject | None = None
    most = _SAME_BOX
    for subject in subjects_of(tracks, shot_at(shots, anchor.frame) - 1):
        if not subject.frame[0] <= anchor.frame <= subject.frame[-1]:
            continue
        at = np.array([anchor.frame])
        boxes = [
            interpolate_rows(subject.frame, rows, at) for rows in (subject.box_px, subject.keep_px, subject.body_px)
        ]
        same = float(np.nanmax([0.0, *iou(np.concatenate(boxes), box)]))
        if same >= most:
            best, most = subject, same
    return best


def _aimed(cell: CellPlan, own: Override, context: ShotContext) -> CellPlan:
    """A cell that shows the place or the subject that was named for it, if any, as close as it showed another."""
    scale = cover_scale(cell.size, context.bounds) * cell.zoom_ceiling
    close = replace(context, window=(cell.size.width / scale, cell.size.height / scale))
    choice = choice_by_hand(close, own)
    if choice is None:
        return cell
    aim = replace(choice.aim, zoom=np.full(len(choice.aim.frame), cell.zoom_ceiling))
    return replace(cell, aim=aim, fit=False, rests=())


def _camera(keys: Sequence[PlacedKey], cell: Size, source: Size, shot: Shot) -> Camera:
    """The camera that goes through keys; those that a shot does not need are left out."""
    before = max((n for n, key in enumerate(keys) if key.frame <= shot.first), default=0)
    after = min((n for n, key in enumerate(keys) if key.frame >= shot.end - 1), default=len(keys) - 1)
    used = keys[min(before, after) : after + 1]
    rows = [key_values_of_crop(_crop(key, cell, source), cell, source) for key in used]
    scale, x_px, y_px = zip(*rows, strict=True)
    return Camera(
        tuple(key.frame for key in used),
        tuple(round(value, _SCALE_DECIMALS) for value in scale),
        tuple(round(value, _PX_DECIMALS) for value in x_px),
        tuple(round(value, _PX_DECIMALS) for value in y_px),
    )


def _crop(key: PlacedKey, cell: Size, source: Size) -> Rect:
    """The crop of a key, source px, moved inside the picture where that is wanted and it fits."""
    scale = cover_scale(cell, Rect(0, 0, source.width, source.height)) * key.zoom
    size = (cell.width / scale, cell.height / scale)
    corner = []
    for share, length, whole in zip(key.center, size, (source.width, source.height), strict=True):
        start = share * whole - length / 2
        corner.append(min(max(start, 0.0), whole - length) if key.inside and length <= whole else start)
    return Rect(corner[0], corner[1], *size)
