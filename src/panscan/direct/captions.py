"""Captions of a shot: where they stand, and how a crop may hold them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panscan.arrays.boxes import union_within
from panscan.direct.shot_context import ShotContext
from panscan.model.geometry import Rect
from panscan.model.perception import Text
from panscan.model.plan import Aim, Caption

_CAPTION = 2  # `perception.Text.kind`
_LEAST_S = 0.5  # inside the shot: text is looked for twice a second, so captions seem to outlast a cut by as much
_TOGETHER = 0.95  # of the window, that a subject and a caption may fill


def captions_of(context: ShotContext) -> tuple[Caption, ...]:
    """The captions that stand inside a shot, in order of appearance."""
    text = context.perception.get(Text)
    if text is None:
        return ()
    found = []
    for n in np.flatnonzero(text.kind == _CAPTION):
        first, end = max(int(text.first[n]), context.shot.first), min(int(text.end[n]), context.shot.end)
        if end - first >= _LEAST_S * context.rate:
            found.append(Caption(first, end, Rect(*(float(v) for v in text.box_px[n]))))
    return tuple(found)


def share_of_wide_captions(context: ShotContext, widest_px: float) -> float:
    """Share of a shot, 0..1, in which a caption stands that is wider than that."""
    stands = np.zeros(context.shot.frame_count, np.bool_)
    for caption in captions_of(context):
        if caption.box.width > widest_px:
            stands[caption.first - context.shot.first : caption.end - context.shot.first] = True
    return float(stands.mean())


def with_captions(aim: Aim, context: ShotContext) -> Aim:
    """An aim for which captions are nice to keep too, where they fit in the window together with the subject."""
    nice = aim.nice_to_keep_px.copy()
    for caption in captions_of(context):
        rows = np.flatnonzero((aim.frame >= caption.first) & (aim.frame < caption.end) & np.isfinite(nice[:, 0]))
        box = np.array([caption.box.left, caption.box.top, caption.box.width, caption.box.height])
        both = union_within(np.stack([nice[rows], np.tile(box, (len(rows), 1))]), context.bounds)
        fits = (both[:, 2:] <= _TOGETHER * np.array(context.window)).all(axis=1)
        nice[rows[fits]] = both[fits]
    return replace(aim, nice_to_keep_px=nice)
