"""Where in a movie something is: words for times, clips and parts of the picture."""

from __future__ import annotations

from collections.abc import Collection

from panscan.verify.expectation import Expectation

_MAX_NAMED = 5  # clips in a sentence
_THIRDS = ((1 / 3, 0), (2 / 3, 1), (1.0, 2))
_DOWN, _ACROSS = ("at the top", "in the middle", "at the bottom"), ("left", "middle", "right")


def time_s(number: int, expectation: Expectation) -> float:
    """When a picture is shown, seconds from the first one."""
    return float(expectation.time_s[number] - expectation.time_s[0])


def clips_words(clips: Collection[int], expectation: Expectation) -> str:
    """Clips by number, each with its time: "clip 2 (1.00 to 2.00 s)"."""
    named = []
    for clip in sorted(clips)[:_MAX_NAMED]:
        numbers = [n for n, picture in enumerate(expectation.pictures) if picture is not None and picture.clip == clip]
        named.append(f"{clip + 1} ({span_words(numbers[0], numbers[-1], expectation)})" if numbers else f"{clip + 1}")
    return f"clip {', '.join(named)}" + (" ..." if len(clips) > _MAX_NAMED else "")


def span_words(first: int, last: int, expectation: Expectation) -> str:
    """From the beginning of one picture to that of another."""
    return f"{time_s(first, expectation):.2f} to {time_s(last, expectation):.2f} s"


def part_words(place: tuple[float, float]) -> str:
    """The part of the picture that a place (shares of the canvas, across and down) lies in."""
    column, row = (next(n for end, n in _THIRDS if share <= end or end == 1) for share in place)
    return "in the middle" if (column, row) == (1, 1) else f"{_DOWN[row]}, {_ACROSS[column]}"
