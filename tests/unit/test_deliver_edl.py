"""The edit list: its text, what OTIO's own adapter reads from it, and the way back with its table of crops."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

import documents as make
from hosts.cases import CASES
from panscan.deliver import deliver
from panscan.deliver.tables import crops_csv
from panscan.deliver.tables.edl import reel_names
from panscan.errors import InputError
from panscan.ingest.crops import edl_and_csv, read_crops
from panscan.ingest.edl.reader import parse_edl, read_edl
from panscan.timeline import cut as document
from panscan.timeline.dissolves import shown_ranges
from panscan.timeline.flatten import visible_cut

STILL = ((0, 1.777778, 0.0, 0.0),)


def _export(timeline):
    return deliver(timeline, "edl", folder=Path("/projects"))


def _events(text):
    return [line.split() for line in text.splitlines() if re.match(r"\d{3}  ", line)]


def _written(timeline, folder: Path) -> tuple[Path, Path]:
    artifact = _export(timeline)
    for suffix, content in artifact.files.items():
        (folder / f"talk{suffix}").write_bytes(content)
    return folder / "talk.edl", folder / "talk.crops.csv"


@pytest.mark.parametrize("case", CASES)
def test_the_otio_adapter_reads_the_same_cut(case) -> None:
    timeline = CASES[case]()
    cut = document.read_cut(timeline, folder=Path("/projects"))
    read = otio.adapters.read_from_string(_export(timeline).text, "cmx_3600", rate=float(cut.rate))
    track = read.video_tracks()[0]
    clips = [child for child in track if isinstance(child, otio.schema.Clip)]
    clips = [clip for clip in clips if not isinstance(clip.media_reference, otio.schema.GeneratorReference)]  # black
    assert len(clips) == len(cut.clips)
    for clip, framed in zip(clips, cut.clips, strict=True):
        assert (clip.source_range.start_time.value, clip.source_range.duration.value) == (
            framed.first,
            framed.frame_count,
        )
        assert clip.range_in_parent().start_time.value == framed.record_frame
        assert clip.name == framed.path.name
    has_sound = any(clip.facts.audio for clip in cut.clips)
    assert bool(read.audio_tracks()) == has_sound


@pytest.mark.parametrize("case", CASES)
def test_the_way_back_shows_the_same_picture(case, tmp_path) -> None:
    timeline = CASES[case]()
    cut = document.read_cut(timeline, folder=Path("/projects"))
    again = read_crops(*edl_and_csv(_written(timeline, tmp_path)[0]))
    back = document.read_cut(again, folder=tmp_path)
    assert (back.canvas, back.rate, back.name) == (cut.canvas, cut.rate, cut.name)
    start = timeline.global_start_time
    assert (again.global_start_time or start) == start
    for found, framed in zip(back.clips, cut.clips, strict=True):
        assert (found.path, found.first, found.frame_count, found.record_frame, found.facts) == (
            framed.path, framed.first, framed.frame_count, framed.record_frame, framed.facts,
        )  # fmt: skip
        assert (found.available_first, found.available_count) == (framed.available_first, framed.available_count)
        here, there = found.framing, framed.framing
        assert (here.layout, here.background, here.effect, here.why) == (
            there.layout, there.background, there.effect, there.why,
        )  # fmt: skip
        frames = np.arange(framed.first, framed.end)
        for a, b in zip(here.cells, there.cells, strict=True):
            assert (a.left_px, a.top_px, a.size) == (b.left_px, b.top_px, b.size)
            assert np.abs(a.crops(frames, here.source) - b.crops(frames, there.source)).max() < 0.01
            assert np.abs(a.camera.sample(frames)[:, 1:] - b.camera.sample(frames)[:, 1:]).max() < 1
            assert len(a.camera.frame) <= len(b.camera.frame) + 4, "keys, not a key on every frame"
    sounds = [[child.name for child in track if isinstance(child, otio.schema.Clip)] for track in again.audio_tracks()]
    assert sounds == [[c.name for c in t if isinstance(c, otio.schema.Clip)] for t in timeline.audio_tracks()]


def test_a_second_delivery_of_the_way_back_is_the_first(tmp_path) -> None:
    paths = _written(CASES["split"](), tmp_path)
    again = _export(read_crops(*paths))
    cuts = [[line for line in text.splitlines() if "CROP" not in line and "CELL" not in line]
            for text in (again.text, paths[0].read_text(encoding="utf-8"))]  # fmt: skip
    assert cuts[0] == cuts[1]
    rows = [list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))[1:]
            for text in (again.files[".crops.csv"].decode(), paths[1].read_text(encoding="utf-8"))]  # fmt: skip
    ours, theirs = (np.array([row[1:] for row in table], float) for table in rows)
    assert ours.shape == theirs.shape and np.abs(ours - theirs).max() < 0.01


def test_an_event_may_be_trimmed_moved_and_swapped_since(tmp_path) -> None:
    move = ((0, 1.777778, 811.1111, 0.0), (99, 1.777778, -300.0, 0.0))
    framing = make.framing(move)
    edl, table = _written(make.timeline((0, 50, framing), (50, 100, framing)), tmp_path)
    edl.write_text(
        "TITLE: recut\n001  TALK V C 00:00:03:00 00:00:03:10 00:00:01:00 00:00:01:10\n"
        "002  TALK V C 00:00:00:05 00:00:00:15 00:00:02:00 00:00:02:10\n* FROM CLIP NAME: talk.mp4\n",
        encoding="utf-8",
    )
    back = document.read_cut(read_crops(edl, table), folder=tmp_path)
    assert [(c.first, c.frame_count, c.record_frame) for c in back.clips] == [(75, 10, 25), (5, 10, 50)]
    for clip in back.clips:
        frames = np.arange(clip.first, clip.end)
        assert (
            np.abs(clip.framing.cells[0].crops(frames, make.HD) - framing.cells[0].crops(frames, make.HD)).max() < 0.01
        )


def test_media_that_run_over_midnight_come_back(tmp_path) -> None:
    of = make.media(start_frame=86400 * 25 - 100, timecode="23:59:56:00")
    timeline = make.timeline((50, 150, make.framing(STILL)), (150, 200, make.framing(STILL)), of=of)
    assert [event[4:6] for event in _events(_export(timeline).text)] == [
        ["23:59:58:00", "00:00:02:00"], ["00:00:02:00", "00:00:04:00"],
    ]  # fmt: skip
    back = document.read_cut(read_crops(*_written(timeline, tmp_path)), folder=tmp_path)
    assert [clip.first for clip in back.clips] == [86400 * 25 - 50, 86400 * 25 + 50]


def test_an_event_is_written_in_columns() -> None:
    timeline = CASES["ntsc"]()
    lines = _export(timeline).text.splitlines()
    assert lines[:3] == ["TITLE: talk 9x16", "FCM: DROP FRAME", ""]
    assert lines[3] == "001  TALK     AA/V  C        01:00:09;20 01:00:13;10 01:00:00;00 01:00:03;20"
    assert "* FROM CLIP NAME: talk.mp4" in lines and "* SOURCE FILE: /media/talk.mp4" in lines


def test_record_times_leave_gaps_open() -> None:
    artifact = _export(CASES["gaps"]())
    assert [event[6:] for event in _events(artifact.text)] == [
        ["00:00:00:00", "00:00:00:07"], ["00:00:00:07", "00:00:06:07"],
        ["00:00:06:17", "00:00:11:12"], ["00:00:11:12", "00:00:12:17"],
    ]  # fmt: skip
    assert "FCM: NON-DROP FRAME" in artifact.text


def test_the_crop_stands_in_plain_words() -> None:
    text = _export(
        make.timeline((0, 50, make.framing(((0, 1.777778, 811.1111, 0.0),), why="one speaker\nwho sits")))
    ).text
    assert "* CROP: 607.50 X 1080.00 PX AT 200.00,0.00 OF 1920x1080" in text
    assert "* REASON: one speaker who sits" in text
    both = _export(make.timeline((0, 50, make.two_cells()))).text
    assert "* CELL 2 (1080x960 AT 0,960 OF 1080x1920): 1215.00 X 1080.00 PX AT 577.50,0.00 OF 1920x1080" in both


def test_sound_is_named_by_its_channels() -> None:
    kinds = {}
    for audio in ((), ((1, 48000),), ((2, 48000),), ((2, 48000), (2, 48000))):
        artifact = _export(make.timeline((0, 10, make.framing(STILL)), of=make.media(audio=audio)))
        kinds[audio] = (_events(artifact.text)[0][2], len(artifact.losses))
    assert list(kinds.values()) == [("V", 1), ("B", 1), ("AA/V", 1), ("AA/V", 2)]


def test_disabled_clips_leave_a_gap_and_are_listed() -> None:
    timeline = make.timeline(*((n * 10, n * 10 + 10, make.framing(STILL)) for n in range(3)))
    make.track(timeline)[1].enabled = False
    artifact = _export(timeline)
    assert [event[6] for event in _events(artifact.text)] == ["00:00:00:00", "00:00:00:20"]
    assert any("disabled clip" in loss.what for loss in artifact.losses)
    assert artifact.files[".crops.csv"].decode().count("\n/media") == 20


def test_rates_without_a_timecode_are_listed() -> None:
    of = make.media(rate=Fraction(12))
    losses = _export(make.timeline((0, 50, make.framing(STILL, rate=Fraction(12))), of=of)).losses
    assert any("12 fps" in loss.what for loss in losses)


def test_reels_are_legal_and_distinct() -> None:
    names = ["interview one.mp4", "interview two.mp4", "日本.mov", "ax.mov", "bl.mov", "a.mp4", "b/a.mp4", "c/a.mov"]
    reels = reel_names([Path("/media") / name for name in names])
    assert list(reels.values()) == ["INTERVIE", "INTERV_2", "REEL", "AX_2", "BL_2", "A", "A_2", "A_3"]
    many = reel_names([Path(f"/media/{n}/interview.mp4") for n in range(120)])
    assert len(set(many.values())) == 120 and all(re.fullmatch(r"[A-Z0-9_]{1,8}", reel) for reel in many.values())


def test_the_table_lists_every_frame_of_every_cell() -> None:
    timeline = CASES["split"]()
    cut = document.read_cut(timeline, folder=Path("/projects"))
    text = _export(timeline).files[".crops.csv"].decode()
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert tuple(rows[0]) == crops_csv.COLUMNS
    assert len(rows) == sum(clip.frame_count * len(clip.framing.cells) for clip in cut.clips)
    clip = cut.clips[1]
    found = [row for row in rows if row["cell"] == "2"]
    crops = clip.framing.cells[1].crops(np.arange(clip.first, clip.end), make.HD)
    written = np.array([[float(row[f"{side}_px"]) for side in ("left", "top", "width", "height")] for row in found])
    assert np.abs(written - crops).max() <= 0.5e-4 + 1e-9
    assert [int(row["record_frame"]) for row in found] == list(range(45, 145))
    assert [int(row["media_frame"]) for row in found] == list(range(90100, 90200))
    assert {row["media"] for row in rows} == {"/media/talk.mp4"}


@pytest.mark.parametrize("name", ["talk.edl", "talk.crops.csv"])
def test_either_file_finds_the_other(name, tmp_path) -> None:
    paths = _written(make.timeline((0, 10, make.framing(STILL))), tmp_path)
    assert edl_and_csv(tmp_path / name) == paths


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("talk.edl", "00:00:00:10 00:00:00:00 00:00:00:10", "00:00:00:20 00:00:00:00 00:00:00:20", "has no crop"),
        ("talk.edl", " C  ", " W001 010  ", "wipe"),
        ("talk.edl", "* FROM", "M2   TALK       050.0       00:00:00:00\n* FROM", "another speed than its times"),
        ("talk.edl", "00:00:00:10\n", "00:00:00:05\n", "source and record times differ"),
        ("talk.edl", "talk.mp4", "other.mp4", "unknown media"),
        ("talk.edl", "001", "nothing", "no picture events"),
        ("talk.crops.csv", '"version": 1', '"version": 2', "damaged"),
        ("talk.crops.csv", "# panscan crops", "#", "damaged"),
        ("talk.crops.csv", "media_frame", "frame", "damaged"),
        ("talk.crops.csv", ",607.4999,", ",wide,", "damaged"),
        ("talk.crops.csv", ",607.4999,", ",0.0,", "damaged"),
        ("talk.crops.csv", '"path": "/media', '"path": "media', "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_and_named(file, old, new, what, tmp_path) -> None:
    paths = _written(make.timeline((0, 10, make.framing(STILL))), tmp_path)
    read_crops(*paths)
    if what == "unknown media":
        _replace(tmp_path / file, "TALK ", "OTHER ")
    _replace(tmp_path / file, old, new)
    with pytest.raises(InputError, match=rf"{what}[\s\S]*fix:"):
        read_crops(*paths)


def test_a_missing_or_foreign_file_is_refused(tmp_path) -> None:
    edl, table = _written(make.timeline((0, 10, make.framing(STILL))), tmp_path)
    table.unlink()
    with pytest.raises(InputError, match="does not exist"):
        edl_and_csv(edl)
    with pytest.raises(InputError, match="no list of crops"):
        edl_and_csv(tmp_path / "talk.otio")


# --- transitions


def _joined(*, retimed: bool = False):
    """From black, a dissolve off its middle, to black that reaches beyond the clip, from black, to a black end."""
    pans = [((0, 1.777778, x_px, 0.0), (299, 1.777778, -x_px, 0.0)) for x_px in (800.0, -700.0, 500.0)]
    clips = ((20, 60), (100, 140), (200, 230))
    timeline = make.timeline(*((*clip, make.framing(keys)) for clip, keys in zip(clips, pans, strict=True)))
    if retimed:
        make.retime(make.retime(timeline, 0, 0.5), 1, -2.0, 180)
    picture = make.track(timeline)
    for track in timeline.tracks:
        track.insert(2, otio.schema.Gap(duration=otio.opentime.RationalTime(20, 25)))
        track.append(otio.schema.Gap(duration=otio.opentime.RationalTime(15, 25)))
    for at, frames in ((4, (8, 0)), (3, (2, 6)), (2, (5, 4)), (1, (3, 7)), (0, (0, 6))):
        offsets = (otio.opentime.RationalTime(count, 25) for count in frames)
        picture.insert(at, otio.schema.Transition("mix", "SMPTE_Dissolve", *offsets))
    return timeline


def _mixes(timeline):
    """For each record frame: media frame, left edge of the crop and share of everything that is seen."""
    cut = visible_cut(timeline, folder=Path("/projects"))
    frames: list[list[tuple[int, float, float]]] = [[] for _ in range(cut.frame_count)]
    by_frame = {at: dissolve for dissolve in cut.dissolves for at in range(dissolve.first, dissolve.end)}
    for number, (clip, here) in enumerate(zip(cut.clips, shown_ranges(cut.clips, cut.dissolves), strict=True)):
        for at in here:
            dissolve = by_frame.get(at)
            share = dissolve.shares(at)[dissolve.incoming == number] if dissolve else 1
            offset = at - clip.record_frame
            crop = clip.framing.cells[0].crop_at(clip.first + offset, clip.framing.source)
            if share:
                frames[at].append((clip.media_frame(offset), round(crop.left, 1), float(share)))
    return frames


def test_transitions_are_events_of_two_lines() -> None:
    artifact = _export(_joined())
    assert not any("transition" in loss.what for loss in artifact.losses)
    found = [(number, reel, channels, *rest[: rest.index(next(r for r in rest if ":" in r))])
             for number, reel, channels, *rest in _events(artifact.text)]  # fmt: skip
    assert [row[:2] + row[3:] for row in found if row[2] == "V"] == [
        ("001", "BL", "C"), ("001", "TALK", "D", "006"),
        ("003", "TALK", "C"), ("003", "TALK", "D", "010"),
        ("005", "TALK", "C"), ("005", "BL", "D", "009"),
        ("006", "BL", "C"), ("006", "TALK", "D", "008"),
        ("008", "TALK", "C"), ("008", "BL", "D", "008"), ("009", "BL", "C"),
    ]  # fmt: skip
    assert [row[:2] for row in found if row[2] == "AA"] == [("002", "TALK"), ("004", "TALK"), ("007", "TALK")]
    assert "* TO CLIP NAME: talk.mp4" in artifact.text


@pytest.mark.parametrize("retimed", [False, True])
def test_transitions_come_back_with_both_cameras(tmp_path, retimed) -> None:
    timeline = _joined(retimed=retimed)
    again = read_crops(*_written(timeline, tmp_path))
    for at, (found, wanted) in enumerate(zip(_mixes(again), _mixes(timeline), strict=True)):
        assert len(found) == len(wanted), at
        for one, other in zip(found, wanted, strict=True):
            assert one == pytest.approx(other, abs=0.11), at
    assert len(again.audio_tracks()) == len(timeline.audio_tracks())


def test_a_transition_that_leaves_nothing_before_it_is_listed() -> None:
    timeline = make.timeline((20, 26, make.framing(STILL)), (100, 140, make.framing(STILL)))
    artifact = _export(make.dissolve(timeline, 1, (6, 2)))
    assert "the transition out of 'talk.mp4'" in [loss.what for loss in artifact.losses]


def test_our_own_reader_finds_the_same_pictures_in_the_list_alone(tmp_path) -> None:
    """Without the table: where each transition begins and what it joins."""
    edl, _ = _written(_joined(), tmp_path)
    timeline, notes = parse_edl(read_edl(edl), Fraction(25))
    assert not notes
    found, cursor = [], 0
    for child in timeline.video_tracks()[0]:
        if isinstance(child, otio.schema.Transition):
            found.append((cursor - child.in_offset.value, child.in_offset.value + child.out_offset.value))
        else:
            cursor += child.duration().value
    assert found == [(0, 6), (37, 10), (75, 9), (98, 8), (122, 8)]
