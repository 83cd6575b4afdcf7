"""Perception by hand: what a director would be told of a scene that nobody filmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import documents as make
from panscan import registry
from panscan.direct.shot_context import NEUTRAL_WEIGHTS, ShotContext, subjects_of
from panscan.model.geometry import Ratio, Rect, Size, cover_scale
from panscan.model.perception import (
    Border,
    Faces,
    Flow,
    Loudness,
    Objects,
    Panels,
    Perception,
    Pose,
    Saliency,
    ScreenContent,
    ScreenEventKind,
    ScreenEvents,
    ShotBoundaries,
    Speaker,
    Text,
    Tracks,
)
from panscan.model.plan import Aim, CellPlan, Plan, Shot, ShotPlan, Subject
from panscan.model.request import Preset, Request, SignalWeights
from panscan.perceive.tracking.tracks import TracksSignal as Linker
from panscan.request.presets import load_preset

RATE = 25.0
MODES = {name: registry.load("modes", name) for name in registry.MODES}
HD_RECT = Rect(0, 0, 1920, 1080)
_CHANGE_LEVELS = 100.0  # of the picture's columns where the only mover is, while it walks


LOOKS = list(range(0, 100, 4))  # of a shot of four seconds


def still(
    left: float, size: float, *, top: float = 300.0, frames: Sequence[int] = LOOKS, speed: float = 0.0, **quality: float
) -> list[tuple[float, ...]]:
    """Rows of a square face that stays, or moves by `speed` px per frame; `quality`: score and sharpness, if any."""
    known = (quality["score"], quality["sharpness"]) if quality else ()
    return [(f, left + speed * f, top, size, size, *known) for f in frames]


def faces(
    rows: Sequence[tuple[float, ...]],
    looked: Sequence[int],
    *,
    score: float = 0.9,
    sharpness: float = 0.9,
    turn: float = 0.0,
) -> Faces:
    """Faces; a row is frame, left, top, width, height and, if it differs, score and sharpness.

    turn: how far all of them look aside, in face widths, + to the right.
    """
    full = [(*row, *(score, sharpness)[len(row) - 5 :]) for row in rows]
    table = np.array(full, float).reshape(-1, 7)
    left, top, width, height = table[:, 1:5].T
    # Fractions of the box: right eye, left eye, nose tip, mouth, right ear, left ear.
    across, down = [0.3, 0.7, 0.5 + turn, 0.5, 0.05, 0.95], [0.35, 0.35, 0.6, 0.8, 0.45, 0.45]
    points = [np.stack([left + a * width, top + d * height], axis=-1) for a, d in zip(across, down, strict=True)]
    return Faces(
        looked=np.array(looked, np.int64),
        frame=table[:, 0].astype(np.int64),
        box_px=table[:, 1:5],
        score=table[:, 5],
        sharpness=table[:, 6],
        points_px=np.stack(points, axis=1),
    )


def flow(rows: Sequence[tuple[float, ...]], looked: Sequence[int], *, energy: float = 0.03, step: int = 4) -> Flow:
    """Movers; a row is frame, left, top, width, height, weight. Each look is compared with the one `step` before."""
    table = np.array(rows, float).reshape(-1, 6)
    at = np.array(looked, np.int64)
    profile, column = np.zeros((len(at), 48), np.float32), HD_RECT.width / 48
    edges = np.arange(48) * column
    for frame, left, _, width, _, weight in table:
        share = np.clip(np.minimum(left + width, edges + column) - np.maximum(left, edges), 0, column) / column
        profile[at == frame] += (_CHANGE_LEVELS * weight * min(1.0, energy / 0.03) * share).astype(np.float32)
    return Flow(
        looked=at,
        since=at - step,
        energy=np.full(len(at), energy),
        camera_px_s=np.zeros((len(at), 2)),
        profile=profile,
        frame=table[:, 0].astype(np.int64),
        box_px=table[:, 1:5],
        weight=table[:, 5],
    )


def saliency(looked: Sequence[int], point: tuple[float, float], confidence: float) -> Saliency:
    count = len(looked)
    return Saliency(
        np.array(looked, np.int64),
        np.tile(np.array(point, float), (count, 1)),
        np.full(count, confidence),
        np.ones((count, 48), np.float32),
    )


def objects(rows: Sequence[tuple[Any, ...]], looked: Sequence[int] = LOOKS, *, score: float = 0.8) -> Objects:
    """Things; a row is frame, class, left, top, width, height."""
    names = sorted({str(row[1]) for row in rows} | {"person"})
    return Objects(
        looked=np.array(looked, np.int64),
        frame=np.array([row[0] for row in rows], np.int64),
        box_px=np.array([row[2:6] for row in rows], float).reshape(-1, 4),
        score=np.full(len(rows), score),
        class_id=np.array([names.index(row[1]) for row in rows], np.int64),
        names=np.array(names, np.str_),
    )


def thing(
    label: str, left: float, top: float, width: float, height: float, *, speed: float = 0.0
) -> list[tuple[Any, ...]]:
    """Rows of an object that stays, or moves by `speed` px per frame."""
    return [(f, label, left + speed * f, top, width, height) for f in LOOKS]


def pose(rows: Sequence[tuple[float, ...]], looked: Sequence[int]) -> Pose:
    """Standing bodies seen whole; a row is frame, left, top and height of the head."""
    frame, left, top, tall = np.array(rows, float).reshape(-1, 4).T
    middle, points = left + 0.39 * tall, np.zeros((len(frame), 33, 2))
    places = {0: (0, 0.5), 11: (-0.8, 1.6), 12: (0.8, 1.6), 23: (-0.5, 3.8), 24: (0.5, 3.8)}
    for point in range(33):
        across, down = places.get(point, (0, 2.0))
        points[:, point] = np.stack([middle + across * tall, top + down * tall], axis=-1)
    return Pose(
        looked=np.array(looked, np.int64),
        frame=frame.astype(np.int64),
        box_px=np.stack([middle - tall, top, 2 * tall, 7 * tall], axis=-1),
        head_px=np.stack([left, top, 0.78 * tall, tall], axis=-1),
        points_px=points,
        visibility=np.ones((len(frame), 33)),
    )


def text(rows: Sequence[tuple[float, ...]]) -> Text:
    """Overlays; a row is first and end frame, left, top, width, height and kind (0 a title, 1 a logo, 2 a caption)."""
    table = np.array(rows, float).reshape(-1, 7)
    whole = table.astype(np.int64)
    return Text(np.array(LOOKS, np.int64), whole[:, 0], whole[:, 1], table[:, 2:6], whole[:, 6], np.ones(len(table)))


def screen(box: tuple[float, float, float, float], looked: Sequence[int] = (0, 25, 50, 75)) -> ScreenContent:
    """A screen recording whose letters and lines lie in a box."""
    count = len(looked)
    flat, hard, unmoved = np.full(count, 0.4), np.full(count, 0.15), np.full(count, 0.99)
    return ScreenContent(np.array(looked, np.int64), flat, hard, unmoved, np.tile(np.array(box, float), (count, 1)))


def panels(boxes: Sequence[tuple[float, float, float, float]], looked: Sequence[int] = (0, 25, 50, 75)) -> Panels:
    """Panels that stand in all looks."""
    frame = np.repeat(np.array(looked, np.int64), len(boxes))
    box = np.tile(np.array(boxes, float).reshape(-1, 4), (len(looked), 1))
    return Panels(np.array(looked, np.int64), frame, box, np.ones(len(frame)))


def speaker(
    turns: Sequence[tuple[int, int, int]], tracks: Sequence[int], *, frame_count: int = 100, others: float = 0.05
) -> Speaker:
    """Who speaks; a turn is first frame, end frame and the number of a track.

    Between turns all are silent; others: how likely it is that those speak who have no turn.
    """
    steps = np.arange(0, frame_count, 2, dtype=np.int64)
    likely = np.full((len(steps), len(tracks)), others)
    for first, end, who in turns:
        likely[(steps >= first) & (steps < end), list(tracks).index(who)] = 0.95
    track = np.tile(np.array(tracks, np.int64), len(steps))
    return Speaker(steps, np.zeros(len(steps)), np.repeat(steps, len(tracks)), track, likely.ravel())


def screen_events(
    *rows: tuple[Any, ...],
    keyboard: Sequence[tuple[int, float]] = (),
    letters: Sequence[tuple[Any, ...]] = (),
    lines: Sequence[tuple[Any, ...]] = (),
    text_px: float = 20.0,
) -> ScreenEvents:
    """What happens on a screen: a row is kind, first and end in seconds at 25 fps, left, top, width, height.

    keyboard: frames at which the on-screen keyboard moves, each with its upper edge. letters, lines: frame, left, top,
    width, height of each letter that is typed, and of the lines of text from that frame on. text_px: height of a line.
    """
    kinds = tuple(ScreenEventKind)
    return ScreenEvents(
        kind=np.array([kinds.index(ScreenEventKind(row[0])) for row in rows], np.int64),
        first_frame=np.array([round(RATE * row[1]) for row in rows], np.int64),
        end_frame=np.array([round(RATE * row[2]) for row in rows], np.int64),
        box_px=np.array([row[3:7] for row in rows], float).reshape(-1, 4),
        confidence=np.full(len(rows), 0.95),
        text_height_px=np.full(len(rows), text_px),
        keyboard_frame=np.array([frame for frame, _ in keyboard], np.int64),
        keyboard_top_px=np.array([top for _, top in keyboard], float),
        letter_frame=np.array([row[0] for row in letters], np.int64),
        letter_px=np.array([row[1:] for row in letters], float).reshape(-1, 4),
        line_frame=np.array([row[0] for row in lines], np.int64),
        line_px=np.array([row[1:] for row in lines], float).reshape(-1, 4),
    )


def loudness(level_db: float, *, seconds: float = 4.0) -> Loudness:
    """Sound of one loudness."""
    return Loudness(np.full(round(seconds / 0.02), level_db))


def preset(*, weights: dict[str, float] | None = None, **named: Any) -> Preset:
    """The default preset with some things otherwise; weights that are given scale the rest so that all sum to 1."""
    given = weights or {}
    kept = {name: getattr(NEUTRAL_WEIGHTS, name) for name in NEUTRAL_WEIGHTS.__slots__ if name not in given}
    factor = (1 - sum(given.values())) / sum(kept.values()) if kept else 1.0
    mixed = SignalWeights(**{**{name: value * factor for name, value in kept.items()}, **given})
    return Preset(**{"name": "made", "summary": "made by hand", "weights": mixed, **named})


def perception(*, frame_count: int = 100, **signals: Any) -> Perception:
    """A whole analysis: no cuts unless told, and the identities that follow from what was seen."""
    seen = {"cuts": ShotBoundaries(np.array([], np.int64)), **signals}
    tracks = Linker(make.media(frame_count=frame_count)).derive(seen)
    return Perception("media", "analysis", {**seen, "tracks": tracks})


def request(canvas: Size = make.VERTICAL, preset: Preset | str = "default", **choices: Any) -> Request:
    """What a person asks for of one canvas; its shape is the canvas's unless told."""
    chosen = preset if isinstance(preset, Preset) else load_preset(preset)
    ratio = choices.pop("ratio", None) or Ratio.parse(f"{canvas.width}:{canvas.height}")
    return Request(ratio, canvas, chosen, **choices)


def bars(*inset_px: float, frames: Any = range(0, 100, 10)) -> Border:
    """Bars at left, top, right, bottom, seen in every sample."""
    looked = np.array(list(frames), np.int64)
    inset = np.tile(np.asarray(inset_px, np.float64), (len(looked), 1))
    return Border(looked, inset, np.sign(inset[:, :2]), inset)


def scene(
    seen: Perception, *, end: int = 100, first: int = 0, canvas: Size = make.VERTICAL, **named: Any
) -> ShotContext:
    """The first shot of an HD movie at 25 fps as a method sees it; `named`: further fields."""
    shot, scale = Shot(first, end), cover_scale(canvas, HD_RECT)
    window = (canvas.width / scale, canvas.height / scale)
    return ShotContext(
        shot, RATE, HD_RECT, window, subjects_of(seen.get(Tracks), 0), seen, round(HD_RECT.width), **named
    )


def subject(
    kind: str,
    left: float,
    top: float,
    width: float,
    height: float,
    *,
    speed: float = 0.0,
    body: tuple[float, float, float, float] | None = None,
    frames: Sequence[int] = LOOKS,
    basis: int = 0,
    score: float = 0.9,
    label: str | None = None,
) -> Subject:
    """A subject that stays, or moves by `speed` px per frame; its own box is what a crop must keep."""
    at, count = np.array(frames, np.int64), len(frames)
    box = np.tile([left, top, width, height], (count, 1)).astype(float)
    box[:, 0] += speed * at
    whole = np.full((count, 4), np.nan) if body is None else np.tile(np.array(body, float), (count, 1))
    named = label if label is not None else {"person": "person", "mover": ""}.get(kind, "dog")
    return Subject(
        f"{kind}-1", kind, 0, at, box, box.copy(), np.full(count, score), np.full(count, basis), whole, named
    )


def shot_of(*subjects: Subject, seen: Perception | None = None, **named: Any) -> ShotContext:
    """A shot with these subjects; `seen`: what else was measured."""
    return replace(scene(seen or perception(), **named), subjects=subjects)


def aim(frame: Any, must_keep_px: Any, target_px: Any = None, *, jumps: tuple[int, ...] = (), **named: Any) -> Aim:
    """An aim that must hold boxes and wishes for their centres, unless told otherwise."""
    must = np.asarray(must_keep_px, float).reshape(-1, 4)
    wish = must[:, :2] + must[:, 2:] / 2 if target_px is None else np.asarray(target_px, float).reshape(-1, 2)
    nothing = np.full(must.shape, np.nan)
    columns: dict[str, Any] = {"nice_to_keep_px": nothing, "weight": np.ones(len(must)), **named}
    return Aim("person-1", np.asarray(frame, np.int64), must, target_px=wish, jumps=jumps, **columns)


def single(an_aim: Aim, shot: Shot, *, canvas: Size = make.VERTICAL, bounds: Rect = HD_RECT) -> tuple[ShotPlan, Plan]:
    """The plan of one shot with one camera over the whole canvas."""
    planned = ShotPlan(shot, "single", (CellPlan(0, 0, canvas, an_aim),), "because", bounds)
    return planned, Plan(canvas, (planned,))


def center_x(aimed: Aim) -> float:
    """The median of what an aim aims at, across."""
    return float(np.median(aimed.target_px[:, 0]))
