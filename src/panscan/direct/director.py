"""Perception + request -> plan: who is shown, in which layout, at which pace, shot by shot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from panscan import registry
from panscan.direct.active_picture import active_pictures
from panscan.direct.by_hand import (
    choice_by_hand,
    find_subject,
    keyed_layout,
    of_cell,
    style_by_hand,
    unmet_wishes,
    with_cells_by_hand,
    with_subjects_found,
)
from panscan.direct.captions import captions_of, with_captions
from panscan.direct.confidence import SURE, Confidence, confidence_of
from panscan.direct.layouts import Layout, choose_layout
from panscan.direct.layouts.fit import face_leads, title_spans, wide_text_boxes
from panscan.direct.pacing import alternates, choose_pace, cuts_per_minute, shot_statistics
from panscan.direct.people import names_of_people, with_names
from panscan.direct.screen.composition import enlarged_note
from panscan.direct.screen.joined_tracks import as_one_shot
from panscan.direct.screen.segments import choice_of_segments, segments_of_shot
from panscan.direct.setups import setups_of
from panscan.direct.shot_context import MethodResult, ShotContext, subjects_of
from panscan.direct.shots_by_hand import divided_and_joined, linked_anew, merges_without_cut
from panscan.direct.titles import titles_of
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.media import Media
from panscan.model.perception import Border, Perception, ShotBoundaries, Text, Tracks
from panscan.model.plan import CellPlan, Pace, Plan, Shot, ShotPlan, Subject
from panscan.model.request import Override, Preset, Request, Taste
from panscan.model.shots import shots_of
from panscan.request.overrides import of_shape, shot_overrides

_SCREEN_METHODS = ("screen", "motion_centroid")


def plan(
    media: Media,
    perception: Perception,
    request: Request,
    *,
    taste: Taste | None = None,
    spans: Sequence[tuple[int, int]] | None = None,
) -> Plan:
    """Decide, for every shot of the media, what is shown on the canvas.

    Parameters
    ----------
    media : Media
    perception : Perception
    request : Request
    taste : Taste, optional
        Labels liked and avoided: what the request's words mean with the weights at hand.
    spans : sequence of (int, int), optional
        Frames [first, end) that matter; all without it.

    Raises
    ------
    UsageError
        The request names a method or layout that does not exist.
    """
    preset = request.preset
    shots = planned_shots(media, perception, request)
    planned: list[_Planned] = []
    for context, number, override in shot_contexts(media, perception, request, taste=taste, spans=spans):
        parts = _with_titles_apart(context, request, override, media.video.display_size)
        planned += [_Planned(part, number, override) for part in parts]
    leads: dict[int, str] = {}  # by shot: parts of one shot do not alternate
    for part in planned:
        leads.setdefault(part.number, part.laid.choice.subjects[0].name if part.laid.choice.subjects else "")
    missed = merges_without_cut(
        shots_of(perception.get(ShotBoundaries), media.frame_count), of_shape(request.overrides, request.ratio)
    )
    shown = [leads.get(number, "") for number in range(1, len(shots) + 1)]
    result = []
    for part in planned:
        number, override = part.number, part.override
        context, choice, layout = part.laid.context, part.laid.choice, part.laid.layout
        measures = shot_statistics(context, choice, cuts_per_minute(shots, number - 1, context.rate))
        pace = choose_pace(measures, alternates=alternates(shown, number - 1))
        result.append(
            ShotPlan(
                shot=context.shot,
                layout=layout.name,
                cells=tuple(
                    _paced_cell(cell, pace, preset, of_cell(override, n)) for n, cell in enumerate(layout.cells, 1)
                ),
                why=_why(part.laid, override),
                bounds=context.bounds,
                pace=pace,
                mode=_mode(pace, preset, override),
                background=(override and override.background) or request.style.background or layout.background,
                style=context.style,
                captions=() if choice.is_planned else captions_of(context),  # lines on a screen are none
                figures=measures.figures | _confidence(part.laid, override).figures,
                unmet=(*unmet_wishes(context, layout, override), *_unmet_merges(missed, context.shot)),
            )
        )
    return Plan(request.canvas, tuple(result))


def shot_contexts(
    media: Media,
    perception: Perception,
    request: Request,
    *,
    taste: Taste | None = None,
    spans: Sequence[tuple[int, int]] | None = None,
) -> Iterator[tuple[ShotContext, int, Override | None]]:
    """All shots as methods see them, each with its number and what was overridden there; arguments as in `plan`."""
    shots, perception = with_planned_shots(media, perception, request)
    active = active_pictures(perception.get(Border), shots, media.video.display_size)
    preset = request.preset if request.lead_s is None else replace(request.preset, lead_s=request.lead_s)
    preset = replace(preset, background=request.style.background or preset.background)
    tracks = as_one_shot(perception.get(Tracks)) if len(shots) == 1 else perception.get(Tracks)
    wanted = with_subjects_found(request.overrides, shots, tracks, media.video.display_size)
    names = names_of_people(request.people, shots, tracks, media.video.display_size)
    setups = setups_of(tracks, len(shots)) if any(one.setup for one in wanted) else ()
    for shot, number, override in _clip_to_spans(shot_overrides(shots, wanted, request.ratio, setups), spans):
        bounds = active[number - 1]
        scale = cover_scale(request.canvas, bounds)
        seen = with_names(subjects_of(tracks, number - 1), names)
        written = titles_of(perception.get(Text), shot, bounds, float(media.video.rate))
        found = (_trim_subject(s, shot, bounds) for s in (*seen, *written))
        context = ShotContext(
            shot,
            float(media.video.rate),
            bounds,
            (request.canvas.width / scale, request.canvas.height / scale),
            tuple(s for s in found if s),
            perception,
            media.video.display_size.width,
            preset,
            taste or Taste(),
            with_speaker=request.with_speaker,
            style=style_by_hand(request.style, override),
        )
        yield context, number, override


def planned_shots(media: Media, perception: Perception, request: Request) -> tuple[Shot, ...]:
    """The shots of a media; a screen recording is one: windows that come and go are no cuts."""
    if _is_one_shot(request):
        return (Shot(0, media.frame_count),)
    seen = shots_of(perception.get(ShotBoundaries), media.frame_count)
    return divided_and_joined(seen, of_shape(request.overrides, request.ratio))


def _is_one_shot(request: Request) -> bool:
    return (request.method or request.preset.method) in _SCREEN_METHODS


def with_planned_shots(media: Media, perception: Perception, request: Request) -> tuple[tuple[Shot, ...], Perception]:
    """The shots of a media, and what was measured, linked inside them."""
    shots = planned_shots(media, perception, request)
    is_as_seen = _is_one_shot(request) or shots == shots_of(perception.get(ShotBoundaries), media.frame_count)
    return shots, perception if is_as_seen else linked_anew(perception, shots)


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    """A part of a shot with what is chosen of it and how it is laid out."""

    context: ShotContext
    choice: MethodResult
    layout: Layout


@dataclass(frozen=True, slots=True, eq=False)
class _Planned:
    """A part that is decided, the number of its shot, and what was overridden there."""

    laid: _Laid
    number: int
    override: Override | None


def _lay(context: ShotContext, request: Request, override: Override | None, source: Size) -> _Laid:
    """What is chosen of a part of a shot, and its layout."""
    choice = _choose(context, request, override)
    choice = replace(choice, aim=with_captions(choice.aim, context))
    layout = choose_layout(context, choice, request.canvas, _layouts(request, override, choice))
    if override and override.layout not in (None, layout.name):
        layout = keyed_layout(context, choice, request.canvas, override) or layout
    return _Laid(context, choice, _with_margins(with_cells_by_hand(layout, context, override, source), context))


def _with_margins(layout: Layout, context: ShotContext) -> Layout:
    """The layout with its style's padding around the whole pictures that it shows."""
    padding = context.style.padding
    cells = (
        replace(cell, margin_px=round(padding * min(cell.size.width, cell.size.height))) if cell.fit else cell
        for cell in layout.cells
    )
    return replace(layout, cells=tuple(cells)) if padding else layout


def _with_titles_apart(context: ShotContext, request: Request, override: Override | None, source: Size) -> list[_Laid]:
    """A shot as one part, or, where a title over no face has to be shown whole, with its time as a part."""
    whole = _lay(context, request, override, source)
    spans = title_spans(context)
    if whole.layout.name == "fit" or not spans or whole.choice.is_planned:
        return [whole]
    edges = sorted({context.shot.first, context.shot.end, *(edge for span in spans for edge in span)})
    parts = []
    for first, end in pairwise(edges):
        shot = Shot(first, end)
        found = (_trim_subject(s, shot, context.bounds) for s in context.subjects)
        part = replace(context, shot=shot, subjects=tuple(s for s in found if s))
        parts.append(_lay(part, request, override, source))
    shows = [part for part in parts if part.layout.name == "fit" and not face_leads(part.choice.subjects)]
    return parts if shows else [whole]


def _clip_to_spans(
    pieces: Sequence[tuple[Shot, int, Override | None]], spans: Sequence[tuple[int, int]] | None
) -> Iterator[tuple[Shot, int, Override | None]]:
    """The parts of shots inside the spans."""
    for shot, number, override in pieces:
        for first, end in spans if spans is not None else [(shot.first, shot.end)]:
            if max(first, shot.first) < min(end, shot.end):
                yield Shot(max(first, shot.first), min(end, shot.end)), number, override


def _choose(context: ShotContext, request: Request, override: Override | None) -> MethodResult:
    """What the override demands, else what the method finds."""
    demanded = choice_by_hand(context, override) if override else None
    if demanded is not None:
        return demanded
    segments = segments_of_shot(request.segments, context)
    if segments and not (override and (override.method or override.subject)):
        return choice_of_segments(segments, context)
    name = (override.method if override else None) or request.method or request.preset.method
    if override and override.subject == "speaker":
        name = "talking_person"
    choice: MethodResult = registry.load("methods", name)(context)
    if override and override.keys:
        return replace(choice, why="camera placed by hand")
    if override and override.subject not in (None, "speaker"):
        return replace(choice, why=f"{choice.why}; {override.subject} is not in this shot")
    return choice


def _trim_subject(subject: Subject, shot: Shot, bounds: Rect) -> Subject | None:
    """The part of a subject inside a part of its shot and inside the picture, if any: blurred bars repeat faces."""
    rows = (subject.frame >= shot.first) & (subject.frame < shot.end)
    x, y = (subject.box_px[:, :2] + subject.box_px[:, 2:] / 2).T
    rows &= (x >= bounds.left) & (x <= bounds.right) & (y >= bounds.top) & (y <= bounds.bottom)
    if rows.all():
        return subject
    if not rows.any():
        return None
    columns = ("frame", "box_px", "keep_px", "score", "basis", "body_px")
    return replace(subject, **{name: getattr(subject, name)[rows] for name in columns})


def _layouts(request: Request, override: Override | None, choice: MethodResult) -> Sequence[str]:
    if override and override.layout:
        return (override.layout,)
    if override and (override.center or override.zoom or override.keys):
        return ("single",)
    if choice.segments and not request.layouts:
        return ("stack" if choice.segments[0].layout == "stack" else "single",)
    return request.layouts or request.preset.layouts


def _paced_cell(cell: CellPlan, pace: Pace, preset: Preset, override: Override | None) -> CellPlan:
    """The cell with what pace and override ask of its camera: calm shots drift closer, quick ones are closer."""
    if override and override.zoom:
        aim = replace(cell.aim, zoom=np.full(len(cell.aim.frame), override.zoom))
        cell = replace(cell, aim=aim, zoom_ceiling=override.zoom, rests=())
    if override and override.hold:
        return replace(cell, hold=True)
    if pace == "calm" and not cell.fit:
        return replace(cell, push_in=preset.breathe)
    if pace == "quick" and cell.aim.zoom is None and cell.zoom_ceiling > 1:
        return replace(cell, aim=replace(cell.aim, zoom=np.full(len(cell.aim.frame), cell.zoom_ceiling)))
    return cell


def _unmet_merges(frames: Sequence[int], shot: Shot) -> list[str]:
    return [f"no shot begins near frame {frame}" for frame in frames if shot.first <= frame < shot.end]


def _mode(pace: Pace, preset: Preset, override: Override | None) -> str:
    if override and override.mode:
        return override.mode
    return "responsive" if pace == "quick" and preset.mode != "stable" else ""


def _why(laid: _Laid, override: Override | None) -> str:
    """Who or what is shown and for which reason, whatever a layout has of it, and what was decided by hand."""
    layout = laid.layout
    if layout.shows and override is None:
        own = [": ".join(filter(None, (layout.shows, layout.why)))]
    else:
        own = [laid.choice.why, layout.why]
    notes = (*own, _cut_text_note(laid.context, layout), enlarged_note(layout.cells), _override_note(override))
    return "; ".join(note for note in notes if note)


def _confidence(laid: _Laid, override: Override | None) -> Confidence:
    """How sure the shot is; what somebody placed or named is."""
    by_hand = override is not None and (
        override.center is not None
        or override.keys is not None
        or (override.subject is not None and find_subject(override.subject, laid.context) is not None)
    )
    return SURE if by_hand else confidence_of(laid.context, laid.choice, laid.layout)


def _cut_text_note(context: ShotContext, layout: Layout) -> str:
    if layout.name == "fit" or any(cell.rests for cell in layout.cells):
        return ""
    return "text across the picture is cut" if len(wide_text_boxes(context)) else ""


def _override_note(override: Override | None) -> str:
    return "as overridden by hand" if override else ""
