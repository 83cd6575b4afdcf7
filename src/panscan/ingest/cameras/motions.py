"""How an editor's file shows stretches of media, in the numbers of that editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from panscan.model.geometry import Size

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MotionKey:
    """Scale and position at one moment, as the editor counts them.

    Attributes
    ----------
    at_s : Fraction
        Seconds after the first picture of the media.
    scale : float
    x, y : float
    """

    at_s: Fraction
    scale: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class MotionClip:
    """A clip of an editor's timeline.

    Attributes
    ----------
    name : str
    url : str
        Its media, as the file names it.
    first_s, end_s : Fraction
        Seconds after the first picture of the media, between which it is shown.
    keys : tuple of MotionKey
        At least one, in order; values run linearly between them and hold outside.
    unread : str
        What it does that no camera can say; empty if there is nothing. Its keys mean nothing then.
    is_eased : bool
        The editor eases between its keys.
    """

    name: str
    url: str
    first_s: Fraction
    end_s: Fraction
    keys: tuple[MotionKey, ...]
    unread: str = ""
    is_eased: bool = False


@dataclass(frozen=True, slots=True)
class EditorMotions:
    """All clips of an editor's timeline that show pictures of media.

    Attributes
    ----------
    kind : "fcpxml" or "xmeml"
        Says in what the keys count.
    canvas : Size
    clips : tuple of MotionClip
    """

    kind: Literal["fcpxml", "xmeml"]
    canvas: Size
    clips: tuple[MotionClip, ...]


def joined_keys(curves: Mapping[str, Sequence[tuple[Fraction, Values]]]) -> tuple[MotionKey, ...]:
    """One row of keys from the curves "scale" (n, 1) and "position" (n, 2), which may have keys at other times."""
    times = sorted({at_s for curve in curves.values() for at_s, _ in curve})
    return tuple(
        MotionKey(at_s, _value_at(curves["scale"], at_s)[0], *_value_at(curves["position"], at_s)) for at_s in times
    )


def _value_at(curve: Sequence[tuple[Fraction, Values]], at_s: Fraction) -> Values:
    """The value of a curve of lines, which holds before its first and after its last key."""
    if at_s <= curve[0][0]:
        return curve[0][1]
    for (begin_s, begin), (end_s, end) in pairwise(curve):
        if at_s <= end_s:
            share = float((at_s - begin_s) / (end_s - begin_s)) if end_s > begin_s else 1.0
            return tuple(a + (b - a) * share for a, b in zip(begin, end, strict=True))
    return curve[-1][1]
