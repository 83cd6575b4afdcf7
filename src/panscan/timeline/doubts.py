"""Which clips of a framed timeline are worth a look first, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panscan.model.framing import Framing
from panscan.timeline.cut import FramedClip

# Confidence under which there is more doubt than evidence. On clips with truth two in five samples of shots under it
# miss something, of the others one in twelve.
_DOUBTFUL = 0.5
_MOST_NAMED = 5  # shots: who looks at more looks at all


@dataclass(frozen=True, slots=True)
class Doubt:
    """A clip that is worth a look.

    Attributes
    ----------
    number : int
        Of the clip, from 1.
    confidence : float
        0..1.
    why : str
        What is doubtful, in words.
    """

    number: int
    confidence: float
    why: str


def is_doubtful(framing: Framing) -> bool:
    """Whether a framing is worth a look, as far as that was measured."""
    return framing.confidence is not None and framing.confidence < _DOUBTFUL


def doubts(clips: Sequence[FramedClip]) -> list[Doubt]:
    """The clips that are worth a look first, the least sure ones, in that order."""
    found = [
        Doubt(n, clip.framing.confidence or 0.0, _reason(clip.framing))
        for n, clip in enumerate(clips, 1)
        if is_doubtful(clip.framing)
    ]
    return sorted(found, key=lambda doubt: doubt.confidence)[:_MOST_NAMED]


def words_on_doubts(found: Sequence[Doubt]) -> str:
    """Which clips are worth a look first, in half a sentence; empty where none is."""
    if not found:
        return ""
    named = ", ".join(f"{doubt.number} ({doubt.why})" for doubt in found)
    return f"worth a look first: shot{'s' if len(found) > 1 else ''} {named}"


def mark_of(framing: Framing) -> str:
    """A framing's confidence in per cent, with a question mark where it is worth a look; empty where it is unknown."""
    if framing.confidence is None:
        return ""
    return f"{framing.confidence:.0%}{' ?' if is_doubtful(framing) else ''}"


def _reason(framing: Framing) -> str:
    clear, seen = framing.metrics.get("clear", 0.0), framing.metrics.get("seen", 0.0)
    if not seen:
        return "nobody and nothing recognised"
    return "little recognised for sure" if seen < clear else "another part counts about as much"
