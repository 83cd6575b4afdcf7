"""Server-sent events of jobs. They are numbered: a client that was cut off asks for those after the last it has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from panscan.service.api.context import ApiContext, Reader, Shared
from panscan.service.api.jobs import find_job
from panscan.service.api.streaming import POLL_S, QUIET_S, stream_response
from panscan.service.database import Db
from panscan.service.records.events import events_after
from panscan.service.records.jobs import get_job
from panscan.service.records.streams import events_of_account, last_event

router = APIRouter(prefix="/v1", tags=["events"])
_MAX_EVENTS = 500  # of one look

LastEventId = Annotated[str | None, Header(pattern=r"^\d{1,18}$", description="The last event that was received.")]
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
# Events after one, and whether none can follow.
_Look = Callable[[Db, int], tuple[list[dict[str, Any]], bool]]


@router.get("/jobs/{job_id}/events", response_class=StreamingResponse, responses=_ANSWER)
async def job_events(
    job_id: str, caller: Reader, context: Shared, last_event_id: LastEventId = None
) -> StreamingResponse:
    """What happens to a job, from its beginning; the stream ends with the job."""

    def look(db: Db, after: int) -> tuple[list[dict[str, Any]], bool]:
        job = get_job(db, caller.account_id, job_id)  # first: its last event is written with its end
        found = [_event(one.id, job_id, one.data, one.at) for one in events_after(db, job_id, after, _MAX_EVENTS)]
        return found, len(found) < _MAX_EVENTS and (job is None or job.is_ended)

    def exists() -> None:
        with context.pool.connection() as db:
            find_job(db, caller, job_id)

    await asyncio.to_thread(exists)
    return _response(context, caller.account_id, look, int(last_event_id or 0))


@router.get("/events", response_class=StreamingResponse, responses=_ANSWER)
async def account_events(caller: Reader, context: Shared, last_event_id: LastEventId = None) -> StreamingResponse:
    """What happens to all jobs of the account, from now on."""

    def look(db: Db, after: int) -> tuple[list[dict[str, Any]], bool]:
        found = events_of_account(db, caller.account_id, after, _MAX_EVENTS)
        return [_event(one.id, one.job_id, one.data, one.at) for one in found], False

    def now() -> int:
        with context.pool.connection() as db:
            return last_event(db)

    after = int(last_event_id) if last_event_id else await asyncio.to_thread(now)
    return _response(context, caller.account_id, look, after)


def _event(number: int, job_id: str, data: dict[str, Any], at: Any) -> dict[str, Any]:
    return {"id": number, "job": job_id, **data, "at": at.isoformat()}


def _response(context: ApiContext, account_id: str, look: _Look, after: int) -> StreamingResponse:
    return stream_response(context, account_id, _stream(context, look, after), "text/event-stream")


async def _stream(context: ApiContext, look: _Look, after: int) -> AsyncIterator[str]:
    def fetch() -> tuple[list[dict[str, Any]], bool]:
        with context.pool.connection() as db:
            return look(db, after)

    yield ": connected\n\n"
    quiet_s, is_over = 0.0, False
    while not is_over:
        found, is_over = await asyncio.to_thread(fetch)
        for event in found:
            after = event["id"]
            yield f"id: {after}\nevent: job\ndata: {json.dumps(event)}\n\n"
        quiet_s = 0.0 if found else quiet_s + POLL_S
        if quiet_s >= QUIET_S:
            quiet_s = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(0 if is_over else POLL_S)
