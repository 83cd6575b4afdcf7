"""No planted fault passes; the honest movie, and the honest movie encoded again, do."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults
from panscan.timeline.effect import attach_framing
from panscan.verify import Verdict, verify
from panscan.verify.thresholds import CRITERIA

MANUAL = Path(__file__).parents[2] / "docs" / "verify.md"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return faults.stage(tmp_path_factory.mktemp("stage"))


def judged(stage, movie, timeline=None):
    return verify(movie, timeline or stage.timeline, folder=stage.folder)


def test_the_honest_movie_is_verified(stage):
    report = judged(stage, stage.movie)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert report["camera"].measured["moving"] >= 10 and abs(report["camera"].measured["late_frames"]) < 0.1
    assert report["moment"].measured["with_evidence"] >= 90
    assert report["chroma"].measured["with_evidence"] >= 30


def test_encoding_again_plants_no_fault(stage, tmp_path):
    report = judged(stage, faults.remade(stage.movie, tmp_path / "copy.mp4"))
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    samples = faults.noise(1, faults.FRAMES / float(faults.RATE)) * 0.98  # so that no packet is equal
    report = judged(stage, faults.resounded(stage.movie, tmp_path / "sound.mp4", samples=samples))
    assert report.verdict is Verdict.VERIFIED and not all(report["sound"].measured["equal"])


@pytest.mark.parametrize("fault", faults.FAULTS, ids=[fault.what for fault in faults.FAULTS])
def test_planted_faults_are_found(stage, tmp_path, fault):
    target = tmp_path / "faulty.mp4"
    fault.make(stage, target)
    report = judged(stage, target)
    assert report[fault.finding].grade != "pass", report.to_text()
    assert report.verdict == fault.verdict, report.to_text()
    assert report[fault.finding].grade == ("fail" if fault.verdict == "REJECTED" else "flag"), report.to_text()


def test_a_slow_camera_one_frame_late_is_found(stage, tmp_path):
    """Half a px a frame: less than any single picture shows."""
    slow = faults.pan(faults.CANVAS, 0, 40, 60.0, 82.0, 0)
    timeline = one_clip(stage, slow)
    late = one_clip(stage, slow.shifted(1))
    report = judged(stage, stage.render(late, tmp_path / "late.mp4"), timeline)
    assert report["camera"].grade == "fail", report.to_text()
    assert report["camera"].measured["late_frames"] == pytest.approx(1, abs=0.2)
    assert judged(stage, stage.render(timeline, tmp_path / "right.mp4"), timeline).verdict is Verdict.VERIFIED
    early = one_clip(stage, slow.shifted(-1))
    report = judged(stage, stage.render(early, tmp_path / "early.mp4"), timeline)
    assert report["camera"].measured["late_frames"] == pytest.approx(-1, abs=0.2)


def one_clip(stage, framing):
    timeline = faults.edit(stage.source)
    for track in timeline.tracks:
        del track[1:]
    clip = timeline.tracks[0][0]
    clip.effects[:] = []
    attach_framing(clip, framing)
    return timeline


@pytest.mark.parametrize("cuts", [(41, 70), (39, 70), (40, 73)])
def test_a_timeline_that_cuts_beside_the_scene_is_flagged(stage, tmp_path, cuts):
    """The movie is the timeline's, but the timeline itself jumps up to three frames beside the cut."""
    timeline = faults.edit(stage.source, cuts=cuts)
    report = judged(stage, stage.render(timeline, tmp_path / "out.mp4"), timeline)
    assert report["cuts"].grade == "flag", report.to_text()
    assert report.verdict is Verdict.FLAGGED


def test_disabled_clips_are_not_expected(stage, tmp_path):
    timeline = faults.edit(stage.source)
    timeline.tracks[0][1].enabled = False
    report = judged(stage, stage.render(timeline, tmp_path / "out.mp4"), timeline)
    assert report["black"].grade == "pass" and report["position"].grade == "pass", report.to_text()
    assert judged(stage, stage.movie, timeline)["black"].grade == "fail", "what is disabled must not be seen"


def test_every_finding_has_a_standard_and_a_fault(stage):
    names = [finding.name for finding in judged(stage, stage.movie).findings]
    assert names == list(CRITERIA)
    caught = {fault.finding for fault in faults.FAULTS}
    # Lengths and times follow from the number of pictures; faces and captions have tests of their own.
    assert set(names) - caught == {"duration", "timestamps", "subject", "captions"}


def test_the_manual_shows_these_faults_and_floors():
    text = MANUAL.read_text(encoding="utf-8")
    assert faults.table() in text
    for name, standard in CRITERIA.items():
        weight = "yes" if standard.rejects else "no, nor flags" if standard.is_framing else "no"
        assert f"| `{name}` | {standard.title} | {standard.requirement} | {weight} |" in text
