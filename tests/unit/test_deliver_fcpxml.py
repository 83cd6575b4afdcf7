"""FCPXML: what the text says, and Apple's DTDs where they are at hand."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from lxml import etree

import documents as make
import fcpxml_model
from panscan.deliver import deliver
from panscan.deliver.fcpxml import VERSIONS, seconds
from panscan.errors import UsageError
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size

PAN = ((0, 1.777778, 811.1111, 0.0), (149, 1.777778, 277.7778, 0.0))
ZOOM = ((300, 1.777778, 811.1111, 0.0), (360, 2.4, 324.0, 240.0))
STILL = ((0, 1.777778, 0.0, 0.0),)

# The order in which Final Cut accepts the children that we write; anything else is refused on import.
ORDER = {
    "fcpxml": ["resources", "library"],
    "asset": ["media-rep"],
    "sequence": ["spine"],
    "asset-clip": ["conform-rate", "adjust-conform", "adjust-transform"],
    "adjust-transform": ["param"],
    "param": ["keyframeAnimation"],
    "keyframeAnimation": ["keyframe"],
}


def _export(timeline, **options):
    artifact = deliver(timeline, "fcpxml", folder=Path("/projects"), options=options)
    return artifact, etree.fromstring(artifact.main)


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
        "other rate": half_rate,
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", _documents())
def test_apples_dtd_accepts_it(name, version, dtd_folder) -> None:
    _, root = _export(_documents()[name], version=version)
    dtd = etree.DTD(str(dtd_folder / f"FCPXMLv{version.replace('.', '_')}.dtd"))
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
        order = ORDER.get(element.tag)
        tags = [child.tag for child in element]
        assert order is None or (set(tags) <= set(order) and tags == sorted(tags, key=order.index)), element.tag
    project = {f.get("id"): f for f in root.iter("format")}[root.find(".//sequence").get("format")]
    frame = Fraction(project.get("frameDuration")[:-1])
    for element in root.iter("asset", "sequence", "asset-clip", "gap", "keyframe"):
        for attribute in ("start", "offset", "duration", "time", "tcStart"):
            if attribute in element.attrib:
                time = Fraction(element.get(attribute).removesuffix("s"))
                assert (time / frame).denominator == 1, (element.tag, attribute, time)
    for clip in root.iter("asset-clip"):
        assert clip.get("format")
        times = [Fraction(key.get("time")[:-1]) for key in clip.iter("keyframe")]
        start, duration = (Fraction(clip.get(a)[:-1]) for a in ("start", "duration"))
        assert all(start <= time <= start + duration - frame for time in times)
    assert all(key.get("curve") == "linear" and "interp" not in key.attrib for key in root.iter("keyframe"))
    assert "uid" not in artifact.text and "modDate" not in artifact.text
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


def test_the_first_of_two_cells_is_in_its_place() -> None:
    split = make.two_cells()
    artifact, _ = _export(make.timeline((0, 10, split)))
    left, top, width, height = fcpxml_model.play(artifact.text)[0].crop
    inside = split.cells[0].crop_at(0, split.source)
    assert (left, width) == pytest.approx((inside.left, inside.width), abs=0.01)
    assert top == pytest.approx(inside.top, abs=0.01) and height == pytest.approx(2 * inside.height, abs=0.01)
    assert len(artifact.losses) == 1


def test_a_cell_smaller_than_the_canvas_is_listed() -> None:
    small = Framing(make.VERTICAL, make.HD, make.PAL, (Cell(0, 480, Size(1080, 960), make.camera(STILL)),))
    artifact, _ = _export(make.timeline((0, 10, small)))
    assert "edge of the cell" in artifact.losses[0].what


@pytest.mark.parametrize("options", [{"version": "1.8"}, {"version": "1.14"}, {"y_unit": "up"}, {"colour": "red"}])
def test_wrong_options_are_refused(options) -> None:
    with pytest.raises(UsageError, match="fix:"):
        _export(_documents()["pan"], **options)


def test_times_are_whole_frames_as_rationals() -> None:
    assert seconds(0, make.NTSC) == "0s"
    assert seconds(30000, make.NTSC) == "1001s"
    assert seconds(1, make.NTSC) == "1001/30000s"
    assert seconds(399, make.PAL) == "399/25s"
    assert seconds(-25, make.PAL) == "-1s"
