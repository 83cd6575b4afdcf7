"""The same faults in clips that hide them differently; and the honest movies of these clips, which have none."""

from __future__ import annotations

from dataclasses import replace

import pytest

import faults
import kinds
from panscan.render import RenderSettings, render
from panscan.verify import Verdict, verify

NAMES = [kind.name for kind in kinds.KINDS]
VARIABLE = next(kind for kind in kinds.KINDS if kind.name == "variable rate")


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Made when first asked for: kind -> stage."""
    made = {}

    def stage(kind):
        if kind.name not in made:
            made[kind.name] = kinds.stage(kind, tmp_path_factory.mktemp("kind"))
        return made[kind.name]

    return stage


@pytest.mark.parametrize("kind", kinds.KINDS, ids=NAMES)
def test_honest_movies_are_verified(stages, tmp_path, kind):
    made = stages(kind)
    report = verify(made.movie, made.timeline, folder=made.folder)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    again = faults.remade(made.movie, tmp_path / "again.mp4")
    report = verify(again, made.timeline, folder=made.folder)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


@pytest.mark.parametrize("fault", kinds.FAULTS, ids=[fault.what for fault in kinds.FAULTS])
@pytest.mark.parametrize("kind", kinds.KINDS, ids=NAMES)
def test_planted_faults_are_found(stages, tmp_path, kind, fault):
    made = stages(kind)
    target = tmp_path / "faulty.mp4"
    fault.make(made, kind, target)
    report = verify(target, made.timeline, folder=made.folder)
    assert report.verdict is Verdict.REJECTED, report.to_text()
    assert report[fault.finding].grade == "fail", report.to_text()


@pytest.fixture(scope="module")
def constant(stages, tmp_path_factory):
    """The clip of variable rate, and its movie of constant rate."""
    made = stages(VARIABLE)
    movie = tmp_path_factory.mktemp("constant") / "constant.mp4"
    render(made.timeline, folder=made.folder, output=movie, settings=RenderSettings(cfr=True))
    return replace(made, movie=movie)


def test_a_constant_rate_of_a_variable_one_is_verified(constant):
    report = verify(constant.movie, constant.timeline, folder=constant.folder, is_cfr=True)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert report["frame_count"].measured["found"] == constant.source.frame_count


@pytest.mark.parametrize("fault", kinds.FAULTS, ids=[fault.what for fault in kinds.FAULTS])
def test_faults_at_a_constant_rate_are_found(constant, tmp_path, fault):
    target = tmp_path / "faulty.mp4"
    fault.make(constant, VARIABLE, target)
    report = verify(target, constant.timeline, folder=constant.folder, is_cfr=True)
    assert report.verdict is Verdict.REJECTED, report.to_text()
    assert report[fault.finding].grade == "fail", report.to_text()
