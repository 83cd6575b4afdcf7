"""Routes of stored connections: the keys of stores, which are sealed and never shown again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from panscan.service.api.context import Admin, Database, Reader, Shared
from panscan.service.api.models import NAME_PATTERN, NewConnection
from panscan.service.api.problem import not_found
from panscan.service.records import connections
from panscan.service.records.connections import StoredConnection
from panscan.service.storage.connections import Connection

router = APIRouter(prefix="/v1/connections", tags=["connections"])
_Name = Annotated[str, Path(pattern=NAME_PATTERN)]


@router.get("")
def list_connections(caller: Reader, db: Database) -> dict[str, Any]:
    """The account's connections; keys are shown as ***."""
    return {"connections": [_json(one) for one in connections.list_connections(db, caller.account_id)]}


@router.put("/{name}")
def put_connection(name: _Name, body: NewConnection, caller: Admin, db: Database, context: Shared) -> dict[str, Any]:
    """Store the keys of a bucket under a name, in place of those that were there."""
    connection = Connection.from_json(body.model_dump(exclude_none=True))
    return _json(connections.save_connection(db, context.box, caller.account_id, name, connection))


@router.delete("/{name}", status_code=204)
def delete_connection(name: _Name, caller: Admin, db: Database) -> Response:
    """Forget a connection."""
    if not connections.remove_connection(db, caller.account_id, name):
        raise not_found("connection")
    return Response(status_code=204)


def _json(connection: StoredConnection) -> dict[str, Any]:
    return {"name": connection.name, **connection.settings}
