"""Accounts, their plans, and the tokens by which a caller is known."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.rows import class_row

from panscan.errors import UsageError
from panscan.service.database import Db

Role = Literal["reader", "writer", "admin"]
ROLES: tuple[Role, ...] = ("reader", "writer", "admin")
_TOKEN_BYTES = 24  # 192 random bits: nobody guesses them, so a plain hash is enough
_TOKEN_PREFIX = "pst_"  # so that scanners for lost secrets know it
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What an account may do, and how much of it.

    Attributes
    ----------
    name : str
    monthly_s : float, optional
        Seconds of source a month; None: without end.
    ratios, presets : tuple of str, optional
        Shapes, and presets of panscan, that may be asked for; None: any.
    custom_presets : bool
        Whether own presets may be used.
    priority : int
        10, 20, 25 or 30; the highest that its jobs may ask for, and what they have.
    features : tuple of str
        "webhooks", "streams" (hls and dash), "destinations".
    """

    name: str
    monthly_s: float | None
    ratios: tuple[str, ...] | None
    presets: tuple[str, ...] | None
    custom_presets: bool
    priority: int
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays.

    Attributes
    ----------
    id, name : str
    plan : str
        Name of its plan.
    created_at : datetime
    disabled_at : datetime, optional
    """

    id: str
    name: str
    plan: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by the token of a request.

    Attributes
    ----------
    account_id, name : str
    role : str
        "reader" sees, "writer" also asks for jobs, "admin" also changes connections, webhooks and tokens.
    plan : AccountPlan
    """

    account_id: str
    name: str
    role: Role
    plan: AccountPlan


def new_id(prefix: str) -> str:
    """A new name for a row: a prefix and random digits."""
    return f"{prefix}_{secrets.token_hex(_ID_BYTES)}"


def add_account(db: Db, name: str, plan: str) -> Account:
    """A new account.

    Raises
    ------
    UsageError
        The name is taken, or there is no such plan.
    """
    try:
        with db.transaction():
            db.execute("insert into accounts (id, name, plan) values (%s, %s, %s)", [new_id("acc"), name, plan])
    except UniqueViolation as error:
        raise UsageError(f"there is an account {name}", why="Names are given once.", fix="Choose another.") from error
    except ForeignKeyViolation as error:
        raise _no_plan(db, plan) from error
    return find_account(db, name)


def find_account(db: Db, name: str) -> Account:
    """The account with this name or id.

    Raises
    ------
    UsageError
        There is none.
    """
    with db.cursor(row_factory=class_row(Account)) as cursor:
        found = cursor.execute("select * from accounts where %s in (name, id)", [name]).fetchone()
    if found is None:
        known = ", ".join(one.name for one in list_accounts(db)) or "none yet"
        raise UsageError(f"there is no account {name}", why=f"There are {known}.", fix="panscan accounts add NAME")
    return found


def list_accounts(db: Db) -> list[Account]:
    """All accounts by name."""
    with db.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute("select * from accounts order by name").fetchall()


def list_plans(db: Db) -> list[AccountPlan]:
    """All plans, the smallest first."""
    return [_plan(row) for row in db.execute("select * from plans order by monthly_s nulls last, name")]


def plan_of(db: Db, account_id: str) -> AccountPlan:
    """The plan of an account."""
    sql = "select plans.* from plans join accounts on accounts.plan = plans.name where accounts.id = %s"
    return next(_plan(row) for row in db.execute(sql, [account_id]))


def set_plan(db: Db, account_id: str, plan: str) -> None:
    """Give an account another plan. Call `minutes.release_held` in the same transaction.

    Raises
    ------
    UsageError
        There is no such plan.
    """
    try:
        with db.transaction():
            db.execute("update accounts set plan = %s where id = %s", [plan, account_id])
    except ForeignKeyViolation as error:
        raise _no_plan(db, plan) from error


def add_token(db: Db, account_id: str, role: Role, note: str = "") -> str:
    """A new token. It is shown this once: only its hash is kept."""
    token = _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    db.execute(
        "insert into tokens (id, account_id, hash, role, note) values (%s, %s, %s, %s, %s)",
        [new_id("tok"), account_id, token_hash(token), role, note],
    )
    return token


def revoke_tokens(db: Db, account_id: str) -> int:
    """Make all tokens of an account void; how many there were."""
    sql = "update tokens set revoked_at = now() where account_id = %s and revoked_at is null"
    return db.execute(sql, [account_id]).rowcount


def find_caller(db: Db, token: str) -> Caller | None:
    """Who has a token; None where nobody has, or it is void."""
    row = db.execute(
        """
        select accounts.id, accounts.name as account, tokens.role, plans.*
        from tokens join accounts on accounts.id = tokens.account_id join plans on plans.name = accounts.plan
        where tokens.hash = %s and tokens.revoked_at is null and accounts.disabled_at is null
        """,
        [token_hash(token)],
    ).fetchone()
    return None if row is None else Caller(row["id"], row["account"], row["role"], _plan(row))


def _plan(row: dict[str, object]) -> AccountPlan:
    values = {name: row[name] for name in AccountPlan.__dataclass_fields__}
    for name in ("ratios", "presets", "features"):
        values[name] = None if values[name] is None else tuple(values[name])  # type: ignore[arg-type]
    seconds = values["monthly_s"]
    return AccountPlan(**values | {"monthly_s": None if seconds is None else float(seconds)})  # type: ignore[arg-type]


def _no_plan(db: Db, plan: str) -> UsageError:
    known = ", ".join(one.name for one in list_plans(db))
    return UsageError(f"there is no plan {plan!r}", why=f"There are {known}.", fix="Choose one of these.")


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
