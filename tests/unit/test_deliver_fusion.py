"""Fusion: every frame of every clip as a small Fusion shows it."""

from __future__ import annotations

import pytest

import documents as make
from hosts import fusion_model, shown, timelines
from panscan.deliver import deliver
from panscan.errors import UsageError


def _files(timeline, **options):
    return deliver(timeline, "fusion", folder=timelines.FOLDER, options=options)


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
def test_every_frame_shows_the_cameras_crops(case, keys) -> None:
    timeline = case()
    artifact = _files(timeline, keys=keys)
    clips = timelines.clips(timeline)
    assert list(artifact.files) == [f".clip{n + 1:03d}.setting" for n in range(len(clips))]
    for clip, text in zip(clips, artifact.files.values(), strict=True):
        source, canvas = clip.framing.source, clip.framing.canvas
        for number in range(clip.frame_count):
            size, found = fusion_model.play(text.decode(), number, source)
            assert size == (canvas.width, canvas.height)
            assert len(found) == len(clip.framing.cells)
            for one, cell in zip(found, clip.framing.cells, strict=True):
                shown.check(one, cell, clip.first + number, source)


def test_keys_start_at_the_render_start_of_the_comp() -> None:
    timeline = timelines.in_point()
    text = _files(timeline, start_frame="1001").text
    clip = timelines.clips(timeline)[0]
    for number in range(clip.frame_count):
        _, (found,) = fusion_model.play(text, 1001 + number, make.HD)
        shown.check(found, clip.framing.cells[0], clip.first + number, make.HD)


def test_a_worked_example() -> None:
    """A crop of (1100, 200, 405, 720) of HD: Size 2.666667, Center (-0.345679, 0.527778)."""
    text = _files(make.timeline((0, 5, make.framing(((0, 2.666667, -913.3333, -53.3333),))))).text
    merge = fusion_model.parse(text)["Tools"]["Reframe1"]["Inputs"]
    assert merge["Size"]["Value"] == pytest.approx(2.666667)
    assert (merge["Center"]["Value"][1], merge["Center"]["Value"][2]) == pytest.approx((-0.345679, 0.527778), abs=1e-6)


def test_the_background_has_its_colour_and_a_blur_is_told() -> None:
    fit = ((0, 0.5625, 0.0, 0.0),)
    blue = _files(make.timeline((0, 5, make.framing(fit, background="#0080ff"))))
    inputs = fusion_model.parse(blue.text)["Tools"]["Cell1"]["Inputs"]
    colour = [inputs[f"TopLeft{name}"]["Value"] for name in ("Red", "Green", "Blue", "Alpha")]
    assert colour == pytest.approx([0, 128 / 255, 1, 1])
    assert not any("background" in loss.what for loss in blue.losses)
    blurred = _files(make.timeline((0, 5, make.framing(fit, background="blur"))))
    assert any("background 'blur'" in loss.what for loss in blurred.losses)


def test_disabled_clips_and_the_cut_are_told() -> None:
    timeline = timelines.several()
    make.track(timeline)[2].enabled = False
    told = [loss.what for loss in _files(timeline).losses]
    assert "the cut" in told and any("disabled clip" in what for what in told)


def test_options_are_checked() -> None:
    for options in ({"keys": "few"}, {"start_frame": "soon"}):
        with pytest.raises(UsageError):
            _files(timelines.in_point(), **options)
