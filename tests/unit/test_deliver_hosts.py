"""The files of Premiere and Resolve, played by models of the two: every frame of every cell is the document's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hosts import premiere_model, resolve_model
from hosts.cases import CASES
from hosts.placed import agrees
from panscan.deliver import deliver
from panscan.timeline import cut as document

FOLDER = Path("/projects")


def _cut(case):
    timeline = CASES[case]()
    return timeline, document.read_cut(timeline, folder=FOLDER)


def _sizes(cut):
    return {clip.path.name: (clip.facts.size.width, clip.facts.size.height) for clip in cut.clips}


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_premiere_shows_the_xmeml_as_the_document_says(case, keys) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "xmeml", folder=FOLDER, options={"keys": keys})
    agrees(premiere_model.play_xmeml(artifact.text), cut)
    assert artifact.losses == ()


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_premiere_shows_the_otio_as_the_document_says(case, keys) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "otio-premiere", folder=FOLDER, options={"keys": keys})
    agrees(premiere_model.play_otio(artifact.text, _sizes(cut)), cut)
    assert artifact.losses == ()


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_resolve_shows_the_otio_as_the_document_says(case, keys) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "otio-resolve", folder=FOLDER, options={"keys": keys})
    agrees(resolve_model.play(artifact.text, (cut.canvas.width, cut.canvas.height), _sizes(cut)), cut)
    assert artifact.losses == ()


@pytest.mark.parametrize("wrong", ["record", "window", "edge"])
def test_the_comparison_is_able_to_fail(wrong) -> None:
    timeline, cut = _cut("split")
    frames = premiere_model.play_xmeml(deliver(timeline, "xmeml", folder=FOLDER).text)
    agrees(frames, cut)
    record, placed = max(frames[1].items(), key=lambda item: item[1].scale)
    change = {
        "record": {"media_frame": placed.media_frame + 1},
        "window": {"left": placed.left + 0.02},
        "edge": {"shown": (0.0, 0.0, 1920.0, 1080.0)},
    }
    frames[1][record] = replace(placed, **change[wrong])
    with pytest.raises(AssertionError):
        agrees(frames, cut)
