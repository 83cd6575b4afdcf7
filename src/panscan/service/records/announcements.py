"""What webhooks are told of a job: messages and their deliveries, written in the transaction in which it happened.

So none is lost, and none is sent of what was undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from panscan.service.database import Db
from panscan.service.queue import enqueue_delivery
from panscan.service.records.accounts import new_id
from panscan.service.records.events import add_event
from panscan.service.states import CANCELLED, FAILED, HELD, REJECTED, TOLD_ENDS

PLANNED = "job.planned"
QENCODE_QUEUED = "qencode.queued"
# What Qencode's clients are told of an end: of each that it is kept, and of a bad one first that there was an error.
_QENCODE_SAVED, _QENCODE_ERROR = "qencode.saved", "qencode.error"
_BAD_ENDS = tuple(f"job.{state}" for state in (FAILED, REJECTED, CANCELLED))
_OUTPUT = ("ratio", "kind", "state", "url")  # what is told of each


def announce(db: Db, job_id: str, kind: str, sequence: int) -> None:
    """Tell the account's webhooks, and the job's own, of an event such as "job.completed".

    sequence: by which receivers order the messages of a job.
    """
    job = _job(db, job_id)
    wanted = _endpoints(db, job["account_id"], kind)
    own = job["spec"].get("webhook") or {}
    if own.get("url") and _is_wanted(kind, own.get("events")):
        wanted.append(None)
    _write(db, job, kind, _data(job, sequence), wanted)
    if own.get("qencode") and kind in TOLD_ENDS:
        for event in (*((_QENCODE_ERROR,) if kind in _BAD_ENDS else ()), _QENCODE_SAVED):
            _write(db, job, event, {}, [None])


def announce_planned(db: Db, job_id: str) -> None:
    """Tell that the timelines of a job are there; once in a run, however often the work was taken up."""
    job = _job(db, job_id)
    sql = "select 1 from messages where job_id = %s and kind = %s and (data ->> 'run')::int = %s"
    if job["state"] == "planned" and not db.execute(sql, [job_id, PLANNED, job["run"]]).fetchone():
        row = db.execute("select max(id) as last from events where job_id = %s", [job_id]).fetchone()
        announce(db, job_id, PLANNED, row["last"] if row else 0)


def announce_held(db: Db, job_id: str) -> None:
    """Note that a job waits for minutes, and tell it."""
    announce(db, job_id, f"job.{HELD}", add_event(db, job_id, "state", {"state": HELD}))


def announce_queued(db: Db, job_id: str) -> None:
    """Tell a client of Qencode that its task is accepted, where it named an address."""
    job = _job(db, job_id)
    if (job["spec"].get("webhook") or {}).get("qencode"):
        _write(db, job, QENCODE_QUEUED, {}, [None])


def _job(db: Db, job_id: str) -> dict[str, Any]:
    row = db.execute("select *, source_s::float from jobs where id = %s", [job_id]).fetchone()
    assert row is not None
    return row


def _is_wanted(kind: str, kinds: Any) -> bool:
    return kind in (kinds or TOLD_ENDS)


def _endpoints(db: Db, account_id: str, kind: str) -> list[str | None]:
    sql = "select id, events from webhook_endpoints where account_id = %s and disabled_at is null"
    return [row["id"] for row in db.execute(sql, [account_id]) if _is_wanted(kind, row["events"])]


def _data(job: Mapping[str, Any], sequence: int) -> dict[str, Any]:
    told = {name: job[name] for name in ("id", "state", "run", "source_s", "verdicts", "flags", "payload")}
    outputs = [{name: one[name] for name in _OUTPUT if name in one} for one in job["outputs"]]
    links = {"self": f"/v1/jobs/{job['id']}"} | ({"crops": f"/v1/jobs/{job['id']}/crops"} if outputs else {})
    error = {"error": job["error"]} if job["error"] else {}
    return {**told, "sequence": sequence, "outputs": outputs, "links": links, **error}


def _write(db: Db, job: Mapping[str, Any], kind: str, data: Mapping[str, Any], wanted: list[str | None]) -> None:
    """One message to several endpoints; None stands for the job's own webhook."""
    if not wanted:
        return
    message_id = new_id("msg")
    db.execute(
        "insert into messages (id, account_id, job_id, kind, data) values (%s, %s, %s, %s, %s)",
        [message_id, job["account_id"], job["id"], kind, Jsonb(dict(data))],
    )
    for endpoint_id in wanted:
        sql = "insert into deliveries (message_id, endpoint_id) values (%s, %s) returning id"
        made = db.execute(sql, [message_id, endpoint_id]).fetchone()
        assert made is not None
        enqueue_delivery(db, made["id"])
