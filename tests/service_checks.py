"""Jobs that a service is asked for while parts of it are killed, and what must be true in the end.

Each thing that is not true is told in a sentence.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import obstore
import psycopg
from psycopg.rows import dict_row

from panscan.service.database import connections
from panscan.service.engine import remove_expired_folders
from panscan.service.records import minutes
from panscan.service.states import ENDED
from service_fakes import MADE, large_text
from service_machine import BUCKET, Machine

# How a job ends, by the first word of its payload; a second word is the seconds of its source.
ENDS = {
    "good": "completed",
    "movie": "completed",
    "rejected": "verification_failed",
    "broken": "failed",
    "poison": "failed",
    "endless": "cancelled",
    "flaky": "completed",
    "interrupted": "completed",
}
_CANCEL_EVERY = 10  # jobs
MOVIE_S = 1.0  # of the source of a movie
_STATES = "select job_id, data->>'state' as state from events where kind = 'state' order by id"
_COUNTED = """
    select coalesce(sum(source_s), 0)::float as s from jobs
    where state like 'completed%' or (state = 'cancelled' and has_worked)
    """


def ask_for_all(host: Machine, payloads: Iterable[str], source: Path, pause_s: float = 0.0) -> None:
    """Ask for jobs over HTTP, one after the other; those that would never end are cancelled while later ones run."""
    endless: list[str] = []
    for number, payload in enumerate(payloads):
        job = {
            "source": {"path": str(source)},
            "payload": payload,
            "destination": {"connection": "bucket", "url": f"s3://{BUCKET}/{number}"},
            "webhook": {"url": f"{host.receiver.url}/own"},
        }
        job_id = host.client.ask_for(f"{number} {payload}", job)
        endless += [job_id] if payload == "endless" else []
        if number % _CANCEL_EVERY == _CANCEL_EVERY - 1:
            while endless:
                host.client.ask("POST", f"/v1/jobs/{endless.pop()}/cancel")
        time.sleep(pause_s)
    for job_id in endless:
        host.client.ask("POST", f"/v1/jobs/{job_id}/cancel")


def findings(host: Machine) -> list[str]:
    """All that is wrong."""
    jobs = {row["id"]: row for row in host.ask("select *, source_s::float from jobs")}
    return [
        *_wrong_ends(host, jobs),
        *_wrong_minutes(host, jobs),
        *_wrong_objects(host, jobs),
        *_left_files(host, jobs),
        *_wrong_messages(host, jobs),
    ]


def _wrong_ends(host: Machine, jobs: dict[str, Any]) -> Iterator[str]:
    for key, ids in host.client.jobs.items():
        payload = key.partition(" ")[2]
        known = [jobs[name] for name in ids if name in jobs]
        if len(ids) != 1 or [row["payload"] for row in known] != [payload]:
            yield f"{key} was asked for once, and became {ids}"
        for row in known:
            if row["state"] != ENDS[payload.split()[0]]:
                yield f"{key} ended as {row['state']}: {row['error']}"
    if len(jobs) != len(host.client.jobs):
        yield f"{len(host.client.jobs)} jobs were asked for, and there are {len(jobs)}"
    told = host.ask(_STATES)
    ends = Counter(row["job_id"] for row in told if row["state"] in ENDED)
    last = {row["job_id"]: row["state"] for row in told}
    for name, row in jobs.items():
        if ends[name] != 1 or last[name] != row["state"]:
            yield f"{row['payload']} ended {ends[name]} times, last as {last[name]}"


def _wrong_minutes(host: Machine, jobs: dict[str, Any]) -> Iterator[str]:
    for row in jobs.values():
        wish, _, seconds = row["payload"].partition(" ")
        if row["source_s"] not in (None, MOVIE_S if wish == "movie" else float(seconds or 60)):
            yield f"the source of {row['payload']} has {row['source_s']} s"
    with psycopg.connect(host.url, row_factory=dict_row) as db:
        used_s = minutes.usage(db, host.account).used_s
    counted_s = host.ask(_COUNTED)[0]["s"]
    if used_s != counted_s:
        yield f"{used_s} s count, and jobs that count have {counted_s} s"


def _wrong_objects(host: Machine, jobs: dict[str, Any]) -> Iterator[str]:
    """The bucket holds what completed jobs have made, whole, and nothing else."""
    made = {}
    for row in (row for row in jobs.values() if row["state"].startswith("completed")):
        prefix, output = row["spec"]["destination"]["url"], host.settings.job_folder(row["id"]) / "output"
        made |= {f"{prefix}/{path.name}": _sha256(path.read_bytes()) for path in output.glob("[!.]*")}
        for one in row["outputs"]:
            if made.get(one.get("url", "")) != one["sha256"]:
                yield f"{row['payload']} tells of {one}, which was not made so"
        whole = {"result.txt": MADE, "large.txt": large_text(row["id"])}
        if row["payload"] != "movie" and {path.name: path.read_text() for path in output.iterdir()} != whole:
            yield f"{row['payload']} has half an output in {output}"
    bucket = host.store.bucket(BUCKET)
    sent = {}
    for one in (one for page in obstore.list(bucket) for one in page):
        there = obstore.get(bucket, one["path"])
        sent[f"s3://{BUCKET}/{one['path']}"] = sha256 = _sha256(bytes(there.bytes()))
        if there.attributes.get("sha256") != sha256:
            yield f"{one['path']} is not what was sent"
    yield from (f"{url} is in the bucket, and no completed job made it so" for url in dict(sent.items() - made.items()))
    yield from (f"{url} is not in the bucket as it was made" for url in dict(made.items() - sent.items()))
    if unfinished := host.store.unfinished_uploads(BUCKET):
        yield f"uploads of {unfinished} were never finished"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _left_files(host: Machine, jobs: dict[str, Any]) -> Iterator[str]:
    """What is there that should not be, once a worker has tidied up, as each does when it starts and every hour."""
    with connections(host.url) as pool:
        remove_expired_folders(SimpleNamespace(settings=host.settings, pool=pool))
    for path in host.settings.jobs.rglob("*"):
        if ".part" in path.name:
            yield f"{path.relative_to(host.settings.jobs)} was left"
    yield from (
        f"{path.name} is the folder of no job" for path in host.settings.jobs.iterdir() if path.name not in jobs
    )
    yield from (f"the temporary file {path.name} was left" for path in host.temporary.iterdir())


def _wrong_messages(host: Machine, jobs: dict[str, Any]) -> Iterator[str]:
    """Each end, at both places, and to the account that the timelines are there: at least once, under one id."""
    told: dict[tuple[str, str], set[str]] = {}
    texts: dict[str, set[str]] = {}
    for one in host.receiver.got:
        told.setdefault((one.job_id, one.kind), set()).add(one.id)
        texts.setdefault(one.id, set()).add(str(one.data))
        if not one.is_signed:
            yield f"{one.id} was not signed"
    yield from (f"{name} was told with {len(texts[name])} contents" for name in texts if len(texts[name]) > 1)
    yield from (f"{what} was told under {len(told[what])} ids" for what in told if len(told[what]) > 1)
    was = {(row["job_id"], f"job.{row['state']}") for row in host.ask(_STATES)}
    yield from (f"{what} was told, and never was" for what in told.keys() - was)
    ends = {(name, f"job.{row['state']}") for name, row in jobs.items()}
    planned = {(name, "job.planned") for name, kind in was if kind == "job.rendering"}
    wanted = {("/account", *what) for what in ends | planned} | {("/own", *what) for what in ends}
    taken = {(one.path, one.job_id, one.kind) for one in host.receiver.got if one.is_taken}
    yield from (f"{what} was not taken by anybody" for what in wanted - taken)
