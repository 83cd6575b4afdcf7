"""What counts as added detail, and where a picture says nothing about it."""

from __future__ import annotations

import pytest

from panscan.verify.checks.detail import artefacts
from panscan.verify.measure.patches import PatchDetail


class OneClip:
    """What `artefacts` asks of an expectation to name a clip."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr("panscan.verify.checks.detail.clips_words", lambda clips, _: f"clips {sorted(clips)}")


def patches(kind, *, comb=0.0, added=0.0, expected=1.0, reduced=False):
    return [PatchDetail(n, 0, kind, None, expected, added, comb, reduced) for n in range(5)]


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        (patches("moving", comb=30.0), "fail"),
        (patches("moving", comb=3.0), "pass"),
        # A picture made much smaller keeps stripes that the plain mean of its px loses: no sign of two fields.
        (patches("moving", comb=30.0, expected=12.0, reduced=True), "pass"),
        (patches("moving", comb=30.0, expected=1.0, reduced=True), "fail"),
        (patches("flat", added=4.0), "flag"),
        (patches("flat", added=4.0, expected=12.0, reduced=True), "pass"),
    ],
)
def test_combs_and_noise_are_told_from_what_scaling_does(monkeypatch, found, grade):
    assert artefacts(found, OneClip(monkeypatch)).grade == grade
