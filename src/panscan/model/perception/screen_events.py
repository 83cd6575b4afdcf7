"""What happens in a screen recording: typing, pointing, scrolling, windows that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from panscan.model.bodies import FloatArray
from panscan.model.time import IntArray


class ScreenEventKind(StrEnum):
    """What kind of thing happens."""

    TYPING = "typing"
    CLICK = "click"
    POINTER = "pointer"
    DRAG = "drag"
    SCROLL = "scroll"
    POPUP = "popup"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class ScreenEvent:
    """One thing that happens, from its first change to its last.

    Attributes
    ----------
    kind : ScreenEventKind
    first_frame : int
    end_frame : int
        The frame after its last one.
    box_px : tuple of float
        What a viewer must see of it: left, top, width, height.
    confidence : float
        How surely it is of this kind, 0..1.
    text_height_px : float
        Height of a line of text at its place, 0 where none was measured.
    """

    kind: ScreenEventKind
    first_frame: int
    end_frame: int
    box_px: tuple[float, float, float, float]
    confidence: float = 1.0
    text_height_px: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ScreenEvents:
    """Everything that happens in a screen recording, in order of its beginning; events may overlap.

    Attributes
    ----------
    kind : ndarray (n,), int64
        Positions in `ScreenEventKind`.
    first_frame, end_frame : ndarray (n,), int64
    box_px : ndarray (n, 4)
        What a viewer must see of each.
    confidence : ndarray (n,)
        0..1.
    text_height_px : ndarray (n,)
        Height of a line of text at the place of each, 0 where none was measured.
    keyboard_frame : ndarray (k,), int64
        Frames at which an on-screen keyboard comes, moves or goes.
    keyboard_top_px : ndarray (k,)
        Its upper edge from then on; the picture's height where there is none.
    letter_frame : ndarray (w,), int64
        Frames at which letters were typed.
    letter_px : ndarray (w, 4)
        Where they were written.
    line_frame : ndarray (m,), int64
        Frame from which on a line of text stands; the lines of a later frame take the place of all before.
    line_px : ndarray (m, 4)
        Its box.
    """

    kind: IntArray
    first_frame: IntArray
    end_frame: IntArray
    box_px: FloatArray
    confidence: FloatArray
    text_height_px: FloatArray
    keyboard_frame: IntArray
    keyboard_top_px: FloatArray
    letter_frame: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    letter_px: FloatArray = field(default_factory=lambda: np.zeros((0, 4)))
    line_frame: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    line_px: FloatArray = field(default_factory=lambda: np.zeros((0, 4)))

    def __iter__(self) -> Iterator[ScreenEvent]:
        kinds = tuple(ScreenEventKind)
        columns = (self.kind, self.first_frame, self.end_frame, self.box_px, self.confidence, self.text_height_px)
        for kind, first, end, (left, top, width, height), sure, text in zip(*columns, strict=True):
            box = (float(left), float(top), float(width), float(height))
            yield ScreenEvent(kinds[int(kind)], int(first), int(end), box, float(sure), float(text))
