"""MLT: the text, and the rectangles played back without melt."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest

import documents as make
from panscan.deliver import deliver
from panscan.deliver.mlt.markers import mlt_clock
from panscan.errors import UsageError
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline.effect import rounded

MOVE = ((0, 1.777778, 811.1111, 0.0), (30, 2.4, 324.0, 240.0), (31, 1.777778, -300.0, 0.0))
STILL = ((0, 1.777778, 0.0, 0.0),)


def _export(timeline):
    artifact = deliver(timeline, "mlt", folder=Path("/projects"))
    return artifact, ET.fromstring(artifact.main)


def _row(root: ET.Element, identifier: str = "picture") -> list[ET.Element]:
    return [e for e in root.find(f"playlist[@id='{identifier}']") if e.tag != "property"]


def _property(element: ET.Element, name: str) -> str:
    return next(p.text for p in element.findall("property") if p.get("name") == name)


def test_rectangles_between_keys_are_the_documents_cameras() -> None:
    framing = rounded(make.framing(MOVE))
    _, root = _export(make.timeline((5, 45, framing)))
    keys = [text.split("=") for text in _property(root.find(".//filter"), "rect").split(";")]
    frames = [int(frame) for frame, _ in keys]
    sides = np.array([[float(v) for v in rect.split()] for _, rect in keys])
    assert frames == [0, 25, 26] and set(sides[:, 4]) == {1.0}
    left, top, width, height = (np.interp(range(40), frames, sides[:, n]) for n in range(4))
    source, canvas = framing.source, framing.canvas
    crops = np.stack(
        [-left * source.width / width, -top * source.height / height,
         canvas.width * source.width / width, canvas.height * source.height / height], axis=-1,
    )  # fmt: skip
    assert np.abs(crops - framing.cells[0].crops(np.arange(5, 45), source)).max() < 0.01


def test_media_count_from_the_files_first_picture() -> None:
    of = make.media(start_frame=90000, timecode="01:00:00:00", frame_count=500)
    _, root = _export(make.timeline((100, 150, make.framing(STILL)), (150, 200, make.framing(STILL)), of=of))
    producer = root.find("producer[@id='media1']")
    assert (producer.get("in"), producer.get("out"), _property(producer, "length")) == ("0", "499", "500")
    assert _property(producer, "resource") == "/media/talk.mp4"
    assert [(e.get("in"), e.get("out")) for e in _row(root)] == [("100", "149"), ("150", "199")]
    assert root.find("tractor").get("out") == "99"
    assert [p.get("id") for p in root.iter("producer")] == ["black", "media1"]


def test_the_profile_is_the_canvas_at_the_exact_rate() -> None:
    of = make.media(rate=make.NTSC)
    _, root = _export(make.timeline((0, 10, make.framing(STILL, rate=make.NTSC)), of=of))
    profile = root.find("profile")
    assert [profile.get(a) for a in ("width", "height", "frame_rate_num", "frame_rate_den")] == [
        "1080", "1920", "30000", "1001",
    ]  # fmt: skip
    assert (profile.get("display_aspect_num"), profile.get("display_aspect_den")) == ("9", "16")


def test_gaps_and_disabled_clips_are_blanks() -> None:
    timeline = make.timeline(*((n * 10, n * 10 + 10, make.framing(STILL)) for n in range(3)))
    make.track(timeline)[1].enabled = False
    make.track(timeline).insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(4, 25)))
    artifact, root = _export(timeline)
    assert [(e.tag, e.get("length")) for e in _row(root)] == [
        ("entry", None), ("blank", "14"), ("entry", None),
    ]  # fmt: skip
    assert any("disabled clip" in loss.what for loss in artifact.losses)


def test_picture_without_its_sound_is_silent() -> None:
    timeline = make.timeline((0, 10, make.framing(STILL)))
    assert "audio_index" not in _export(timeline)[0].text
    del timeline.tracks[1]
    assert _property(_export(timeline)[1].find("producer[@id='media1']"), "audio_index") == "-1"


def test_a_second_sound_stream_is_listed() -> None:
    artifact, _ = _export(make.timeline((0, 10, make.framing(STILL)), of=make.media(audio=((2, 48000), (1, 48000)))))
    assert [loss.what for loss in artifact.losses] == ["all but the first sound stream of 'talk.mp4'"]


def _cells():
    half = Size(1080, 960)
    pan = Cell(0, 0, half, make.camera(((0, 0.9, 300.0, 0.0), (20, 0.9, -250.0, 5.0))))
    still = Cell(0, 960, half, make.camera(((0, 1.2, -200.0, -80.0),)))
    return Framing(make.VERTICAL, make.HD, make.PAL, (pan, still), layout="split-2")


def test_cells_lie_on_tracks_of_their_own_and_are_cropped_where_they_end() -> None:
    artifact, root = _export(make.timeline((0, 10, make.framing(STILL)), (10, 30, _cells())))
    assert artifact.losses == ()
    lowest, upper = _row(root), _row(root, "picture2")
    assert [e.tag for e in upper] == ["blank", "entry"] and upper[0].get("length") == "10"
    services = [_property(f, "mlt_service") for f in upper[1]]
    assert services == ["qtblend", "qtcrop"]
    assert _property(upper[1][1], "rect") == "0 960 1080 960 1"
    assert [len(entry) for entry in lowest] == [1, 2]
    # Sound once, from the lowest; and no two tracks seek in one producer.
    muted = {p.get("id"): any(q.get("name") == "audio_index" for q in p) for p in root.findall("producer")}
    assert not muted[lowest[1].get("producer")] and muted[upper[1].get("producer")]
    blends = [t for t in root.iter("transition") if _property(t, "mlt_service") == "qtblend"]
    assert [_property(t, "b_track") for t in blends] == ["1", "2"]


def test_everything_is_told_before_it_is_referred_to() -> None:
    timeline = make.dissolve(make.timeline((20, 40, make.framing(STILL)), (50, 80, make.framing(MOVE))), 1, (4, 2))
    _, root = _export(timeline)
    known = set()
    for element in root:
        assert {e.get("producer") for e in element.iter() if e.get("producer")} <= known
        known.add(element.get("id"))


def test_a_dissolve_is_a_tractor_of_the_handles_of_both_clips() -> None:
    timeline = make.dissolve(make.timeline((20, 40, make.framing(STILL)), (50, 80, make.framing(MOVE))), 1, (4, 2))
    artifact, root = _export(timeline)
    assert artifact.losses == ()
    row = [(e.get("producer"), e.get("in"), e.get("out")) for e in _row(root)]
    assert row[1] == ("dissolve1", "0", "5") and row[0][1:] == ("20", "35") and row[2][1:] == ("52", "79")
    sides = [root.find(f"playlist[@id='dissolve1{side}']/entry") for side in "ab"]
    assert [(e.get("in"), e.get("out")) for e in sides] == [("36", "41"), ("46", "51")]
    assert root.find("tractor[@id='main']").get("out") == "49"
    assert [_property(t, "mlt_service") for t in root.find("tractor[@id='dissolve1']").iter("transition")] == [
        "luma", "mix",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["disabled", "letterbox"])
def test_a_dissolve_that_mlt_shows_wrongly_is_a_hard_cut(wrong) -> None:
    second = make.framing(((0, 0.5625, 0.0, 0.0),)) if wrong == "letterbox" else make.framing(STILL)
    timeline = make.dissolve(make.timeline((20, 40, make.framing(STILL)), (50, 80, second)), 1, (4, 2))
    make.track(timeline)[2].enabled = wrong != "disabled"
    artifact, root = _export(timeline)
    assert [t.get("id") for t in root.iter("tractor")] == ["main"]
    assert artifact.losses[0].what == "the dissolve between 'talk.mp4' and 'talk.mp4'"


def test_backgrounds_lie_under_all_pictures() -> None:
    shape = ((0, 0.5625, 0.0, 0.0),)
    backgrounds = ("#204060", "black", "blur")
    shots = [(n * 10, n * 10 + 10, make.framing(shape, background=b)) for n, b in enumerate(backgrounds)]
    artifact, root = _export(make.timeline(*shots))
    assert artifact.losses == ()
    behind = _row(root, "behind")
    assert [e.tag for e in behind] == ["entry", "blank", "entry"]
    assert _property(root.find(f"producer[@id='{behind[0].get('producer')}']"), "resource") == "#204060"
    move, blur = behind[2]
    assert _property(move, "rect") == "-1166.666667 0 3413.333333 1920 1"
    assert (_property(blur, "mlt_service"), _property(blur, "av.sigma")) == ("avfilter.gblur", "85.333")
    assert [t.get("producer") for t in root.iter("track")] == ["background", "behind", "picture"]


def test_blur_around_a_split_layout_is_listed() -> None:
    small = Cell(0, 0, Size(1080, 960), make.camera(((0, 0.5, 0.0, 0.0),)))
    artifact, root = _export(
        make.timeline((0, 10, Framing(make.VERTICAL, make.HD, make.PAL, (small,), background="blur")))
    )
    assert root.find("playlist[@id='behind']") is None
    assert [loss.what for loss in artifact.losses] == ["the blurred background of clip 'talk.mp4'"]


def test_every_frame_has_a_key_where_it_is_asked_for() -> None:
    timeline = make.timeline((5, 25, make.framing(MOVE)))
    root = ET.fromstring(deliver(timeline, "mlt", folder=Path("/"), options={"keys": "every-frame"}).main)
    keys = _property(root.find(".//filter"), "rect").split(";")
    assert [int(key.split("=")[0]) for key in keys] == list(range(20))
    with pytest.raises(UsageError, match="choice of keys"):
        deliver(timeline, "mlt", folder=Path("/"), options={"keys": "some"})


def _marked() -> Any:
    timeline = make.timeline((20, 40, make.framing(STILL)), (50, 80, make.framing(MOVE)))
    clip = make.track(timeline)[1]
    for owner, first, count, name, note in (
        (timeline.tracks, 5, 1, "verse <1>", ""),
        (timeline.tracks, 30, 10, "chorus", "loud"),
        (clip, 55, 1, "look", ""),
        (clip, 45, 1, "before the clip", ""),
    ):
        times = (otio.opentime.RationalTime(frames, 25) for frames in (first, count))
        owner.markers.append(otio.schema.Marker(name, otio.opentime.TimeRange(*times), comment=note))
    return timeline


def test_markers_lie_on_the_timeline_as_each_editor_keeps_them() -> None:
    artifact, root = _export(_marked())
    assert [loss.what for loss in artifact.losses] == ["the markers outside the clips and the parts they show"]
    found = [
        {p.get("name"): p.text for p in group}
        for group in root.find("tractor[@id='main']/properties[@name='shotcut:markers']")
    ]
    assert [(m["text"], m["start"], m["end"]) for m in found] == [
        ("verse <1>", "00:00:00.200", "00:00:00.200"),
        ("look", "00:00:01.000", "00:00:01.000"),
        ("chorus: loud", "00:00:01.200", "00:00:01.560"),
    ]
    project = ET.fromstring(artifact.files[".kdenlive"])
    guides = json.loads(_property(project.find("playlist[@id='main_bin']"), "kdenlive:docproperties.guides"))
    assert [(g["comment"], g["pos"], g["duration"]) for g in guides] == [
        ("verse <1>", 5, 0), ("look", 25, 0), ("chorus: loud", 30, 9),
    ]  # fmt: skip


@pytest.mark.parametrize("rate", [make.PAL, make.NTSC, Fraction(24000, 1001), Fraction(60)])
def test_marker_times_are_read_back_as_their_frames(rate) -> None:
    for frame in [*range(200), 1798, 1799, 1800, 107891, 107892, 107893, 215784, 1294705]:
        hours, minutes, seconds = mlt_clock(frame, rate).split(":")
        # As MLT's time_clock_to_frames reads it.
        read = int(rate * int(hours) * 3600) + int(rate * int(minutes) * 60) + round(float(rate) * float(seconds))
        assert read == frame


def test_the_project_for_kdenlive_keeps_pictures_and_sound_apart_and_tells_the_bin_of_each() -> None:
    timeline = make.dissolve(
        make.timeline(
            (20, 40, make.framing(STILL)), (50, 80, make.framing(((50, 1.8, 300.0, 0.0), (70, 1.8, -300.0, 0.0))))
        ),
        1,
        (4, 2),
        sounds="mix",
    )
    root = ET.fromstring(deliver(timeline, "mlt", folder=Path("/projects")).files[".kdenlive"])
    assert root.find("playlist").get("id") == "main_bin"  # Kdenlive looks for its version in the first playlist
    assert [_property(p, "kdenlive:id") for p in root.findall("producer") if p.get("id") != "black_track"] == ["2"] * 5
    for use in ("sound", "0"):
        sides = [_row(root, f"playlist-{use}-{side}") for side in "ab"]
        places = [[(e.tag, e.get("length"), e.get("in"), e.get("out")) for e in side] for side in sides]
        assert places == [[("entry", None, "20", "41")], [("blank", "16", None, None), ("entry", None, "46", "79")]]
        mix = root.find(f"tractor[@id='track-{use}']/transition")
        assert (mix.get("in"), mix.get("out"), _property(mix, "reverse")) == ("16", "21", "0")
    groups = json.loads(_property(root.find("playlist[@id='main_bin']"), "kdenlive:docproperties.groups"))
    assert [[leaf["data"] for leaf in group["children"]] for group in groups] == [["1:0", "0:0"], ["1:16", "0:16"]]
    move = _row(root, "playlist-0-b")[1].find("filter")
    assert move.attrib == {}  # so that keys count from the start of the media
    keys = [key.split("=")[0] for key in _property(move, "rect").split(";")]
    assert keys == ["50", "70"] and [key.split("=")[0] for key in _property(move, "rotation").split(";")] == keys
    known = set()
    for element in root:
        assert {e.get("producer") for e in element.iter() if e.get("producer")} - {"main_bin"} <= known
        known.add(element.get("id"))


def test_each_entry_has_an_affine_filter_on_a_producer_of_its_own_where_it_is_asked_for() -> None:
    timeline = make.timeline((0, 10, make.framing(STILL)), (5, 45, make.framing(MOVE)))
    root = ET.fromstring(deliver(timeline, "mlt", folder=Path("/"), options={"mover": "affine"}).main)
    plain = ET.fromstring(deliver(timeline, "mlt", folder=Path("/")).main)
    played = [root.find(f"producer[@id='{e.get('producer')}']") for e in _row(root)]
    assert len(set(played)) == 2 and root.find(".//entry/filter") is None
    for producer, entry, same in zip(played, _row(root), _row(plain), strict=True):
        (move,) = producer.findall("filter")
        assert (move.get("in"), move.get("out")) == (entry.get("in"), entry.get("out"))
        assert _property(move, "transition.rect") == _property(same.find("filter"), "rect")
        assert _property(move, "shotcut:filter") == "affineSizePosition"
    with pytest.raises(UsageError, match="choice of what moves"):
        deliver(timeline, "mlt", folder=Path("/"), options={"mover": "hand"})
