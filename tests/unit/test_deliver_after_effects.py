"""After Effects: pasted keys put every frame where the camera has it."""

from __future__ import annotations

import pytest

import documents as make
from hosts import after_effects_model, shown, timelines
from panscan.deliver import deliver


def _deliver(timeline, **options):
    return deliver(timeline, "aftereffects", folder=timelines.FOLDER, options=options)


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
def test_every_frame_shows_the_cameras_crops(case, keys) -> None:
    timeline = case()
    artifact = _deliver(timeline, keys=keys)
    texts = iter(artifact.files.values())
    for clip in timelines.clips(timeline):
        for cell in clip.framing.cells:
            text = next(texts).decode()
            for number in range(clip.frame_count):
                found = after_effects_model.play(text, number)
                # The cut of the cell is the mask that the loss asks for.
                cut = found.moved(1, -cell.left_px, -cell.top_px).cropped(cell.size.width, cell.size.height)
                shown.check(cut.moved(1, cell.left_px, cell.top_px), cell, clip.first + number, clip.framing.source)
    assert next(texts, None) is None


def test_one_key_per_frame_is_the_default_and_the_first_is_that_of_the_first_frame() -> None:
    text = _deliver(timelines.in_point()).text
    head, properties = after_effects_model.parse(text)
    assert [frame for frame, _ in properties["Position"]] == list(range(55))
    assert head["Units Per Second"] == 25
    late = make.timeline((0, 60, make.framing(((20, 2.0, 0.0, 0.0), (40, 2.0, 90.0, 0.0)))))
    _, properties = after_effects_model.parse(_deliver(late, keys="sparse").text)
    assert [frame for frame, _ in properties["Position"]] == [0, 20, 40]


def test_a_worked_example() -> None:
    """A crop of (600, 40, 450, 800) of HD: 240 %, Position (864, 1200)."""
    _, properties = after_effects_model.parse(_deliver(make.timeline((0, 5, make.framing(((0, 2.4, 324, 240),))))).text)
    assert properties == {
        "Anchor Point": [(0, (960, 540, 0))],
        "Position": [(0, (864, 1200, 0))],
        "Scale": [(0, (240, 240, 100))],
    }


def test_every_cell_has_a_text_and_its_mask_is_told() -> None:
    artifact = _deliver(timelines.split())
    assert list(artifact.files) == [".clip001.ae.txt", ".clip001.cell2.ae.txt"]
    told = {loss.what: loss.why for loss in artifact.losses}
    assert "1080x1120 px at 0, 800" in told["the edge of cell 2 of clip 'talk.mp4'"]


def test_ntsc_is_said_with_its_fraction() -> None:
    head, _ = after_effects_model.parse(_deliver(timelines.timecode()).text)
    assert head["Units Per Second"] == pytest.approx(30000 / 1001, abs=1e-5)
