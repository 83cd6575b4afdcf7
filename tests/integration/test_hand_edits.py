"""Keys moved by hand in a timeline last: whatever is asked for next, the camera stays where it was put."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commandline import panscan
from panscan.cli.review import review_source
from panscan.cli.review_work import CommandLineWork
from panscan.model.framing import Camera
from panscan.request.options import request_for
from panscan.request.override_edits import read_entries
from panscan.timeline import cut as document
from panscan.timeline.files import read_timeline, write_timeline

MOVED = 1  # of the shots, from 0
KEPT_PX = 0.01  # source px: what rounding to text may move a crop


def clips(path: Path) -> Any:
    return document.read_cut(read_timeline(path), folder=path.parent).clips


def crops(clip: Any, cell: int = 0) -> Any:
    return clip.framing.cells[cell].crops(np.arange(clip.first, clip.end), clip.framing.source)


def move(path: Path, number: int = MOVED) -> Any:
    """Give a shot cameras that nobody would solve, as a person does who edits the file; what its first cell shows."""
    timeline = read_timeline(path)
    (effect,) = next(iter(timeline.video_tracks()))[number].effects
    first, end = clips(path)[number].first, clips(path)[number].end
    for cell in effect.metadata["panscan"]["cells"]:
        scale = cell["keys"]["scale"][0]
        moved = Camera(
            frame=(first - 7, first + 9, end - 3),
            scale=(scale * 1.1, scale * 1.5, scale * 1.2),
            x_px=(90.0, -120.0, 33.3),
            y_px=(5.0, -40.0, 0.0),
        )
        cell["keys"].update({column: list(getattr(moved, column)) for column in ("frame", "scale", "x_px", "y_px")})
    write_timeline(timeline, path)
    return crops(clips(path)[number])


@pytest.fixture
def reframe(talk: Path, tmp_path: Path) -> Any:
    """Runs the command on a copy of the demo clip, and gives its timeline."""
    movie = tmp_path / "talk.mp4"
    shutil.copy(talk, movie)

    def run(*options: object, ratio: str = "9:16", code: int = 0) -> Any:
        ran = panscan("reframe", movie, "-r", ratio, "--to", "otio", "--json", *options)
        assert ran.code == code, ran.err
        return ran, tmp_path / f"talk.{ratio.replace(':', 'x')}.otio"

    return run


def test_other_settings_keep_what_was_moved_and_solve_the_rest(reframe: Any, tmp_path: Path) -> None:
    _, path = reframe()
    solved = [crops(clip) for clip in clips(path)]
    hand = move(path)
    edited = path.read_bytes()
    assert panscan("deliver", path, "--to", "otio", "-o", tmp_path / "copy.otio").code == 0  # its content is known now
    ran, _ = reframe("--preset", "podcast", "--mode", "responsive")
    assert f"keys of shots {MOVED + 1} moved by hand in" in ran.err and "talk.panscan.toml" in ran.err
    assert (tmp_path / "talk.9x16.otio.1").read_bytes() == edited
    for again in ((), ("--mode", "stable"), ("--mode", "stable")):
        now = clips(path)
        assert len(now) == len(solved)
        assert np.abs(crops(now[MOVED]) - hand).max() < KEPT_PX, again
        assert "camera placed by hand" in now[MOVED].framing.why
        ran, _ = reframe(*again)
        assert "moved by hand" not in ran.err, "it is taken up once"
    _, _ = reframe()
    now = clips(path)
    assert [np.array_equal(crops(clip), before) for clip, before in zip(now, solved, strict=True)].count(False) == 1
    assert [entry["ratio"] for entry in read_entries(tmp_path / "talk.panscan.toml")] == ["9:16"]


def test_what_is_moved_again_replaces_what_was_moved(reframe: Any, tmp_path: Path) -> None:
    _, path = reframe()
    move(path)
    reframe("--mode", "stable")
    hand = move(path)
    reframe("--mode", "responsive")
    assert len(read_entries(tmp_path / "talk.panscan.toml")) == 1
    assert np.abs(crops(clips(path)[MOVED]) - hand).max() < KEPT_PX


def test_other_shapes_are_left_alone_until_the_entry_is_for_all(reframe: Any, tmp_path: Path) -> None:
    _, path = reframe()
    _, square = reframe(ratio="1:1")
    before = square.read_bytes()
    hand = move(path)
    reframe("--mode", "stable")
    ran, _ = reframe(ratio="1:1")
    assert ran.data[0]["kept"] and square.read_bytes() == before
    entries = tmp_path / "talk.panscan.toml"
    entries.write_text(entries.read_text().replace('ratio = "9:16"\n', ""))
    reframe(ratio="1:1")
    clip = clips(square)[MOVED]
    now = crops(clip)
    room = np.clip(hand[:, 0] + hand[:, 2] / 2, now[:, 2] / 2, clip.framing.source.width - now[:, 2] / 2)
    at_keys = [0, 9, clip.frame_count - 3]  # in between, straight lines of another scale are others
    assert (now[:, 0] + now[:, 2] / 2)[at_keys] == pytest.approx(room[at_keys], abs=3)


def test_cells_of_a_split_are_kept_each_for_itself(reframe: Any, tmp_path: Path) -> None:
    _, path = reframe("--layouts", "split-2")
    number = next(n for n, clip in enumerate(clips(path)) if len(clip.framing.cells) == 2)
    move(path, number)
    hand = [crops(clips(path)[number], cell) for cell in (0, 1)]
    reframe("--preset", "podcast")
    now = clips(path)[number]
    assert [entry["cell"] for entry in read_entries(tmp_path / "talk.panscan.toml")] == [1, 2]
    assert max(np.abs(crops(now, cell) - hand[cell]).max() for cell in (0, 1)) < KEPT_PX and not now.framing.unmet


def test_of_two_timelines_of_one_shape_one_decides(reframe: Any, tmp_path: Path) -> None:
    _, path = reframe("--both")
    hand = move(path)
    other = next(one for one in tmp_path.glob("talk.9x16.*.otio") if one != path)
    move(other)
    ran, _ = reframe("--both", "--mode", "stable")
    assert f"{other.name} are left there: they were moved in another timeline" in ran.err
    assert np.abs(crops(clips(path)[MOVED]) - hand).max() < KEPT_PX and other.with_name(f"{other.name}.1").exists()


def test_crops_that_were_moved_in_a_table_last_too(reframe: Any, tmp_path: Path) -> None:
    """An edit list and its table of crops go to another program, and come back with other crops in one shot."""
    _, path = reframe("--to", "edl")
    clip, table = clips(path)[MOVED], tmp_path / "talk.9x16.crops.csv"
    rows = [line.split(",") for line in table.read_text().splitlines()]
    for row in rows:
        if row[1].isdecimal() and clip.record_frame <= int(row[1]) < clip.record_end:
            row[4] = f"{float(row[4]) - 40:.4f}"
    table.write_text("\n".join(map(",".join, rows)) + "\n")
    assert panscan("reframe", tmp_path / "talk.9x16.edl", "--from-crops", "--to", "otio").code == 0
    hand = crops(clips(path)[MOVED])
    assert hand[:, 0] == pytest.approx(crops(clip)[:, 0] - 40, abs=0.02)
    reframe("--mode", "stable")
    assert np.abs(crops(clips(path)[MOVED]) - hand).max() < KEPT_PX
    (entry,) = read_entries(tmp_path / "talk.panscan.toml")
    assert entry["frame"][0] == clip.first - clip.available_first, "and no other shot is held"


def test_what_a_person_wrote_stays_and_what_was_moved_wins(reframe: Any, tmp_path: Path) -> None:
    entries = tmp_path / "talk.panscan.toml"
    entries.write_text("# second version\n[[shot]]\nfrom = 0 # all\ncenter = [0.5, 0.5]\n")
    _, path = reframe()
    hand = move(path)
    reframe("--mode", "stable")
    assert entries.read_text().startswith("# second version\n[[shot]]\nfrom = 0 # all\ncenter = [0.5, 0.5]\n")
    assert np.abs(crops(clips(path)[MOVED]) - hand).max() < KEPT_PX


def test_fresh_leaves_out_what_was_moved_and_says_so(reframe: Any, tmp_path: Path) -> None:
    _, path = reframe()
    made = path.read_bytes()
    move(path)
    ran, _ = reframe("--fresh")
    assert "left out, because of --fresh" in ran.err and not (tmp_path / "talk.panscan.toml").exists()
    assert path.read_bytes() == made and (tmp_path / "talk.9x16.otio.1").exists()


def test_nothing_is_made_anew_where_what_was_moved_cannot_be_kept(reframe: Any, tmp_path: Path) -> None:
    (tmp_path / "talk.panscan.yaml").write_text("shot:\n  - {shot: 1, hold: true}\n")
    _, path = reframe()
    move(path)
    edited = path.read_bytes()
    ran, _ = reframe("--mode", "stable", code=2)
    assert "YAML would lose its comments" in ran.err and "--fresh" in ran.err and "are kept" not in ran.err
    assert path.read_bytes() == edited


def test_of_another_version_of_the_movie_it_is_told(reframe: Any, tmp_path: Path) -> None:
    _, path = reframe()
    move(path)
    ran, _ = reframe("--mode", "stable")
    assert "another version" not in ran.err
    with (tmp_path / "talk.mp4").open("ab") as movie:
        movie.write(bytes(8) + b"free")  # the same pictures in another file
    ran, _ = reframe("--mode", "stable")
    assert "talk.panscan.toml was written for another version of this movie" in ran.err


def test_the_review_page_takes_them_up_when_it_is_opened(reframe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panscan.cli.console._listeners", [])
    _, path = reframe()
    moved = move(path)
    movie = path.with_name("talk.mp4")
    source = review_source(movie, [request_for("9:16")], path.parent)
    CommandLineWork().prepare(source, path.parent / "cache", lambda *_: None)
    (entry,) = read_entries(source.overrides_file)
    assert entry["ratio"] == "9:16" and entry["keys"]
    assert np.abs(crops(clips(path)[MOVED]) - moved).max() < KEPT_PX and path.with_name("talk.9x16.otio.1").is_file()
    CommandLineWork().prepare(source, path.parent / "cache", lambda *_: None)
    assert read_entries(source.overrides_file) == [entry], "once"
