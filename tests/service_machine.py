"""A machine with the whole service, a bucket and a receiver of webhooks; database, API and workers can be killed."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from panscan.service.database import migrate
from panscan.service.embedded import embedded_postgres
from panscan.service.records import accounts
from panscan.service.settings import ServiceSettings
from panscan.service.states import TOLD_ENDS
from s3_server import S3Server, s3_server
from service_client import PatientClient
from service_fakes import STALE_S, worker
from webhook_receiver import WebhookReceiver, webhook_receiver

BUCKET = "results"
_LOOK_S = 0.5  # between two looks at what runs
# Waiting times of a receiver that is down for hours, and of a worker that was killed while it sent a message.
_HURRY = """
from panscan.service import notices, webhooks
notices._CLAIM_S, webhooks._ANSWER_S, webhooks._DELAYS_S = 4, 1, (0,) + (0.5,) * 99
"""


# Jobs that one more kill would rightly end; of "poison" that is wanted.
_SPARED = "select 1 from jobs, jsonb_each_text(kills) where ended_at is null and value = '2' and payload <> 'poison'"


@dataclass
class Machine:
    """Workers and an API that come back when they are killed, as under a supervisor; so does the database."""

    url: str
    settings: ServiceSettings
    stack: ExitStack
    store: S3Server
    receiver: WebhookReceiver
    client: PatientClient
    account: str
    size: int = 3
    stale_s: float = STALE_S
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    api: subprocess.Popen[bytes] | None = None

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the database, as soon as it answers."""
        while True:
            with (
                suppress(psycopg.OperationalError),
                psycopg.connect(self.url, row_factory=dict_row, autocommit=True) as db,
            ):
                return db.execute(sql.encode()).fetchall()
            time.sleep(0.2)

    def keep_running(self) -> None:
        """Start what is not there, or not any more."""
        self.workers = [one for one in self.workers if one.poll() is None]
        while len(self.workers) < self.size:
            more = {"stale_s": self.stale_s, "hurry": _HURRY, "environment": self._environment()}
            self.workers.append(self.stack.enter_context(worker(self.url, self.settings, **more)))
        if self.api is None or self.api.poll() is not None:
            self.api = self._start_api()

    def prepare(self) -> None:
        """Store the keys of the bucket and the receiver's address, as an account does."""
        self.keep_running()
        keys = {"url": f"s3://{BUCKET}", "key": "k", "secret": "s", "endpoint": self.store.endpoint}
        self.client.ask("PUT", "/v1/connections/bucket", keys)
        endpoint = {"url": f"{self.receiver.url}/account", "events": ["job.planned", *TOLD_ENDS]}
        self.receiver.secret = self.client.ask("POST", "/v1/webhooks", endpoint)["secret"]

    def kill(self, name: str, dice: random.Random) -> bool:
        """Kill a worker, the API or the database; no worker while one more kill would rightly end a job.

        Whether it was done.
        """
        if name == "worker" and self.ask(_SPARED):
            return False
        with suppress(OSError):  # it is being started
            os.kill(self._pid_of(name, dice), signal.SIGKILL)
            return True
        return False

    def _pid_of(self, name: str, dice: random.Random) -> int:
        if name == "database":
            return int((self.settings.data / "database" / "postmaster.pid").read_text().split()[0])
        assert self.api
        return self.api.pid if name == "api" else dice.choice(self.workers).pid

    def is_done(self) -> bool:
        """Whether every job has ended, and everybody was told."""
        left = "select 1 from jobs where ended_at is null union all select 1 from deliveries where state = 'waiting'"
        return not self.ask(f"{left} limit 1")

    def run(
        self, asking: Callable[[], None], kills: Iterable[str], pause_s: float, deadline_s: float, dice: random.Random
    ) -> Counter[str]:
        """Kill one after the other while jobs are asked for; then wait for the end. How often each was killed.

        pause_s: between two of them, on average.
        """
        started, killed = time.monotonic(), Counter[str]()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(asking)
            try:
                for name in kills:
                    self._wait(dice.uniform(0.5, 1.5) * pause_s)
                    killed[name] += self.kill(name, dice)
                while not (asked.done() and self.is_done()):
                    assert time.monotonic() - started < deadline_s, self.log()
                    self._wait(_LOOK_S)
            finally:
                self.client.gives_up.set()
            asked.result()
        return killed

    def _wait(self, wait_s: float) -> None:
        until_s = time.monotonic() + wait_s
        while (left_s := until_s - time.monotonic()) > 0:
            self.keep_running()
            time.sleep(min(_LOOK_S, left_s))

    def log(self) -> str:
        """The end of what the processes printed."""
        return (self.settings.data / "workers.txt").read_text()[-3000:]

    @property
    def temporary(self) -> Path:
        """Where the processes put temporary files."""
        return self.settings.data / "temporary"

    def _environment(self) -> dict[str, str]:
        return {"PANSCAN_TRUSTED_STORES": self.store.endpoint, "TMPDIR": str(self.temporary)}

    def _start_api(self) -> subprocess.Popen[bytes]:
        command = ["service", "run", "--jobs=0", f"--port={self.client.url.rpartition(':')[2]}", "--allow=/"]
        own = {"PANSCAN_SERVICE_DIR": str(self.settings.data), "PANSCAN_DATABASE_URL": self.url}
        output = self.stack.enter_context((self.settings.data / "workers.txt").open("ab"))
        process = self.stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "panscan", *command],
                stdout=output,
                stderr=output,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | own | self._environment(),
            )
        )
        self.stack.callback(process.kill)
        return process


@contextmanager
def machine(size: int = 3, stale_s: float = STALE_S) -> Iterator[Machine]:
    """A machine whose service runs, with so many workers; they count as killed after so long without a sign."""
    with tempfile.TemporaryDirectory(prefix="panscan-") as name, ExitStack() as stack:
        folder = Path(name).resolve()
        url = stack.enter_context(embedded_postgres(folder / "database"))
        migrate(url)
        settings = ServiceSettings(folder, url)
        settings.prepare()
        with psycopg.connect(url, row_factory=dict_row, autocommit=True) as db:
            account = accounts.add_account(db, "studio", "unlimited").id
            client = PatientClient(f"http://127.0.0.1:{_free_port()}", accounts.add_token(db, account, "admin"))
        store, receiver = stack.enter_context(s3_server(BUCKET)), stack.enter_context(webhook_receiver())
        host = Machine(url, settings, stack, store, receiver, client, account, size, stale_s)
        host.temporary.mkdir()
        host.prepare()
        yield host


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
