"""What is known of a job's places before it is queued: whether they may be used, and whether they are there."""

from __future__ import annotations

from pathlib import Path

from panscan.errors import UsageError
from panscan.service.api.context import ApiContext
from panscan.service.database import Db
from panscan.service.records.accounts import Caller
from panscan.service.records.connections import open_connection
from panscan.service.spec import JobSpec
from panscan.service.spec_parts import DestinationSpec, SourceSpec
from panscan.service.storage import Connection
from panscan.service.webhooks import parse_webhook_secret


def check_source(db: Db, context: ApiContext, caller: Caller, spec: JobSpec) -> None:
    """Refuse folders that were not given, uploads that are not whole, connections that are not stored, useless keys.

    Raises
    ------
    PanscanError
        One of these.
    """
    if spec.source.upload:
        context.uploads.file(caller.account_id, spec.source.upload)
    places: list[SourceSpec | DestinationSpec] = [spec.source, *([spec.destination] if spec.destination else [])]
    for path in filter(None, (place.path for place in places)):
        _check_folder(context, Path(path))
    for name in filter(None, (place.connection for place in places)):
        if open_connection(db, context.box, caller.account_id, name) is None:
            why = "No connection of the account has this name."
            raise UsageError(f"there is no connection {name}", why=why, fix="Store it at /v1/connections first.")
    _check_keys(spec)


def _check_keys(spec: JobSpec) -> None:
    """Read the keys that the request brought as its worker will."""
    if spec.source.secret:
        Connection.of_source(spec.source)
    if spec.destination and not (spec.destination.path or spec.destination.connection):
        Connection.of_destination(spec.destination)
    if spec.webhook and spec.webhook.secret:
        parse_webhook_secret(spec.webhook.secret)


def _check_folder(context: ApiContext, path: Path) -> None:
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that no system has
        real = None
    if real is None or not any(real.is_relative_to(root) for root in context.settings.folders):
        why = "It lies in no folder that was given by --allow."
        raise UsageError(f"{path} may not be used", why=why, fix="Start the service with --allow FOLDER.")
