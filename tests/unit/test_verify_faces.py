"""Faces on the output: found inside, missed where the source has them, and no loss where it has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.verify import Verdict, verify
from panscan.verify.measure.faces import _share_inside

CANVAS = Size(360, 640)


@pytest.mark.parametrize(
    ("box", "share"), [((0.2, 0.2, 0.4, 0.4), 1), ((-0.2, 0.2, 0.4, 0.4), 0.5), ((0.9, 0.9, 0.2, 0.2), 0.25)]
)
def test_share_of_a_box_inside(box, share):
    assert _share_inside(box) == pytest.approx(share)


def framed(source, left, subject):
    size = source.video.display_size
    width = size.height * CANVAS.width / CANVAS.height
    row = key_values_of_crop(Rect(left, 0, width, size.height), CANVAS, size)
    cell = Cell(0, 0, CANVAS, Camera((0,), *((v,) for v in row)), subject)
    shots = [(Shot(0, source.frame_count), Framing(CANVAS, size, source.video.rate, (cell,)))]
    return build_timeline(source, shots, name="faces", recipe={})


def report_of(source, folder, left, subject):
    timeline = framed(source, left, subject)
    render(timeline, folder=folder, output=folder / "out.mp4", settings=RenderSettings(preset="ultrafast"))
    return verify(folder / "out.mp4", timeline, folder=folder)


def test_a_person_left_out_is_flagged(talk_seen, tmp_path):
    """The demo clip: where its faces are is known from its perception."""
    from panscan.model.perception import Faces

    media, perception = talk_seen
    boxes = perception.need(Faces).box_px
    width = media.video.display_size.height * CANVAS.width / CANVAS.height
    starts, ends = boxes[:, 0], boxes[:, 0] + boxes[:, 2]
    lefts = range(0, int(media.video.display_size.width - width), 20)
    held = {left: int(((starts > left) & (ends < left + width)).sum()) for left in lefts}
    best, worst = max(held, key=held.get), min(held, key=held.get)
    wrong = report_of(media, tmp_path, float(worst), "person-1")
    assert wrong["subject"].grade == "flag" and wrong["subject"].measured["missing_s"], wrong.to_text()
    assert wrong.verdict is Verdict.VERIFIED, "the movie is what its timeline says; how that frames is told apart"
    assert "flag  subject" in "\n".join(wrong.framing_lines())
    share = report_of(media, tmp_path, float(best), "person-1")["subject"].measured["share"]
    assert share > wrong["subject"].measured["share"]
    assert report_of(media, tmp_path, float(worst), "mover-1")["subject"].measured["looks"] == 0


def test_no_face_in_the_source_is_no_loss(movie, tmp_path):
    source = replace(probe(movie("position_coded")))
    report = report_of(source, tmp_path, 0.0, "person-1")
    assert report["subject"].grade == "pass" and report["subject"].measured["with_evidence"] == 0
