"""`panscan edits TIMELINE --take XML`: what an editor's file changes, and what cannot be read from it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import documents as make
from commandline import panscan
from panscan.deliver import deliver
from panscan.model.geometry import Size
from panscan.timeline.cut import read_cut
from panscan.timeline.files import read_timeline, write_timeline
from panscan.timeline.hand_edits import remember_cameras

STILL = make.framing(((0, 1920 / 1080, 0.0, 0.0),))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two shots of one camera that stands still, and one of two cells."""
    path = tmp_path / "talk.9x16.otio"
    write_timeline(remember_cameras(make.timeline((0, 50, STILL), (50, 90, STILL), (90, 120, make.two_cells()))), path)
    return path


def exported(home: Path, kind: str, old: str, new: str) -> Path:
    """The delivery of a timeline, with one text replaced as an editor would."""
    text = deliver(read_timeline(home), kind, folder=home.parent).main.decode()
    assert old in text
    path = home.with_name("edited.xml")
    path.write_text(text.replace(old, new, 1))
    return path


def first_crop(home: Path, number: int) -> list[float]:
    clip = read_cut(read_timeline(home), folder=home.parent).clips[number - 1]
    return np.round(clip.framing.cells[0].crops([clip.first], make.HD)[0], 3).tolist()


def test_a_clip_moved_in_final_cut_is_moved_at_home(home: Path) -> None:
    # 10 % of the canvas's height to the right is 192 canvas px, which are 108 source px at this scale.
    edited = exported(home, "fcpxml", 'position="0 0"', 'position="10 0"')
    ran = panscan("edits", home, "--take", edited, "--json")
    assert (ran.data["taken"], ran.data["same"], ran.data["several_cells"]) == ([1], [2], [3])
    assert first_crop(home, 1) == [656.25 - 108, 0.0, 607.5, 1080.0]
    assert first_crop(home, 2) == [656.25, 0.0, 607.5, 1080.0]
    assert home.with_name("talk.9x16.otio.1").is_file()
    again = panscan("edits", home, "--take", edited)
    assert "no camera was changed" in again.err and not home.with_name("talk.9x16.otio.2").exists()


def test_a_clip_moved_in_premiere_is_moved_at_home(home: Path) -> None:
    edited = exported(home, "xmeml", "<horiz>0</horiz>", "<horiz>0.1</horiz>")
    assert panscan("edits", home, "--take", edited, "--json").data["taken"] == [1]
    assert first_crop(home, 1) == [656.25 - 108, 0.0, 607.5, 1080.0]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('position="0 0"', 'position="10 0" rotation="5"', "rotated"),
        ('scale="3.160494 3.160494"', 'scale="3 4"', "differently"),
        ('<adjust-conform type="fit"/>', '<adjust-conform type="fill"/>', "conform"),
    ],
)
def test_what_no_camera_can_say_is_left_out_and_told(home: Path, old: str, new: str, why: str) -> None:
    before = home.read_bytes()
    ran = panscan("edits", home, "--take", exported(home, "fcpxml", old, new))
    assert ran.code == 0 and why in ran.err
    assert home.read_bytes() == before


def test_a_file_of_another_shape_is_refused(home: Path) -> None:
    square = replace(STILL, canvas=Size(1080, 1080), cells=(replace(STILL.cells[0], size=Size(1080, 1080)),))
    other = home.with_name("square.xml")
    other.write_bytes(deliver(make.timeline((0, 50, square)), "xmeml", folder=home.parent).main)
    ran = panscan("edits", home, "--take", other)
    assert ran.code == 2 and "1080x1080" in ran.err


def test_media_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = [Path(f"/media/{folder}/talk.mp4") for folder in ("first", "second")]
    timeline = make.timeline((0, 50, STILL), of=make.media(str(paths[0])))
    other = make.timeline((0, 50, STILL), of=make.media(str(paths[1])))
    make.track(timeline).append(make.track(other)[0].clone())
    home = tmp_path / "talk.9x16.otio"
    write_timeline(remember_cameras(timeline), home)
    text = deliver(read_timeline(home), "fcpxml", folder=tmp_path).main.decode()
    first, second = (part.start() for part in re.finditer('position="0 0"', text))
    edited = tmp_path / "edited.fcpxml"
    edited.write_text(text[:second] + text[second:].replace('position="0 0"', 'position="10 0"', 1))
    assert first < second and panscan("edits", home, "--take", edited, "--json").data["taken"] == [2]
    edited.write_text(edited.read_text().replace("/media/second", "/elsewhere"))
    assert panscan("edits", home, "--take", edited, "--json").data["missing"] == [2], "it may be either"


def test_what_is_switched_off_in_the_editor_is_not_taken(home: Path) -> None:
    edited = exported(home, "xmeml", "<enabled>TRUE</enabled>", "<enabled>FALSE</enabled>")
    assert panscan("edits", home, "--take", edited, "--json").data["missing"] == [1]


def test_clips_in_several_tracks_are_left_as_they_are(home: Path) -> None:
    timeline = read_timeline(home)
    timeline.tracks.append(make.track(timeline).clone())
    write_timeline(timeline, home)
    before = home.read_bytes()
    edited = exported(home, "fcpxml", 'position="0 0"', 'position="10 0"')
    ran = panscan("edits", home, "--take", edited)
    assert ran.code == 2 and "several tracks" in ran.err and home.read_bytes() == before
