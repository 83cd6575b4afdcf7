"""Methods for screen recordings: by whole events, or simply after the centre of what happens."""

from __future__ import annotations

import numpy as np

from panscan.direct.adaptive import adaptive
from panscan.direct.aims import no_boxes
from panscan.direct.screen.stretches import leading_events
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.model.framing import SCREEN_SUBJECT
from panscan.model.perception import FloatArray, IntArray, ScreenEvent, ScreenEvents
from panscan.model.plan import Aim

_STEP_S = 0.1  # seconds between the rows of an aim
_SMOOTH_S = 0.4  # seconds in which a smoothed centre has gone 63 % of the way: letters and short moves do not shake it


def screen(context: ShotContext) -> MethodResult:
    """Where things happen on a screen, event by event; without events as the adaptive method."""
    events = context.perception.get(ScreenEvents)
    if events is None:
        return adaptive(context)
    leading = leading_events(events, context.shot, context.rate)
    frames, boxes = _boxes(leading, context)
    aim = Aim(SCREEN_SUBJECT, frames, boxes, no_boxes(frames), boxes[:, :2] + boxes[:, 2:] / 2, np.ones(len(frames)))
    return MethodResult(aim, _words(leading), events=events)


def motion_centroid(context: ShotContext) -> MethodResult:
    """The weighted centre of what happens on a screen, smoothed, by the preset's lead too early.

    The mode's dead zone and greatest speed do the rest.
    """
    events = context.perception.get(ScreenEvents)
    leading = leading_events(events, context.shot, context.rate) if events is not None else ()
    if not leading:
        return adaptive(context)
    frames, centre = _centres(leading, context)
    share = 1 - np.exp(-_STEP_S / _SMOOTH_S)
    for row in range(1, len(centre)):
        centre[row] = centre[row - 1] + share * (centre[row] - centre[row - 1])
    at = frames + round(context.preset.lead_s * context.rate)
    centre = np.stack([np.interp(at, frames, column) for column in centre.T], axis=-1)
    nothing = no_boxes(frames)
    aim = Aim("centre", frames, nothing, nothing.copy(), centre, np.ones(len(frames)))
    return MethodResult(aim, f"centre of what happens: {_words(leading)}")


def _rows(context: ShotContext) -> IntArray:
    step = max(1, round(_STEP_S * context.rate))
    return np.arange(context.shot.first, context.shot.end, step, dtype=np.int64)


def _boxes(events: tuple[ScreenEvent, ...], context: ShotContext) -> tuple[IntArray, FloatArray]:
    """Frames (n,) and the box (n, 4) of all that happens then; NaN where nothing does."""
    frames = _rows(context)
    low, high = np.full((len(frames), 2), np.inf), np.full((len(frames), 2), -np.inf)
    for event in events:
        rows = (frames >= event.first_frame) & (frames < event.end_frame)
        corner, size = np.array(event.box_px[:2]), np.array(event.box_px[2:])
        low[rows], high[rows] = np.minimum(low[rows], corner), np.maximum(high[rows], corner + size)
    boxes = np.concatenate([low, high - low], axis=1)
    boxes[~np.isfinite(boxes).all(axis=1)] = np.nan
    return frames, boxes


def _centres(events: tuple[ScreenEvent, ...], context: ShotContext) -> tuple[IntArray, FloatArray]:
    """Frames (n,) and the centre (n, 2) of what happens, by confidence; where nothing does, it stays."""
    frames = _rows(context)
    total, weight = np.zeros((len(frames), 2)), np.zeros(len(frames))
    for event in events:
        rows = (frames >= event.first_frame) & (frames < event.end_frame)
        left, top, width, height = event.box_px
        total[rows] += event.confidence * np.array([left + width / 2, top + height / 2])
        weight[rows] += event.confidence
    known = np.flatnonzero(weight > 0)
    if not len(known):
        return frames, np.tile([context.bounds.center_x, context.bounds.center_y], (len(frames), 1))
    latest = known[np.clip(np.searchsorted(known, np.arange(len(frames)), side="right") - 1, 0, None)]
    return frames, total[latest] / weight[latest, None]


def _words(events: tuple[ScreenEvent, ...]) -> str:
    """What happens, in words: each kind with how often."""
    kinds = [str(event.kind) for event in events]
    counted = [f"{kinds.count(kind)} x {kind}" for kind in dict.fromkeys(kinds)]
    return f"on the screen: {', '.join(counted)}" if counted else "nothing happens on the screen"
