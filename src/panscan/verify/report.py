"""What the verifier found, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from panscan.verify.thresholds import CRITERIA

Grade = Literal["pass", "flag", "fail"]
_MARKS: Mapping[Grade, str] = {"pass": "ok  ", "flag": "flag", "fail": "FAIL"}


class Verdict(StrEnum):
    """The overall judgement of a movie."""

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


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one movie.

    Attributes
    ----------
    output : Path
        The movie.
    findings : tuple of Finding
    """

    output: Path
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """REJECTED with any failure, DELIVERED_WITH_QUALITY_FLAGS with any flag, else VERIFIED."""
        grades = {finding.grade for finding in self.findings}
        if "fail" in grades or not grades:
            return Verdict.REJECTED
        return Verdict.FLAGGED if "flag" in grades else Verdict.VERIFIED

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
        return {
            "version": 1,
            "output": self.output.name,
            "verdict": str(self.verdict),
            "findings": [
                {
                    "name": f.name,
                    "verdict": f.grade,
                    "what": f.what,
                    "floor": CRITERIA[f.name].requirement if f.name in CRITERIA else "",
                    "advice": f.advice,
                    "measured": plain_numbers(f.measured),
                }
                for f in self.findings
            ],
        }

    def to_text(self) -> str:
        """A few lines for a terminal."""
        width = max((len(f.name) for f in self.findings), default=0)
        lines = [f"{self.output.name}: {self.verdict}"]
        for f in self.findings:
            lines.append(f"  {_MARKS[f.grade]}  {f.name:<{width}}  {f.what}")
            if f.advice:
                lines.append(f"        {'':<{width}}-> {f.advice}")
        return "\n".join(lines)


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
