"""Spans of time: pairs of start and end, the end not included."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from fractions import Fraction
from operator import itemgetter

Span = tuple[Fraction, Fraction]


def union(spans: Iterable[Span]) -> list[Span]:
    """Spans joined until they lie apart, in order; empty ones are left out."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


def overlapping(span: Span, spans: list[Span]) -> list[Span]:
    """Those of `spans` (in order and apart) that share some time with a span."""
    first = bisect_right(spans, span[0], key=itemgetter(1))
    return spans[first : bisect_left(spans, span[1], key=itemgetter(0))]


def subtract(span: Span, covered: list[Span]) -> list[Span]:
    """What is left of a span outside the covered ones (in order and apart)."""
    left, (cursor, end) = [], span
    for a, b in overlapping(span, covered):
        if a > cursor:
            left.append((cursor, a))
        cursor = max(cursor, b)
    return [*left, (cursor, end)] if cursor < end else left


def add_span(covered: list[Span], span: Span) -> None:
    """Add a span to covered ones (in order and apart), in place."""
    first = bisect_left(covered, span[0], key=itemgetter(1))
    last = bisect_right(covered, span[1], key=itemgetter(0))
    covered[first:last] = union([*covered[first:last], span])
