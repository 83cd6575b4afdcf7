"""Everything measured on one media, before any decision.

Each signal yields one frozen value of arrays. All frames are grid frames counted from the media's first
picture (`model.time`); all boxes are left, top, width, height in display px.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Rect

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """Hard cuts: `frame` (n,) is the first frame of each new shot, rising, 0 not included."""

    frame: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces found in the pictures that were looked at.

    looked (m,): frames looked at; frame (n,), box_px (n, 4), score (n,) 0..1: one row per face.
    """

    looked: IntArray
    frame: IntArray
    box_px: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What moves against the background.

    looked (m,), since (m,): second and first frame of each measured pair; energy (m,): mean speed of the picture against the
    background, picture widths per second; camera_px_s (m, 2): speed of the background itself;
    frame (n,), box_px (n, 4), weight (n,): movers, one row per connected moving region, weight its share of
    the energy of its pair.
    """

    looked: IntArray
    since: IntArray
    energy: FloatArray
    camera_px_s: FloatArray
    frame: IntArray
    box_px: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """Centre of interest: looked (m,), point_px (m, 2), confidence (m,) 0..1."""

    looked: IntArray
    point_px: FloatArray
    confidence: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """The active picture inside constant dark bars: box_px (4,) left, top, width, height."""

    box_px: FloatArray

    @property
    def active(self) -> Rect:
        """The active picture as a rectangle."""
        left, top, width, height = (float(v) for v in self.box_px)
        return Rect(left, top, width, height)


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """RMS level in dB full scale per 20 ms of sound, from the time of the first picture on."""

    level_db: FloatArray
    step_s: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Perception:
    """All signals of one media, by signal name; `digest` names exactly this analysis."""

    media_digest: str
    digest: str
    signals: Mapping[str, Any]

    def get(self, kind: type[T]) -> T | None:
        """The signal whose value is of type `kind`, or None where it was not measured."""
        return next((value for value in self.signals.values() if isinstance(value, kind)), None)

    def need(self, kind: type[T]) -> T:
        """The signal of type `kind`.

        Raises
        ------
        LookupError
            It was not measured.
        """
        value = self.get(kind)
        if value is None:
            raise LookupError(
                f"this perception holds no {kind.__name__}; it has {', '.join(self.signals) or 'nothing'}"
            )
        return value
