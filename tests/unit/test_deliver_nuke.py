"""Nuke: every frame of every branch as a small Nuke shows it."""

from __future__ import annotations

import pytest

import documents as make
from hosts import nuke_model, shown, timelines
from panscan.deliver import deliver


def _deliver(timeline, **options):
    return deliver(timeline, "nuke", folder=timelines.FOLDER, options=options)


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
def test_every_frame_shows_the_cameras_crops(case, keys) -> None:
    timeline = case()
    _, *branches = nuke_model.read(_deliver(timeline, keys=keys).text)
    clips = timelines.clips(timeline)
    assert len(branches) == len(clips)
    for clip, branch in zip(clips, branches, strict=True):
        canvas = clip.framing.canvas
        for frame in range(clip.first, clip.end):
            size, found, picture = nuke_model.play(branch, frame)
            assert size == (canvas.width, canvas.height) and picture == timelines.picture_at(clip, frame)
            assert len(found) == len(clip.framing.cells)
            for one, cell in zip(found, clip.framing.cells, strict=True):
                shown.check(one, cell, frame, clip.framing.source)


def test_media_of_another_rate_show_the_newest_picture() -> None:
    """24 fps in a project of 25, from 01:00:00:00: a Read alone would run one picture per frame."""
    of = make.media(frame_count=240, start_frame=90000, timecode="01:00:00:00")
    timeline = make.timeline((50, 100, make.framing(((0, 1.777778, 0.0, 0.0),))), of=of)
    for clip in timeline.find_clips():
        clip.media_reference.metadata["panscan"]["rate"] = [24, 1]
    _, branch = nuke_model.read(_deliver(timeline).text)
    found = [nuke_model.play(branch, 90050 + n)[2] for n in range(50)]
    assert found == [((50 + n) * 24 + 3) // 25 for n in range(50)]


def test_the_project_has_the_canvas_the_rate_and_the_medias_frames() -> None:
    (root, _), (last, _) = nuke_model.read(_deliver(timelines.timecode()).text)
    assert root["format"] == '"1080 1920 0 0 1080 1920 1 panscan_canvas"'
    assert float(root["fps"]) == pytest.approx(30000 / 1001, abs=1e-5)
    assert (root["first_frame"], root["last_frame"]) == ("107922", "107991")
    assert (last["first_frame"], last["last_frame"]) == ("107922", "107991")


def test_odd_names_stay_words() -> None:
    of = make.media('/media/a [b] $c "d".mov')
    text = _deliver(make.timeline((0, 5, make.framing(((0, 2.0, 0.0, 0.0),))), of=of)).text
    assert 'file "/media/a \\[b\\] \\$c \\"d\\".mov"' in text


def test_a_disabled_clip_is_a_disabled_branch() -> None:
    timeline = timelines.several()
    make.track(timeline)[2].enabled = False
    branches = nuke_model.read(_deliver(timeline).text)[1:]
    assert [knobs.get("disable") for knobs, _ in branches] == [None, "true", None]
