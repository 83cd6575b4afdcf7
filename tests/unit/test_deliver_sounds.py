"""Sounds of further tracks in deliveries: what is told of them, and what of their media is written."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from lxml import etree

import documents as make
from panscan.deliver import Artifact, deliver
from panscan.deliver.host_values import to_fcpxml_level, to_fcpxml_pan, to_mlt_balance, to_xmeml_level

STILL = ((0, 1.777778, 0.0, 0.0),)
FRAME_FORMATS = ("xmeml", "mlt", "edl", "blender")


def time_range(first: float, count: float) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, 25), otio.opentime.RationalTime(count, 25))


def sound(name: str, first: float, count: float, said: dict[str, Any] | None = None, **named: Any) -> Any:
    audio = [{"channels": channels, "rate_hz": 48000} for channels in named.pop("streams", [2])]
    available = time_range(named.pop("start", 0), named.pop("length", 250))
    reference = otio.schema.ExternalReference(f"/media/{name}", available, metadata={"panscan": {"audio": audio}})
    metadata = {"panscan": {"sound": said}} if said else {}
    return otio.schema.Clip(name, reference, time_range(first, count), metadata=metadata, **named)


def cut(*tracks: tuple[str, list[Any]]) -> Any:
    """Two shots of a movie with their own sound, and further sound tracks."""
    timeline = make.timeline((0, 50, make.framing(STILL)), (100, 150, make.framing(STILL)))
    for name, children in tracks:
        track = otio.schema.Track(name=name, kind="Audio")
        track.extend(children)
        timeline.tracks.append(track)
    return timeline


def gap(count: float) -> Any:
    return otio.schema.Gap(source_range=time_range(0, count))


def said_by(artifact: Artifact) -> list[str]:
    return [loss.what for loss in artifact.losses if "sound" in loss.what]


def sent(timeline: Any, name: str) -> Artifact:
    return deliver(timeline, name, folder=Path("/"))


def connected(timeline: Any) -> list[Any]:
    root = etree.fromstring(sent(timeline, "fcpxml").main)
    return [clip for clip in root.iter("asset-clip") if clip.get("lane")]


def test_sounds_that_are_not_written_are_told_in_one_line() -> None:
    timeline = cut(("Music", [sound("m.wav", 0, 20), sound("n.wav", 0, 20)]), ("FX", [gap(5), sound("f.wav", 0, 9)]))
    for name in ("nuke", "fusion", "aftereffects", "crops-json", "fdl"):
        losses = [(loss.what, loss.why) for loss in sent(timeline, name).losses if "Music" in loss.what]
        assert losses == [("3 sounds of tracks Music, FX", "The file holds pictures only.")], name
    for name in ("premiere-plan", "resolve-plan"):  # they work on a copy of the editor's own timeline
        assert said_by(sent(timeline, name)) == []


def test_many_tracks_are_not_all_named() -> None:
    timeline = cut(*((f"S{n}", [sound("m.wav", n, 20)]) for n in range(8)))
    assert "8 sounds of tracks S0, S1, S2, S3, S4 and 3 more" in said_by(sent(timeline, "nuke"))


def test_a_sound_whose_speed_changes_on_the_way_is_told() -> None:
    ramped = sound("m.wav", 0, 20, effects=[otio.schema.TimeEffect()])
    for name in ("fcpxml", "xmeml", "mlt", "otio-resolve", "ffmpeg"):
        assert said_by(sent(cut(("Music", [ramped.clone()])), name)) == ["the sound 'm.wav' of track Music"], name


@pytest.mark.parametrize("name", FRAME_FORMATS)
def test_formats_of_whole_frames_tell_what_they_move(name: str) -> None:
    timeline = cut(("Music", [gap(5.25), sound("m.wav", 3, 20), sound("m.wav", 60, 20.75)]))
    assert "the exact place of 2 sounds of track Music" in said_by(sent(timeline, name))
    assert said_by(sent(cut(("Music", [gap(5), sound("m.wav", 3, 20)])), name)) == []


def test_final_cut_gets_the_exact_time() -> None:
    (clip,) = connected(cut(("Music", [gap(5.25), sound("m.wav", 3.5, 20)])))
    assert (clip.get("offset"), clip.get("start"), clip.get("duration")) == ("21/100s", "7/50s", "20/25s")


def test_what_lies_outside_its_media_is_not_written() -> None:
    before, after = connected(cut(("Music", [sound("m.wav", -10, 30, length=100), sound("m.wav", 90, 30, length=100)])))
    assert (before.get("offset"), before.get("start"), before.get("duration")) == ("10/25s", "0s", "20/25s")
    assert (after.get("start"), after.get("duration")) == ("90/25s", "10/25s")


def test_levels_end_at_12_db_where_the_editors_do() -> None:
    timeline = cut(("Music", [sound("m.wav", 0, 20, {"gain_db": 15.0})]))
    for name in ("fcpxml", "xmeml"):
        assert said_by(sent(timeline, name)) == ["the level of the sound 'm.wav' of track Music"]
    assert said_by(sent(timeline, "mlt")) == []
    (clip,) = connected(timeline)
    assert clip.find("adjust-volume").get("amount") == "12dB"


def test_media_of_sound_alone_says_so_and_keeps_its_clock() -> None:
    timeline = cut(("Recorder", [sound("take 1.wav", 90_010, 20, start=90_000)]))
    root = etree.fromstring(sent(timeline, "fcpxml").main)
    (asset,) = [a for a in root.iter("asset") if a.get("name") == "take 1.wav"]
    assert asset.get("hasVideo") is None and asset.get("format") is None
    assert (asset.get("start"), asset.get("hasAudio"), asset.get("audioChannels")) == ("3600s", "1", "2")
    assert connected(timeline)[0].get("start") == "90010/25s"
    files = [
        f for f in etree.fromstring(sent(timeline, "xmeml").main).iter("file") if f.findtext("name") == "take 1.wav"
    ]
    assert [(f.find("media/video"), f.findtext("timecode/string")) for f in files] == [(None, "01:00:00:00")]


def test_sound_of_a_movie_is_that_of_its_own_asset() -> None:
    timeline = cut(("J-cut", [gap(45), sound("talk.mp4", 95, 30, length=1500)]))
    root = etree.fromstring(sent(timeline, "fcpxml").main)
    (clip,) = [c for c in root.iter("asset-clip") if c.get("lane")]
    assert len(root.findall(".//asset")) == 1 and clip.get("srcEnable") == "audio"
    assert clip.get("audioRole") == "dialogue.J-cut"
    assert len([f for f in etree.fromstring(sent(timeline, "xmeml").main).iter("file") if len(f)]) == 1


def test_streams_that_one_clip_brings_are_one_clip_for_final_cut() -> None:
    streams = {"streams": [0, 2]}
    timeline = cut(("Boom", [sound("b.wav", 0, 20, streams, streams=[1, 1, 1])]))
    (clip,) = connected(timeline)
    sources = [(s.get("srcCh"), s.get("active")) for s in clip.findall("audio-channel-source")]
    assert sources == [("1, 3", "1"), ("2", "0")]
    resolve = json.loads(sent(timeline, "otio-resolve").main)
    rows = [t["children"] for t in resolve["tracks"]["children"] if t["name"] == "Boom"]
    assert [row[0]["metadata"]["Resolve_OTIO"]["Channels"] for row in rows] == [
        [{"Source Channel ID": 0, "Source Track ID": 0}], [{"Source Channel ID": 0, "Source Track ID": 2}],
    ]  # fmt: skip
    assert said_by(sent(timeline, "mlt")) == ["the sound 'b.wav' of track Boom"]


def test_some_of_the_streams_of_a_movie_lie_in_a_track_where_the_format_can_choose() -> None:
    two = make.media(audio=((2, 48000), (1, 48000)))
    timeline = make.timeline((0, 50, make.framing(STILL)), of=two)
    make.track(timeline, "Audio").enabled = False  # the first stream
    (clip,) = connected(timeline)
    assert [s.get("srcCh") for s in clip.findall("audio-channel-source")] == ["3", "1, 2"]
    assert "the choice of sound streams of clip 'talk.mp4'" in said_by(sent(timeline, "mlt"))


def test_numbers_of_the_hosts() -> None:
    assert [to_xmeml_level(db) for db in (0.0, -200.0, 20.0)] == [1.0, 0.0, 3.98109]
    assert to_xmeml_level(-6) == pytest.approx(0.501187, abs=1e-6)
    assert [to_fcpxml_level(db) for db in (-6.5, -200.0, 20.0)] == ["-6.5dB", "-96dB", "12dB"]
    assert [to_fcpxml_pan(pan) for pan in (-1, 0.25)] == ["-100", "25"]
    assert [to_mlt_balance(pan) for pan in (-1, 0, 1)] == [0, 0.5, 1]


def test_a_key_before_the_start_of_a_sound_leads_into_it() -> None:
    keys = {"gain_db": [[0, 1, 0.0], [2, 1, -20.0]]}
    timeline = cut(("Music", [sound("m.wav", 25, 50, keys)]))
    root = etree.fromstring(sent(timeline, "mlt").main)
    levels = [p.text for p in root.iter("property") if p.get("name") == "level"]
    assert levels == ["0=-10;25=-20;50=-20"]
    when = etree.fromstring(sent(timeline, "xmeml").main).iterfind(".//filter/effect/parameter/keyframe/when")
    assert {int(w.text) for w in when if int(w.text) >= 0} >= {0, 50} and Fraction(50, 25) == 2


def test_sound_from_the_web_is_told_and_left_out() -> None:
    far = sound("m.wav", 0, 20)
    far.media_reference.target_url = "https://example.org/m.wav"
    timeline = cut(("Music", [far, sound("n.wav", 0, 20)]))
    assert said_by(sent(timeline, "fcpxml")) == ["the sound 'm.wav' of track Music"]
    assert [clip.get("name") for clip in connected(timeline)] == ["n.wav"]


def test_the_sound_of_a_picture_that_is_left_out_is_heard() -> None:
    timeline = cut()
    picture = make.track(timeline)[1]
    picture.media_reference.available_range = time_range(0, 120)  # which ends before the clip does
    for name in ("fcpxml", "mlt"):
        assert any(loss.is_left_out for loss in sent(timeline, name).losses), name
    (clip,) = connected(timeline)
    assert (clip.get("offset"), clip.get("start"), clip.get("srcEnable")) == ("0s", "4s", "audio")
