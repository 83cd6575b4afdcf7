"""`panscan accounts`: who may use the service, with which plan, and what was used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import print_json, print_table, say
from panscan.cli.service import needed_packages

if TYPE_CHECKING:
    from panscan.service.database import Db

app = typer.Typer(help="Accounts of the service: tokens, plans, minutes.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name or id.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="A name that no other account has.")],
    plan: Annotated[str, typer.Option(help="Its plan, a name of `panscan accounts plans`.")] = "free",
) -> None:
    """Make an account, and a token with which it may do everything. The token is shown this once."""
    from panscan.service.records import accounts

    with _database() as db, db.transaction():
        account = accounts.add_account(db, name, plan)
        token = accounts.add_token(db, account.id, "admin")
    say(f"account {account.name} ({account.id}), plan {account.plan}")
    print(token)


@app.command()
def token(
    name: Name,
    role: Annotated[str, typer.Option(help="reader (looks), writer (asks for jobs) or admin (everything).")] = "writer",
    revoke: Annotated[bool, typer.Option("--revoke", help="Make all earlier tokens of the account void.")] = False,
) -> None:
    """Make another token. It is shown this once."""
    from panscan.errors import UsageError
    from panscan.service.records import accounts

    chosen = next((known for known in accounts.ROLES if known == role), None)
    if chosen is None:
        known = ", ".join(accounts.ROLES)
        raise UsageError(f"unknown role {role!r}", why=f"There are {known}.", fix="Choose one of these.")
    with _database() as db, db.transaction():
        account = accounts.find_account(db, name)
        if revoke:
            say(f"{accounts.revoke_tokens(db, account.id)} tokens are void")
        print(accounts.add_token(db, account.id, chosen))


@app.command()
def plan(name: Name, plan: Annotated[str, typer.Argument(help="A name of `panscan accounts plans`.")]) -> None:
    """Give an account another plan; held jobs go on where that has enough minutes."""
    from panscan.service.records import accounts, minutes

    with _database() as db, db.transaction():
        account = accounts.find_account(db, name)
        accounts.set_plan(db, account.id, plan)
        freed = minutes.release_held(db, account.id)
    say(f"{account.name} has the plan {plan}; {len(freed)} held jobs go on")


@app.command()
def usage(
    name: Annotated[str | None, typer.Argument(help="The account; without it all.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Show the minutes of this month."""
    from panscan.service.records import accounts, minutes

    with _database() as db:
        wanted = [accounts.find_account(db, name)] if name else accounts.list_accounts(db)
        found = {account.name: (account.plan, minutes.usage(db, account.id)) for account in wanted}
    if json:
        print_json({name: _usage_json(*one) for name, one in found.items()})
        return
    rows = [[name, *map(str, _usage_json(*one).values())] for name, one in found.items()]
    print_table(["account", "plan", "month", "minutes", "of", "jobs", "held"], rows)


@app.command()
def plans(
    load: Annotated[
        Path | None, typer.Option("--load", help="TOML file with plans to add or change.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Show the plans, or change them."""
    from dataclasses import asdict

    from panscan.request.config_files import read_config
    from panscan.service.records import accounts
    from panscan.service.records.plan_files import save_plans

    with _database() as db:
        if load is not None:
            save_plans(db, read_config(load), str(load))
        found = accounts.list_plans(db)
    if json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        [one.name, _minutes(one.monthly_s), str(one.priority), ", ".join(one.ratios or ("any",)), _features(one)]
        for one in found
    ]
    print_table(["plan", "minutes", "priority", "shapes", "features"], rows)


@contextmanager
def _database() -> Iterator[Db]:
    with needed_packages("panscan accounts"):
        from panscan.service.database import open_database
        from panscan.service.settings import ServiceSettings
    with open_database(ServiceSettings.of_environment()) as pool, pool.connection() as db:
        yield db


def _usage_json(plan: str, used: Any) -> dict[str, Any]:
    return {
        "plan": plan,
        "month": used.period.strftime("%Y-%m"),
        "minutes": _minutes(used.used_s),
        "of": _minutes(used.monthly_s),
        "jobs": used.jobs,
        "held": used.held,
    }


def _minutes(seconds: float | None) -> str:
    return "any" if seconds is None else f"{seconds / 60:.2f}"


def _features(plan: Any) -> str:
    return ", ".join([*plan.features, *(["own presets"] if plan.custom_presets else [])]) or "-"
