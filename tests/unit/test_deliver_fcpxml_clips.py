"""FCPXML's cells, dissolves, markers and colours, played by a second reading of the format."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from lxml import etree

import documents as make
import fcpxml_model
from hosts.cases import CASES
from hosts.placed import agrees
from panscan.deliver import deliver
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline import cut as document

FOLDER = Path("/projects")
PAN = ((0, 1.777778, 811.1111, 0.0), (149, 1.777778, 277.7778, 0.0))
ZOOM = ((300, 1.777778, 811.1111, 0.0), (360, 2.4, 324.0, 240.0))
STILL = ((0, 1.777778, 0.0, 0.0),)


def _export(timeline, **options):
    artifact = deliver(timeline, "fcpxml", folder=FOLDER, options=options)
    return artifact, etree.fromstring(artifact.main)


@pytest.mark.parametrize("flavour", ["fcp", "resolve"])
@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_the_editors_show_every_cell_as_the_document_says(case, keys, flavour) -> None:
    timeline = CASES[case]()
    artifact, _ = _export(timeline, keys=keys, flavour=flavour)
    cut = document.read_cut(timeline, folder=FOLDER)
    played = fcpxml_model.play_project(artifact.text, flavour)
    agrees(played.lanes, cut)
    start = timeline.global_start_time
    assert played.start_frame == (start.value if start is not None else 0)
    sounds = [c for c in cut.clips if c.facts.audio]
    assert played.sound == {c.record_frame + n for c in sounds for n in range(c.frame_count)}
    assert artifact.losses == ()


def test_the_two_readers_differ_where_they_are_said_to() -> None:
    """The model can tell a file for the one from a file for the other, in position and in trims."""
    tall = ((0, 2.4, 324.0, 240.0),)
    text = _export(make.timeline((0, 5, make.framing(tall))))[0].text
    fcp, resolve = (fcpxml_model.play_project(text, reader).lanes[0][0] for reader in ("fcp", "resolve"))
    assert (fcp.left, fcp.scale) == pytest.approx((resolve.left, resolve.scale)) and fcp.top != pytest.approx(
        resolve.top
    )
    text = _export(make.timeline((0, 5, make.two_cells())))[0].text
    fcp, resolve = (fcpxml_model.play_project(text, reader).lanes[0][0] for reader in ("fcp", "resolve"))
    assert fcp.shown != pytest.approx(resolve.shown)


def test_a_still_cell_is_trimmed_in_percent_of_the_height_of_its_media() -> None:
    half = Size(1080, 960)
    cell = Cell(0, 0, half, make.camera(((0, 0.888889, 200.0, 0.0),)))
    _, root = _export(make.timeline((0, 5, Framing(make.VERTICAL, make.HD, make.PAL, (cell,)))))
    trim = root.find(".//trim-rect")
    # The cell shows 1215 x 1080 px of the source, from 960 - 225 - 607.5 = 127.5 px on.
    assert {side: float(trim.get(side)) for side in trim.attrib} == pytest.approx(
        {"left": 127.5 / 10.8, "top": 0, "right": (1920 - 1342.5) / 10.8, "bottom": 0}, abs=1e-3
    )
    assert not list(root.iter("ref-clip"))


def test_a_moving_cell_is_a_compound_clip_with_a_fixed_trim() -> None:
    half = Size(1080, 960)
    cell = Cell(0, 480, half, make.camera(((0, 0.9, 200.0, 0.0), (9, 0.9, -200.0, 0.0))))
    _, root = _export(make.timeline((0, 10, Framing(make.VERTICAL, make.HD, make.PAL, (cell,)))))
    clip = root.find("library//ref-clip")
    assert dict(clip.find("adjust-crop/trim-rect").attrib) == {"left": "0", "top": "25", "right": "0", "bottom": "25"}
    inside = root.find(f"resources/media[@id='{clip.get('ref')}']/sequence")
    assert inside.get("format") == root.find("library//sequence").get("format")
    assert len(list(inside.iter("keyframe"))) == 2 and not list(clip.iter("keyframe"))
    assert inside.find(".//asset-clip").get("audioRole") == "dialogue" and "srcEnable" not in clip.attrib


def test_a_disabled_or_silent_split_is_so_as_a_whole() -> None:
    timeline = CASES["split"]()
    make.track(timeline)[2].enabled = False
    del timeline.tracks[1]
    _, root = _export(timeline)
    clips = list(root.find("library").iter("ref-clip"))
    assert len(clips) == 2 and {c.get("enabled") for c in clips} == {"0"}
    assert {c.get("srcEnable") for c in clips} == {"video"}


def _dissolve(kind="SMPTE_Dissolve", first=20, frames=(5, 3), *, sounds=""):
    timeline = make.timeline((300, 340, make.framing(ZOOM)), (first, 60, make.framing(PAN)))
    return make.dissolve(timeline, 1, frames, kind, sounds=sounds)


def test_a_dissolve_shows_both_cameras_in_the_handles_of_their_media() -> None:
    artifact, root = _export(_dissolve())
    assert artifact.losses == ()
    played = fcpxml_model.play_project(artifact.text)
    assert sorted(played.dissolves) == list(range(35, 43))
    for record, (before, after, share) in played.dissolves.items():
        for placed, keys, media_frame in ((before, ZOOM, 300 + record), (after, PAN, record - 40 + 20)):
            assert placed.media_frame == media_frame
            expected = make.framing(keys).cells[0].crops([media_frame], make.HD)[0]
            assert placed.through(0, 0, 1080, 1920) == pytest.approx(tuple(expected), abs=0.01)
        assert 0 < share < 1
    assert [e.tag for e in root.find(".//transition")] == ["filter-video"]


def test_the_sound_of_clips_crosses_with_their_pictures_where_the_cut_says_so() -> None:
    artifact, root = _export(_dissolve(sounds="Constant Power"))
    assert artifact.losses == ()
    assert [e.tag for e in root.find(".//transition")] == ["filter-video", "filter-audio"]
    assert not [clip for clip in root.iter("asset-clip") if clip.get("lane")]
    shorter = _dissolve(sounds="Constant Power")
    make.track(shorter, "Audio")[1].in_offset = otio.opentime.RationalTime(2, 25)
    _, root = _export(shorter)
    assert [e.tag for e in root.find(".//transition")] == ["filter-video"]
    sounds = [clip for clip in root.iter("asset-clip") if clip.get("lane")]
    assert [(clip.get("lane"), clip.get("srcEnable")) for clip in sounds] == [("-1", "audio"), ("-2", "audio")]
    pictures = [clip for clip in root.iter("asset-clip") if not clip.get("lane")]
    assert [clip.get("srcEnable") for clip in pictures] == ["video", "video"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"kind": "Custom_Transition"}, "only dissolves"),
        ({"first": 3}, "starts too late"),
        ({"frames": (5, 3), "first": 58}, "longer than the clip"),
        ({"frames": (0, 0)}, "no length"),
    ],
)
def test_what_cannot_dissolve_is_a_hard_cut_and_listed(wrong, why) -> None:
    artifact, root = _export(_dissolve(**wrong))
    assert root.find(".//transition") is None
    assert [loss.what for loss in artifact.losses] == ["the transition 'mix'"] and why in artifact.losses[0].why


def test_a_dissolve_beside_a_split_layout_is_a_hard_cut() -> None:
    timeline = make.dissolve(make.timeline((20, 40, make.framing(PAN)), (50, 80, make.two_cells())), 1, (5, 5))
    artifact, root = _export(timeline)
    assert root.find(".//transition") is None and "split layout" in artifact.losses[0].why


def _marker(name, frame, count=1, comment=""):
    time = otio.opentime.RationalTime
    marker = otio.schema.Marker(name, otio.opentime.TimeRange(time(frame, 25), time(count, 25)))
    marker.comment = comment
    return marker


def test_markers_of_clips_and_timeline_stand_where_they_stood() -> None:
    timeline = CASES["split"]()  # record: 40 frames alone, 5 of gap, 100 split, 20 alone; media from 90060
    track = make.track(timeline)
    track[0].markers.append(_marker("in one", 90070, 3, "a note"))
    track[2].markers.append(_marker("in split", 90100 + 7))
    timeline.tracks.markers.extend([_marker("gap", 42), _marker("split", 50), _marker("last", 164)])
    artifact, _ = _export(timeline)
    assert artifact.losses == ()
    assert sorted(fcpxml_model.play_project(artifact.text).marks) == [
        (10, 3, "in one", "a note"),
        (42, 1, "gap", ""),
        (50, 1, "split", ""),
        (52, 1, "in split", ""),
        (164, 1, "last", ""),
    ]


def test_markers_that_nothing_can_carry_are_listed() -> None:
    timeline = make.timeline((10, 50, make.framing(STILL)))
    make.track(timeline)[0].markers.append(_marker("cut off", 5))
    timeline.tracks.markers.append(_marker("beyond", 40))
    artifact, root = _export(timeline)
    assert root.find(".//marker") is None
    assert ["outside" in loss.what for loss in artifact.losses] == [True, True]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (None, "1-1-1 (Rec. 709)"),
        ([5, 6, 5], "1-1-1 (Rec. 709)"),
        ([9, 14, 9], "9-1-9 (Rec. 2020)"),
        ([9, 16, 9], "9-16-9 (Rec. 2020 PQ)"),
        ([9, 18, 9], "9-18-9 (Rec. 2020 HLG)"),
    ],
)
def test_the_project_has_the_colour_space_of_its_first_media(told, name) -> None:
    timeline = make.timeline((0, 20, make.framing(STILL)), (20, 40, make.framing(STILL)))
    if told:
        make.track(timeline)[0].media_reference.metadata["panscan"]["colour"] = told
    artifact, root = _export(timeline)
    formats = {f.get("id"): f.get("colorSpace") for f in root.iter("format")}
    assert formats[root.find("library//sequence").get("format")] == name
    assert [loss.what for loss in artifact.losses] == ([] if "709" in name else ["the colour space of 'talk.mp4'"])


def test_more_than_two_channels_are_surround() -> None:
    of = make.media(audio=((6, 48000),))
    layouts = [
        _export(make.timeline((0, 50, make.framing(STILL)), of=of))[1].find(".//sequence").get("audioLayout"),
        _export(make.timeline((0, 50, make.framing(STILL))))[1].find(".//sequence").get("audioLayout"),
    ]
    assert layouts == ["surround", "stereo"]


def test_resolve_cannot_silence_a_media_clip() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)))
    del timeline.tracks[1]
    assert [loss.what for loss in _export(timeline, flavour="resolve")[0].losses] == ["that clip 'talk.mp4' is silent"]
    assert _export(timeline)[0].losses == ()


def test_the_unit_of_position_follows_the_flavour_unless_it_is_chosen() -> None:
    timeline = make.timeline((0, 50, make.framing(((0, 2.4, 324.0, 240.0),))))
    options = [{}, {"flavour": "resolve"}, {"y_unit": "fitted"}, {"flavour": "resolve", "y_unit": "canvas"}]
    found = [_export(timeline, **o)[1].find(".//adjust-transform").get("position") for o in options]
    assert found == ["16.875 -12.5", "16.875 -39.506173", "16.875 -39.506173", "16.875 -12.5"]
