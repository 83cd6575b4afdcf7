"""FCPXML: what the text says, and Apple's DTDs where they are at hand."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import opentimelineio as otio
import pytest
from lxml import etree

import documents as make
from hosts.cases import CASES
from panscan.deliver import deliver
from panscan.deliver.fcpxml.exporter import VERSIONS
from panscan.deliver.fcpxml.resources import fcpxml_time
from panscan.errors import UsageError
from photo_scenes import photos
from retimed import CASES as RETIMED

PAN = ((0, 1.777778, 811.1111, 0.0), (149, 1.777778, 277.7778, 0.0))
ZOOM = ((300, 1.777778, 811.1111, 0.0), (360, 2.4, 324.0, 240.0))
STILL = ((0, 1.777778, 0.0, 0.0),)

# Parent -> children in the order in which Final Cut accepts them (anything else is refused on import), and the
# attributes that we write. "a/b" stand for either, in any order among themselves.
ORDER = {
    "fcpxml": ["resources", "library"],
    "resources": ["format/asset/effect", "media"],
    "asset": ["media-rep"],
    "media": ["sequence"],
    "library": ["event"],
    "event": ["project"],
    "project": ["sequence"],
    "sequence": ["spine"],
    "spine": ["asset-clip/video/ref-clip/gap/transition"],
    "asset-clip": [
        "conform-rate", "timeMap", "adjust-crop", "adjust-conform", "adjust-transform", "adjust-volume",
        "adjust-panner", "asset-clip/ref-clip", "marker", "audio-channel-source",
    ],
    "video": ["adjust-crop", "adjust-conform", "adjust-transform", "asset-clip/video/ref-clip", "marker"],
    "ref-clip": ["adjust-crop", "adjust-conform", "adjust-transform", "asset-clip/ref-clip", "marker"],
    "timeMap": ["timept"],
    "gap": ["asset-clip", "marker"],
    "transition": ["filter-video", "filter-audio"],
    "adjust-crop": ["trim-rect"],
    "adjust-transform": ["param"],
    "adjust-volume": ["param"],
    "param": ["fadeIn", "fadeOut", "keyframeAnimation"],
    "keyframeAnimation": ["keyframe"],
}  # fmt: skip
CLIP = "ref name lane offset start duration enabled srcEnable"
ATTRIBUTES = {
    "fcpxml": "version",
    "format": "id name frameDuration width height colorSpace",
    "asset": "id name start duration hasVideo format videoSources hasAudio audioSources audioChannels audioRate",
    "media-rep": "kind src",
    "effect": "id name uid",
    "media": "id name",
    "event": "name",
    "project": "name",
    "sequence": "format duration tcStart tcFormat audioLayout audioRate",
    "asset-clip": f"{CLIP} format tcFormat audioRole videoRole",
    "video": "ref name lane offset start duration enabled",
    "ref-clip": CLIP,
    "gap": "name offset duration",
    "transition": "name offset duration",
    "filter-video": "ref name",
    "filter-audio": "ref name",
    "conform-rate": "scaleEnabled srcFrameRate",
    "timeMap": "frameSampling",
    "timept": "time value interp",
    "adjust-crop": "mode",
    "trim-rect": "left top right bottom",
    "adjust-conform": "type",
    "adjust-transform": "position scale",
    "adjust-volume": "amount",
    "adjust-panner": "mode amount",
    "audio-channel-source": "srcCh role active",
    "fadeIn": "type duration",
    "fadeOut": "type duration",
    "param": "name",
    "keyframe": "time value curve",
    "marker": "start duration value note",
}


def _keeps_the_order(element) -> bool:
    order = [step.split("/") for step in ORDER.get(element.tag, [])]
    steps = [next((n for n, step in enumerate(order) if child.tag in step), None) for child in element]
    return None not in steps and steps == sorted(steps)


def _export(timeline, **options):
    artifact = deliver(timeline, "fcpxml", folder=Path("/projects"), options=options)
    return artifact, etree.fromstring(artifact.main)


@cache
def _documents():
    gap = make.timeline((250, 400, make.framing(PAN)), (300, 420, make.framing(ZOOM)))
    make.track(gap).insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(10, 25)))
    ntsc = make.media(rate=make.NTSC, start_frame=108000, timecode="01:00:00:00")
    uhd = make.media(size=make.UHD, rate=Fraction(24000, 1001), audio=())
    half_rate = make.timeline((0, 100, make.framing(PAN)), of=make.media(rate=make.PAL))
    for clip in make.track(half_rate):
        clip.media_reference.metadata["panscan"]["rate"] = [50, 1]
    return {
        "pan": make.timeline((250, 400, make.framing(PAN))),
        "gap": gap,
        "ntsc": make.timeline((300, 400, make.framing(ZOOM, rate=make.NTSC)), of=ntsc),
        "uhd": make.timeline((0, 48, make.framing(STILL, source=make.UHD, rate=Fraction(24000, 1001))), of=uhd),
        "two cells": make.timeline((0, 50, make.two_cells())),
        "dissolve": make.dissolve(
            make.timeline((300, 340, make.framing(ZOOM)), (20, 60, make.framing(PAN))), 1, (5, 3)
        ),
        **{name: case() for name, case in CASES.items()},
        **{f"retimed {name}": case() for name, case in RETIMED.items()},
        "other rate": half_rate,
        "photos in dissolves": _dissolving_photos(),
    }


def _dissolving_photos():
    timeline = photos()
    offsets = (otio.opentime.RationalTime(frames, 30) for frames in (5, 3))
    make.track(timeline).insert(3, otio.schema.Transition("mix", "SMPTE_Dissolve", *offsets))
    return timeline


@cache
def read_dtd(path: Path) -> etree.DTD:
    return etree.DTD(str(path))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", _documents())
def test_apples_dtd_accepts_it(name, version, dtd_folder) -> None:
    _, root = _export(_documents()[name], version=version)
    dtd = read_dtd(dtd_folder / f"FCPXMLv{version.replace('.', '_')}.dtd")
    assert dtd.validate(root), dtd.error_log


def test_the_dtd_is_able_to_refuse(dtd_folder) -> None:
    _, root = _export(_documents()["pan"])
    clip = root.find(".//asset-clip")
    clip.insert(0, clip.find("adjust-transform"))
    assert not etree.DTD(str(dtd_folder / "FCPXMLv1_10.dtd")).validate(root)


@pytest.mark.parametrize("name", _documents())
def test_it_keeps_our_own_rules(name) -> None:
    artifact, root = _export(_documents()[name])
    for element in root.iter():
        assert _keeps_the_order(element), element.tag
        assert set(element.attrib) <= set(ATTRIBUTES.get(element.tag, "").split()), element.tag
    identifiers = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(identifiers) == len(set(identifiers))
    for element in root.iter():
        assert (
            element.get("ref", identifiers[0]) in identifiers and element.get("format", identifiers[0]) in identifiers
        )
    project = {f.get("id"): f for f in root.iter("format")}[root.find(".//sequence").get("format")]
    frame = Fraction(project.get("frameDuration")[:-1])
    for element in root.iter("asset", "sequence", "asset-clip", "ref-clip", "gap", "transition", "marker", "keyframe"):
        for attribute in ("start", "offset", "duration", "time", "tcStart"):
            if attribute in element.attrib:
                time = Fraction(element.get(attribute).removesuffix("s"))
                assert (time / frame).denominator == 1, (element.tag, attribute, time)
    for clip in root.iter("asset-clip"):
        assert clip.get("format")
        times = [Fraction(key.get("time")[:-1]) for key in clip.iterfind("adjust-transform//keyframe")]
        start, duration = (Fraction(clip.get(a)[:-1]) for a in ("start", "duration"))
        handles = 5 * frame if root.find(".//transition") is not None else 0
        assert all(start - handles <= time <= start + duration - frame + handles for time in times)
    assert all(key.get("curve") == "linear" and "interp" not in key.attrib for key in root.iter("keyframe"))
    assert not root.findall(".//asset[@uid]") and not root.findall(".//media[@uid]")
    assert "modDate" not in artifact.text
    assert not re.search(r"[\" ]-?\d+(\.\d+)?e[+-]?\d", artifact.text)


def test_a_still_camera_is_two_attributes() -> None:
    _, root = _export(make.timeline((0, 50, make.framing(((0, 1.777778, 811.1111, 0.0),)))))
    transform = root.find(".//adjust-transform")
    assert dict(transform.attrib) == {"position": "42.24537 0", "scale": "3.160494 3.160494"}
    assert len(transform) == 0


def test_a_pan_has_keys_of_position_only() -> None:
    _, root = _export(make.timeline((0, 150, make.framing(PAN))))
    transform = root.find(".//adjust-transform")
    assert transform.get("scale") == "3.160494 3.160494"
    assert [p.get("name") for p in transform] == ["position"]
    keys = [(k.get("time"), k.get("value")) for k in transform.iter("keyframe")]
    assert keys == [("0s", "42.24537 0"), ("149/25s", "14.467594 0")]


def test_a_zoom_on_the_centre_has_keys_of_scale_only() -> None:
    _, root = _export(make.timeline((0, 50, make.framing(((0, 1.8, 0.0, 0.0), (40, 2.4, 0.0, 0.0))))))
    transform = root.find(".//adjust-transform")
    assert transform.get("position") == "0 0"
    assert [p.get("name") for p in transform] == ["scale"]


def test_a_jump_stays_two_keys_on_neighbouring_frames() -> None:
    jump = ((0, 1.777778, 400.0, 0.0), (24, 1.777778, 400.0, 0.0), (25, 1.777778, -400.0, 0.0))
    _, root = _export(make.timeline((0, 50, make.framing(jump))))
    assert [k.get("time") for k in root.iter("keyframe")] == ["0s", "24/25s", "1s"]


def test_keys_outside_the_clip_become_keys_at_its_ends() -> None:
    _, root = _export(make.timeline((50, 100, make.framing(PAN))))
    assert [k.get("time") for k in root.iter("keyframe")] == ["2s", "99/25s"]


def test_keys_beyond_a_still_part_leave_no_animation() -> None:
    late = ((0, 1.777778, 400.0, 0.0), (100, 1.777778, 400.0, 0.0), (140, 1.777778, -400.0, 0.0))
    _, root = _export(make.timeline((10, 60, make.framing(late))))
    assert not list(root.iter("keyframe"))


def test_media_time_includes_the_embedded_timecode() -> None:
    of = make.media(rate=make.NTSC, start_frame=107892, timecode="01:00:00;00", frame_count=900)
    _, root = _export(make.timeline((300, 400, make.framing(ZOOM, rate=make.NTSC)), of=of))
    asset, clip, sequence = (root.find(f".//{tag}") for tag in ("asset", "asset-clip", "sequence"))
    assert asset.get("start") == f"{107892 * 1001}/30000s"
    assert asset.get("duration") == f"{900 * 1001}/30000s"
    assert clip.get("start") == f"{(107892 + 300) * 1001}/30000s"
    assert clip.get("offset") == "0s" and sequence.get("tcStart") == "0s"
    assert clip.get("tcFormat") == sequence.get("tcFormat") == "DF"
    assert clip.find(".//keyframe").get("time") == clip.get("start")


def test_sound_is_told_truthfully() -> None:
    stereo = _export(make.timeline((0, 50, make.framing(STILL))))[1]
    assert stereo.find(".//asset").get("hasAudio") == "1"
    assert stereo.find(".//asset-clip").get("audioRole") == "dialogue"
    silent = _export(make.timeline((0, 50, make.framing(STILL)), of=make.media(audio=())))[1]
    assert "hasAudio" not in silent.find(".//asset").attrib
    assert "audioRole" not in silent.find(".//asset-clip").attrib
    several = make.media(audio=((2, 44100), (1, 44100)))
    asset = _export(make.timeline((0, 50, make.framing(STILL)), of=several))[1].find(".//asset")
    assert [asset.get(a) for a in ("audioSources", "audioChannels", "audioRate")] == ["2", "2", "44100"]


def test_a_muted_clip_is_picture_only() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)))
    del timeline.tracks[1]
    clip = _export(timeline)[1].find(".//asset-clip")
    assert clip.get("srcEnable") == "video" and "audioRole" not in clip.attrib


def test_every_asset_has_its_true_format() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)))
    other = make.media("/media/b.mov", size=make.UHD)
    make.track(timeline).append(
        make.track(make.timeline((0, 10, make.framing(STILL, source=make.UHD)), of=other))[0].clone()
    )
    _, root = _export(timeline)
    formats = {f.get("id"): (f.get("width"), f.get("height")) for f in root.iter("format")}
    assert [formats[a.get("format")] for a in root.iter("asset")] == [("1920", "1080"), ("3840", "2160")]
    assert formats[root.find(".//sequence").get("format")] == ("1080", "1920")


def test_one_media_is_one_asset() -> None:
    _, root = _export(make.timeline((0, 50, make.framing(STILL)), (50, 80, make.framing(STILL))))
    assert len(list(root.iter("asset"))) == 1 and len(list(root.iter("asset-clip"))) == 2


def test_media_of_another_rate_keeps_its_speed() -> None:
    clip = _export(_documents()["other rate"])[1].find(".//asset-clip")
    assert dict(clip.find("conform-rate").attrib) == {"scaleEnabled": "0", "srcFrameRate": "50"}


def test_awkward_names_survive() -> None:
    of = make.media("/media/a & b <ü>\x07 100%#1?.mp4")
    _, root = _export(make.timeline((0, 50, make.framing(STILL)), of=of, name='x "y" & <z>'))
    assert root.find(".//media-rep").get("src") == ("file:///media/a%20%26%20b%20%3C%C3%BC%3E%07%20100%25%231%3F.mp4")
    assert root.find(".//asset").get("name") == "a & b <ü>\ufffd 100%#1?.mp4"
    assert root.find(".//project").get("name") == 'x "y" & <z>'


def test_relative_media_start_at_the_folder() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)))
    for track in timeline.tracks:
        track[0].media_reference.target_url = "clips/talk.mp4"
    _, root = _export(timeline)
    assert root.find(".//media-rep").get("src") == "file:///projects/clips/talk.mp4"


def test_a_disabled_clip_stays_disabled() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)))
    make.track(timeline)[0].enabled = False
    assert _export(timeline)[1].find(".//asset-clip").get("enabled") == "0"


def test_an_unframed_clip_is_fitted_and_listed() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)), (50, 80, make.framing(STILL)))
    make.track(timeline)[1].effects.clear()
    artifact, root = _export(timeline)
    plain = list(root.iter("asset-clip"))[1].find("adjust-transform")
    assert dict(plain.attrib) == {"position": "0 0", "scale": "1 1"}
    assert [loss.what for loss in artifact.losses] == ["clip 'talk.mp4' has no camera"]


def test_an_odd_rate_is_listed() -> None:
    of = make.media(rate=Fraction(12))
    artifact, _ = _export(make.timeline((0, 50, make.framing(STILL, rate=Fraction(12))), of=of))
    assert any("12 fps" in loss.what for loss in artifact.losses)


@pytest.mark.parametrize(
    "options",
    [
        {"version": "1.8"},
        {"version": "1.14"},
        {"y_unit": "up"},
        {"colour": "red"},
        {"flavour": "avid"},
        {"keys": "some"},
    ],
)
def test_wrong_options_are_refused(options) -> None:
    with pytest.raises(UsageError, match="fix:"):
        _export(_documents()["pan"], **options)


def test_times_are_whole_frames_as_rationals() -> None:
    assert fcpxml_time(0, make.NTSC) == "0s"
    assert fcpxml_time(30000, make.NTSC) == "1001s"
    assert fcpxml_time(1, make.NTSC) == "1001/30000s"
    assert fcpxml_time(399, make.PAL) == "399/25s"
    assert fcpxml_time(-25, make.PAL) == "-1s"
