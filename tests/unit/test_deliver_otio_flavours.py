"""OTIO for Resolve and Premiere: the structure around the cameras, which the host models do not look at."""

from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from hosts.cases import CASES
from panscan.deliver import deliver
from panscan.errors import InputError, UsageError
from panscan.timeline import cut as document

STILL = ((0, 1.777778, 0.0, 0.0),)
NAMES = {"otio-resolve": "Resolve_OTIO", "otio-premiere": "PremierePro_OTIO"}


def _export(timeline, name, **options):
    artifact = deliver(timeline, name, folder=Path("/projects"), options=options)
    return artifact, json.loads(artifact.text)


def _clips(data, kind):
    tracks = [track for track in data["tracks"]["children"] if track["kind"] == kind]
    return [[child for child in track["children"] if child["OTIO_SCHEMA"] == "Clip.2"] for track in tracks]


def _parameters(clip, name, effect):
    data = [e["metadata"][name] for e in clip["effects"]]
    found = next(d for d in data if effect in (d.get("Effect Name"), d.get("MatchName")))
    return found["Parameters"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", CASES)
def test_otio_reads_the_same_cut(case, name) -> None:
    timeline = CASES[case]()
    cut = document.read_cut(timeline, folder=Path("/projects"))
    read = otio.adapters.read_from_string(_export(timeline, name)[0].text, "otio_json")
    track = read.video_tracks()[0]
    clips = [child for child in track if isinstance(child, otio.schema.Clip)]
    for clip, framed in zip(clips, cut.clips, strict=True):
        used, record = clip.source_range, track.range_of_child(clip)
        assert (used.start_time.value, used.duration.value) == (framed.first, framed.frame_count)
        assert used.start_time.rate == float(cut.rate)
        assert record.start_time.value == framed.record_frame
        assert clip.media_reference.available_range.start_time.value == framed.available_first
        assert document.media_path(clip.media_reference.target_url, Path("/")) == framed.path
    start = timeline.global_start_time
    assert read.global_start_time.value == (start.value if start else 0)
    assert all(type(effect) is otio.schema.Effect for clip in clips for effect in clip.effects)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", CASES)
def test_otio_itself_writes_the_same_bytes(case, name) -> None:
    timeline = CASES[case]()
    timeline.name = 'a "children": [] of\nmine'  # the text is put together where the tracks' own words of it stand
    text = _export(timeline, name)[0].text
    read = otio.adapters.read_from_string(text, "otio_json")
    assert otio.adapters.write_to_string(read, "otio_json") + "\n" == text
    assert read.name == timeline.name


@pytest.mark.parametrize("name", NAMES)
def test_only_the_editors_own_metadata_goes_along(name) -> None:
    _, data = _export(CASES["split"](), name)
    found = set()

    def walk(value):
        if isinstance(value, dict):
            found.update(value.get("metadata", {}))
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(data)
    assert found == {NAMES[name]}


def test_picture_and_sound_of_a_clip_are_linked() -> None:
    timeline = make.timeline(
        (0, 50, make.framing(STILL)), (50, 80, make.two_cells()), of=make.media(audio=((2, 48000), (1, 48000)))
    )
    _, data = _export(timeline, "otio-resolve")
    video, sound = _clips(data, "Video"), _clips(data, "Audio")
    assert [len(track) for track in (*video, *sound)] == [2, 1, 2, 2]
    groups = [[clip["metadata"]["Resolve_OTIO"]["Link Group ID"] for clip in track] for track in (*video, *sound)]
    assert groups == [[1, 2], [2], [1, 2], [1, 2]]
    channels = [track[0]["metadata"]["Resolve_OTIO"]["Channels"] for track in sound]
    assert channels == [
        [{"Source Channel ID": 0, "Source Track ID": 0}, {"Source Channel ID": 1, "Source Track ID": 0}],
        [{"Source Channel ID": 0, "Source Track ID": 1}],
    ]
    tracks = [t["metadata"]["Resolve_OTIO"].get("Audio Type") for t in data["tracks"]["children"]]
    assert tracks == [None, None, "Stereo", "Mono"]
    _, data = _export(timeline, "otio-premiere")
    links = [clip["metadata"]["PremierePro_OTIO"]["LinkID"] for track in _clips(data, "Video") for clip in track]
    assert links == [1, 2, 2]


def test_resolve_keys_count_from_the_clips_first_frame() -> None:
    move = ((0, 1.777778, 0.0, 0.0), (90, 1.777778, 300.0, 0.0), (140, 1.777778, 0.0, 0.0))
    of = make.media(start_frame=90000, timecode="01:00:00:00")
    _, data = _export(make.timeline((80, 120, make.framing(move)), of=of), "otio-resolve")
    clip = _clips(data, "Video")[0][0]
    parameters = {p["Parameter ID"]: p for p in _parameters(clip, "Resolve_OTIO", "Transform")}
    assert set(parameters) == {"transformationZoomX", "transformationZoomY", "transformationPan"}
    assert parameters["transformationZoomX"]["Key Frames"] == {}
    assert sorted(parameters["transformationPan"]["Key Frames"], key=int) == ["0", "10", "39"]


def test_premiere_keys_lie_in_media_time_and_the_sequence_has_its_size() -> None:
    move = ((80, 1.777778, 0.0, 0.0), (90, 1.777778, 300.0, 0.0))
    of = make.media(rate=make.NTSC, start_frame=108000, timecode="01:00:00:00")
    _, data = _export(make.timeline((80, 120, make.framing(move, rate=make.NTSC)), of=of), "otio-premiere")
    parameters = _parameters(_clips(data, "Video")[0][0], "PremierePro_OTIO", "AE.ADBE Motion")
    assert [p["ID"] for p in parameters] == list(range(1, 12))
    keys = [key["Position"] for key in parameters[0]["Keyframes"]]
    assert [key["value"] for key in keys] == [108080.0, 108090.0] and keys[0]["rate"] == 30000 / 1001
    assert parameters[1]["StartValue"]["Value"] == 177.7778 and "Keyframes" not in parameters[1]
    settings = data["tracks"]["metadata"]["PremierePro_OTIO"]
    assert settings["VideoResolution"] == {"width": 1080, "height": 1920}
    assert settings["VideoFrameRate"] == 30000 / 1001


def test_what_resolve_cannot_reach_is_refused() -> None:
    far = make.framing(((0, 8.0, 6000.0, 0.0),))
    with pytest.raises(InputError, match="transformationPan"):
        _export(make.timeline((0, 50, far)), "otio-resolve")


@pytest.mark.parametrize("name", NAMES)
def test_a_disabled_clip_stays_disabled(name) -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)))
    make.track(timeline)[0].enabled = False
    assert _clips(_export(timeline, name)[1], "Video")[0][0]["enabled"] is False


@pytest.mark.parametrize("name", NAMES)
def test_wrong_options_are_refused(name) -> None:
    with pytest.raises(UsageError, match="fix:"):
        _export(make.timeline((0, 50, make.framing(STILL))), name, keys="some")
