"""Kill workers, the API and the database at random for ten minutes: `python benchmarks/service_chaos.py --jobs 200`.

Jobs are asked for over HTTP, spread over the time; results go to a bucket, and a receiver of webhooks fails every other
time. Nearly all jobs only take a moment in each stage, so what is seen is the service alone: what is wrong in the end,
and the CPU time of the queue.

    --jobs 200      how many
    --workers 3     processes, two jobs at once in each
    --minutes 10    for which one of them is killed again and again; 0 to see what the queue itself costs
    --pause 3       seconds from one kill to the next, on average; more where the machine is busy with other work
    --seed 7
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import media
from service_checks import ask_for_all, findings
from service_machine import Machine, machine

_GOOD = 13  # of twenty jobs
_OTHERS = ("rejected", "broken", "poison", "endless", "flaky", "interrupted", "movie")
_KILLED = ("worker", "worker", "worker", "api", "api", "database")  # which takes longest to come back
_STALE_S = 8.0  # a worker on a busy machine gives a sign before
_ASKING_SHARE = 0.9  # of the time of the kills in which jobs are asked for
_DEADLINE_S = 3600


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("jobs", 200), ("workers", 3), ("minutes", 10.0), ("pause", 3.0), ("seed", 7)):
        options.add_argument(f"--{name}", type=type(default), default=default)
    asked = options.parse_args()
    dice, kill_s = random.Random(asked.seed), asked.minutes * 60
    payloads, pause_s = _payloads(asked.jobs, bool(kill_s)), kill_s * _ASKING_SHARE / asked.jobs
    before = _children_cpu_s()
    with tempfile.TemporaryDirectory() as folder, machine(asked.workers, _STALE_S) as host:
        source = media.moving_block(Path(folder) / "talk.mp4", frames=24, rate=Fraction(24))
        started, found = time.monotonic(), dict[str, object]()
        kills = _killed(host, kill_s, dice, found)
        found["killed"] = host.run(
            lambda: ask_for_all(host, payloads, source, pause_s), kills, asked.pause, _DEADLINE_S, dice
        )
        took_s, wrong = time.monotonic() - started, findings(host)
        found |= _figures(host) | {"wall_s": round(took_s), "database_cpu_s": _database_cpu_s(host)}
    cpu_s = _children_cpu_s() - before
    print(json.dumps(found | {"processes_cpu_s": round(cpu_s, 1), "cores": os.cpu_count(), "wrong": wrong}, indent=1))
    sys.exit(1 if wrong else 0)


def _payloads(count: int, mixed: bool) -> list[str]:
    """Of twenty jobs thirteen good ones, of different lengths, and one of each other kind."""
    kinds = ["good"] * _GOOD + list(_OTHERS if mixed else ())
    wishes = [kinds[number % len(kinds)] for number in range(count)]
    return [f"good {30 + number}" if wish == "good" else wish for number, wish in enumerate(wishes)]


def _killed(host: Machine, kill_s: float, dice: random.Random, found: dict[str, object]) -> Iterator[str]:
    """What is killed, one after the other; in the end it is found how many jobs have ended meanwhile."""
    until_s = time.monotonic() + kill_s
    while time.monotonic() < until_s:
        yield dice.choice(_KILLED)
    found |= host.ask("select count(*) as jobs_ended_meanwhile from jobs where ended_at is not null")[0]


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _database_cpu_s(host: Machine) -> float:
    """Of the server that runs now and of all its processes, those that have ended too."""
    server = psutil.Process(int((host.settings.data / "database" / "postmaster.pid").read_text().split()[0]))
    own, running = server.cpu_times(), [one.cpu_times() for one in server.children()]
    ended = own.user + own.system + own.children_user + own.children_system
    return round(ended + sum(one.user + one.system for one in running), 1)


def _figures(host: Machine) -> dict[str, object]:
    rows, got = host.ask("select state, attempt from jobs"), host.receiver.got
    return {
        "jobs": Counter(row["state"] for row in rows),
        "attempts": sum(row["attempt"] for row in rows),
        "answers_lost": host.client.lost,
        "objects": host.ask("select sum(jsonb_array_length(outputs)) as n from jobs where state = 'completed'")[0]["n"],
        "messages": len({one.id for one in got}),
        "messages_received": len(got),
    }


if __name__ == "__main__":
    main()
