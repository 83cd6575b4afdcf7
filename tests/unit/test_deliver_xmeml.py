"""xmeml: what the text says, and what OTIO's own adapter reads from it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from hosts.cases import CASES
from panscan.deliver import deliver
from panscan.errors import UsageError
from panscan.timeline import cut as document

STILL = ((0, 1.777778, 0.0, 0.0),)


def _export(timeline, **options):
    artifact = deliver(timeline, "xmeml", folder=Path("/projects"), options=options)
    return artifact, ET.fromstring(artifact.main)


@pytest.mark.parametrize("case", CASES)
def test_the_otio_adapter_reads_the_same_cut(case) -> None:
    timeline = CASES[case]()
    cut = document.read_cut(timeline, folder=Path("/projects"))
    read = otio.adapters.read_from_string(_export(timeline)[0].text, "fcp_xml")
    track = read.video_tracks()[0]
    clips = [child for child in track if isinstance(child, otio.schema.Clip)]
    assert len(clips) == len(cut.clips)
    for clip, framed in zip(clips, cut.clips, strict=True):
        used, record = clip.trimmed_range(), track.trimmed_range_of_child(clip)
        assert (used.start_time.value, used.duration.value) == (framed.first, framed.frame_count)
        assert record.start_time.value == framed.record_frame
        available = clip.media_reference.available_range
        assert available.start_time.value == framed.available_first
        assert available.duration.value == framed.available_count
        # The adapter has its own spelling of NTSC: 30 * 1000 / 1001.
        assert used.start_time.rate == pytest.approx(float(cut.rate), abs=1e-9)
    start = timeline.global_start_time
    if start is not None:
        assert read.global_start_time.value == start.value


def test_in_and_when_count_from_the_first_picture_of_the_media() -> None:
    of = make.media(start_frame=90000, timecode="01:00:00:00", frame_count=500)
    move = ((100, 1.777778, 0.0, 0.0), (149, 1.777778, 300.0, 0.0))
    _, root = _export(make.timeline((100, 150, make.framing(move)), of=of))
    item = root.find(".//clipitem")
    assert [item.find(tag).text for tag in ("duration", "start", "end", "in", "out")] == [
        "500",
        "0",
        "50",
        "100",
        "150",
    ]
    assert [when.text for when in item.iter("when")] == ["100", "149"]
    timecode = item.find("file/timecode")
    assert [timecode.find(tag).text for tag in ("string", "frame", "displayformat")] == ["01:00:00:00", "90000", "NDF"]


def test_ntsc_is_a_whole_timebase_and_a_flag() -> None:
    _, root = _export(CASES["ntsc"]())
    assert {(r.find("timebase").text, r.find("ntsc").text) for r in root.iter("rate")} == {("30", "TRUE")}
    sequence = root.find("sequence/timecode")
    assert sequence.find("string").text == "01:00:00;00" and sequence.find("displayformat").text == "DF"


def test_the_sequence_is_the_canvas_and_the_file_its_own_size() -> None:
    _, root = _export(CASES["uhd"]())
    sizes = [
        (c.find("width").text, c.find("height").text)
        for c in root.iter("samplecharacteristics")
        if c.find("width") is not None
    ]
    assert sizes == [("1080", "1920"), ("3840", "2160")]


@pytest.mark.parametrize(
    ("form", "url"),
    [
        ("localhost", "file://localhost/media/a%20%26%20b%20%3C%C3%BC%3E%20100%25%231%3F.mp4"),
        ("empty-host", "file:///media/a%20%26%20b%20%3C%C3%BC%3E%20100%25%231%3F.mp4"),
        ("double-slash", "file://localhost//media/a%20%26%20b%20%3C%C3%BC%3E%20100%25%231%3F.mp4"),
    ],
)
def test_paths_have_three_spellings(form, url) -> None:
    of = make.media("/media/a & b <ü> 100%#1?.mp4")
    _, root = _export(make.timeline((0, 50, make.framing(STILL)), of=of), pathurl=form)
    assert root.find(".//pathurl").text == url
    assert root.find(".//file/name").text == "a & b <ü> 100%#1?.mp4"


def test_a_file_is_told_once_and_referred_to() -> None:
    _, root = _export(make.timeline((0, 50, make.framing(STILL)), (50, 80, make.framing(STILL))))
    files = list(root.iter("file"))
    assert {f.get("id") for f in files} == {"file-1"} and [len(f) > 0 for f in files] == [True] + [False] * 5


def test_linked_items_name_each_other() -> None:
    _, root = _export(CASES["split"]())
    items = {item.get("id"): item for item in root.iter("clipitem")}
    assert len(items) == 3 + 1 + 2 * 3
    places = {}
    for kind in ("video", "audio"):
        for number, track in enumerate(root.findall(f"sequence/media/{kind}/track"), start=1):
            for place, item in enumerate(track.findall("clipitem"), start=1):
                places[item.get("id")] = [kind, str(number), str(place)]
    for identifier, item in items.items():
        group = [link.find("linkclipref").text for link in item.findall("link")]
        assert identifier in group and all(
            items[other].find("start").text == item.find("start").text for other in group
        )
        for link in item.findall("link"):
            told = [link.find(tag).text for tag in ("mediatype", "trackindex", "clipindex")]
            assert told == places[link.find("linkclipref").text]


def test_stereo_is_two_exploded_tracks_and_mono_is_one() -> None:
    audio = _export(make.timeline((0, 50, make.framing(STILL))))[1].find("sequence/media/audio")
    tracks = audio.findall("track")
    assert [t.get("currentExplodedTrackIndex") for t in tracks] == ["0", "1"]
    assert [t.find("outputchannelindex").text for t in tracks] == ["1", "2"]
    assert [t.find("clipitem/sourcetrack/trackindex").text for t in tracks] == ["1", "2"]
    several = make.media(audio=((1, 48000), (2, 48000)))
    audio = _export(make.timeline((0, 50, make.framing(STILL)), of=several))[1].find("sequence/media/audio")
    assert [t.get("premiereTrackType") for t in audio.findall("track")] == [None, "Stereo", "Stereo"]


def test_silent_and_muted_clips_have_no_sound_items() -> None:
    muted = make.timeline((0, 50, make.framing(STILL)))
    del muted.tracks[1]
    silent = make.timeline((0, 50, make.framing(STILL)), of=make.media(audio=()))
    for timeline in (muted, silent):
        root = _export(timeline)[1]
        assert not root.findall("sequence/media/audio/track") and not list(root.iter("link"))
    assert _export(silent)[1].find(".//file/media/audio") is None


def test_a_disabled_clip_stays_disabled() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)))
    make.track(timeline)[0].enabled = False
    assert {item.find("enabled").text for item in _export(timeline)[1].iter("clipitem")} == {"FALSE"}


def test_media_of_another_rate_are_told_in_their_own_frames() -> None:
    timeline = make.timeline((10, 50, make.framing(STILL)))
    for clip in (*make.track(timeline), *make.track(timeline, "Audio")):
        clip.media_reference.metadata["panscan"]["rate"] = [50, 1]
    item = _export(timeline)[1].find(".//clipitem")
    assert item.find("rate/timebase").text == "25" and item.find("in").text == "10"
    assert item.find("file/rate/timebase").text == "50" and item.find("file/duration").text == "3000"


def test_odd_rates_are_listed() -> None:
    of = make.media(rate=Fraction(25, 2))
    artifact, _ = _export(make.timeline((0, 50, make.framing(STILL, rate=Fraction(25, 2))), of=of))
    assert ["12.5 fps" in loss.what for loss in artifact.losses] == [True]


def test_every_frame_has_a_key_where_it_is_asked_for() -> None:
    move = ((0, 1.777778, 0.0, 0.0), (49, 1.777778, 300.0, 0.0))
    _, root = _export(make.timeline((10, 40, make.framing(move))), keys="every-frame")
    assert [int(when.text) for when in root.iter("when")] == list(range(10, 40))


@pytest.mark.parametrize(
    ("speed", "first", "said", "count"),
    [(2.0, 30, ("200", "FALSE"), 15), (-0.5, 30, ("50", "TRUE"), 2938), (0.0, 30, ("0", "FALSE"), 30)],
)
def test_a_speed_is_a_time_remap_filter_as_premiere_writes_it(speed, first, said, count) -> None:
    timeline = make.timeline((0, 10, make.framing(STILL)))
    make.retime(timeline, 0, speed, first)
    artifact, root = _export(timeline)
    item = root.find("sequence/media/video/track/clipitem")
    effect = next(e for e in item.iterfind("filter/effect") if e.findtext("effectid") == "timeremap")
    heads = ("name", "effectid", "effectcategory", "effecttype", "mediatype")
    assert [effect.findtext(tag) for tag in heads] == ["Time Remap", "timeremap", "motion", "motion", "video"]
    values = {p.findtext("parameterid"): p.findtext("value") for p in effect.iterfind("parameter")}
    assert values == {"variablespeed": "0", "speed": said[0], "reverse": said[1], "frameblending": "FALSE"}
    assert (item.findtext("in"), item.findtext("out")) == (str(count), str(count + 10))
    (loss,) = (loss for loss in artifact.losses if "speed" in loss.what)
    assert "otio-resolve" in loss.why and not loss.is_left_out


@pytest.mark.parametrize("options", [{"pathurl": "smb"}, {"keys": "some"}, {"colour": "red"}])
def test_wrong_options_are_refused(options) -> None:
    with pytest.raises(UsageError, match="fix:"):
        _export(make.timeline((0, 50, make.framing(STILL))), **options)
