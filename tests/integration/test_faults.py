"""No planted fault passes; honest movies of the same clips, and honest movies encoded again, do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cut_sounds import heard
from faults import FAULTS, carried, films
from faults.kinds import KINDS
from faults.remaking import remade
from panscan.verify import Verdict


def cells(every_kind):
    """Faults with the kinds of clips they are planted into: all of them, or one each, in turn over the table."""
    return [
        pytest.param(fault, kind, id=f"{fault.name}-{kind}")
        for n, fault in enumerate(FAULTS)
        for kind in (fault.kinds if every_kind else [fault.kinds[n % len(fault.kinds)]])
    ]


def pytest_generate_tests(metafunc):
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize(("fault", "kind"), cells(metafunc.config.getoption("--every-kind")))


@pytest.mark.parametrize("kind", KINDS)
def test_honest_movies_are_verified(stages, tmp_path, kind):
    honest = stages(kind)
    report = honest.report()
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    sounds = [heard(honest.movie, n) * 0.98 for n in range(len(honest.source.audio))]  # so that no packet is equal
    pictures = remade(honest.movie, tmp_path / "pictures.mp4")
    again = replace(honest, movie=films.with_sound(pictures, tmp_path / "again.mp4", *sounds, bit_rate=128_000))
    report = again.report()
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_planted_faults_are_found(stages, tmp_path, fault, kind):
    stage = fault.plant(stages(kind), tmp_path / "faulty.mp4")
    if fault.check == "sound":  # which takes no pictures
        finding = stage.sound()
    elif fault.check in carried.CHECKS:
        finding = carried.finding(stage, fault.check)
    else:
        report = stage.report()
        assert report.verdict is fault.tier, report.to_text()
        finding = report[fault.check]
    assert finding.grade == fault.grade, finding.what
