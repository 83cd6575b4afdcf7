"""Cameras as FFmpeg expressions and commands.

FFmpeg's parser fails at about a hundred levels of nesting, but not at millions of leaves: a camera is a balanced tree
of `if(lt(n,k),..)` with one straight line per leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from panscan.deliver.host_space import Key

_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """A key's numbers on the frames [first, end) of a run: from `start` in a straight line to `goal` at `end`."""

    first: int
    end: int
    start: Key
    goal: Key


def lines(keys: Sequence[tuple[int, Key]], first: int, end: int) -> list[Line]:
    """A camera's keys inside the frames [first, end): hold, straight lines, hold."""
    found = []
    if keys[0][0] > first:
        found.append(Line(first, keys[0][0], keys[0][1], keys[0][1]))
    found += [Line(a, b, start, goal) for (a, start), (b, goal) in pairwise(keys)]
    if keys[-1][0] < end:
        found.append(Line(keys[-1][0], end, keys[-1][1], keys[-1][1]))
    return found


def expression(camera: Sequence[Line], value: Callable[[Key], float], *, frame: str = "n") -> str:
    """A number that is linear in the keys, as an expression of the frame number, which `frame` reads."""
    leaves: list[tuple[int, str]] = []
    for line in camera:
        text = _straight(line, value, frame)
        if not leaves or leaves[-1][1] != text:
            leaves.append((line.first, text))
    return _tree(leaves, frame)


def by_time(expression_px: str, rate: Fraction) -> str:
    """An expression of the frame number `ld(0)`, for filters that know the time better than the number.

    overlay (FFmpeg 5) and scale (FFmpeg 9) count from 1 where crop counts from 0; before the first picture the time
    is not a number.
    """
    return f"0*st(0,if(isnan(t),0,floor(t*{rate.numerator}/{rate.denominator}+0.5)))+{expression_px}"


def even(expression_px: str) -> str:
    """The even number nearest to an expression: pictures with halved colour have no odd positions."""
    return f"2*floor(({expression_px}+1)/2)"


def commands(
    camera: Sequence[Line], rate: Fraction, target: str, settings: Callable[[str, str, str], Sequence[tuple[str, str]]]
) -> str:
    """Commands for `sendcmd`, one interval per line; times half a frame early, so that rounding makes none late.

    settings: expressions of scale, x_px and y_px -> names and expressions of the target filter's options.
    """
    rows = []
    frame = f"T*{rate.numerator}/{rate.denominator}"
    for line in camera:
        terms = [
            _straight(line, value, frame)
            for value in (lambda key: key.scale, lambda key: key.x_px, lambda key: key.y_px)
        ]
        begin, end = (max(Fraction(0), (n - Fraction(1, 2)) / rate) for n in (line.first, line.end))
        sent = ",".join(f" [expr] {target} {name} '{text}'" for name, text in settings(*terms))
        rows.append(f"{float(begin):.6f}-{float(end):.6f}{sent}")
    return ";".join(rows)


def quoted(text: str) -> str:
    """A value inside a filter graph: escaped once for the filter's options and once for the graph."""
    for specials in ("\\':", "\\'[],;"):
        text = "".join(f"\\{c}" if c in specials else c for c in text)
    return text


def number(value: float) -> str:
    """At most 9 decimals, no exponent."""
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _straight(line: Line, value: Callable[[Key], float], frame: str) -> str:
    start, goal = value(line.start), value(line.goal)
    slope = number((goal - start) / (line.end - line.first))
    if slope == "0":
        return number(start)
    since = f"({frame}-{line.first})" if line.first else frame
    return f"({number(start)}+{slope}*{since})".replace("+-", "-")


def _tree(leaves: Sequence[tuple[int, str]], frame: str) -> str:
    if len(leaves) == 1:
        return leaves[0][1]
    middle = len(leaves) // 2
    return f"if(lt({frame},{leaves[middle][0]}),{_tree(leaves[:middle], frame)},{_tree(leaves[middle:], frame)})"
