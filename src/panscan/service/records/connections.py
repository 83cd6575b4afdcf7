"""Stored connections of accounts: what opens a bucket, sealed. A connection is checked before it is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from panscan.service.database import Db
from panscan.service.secrets import SecretBox
from panscan.service.storage.connections import Connection


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection as it may be shown.

    Attributes
    ----------
    name : str
    settings : dict
        Address, region and endpoint; "***" where keys are.
    """

    name: str
    settings: dict[str, Any]


def save_connection(db: Db, box: SecretBox, account_id: str, name: str, connection: Connection) -> StoredConnection:
    """Store a connection, in place of one of the same name."""
    sealed = box.seal(json.dumps(connection.to_json(secrets=True)))
    db.execute(
        "insert into connections (account_id, name, settings, sealed) values (%s, %s, %s, %s) on conflict"
        " (account_id, name) do update set settings = excluded.settings, sealed = excluded.sealed, created_at = now()",
        [account_id, name, Jsonb(connection.to_json()), sealed],
    )
    return StoredConnection(name, connection.to_json())


def list_connections(db: Db, account_id: str) -> list[StoredConnection]:
    """All of an account, by name."""
    rows = db.execute("select name, settings from connections where account_id = %s order by name", [account_id])
    return [StoredConnection(**row) for row in rows]


def open_connection(db: Db, box: SecretBox, account_id: str, name: str) -> Connection | None:
    """A connection with its keys, None where there is none of this name."""
    row = db.execute(
        "select sealed from connections where account_id = %s and name = %s", [account_id, name]
    ).fetchone()
    return None if row is None else Connection.from_json(json.loads(box.unseal(row["sealed"]).reveal()))


def remove_connection(db: Db, account_id: str, name: str) -> bool:
    """Forget a connection; whether there was one."""
    return db.execute("delete from connections where account_id = %s and name = %s", [account_id, name]).rowcount > 0
