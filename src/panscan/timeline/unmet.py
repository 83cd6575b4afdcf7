"""What was wanted by hand and could not be done, over the clips of a framed timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panscan.timeline.captions import shots_in_words
from panscan.timeline.cut import FramedClip


@dataclass(frozen=True, slots=True)
class Unmet:
    """A wish that some clips do not fulfil.

    Attributes
    ----------
    what : str
        Why not, in words.
    shots : tuple of int
        Numbers of the clips, from 1.
    """

    what: str
    shots: tuple[int, ...]


def unmet_of(clips: Sequence[FramedClip]) -> list[Unmet]:
    """The wishes that were not fulfilled, in order of the clips."""
    found: dict[str, list[int]] = {}
    for number, clip in enumerate(clips, 1):
        for what in clip.framing.unmet:
            found.setdefault(what, []).append(number)
    return [Unmet(what, tuple(numbers)) for what, numbers in found.items()]


def words_on_unmet(unmet: Unmet, count: int) -> str:
    """One of them in half a sentence; `count`: clips in all."""
    return f"not as wanted by hand: {unmet.what}, {shots_in_words(unmet.shots, count)}"
