"""Webhooks: messages that were written with what happened are sent, and sent again, until they are taken."""

from __future__ import annotations

import json
import logging
from typing import Any

from panscan.service.api.qencode_status import file_links, task_status
from panscan.service.database import Db
from panscan.service.queue import enqueue_delivery
from panscan.service.records.endpoints import open_endpoint
from panscan.service.records.jobs import Seals, ServiceJob, get_job
from panscan.service.records.qencode_tasks import task_of_job
from panscan.service.redaction import RedactedUrl, SecretText
from panscan.service.storage import GuardedClient
from panscan.service.webhooks import Delivery, WebhookMessage, deliver, deliver_form, qencode_form, retry_delay_s

_log = logging.getLogger("panscan.worker")
_ENDPOINT_OFF_DAYS = 5  # of failures alone: nobody is there any more
_CLAIM_S = 60  # for one try, which ends after 10 s: until then no other worker sends the same


def send_notice(db: Db, delivery_id: int, seals: Seals, client: GuardedClient | None = None) -> None:
    """Send one message to one webhook, and note how it went; nothing where it was sent already.

    client: reaches the public internet alone, unless another one is given.
    """
    row = db.execute(
        """
        update deliveries set attempts = attempts + 1, next_at = now() + make_interval(secs => %s)
        from messages where deliveries.id = %s and messages.id = message_id
            and deliveries.state = 'waiting' and next_at <= now()
        returning message_id, account_id, endpoint_id, attempts, job_id, kind, data, at
        """,
        [_CLAIM_S, delivery_id],
    ).fetchone()
    if row is None:
        return
    try:
        went = _send(db, row, seals, client)
    except Exception as error:  # a fault of ours must not be sent again for ever
        _log.exception("delivery %s", delivery_id)
        went = Delivery("retry", why=type(error).__name__)
    with db.transaction():
        _note(db, delivery_id, row, went)


def _send(db: Db, row: dict[str, Any], seals: Seals, client: GuardedClient | None) -> Delivery:
    message = WebhookMessage(row["message_id"], row["kind"], row["at"], row["data"])
    if row["endpoint_id"] is not None:
        endpoint = db.execute("select * from webhook_endpoints where id = %s", [row["endpoint_id"]]).fetchone()
        if endpoint is None or endpoint["disabled_at"] is not None:
            return Delivery("refused", why="The endpoint is off.")
        url, keys = open_endpoint(seals, endpoint["sealed"])
        return deliver(url, message, keys, client=client)
    job = get_job(db, row["account_id"], row["job_id"])
    if job is None or not job.spec["webhook"]:
        return Delivery("refused", why="The job was deleted.")
    own = job.spec["webhook"] | _secrets(db, job.id, seals)
    if "qencode" in own:
        return _send_form(db, row, job, RedactedUrl(own["qencode"]), seals, client)
    keys = [SecretText(own["secret"])] if own.get("secret") else _keys_of_account(db, row["job_id"], seals)
    return deliver(RedactedUrl(own["url"]), message, keys, client=client)


def _send_form(
    db: Db, row: dict[str, Any], job: ServiceJob, url: RedactedUrl, box: Seals, client: GuardedClient | None
) -> Delivery:
    """Tell a client of Qencode how its task is."""
    task = task_of_job(db, job)
    event = row["kind"].removeprefix("qencode.")
    if event == "saved" and job.id != task.last_ended:
        return Delivery("done", why="The task goes on; the job that ends last tells of it.")
    status = task_status(task, file_links(box, task.address))
    form = qencode_form(task.id, event, status, job.payload)
    return deliver_form(url, row["message_id"], form, _keys_of_account(db, job.id, box), client=client)


def _secrets(db: Db, job_id: str, seals: Seals) -> dict[str, str]:
    row = db.execute("select sealed from jobs where id = %s and sealed is not null", [job_id]).fetchone()
    return {} if row is None else dict(json.loads(seals.unseal(bytes(row["sealed"])).reveal()).get("webhook", {}))


def _keys_of_account(db: Db, job_id: str, seals: Seals) -> list[SecretText]:
    """The secrets of the account's first endpoint: they sign what its jobs tell elsewhere, too."""
    row = db.execute(
        """
        select webhook_endpoints.sealed from webhook_endpoints join jobs using (account_id)
        where jobs.id = %s and disabled_at is null order by webhook_endpoints.created_at limit 1
        """,
        [job_id],
    ).fetchone()
    return [] if row is None else open_endpoint(seals, row["sealed"])[1]


def _note(db: Db, delivery_id: int, row: dict[str, Any], went: Delivery) -> None:
    delay_s = retry_delay_s(row["attempts"], went.retry_after_s) if went.outcome == "retry" else None
    state = "delivered" if went.outcome == "done" else "dead" if delay_s is None else "waiting"
    db.execute(
        """
        update deliveries set state = %s, last_status = %s, last_error = %s,
            next_at = now() + make_interval(secs => %s), ended_at = case when %s = 'waiting' then null else now() end
        where id = %s
        """,
        [state, went.status, went.why, delay_s or 0, state, delivery_id],
    )
    if state == "waiting":
        enqueue_delivery(db, delivery_id, delay_s or 0)
    if row["endpoint_id"] is not None:
        _note_on_endpoint(db, row["endpoint_id"], went)
    if state == "dead":
        _warn(db, row["job_id"], went)


def _note_on_endpoint(db: Db, endpoint_id: str, went: Delivery) -> None:
    db.execute(
        """
        update webhook_endpoints set
            failing_since = case when %(done)s then null else coalesce(failing_since, now()) end,
            disabled_at = case
                when %(gone)s or (not %(done)s and failing_since < now() - make_interval(days => %(days)s)) then now()
                else disabled_at end
        where id = %(id)s
        """,
        {
            **{"id": endpoint_id, "days": _ENDPOINT_OFF_DAYS},
            **{"done": went.outcome == "done", "gone": went.outcome == "disable"},
        },
    )


def _warn(db: Db, job_id: str, went: Delivery) -> None:
    """A webhook that fails never fails its job: the job warns of it."""
    warning = json.dumps([{"message": "a webhook was not told", "details": went.why}])
    db.execute("update jobs set warnings = warnings || %s::jsonb where id = %s", [warning, job_id])
