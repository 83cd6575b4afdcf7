"""Addresses of an account that are told what happens, and what became of each message."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from panscan.service.database import Db
from panscan.service.queue import enqueue_delivery
from panscan.service.records.jobs import Seals
from panscan.service.redaction import RedactedUrl, SecretText
from panscan.service.spec_parts import WebhookSpec

_ID_BYTES = 8  # 64 random bits: ids are no secrets, they only must not meet
_MAX_SECRETS = 2  # of an endpoint: the new one, and the one before while receivers change over
_SHOWN = "id, url, events, created_at, failing_since, disabled_at"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that is told what happens.

    Attributes
    ----------
    id, url : str
    events : list of str
        Kinds of messages; empty for all.
    created_at : datetime
    failing_since, disabled_at : datetime, optional
    """

    id: str
    url: str
    events: list[str]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """As answers hold it."""
        return _with_times(asdict(self))


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message to one endpoint, and what became of it.

    Attributes
    ----------
    id : int
    message_id, job_id, kind : str
    endpoint_id : str, optional
        None: the address that the job itself named.
    state : "waiting", "delivered" or "dead"
    attempts : int
    next_at : datetime
    last_status : int, optional
        Of HTTP.
    last_error : str
    ended_at : datetime, optional
    """

    id: int
    message_id: str
    job_id: str
    kind: str
    endpoint_id: str | None
    state: str
    attempts: int
    next_at: datetime
    last_status: int | None
    last_error: str
    ended_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """As answers hold it."""
        return _with_times(asdict(self))


def add_endpoint(db: Db, box: Seals, account_id: str, asked: WebhookSpec, secret: str) -> Endpoint:
    """Store a new endpoint. The whole address is sealed with the secret: behind its "?" there may be a token."""
    row = db.execute(
        "insert into webhook_endpoints (id, account_id, url, events, sealed) values (%s, %s, %s, %s, %s)"
        f" returning {_SHOWN}",
        [
            *(secrets.token_hex(_ID_BYTES), account_id, asked.to_json()["url"], list(asked.events)),
            _sealed(box, asked.url, [secret]),
        ],
    ).fetchone()
    assert row is not None
    return Endpoint(**row)


def open_endpoint(box: Seals, sealed: bytes) -> tuple[RedactedUrl, list[SecretText]]:
    """Where an endpoint is, and what signs for it, the newest first."""
    kept = json.loads(box.unseal(bytes(sealed)).reveal())
    return RedactedUrl(kept["url"]), [SecretText(text) for text in kept["secrets"]]


def _sealed(box: Seals, url: str, keys: Sequence[str]) -> bytes:
    return box.seal(json.dumps({"url": url, "secrets": list(keys)}))


def list_endpoints(db: Db, account_id: str) -> list[Endpoint]:
    """All of an account, the oldest first."""
    sql = f"select {_SHOWN} from webhook_endpoints where account_id = %s order by created_at, id"
    return [Endpoint(**row) for row in db.execute(sql.encode(), [account_id])]


def rotate_secret(db: Db, box: Seals, account_id: str, endpoint_id: str, secret: str) -> Endpoint | None:
    """Put a new secret before the old one, which still signs; an endpoint that was switched off is on again."""
    with db.transaction():
        row = db.execute(
            "select sealed from webhook_endpoints where account_id = %s and id = %s for update",
            [account_id, endpoint_id],
        ).fetchone()
        if row is None:
            return None
        url, known = open_endpoint(box, row["sealed"])
        keys = [secret, *(one.reveal() for one in known)][:_MAX_SECRETS]
        changed = db.execute(
            "update webhook_endpoints set sealed = %s, disabled_at = null, failing_since = null"
            f" where id = %s returning {_SHOWN}".encode(),
            [_sealed(box, url.reveal(), keys), endpoint_id],
        ).fetchone()
        return None if changed is None else Endpoint(**changed)


def remove_endpoint(db: Db, account_id: str, endpoint_id: str) -> bool:
    """Forget an endpoint with what was to be told it; whether there was one."""
    sql = "delete from webhook_endpoints where account_id = %s and id = %s"
    return db.execute(sql, [account_id, endpoint_id]).rowcount > 0


def list_deliveries(db: Db, account_id: str, *, state: str | None, before: int | None, limit: int) -> list[SentMessage]:
    """Messages of an account, the newest first."""
    sql = (
        "select d.id, d.message_id, m.job_id, m.kind, d.endpoint_id, d.state, d.attempts, d.next_at, d.last_status,"
        " d.last_error, d.ended_at from deliveries d join messages m on m.id = d.message_id"
        " where m.account_id = %(account)s and (%(state)s::text is null or d.state = %(state)s)"
        " and (%(before)s::bigint is null or d.id < %(before)s)"
        " order by d.id desc limit %(limit)s"
    )
    values = {"account": account_id, "state": state, "before": before, "limit": limit}
    return [SentMessage(**row) for row in db.execute(sql, values)]


def redeliver(db: Db, account_id: str, delivery_id: int) -> bool:
    """Send a message once more, now; whether there is one."""
    sql = (
        "update deliveries d set state = 'waiting', next_at = now(), attempts = 0, ended_at = null from messages m"
        " where m.id = d.message_id and m.account_id = %s and d.id = %s"
    )
    with db.transaction():
        found = db.execute(sql, [account_id, delivery_id]).rowcount > 0
        if found:
            enqueue_delivery(db, delivery_id)
    return found


def _with_times(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}
