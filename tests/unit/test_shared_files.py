"""What workers of one job give each other: the media, and files of what they made."""

from __future__ import annotations

import zipfile
from types import SimpleNamespace

import pytest

import media
from panscan import ingest
from panscan.errors import InputError
from panscan.service import engine
from panscan.service.exchange import FolderExchange
from panscan.service.records import upkeep
from panscan.service.sharing import media_here, offer_media, pack, unpack
from panscan.service.spec import parse_job_spec
from panscan.service.work_order import WorkOrder

SPEC = parse_job_spec({"source": {"path": "/talk.mp4"}})


class Bucket(FolderExchange):
    """One whose files have to be fetched."""

    def place(self, name):
        return None


@pytest.fixture
def movie(tmp_path):
    path = tmp_path / "leader" / "source" / "talk.mp4"
    path.parent.mkdir(parents=True)
    return ingest.probe(media.one_frame(path))


def order(folder, exchange=None, read_folders=()):
    return WorkOrder("job_a", 1, SPEC, folder, read_folders=read_folders, exchange=exchange)


def test_media_in_a_folder_that_all_may_read_is_read_there(tmp_path, movie):
    exchange = FolderExchange(tmp_path / "exchange")
    offered = offer_media(order(tmp_path / "leader", exchange, (tmp_path,)), movie)
    assert exchange.jobs() == [], "nothing is copied"
    helper = order(tmp_path / "jobs" / "job_a" / "help-1", exchange, (tmp_path,))
    assert str(media_here(helper, offered)) == movie.path


@pytest.mark.parametrize("kind", [FolderExchange, Bucket])
def test_other_media_is_brought_to_a_machine_once(tmp_path, movie, kind):
    exchange, job = kind(tmp_path / "exchange"), tmp_path / "helper" / "job_a"
    offered = offer_media(order(tmp_path / "leader", exchange), movie)
    found = [media_here(order(job / part, exchange), offered) for part in ("help-1", "help-2")]
    inside = exchange.folder if kind is FolderExchange else job / "help-source"
    assert found[0] == found[1] and found[0].is_relative_to(inside) and ingest.probe(found[0]).digest == movie.digest


def test_media_that_is_not_the_same_or_not_allowed_is_not_taken(tmp_path, movie):
    offered = offer_media(order(tmp_path / "leader"), movie)
    with pytest.raises(InputError, match="not on this machine"):
        media_here(order(tmp_path / "helper"), offered)
    with open(movie.path, "ab") as file:
        file.write(b"more")
    with pytest.raises(InputError, match="not on this machine"):
        media_here(order(tmp_path / "helper", read_folders=(tmp_path,)), offered)


def test_files_arrive_as_they_were_and_nowhere_else(tmp_path):
    for name in ("a.npz", "b.npz"):
        (tmp_path / name).write_text(name)
    files = {path.name: path for path in sorted(tmp_path.glob("*.npz"))}
    product = pack(files, tmp_path / "part" / "product.zip")
    assert [path.read_text() for path in unpack(product, tmp_path / "there")] == ["a.npz", "b.npz"]
    with zipfile.ZipFile(product, "w") as archive:
        archive.writestr("../outside", "bad")
    unpack(product, tmp_path / "there")
    assert not (tmp_path / "outside").exists()
    product.write_bytes(b"no archive")
    assert unpack(product, tmp_path / "elsewhere") == []


def test_what_is_unfinished_of_ended_jobs_is_removed(tmp_path, monkeypatch):
    jobs = tmp_path / "jobs"
    for name in ("ended/attempt-1.part", "ended/help-1", "ended/output", "running/attempt-2.part"):
        (jobs / name).mkdir(parents=True)
    for attempt in ("ended/attempt-1.part", "ended/help-1/attempt-1.part"):
        begun = jobs / "ended" / "output" / f".{attempt.replace('/', '-')}.otio"
        begun.touch()
        (jobs / attempt).mkdir(exist_ok=True)
        (jobs / attempt / "unfinished").write_bytes(bytes(begun) + b"\0")
    settings = SimpleNamespace(jobs=jobs, exchange=FolderExchange(tmp_path / "exchange"))
    monkeypatch.setattr(upkeep, "ended_jobs", lambda db, names: [name for name in names if name == "ended"])
    engine._remove_remains(SimpleNamespace(settings=settings), None)
    assert sorted(path.relative_to(jobs).as_posix() for path in jobs.glob("*/*")) == [
        "ended/output",
        "running/attempt-2.part",
    ]
    assert list((jobs / "ended" / "output").iterdir()) == []
