"""Findings add up to a verdict, in words and in JSON."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from panscan.timeline.framing_notes import FramingNote
from panscan.verify import Finding, Report, Verdict
from panscan.verify.checks.picture import position
from panscan.verify.measure.frame_match import CellComparison
from panscan.verify.thresholds import CRITERIA


@pytest.mark.parametrize(
    ("grades", "verdict"),
    [
        (["pass", "pass"], Verdict.VERIFIED),
        (["pass", "flag"], Verdict.FLAGGED),
        (["flag", "fail", "pass"], Verdict.REJECTED),
        ([], Verdict.REJECTED),
    ],
)
def test_verdict(grades, verdict):
    report = Report(Path("a.mp4"), tuple(Finding(str(n), grade, "") for n, grade in enumerate(grades)))
    assert report.verdict is verdict and report.to_json()["verdict"] == str(verdict)


def test_forms():
    measured = {"s": Fraction(1, 3), "n": np.float64(0.1234567891), "list": [Fraction(2)], "none": None}
    report = Report(Path("folder/a.mp4"), (Finding("canvas", "pass", "right", measured),))
    assert report.to_json() == {
        "version": 1,
        "output": "a.mp4",
        "verdict": "VERIFIED",
        "findings": [
            {
                "name": "canvas",
                "verdict": "pass",
                "about": "fidelity",
                "what": "right",
                "floor": CRITERIA["canvas"].requirement,
                "advice": "",
                "measured": {"s": 0.333333, "n": 0.123457, "list": [2.0], "none": None},
            }
        ],
    }
    assert report.to_text() == "a.mp4: VERIFIED\n  ok    canvas  right"
    assert report["canvas"].what == "right"
    with pytest.raises(KeyError):
        report["sound"]


def test_framing_is_no_part_of_the_verdict():
    """A movie may be faithful to a timeline that frames badly; both are said, apart."""
    findings = (
        Finding("canvas", "pass", "right"),
        Finding("captions", "flag", "cut"),
        Finding("subject", "flag", "out"),
    )
    note = FramingNote("captions", (2,), (0.4,), "captions are cut off in shot 2 (1 of 2)")
    report = Report(Path("a.mp4"), findings, (note,))
    assert report.verdict is Verdict.VERIFIED
    assert [f.name for f in report.of_fidelity] == ["canvas"]
    assert [f.name for f in report.of_framing] == ["subject"], "the note tells of the captions already"
    told = report.to_json()
    assert told["framing"] == [{"name": "captions", "shots": [2], "figures": [0.4], "what": note.what}]
    assert [f["about"] for f in told["findings"]] == ["fidelity", "framing", "framing"]
    verdict, framing = report.to_text().split("framing, by what the timeline says")
    assert verdict == "a.mp4: VERIFIED\n  ok    canvas    right\n"
    assert "not part of the verdict" in framing and note.what in framing and "subject   out" in framing
    assert "framing: nothing stands out" in Report(Path("a.mp4"), findings[:1], ()).to_text()


def observations(*clips):
    """Per clip: how many observations match and how many do not."""
    return [
        CellComparison(n, clip, n < hits, None)
        for clip, (hits, misses) in enumerate(clips)
        for n in range(hits + misses)
    ]


@pytest.mark.parametrize(
    ("clips", "grade"),
    [
        ([(19, 1)], "pass"),
        ([(8, 2)], "flag"),
        ([(6, 4)], "fail"),
        ([(40, 0), (0, 2)], "fail"),  # one of many clips is wholly wrong: 95 % in all
        ([(40, 0), (0, 1)], "pass"),
    ],
)
def test_match_rates(clips, grade):
    assert position(observations(*clips)).grade == grade


def test_cells_without_evidence_do_not_count():
    found = position([*observations((9, 1)), *[CellComparison(0, 0, None, None)] * 90])
    assert found.grade == "pass" and found.measured["with_evidence"] == 10
    assert position([CellComparison(0, 0, None, None)]).grade == "flag"
