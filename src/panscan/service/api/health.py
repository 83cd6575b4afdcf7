"""Whether the service lives, whether it can work, and its numbers for Prometheus."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from psycopg import Error as DatabaseError
from psycopg_pool import PoolTimeout

from panscan.service.api.context import Bearer, Database, Shared
from panscan.service.api.problem import database_is_away, not_found
from panscan.service.records.numbers import service_numbers

router = APIRouter(tags=["health"])
_READY_S = 2.0  # that the database may take: what asks waits no longer
_TEXT = "text/plain; version=0.0.4; charset=utf-8"  # the format of Prometheus


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
def ready(context: Shared) -> dict[str, str]:
    """The database answers too: requests may come."""
    try:
        with context.pool.connection(timeout=_READY_S) as db:
            db.execute("select 1")
    except (DatabaseError, PoolTimeout) as error:
        raise database_is_away() from error
    return {"status": "ready"}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(context: Shared, db: Database, given: Bearer) -> PlainTextResponse:
    """Numbers of the whole service for Prometheus, to whoever has the token of the operator."""
    token = context.options.metrics_token
    if not token or not secrets.compare_digest((given.credentials if given else "").encode(), token.encode()):
        raise not_found("page")
    return PlainTextResponse(service_numbers(db), media_type=_TEXT)
