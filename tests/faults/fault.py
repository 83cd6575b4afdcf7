"""What a planted fault is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faults.kinds import Stage
from panscan.verify import Verdict

# From an honest movie with its timeline to what the verifier shall judge; a movie is written to the path.
Plant = Callable[[Stage, Path], Stage]

REJECTED, FLAGGED = Verdict.REJECTED, Verdict.FLAGGED


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    name: what is wrong, in words; plant: plants it; check: that must find it; tier: the verdict; kinds: of clips that
    it is planted into; why: they are fewer than four.
    """

    name: str
    plant: Plant
    check: str
    kinds: tuple[str, ...]
    tier: Verdict = REJECTED
    why: str = ""

    @property
    def grade(self) -> str:
        """Of the finding."""
        return "fail" if self.tier is REJECTED else "flag"
