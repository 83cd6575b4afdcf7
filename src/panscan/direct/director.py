"""Perception + request -> plan: who is shown, in which layout, with which effect, shot by shot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from panscan import registry
from panscan.direct.aims import aim_at_place, aim_at_subjects
from panscan.direct.effects import choose_effect, shot_statistics
from panscan.direct.layouts import Layout, choose_layout
from panscan.direct.scene import MethodResult, ShotContext, subjects_of
from panscan.model.geometry import Rect, cover_scale
from panscan.model.media import Media
from panscan.model.perception import Border, Perception, ShotBoundaries, Tracks
from panscan.model.plan import CellPlan, Plan, Shot, ShotPlan, Subject
from panscan.model.request import Override, Preset, Request, Taste
from panscan.model.shots import shots_of
from panscan.request.overrides import shot_overrides

_CUT_RATE_MARGIN_S = 5.0  # within which cuts are counted on both sides of a shot


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
    border = perception.get(Border)
    display = media.video.display_size
    bounds = border.active if border else Rect(0, 0, display.width, display.height)
    scale = cover_scale(request.canvas, bounds)
    window = (request.canvas.width / scale, request.canvas.height / scale)
    rate = float(media.video.rate)
    shots = shots_of(perception.get(ShotBoundaries), media.frame_count)
    planned: list[tuple[Shot, int, ShotContext, MethodResult, Layout, Override | None]] = []
    for shot, number, override in _clip_to_spans(shot_overrides(shots, request.overrides, request.ratio), spans):
        subjects = tuple(
            s for s in (_trim_subject(s, shot) for s in subjects_of(perception.get(Tracks), number - 1)) if s
        )
        scene = ShotContext(
            shot,
            rate,
            bounds,
            window,
            subjects,
            perception,
            preset,
            taste or Taste(),
            with_speaker=request.with_speaker,
        )
        choice = _choose(scene, request, override)
        layout = choose_layout(scene, choice, request.canvas, _layouts(request, override))
        planned.append((shot, number, scene, choice, layout, override))
    leads: dict[int, str] = {}  # by shot: parts of one shot do not alternate
    for _, number, _, choice, _, _ in planned:
        leads.setdefault(number, choice.subjects[0].name if choice.subjects else "")
    result = []
    for shot, number, scene, choice, layout, override in planned:
        measures = shot_statistics(scene, choice, _cuts_per_minute(shots, number - 1, rate))
        alternates = _alternates(list(leads.values()), number - 1)
        effect = choose_effect(measures, alternates=alternates, breathe=preset.breathe)
        result.append(
            ShotPlan(
                shot=shot,
                layout=layout.name,
                cells=tuple(_with_effect(cell, effect, preset, override) for cell in layout.cells),
                why="; ".join(filter(None, [choice.why, layout.why, str(measures), _override_note(override)])),
                effect=effect,
                mode=_mode(effect, preset, override),
                background=layout.background,
            )
        )
    return Plan(request.canvas, bounds, tuple(result))


def _clip_to_spans(
    pieces: Sequence[tuple[Shot, int, Override | None]], spans: Sequence[tuple[int, int]] | None
) -> Iterator[tuple[Shot, int, Override | None]]:
    """The parts of shots inside the spans."""
    for shot, number, override in pieces:
        for first, end in spans if spans is not None else [(shot.first, shot.end)]:
            if max(first, shot.first) < min(end, shot.end):
                yield Shot(max(first, shot.first), min(end, shot.end)), number, override


def _choose(scene: ShotContext, request: Request, override: Override | None) -> MethodResult:
    """What the override demands, else what the method finds."""
    if override and override.center:
        return MethodResult(aim_at_place(override.center, scene), "placed by hand")
    if override and override.subject:
        found = _find_subject(override.subject, scene)
        if found is not None:
            return MethodResult(aim_at_subjects([found], scene), f"{found.name}, chosen by hand", (found,))
    name = (override.method if override else None) or request.method or request.preset.method
    if override and override.subject == "speaker":
        name = "talking_person"
    choice: MethodResult = registry.load("methods", name)(scene)
    if override and override.subject not in (None, "speaker"):
        return replace(choice, why=f"{override.subject} is not in this shot: {choice.why}")
    return choice


def _find_subject(wanted: str, scene: ShotContext) -> Subject | None:
    """The subject an override means: by its name, its place or its size."""
    exact = [s for s in scene.subjects if s.name == wanted]
    if exact:
        return max(exact, key=lambda s: len(s.frame))
    looks = max((len(s.frame) for s in scene.of_kind("person")), default=0)
    people = [s for s in scene.of_kind("person") if len(s.frame) >= 0.25 * looks]
    if wanted in ("left", "right") and people:
        order = sorted(people, key=lambda s: float(np.median(s.keep_px[:, 0] + s.keep_px[:, 2] / 2)))
        return order[0 if wanted == "left" else -1]
    if wanted == "largest" and people:
        return max(people, key=lambda s: float(np.median(s.keep_px[:, 2] * s.keep_px[:, 3])))
    return None


def _trim_subject(subject: Subject, shot: Shot) -> Subject | None:
    """The part of a subject inside a part of its shot, if any."""
    rows = (subject.frame >= shot.first) & (subject.frame < shot.end)
    if rows.all():
        return subject
    if not rows.any():
        return None
    columns = ("frame", "box_px", "keep_px", "score", "basis", "body_px")
    return replace(subject, **{name: getattr(subject, name)[rows] for name in columns})


def _layouts(request: Request, override: Override | None) -> Sequence[str]:
    if override and override.layout:
        return (override.layout,)
    if override and (override.center or override.zoom):
        return ("single",)
    return request.layouts or request.preset.layouts


def _with_effect(cell: CellPlan, effect: str, preset: Preset, override: Override | None) -> CellPlan:
    """The cell with what effect and override ask of its camera."""
    if override and override.zoom:
        aim = replace(cell.aim, zoom=np.full(len(cell.aim.frame), override.zoom))
        cell = replace(cell, aim=aim, zoom_ceiling=override.zoom)
    if override and override.hold:
        return replace(cell, hold=True)
    if effect == "BREATHE" and not cell.fit:
        return replace(cell, push_in=preset.breathe)
    if effect == "FAST_CUT" and cell.aim.zoom is None and cell.zoom_ceiling > 1:
        return replace(cell, aim=replace(cell.aim, zoom=np.full(len(cell.aim.frame), cell.zoom_ceiling)))
    return cell


def _mode(effect: str, preset: Preset, override: Override | None) -> str:
    if override and override.mode:
        return override.mode
    return "responsive" if effect == "FAST_CUT" and preset.mode != "stable" else ""


def _override_note(override: Override | None) -> str:
    return "as overridden by hand" if override else ""


def _cuts_per_minute(shots: Sequence[Shot], n: int, rate: float) -> float:
    """Shot boundaries per minute, `_CUT_RATE_MARGIN_S` before and after a shot too; the movie's own ends are none."""
    first = max(shots[0].first, shots[n].first - _CUT_RATE_MARGIN_S * rate)
    end = min(shots[-1].end, shots[n].end + _CUT_RATE_MARGIN_S * rate)
    cuts = sum(first < shot.first <= end for shot in shots[1:])
    return 60 * rate * cuts / max(1.0, end - first)


def _alternates(shown: Sequence[str], n: int) -> bool:
    """Whether a shot belongs to an A-B-A of two people."""
    for first in range(max(0, n - 2), min(n, len(shown) - 3) + 1):
        a, b, c = shown[first : first + 3]
        if a and b and a == c != b and a.startswith("person") and b.startswith("person"):
            return True
    return False
