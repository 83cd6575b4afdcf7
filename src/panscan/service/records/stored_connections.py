"""Connections to stores that an account has: what may be shown, and sealed keys."""

from __future__ import annotations

import json
from typing import Any

from panscan.service.database import Db
from panscan.service.records.jobs import Seals
from panscan.service.spec import JobSpec


def connections_of(db: Db, account_id: str, spec: JobSpec, seals: Seals) -> dict[str, dict[str, Any]]:
    """The connections that a job names, by name, with their keys; what the account does not have is left out."""
    names = [spec.source.connection, spec.destination.connection if spec.destination else ""]
    rows = db.execute(
        "select name, settings, sealed from connections where account_id = %s and name = any (%s)",
        [account_id, [name for name in names if name]],
    )
    return {row["name"]: row["settings"] | _keys(row["sealed"], seals) for row in rows}


def _keys(sealed: bytes | None, seals: Seals) -> dict[str, str]:
    return {} if sealed is None else dict(json.loads(seals.unseal(bytes(sealed)).reveal()))
