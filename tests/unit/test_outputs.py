"""Files that commands write: whose they are, what is kept of them, and two processes at one file."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from commandline import panscan
from panscan.cli.outputs import check_outputs, record_made, write_output, write_timeline_output
from panscan.errors import UsageError
from panscan.files import claimed, hidden, part_of, remove_abandoned_parts, whole_file

LONG = "n" * 255


class Named:
    """A stand-in for a timeline: its text is its name."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture(autouse=True)
def own_record(tmp_path_factory, monkeypatch) -> Path:
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("PANSCAN_DATA_DIR", str(folder))
    return folder


def test_what_panscan_wrote_is_replaced_and_what_others_wrote_is_not(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "a.fcpxml", tmp_path / "b.fcpxml"
    write_output(b"ours", ours)
    theirs.write_bytes(b"theirs")
    check_outputs([ours, tmp_path / "new.fcpxml"], overwrite=False)
    with pytest.raises(UsageError, match=r"b\.fcpxml would be replaced[\s\S]*--overwrite"):
        check_outputs([ours, theirs], overwrite=False)
    check_outputs([ours, theirs], overwrite=True)


def test_an_edit_makes_a_file_somebody_elses(tmp_path: Path) -> None:
    path = tmp_path / "a.kdenlive"
    write_output(b"ours", path)
    path.write_bytes(b"ours, edited")
    with pytest.raises(UsageError):
        check_outputs([path], overwrite=False)


def test_a_movie_is_recorded_by_its_content_wherever_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(5 << 20))
    record_made(path)
    check_outputs([path.rename(tmp_path / "b.mp4")], overwrite=False)


def test_a_timeline_with_our_metadata_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.otio"
    path.write_text('{"metadata": {"panscan": {}}, "cut o')
    check_outputs([path], overwrite=False)
    path.write_text('{"metadata": {}}')
    with pytest.raises(UsageError):
        check_outputs([path], overwrite=False)


def test_without_a_record_only_the_flag_is_asked_for(tmp_path: Path, own_record, monkeypatch) -> None:
    monkeypatch.setenv("PANSCAN_DATA_DIR", str(tmp_path / "file" / "data"))
    (tmp_path / "file").write_bytes(b"")
    write_output(b"ours", tmp_path / "a.edl")
    assert (tmp_path / "a.edl").read_bytes() == b"ours"
    with pytest.raises(UsageError):
        check_outputs([tmp_path / "a.edl"], overwrite=False)


def test_a_further_file_of_a_delivery_stops_that_delivery_only(movie, tmp_path: Path) -> None:
    film, table = tmp_path / "film.mp4", tmp_path / "film.9x16.crops.csv"
    shutil.copy(movie("cuts"), film)
    table.write_text("by hand")
    ran = panscan("reframe", film, "--canvas", "180x320", "--fast", "--to", "edl", "--to", "fcpxml")
    assert ran.code == 3 and table.name in ran.err and "--overwrite" in ran.err
    assert table.read_text() == "by hand" and not (tmp_path / "film.9x16.edl").exists()
    assert (tmp_path / "film.9x16.fcpxml").is_file()


@pytest.mark.parametrize("name", ["film.9x16.otio", "film.9x16.fcpxml", "film.9x16.mp4", "film.9x16.rejected.html"])
def test_reframe_refuses_before_the_analysis(name, movie, tmp_path: Path, monkeypatch) -> None:
    shutil.copy(movie("cuts"), tmp_path / "film.mp4")
    (tmp_path / name).write_text("by hand")
    monkeypatch.setattr("panscan.pipeline.analyse", lambda *_, **__: pytest.fail("analysed"))
    ran = panscan("reframe", tmp_path / "film.mp4", "--render")
    assert ran.code == 2 and name in ran.err and (tmp_path / name).read_text() == "by hand"


@pytest.mark.parametrize("links", [True, False])
def test_earlier_timelines_are_numbered_and_none_is_ever_replaced(links, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("panscan.timeline.files.timeline_text", lambda timeline: timeline.name)
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    path = tmp_path / "a.otio"
    (tmp_path / "a.otio.7").write_text("of somebody")
    for text in ("one", "one", "two", "three"):
        write_timeline_output(Named(text), path)
    kept = {name.name: name.read_text() for name in tmp_path.iterdir()}
    assert kept == {"a.otio": "three", "a.otio.7": "of somebody", "a.otio.8": "one", "a.otio.9": "two"}
    assert "a.otio.9" in capsys.readouterr().err


def test_a_name_that_cannot_exist_is_told_at_once(tmp_path: Path) -> None:
    check_outputs([tmp_path / LONG], overwrite=False)
    with pytest.raises(UsageError, match="256 bytes"):
        check_outputs([tmp_path / f"{LONG}e"], overwrite=False)
    with pytest.raises(UsageError):
        check_outputs([tmp_path / ("é" * 125 + ".otio")], overwrite=False)


@pytest.mark.parametrize("name", ["a.mp4", LONG, "é" * 127, "a\nb.mp4", "-x [1].mp4", os.fsdecode(b"\xff.mp4")])
def test_unfinished_files_have_names_of_their_own(name, tmp_path: Path) -> None:
    path = tmp_path / name
    with whole_file(path) as one, whole_file(path) as two:
        one.write(b"1")
        two.write(b"2")
        assert len(list(tmp_path.iterdir())) == 2
    assert [found.name for found in tmp_path.iterdir()] == [name] and path.read_bytes() == b"1"


def test_only_parts_that_nobody_writes_any_more_are_removed(tmp_path: Path) -> None:
    old, new, other = part_of(tmp_path / "a[1].mp4"), part_of(tmp_path / "a[1].mp4"), part_of(tmp_path / "b.mp4")
    for part in (old, new, other):
        part.write_bytes(b"x")
    for part in (old, other):
        os.utime(part, (0, 0))
    remove_abandoned_parts(tmp_path / "a[1].mp4")
    assert sorted(tmp_path.iterdir()) == sorted([new, other])


def _claim(path: Path, pipe) -> None:
    with claimed(path) as name:
        pipe.send(name.name)
        pipe.recv()


def test_a_claimed_name_is_for_one_process_and_free_after_it_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.unverified.mp4"
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_claim, args=(path, theirs))
    process.start()
    assert ours.recv() == path.name
    with claimed(path) as second, claimed(path) as third:
        assert (second.name, third.name) == ("a.unverified.2.mp4", "a.unverified.3.mp4")
    process.kill()
    process.join()
    assert hidden(path, ".lock").exists()
    with claimed(path) as again:
        assert again == path
    assert list(tmp_path.iterdir()) == []
