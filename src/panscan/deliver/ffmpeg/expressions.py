"""Cameras as FFmpeg expressions and commands.

FFmpeg's parser fails at about a hundred nested levels, but can handle millions of terms. So a camera is written as a
balanced tree of `if(lt(n,k),..)` with one linear segment per leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Generic, TypeVar

from panscan.deliver.numbers import format_number

_DECIMALS = 9  # of px and of px per frame: after a million frames still a thousandth of a px
_ROUNDING = "0.501"  # px; slightly more than a half, so that halves go one way though decimals were cut off

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class LinearSegment(Generic[T]):
    """Values that change linearly over the frames [first, end) of a run.

    T is the type of the value: a camera key, or what a filter computes from it.

    Attributes
    ----------
    first, end : int
    start_value, end_value : T
        The values at `first` and at `end`.
    """

    first: int
    end: int
    start_value: T
    end_value: T


def linear_segments(keys: Sequence[tuple[int, T]], first: int, end: int) -> list[LinearSegment[T]]:
    """A camera's keys as segments of the frames [first, end); before the first and after the last key it holds."""
    found = []
    if keys[0][0] > first:
        found.append(LinearSegment(first, keys[0][0], keys[0][1], keys[0][1]))
    found += [LinearSegment(a, b, start, end_value) for (a, start), (b, end_value) in pairwise(keys)]
    if keys[-1][0] < end:
        found.append(LinearSegment(keys[-1][0], end, keys[-1][1], keys[-1][1]))
    return found


def map_segments(camera: Sequence[LinearSegment[T]], change: Callable[[T], U]) -> list[LinearSegment[U]]:
    """The same segments with `change` of their values, called once for a value that two neighbours share."""
    found: list[LinearSegment[U]] = []
    last = None
    for segment in camera:
        start = (
            found[-1].end_value
            if last is not None and segment.start_value is last.end_value
            else change(segment.start_value)
        )
        end_value = start if segment.end_value is segment.start_value else change(segment.end_value)
        found.append(LinearSegment(segment.first, segment.end, start, end_value))
        last = segment
    return found


def expression(camera: Sequence[LinearSegment[T]], value: Callable[[T], float], *, frame: str = "n") -> str:
    """A number that is linear in the keys, as an expression; `frame` is the expression of the frame number."""
    firsts: list[int] = []
    texts: list[str] = []
    for segment in camera:
        text = _segment_expression(segment, value, frame)
        if not texts or texts[-1] != text:
            firsts.append(segment.first)
            texts.append(text)
    parts: list[str] = []
    _write_tree(parts, firsts, texts, frame, 0, len(texts))
    return "".join(parts)


def with_frame_from_time(expression_px: str, rate: Fraction) -> str:
    """Wrap an expression that reads the frame number from `ld(0)`, and compute that number from the time `t`.

    Needed because overlay (FFmpeg 5) and scale (FFmpeg 9) count frames from 1 and crop from 0. Before the first picture
    `t` is NaN.
    """
    return f"0*st(0,if(isnan(t),0,floor(t*{rate.numerator}/{rate.denominator}+0.5)))+{expression_px}"


def round_to_px(expression_px: str) -> str:
    """An expression rounded to the nearest whole number."""
    return f"floor({expression_px}+{_ROUNDING})"


def sendcmd_commands(
    places: Sequence[LinearSegment[T]],
    values: Sequence[Callable[[T], float]],
    rate: Fraction,
    settings: Callable[..., Sequence[tuple[str, str, str]]],
) -> str:
    """Commands for `sendcmd`, one interval per segment; half a frame early, so that rounding makes none late.

    Parameters
    ----------
    places : sequence of LinearSegment
    values : sequence of callable
        Numbers of a place that are linear in the keys.
    rate : Fraction
        Frames per second.
    settings : callable (*expressions of the values) -> sequence of (filter, option, expression)
    """
    rows = []
    frame = f"T*{rate.numerator}/{rate.denominator}"
    for segment in places:
        terms = [_segment_expression(segment, value, frame) for value in values]
        begin, end = (max(Fraction(0), (n - Fraction(1, 2)) / rate) for n in (segment.first, segment.end))
        sent = ",".join(f" [expr] {target} {name} '{text}'" for target, name, text in settings(*terms))
        rows.append(f"{float(begin):.6f}-{float(end):.6f}{sent}")
    return ";".join(rows)


def escape_filter_value(text: str) -> str:
    """Escape a value in a filter graph: once for the filter's options and once for the graph."""
    for specials in ("\\':", "\\'[],;"):
        text = "".join(f"\\{c}" if c in specials else c for c in text)
    return text


def _segment_expression(segment: LinearSegment[T], value: Callable[[T], float], frame: str) -> str:
    """The value of one segment."""
    start, end_value = value(segment.start_value), value(segment.end_value)
    slope = "0" if end_value == start else _number((end_value - start) / (segment.end - segment.first))
    if slope == "0":
        return _number(start)
    since = f"({frame}-{segment.first})" if segment.first else frame
    return f"({_number(start)}+{slope}*{since})".replace("+-", "-")


def _number(value: float) -> str:
    return format_number(value, _DECIMALS)


def _write_tree(parts: list[str], firsts: list[int], texts: list[str], frame: str, first: int, end: int) -> None:
    """Append the tree of the leaves [first, end)."""
    if end - first == 1:
        parts.append(texts[first])
        return
    middle = (first + end) // 2
    parts.append(f"if(lt({frame},{firsts[middle]}),")
    _write_tree(parts, firsts, texts, frame, first, middle)
    parts.append(",")
    _write_tree(parts, firsts, texts, frame, middle, end)
    parts.append(")")
