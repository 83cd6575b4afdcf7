"""Kill workers and the database at random while many jobs run: `python benchmarks/service_chaos.py --jobs 200`.

The jobs do nothing but take a moment in each stage, so what is seen is the service alone: whether every job ends once
and right, what is counted, how long a killed job stays away, and the CPU time of the queue.

    --jobs 200      how many
    --workers 3     processes, two jobs at once in each
    --kills 60      one a second: two workers, then the database, and again; 0 to see what the queue itself costs
    --seed 7
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import psycopg
from psycopg.rows import dict_row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import service_fakes
from panscan.service.records import accounts, jobs, minutes
from panscan.service.spec import parse_job_spec

KINDS = ("good",) * 16 + ("rejected", "broken", "poison", "good")
ENDS = {"good": "completed", "rejected": "verification_failed", "broken": "failed", "poison": "failed"}
_DEADLINE_S = 3600


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("jobs", 200), ("workers", 3), ("kills", 60), ("seed", 7)):
        options.add_argument(f"--{name}", type=int, default=default)
    asked = options.parse_args()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with service_fakes.machine(asked.workers) as host:
        wanted = _ask(host, asked.jobs)
        started = time.monotonic()
        host.kill_until_done(asked.kills, _DEADLINE_S, asked.seed)
        took_s = time.monotonic() - started
        found = _look(host, wanted) | {"database_cpu_s": _database_cpu_s(host)}
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps(found | {"wall_s": round(took_s), "workers_cpu_s": round(cpu_s, 1), "cores": os.cpu_count()}))
    sys.exit(0 if found["wrong"] == 0 else 1)


def _ask(host: service_fakes.Machine, count: int) -> dict[str, str]:
    with psycopg.connect(host.url, row_factory=dict_row, autocommit=True) as db:
        account = accounts.add_account(db, "studio", "unlimited").id
        wanted = [KINDS[number % len(KINDS)] for number in range(count)]
        spec = {kind: parse_job_spec({"source": {"path": "/talk.mp4"}, "payload": kind}) for kind in ENDS}
        return {jobs.create_job(db, account, spec[kind]).id: kind for kind in wanted}


def _database_cpu_s(host: service_fakes.Machine) -> float:
    """Of the server that runs now and of all its processes, those that have ended too."""
    server = psutil.Process(int((host.settings.data / "database" / "postmaster.pid").read_text().split()[0]))
    own, running = server.cpu_times(), [one.cpu_times() for one in server.children()]
    ended = own.user + own.system + own.children_user + own.children_system
    return round(ended + sum(one.user + one.system for one in running), 1)


def _look(host: service_fakes.Machine, wanted: dict[str, str]) -> dict[str, float]:
    rows = {row["id"]: row for row in host.ask("select * from jobs")}
    ends = Counter(
        row["job_id"]
        for row in host.ask("select job_id, data->>'state' as state from events where kind = 'state'")
        if row["state"] in ("completed", "verification_failed", "failed", "cancelled")
    )
    with psycopg.connect(host.url, row_factory=dict_row) as db:
        used = minutes.usage(db, next(iter(rows.values()))["account_id"])
    good = sum(kind == "good" for kind in wanted.values())
    return {
        "jobs": len(wanted),
        "wrong": sum(rows[name]["state"] != ENDS[kind] for name, kind in wanted.items()),
        "ended_twice": sum(count != 1 for count in ends.values()),
        "minutes_too_many": used.used_s / 60 - good,
        "attempts": sum(row["attempt"] for row in rows.values()),
        "half_outputs": len([path for path in host.settings.jobs.glob("*/output/*.part")]),
    }


if __name__ == "__main__":
    main()
