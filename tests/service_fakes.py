"""Stand-ins for a service under test: work that takes a moment, a worker process, and a receiver of webhooks."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

import service_parts
from panscan.errors import InputError
from panscan.service.database import migrate
from panscan.service.embedded import embedded_postgres
from panscan.service.settings import ServiceSettings
from panscan.service.states import ENDED, STAGES
from panscan.service.temporary import TemporaryError
from panscan.service.work_order import WorkOrder, WorkReport

_STAGE_S = 0.05
MADE = "made by one attempt\n"


def fake_work(order: WorkOrder, report: WorkReport) -> str:
    """Every stage in a moment; what happens then says the job's payload. "movie": the real work, "long":
    that of long media, which is seconds long here.
    """
    wish, _, value = (order.spec.payload or "").partition(" ")
    if wish.startswith("shared"):
        return service_parts.shared_work(order, report, wish, Path(value))
    if wish in ("movie", "long"):
        from panscan.service.work import do_work  # takes a second, which the other jobs shall not

        if wish == "long":
            service_parts.take_seconds_for_minutes()
        return do_work(order, report)
    order.part.mkdir(parents=True)
    part = order.part / "result.txt"
    for stage in STAGES:
        report.progress(stage)
        if stage == "ingest":
            report.confirm(float(value or 60))
        with part.open("a", encoding="utf-8") as file:
            file.write(f"{stage}\n")
        time.sleep(5 if wish == "slow" and stage == "render" else _STAGE_S)
        if stage == "render":
            _misbehave(wish, order)
    order.output.mkdir(exist_ok=True)
    part.write_text(MADE, encoding="utf-8")
    part.replace(order.output / "result.txt")
    order.part.rmdir()
    return "verification_failed" if wish == "rejected" else "completed"


def _misbehave(wish: str, order: WorkOrder) -> None:
    if wish == "poison":
        os.kill(os.getpid(), signal.SIGSEGV)
    if wish == "broken":
        raise InputError("the media is broken", why="A test wants it so.", fix="None.")
    if wish == "flaky" and order.attempt == 1:
        raise TemporaryError("the store is busy", why="A test wants it so.", fix="Wait.")


_WORKER = """
import sys
from pathlib import Path
import logging; logging.basicConfig(level=logging.WARNING)
from panscan.service.database import migrate
from panscan.service.embedded import embedded_postgres
from panscan.service.settings import ServiceSettings
from panscan.service.storage import GuardedClient, HttpPolicy
from panscan.service.worker import run_worker
url, data, drain_s, slots, exchange = sys.argv[1:]
times = {"drain_s": float(drain_s), "stale_s": 3.0, "sweep_s": 1}
settings = ServiceSettings(Path(data), url, (Path("/"),), int(slots), **times, exchange_address=exchange)
policy = HttpPolicy(allow_http=True, ports=frozenset(range(1, 65536)))
client = GuardedClient(policy, is_allowed=lambda address: True)
run_worker(settings, url, work="service_fakes:fake_work", client=client)
"""


@contextmanager
def worker(
    url: str, settings: ServiceSettings, drain_s: float = 1.0, slots: int = 2
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that does `fake_work`; killed at the end of the block, if it has not ended."""
    arguments = map(str, (url, settings.data, drain_s, slots, settings.exchange_address))
    command = [sys.executable, "-c", _WORKER, *arguments]
    log = settings.data / "workers.txt"
    paths = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),  # the work is found in this folder
        "PANSCAN_CACHE_DIR": str(settings.data / "cache"),  # as on a machine of its own
    }
    with log.open("ab") as output, subprocess.Popen(command, stdout=output, stderr=output, env=paths) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def receiver() -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """A receiver of webhooks: its address, and of each message id, kind and job, as they come."""
    got: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            got.append((self.headers["webhook-id"], body["type"], body["data"]["id"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook", got
        finally:
            server.shutdown()


@dataclass
class Machine:
    """A database and workers that come back when they are killed, as under a supervisor."""

    url: str
    settings: ServiceSettings
    stack: ExitStack
    size: int = 3
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
        while len(self.workers) < self.size:
            self.workers.append(self.stack.enter_context(worker(self.url, self.settings)))

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

    def kill_until_done(self, kills: int, deadline_s: float, seed: int = 7) -> None:
        """Kill so often, a second between; then wait until every job has ended and every webhook was told."""
        dice, started, killed = random.Random(seed), time.monotonic(), 0
        while not self.is_done():
            log = (self.settings.data / "workers.txt").read_text() if killed else ""
            assert time.monotonic() - started < deadline_s, log[-3000:]
            self.keep_workers()
            time.sleep(1)
            if killed < kills:
                self.kill_one(killed, dice)
                killed += 1


@contextmanager
def machine(size: int = 3) -> Iterator[Machine]:
    """A machine with a database and so many workers."""
    with tempfile.TemporaryDirectory(prefix="panscan-") as name, ExitStack() as stack:
        folder = Path(name).resolve()
        url = stack.enter_context(embedded_postgres(folder / "database"))
        migrate(url)
        settings = ServiceSettings(folder, url)
        settings.prepare()
        yield Machine(url, settings, stack, size)
