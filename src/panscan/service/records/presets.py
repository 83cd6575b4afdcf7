"""Own presets of accounts: checked when they are stored, and copied into each job that names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from panscan.errors import UsageError
from panscan.request.presets import preset_names, preset_of_table
from panscan.service.database import Db
from panscan.service.records.accounts import AccountPlan

_MAX_PRESETS = 100  # of an account: more is a mistake of a program


def save_preset(db: Db, account_id: str, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Store a preset, in place of one of the same name.

    Raises
    ------
    UsageError
        A value is wrong, panscan has a preset of this name, or there are too many.
    """
    if name in preset_names():
        raise UsageError(f"{name} is a preset of panscan", why="A name stands for one preset.", fix="Choose another.")
    preset_of_table(values, name)
    with db.transaction():
        sql = "select count(*) as presets from presets where account_id = %s and name <> %s"
        row = db.execute(sql, [account_id, name]).fetchone()
        if row and row["presets"] >= _MAX_PRESETS:
            raise UsageError("too many presets", why=f"{_MAX_PRESETS} are the most.", fix="Remove one first.")
        db.execute(
            "insert into presets (account_id, name, settings) values (%s, %s, %s) on conflict (account_id, name)"
            " do update set settings = excluded.settings, updated_at = now()",
            [account_id, name, Jsonb(dict(values))],
        )
    return dict(values)


def list_presets(db: Db, account_id: str) -> list[dict[str, Any]]:
    """All own presets of an account, by name."""
    rows = db.execute("select name, settings from presets where account_id = %s order by name", [account_id])
    return [{"name": row["name"], "values": row["settings"]} for row in rows]


def find_preset(db: Db, account_id: str, name: str) -> dict[str, Any] | None:
    """The values of an own preset, None where there is none of this name."""
    row = db.execute("select settings from presets where account_id = %s and name = %s", [account_id, name]).fetchone()
    return None if row is None else dict(row["settings"])


def remove_preset(db: Db, account_id: str, name: str) -> bool:
    """Forget an own preset; whether there was one. Jobs keep the values they began with."""
    return db.execute("delete from presets where account_id = %s and name = %s", [account_id, name]).rowcount > 0


def preset_choices(db: Db, account_id: str, plan: AccountPlan) -> list[str]:
    """Names that a job of an account may give."""
    ours = [name for name in preset_names() if plan.presets is None or name in plan.presets]
    own = [one["name"] for one in list_presets(db, account_id)] if plan.custom_presets else []
    return [*ours, *own]
