"""Fades from and to black in the files of editors: where a format has them, and what is said where it has none."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
import fcpxml_model
from panscan import registry
from panscan.deliver import deliver
from panscan.ingest.fcpxml.reader import read_fcpxml
from panscan.ingest.xmeml.reader import read_xmeml

FOLDER = Path("/projects")
PAN = ((0, 1.777778, 811.1111, 0.0), (149, 1.777778, -500.0, 0.0))
EVERYWHERE = ("fcpxml", "xmeml", "mlt", "edl")  # also fades that begin in a gap
INSIDE = ("otio-resolve", "ffmpeg")
KEPT = ("premiere-plan", "resolve-plan")  # the editor's own timeline stays as it is


def _faded(*, beside: tuple[int, int] = (0, 0), black_end: int = 0):
    """Two clips of 40 and 30 frames with a gap of 10: from black, to black, from black, to black.

    beside: how long the fades at the gap reach into it.
    """
    framing = make.framing(PAN)
    timeline = make.timeline((20, 60, framing), (70, 100, framing))
    for track in timeline.tracks:
        track.insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(10, 25)))
        if black_end:
            track.append(otio.schema.Gap(duration=otio.opentime.RationalTime(black_end, 25)))
    make.dissolve(timeline, 3, (7, 0))
    make.dissolve(timeline, 2, (beside[1], 6))
    make.dissolve(timeline, 1, (9, beside[0]))
    return make.dissolve(timeline, 0, (0, 5))


def _said(timeline, name):
    return [loss for loss in deliver(timeline, name, folder=FOLDER).losses if "transition" in loss.what]


@pytest.mark.parametrize("black_end", [0, 12])
@pytest.mark.parametrize("name", [*EVERYWHERE, *INSIDE, *KEPT])
def test_fades_are_written(name, black_end) -> None:
    assert not _said(_faded(black_end=black_end), name)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_also_those_that_reach_into_a_gap(name) -> None:
    assert not _said(_faded(beside=(3, 4)), name)


@pytest.mark.parametrize("name", INSIDE)
def test_or_they_are_listed(name) -> None:
    said = _said(_faded(beside=(3, 4)), name)
    assert said and all("begins before its clip" in loss.why for loss in said)


@pytest.mark.parametrize("name", sorted(set(registry.EXPORTERS) - {*EVERYWHERE, *INSIDE, *KEPT, "otio"}))
def test_other_formats_list_them(name) -> None:
    assert [loss.why for loss in _said(_faded(), name)] == ["It becomes a hard cut."]


@pytest.mark.parametrize("name", ["fcpxml", "mlt", "xmeml", "otio-resolve"])
def test_dips_are_listed(name) -> None:
    timeline = make.timeline((20, 60, make.framing(PAN)), (70, 100, make.framing(PAN)))
    make.dissolve(timeline, 1, (6, 6), "Custom_Transition")
    make.track(timeline)[1].name = "Dip to Color"
    assert ["dips to a colour" in loss.why for loss in _said(timeline, name)] == [True]


def _fades_read(timeline):
    """Record frame of the cut, frames before and after it, of each transition."""
    found, cursor = [], 0.0
    for child in timeline.video_tracks()[0]:
        if isinstance(child, otio.schema.Transition):
            found.append((cursor, child.in_offset.value, child.out_offset.value))
        else:
            cursor += child.duration().value
    return found


EXPECTED = [(0, 0, 5), (40, 9, 3), (50, 4, 6), (80, 7, 0)]


@pytest.mark.parametrize("black_end", [0, 12])
def test_final_cuts_fades_are_read_back(tmp_path, black_end) -> None:
    artifact = deliver(_faded(beside=(3, 4), black_end=black_end), "fcpxml", folder=FOLDER)
    path = tmp_path / "cut.fcpxml"
    path.write_bytes(artifact.main)
    assert _fades_read(read_fcpxml(path)[0]) == EXPECTED
    played = fcpxml_model.play_project(artifact.text).dissolves
    frames = {n: [side and side.media_frame for side in sides] for n, (*sides, _) in played.items()}
    assert (
        frames[0] == [None, 20] and frames[42] == [62, None] and frames[46] == [None, 66] and frames[79] == [99, None]
    )
    spine = ET.fromstring(artifact.text).find("library/event/project/sequence/spine")
    ends = ["gap"] if black_end else []
    pair = ["transition", "asset-clip", "transition"]
    assert [child.tag for child in spine] == [*pair, "gap", *pair, *ends]


@pytest.mark.parametrize("black_end", [0, 12])
def test_premieres_fades_of_xmeml_are_read_back(tmp_path, black_end) -> None:
    artifact = deliver(_faded(beside=(3, 4), black_end=black_end), "xmeml", folder=FOLDER)
    path = tmp_path / "cut.xml"
    path.write_bytes(artifact.main)
    # Fades from and to black always lie in their clip, which is longer for it.
    assert _fades_read(read_xmeml(path)[0]) == [(0, 0, 5), (43, 12, 0), (46, 0, 10), (80, 7, 0)]
    root = ET.fromstring(artifact.text)
    items = root.find("sequence/media/video/track")
    assert [item.findtext("alignment") for item in items.iter("transitionitem")] == [
        "start-black", "end-black", "start-black", "end-black",
    ]  # fmt: skip
    clips = list(items.iter("clipitem"))
    assert [(clip.findtext("start"), clip.findtext("end")) for clip in clips] == [("-1", "-1")] * 2
    # What the fades show of the media is inside `in` and `out`.
    assert [(clip.findtext("in"), clip.findtext("out")) for clip in clips] == [("20", "63"), ("66", "100")]
    links = {link.findtext("clipindex") for link in clips[1].iter("link") if link.findtext("mediatype") == "video"}
    assert links == {"5"}  # transitions count among the items


def test_resolves_fades_are_faders() -> None:
    data = json.loads(deliver(_faded(), "otio-resolve", folder=FOLDER).text)
    found = []
    for clip in data["tracks"]["children"][0]["children"]:
        for effect in clip.get("effects", ()):
            metadata = effect["metadata"]["Resolve_OTIO"]
            if metadata["Type"] == 36:
                found.append({p["Parameter ID"]: p["Parameter Value"] for p in metadata["Parameters"]})
    assert found == [{"videoFaderIn": 5.0, "videoFaderOut": 9.0}, {"videoFaderIn": 6.0, "videoFaderOut": 7.0}]
    assert "SMPTE_Dissolve" not in json.dumps(data)


def test_the_ffmpeg_script_fades() -> None:
    graph = deliver(_faded(), "ffmpeg", folder=FOLDER).files[".ffmpeg.filter"].decode()
    assert "fade=t=in:s=0:n=5,fade=t=out:s=31:n=9[r0]" in graph and "fade=t=in:s=0:n=6,fade=t=out:s=23:n=7[r2]" in graph
