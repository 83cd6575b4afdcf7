"""Titles: writing across the middle of the picture, which is there to be looked at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Rect
from panscan.model.perception import Text
from panscan.model.plan import Shot, Subject

_TITLE = 0  # `perception.Text.kind`
# Of the picture's height, where the middle of a title lies: lower thirds, tickers and subtitles stand below, channel
# names above; people look past them at the picture.
_BAND = (0.15, 0.75)
_LEAST_WIDTH = 0.15  # of the picture's width: a word to read; narrower ones are labels on things
_LEAST_S = 1.0  # seconds inside the shot: text is looked for twice a second, so it seems to outlast a cut by as much
_STEP_S = 0.2  # seconds between the rows of a title as a subject: no longer than between the moments of a shot


def is_title(text: Text, bounds: Rect) -> npt.NDArray[np.bool_]:
    """Which overlays are titles: neither logos nor captions nor lower thirds."""
    middle = (text.box_px[:, 1] + text.box_px[:, 3] / 2 - bounds.top) / bounds.height
    return np.asarray((text.kind == _TITLE) & (middle >= _BAND[0]) & (middle <= _BAND[1]))


def titles_of(text: Text | None, shot: Shot, bounds: Rect, rate: float) -> tuple[Subject, ...]:
    """The titles that stand in a shot as its subjects, in order of appearance."""
    if text is None:
        return ()
    first, end = np.maximum(text.first, shot.first), np.minimum(text.end, shot.end)
    counts = is_title(text, bounds) & (text.box_px[:, 2] >= _LEAST_WIDTH * bounds.width)
    rows = np.flatnonzero(counts & (end - first >= _LEAST_S * rate))
    order = rows[np.argsort(first[rows], kind="stable")]
    step = max(1, round(_STEP_S * rate))
    return tuple(
        _subject(number, np.arange(first[n], end[n], step, dtype=np.int64), text.box_px[n])
        for number, n in enumerate(order, 1)
    )


def _subject(number: int, frames: npt.NDArray[np.int64], box_px: npt.NDArray[np.float64]) -> Subject:
    boxes = np.tile(box_px, (len(frames), 1))
    unknown = np.full(boxes.shape, np.nan)
    return Subject(
        name=f"title-{number}",
        kind="title",
        track=-1,
        frame=frames,
        box_px=boxes,
        keep_px=boxes,
        score=np.ones(len(frames)),
        basis=np.zeros(len(frames), np.int64),
        body_px=unknown,
        label="text",
    )
