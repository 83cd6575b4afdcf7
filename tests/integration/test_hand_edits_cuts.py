"""Keys moved by hand in a framed cut last too: on the record, whatever the speed of a clip, and inside nests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest

import numbered as make
from commandline import panscan
from panscan.request.override_edits import read_entries
from panscan.timeline import cut as document
from panscan.timeline.files import read_timeline, write_timeline
from panscan.timeline.flatten import flatten_timeline

# The media has 29.97 frames per second, the cut 25: a key goes to the picture that is shown, a frame away at the most.
FRAME_PX = 6.0  # source px that the cameras below move in a frame, at the most


def children(talk: Path) -> list[Any]:
    """Record frames: late 0-60, a gap, backwards 65-95, quick 95-115, later in a nest 115-145, late again 145-205."""
    available = make.time_range(0, 400)

    def retimed(speed: float) -> Any:
        return [otio.schema.LinearTimeWarp(time_scalar=speed)]

    inner = make.track(make.clip(talk, 190, 50, available=available, name="later"))
    return [
        make.clip(talk, 80, 60, available=available, name="late"),
        make.gap(5),
        make.clip(talk, 60, 30, available=available, name="backwards", effects=retimed(-1.0)),
        make.clip(talk, 10, 20, available=available, name="quick", effects=retimed(2.0)),
        otio.schema.Stack(name="nest", children=[inner], source_range=make.time_range(10, 30)),
        make.clip(talk, 80, 60, available=available, name="late again"),
    ]


@pytest.fixture
def framed(talk: Path, tmp_path: Path) -> Path:
    """A framed cut beside a copy of the demo clip."""
    movie = tmp_path / "talk.mp4"
    shutil.copyfile(talk, movie)
    make.written(make.timeline(make.track(*children(movie))), tmp_path / "cut.otio")
    return reframed(tmp_path)


def reframed(folder: Path, *options: str) -> Path:
    ran = panscan("reframe", folder / "cut.otio", "--to", "otio", *options)
    assert ran.code == 0, ran.err
    return folder / "cut.9x16.otio"


def crops(path: Path) -> dict[int, tuple[float, ...]]:
    """What each record frame shows."""
    found = {}
    for clip in document.read_cut(flatten_timeline(read_timeline(path)), folder=path.parent).clips:
        for n, media_frame in enumerate(clip.media_frames()):
            crop = clip.framing.cells[0].crop_at(media_frame, clip.framing.source)
            found[clip.record_frame + n] = (crop.left, crop.top, crop.width, crop.height)
    return found


def furthest(some: dict[int, tuple[float, ...]], others: dict[int, tuple[float, ...]], frames: Any) -> float:
    """Most that an edge or a side of two crops differs, source px."""
    return float(max(np.abs(np.subtract(some[n], others[n])).max() for n in frames))


def move(path: Path, name: str) -> None:
    """Give a clip a camera that pans and comes closer."""
    timeline = read_timeline(path)
    clip = next(clip for clip in timeline.find_clips() if clip.name == name)
    start = int(clip.source_range.start_time.value)
    (effect,) = [e for e in clip.effects if "panscan" in e.metadata]
    keys = effect.metadata["panscan"]["cells"][0]["keys"]
    keys.update(frame=[start - 40, start + 60], scale=[3.0, 4.0], x_px=[700.0, -700.0], y_px=[0.0, 100.0])
    write_timeline(timeline, path)


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("late", range(60)),
        ("backwards", range(65, 95)),
        ("quick", range(95, 115)),
        ("later", range(115, 145)),
        ("late again", range(145, 205)),
    ],
)
def test_a_moved_clip_keeps_its_camera_and_no_other_has_it(name: str, frames: range, framed: Path) -> None:
    reframed(framed.parent, "--mode", "stable")
    solved = crops(framed)
    move(reframed(framed.parent), name)
    hand = crops(framed)
    now = crops(reframed(framed.parent, "--mode", "stable"))
    apart = np.abs(np.array([now[n] for n in frames]) - np.array([hand[n] for n in frames]))
    assert apart.max() < FRAME_PX
    assert np.abs(np.array([solved[n] for n in frames]) - np.array([hand[n] for n in frames])).max() > 10 * FRAME_PX
    assert {n: crop for n, crop in now.items() if n not in frames} == {
        n: c for n, c in solved.items() if n not in frames
    }
    (entry,) = read_entries(framed.with_name("cut.panscan.toml"))
    assert entry["frame"] == [frames[0], frames[-1] + 1]


def test_cells_of_a_clip_that_shows_several_shots(framed: Path) -> None:
    """A clip has one layout, whatever its shots want."""
    talk, available = framed.with_name("talk.mp4"), make.time_range(0, 400)
    make.written(make.timeline(make.track(make.clip(talk, 20, 250, available=available))), framed.with_name("cut.otio"))
    reframed(framed.parent, "--layouts", "split-2")
    (clip,) = document.read_cut(read_timeline(framed), folder=framed.parent).clips
    assert clip.framing.layout == "split-2"
    timeline = read_timeline(framed)
    (effect,) = next(iter(timeline.find_clips())).effects
    for n, cell in enumerate(effect.metadata["panscan"]["cells"]):
        cell["keys"].update(frame=[20, 270], scale=[3.0, 4.0], x_px=[300.0 - 600 * n, -100.0], y_px=[0.0, 100.0])
    write_timeline(timeline, framed)
    reframed(framed.parent, "--preset", "podcast")
    (now,) = document.read_cut(read_timeline(framed), folder=framed.parent).clips
    assert now.framing.layout == "split-2" and not now.framing.unmet
    at = np.arange(clip.first, clip.end)
    for n, cell in enumerate(now.framing.cells):
        hand = effect.metadata["panscan"]["cells"][n]["keys"]
        middle = np.interp(at, hand["frame"], hand["x_px"]) / np.interp(at, hand["frame"], hand["scale"])
        crops = cell.crops(at, now.framing.source)
        assert np.abs(now.framing.source.width / 2 - middle - crops[:, 0] - crops[:, 2] / 2).max() < FRAME_PX


def changed(framed: Path, *clips: Any) -> Any:
    """Another cut under the same name, framed anew."""
    cut = make.written(make.timeline(make.track(*clips)), framed.with_name("cut.otio"))
    ran = panscan("reframe", cut, "--to", "otio")
    assert ran.code == 0, ran.err
    return ran


def test_a_clip_is_known_again_where_the_cut_was_changed(framed: Path) -> None:
    """It comes earlier now, trimmed at both ends, and is divided."""
    move(framed, "late again")
    hand = crops(framed)
    talk, available = framed.with_name("talk.mp4"), make.time_range(0, 400)
    parts = [make.clip(talk, first, 20, available=available, name="late again") for first in (90, 110)]
    changed(framed, parts[0], make.gap(10), make.clip(talk, 80, 60, available=available, name="late"), parts[1])
    now = crops(framed)
    assert furthest({n: now[n] for n in range(20)}, {n: hand[155 + n] for n in range(20)}, range(20)) < FRAME_PX
    assert furthest({n: now[90 + n] for n in range(20)}, {n: hand[175 + n] for n in range(20)}, range(20)) < FRAME_PX
    entries = read_entries(framed.with_name("cut.panscan.toml"))
    assert [entry["frame"] for entry in entries] == [[0, 20], [90, 110]], "and no other clip has them"


def test_what_is_gone_from_a_cut_is_told_and_kept_aside(framed: Path) -> None:
    move(framed, "late again")
    edited = framed.read_bytes()
    ran = changed(framed, *children(framed.with_name("talk.mp4"))[:-1])
    assert "keys of shots 5 moved by hand" in ran.err and "what they show is gone" in ran.err
    assert framed.with_name("cut.9x16.otio.1").read_bytes() == edited
    assert not framed.with_name("cut.panscan.toml").exists()
