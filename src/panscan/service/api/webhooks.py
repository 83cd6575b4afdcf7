"""Routes of webhooks: addresses that are told what happens, and what became of each message."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from panscan.errors import UsageError
from panscan.request.config_files import ConfigTable
from panscan.service.api.context import Admin, Database, Reader, Shared
from panscan.service.api.models import NewEndpoint
from panscan.service.api.paging import DEFAULT_LIMIT, Cursor, Limit, cursor_after, number_of
from panscan.service.api.problem import not_found
from panscan.service.records import endpoints
from panscan.service.spec_parts import WebhookSpec
from panscan.service.states import TOLD
from panscan.service.webhooks import new_webhook_secret

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
_MAX_ENDPOINTS = 20  # of an account: each gets every message
_DeliveryId = Annotated[int, Path(ge=1, le=2**63 - 1)]
_State = Annotated[Literal["waiting", "delivered", "dead"] | None, Query(description="Only these.")]


@router.get("")
def list_endpoints(caller: Reader, db: Database) -> dict[str, Any]:
    """The account's endpoints, without their secrets."""
    return {"webhooks": [one.to_json() for one in endpoints.list_endpoints(db, caller.account_id)], "events": TOLD}


@router.post("", status_code=201)
def add_endpoint(body: NewEndpoint, caller: Admin, db: Database, context: Shared) -> dict[str, Any]:
    """Add an endpoint. Its secret is shown this once."""
    asked = WebhookSpec.of(ConfigTable("request", {"webhook": body.model_dump()}), None)
    assert asked is not None
    if "webhooks" not in caller.plan.features:
        raise UsageError(f"the plan {caller.plan.name} does not hold webhooks", why="It has no such feature.")
    if len(endpoints.list_endpoints(db, caller.account_id)) >= _MAX_ENDPOINTS:
        raise UsageError("too many endpoints", why=f"{_MAX_ENDPOINTS} are the most.", fix="Remove one first.")
    secret = new_webhook_secret().reveal()
    made = endpoints.add_endpoint(db, context.box, caller.account_id, asked, secret)
    return {**made.to_json(), "secret": secret}


@router.post("/{endpoint_id}/rotate")
def rotate_secret(endpoint_id: str, caller: Admin, db: Database, context: Shared) -> dict[str, Any]:
    """Make a new secret, shown this once. Messages are signed with both until the next rotation."""
    secret = new_webhook_secret().reveal()
    changed = endpoints.rotate_secret(db, context.box, caller.account_id, _text(endpoint_id), secret)
    if changed is None:
        raise not_found("webhook")
    return {**changed.to_json(), "secret": secret}


@router.delete("/{endpoint_id}", status_code=204)
def delete_endpoint(endpoint_id: str, caller: Admin, db: Database) -> Response:
    """Forget an endpoint, with all that was to be told it."""
    if not endpoints.remove_endpoint(db, caller.account_id, _text(endpoint_id)):
        raise not_found("webhook")
    return Response(status_code=204)


@router.get("/deliveries")
def list_deliveries(
    caller: Reader, db: Database, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None, state: _State = None
) -> dict[str, Any]:
    """What was told to whom, the newest first."""
    before = number_of(cursor)
    found = endpoints.list_deliveries(db, caller.account_id, state=state, before=before, limit=limit)
    return {"deliveries": [one.to_json() for one in found], "next": cursor_after([one.id for one in found], limit)}


@router.post("/deliveries/{delivery_id}/redeliver", status_code=202)
def redeliver(delivery_id: _DeliveryId, caller: Admin, db: Database) -> dict[str, Any]:
    """Send a message once more, now."""
    if not endpoints.redeliver(db, caller.account_id, delivery_id):
        raise not_found("delivery")
    return {"id": delivery_id, "state": "waiting"}


def _text(name: str) -> str:
    """A name that the database can hold; nothing is called otherwise."""
    return name.replace("\0", "")
