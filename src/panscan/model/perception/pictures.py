"""What is measured on whole pictures: shot boundaries, graphics, panels, motion, interest, bars."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from panscan.model import bodies
from panscan.model.bodies import FloatArray
from panscan.model.time import IntArray

RECENT_LOOKS = 3  # at graphics, about three seconds: for as long a photo may fill a screen


def _no_frames() -> IntArray:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class ShotBoundaries:
    """Where one shot ends and the next begins.

    Attributes
    ----------
    frame : ndarray (n,), int64
        First frame of each new shot after a hard cut; rising, without 0.
    soft_first, soft_end : ndarray (k,), int64
        Frames [first, end) of each transition: a dissolve, or a fade through a flat picture; rising. The boundary
        between its shots is the middle.
    """

    frame: IntArray
    soft_first: IntArray = field(default_factory=_no_frames)
    soft_end: IntArray = field(default_factory=_no_frames)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Graphics laid over the picture; one row per overlay.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    first, end : ndarray (n,), int64
        Frames [first, end) during which the overlay stands.
    box_px : ndarray (n, 4)
    kind : ndarray (n,), int64
        0: to be kept whole (titles, lower thirds); 1: to be ignored (logos, watermarks: small, in a corner, always
        there); 2: one of a run of captions (subtitles: short lines at one place, one after another).
    score : ndarray (n,)
        How surely it is an overlay, 0..1.
    """

    looked: IntArray
    first: IntArray
    end: IntArray
    box_px: FloatArray
    kind: IntArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ScreenContent:
    """How much each sampled picture looks like computer graphics (screen recording, slide), not like camera footage.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    flat : ndarray (m,)
        Share of the picture without noise, 0..1.
    hard : ndarray (m,)
        Share of the picture that holds letters or lines on a flat ground, 0..1.
    still : ndarray (m,)
        Share of the picture that did not change since the sample before, 0..1.
    box_px : ndarray (m, 4)
        What holds nearly all letters and lines.
    """

    looked: IntArray
    flat: FloatArray
    hard: FloatArray
    still: FloatArray
    box_px: FloatArray

    @property
    def confidence(self) -> FloatArray:
        """How surely each sampled picture (m,) is screen content, 0..1.

        Measured: screen recording flat 0.37, hard 0.15, still 0.99; fifteen camera clips hard up to 0.06, or still
        under 0.86.
        """
        likeness: FloatArray = drawn_likeness(self.flat, self.hard) * bodies.ramp(self.still, 0.75, 0.92)
        return likeness

    def at(self, frame: int) -> float:
        """How much the last looks at or before a frame were like graphics, 0..1, whether they stood still or not."""
        end = int(np.searchsorted(self.looked, frame, side="right"))
        return recent_likeness(self.flat[:end], self.hard[:end])


def drawn_likeness(flat: FloatArray, hard: FloatArray) -> FloatArray:
    """How much pictures are like computer graphics, 0..1, by their shares of flat blocks and of blocks with letters."""
    dense = bodies.ramp(flat, 0.15, 0.3) * bodies.ramp(hard, 0.07, 0.12)
    # A slide is mostly empty: what is not flat is letters.
    sparse = bodies.ramp(flat, 0.6, 0.75) * bodies.ramp(hard / np.maximum(1 - flat, 0.02), 0.1, 0.2)
    likeness: FloatArray = np.maximum(dense, sparse)
    return likeness


def recent_likeness(flat: FloatArray, hard: FloatArray) -> float:
    """The greatest likeness to computer graphics in the last looks; 0 without any."""
    likeness = drawn_likeness(flat[-RECENT_LOOKS:], hard[-RECENT_LOOKS:])
    return float(likeness.max(initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Panels:
    """Rectangles of picture on a flat ground: video calls, split screens, picture-in-picture.

    One picture inside bars is no panel: see `Border`.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    frame : ndarray (n,), int64
        Frame of each panel.
    box_px : ndarray (n, 4)
    score : ndarray (n,)
        How well it fills a rectangle, 0..1.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What moves against the background, measured between pairs of pictures.

    Attributes
    ----------
    looked, since : ndarray (m,), int64
        Second and first frame of each pair.
    energy : ndarray (m,)
        Mean speed of the picture against the background, picture widths per second.
    camera_px_s : ndarray (m, 2)
        Speed of the background itself.
    profile : ndarray (m, c), float32
        How much changes by itself in c equal columns from the left edge to the right one: the mean difference that the
        background's motion does not explain (levels), times the root of the picture's slope there. It points at the
        subject better than the movers do: water and grass move as fast, yet are fainter and softer.
    frame : ndarray (n,), int64
        Second frame of the pair in which a mover, a compact region that changes by itself, was found.
    box_px : ndarray (n, 4)
        The mover.
    weight : ndarray (n,)
        Its share of all change of its pair, 0..1.
    """

    looked: IntArray
    since: IntArray
    energy: FloatArray
    camera_px_s: FloatArray
    profile: npt.NDArray[np.float32]
    frame: IntArray
    box_px: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """Centre of interest of each sampled picture.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    point_px : ndarray (m, 2)
    confidence : ndarray (m,)
        0..1; 0 where interest is spread evenly.
    profile : ndarray (m, c), float32
        How unlike the picture's border it is in c equal columns from the left edge to the right one: the mean distance
        in colour from the most similar side, in standard deviations of that side.
    """

    looked: IntArray
    point_px: FloatArray
    confidence: FloatArray
    profile: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """Bars around the picture: black, white, coloured, blurred, or drawn.

    One picture says little: dark walls look like bars. `panscan.direct.active_picture` decides for whole shots.

    Attributes
    ----------
    looked : ndarray (m,), int64
        Frames that were sampled.
    inset_px : ndarray (m, 4)
        Width of the bars at left, top, right, bottom; 0 where none are seen.
    score : ndarray (m, 2)
        Of the bars at left and right, of those at top and bottom: the share of the weaker edge that is seen, 0..1; 0
        without bars.
    depth_px : ndarray (m, 4)
        From each side, how far the picture is plain: wider bars would hold a part of the picture.
    """

    looked: IntArray
    inset_px: FloatArray
    score: FloatArray
    depth_px: FloatArray
