"""Requests that may come twice: the second time the first answer is given, and nothing is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from panscan.service.database import Db

_KEPT_H = 24  # hours: clients that lost an answer ask again within minutes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer to an earlier request with the same key.

    Attributes
    ----------
    body_sha256 : bytes
        Of the request.
    status : int
    answer : dict
    """

    body_sha256: bytes
    status: int
    answer: dict[str, Any]


def claim_key(db: Db, account_id: str, key: str) -> bool:
    """Hold a key until the transaction ends; False where another request holds it."""
    sql = "select pg_try_advisory_xact_lock(hashtextextended(%s, 0)) as held"
    row = db.execute(sql, [f"idempotency {account_id} {key}"]).fetchone()
    return bool(row and row["held"])


def earlier_answer(db: Db, account_id: str, key: str) -> StoredAnswer | None:
    """The answer that was given before, if it is not too old."""
    sql = (
        "select body_sha256, status, answer from idempotency where account_id = %s and key = %s"
        " and created_at > now() - make_interval(hours => %s)"
    )
    row = db.execute(sql, [account_id, key, _KEPT_H]).fetchone()
    return None if row is None else StoredAnswer(bytes(row["body_sha256"]), row["status"], row["answer"])


def keep_answer(db: Db, account_id: str, key: str, answer: StoredAnswer) -> None:
    """Keep an answer for the same request again; old ones of the account go."""
    db.execute(
        "delete from idempotency where account_id = %s and"
        " (key = %s or created_at < now() - make_interval(hours => %s))",
        [account_id, key, _KEPT_H],
    )
    db.execute(
        "insert into idempotency (account_id, key, body_sha256, status, answer) values (%s, %s, %s, %s, %s)",
        [account_id, key, answer.body_sha256, answer.status, Jsonb(answer.answer)],
    )
