"""The crops of a job, one line for each frame: of a job that is planned, or of one that is followed until it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from panscan.errors import PanscanError
from panscan.service.api.context import ApiContext, Reader, Shared
from panscan.service.api.files import inside
from panscan.service.api.jobs import find_job
from panscan.service.api.problem import HttpError
from panscan.service.api.streaming import POLL_S, QUIET_S, stream_response
from panscan.service.child import error_values
from panscan.service.crops import crops_of
from panscan.service.records.jobs import ServiceJob, get_job

router = APIRouter(prefix="/v1", tags=["files"])
_MEDIA_TYPE = "application/x-ndjson"
_LINES: dict[int | str, dict[str, Any]] = {200: {"content": {_MEDIA_TYPE: {"schema": {"type": "string"}}}}}

Ratio = Annotated[str | None, Query(max_length=20, description="A shape of the job; without it the first.")]
Follow = Annotated[bool, Query(description="Wait for a job that is not planned yet, and tell how far it is.")]


@router.get("/jobs/{job_id}/crops", response_class=StreamingResponse, responses=_LINES)
async def stream_crops(
    job_id: str, caller: Reader, context: Shared, ratio: Ratio = None, follow: Follow = False
) -> Response:
    """Crops of every frame, one JSON object a line, as soon as the timeline is there: before anything is rendered.

    Where it is followed, there are lines with `state` and `percent` before them; a job that ends without crops has a
    last line with its `state` and `error`.
    """

    def find() -> tuple[ServiceJob, str]:
        with context.pool.connection() as db:
            job = find_job(db, caller, job_id)
        return job, _shape(job, ratio)

    job, shape = await asyncio.to_thread(find)
    if follow and _timeline(job, shape) is None and not job.is_ended:
        return stream_response(context, caller.account_id, _followed(context, job, shape), _MEDIA_TYPE)
    lines = await asyncio.to_thread(lambda: crops_of(inside(context, job, _planned(job, shape))))
    return StreamingResponse(lines, media_type=_MEDIA_TYPE)


async def _followed(context: ApiContext, job: ServiceJob, shape: str) -> AsyncIterator[str]:
    def look() -> ServiceJob | None:
        with context.pool.connection() as db:
            return get_job(db, job.account_id, job.id)

    told, quiet_s = "", 0.0
    found: ServiceJob | None = job
    while found is not None and _timeline(found, shape) is None and not found.is_ended:
        line = json.dumps({"state": found.state, "percent": found.percent})
        if line != told or quiet_s >= QUIET_S:
            told, quiet_s = line, 0.0
            yield f"{line}\n"
        quiet_s += POLL_S
        await asyncio.sleep(POLL_S)
        found = await asyncio.to_thread(look)
    if found is None:
        yield f"{json.dumps({'state': 'deleted', 'error': None})}\n"
    elif (timeline := _timeline(found, shape)) is None:
        yield f"{json.dumps({'state': found.state, 'error': found.error})}\n"
    else:
        try:
            lines = await asyncio.to_thread(lambda: crops_of(inside(context, found, timeline)))
            async for crops in iterate_in_threadpool(lines):
                yield crops.decode()
        except (PanscanError, HttpError) as error:  # the answer has begun: no other code can be given
            yield f"{json.dumps({'state': found.state, 'error': error_values(error)})}\n"


def _shape(job: ServiceJob, ratio: str | None) -> str:
    if ratio and ratio not in job.spec["ratios"]:
        why = f"The job makes {', '.join(job.spec['ratios'])}."
        raise HttpError(404, f"there is no shape {ratio!r}", why=why, fix="Ask for one of these.")
    return ratio or str(job.spec["ratios"][0])


def _timeline(job: ServiceJob, shape: str) -> str | None:
    """Where the timeline of a shape lies in the job's folder, once it is there."""
    return next(
        (one.get("path") for one in job.outputs if (one.get("kind"), one.get("ratio")) == ("otio", shape)), None
    )


def _planned(job: ServiceJob, shape: str) -> str | None:
    timeline = _timeline(job, shape)
    if timeline is None and not job.is_ended:
        why = f"The job is {job.state}; crops are there once it is planned."
        raise HttpError(
            409, "there are no crops yet", why=why, fix="Ask with follow=true.", headers={"Retry-After": "2"}
        )
    return timeline
