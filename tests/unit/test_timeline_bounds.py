"""Where the pictures of media lie: OTIO's own image bounds, written, kept, and left out where editors have none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import documents as make
import numbered
from panscan.deliver import deliver
from panscan.ingest.crops import read_crops
from panscan.ingest.cuts.read import read_editor_cut
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.timeline.bounds import image_bounds, with_image_bounds
from panscan.timeline.conform import attach_framings
from panscan.timeline.cut import read_cut
from panscan.timeline.editorial import EditorCut, UsedClip
from panscan.timeline.files import read_timeline, timeline_text, write_timeline

FOLDER = Path("/projects")
STILL = ((0, 1.777778, 0.0, 0.0),)


def box(left: float, bottom: float, right: float, top: float) -> Any:
    return otio.schema.Box2d(otio.schema.V2d(left, bottom), otio.schema.V2d(right, top))


def written(timeline: Any, exporter: str = "otio") -> list[Any]:
    """The image bounds of all media in a delivery."""
    text = deliver(timeline, exporter, folder=FOLDER).text
    made = otio.adapters.read_from_string(text, "otio_json")
    return [clip.media_reference.available_image_bounds for clip in made.find_clips()]


def one_clip(reference_bounds: Any, *, facts: Any = None) -> Any:
    """A cut of one UHD clip, framed by nobody or by an earlier run."""
    of = make.media(size=make.UHD)
    clip = numbered.clip(of.path, 0, 40, available=numbered.time_range(0, 1500))
    clip.media_reference.available_image_bounds = reference_bounds
    if facts is not None:
        clip.media_reference.metadata["panscan"] = facts
    cut = EditorCut(
        numbered.timeline(numbered.track(clip)), make.PAL, (UsedClip(clip, 0, of.path, 0, 40, 0, 40),), {of.path: of}
    )
    framing = make.framing(STILL, source=make.UHD)
    return attach_framings(cut, {0: [(Shot(0, 40), framing)]}, {}).timeline


def bounds_of(timeline: Any) -> Any:
    return timeline.find_clips()[0].media_reference.available_image_bounds


def test_the_middle_of_the_picture_is_the_origin_and_its_px_the_unit() -> None:
    assert image_bounds(Size(1921, 1080)) == box(-960.5, -540, 960.5, 540)


def test_a_timeline_of_a_movie_says_them_of_picture_and_sound() -> None:
    timeline = make.timeline((0, 30, make.framing(STILL)), (30, 50, make.framing(STILL)))
    assert written(timeline) == [box(-960, -540, 960, 540)] * 4
    assert timeline.tracks.available_image_bounds == box(-960, -540, 960, 540)


def test_an_editors_cut_is_given_them() -> None:
    assert bounds_of(one_clip(None)) == box(-1920, -1080, 1920, 1080)


@pytest.mark.parametrize("facts", [None, {"size_px": [1280, 720]}, {"size_px": "wide"}, "a note", ["x"]])
def test_what_the_editor_wrote_is_kept(facts: Any) -> None:
    own = box(0, 0, 16, 9)
    assert bounds_of(one_clip(own, facts=facts)) == own


def test_those_of_an_earlier_run_follow_the_media() -> None:
    """The clip was relinked to a larger file since."""
    again = one_clip(image_bounds(make.HD), facts={"size_px": [1920, 1080]})
    assert bounds_of(again) == box(-1920, -1080, 1920, 1080)


def test_a_document_without_them_gets_them_on_delivery_and_stays_as_it_is() -> None:
    timeline = make.timeline((0, 30, make.framing(STILL)))
    for clip in timeline.find_clips():
        clip.media_reference.available_image_bounds = None
    before = timeline.to_json_string()
    assert written(timeline) == [box(-960, -540, 960, 540), None]  # the sound clip has no framing
    assert timeline.to_json_string() == before


def test_a_document_that_has_them_is_not_copied() -> None:
    timeline = make.timeline((0, 30, make.framing(STILL)))
    assert with_image_bounds(timeline) is timeline


@pytest.mark.parametrize("exporter", ["otio-resolve", "otio-premiere"])
def test_flavours_of_editors_leave_them_empty(exporter: str) -> None:
    assert written(make.timeline((0, 30, make.framing(STILL))), exporter) == [None, None]


def test_they_survive_reading_and_change_nothing_else(tmp_path: Path) -> None:
    timeline = make.timeline((0, 30, make.framing(STILL)))
    path = tmp_path / "talk.otio"
    write_timeline(timeline, path)
    assert read_timeline(path).is_equivalent_to(timeline)
    bare = timeline.deepcopy()
    for clip in bare.find_clips():
        clip.media_reference.available_image_bounds = None
    assert read_cut(read_timeline(path), folder=FOLDER) == read_cut(bare, folder=FOLDER)
    assert json.loads(timeline_text(timeline))["OTIO_SCHEMA"] == "Timeline.1"


def test_a_cut_that_has_them_is_read_with_them(tmp_path: Path) -> None:
    movie = numbered.movie(tmp_path / "a.mp4", 0)
    clip = numbered.clip(movie, 0, 20)
    clip.media_reference.available_image_bounds = box(0, 0, 16, 9)
    missing = otio.schema.MissingReference(available_range=numbered.time_range(0, 60))
    missing.available_image_bounds = box(-1, -1, 1, 1)
    nameless = otio.schema.Clip("a", missing, numbered.time_range(20, 20))
    path = numbered.written(numbered.timeline(numbered.track(clip, nameless)), tmp_path / "cut.otio")
    framed = numbered.framed(read_editor_cut(path)).timeline
    assert [c.media_reference.available_image_bounds for c in framed.find_clips()] == [
        box(0, 0, 16, 9),
        box(-1, -1, 1, 1),
    ]


def test_a_list_of_crops_gives_them_back(tmp_path: Path) -> None:
    for suffix, content in deliver(make.timeline((0, 30, make.framing(STILL))), "edl", folder=FOLDER).files.items():
        (tmp_path / f"talk{suffix}").write_bytes(content)
    again = read_crops(tmp_path / "talk.edl", tmp_path / "talk.crops.csv")
    assert {str(clip.media_reference.available_image_bounds) for clip in again.find_clips()} == {
        str(box(-960, -540, 960, 540))
    }
