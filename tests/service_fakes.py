"""Stand-ins for a service under test: work that takes a moment, and a worker process that does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import service_parts
from panscan.errors import InputError
from panscan.files import whole_file
from panscan.service.settings import ServiceSettings
from panscan.service.states import STAGES
from panscan.service.temporary import TemporaryError
from panscan.service.work_order import WorkOrder, WorkReport, own_part

_STAGE_S = 0.05
_SLOW_S = {"slow": 5, "endless": 600}  # of the render of such jobs
_LARGE_LINES = 12_000  # of an output that goes to a bucket in several parts
_PART_BYTES = 64 * 1024  # so that it does
STALE_S = 3.0  # a worker that works gives five signs in it
MADE = "made by one attempt\n"


def fake_work(order: WorkOrder, report: WorkReport) -> str:
    """Every stage in a moment; what happens then says the job's payload.

    "movie": the real work; "long 10": with media that is looked at in spans of 10 s.
    """
    wish, _, value = (order.spec.payload or "").partition(" ")
    if wish.startswith("shared"):
        return service_parts.shared_work(order, report, wish, Path(value))
    if wish in ("movie", "long"):
        from panscan.service.work import do_work  # takes a second, which the other jobs shall not

        if wish == "long":
            service_parts.shorten_spans(int(value))
        return do_work(order, report)
    with own_part(order):
        return _made_in_moments(order, report, wish, float(value or 60))


def _made_in_moments(order: WorkOrder, report: WorkReport, wish: str, source_s: float) -> str:
    part = order.part / "result.txt"
    for stage in STAGES[:-1]:
        report.progress(stage)
        if stage == "ingest":
            report.confirm(source_s)
        if stage == "plan":
            report.result(outputs=[{"ratio": "9:16", "kind": "otio", "state": "ready"}])
        with part.open("a", encoding="utf-8") as file:
            file.write(f"{stage}\n")
        time.sleep(_SLOW_S.get(wish, _STAGE_S) if stage == "render" else _STAGE_S)
        if stage == "render":
            _misbehave(wish, order)
    order.output.mkdir(exist_ok=True)
    part.write_text(MADE, encoding="utf-8")
    part.replace(order.output / "result.txt")
    report.progress("deliver")
    if wish == "rejected":
        return "verification_failed"
    _send(order, report)
    return "completed"


def large_text(job_id: str) -> str:
    """What a job sends to a bucket beside its small result."""
    return f"{job_id}\n" * _LARGE_LINES


def _send(order: WorkOrder, report: WorkReport) -> None:
    """Publish as the real work does, the large file in parts."""
    if order.spec.destination is None:
        return
    from panscan.service.results import Results
    from panscan.service.storage import Connection, StoragePolicy, objects, publish

    objects._WHOLE_BYTES = objects._PART_BYTES = _PART_BYTES
    if (order.spec.payload, order.attempt) == ("interrupted", 1):
        objects.obstore.put = partial(_put_half, objects.obstore.put)
    with whole_file(order.output / "large.txt") as file:
        file.write(large_text(order.job_id).encode())
        time.sleep(_STAGE_S)
    files = {path.name: path for path in order.output.glob("*.txt")}
    results = Results(order, report)
    for name, path in files.items():
        results.add("9:16", name, path)
    sent = publish(
        files,
        order.spec.destination,
        owner=order.job_id,
        policy=StoragePolicy.of_environment(),
        connections=lambda name: Connection.from_json(order.connections[name]),
        is_retry=order.attempt > 1,
    )
    for one in sent:
        results.outputs["9:16", one.name] |= {"url": one.url, "key": one.key}
    results.tell()


def _put_half(put: Any, store: Any, key: str, file: Path, **more: Any) -> None:
    """Send a small file, and half of a large one: then the process is killed."""

    def pieces() -> Iterator[bytes]:
        yield file.read_bytes()[: 2 * _PART_BYTES]
        os.kill(os.getpid(), signal.SIGKILL)

    put(store, key, pieces() if "chunk_size" in more else file, **more)


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
from panscan.service.settings import ServiceSettings
from panscan.service.storage import GuardedClient, HttpPolicy
from panscan.service.worker import run_worker
url, data, drain_s, slots, exchange, stale_s = sys.argv[1:]
times = {"drain_s": float(drain_s), "stale_s": float(stale_s), "sweep_s": 1}
settings = ServiceSettings(Path(data), url, (Path("/"),), int(slots), **times, exchange_address=exchange)
policy = HttpPolicy(allow_http=True, ports=frozenset(range(1, 65536)))
client = GuardedClient(policy, is_allowed=lambda address: True)
run_worker(settings, url, work="service_fakes:fake_work", client=client)
"""


@contextmanager
def worker(
    url: str,
    settings: ServiceSettings,
    drain_s: float = 1.0,
    slots: int = 2,
    *,
    stale_s: float = STALE_S,
    hurry: str = "",
    environment: Mapping[str, str] = {},
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that does `fake_work`; killed at the end of the block, if it has not ended.

    stale_s: without a sign from a worker, after which it counts as killed.
    hurry: statements that it begins with, to shorten what a test would wait for.
    """
    arguments = map(str, (url, settings.data, drain_s, slots, settings.exchange_address, stale_s))
    command = [sys.executable, "-c", hurry + _WORKER, *arguments]
    log = settings.data / "workers.txt"
    paths = {
        "PYTHONPATH": os.pathsep.join(sys.path),  # the work is found in this folder
        "PANSCAN_CACHE_DIR": str(settings.data / "cache"),  # as on a machine of its own
    }
    own = os.environ | paths | environment
    with log.open("ab") as output, subprocess.Popen(command, stdout=output, stderr=output, env=own) as process:
        try:
            yield process
        finally:
            process.kill()
