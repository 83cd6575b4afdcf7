"""Dissolves and markers of the files for Premiere and Resolve, played by models of the two."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
import photo_scenes
import retimed
from hosts import premiere_model, resolve_model
from hosts.placed import agrees, agrees_in_dissolves
from panscan.deliver import deliver
from panscan.ingest.xmeml.reader import read_xmeml
from panscan.timeline import cut as document

FOLDER = Path("/projects")
PAN = ((0, 1.777778, 811.1111, 0.0), (149, 1.777778, -500.0, 0.0))
ZOOM = ((40, 1.777778, 811.1111, 0.0), (90, 2.4, 324.0, 240.0), (120, 2.0, -200.0, -120.0))
STILL = ((0, 2.1, 120.0, -30.0),)


def moving():
    """Both cameras go on moving while one picture fades into the other."""
    timeline = make.timeline((10, 50, make.framing(PAN)), (60, 110, make.framing(ZOOM)))
    return make.dissolve(timeline, 1, (4, 6)), [(1, 4, 6)]


def from_timecode():
    """Media that start at 01:00:00:00, behind a gap."""
    of = make.media(start_frame=90000, timecode="01:00:00:00", frame_count=500)
    timeline = make.timeline((30, 60, make.framing(ZOOM)), (70, 90, make.framing(PAN)), of=of)
    for track in timeline.tracks:
        track.insert(0, otio.schema.Gap(duration=otio.opentime.RationalTime(7, 25)))
    return make.dissolve(timeline, 2, (5, 5)), [(1, 5, 5)]


def ntsc():
    rate = make.NTSC
    of = make.media(rate=rate, start_frame=107892, timecode="01:00:00;00", frame_count=900)
    timeline = make.timeline((30, 70, make.framing(PAN, rate=rate)), (50, 90, make.framing(ZOOM, rate=rate)), of=of)
    offsets = (otio.opentime.RationalTime(frames, float(rate)) for frames in (7, 8))
    make.track(timeline).insert(1, otio.schema.Transition("mix", "SMPTE_Dissolve", *offsets))
    return timeline, [(1, 7, 8)]


def at_both_ends():
    """A clip that comes with one dissolve, all before its cut, and goes with another, all after its cut."""
    timeline = make.timeline((0, 30, make.framing(STILL)), (40, 70, make.framing(PAN)), (80, 120, make.framing(ZOOM)))
    return make.dissolve(make.dissolve(timeline, 2, (0, 9)), 1, (9, 0)), [(1, 9, 0), (2, 0, 9)]


def one_frame():
    timeline = make.timeline((0, 30, make.framing(PAN)), (60, 70, make.framing(STILL)))
    return make.dissolve(timeline, 1, (1, 0)), [(1, 1, 0)]


def photos():
    """Photos have all frames that a dissolve may show of them."""
    timeline = photo_scenes.photos()
    for place, frames in ((3, (4, 3)), (1, (5, 2))):
        offsets = (otio.opentime.RationalTime(count, 30) for count in frames)
        make.track(timeline).insert(place, otio.schema.Transition("mix", "SMPTE_Dissolve", *offsets))
    return timeline, [(1, 5, 2), (3, 4, 3)]


CASES = {case.__name__: case for case in (moving, from_timecode, ntsc, at_both_ends, one_frame, photos)}


def _sizes(cut):
    return {clip.path.name: (clip.facts.size.width, clip.facts.size.height) for clip in cut.clips}


def _resolve(timeline, **options):
    artifact = deliver(timeline, "otio-resolve", folder=FOLDER, options=options)
    cut = document.read_cut(timeline, folder=FOLDER)
    how = ((cut.canvas.width, cut.canvas.height), _sizes(cut))
    return artifact, cut, how


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_resolve_shows_both_sides_of_a_dissolve_as_the_document_says(case, keys) -> None:
    timeline, expected = CASES[case]()
    artifact, cut, how = _resolve(timeline, keys=keys)
    assert artifact.losses == ()
    agrees(resolve_model.play(artifact.text, *how), cut)
    (mixes,) = resolve_model.play_dissolves(artifact.text, *how)
    agrees_in_dissolves(mixes, cut, expected)


@pytest.mark.parametrize("speed", [2.0, 0.5, -1.0, 0.0])
def test_a_retimed_clip_goes_on_at_its_speed_in_a_dissolve(speed) -> None:
    silent = make.media(audio=())
    timeline = make.timeline((10, 50, make.framing(PAN)), (60, 80, make.framing(retimed.JUMP)), of=silent)
    timeline = make.dissolve(make.retime(timeline, 1, speed), 1, (5, 6))
    artifact, cut, how = _resolve(timeline)
    assert artifact.losses == ()
    (mixes,) = resolve_model.play_dissolves(artifact.text, *how)
    agrees_in_dissolves(mixes, cut, [(1, 5, 6)])


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_premiere_shows_both_sides_of_a_dissolve_of_xmeml_as_the_document_says(case, keys) -> None:
    timeline, expected = CASES[case]()
    cut = document.read_cut(timeline, folder=FOLDER)
    artifact = deliver(timeline, "xmeml", folder=FOLDER, options={"keys": keys})
    assert artifact.losses == ()
    agrees(premiere_model.play_xmeml(artifact.text), cut)
    (mixes,) = premiere_model.play_xmeml_dissolves(artifact.text)
    agrees_in_dissolves(mixes, cut, expected)


@pytest.mark.parametrize("case", CASES)
def test_the_otio_adapter_reads_the_dissolves_of_xmeml(case) -> None:
    """A reader without Premiere's ticks: it finds the same span, and a cut at its start, middle or end."""
    timeline, expected = CASES[case]()
    cut = document.read_cut(timeline, folder=FOLDER)
    text = deliver(timeline, "xmeml", folder=FOLDER).text
    track = otio.adapters.read_from_string(text, "fcp_xml").video_tracks()[0]
    spans, at, framed = [], 0, iter(cut.clips)
    for child in track:
        if isinstance(child, otio.schema.Transition):
            spans.append((at - child.in_offset.value, at + child.out_offset.value))
            continue
        if isinstance(child, otio.schema.Clip):  # wherever the adapter puts the cut, its record shows the same media
            clip = next(framed)
            assert child.trimmed_range().start_time.value - clip.first == at - clip.record_frame
        at += child.duration().value
    assert not list(framed)
    cuts = [(cut.clips[number].record_frame, before, after) for number, before, after in expected]
    assert spans == [(place - before, place + after) for place, before, after in cuts]


@pytest.mark.parametrize("wrong", ["keys", "media", "length"])
def test_the_comparison_of_dissolves_is_able_to_fail(wrong) -> None:
    timeline, expected = moving()
    artifact, cut, how = _resolve(timeline)
    data = json.loads(artifact.text)
    before, transition, after = data["tracks"]["children"][0]["children"]
    if wrong == "keys":  # without keys in the handle its first value holds there
        for parameter in after["effects"][0]["metadata"]["Resolve_OTIO"]["Parameters"]:
            keys = parameter["Key Frames"]
            parameter["Key Frames"] = {frame: key for frame, key in keys.items() if int(frame) >= 0}
    elif wrong == "media":
        before["source_range"]["start_time"]["value"] += 1
    else:
        transition["out_offset"]["value"] -= 1
    with pytest.raises(AssertionError):
        (mixes,) = resolve_model.play_dissolves(json.dumps(data), *how)
        agrees_in_dissolves(mixes, cut, expected)
    text = deliver(timeline, "xmeml", folder=FOLDER).text
    pattern, put = {
        "keys": ("<when>5[0-9]</when>", "<when>70</when>"),
        "media": ("<in>10</in>", "<in>11</in>"),
        "length": ("<end>46</end>", "<end>45</end>"),
    }[wrong]
    assert re.search(pattern, text)
    with pytest.raises(AssertionError):
        (mixes,) = premiere_model.play_xmeml_dissolves(re.sub(pattern, put, text, count=1))
        agrees_in_dissolves(mixes, cut, expected)


@pytest.mark.parametrize("name", ["otio-resolve", "xmeml"])
def test_at_a_split_layout_a_dissolve_becomes_a_hard_cut(name) -> None:
    timeline = make.dissolve(make.timeline((10, 50, make.framing(PAN)), (60, 90, make.two_cells())), 1, (4, 4))
    artifact = deliver(timeline, name, folder=FOLDER)
    assert [loss.what for loss in artifact.losses] == ["the transition 'mix'"]
    assert "split layout" in artifact.losses[0].why
    assert "SMPTE_Dissolve" not in artifact.text and "transitionitem" not in artifact.text


def test_premieres_otio_has_hard_cuts() -> None:
    artifact = deliver(moving()[0], "otio-premiere", folder=FOLDER)
    assert [loss.what for loss in artifact.losses] == ["the transition 'mix'"]
    assert "SMPTE_Dissolve" not in artifact.text


def test_dissolves_take_a_place_among_the_items_of_an_xmeml_track() -> None:
    root = ET.fromstring(deliver(at_both_ends()[0], "xmeml", folder=FOLDER).main)
    video = root.find("sequence/media/video/track")
    kinds = [child.tag for child in video if child.tag.endswith("item")]
    assert kinds == ["clipitem", "transitionitem"] * 2 + ["clipitem"]
    links = [link for link in video.iter("link") if link.find("mediatype").text == "video"]
    assert [int(link.find("clipindex").text) for link in links] == [1, 3, 5]
    sounds = [item for track in root.findall("sequence/media/audio/track") for item in track.iter("clipitem")]
    assert sounds and all(int(item.find("start").text) >= 0 < int(item.find("end").text) for item in sounds)


# --- markers


def _marked():
    of = make.media(start_frame=90000, timecode="01:00:00:00", frame_count=500)
    timeline = make.timeline((20, 40, make.framing(STILL)), (50, 80, make.two_cells()), of=of)
    first, second = make.track(timeline)
    for owner, frame, count, name, note, colour in (
        (timeline.tracks, 5, 1, "verse <1>", "", "BLUE"),
        (make.track(timeline), 30, 10, 'the "chorus"', "loud & clear", "RED"),
        (first, 90025, 3, "look", "here", "PURPLE"),
        (second, 90055, 1, "there", "", "CYAN"),
        (second, 90045, 1, "before the clip", "", "GREEN"),
    ):
        times = (otio.opentime.RationalTime(value, 25) for value in (frame, count))
        owner.markers.append(otio.schema.Marker(name, otio.opentime.TimeRange(*times), colour, comment=note))
    return timeline


MARKS = {
    (5, 1, "verse <1>", "", "BLUE"),
    (30, 10, 'the "chorus"', "loud & clear", "RED"),
    (5, 3, "look", "here", "PURPLE"),
    (25, 1, "there", "", "CYAN"),
    (15, 1, "before the clip", "", "GREEN"),
}


def test_resolve_finds_the_markers_with_their_notes_and_colours() -> None:
    artifact = deliver(_marked(), "otio-resolve", folder=FOLDER)
    assert artifact.losses == () and resolve_model.marks(artifact.text) == MARKS


def test_premiere_finds_the_markers_of_otio_with_their_comments_and_colours() -> None:
    artifact = deliver(_marked(), "otio-premiere", folder=FOLDER)
    assert artifact.losses == () and premiere_model.otio_marks(artifact.text) == MARKS


def test_premiere_finds_the_markers_of_xmeml_with_their_comments() -> None:
    artifact = deliver(_marked(), "xmeml", folder=FOLDER)
    assert artifact.losses == ()
    assert premiere_model.xmeml_marks(artifact.text) == {mark[:-1] for mark in MARKS}


def test_the_markers_of_xmeml_are_read_back(tmp_path) -> None:
    """On the clock of the media's timecode again, with their comments."""
    written = _marked()
    path = tmp_path / "cut.xml"
    path.write_bytes(deliver(written, "xmeml", folder=FOLDER).main)
    read, _ = read_xmeml(path)

    def told(owner):
        return {(m.name, m.comment, m.marked_range.start_time.value) for m in owner.markers}

    (track, *_) = read.video_tracks()
    assert [told(clip) for clip in track.find_clips()] == [told(clip) for clip in make.track(written)]
    assert told(read.tracks) == told(written.tracks) | told(make.track(written))


def test_markers_lie_on_the_lowest_track_alone() -> None:
    """A clip with several cells and with sound has several clips in the file; its markers are there once."""
    read = otio.adapters.read_from_string(deliver(_marked(), "otio-resolve", folder=FOLDER).text, "otio_json")
    assert [len(list(track.find_clips())) for track in read.tracks] == [2, 1, 2]
    assert [sum(len(clip.markers) for clip in track.find_clips()) for track in read.tracks] == [3, 0, 0]
    root = ET.fromstring(deliver(_marked(), "xmeml", folder=FOLDER).main)
    assert len(root.findall("sequence/media/*/track/clipitem/marker")) == 3


def test_markers_of_retimed_clips_count_media() -> None:
    timeline = make.timeline((10, 50, make.framing(PAN)))
    marker = otio.schema.Marker("look", otio.opentime.TimeRange(*(otio.opentime.RationalTime(v, 25) for v in (30, 8))))
    make.track(timeline)[0].markers.append(marker)
    make.retime(timeline, 0, 2.0)
    for name in ("otio-resolve", "otio-premiere"):
        read = otio.adapters.read_from_string(deliver(timeline, name, folder=FOLDER).text, "otio_json")
        (found,) = read.video_tracks()[0][0].markers
        assert (found.marked_range.start_time.value, found.marked_range.duration.value) == (30, 8)


def test_markers_that_xmeml_cannot_count_are_listed() -> None:
    timeline = make.timeline((10, 50, make.framing(PAN)))
    times = otio.opentime.TimeRange(otio.opentime.RationalTime(-5, 25), otio.opentime.RationalTime(1, 25))
    timeline.tracks.markers.append(otio.schema.Marker("early", times))
    make.track(timeline)[0].markers.append(otio.schema.Marker("lead", times))
    artifact = deliver(timeline, "xmeml", folder=FOLDER)
    assert [loss.what for loss in artifact.losses] == [
        "the markers before the start of the timeline",
        "the markers before the media of clip 'talk.mp4'",
    ]
    assert "<marker>" not in artifact.text
