"""What a job's record says of its results: outputs, verdicts, flags and warnings, gathered stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panscan.service.states import COMPLETED, FAILED, FLAGGED, REJECTED
from panscan.service.storage.transfer import sha256_of
from panscan.service.work_order import WorkOrder, WorkReport

_REJECTED_VERDICT, _VERIFIED = "REJECTED", "VERIFIED"


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a job so far.

    Attributes
    ----------
    order : WorkOrder
    report : WorkReport
        Is told of each change.
    outputs : dict
        By shape and kind.
    verdicts, flags : dict
        By shape: the worst verdict, and what the verifier says of each metric that it does not like.
    warnings : list
    """

    order: WorkOrder
    report: WorkReport
    outputs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)

    def add(self, ratio: str, kind: str, path: Path, state: str = "ready") -> None:
        """A file that is there; of a stream its playlist."""
        self.outputs[ratio, kind] = {
            "ratio": ratio,
            "kind": kind,
            "state": state,
            "path": path.relative_to(self.order.folder).as_posix(),
            "sha256": sha256_of(path),
            "size_bytes": path.stat().st_size,
        }

    def refuse(self, ratio: str, kind: str, what: str, why: str) -> None:
        """A file that could not be made."""
        self.outputs[ratio, kind] = {"ratio": ratio, "kind": kind, "state": "failed"}
        self.warn(f"{kind} of {ratio} was not made: {what}", why)

    def warn(self, message: str, details: str = "") -> None:
        """Something that the client should know; said once."""
        told = {"message": message, "details": details}
        if told not in self.warnings:
            self.warnings.append(told)

    def judge(self, ratio: str, report: Mapping[str, Any]) -> None:
        """Add a verdict of the verifier."""
        worst = (_REJECTED_VERDICT, "DELIVERED_WITH_QUALITY_FLAGS", _VERIFIED)
        self.verdicts[ratio] = min(self.verdicts.get(ratio, _VERIFIED), report["verdict"], key=worst.index)
        flags = {one["name"]: one["what"] for one in report["findings"] if one["verdict"] != "pass"}
        if flags:
            self.flags[ratio] = self.flags.get(ratio, {}) | flags

    def tell(self) -> None:
        """Say what is known now."""
        more = {"warnings": self.warnings} if self.warnings else {}
        self.report.result(outputs=list(self.outputs.values()), verdicts=self.verdicts, flags=self.flags, **more)

    def state(self) -> str:
        """How the job ends: one bad output among good ones is forgiven where the request says so."""
        states = [one["state"] for one in self.outputs.values() if one["kind"] != "otio"]
        is_soft = self.order.spec.allow_soft_fail and "ready" in states
        if "rejected" in states and not is_soft:
            return REJECTED
        if "failed" in states and not is_soft:
            return FAILED
        return FLAGGED if set(self.verdicts.values()) - {_VERIFIED} else COMPLETED
