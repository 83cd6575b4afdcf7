"""What the verifier found, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from panscan.timeline.framing_notes import FramingNote, words_on_framing
from panscan.verify.thresholds import CRITERIA

Grade = Literal["pass", "flag", "fail"]
_MARKS: Mapping[Grade, str] = {"pass": "ok  ", "flag": "flag", "fail": "FAIL"}


class Verdict(StrEnum):
    """Whether a movie is faithful to its timeline; not whether that is well framed."""

    VERIFIED = "VERIFIED"
    FLAGGED = "DELIVERED_WITH_QUALITY_FLAGS"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes
    ----------
    name : str
        Of the check, as in `thresholds.CRITERIA`.
    grade : "pass", "flag" or "fail"
    what : str
        A sentence.
    measured : mapping
        The numbers behind it.
    """

    name: str
    grade: Grade
    what: str
    measured: Mapping[str, Any] = field(default_factory=dict)

    @property
    def advice(self) -> str:
        """What to do about it; empty where nothing is wrong."""
        return CRITERIA[self.name].advice if self.grade != "pass" and self.name in CRITERIA else ""

    @property
    def is_framing(self) -> bool:
        """Whether it is about how well the timeline frames, and no part of the verdict."""
        return self.name in CRITERIA and CRITERIA[self.name].is_framing


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one movie.

    Attributes
    ----------
    output : Path
        The movie.
    findings : tuple of Finding
    framing : tuple of FramingNote, optional
        What of the timeline's framing is worth a look; None where nobody looked.
    """

    output: Path
    findings: tuple[Finding, ...]
    framing: tuple[FramingNote, ...] | None = None

    @property
    def verdict(self) -> Verdict:
        """REJECTED with any failure, DELIVERED_WITH_QUALITY_FLAGS with any flag, else VERIFIED.

        What is about framing does not count: a movie may be faithful to a timeline that frames badly.
        """
        grades = {finding.grade for finding in self.of_fidelity}
        if "fail" in grades or not grades:
            return Verdict.REJECTED
        return Verdict.FLAGGED if "flag" in grades else Verdict.VERIFIED

    @property
    def of_fidelity(self) -> tuple[Finding, ...]:
        """The findings that the verdict is made of."""
        return tuple(finding for finding in self.findings if not finding.is_framing)

    @property
    def of_framing(self) -> tuple[Finding, ...]:
        """The findings about framing that no note tells already."""
        told = {note.name for note in self.framing or ()}
        return tuple(finding for finding in self.findings if finding.is_framing and finding.name not in told)

    def __getitem__(self, name: str) -> Finding:
        """The finding of one check.

        Raises
        ------
        KeyError
            The check was not made.
        """
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dictionary; the keys are stable."""
        framing = {} if self.framing is None else {"framing": [note.to_json() for note in self.framing]}
        return {
            "version": 1,
            "output": self.output.name,
            "verdict": str(self.verdict),
            "findings": [
                {
                    "name": f.name,
                    "verdict": f.grade,
                    "about": "framing" if f.is_framing else "fidelity",
                    "what": f.what,
                    "floor": CRITERIA[f.name].requirement if f.name in CRITERIA else "",
                    "advice": f.advice,
                    "measured": plain_numbers(f.measured),
                }
                for f in self.findings
            ],
            **framing,
        }

    def to_text(self) -> str:
        """A few lines for a terminal: the verdict, and apart from it the framing."""
        return "\n".join([f"{self.output.name}: {self.verdict}", *self._lines(self.of_fidelity), *self.framing_lines()])

    def framing_lines(self) -> list[str]:
        """What is to be said of the framing, as lines for a terminal."""
        return (
            [*words_on_framing(self.framing or ()), *self._lines(self.of_framing)] if self.framing is not None else []
        )

    def framing_doubts(self) -> list[str]:
        """The same of what stands out alone; none where nothing does."""
        doubtful = self._lines([finding for finding in self.of_framing if finding.grade != "pass"])
        return [*(words_on_framing(self.framing) if self.framing else []), *doubtful]

    def _lines(self, findings: Sequence[Finding]) -> list[str]:
        width = max((len(f.name) for f in self.findings), default=0)
        lines = []
        for f in findings:
            lines.append(f"  {_MARKS[f.grade]}  {f.name:<{width}}  {f.what}")
            if f.advice:
                lines.append(f"        {'':<{width}}-> {f.advice}")
        return lines


def plain_numbers(measured: Mapping[str, Any]) -> Any:
    """The same with plain Python numbers, floats to 6 significant digits."""

    def convert(value: Any) -> Any:
        if isinstance(value, bool) or value is None or isinstance(value, int | str):
            return value
        if isinstance(value, Mapping):
            return {str(k): convert(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [convert(v) for v in value]
        return float(f"{float(value):.6g}")

    return json.loads(json.dumps(convert(measured)))
