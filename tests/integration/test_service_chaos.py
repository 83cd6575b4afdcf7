"""Workers and the database are killed at random: every job still ends right, once, counted once, and is told of."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

import media
import service_fakes
from panscan.service.database import migrate
from panscan.service.embedded import embedded_postgres
from panscan.service.records import accounts, jobs, minutes
from panscan.service.secrets import open_secret_box
from panscan.service.settings import ServiceSettings
from panscan.service.spec import parse_job_spec
from panscan.service.states import ENDED

_WORKERS = 3
_KILLS = 6
_DEADLINE_S = 240  # on a machine that is busy with other tests
ENDS = {
    "good": "completed",
    "movie": "completed",
    "rejected": "verification_failed",
    "broken": "failed",
    "poison": "failed",
}


@dataclass
class Machine:
    """A database and workers that come back when they are killed, as under a supervisor."""

    url: str
    settings: ServiceSettings
    stack: ExitStack
    workers: list[Any] = field(default_factory=list)

    def ask(self, sql: str) -> list[dict[str, Any]]:
        while True:
            with (
                suppress(psycopg.OperationalError),
                psycopg.connect(self.url, row_factory=dict_row, autocommit=True) as db,
            ):
                return db.execute(sql.encode()).fetchall()
            time.sleep(0.2)

    def keep_workers(self) -> None:
        self.workers = [one for one in self.workers if one.poll() is None]
        while len(self.workers) < _WORKERS:
            self.workers.append(self.stack.enter_context(service_fakes.worker(self.url, self.settings)))

    def kill_one(self, number: int, dice: random.Random) -> None:
        """Every third time the database, else a worker; not where a job has been at the wrong place twice already."""
        if number % 3 == 2:
            pid = int((self.settings.data / "database" / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
        elif not [row for row in self.ask("select kills from jobs") if 2 in row["kills"].values()]:
            dice.choice(self.workers).kill()

    def is_done(self) -> bool:
        waiting = "select 1 from deliveries where state = 'waiting'"
        return {row["state"] for row in self.ask("select state from jobs")} <= set(ENDED) and not self.ask(waiting)


@contextmanager
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="panscan-") as name, ExitStack() as stack:
        folder = Path(name).resolve()
        url = stack.enter_context(embedded_postgres(folder / "database"))
        migrate(url)
        settings = ServiceSettings(folder, url)
        settings.prepare()
        yield Machine(url, settings, stack)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_nothing_is_lost_and_nothing_counts_twice(tmp_path):
    source = media.moving_block(tmp_path / "talk.mp4", frames=24, rate=Fraction(24))  # a second
    with machine() as host, service_fakes.receiver() as (hook, got):
        kinds = ["movie", *["good"] * 16, "rejected", "broken", "poison"]
        asked = {}
        with psycopg.connect(host.url, row_factory=dict_row, autocommit=True) as db:
            account = accounts.add_account(db, "studio", "unlimited").id
            for kind in kinds:
                said = {"source": {"path": str(source)}, "payload": kind, "webhook": {"url": hook, "secret": SECRET}}
                seals = open_secret_box(host.settings.key_file)
                asked[jobs.create_job(db, account, parse_job_spec(said), seals=seals).id] = kind
        _kill_until_done(host)
        with psycopg.connect(host.url, row_factory=dict_row, autocommit=True) as db:
            ended = {one.id: one for one in jobs.list_jobs(db, account)}
            used = minutes.usage(db, account)
        ends = host.ask("select job_id, data->>'state' as state from events where kind = 'state'")
    assert {name: one.state for name, one in ended.items()} == {name: ENDS[kind] for name, kind in asked.items()}
    assert set(Counter(row["job_id"] for row in ends if row["state"] in ENDED).values()) == {1}, "an end for each"
    assert (used.jobs, used.used_s) == (17, pytest.approx(16 * 60 + 1)), "what failed and was rejected is given back"
    by_message = {message: (kind, job) for message, kind, job in got}
    assert len(by_message) == len(asked) and {job for _, job in by_message.values()} == set(asked)
    assert {kind for kind, job in by_message.values() if asked[job] == "good"} == {"job.completed"}


SECRET = "whsec_" + "QUJD" * 8


def _kill_until_done(host: Machine) -> None:
    dice, started, kills = random.Random(7), time.monotonic(), 0
    while not host.is_done():
        assert time.monotonic() - started < _DEADLINE_S, (host.settings.data / "workers.txt").read_text()[-3000:]
        host.keep_workers()
        time.sleep(1)
        if kills < _KILLS:
            host.kill_one(kills, dice)
            kills += 1
    _no_half_outputs(host.settings)


def _no_half_outputs(settings: ServiceSettings) -> None:
    results = list(settings.jobs.glob("*/output/result.txt"))
    assert len(results) == 17 and {path.read_text() for path in results} == {service_fakes.MADE}
