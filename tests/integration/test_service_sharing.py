"""The parts of one job, done by several workers with data folders of their own: each once, whoever is killed."""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import ExitStack, suppress
from fractions import Fraction

import psycopg
import pytest
from psycopg.rows import dict_row

import media
import service_fakes
import service_parts
from panscan import measure, pipeline
from panscan.model import media as media_model
from panscan.service.records import accounts, jobs
from panscan.service.settings import ServiceSettings
from panscan.service.spec import parse_job_spec
from panscan.timeline.files import write_timeline

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
_PATIENCE_S = 180  # on a machine that is busy with other tests: each process takes seconds to start there
PARTS = [f"analyse-{number}" for number in range(service_parts.COUNT)]


class Fleet:
    """Workers with one database and one exchange, and a job that is shared."""

    def __init__(self, url, folder, db, stack):
        self.url, self.folder, self.db, self.stack = url, folder, db, stack
        self.account = accounts.add_account(db, "studio", "unlimited").id
        (folder / "exchange").mkdir()

    def start(self, name):
        settings = ServiceSettings(self.folder / name, self.url, exchange_address=str(self.folder / "exchange"))
        settings.prepare()
        return self.stack.enter_context(service_fakes.worker(self.url, settings, slots=1))

    def ask(self, wish, **more):
        said = {"source": {"path": "/talk.mp4"}, "payload": f"{wish} {self.folder}"} | more
        self.job_id = jobs.create_job(self.db, self.account, parse_job_spec(said)).id

    def job(self):
        return jobs.get_job(self.db, self.account, self.job_id)

    def noted(self, file):
        """Of each line: part, process and worker."""
        path = self.folder / file
        lines = path.read_text().splitlines() if path.exists() else []
        return [(part, int(pid), worker) for part, pid, worker in map(str.split, lines)]

    def until(self, is_so, what):
        for _ in range(_PATIENCE_S * 10):
            if is_so():
                return
            time.sleep(0.1)
        raise AssertionError(f"{what}: {self.job()}")

    def until_ended(self):
        self.until(lambda: self.job().is_ended, "it does not end")
        return self.job()

    def until_at_work(self, *workers):
        self.until(lambda: {one[2] for one in self.noted("begun.txt")} >= {*workers}, f"{workers} are not at work")

    def go(self):
        (self.folder / "go").touch()

    def result(self):
        found = [path.read_text() for path in self.folder.glob(f"*/jobs/{self.job_id}/output/result.txt")]
        return [name.removeprefix("made:") for text in found for name in text.split()]


@pytest.fixture
def fleet(service_database, tmp_path):
    with ExitStack() as stack, psycopg.connect(service_database, row_factory=dict_row, autocommit=True) as db:
        yield Fleet(service_database, tmp_path, db, stack)


@pytest.mark.parametrize("workers", [["alone"], ["first", "second", "third"]])
def test_each_part_is_done_once_by_whoever_is_there(fleet, workers):
    fleet.ask("shared-held")
    for name in workers:
        fleet.start(name)
    fleet.until_at_work(*workers)
    fleet.go()
    assert fleet.until_ended().state == "completed"
    assert sorted(part for part, _, _ in fleet.noted("done.txt")) == PARTS == fleet.result()
    fleet.until(lambda: not list((fleet.folder / "exchange").iterdir()), "the exchange is not tidied")


def test_the_part_of_a_helper_that_is_killed_is_done_by_another(fleet):
    fleet.ask("shared-held")
    fleet.start("first")
    fleet.until_at_work("first")
    helper = fleet.start("second")
    fleet.until_at_work("second")
    helper.kill()
    fleet.go()
    assert fleet.until_ended().attempt == 1
    begun = Counter(part for part, _, _ in fleet.noted("begun.txt"))
    assert sorted(begun.values()) == [1, 1, 1, 1, 1, 2]
    assert [part for part, _, _ in sorted(fleet.noted("done.txt"))] == PARTS == fleet.result()


def test_what_was_done_stays_done_when_the_worker_of_the_job_is_killed(fleet):
    fleet.ask("shared-leader-held")
    first = fleet.start("first")
    fleet.until_at_work("first")
    fleet.start("second")
    fleet.until(lambda: len(fleet.noted("done.txt")) == len(PARTS) - 1, "nobody helps")
    first.kill()
    fleet.go()
    ended = fleet.until_ended()
    assert (ended.state, ended.attempt) == ("completed", 2)
    assert sorted(part for part, _, _ in fleet.noted("done.txt")) == PARTS == fleet.result()


def test_a_part_that_ends_every_process_ends_the_job(fleet):
    fleet.ask("shared-poison")
    fleet.start("first")
    fleet.start("second")
    ended = fleet.until_ended()
    assert (ended.state, ended.error["what"]) == ("failed", "panscan was killed 3 times in analyse")
    begun = Counter(part for part, _, _ in fleet.noted("begun.txt"))
    assert begun.pop("analyse-1") <= 3 + 3, "more than three attempts of the job and three helpers were ended by it"
    assert set(begun.values()) == {1}, "a part was begun again that nothing was wrong with"


def test_helpers_stop_when_the_job_is_cancelled(fleet):
    fleet.ask("shared-held")
    for name in ("first", "second"):
        fleet.start(name)
    fleet.until_at_work("first", "second")
    jobs.cancel_job(fleet.db, fleet.account, fleet.job_id)
    assert fleet.until_ended().state == "cancelled"
    at_work = [pid for _, pid, _ in fleet.noted("begun.txt")]
    fleet.until(lambda: not any(map(is_alive, at_work)), "somebody is still at work")
    assert fleet.noted("done.txt") == []


@pytest.fixture
def long_movie(tmp_path):
    """30 s with a cut every three seconds, and its timeline as one process alone makes it."""
    folder = tmp_path / "alone"
    folder.mkdir()
    path = media.cuts(folder / "talk.mp4", scene_frames=[6] * 10, rate=Fraction(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANSCAN_CACHE_DIR", str(folder / "cache"))
        for module, name in ((media_model, "LONG_S"), (measure, "_SPAN_S")):
            patch.setattr(module, name, getattr(module, name))  # set back at the end
        service_parts.shorten_spans(10)
        [(request, _)] = parse_job_spec({"source": {"path": str(path)}}).requests()
        analysis = pipeline.analyse(path)
        assert len(measure.analysis_parts(analysis.media)) == 4, "a sound and three spans"
        write_timeline(pipeline.reframe(analysis, request), folder / "alone.otio")
    return path, (folder / "alone.otio").read_bytes()


def test_three_workers_make_the_same_timeline_as_one_process(fleet, long_movie):
    path, alone = long_movie
    for name in ("first", "second", "third"):
        fleet.start(name)
    queues = "select from procrastinate_workers"  # three of each worker
    fleet.until(lambda: len(fleet.db.execute(queues).fetchall()) == 9, "they do not start")
    fleet.ask("long", payload="long 10", source={"path": str(path)}, return_video=False)
    assert fleet.until_ended().state == "completed"
    assert [made.read_bytes() for made in fleet.folder.glob("*/jobs/*/output/*.otio")] == [alone]
    measured = {kept.parents[2].name for kept in fleet.folder.glob("*/cache/*/*.npz")} - {"alone"}
    assert measured == {"first", "second", "third"}, "all had a part"
    assert not list(fleet.folder.glob("*/jobs/*/help-*")), "helpers leave nothing behind"


def is_alive(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
