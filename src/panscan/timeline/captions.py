"""Which clips of a framed timeline cut captions, in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from panscan.timeline.cut import FramedClip

_MOST_NAMED = 6  # groups of shots


def clips_that_cut_captions(clips: Sequence[FramedClip]) -> list[int]:
    """Numbers, from 1, of the clips whose cameras cut captions."""
    return [n for n, clip in enumerate(clips, 1) if clip.framing.cuts_captions]


def words_on_captions(clips: Sequence[FramedClip]) -> str:
    """Where captions are cut, in half a sentence; empty where none is."""
    cut = clips_that_cut_captions(clips)
    return f"captions are cut off in {shots_in_words(cut, len(clips))}" if cut else ""


def shots_in_words(numbers: Sequence[int], count: int) -> str:
    """Rising numbers of shots, of `count` in all, in words: "shots 1-3, 5 (4 of 6)"."""
    starts = [numbers[0], *(b for a, b in pairwise(numbers) if b > a + 1)]
    ends = [*(a for a, b in pairwise(numbers) if b > a + 1), numbers[-1]]
    named = [str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True)]
    more = ", ..." if len(named) > _MOST_NAMED else ""
    plural = "s" if len(numbers) > 1 else ""
    return f"shot{plural} {', '.join(named[:_MOST_NAMED])}{more} ({len(numbers)} of {count})"
