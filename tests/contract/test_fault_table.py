"""The table of planted faults is whole, and the manual shows it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import faults
from faults.kinds import KINDS
from panscan.verify.thresholds import CRITERIA

MANUAL = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")


def test_faults_have_names_of_their_own_and_known_checks_and_kinds():
    assert [name for name, count in Counter(fault.name for fault in faults.FAULTS).items() if count > 1] == []
    assert {fault.check for fault in faults.FAULTS} <= set(CRITERIA)
    assert {kind for fault in faults.FAULTS for kind in fault.kinds} <= set(KINDS)


def test_faults_are_planted_into_four_kinds_of_clips_or_say_why_not():
    fewer = {fault.name: fault.why for fault in faults.FAULTS if len(set(fault.kinds)) < 4}
    assert {name for name, why in fewer.items() if not why} == set()


def test_the_manual_shows_these_faults_and_floors():
    assert faults.table() in MANUAL
    for name, standard in CRITERIA.items():
        weight = "yes" if standard.rejects else "no, nor flags" if standard.is_framing else "no"
        assert f"| `{name}` | {standard.title} | {standard.requirement} | {weight} |" in MANUAL
