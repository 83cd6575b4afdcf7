"""Routes of watches: buckets in which each new movie becomes a job."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from panscan.errors import UsageError
from panscan.service.api.context import Admin, Database, Reader, Shared
from panscan.service.api.models import NAME_PATTERN, NewWatch
from panscan.service.api.problem import not_found
from panscan.service.records import watches
from panscan.service.records.connections import open_connection
from panscan.service.records.presets import find_preset

router = APIRouter(prefix="/v1/watches", tags=["watches"])
_Name = Annotated[str, Path(pattern=NAME_PATTERN)]


@router.get("")
def list_watches(caller: Reader, db: Database) -> dict[str, Any]:
    """The account's watches; `error` says why the last look failed."""
    return {"watches": [one.to_json() for one in watches.list_watches(db, caller.account_id)]}


@router.put("/{name}")
def put_watch(name: _Name, body: NewWatch, caller: Admin, db: Database, context: Shared) -> dict[str, Any]:
    """Look at a bucket from now on, in place of what was looked at under this name."""
    if open_connection(db, context.box, caller.account_id, body.connection) is None:
        why = "No connection of the account has this name."
        raise UsageError(f"there is no connection {body.connection}", why=why, fix="Store it at /v1/connections first.")
    request = dict(body.request)
    if isinstance(request.get("preset"), str) and (own := find_preset(db, caller.account_id, request["preset"])):
        request["preset"] = own  # its jobs keep the values that the preset has now
    options = {"is_dated": body.is_dated, "takes_existing": body.takes_existing}
    watches.save_watch(db, caller.account_id, name, body.connection, request, **options)
    return next(one.to_json() for one in watches.list_watches(db, caller.account_id) if one.name == name)


@router.delete("/{name}", status_code=204)
def delete_watch(name: _Name, caller: Admin, db: Database) -> Response:
    """Look at a bucket no more. Jobs that it made go on."""
    if not watches.remove_watch(db, caller.account_id, name):
        raise not_found("watch")
    return Response(status_code=204)
