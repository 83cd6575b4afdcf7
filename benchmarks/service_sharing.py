"""What it costs to share a long movie: `python benchmarks/service_sharing.py MOVIE --workers 1 --workers 3`.

CPU seconds of each worker with all its processes, from nothing to the end of the job. On machines of their own the job
waits for the longest. Whoever did what, the results must be the same.

    --workers 1     how many; repeat for more
    --span 600      seconds of a span; media of more than two counts as long
    --movies        render a movie too
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import service_database
import service_fakes
from panscan.service.records import accounts, jobs
from panscan.service.settings import ServiceSettings
from panscan.service.spec import parse_job_spec
from panscan.service.storage.transfer import sha256_of

_QUEUES = 3  # of each worker
_LOOK_S = 0.2  # from one look at the job to the next


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("movie", type=Path)
    options.add_argument("--workers", type=int, action="append")
    options.add_argument("--span", type=int, default=600)
    options.add_argument("--movies", action="store_true")
    asked = options.parse_args()
    spec = parse_job_spec(
        {"source": {"path": str(asked.movie.resolve())}, "payload": f"long {asked.span}", "return_video": asked.movies}
    )
    made = set()
    with service_database.database_server() as server:
        for count in asked.workers or [1, 3]:
            with tempfile.TemporaryDirectory(prefix="panscan-") as folder:
                used_s = _used_s(server, spec, count, Path(folder))
                made.add(_made(Path(folder)))
            print(
                f"{count} workers: {' + '.join(f'{one:.1f}' for one in used_s)} = {sum(used_s):.1f} CPU s", flush=True
            )
    sys.exit(0 if len(made) == 1 else "the results differ")


def _made(folder: Path) -> str:
    """Digests of the timelines and movies of the job."""
    paths = [path for path in sorted(folder.glob("*/jobs/*/output/*")) if path.suffix in (".otio", ".mp4")]
    return " ".join(f"{path.name} {sha256_of(path)}" for path in paths)


def _used_s(server: str, spec: object, count: int, folder: Path) -> list[float]:
    """CPU seconds of each worker for one job."""
    with (
        service_database.fresh_database(server) as url,
        psycopg.connect(url, row_factory=dict_row, autocommit=True) as db,
        ExitStack() as stack,
    ):
        workers = [_started(stack, url, folder, f"worker-{number}") for number in range(count)]
        while len(db.execute("select from procrastinate_workers").fetchall()) < _QUEUES * count:
            time.sleep(_LOOK_S)
        account = accounts.add_account(db, "studio", "unlimited").id
        job = jobs.create_job(db, account, spec)
        while not (job := jobs.get_job(db, account, job.id)).is_ended:
            time.sleep(_LOOK_S)
        print(job.state)
        return [_cpu_s(worker) for worker in workers]


def _started(stack: ExitStack, url: str, folder: Path, name: str) -> subprocess.Popen[bytes]:
    settings = ServiceSettings(folder / name, url, exchange_address=str(folder / "exchange"))
    settings.prepare()
    return stack.enter_context(service_fakes.worker(url, settings, slots=1))


def _cpu_s(worker: subprocess.Popen[bytes]) -> float:
    """What a worker and all processes that it has waited for have used, told to end now."""
    worker.send_signal(signal.SIGTERM)
    _, status, used = os.wait4(worker.pid, 0)
    worker.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
