"""MLT: the text, and the rectangles played back without melt."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import opentimelineio as otio

import documents as make
from panscan.deliver import deliver
from panscan.document.effect import rounded

MOVE = ((0, 1.777778, 811.1111, 0.0), (30, 2.4, 324.0, 240.0), (31, 1.777778, -300.0, 0.0))
STILL = ((0, 1.777778, 0.0, 0.0),)


def _export(timeline):
    artifact = deliver(timeline, "mlt", folder=Path("/projects"))
    return artifact, ET.fromstring(artifact.main)


def _property(element: ET.Element, name: str) -> str:
    return next(p.text for p in element.findall("property") if p.get("name") == name)


def test_rectangles_between_keys_are_the_documents_cameras() -> None:
    framing = rounded(make.framing(MOVE))
    _, root = _export(make.timeline((5, 45, framing)))
    keys = [text.split("=") for text in _property(root.find(".//entry/filter"), "rect").split(";")]
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
    assert [(e.get("in"), e.get("out")) for e in root.iter("entry")] == [("100", "149"), ("150", "199")]
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
    assert [(e.tag, e.get("length")) for e in root.find("playlist")] == [
        ("entry", None), ("blank", "4"), ("blank", "10"), ("entry", None),
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
