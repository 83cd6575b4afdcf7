"""Perception by hand: what a director would be told of a scene that nobody filmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import documents as make
from panscan.direct.scene import Scene
from panscan.direct.subjects import subjects_of
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.perception import Cuts, Faces, Flow, Perception, Saliency, Tracks
from panscan.model.plan import Aim, CellPlan, Plan, Shot, ShotPlan
from panscan.perceive.tracks import Tracks as Linker

RATE = 25.0
HD_RECT = Rect(0, 0, 1920, 1080)


def faces(
    rows: Sequence[tuple[float, ...]], looked: Sequence[int], *, score: float = 0.9, sharpness: float = 0.9
) -> Faces:
    """Frontal faces; a row is frame, left, top, width, height and, if it differs, score and sharpness."""
    full = [(*row, *(score, sharpness)[len(row) - 5 :]) for row in rows]
    table = np.array(full, float).reshape(-1, 7)
    left, top, width, height = table[:, 1:5].T
    # Fractions of the box: right eye, left eye, nose tip, mouth, right ear, left ear.
    across, down = [0.3, 0.7, 0.5, 0.5, 0.05, 0.95], [0.35, 0.35, 0.6, 0.8, 0.45, 0.45]
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
    return Flow(
        looked=at,
        since=at - step,
        energy=np.full(len(at), energy),
        camera_px_s=np.zeros((len(at), 2)),
        frame=table[:, 0].astype(np.int64),
        box_px=table[:, 1:5],
        weight=table[:, 5],
    )


def saliency(looked: Sequence[int], point: tuple[float, float], confidence: float) -> Saliency:
    count = len(looked)
    return Saliency(np.array(looked, np.int64), np.tile(np.array(point, float), (count, 1)), np.full(count, confidence))


def perception(*, frame_count: int = 100, **signals: Any) -> Perception:
    """A whole analysis: no cuts unless told, and the identities that follow from what was seen."""
    seen = {"cuts": Cuts(np.array([], np.int64)), **signals}
    tracks = Linker(make.media(frame_count=frame_count)).derive(seen)
    return Perception("media", "analysis", {**seen, "tracks": tracks})


def scene(seen: Perception, *, end: int = 100, first: int = 0, canvas: Size = make.VERTICAL) -> Scene:
    """The first shot of an HD movie at 25 fps as a method sees it."""
    shot, scale = Shot(first, end), cover_scale(canvas, HD_RECT)
    window = (canvas.width / scale, canvas.height / scale)
    return Scene(shot, RATE, HD_RECT, window, subjects_of(seen.get(Tracks), 0), seen)


def aim(frame: Any, must_px: Any, wish_px: Any = None, *, jumps: tuple[int, ...] = (), **named: Any) -> Aim:
    """An aim that must hold boxes and wishes for their centres, unless told otherwise."""
    must = np.asarray(must_px, float).reshape(-1, 4)
    wish = must[:, :2] + must[:, 2:] / 2 if wish_px is None else np.asarray(wish_px, float).reshape(-1, 2)
    nothing = np.full(must.shape, np.nan)
    columns: dict[str, Any] = {"nice_px": nothing, "weight": np.ones(len(must)), **named}
    return Aim("person-1", np.asarray(frame, np.int64), must, wish_px=wish, jumps=jumps, **columns)


def single(an_aim: Aim, shot: Shot, *, canvas: Size = make.VERTICAL, bounds: Rect = HD_RECT) -> tuple[ShotPlan, Plan]:
    """The plan of one shot with one camera over the whole canvas."""
    planned = ShotPlan(shot, "single", (CellPlan(0, 0, canvas, an_aim),), "because")
    return planned, Plan(canvas, bounds, (planned,))
