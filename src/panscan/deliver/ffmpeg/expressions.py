"""Cameras as FFmpeg expressions and commands.

FFmpeg's parser fails at about a hundred levels of nesting, but not at millions of leaves: a camera is a balanced tree
of `if(lt(n,k),..)` with one straight line per leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Generic, TypeVar

from panscan.deliver.host_space import CameraKey

_DECIMALS = 9


T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class LinearSegment(Generic[T]):
    """Numbers on the frames [first, end) of a run: from `start` in a straight line to `goal` at `end`.

    T: what holds the numbers: a camera's `Key`, or what a filter makes of it.
    """

    first: int
    end: int
    start_value: T
    end_value: T


def linear_segments(keys: Sequence[tuple[int, T]], first: int, end: int) -> list[LinearSegment[T]]:
    """A camera's keys inside the frames [first, end): hold, straight lines, hold."""
    found = []
    if keys[0][0] > first:
        found.append(LinearSegment(first, keys[0][0], keys[0][1], keys[0][1]))
    found += [LinearSegment(a, b, start, goal) for (a, start), (b, goal) in pairwise(keys)]
    if keys[-1][0] < end:
        found.append(LinearSegment(keys[-1][0], end, keys[-1][1], keys[-1][1]))
    return found


def map_segments(camera: Sequence[LinearSegment[T]], change: Callable[[T], U]) -> list[LinearSegment[U]]:
    """The same lines with `change` of their ends, called once for an end that two neighbours share."""
    found: list[LinearSegment[U]] = []
    last = None
    for line in camera:
        start = (
            found[-1].end_value if last is not None and line.start_value is last.end_value else change(line.start_value)
        )
        goal = start if line.end_value is line.start_value else change(line.end_value)
        found.append(LinearSegment(line.first, line.end, start, goal))
        last = line
    return found


def expression(camera: Sequence[LinearSegment[T]], value: Callable[[T], float], *, frame: str = "n") -> str:
    """A number that is linear in the keys, as an expression of the frame number, which `frame` reads."""
    firsts: list[int] = []
    texts: list[str] = []
    for line in camera:
        text = _segment_expression(line, value, frame)
        if not texts or texts[-1] != text:
            firsts.append(line.first)
            texts.append(text)
    parts: list[str] = []
    _write_tree(parts, firsts, texts, frame, 0, len(texts))
    return "".join(parts)


def with_frame_from_time(expression_px: str, rate: Fraction) -> str:
    """An expression of the frame number `ld(0)`, for filters that know the time better than the number.

    overlay (FFmpeg 5) and scale (FFmpeg 9) count from 1 where crop counts from 0; before the first picture the time
    is not a number.
    """
    return f"0*st(0,if(isnan(t),0,floor(t*{rate.numerator}/{rate.denominator}+0.5)))+{expression_px}"


def round_to_even(expression_px: str) -> str:
    """The even number nearest to an expression: pictures with halved colour have no odd positions."""
    return f"2*floor(({expression_px}+1)/2)"


def sendcmd_commands(
    camera: Sequence[LinearSegment[CameraKey]],
    rate: Fraction,
    target: str,
    settings: Callable[[str, str, str], Sequence[tuple[str, str]]],
) -> str:
    """Commands for `sendcmd`, one interval per line; times half a frame early, so that rounding makes none late.

    settings: expressions of scale, x_px and y_px -> names and expressions of the target filter's options.
    """
    rows = []
    frame = f"T*{rate.numerator}/{rate.denominator}"
    for line in camera:
        terms = [
            _segment_expression(line, value, frame)
            for value in (lambda key: key.scale, lambda key: key.x_px, lambda key: key.y_px)
        ]
        begin, end = (max(Fraction(0), (n - Fraction(1, 2)) / rate) for n in (line.first, line.end))
        sent = ",".join(f" [expr] {target} {name} '{text}'" for name, text in settings(*terms))
        rows.append(f"{float(begin):.6f}-{float(end):.6f}{sent}")
    return ";".join(rows)


def escape_filter_value(text: str) -> str:
    """A value inside a filter graph: escaped once for the filter's options and once for the graph."""
    for specials in ("\\':", "\\'[],;"):
        text = "".join(f"\\{c}" if c in specials else c for c in text)
    return text


def format_number(value: float) -> str:
    """At most 9 decimals, no exponent."""
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _segment_expression(line: LinearSegment[T], value: Callable[[T], float], frame: str) -> str:
    start, goal = value(line.start_value), value(line.end_value)
    slope = "0" if goal == start else format_number((goal - start) / (line.end - line.first))
    if slope == "0":
        return format_number(start)
    since = f"({frame}-{line.first})" if line.first else frame
    return f"({format_number(start)}+{slope}*{since})".replace("+-", "-")


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
