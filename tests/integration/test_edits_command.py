"""`panscan edits`: what was decided by hand is listed in words, and taken back without loss."""

from __future__ import annotations

from pathlib import Path

import pytest

import documents as make
from commandline import panscan
from panscan.timeline.files import write_timeline
from panscan.timeline.hand_edits import remember_cameras

WRITTEN = """# second version

[[shot]]
frame = 312
setup = true
subject_at = { frame = 312, box = [0.2, 0.2, 0.1, 0.1] }
note = "the host"

# the chart
[[shot]]
from = "01:12.5"
ratio = "1:1"
fit = true

[[shot]]
frame = [20, 40]
layout = "split-2"
cell = 2
keys = [{ frame = 20, center = [0.25, 0.5] }, { frame = 30, center = [0.5, 0.5] }]
"""


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    (tmp_path / "talk.panscan.toml").write_text(WRITTEN)
    movie = tmp_path / "talk.mp4"
    movie.write_bytes(b"it is not opened")
    return movie


def test_entries_are_told_in_words(movie: Path) -> None:
    told = panscan("edits", movie, "--json").data
    assert [(one["number"], one["where"], one["what"]) for one in told["entries"]] == [
        (1, "the shot with frame 312 and all of its set-up", "whoever is at the box of frame 312"),
        (2, "01:12.5 to the end", "fit yes"),
        (3, "frames 20 to 39", "cell 2: layout split-2, 2 keys"),
    ]
    assert told["entries"][1]["entry"] == {"from": "01:12.5", "ratio": "1:1", "fit": True}
    made = movie.with_name("talk.9x16.otio")
    made.touch()
    assert panscan("edits", made, "--json").data["entries"] == told["entries"]
    shown = panscan("edits", movie.with_name("talk.panscan.toml"))
    assert shown.code == 0 and not shown.out
    for words in ("the host", "1:1", "frames 20 to 39"):
        assert words in shown.err


def test_an_entry_is_taken_back_and_the_comments_stay(movie: Path) -> None:
    ran = panscan("edits", movie, "--remove", "3", "--remove", "1", "--json")
    assert [one["number"] for one in ran.data["removed"]] == [1, 3]
    assert [one["where"] for one in ran.data["entries"]] == ["01:12.5 to the end"]
    left = movie.with_name("talk.panscan.toml").read_text()
    assert left.startswith("# second version\n") and "# the chart\n[[shot]]" in left
    assert panscan("edits", movie, "--remove", "2").code == 2


def test_keys_that_are_no_entries_yet_are_told(movie: Path) -> None:
    framing = make.framing(((0, 2.0, 0.0, 0.0),))
    timeline = remember_cameras(make.timeline((0, 50, framing), (50, 90, framing)))
    path = movie.with_name("talk.9x16.otio")
    write_timeline(timeline, path)
    assert panscan("edits", movie, "--json").data["moved"] == []
    (effect,) = make.track(timeline)[1].effects
    effect.metadata["panscan"]["cells"][0]["keys"]["x_px"][0] = 5.0
    write_timeline(timeline, path)
    assert panscan("edits", movie, "--json").data["moved"] == [
        {"timeline": str(path), "shots": [2], "becomes_entries": True}
    ]
    assert "talk.9x16.otio: keys were moved in shots 2" in panscan("edits", movie).err


def test_a_timeline_in_another_folder_has_the_entries_of_its_movie(movie: Path, tmp_path: Path) -> None:
    of_movie = make.media(str(movie))
    timeline = remember_cameras(make.timeline((0, 50, make.framing(((0, 2.0, 0.0, 0.0),))), of=of_movie))
    (effect,) = make.track(timeline)[0].effects
    effect.metadata["panscan"]["cells"][0]["keys"]["x_px"][0] = 5.0
    path = tmp_path / "out" / "talk.9x16.otio"
    path.parent.mkdir()
    write_timeline(timeline, path)
    told = panscan("edits", path, "--json").data
    assert told["file"] == str(movie.with_name("talk.panscan.toml")) and len(told["entries"]) == 3
    assert [one["timeline"] for one in told["moved"]] == [str(path)]


def test_a_file_of_overrides_has_any_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(WRITTEN)
    assert len(panscan("edits", path, "--json").data["entries"]) == 3


def test_nothing_decided_and_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "new.mp4").touch()
    assert "nothing was decided by hand" in panscan("edits", tmp_path / "new.mp4").err
    for name, code in (("none.mp4", 3), ("none.panscan.toml", 2)):
        ran = panscan("edits", tmp_path / name)
        assert ran.code == code and "does not exist" in ran.err


def test_a_folder_is_refused(tmp_path: Path) -> None:
    ran = panscan("edits", tmp_path)
    assert ran.code == 2 and "is a folder" in ran.err
