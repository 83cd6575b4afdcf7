"""What the verifier measures on honest movies, and what it says where the timeline itself is at fault."""

from __future__ import annotations

import pytest

from faults import FAULTS, films
from faults.kinds import clips, three_shots
from panscan.verify import Verdict, verify
from panscan.verify.thresholds import CRITERIA


@pytest.fixture
def stage(stages):
    return stages("three shots")


def judged(stage, movie, timeline):
    return verify(movie, timeline, folder=stage.folder)


def test_the_evidence_of_an_honest_movie(stage):
    report = stage.report()
    assert report["camera"].measured["moving"] >= 10 and abs(report["camera"].measured["late_frames"]) < 0.1
    assert report["moment"].measured["with_evidence"] >= 60
    assert report["chroma"].measured["with_evidence"] >= 30


def test_a_slow_camera_one_frame_late_is_found(stages, tmp_path):
    """Half a px a frame: less than any single picture shows."""
    stage = stages("slow pan")
    slow = films.pan(films.CANVAS, 0, 40, 60.0, 82.0)
    timeline, late, early = (clips(stage.source, [(0, 40)], [slow.shifted(by)]) for by in (0, 1, -1))
    report = judged(stage, stage.render(late, tmp_path / "late.mp4"), timeline)
    assert report["camera"].grade == "fail", report.to_text()
    assert report["camera"].measured["late_frames"] == pytest.approx(1, abs=0.2)
    assert judged(stage, stage.render(timeline, tmp_path / "right.mp4"), timeline).verdict is Verdict.VERIFIED
    report = judged(stage, stage.render(early, tmp_path / "early.mp4"), timeline)
    assert report["camera"].measured["late_frames"] == pytest.approx(-1, abs=0.2)


@pytest.mark.parametrize("cuts", [(25, 48), (23, 48), (24, 51)])
def test_a_timeline_that_cuts_beside_the_scene_is_flagged(stage, tmp_path, cuts):
    """The movie is the timeline's, but the timeline itself jumps up to three frames beside the cut."""
    timeline = three_shots(stage.source, cuts=cuts)
    report = judged(stage, stage.render(timeline, tmp_path / "out.mp4"), timeline)
    assert report["cuts"].grade == "flag", report.to_text()
    assert report.verdict is Verdict.FLAGGED


def test_disabled_clips_are_not_expected(stage, tmp_path):
    timeline = three_shots(stage.source)
    timeline.tracks[0][1].enabled = False
    report = judged(stage, stage.render(timeline, tmp_path / "out.mp4"), timeline)
    assert report["black"].grade == "pass" and report["position"].grade == "pass", report.to_text()
    assert judged(stage, stage.movie, timeline)["black"].grade == "fail", "what is disabled must not be seen"


def test_every_finding_has_a_standard_and_a_fault(stage):
    names = [finding.name for finding in stage.report().findings]
    assert names == list(CRITERIA)
    caught = {fault.check for fault in FAULTS}
    # Lengths follow from the number of pictures; faces, captions and HDR metadata have tests of their own.
    assert set(names) - caught == {"duration", "subject", "captions", "depth"}
