"""All sealed secrets, sealed again after the key of the service was changed."""

from __future__ import annotations

from panscan.service.database import Db
from panscan.service.secrets import SecretBox

_TABLES = ("connections", "jobs", "webhook_endpoints")  # each has its secrets in the column `sealed`


def reseal_all(db: Db, box: SecretBox) -> int:
    """Seal each secret with the first key, all or none; how many there were.

    Raises
    ------
    InputError
        One of them was sealed with a key that is not there.
    """
    count = 0
    with db.transaction():
        for table in _TABLES:
            sql = f"select ctid::text as place, sealed from {table} where sealed is not null for update"
            for row in db.execute(sql.encode()).fetchall():
                sealed = box.reseal(bytes(row["sealed"]))
                db.execute(f"update {table} set sealed = %s where ctid = %s::tid".encode(), [sealed, row["place"]])
                count += 1
    return count
