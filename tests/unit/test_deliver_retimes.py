"""Retimed clips in every delivery: the media frame and the crop of each frame as models of the editors show them."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

import documents as make
import fcpxml_model
from hosts import after_effects_model, nuke_model, premiere_model, resolve_model
from hosts.placed import agrees, line
from panscan import registry
from panscan.deliver import deliver
from panscan.deliver.fcpxml import clips
from panscan.deliver.otio import premiere, tracks
from panscan.deliver.sequence import reader
from panscan.errors import InputError
from panscan.ingest.crops import edl_and_csv, read_crops
from panscan.ingest.edl.reader import parse_edl, read_edl
from panscan.ingest.fcpxml.reader import read_fcpxml
from panscan.ingest.xmeml.reader import read_xmeml
from panscan.timeline import cut as document
from panscan.timeline.layout import speed_of, video_clips
from retimed import CASES, PAN, fast, shown_by

FOLDER = Path("/projects")


def _cut(case):
    timeline = CASES[case]()
    return timeline, document.read_cut(timeline, folder=FOLDER)


def _sizes(cut):
    return {clip.path.name: (clip.facts.size.width, clip.facts.size.height) for clip in cut.clips}


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_resolve_plays_the_otio(case, keys) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "otio-resolve", folder=FOLDER, options={"keys": keys})
    agrees(resolve_model.play(artifact.text, (cut.canvas.width, cut.canvas.height), _sizes(cut)), cut)


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_premiere_plays_the_otio(case, keys) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "otio-premiere", folder=FOLDER, options={"keys": keys})
    agrees(premiere_model.play_otio(artifact.text, _sizes(cut)), cut)


@pytest.mark.parametrize("flavour", ["fcp", "resolve"])
@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_final_cut_plays_the_fcpxml(case, keys, flavour) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "fcpxml", folder=FOLDER, options={"keys": keys, "flavour": flavour})
    agrees(fcpxml_model.play_project(artifact.text, flavour).lanes, cut)


@pytest.mark.parametrize("case", CASES)
def test_the_fcpxml_is_read_back_with_its_speeds(case, tmp_path) -> None:
    timeline, cut = _cut(case)
    path = tmp_path / "cut.fcpxml"
    path.write_text(deliver(timeline, "fcpxml", folder=FOLDER).text)
    read = list(video_clips(read_fcpxml(path)[0]))
    rate = cut.rate
    by_start = {clip.record_frame / rate: clip for clip in cut.clips}
    assert {placed.start_s for placed in read} == set(by_start)
    for placed in read:
        clip = by_start[placed.start_s]
        assert placed.speed == pytest.approx(clip.speed)
        for offset in range(clip.frame_count):
            shown = placed.media_at((clip.record_frame + offset) / rate) * rate
            assert math.floor(shown + Fraction(1, 100)) == clip.media_frame(offset)


def _edl(timeline, folder):
    artifact = deliver(timeline, "edl", folder=FOLDER)
    for suffix, content in artifact.files.items():
        (folder / f"talk{suffix}").write_bytes(content)
    return artifact, folder / "talk.edl"


@pytest.mark.parametrize("case", [name for name in CASES if name != "odd"])
def test_an_edl_reader_takes_the_speeds(case, tmp_path) -> None:
    timeline, cut = _cut(case)
    _, path = _edl(timeline, tmp_path)
    read, notes = parse_edl(read_edl(path), cut.rate)
    assert not notes
    start = cut.clips[0].record_frame
    for clip, placed in zip(cut.clips, list(video_clips(read)), strict=True):
        assert (clip.record_frame - start) / cut.rate == placed.start_s
        for offset in range(clip.frame_count):
            shown = placed.media_at(placed.start_s + offset / cut.rate) * cut.rate
            assert math.floor(shown + Fraction(1, 100)) == clip.media_frame(offset)


@pytest.mark.parametrize("case", CASES)
def test_edl_and_table_come_back_with_speeds_and_cameras(case, tmp_path) -> None:
    timeline, cut = _cut(case)
    _, path = _edl(timeline, tmp_path)
    back = document.read_cut(read_crops(*edl_and_csv(path)), folder=tmp_path)
    for found, clip in zip(back.clips, cut.clips, strict=True):
        assert (found.speed, found.media_position(0), found.record_frame) == (
            clip.speed, clip.media_position(0), clip.record_frame,
        )  # fmt: skip
        for (frame, crops), (wanted, there) in zip(shown_by(found), shown_by(clip), strict=True):
            assert frame == wanted and np.abs(np.array(crops) - there).max() < 0.01


def test_the_table_lists_what_every_frame_shows(tmp_path) -> None:
    timeline, cut = _cut("back")
    artifact, _ = _edl(timeline, tmp_path)
    rows = [line.split(",") for line in artifact.files[".crops.csv"].decode().splitlines() if line.startswith("/")]
    clip = cut.clips[0]
    assert [int(row[2]) for row in rows[:60]] == [79 - r for r in range(60)]
    for row, (_, crops) in zip(rows, shown_by(clip), strict=False):
        assert np.abs(np.array(row[4:8], float) - crops[0]).max() < 1e-4


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (" speed=-1 from=79", "", (Fraction(-1), Fraction(79))),  # the M2 line alone
        ("from=79", "from=1e999999999", (Fraction(-1), Fraction(79))),
        ("speed=-1", "speed=1/0", (Fraction(-1), Fraction(79))),
        ("-025.0", "-12.5", None),  # without new source times
        ("-025.0", "fast", None),
        ("M2   TALK       -025.0               00:00:00:20\n", "", (Fraction(1), Fraction(20))),
    ],
)
def test_what_was_changed_in_the_edit_list_since_counts(old, new, wanted, tmp_path) -> None:
    _, path = _edl(CASES["back"](), tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    if wanted is None:
        with pytest.raises(InputError, match=r"(event 001|line 5) [\s\S]*speed"):
            read_crops(*edl_and_csv(path))
    else:
        clip = document.read_cut(read_crops(*edl_and_csv(path)), folder=tmp_path).clips[0]
        assert (clip.speed, clip.media_position(0)) == wanted


def test_a_trimmed_slow_event_keeps_its_crops(tmp_path) -> None:
    _, path = _edl(CASES["slow"](), tmp_path)
    whole = document.read_cut(read_crops(*edl_and_csv(path)), folder=tmp_path).clips[1]
    lines = path.read_text().replace(
        "01:00:01;00 01:00:01;25 01:00:00;20 01:00:02;10", "01:00:01;05 01:00:01;15 01:00:00;20 01:00:01;10"
    )
    path.write_text(lines)
    part = document.read_cut(read_crops(*edl_and_csv(path)), folder=tmp_path).clips[1]
    assert (part.frame_count, part.speed) == (20, Fraction(1, 2))
    for (frame, crops), (wanted, there) in zip(shown_by(part), shown_by(whole)[10:30], strict=True):
        assert frame == wanted and np.abs(np.array(crops) - there).max() < 5


def test_an_edl_says_what_it_rounds(tmp_path) -> None:
    losses = [_edl(CASES[case](), tmp_path)[0].losses for case in ("odd", "back")]
    assert [any("exact speed" in loss.what for loss in found) for found in losses] == [True, False]


@pytest.mark.parametrize("case", CASES)
def test_the_json_lists_the_media_frame_of_every_row(case) -> None:
    timeline, cut = _cut(case)
    rows = json.loads(deliver(timeline, "crops-json", folder=FOLDER).text)
    wanted = [(clip, shown) for clip in cut.clips for shown in shown_by(clip)]
    assert len(rows) == len(wanted)
    for row, (clip, (frame, crops)) in zip(rows, wanted, strict=True):
        assert row["frame_number"] == frame - clip.available_first
        for box, (left, top, width, height) in zip(row["crops"]["9:16"], crops, strict=True):
            sides = np.clip([left, top, left + width, top + height], 0, [1920, 1080, 1920, 1080])
            assert [box[side] for side in ("x1", "y1", "x2", "y2")] == pytest.approx(sides, abs=0.01)


@pytest.mark.parametrize("name", ["otio-resolve", "otio-premiere"])
@pytest.mark.parametrize("case", CASES)
def test_our_own_reading_of_the_otio_shows_the_same_frames(case, name) -> None:
    timeline, cut = _cut(case)
    written = otio.adapters.read_from_string(deliver(timeline, name, folder=FOLDER).text, "otio_json")
    by_start = {clip.record_frame / cut.rate: clip for clip in cut.clips}
    read = list(video_clips(written))
    assert {placed.start_s for placed in read} == set(by_start)
    for placed in read:
        clip = by_start[placed.start_s]
        assert placed.end_s - placed.start_s == clip.frame_count / cut.rate
        for offset in range(clip.frame_count):
            shown = placed.media_at((clip.record_frame + offset) / cut.rate) * cut.rate
            assert math.floor(shown + Fraction(1, 100)) == clip.media_frame(offset)


@pytest.mark.parametrize(("speed", "start"), [(2.0, 20), (0.5, 20), (-1.0, 20), (-2.0, 20)])
def test_a_cut_that_counts_media_frames_is_understood(speed, start) -> None:
    """Premiere's own way: the range of a retimed clip, sound too, is as long as it takes from the media."""
    timeline = make.timeline((start, start + 30, make.framing(PAN)), (60, 70, make.framing(PAN)))
    make.retime(timeline, 0, speed)
    timeline.metadata["PremierePro_OTIO"] = {"MetadataVersion": "1.0"}
    count = round(30 / abs(speed))
    first = start if speed > 0 else start + 29
    ours = make.timeline((0, count, make.framing(PAN)), (60, 70, make.framing(PAN)))
    make.retime(ours, 0, speed, first)
    cut = document.read_cut(ours, folder=FOLDER)
    artifact = deliver(timeline, "otio-resolve", folder=FOLDER)
    agrees(resolve_model.play(artifact.text, (1080, 1920), _sizes(cut)), cut)
    assert artifact.losses == ()
    assert artifact.text == deliver(ours, "otio-resolve", folder=FOLDER).text


@pytest.mark.parametrize("case", CASES)
def test_the_links_of_mlt_take_every_frame_from_its_picture(case) -> None:
    """Without melt: the map of each chain, straight between its two ends, and the rectangle of the cell."""
    timeline, cut = _cut(case)
    root = ET.fromstring(deliver(timeline, "mlt", folder=FOLDER).main)
    chains = {chain.get("id"): chain for chain in root.iter("chain")}
    for number in range(len(cut.clips[0].framing.cells)):
        row = root.find(f"playlist[@id='picture{number + 1 if number else ''}']").findall("entry")
        for clip, entry in zip(cut.clips, row, strict=True):
            if not clip.is_retimed:
                assert entry.get("producer") not in chains
                continue
            link = chains[entry.get("producer")].find("link")
            told = {p.get("name"): p.text for p in link}
            assert told["mlt_service"] == "timeremap" and told["image_mode"] == "nearest"
            (begin, low), (end, high) = (part.split("=") for part in told["time_map"].split(";"))
            assert (begin, end, told["map"]) == ("0", str(clip.frame_count), told["time_map"])
            rect = next(p.text for p in entry.find("filter") if p.get("name") == "rect")
            keys = [(int(at), [float(v) for v in value.split()]) for at, value in _keys(rect)]
            source, cell = clip.framing.source, clip.framing.cells[number]
            for offset, (frame, crops) in enumerate(shown_by(clip)):
                second = float(low) + (float(high) - float(low)) * offset / clip.frame_count
                assert math.floor(second * float(cut.rate)) == frame - clip.available_first
                left, top, width, height, _ = line(keys, offset)
                scale = width / source.width
                assert height / source.height == pytest.approx(scale, abs=1e-6)
                size = (cell.size.width / scale, cell.size.height / scale)
                crop = ((cell.left_px - left) / scale, (cell.top_px - top) / scale, *size)
                assert np.abs(np.array(crop) - crops[number]).max() < 0.01


def _keys(text: str) -> list[list[str]]:
    return [part.split("=") if "=" in part else ["0", part] for part in text.split(";")]


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_nuke_looks_every_frame_up(case, keys) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "nuke", folder=FOLDER, options={"keys": keys})
    _, *branches = nuke_model.read(artifact.text)
    for clip, branch in zip(cut.clips, branches, strict=True):
        for offset, (frame, crops) in enumerate(shown_by(clip)):
            _, found, picture = nuke_model.play(branch, clip.first + offset)
            assert picture == frame - clip.available_first
            for one, cell, crop in zip(found, clip.framing.cells, crops, strict=True):
                assert np.abs(np.array(one.window(cell)) - crop).max() < 0.01


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_after_effects_moves_the_layer_in_the_frames_of_the_composition(case, keys) -> None:
    timeline, cut = _cut(case)
    artifact = deliver(timeline, "aftereffects", folder=FOLDER, options={"keys": keys})
    texts = iter(artifact.files.values())
    for clip in cut.clips:
        for number, cell in enumerate(clip.framing.cells):
            text = next(texts).decode()
            for offset, (_, crops) in enumerate(shown_by(clip)):
                found = after_effects_model.play(text, offset)
                assert np.abs(np.array(found.window(cell)) - crops[number]).max() < 0.01
    told = [loss for loss in artifact.losses if loss.what.startswith("the speed of clip")]
    assert bool(told) and all("time remapping" in loss.why for loss in told)


def test_a_framing_decision_list_names_the_speed() -> None:
    content = json.loads(deliver(CASES["slow"](), "fdl", folder=FOLDER).text)
    clips = [clip for context in content["contexts"] for clip in context["_panscan_clips"]]
    assert [clip.get("speed") for clip in clips] == [None, "1/2"]


@pytest.mark.parametrize("name", ["resolve-plan", "premiere-plan", "fusion", "blender"])
def test_what_cannot_say_a_speed_lists_the_clip_and_goes_on(name) -> None:
    artifact = deliver(fast(), name, folder=FOLDER)
    (loss,) = (loss for loss in artifact.losses if loss.what == "the retimed clip 'talk.mp4'")
    assert loss.why.endswith(".")
    steady = CASES["fast"]()
    for track in steady.tracks:
        track[0] = otio.schema.Gap(duration=otio.opentime.RationalTime(30, 25))
    assert deliver(steady, name, folder=FOLDER).files == artifact.files


@pytest.mark.parametrize(("speed", "first"), [(2.0, 11.0), (0.5, 30.5), (-1.0, 60.0), (-2.0, 81.0), (0.0, 33.0)])
def test_xmeml_is_read_back_at_the_same_speed_and_place(speed, first, tmp_path) -> None:
    """Also where the clip begins between two frames of the retimed media."""
    timeline = make.timeline((0, 20, make.framing(PAN)), (20, 40, make.framing(PAN)))
    make.retime(timeline, 0, speed, first)
    path = tmp_path / "cut.xml"
    path.write_bytes(deliver(timeline, "xmeml", folder=FOLDER).main)
    clip = read_xmeml(path)[0].video_tracks()[0][0]
    assert clip.source_range.start_time.to_seconds() * 25 == pytest.approx(first)
    assert speed_of(clip) == (Fraction(speed), False)
    assert not [key for key in clip.metadata["fcp_xml"] if key.startswith("panscan")]


@pytest.mark.parametrize("name", sorted(set(registry.entries("exporters")) - {"otio"}))
def test_a_speed_that_changes_on_the_way_is_written_by_none(name) -> None:
    timeline = make.timeline((0, 30, make.framing(PAN)), (30, 60, make.framing(PAN)))
    make.track(timeline)[0].effects.append(otio.schema.TimeEffect(effect_name="Time Remap"))
    if registry.load("exporters", name).capabilities.retimed_clip_loss:
        assert any("retimed clip" in loss.what for loss in deliver(timeline, name, folder=FOLDER).losses)
    else:
        assert any(loss.is_left_out for loss in deliver(timeline, name, folder=FOLDER).losses)
        with pytest.raises(InputError, match="changes on the way"):
            deliver(timeline, name, folder=FOLDER, strict=True)


@pytest.mark.parametrize("name", ["otio-resolve", "otio-premiere"])
def test_sound_is_retimed_with_its_picture(name) -> None:
    tracks = otio.adapters.read_from_string(deliver(fast(), name, folder=FOLDER).text, "otio_json").tracks
    picture, sound = tracks[0][0], tracks[1][0]
    assert picture.source_range == sound.source_range
    assert [effect.time_scalar for effect in sound.effects] == [2.0]


def _broken(monkeypatch, what: str) -> None:
    if what == "keys of Premiere on the clock of the timeline":
        monkeypatch.setattr(premiere, "_in_media_time", lambda piece, keys: list(keys))
    elif what == "Premiere's range as long as the clip lasts":
        used = tracks._source_range
        monkeypatch.setattr(
            tracks, "_source_range", lambda framed, rate, **_: used(framed, rate, range_in_media_frames=False)
        )
    elif what == "cameras in media frames":
        monkeypatch.setattr(reader, "clip_in_record_frames", lambda clip: clip)
    else:
        monkeypatch.setattr(clips, "on_time_map_clock", lambda piece: piece)


@pytest.mark.parametrize(
    ("what", "case"),
    [
        ("keys of Premiere on the clock of the timeline", "fast"),
        ("Premiere's range as long as the clip lasts", "back_fast"),
        ("cameras in media frames", "slow"),
        ("Final Cut's clip off the axis of its map", "back"),
    ],
)
def test_the_models_see_a_wrong_clock(what, case, monkeypatch) -> None:
    timeline, cut = _cut(case)
    _broken(monkeypatch, what)
    name = "fcpxml" if what.startswith("Final") else "otio-premiere"
    text = deliver(timeline, name, folder=FOLDER).text
    with pytest.raises((AssertionError, KeyError)):
        if name == "fcpxml":
            agrees(fcpxml_model.play_project(text).lanes, cut)
        else:
            agrees(premiere_model.play_otio(text, _sizes(cut)), cut)
