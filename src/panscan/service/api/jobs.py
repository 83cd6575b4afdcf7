"""Routes of jobs: asked for, listed, looked at, cancelled, asked for again, removed."""

from __future__ import annotations

import shutil
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from panscan.service.api.answers import JobPage, ToldJob, told
from panscan.service.api.context import ApiContext, Database, Reader, Shared, Writer
from panscan.service.api.models import NewJob
from panscan.service.api.once import IdempotencyKey, answer_once
from panscan.service.api.paging import DEFAULT_LIMIT, Cursor, Limit, cursor_after, number_of
from panscan.service.api.problem import HttpError, not_found
from panscan.service.api.sources import check_source
from panscan.service.api.views import job_json
from panscan.service.database import Db
from panscan.service.records import jobs
from panscan.service.records.accounts import Caller
from panscan.service.records.jobs import ServiceJob
from panscan.service.records.presets import find_preset
from panscan.service.spec import parse_job_spec
from panscan.service.states import STATES

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
_State = Literal[STATES]  # type: ignore[valid-type]  # mypy wants the words themselves


@router.post("", status_code=202, response_model=None, responses=told(ToldJob, 202))
def create_job(
    body: NewJob, caller: Writer, db: Database, context: Shared, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Make a movie, or files for an editor, of a source. The answer comes at once; the work is told by events."""

    def make() -> dict[str, Any]:
        return job_json(order_job(db, context, caller, body.model_dump(exclude_none=True)), context)

    return answer_once(db, caller.account_id, idempotency_key, body, 202, make)


@router.get("", response_model=None, responses=told(JobPage))
def list_jobs(
    caller: Reader,
    db: Database,
    context: Shared,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    state: Annotated[list[_State] | None, Query(description="Only these; repeat for more.")] = None,
) -> dict[str, Any]:
    """Jobs of the account, the newest first."""
    found = jobs.list_jobs(
        db, caller.account_id, states=state or STATES, before_sequence=number_of(cursor), limit=limit
    )
    shown = [job_json(job, context) for job in found]
    return {"jobs": shown, "next": cursor_after([job.sequence for job in found], limit)}


@router.get("/{job_id}", response_model=None, responses=told(ToldJob))
def get_job(job_id: str, caller: Reader, db: Database, context: Shared) -> dict[str, Any]:
    """One job: state, percent, warnings, what the verifier flagged, and where the results are."""
    return job_json(find_job(db, caller, job_id), context)


@router.post("/{job_id}/cancel", response_model=None, responses=told(ToldJob))
def cancel_job(job_id: str, caller: Writer, db: Database, context: Shared) -> dict[str, Any]:
    """Stop a job: at once where it waits, else as soon as its worker sees it. One that ended stays as it is."""
    job = jobs.cancel_job(db, caller.account_id, job_id)
    if job is None:
        raise not_found("job")
    return job_json(job, context)


@router.post("/{job_id}/retry", status_code=202, response_model=None, responses=told(ToldJob, 202))
def retry_job(job_id: str, caller: Writer, db: Database, context: Shared) -> dict[str, Any]:
    """Ask once more for a job that ended. What is finished of it is kept."""
    _refuse_unless_ended(find_job(db, caller, job_id))
    job = jobs.retry_job(db, caller.account_id, job_id)
    if job is None:
        raise not_found("job")
    return job_json(job, context)


@router.delete("/{job_id}", status_code=204)
def delete_job(job_id: str, caller: Writer, db: Database, context: Shared) -> Response:
    """Forget a job that ended, with its files. What it used stays counted."""
    _refuse_unless_ended(find_job(db, caller, job_id))
    if not jobs.delete_job(db, caller.account_id, job_id):
        raise not_found("job")
    shutil.rmtree(context.settings.job_folder(job_id), ignore_errors=True)
    return Response(status_code=204)


def order_job(
    db: Db,
    context: ApiContext,
    caller: Caller,
    asked: dict[str, Any],
    *,
    warnings: list[dict[str, str]] | None = None,
    job_id: str | None = None,
) -> ServiceJob:
    """Read what is asked, refuse what cannot be, and queue the rest.

    warnings: what the client was told; where there is such a list, unknown keys are added to it, else they are refused.
    """
    if isinstance(asked.get("preset"), str) and (own := find_preset(db, caller.account_id, asked["preset"])):
        asked = {**asked, "preset": own}  # the job keeps the values it began with
    told: list[str] | None = None if warnings is None else []
    spec = parse_job_spec(asked, warnings=told)
    check_source(db, context, caller, spec)
    all_told = [*(warnings or []), *({"message": "Not used", "details": one} for one in told or [])]
    return jobs.create_job(db, caller.account_id, spec, seals=context.box, warnings=all_told, job_id=job_id)


def find_job(db: Db, caller: Caller, job_id: str) -> ServiceJob:
    """A job of the caller's account.

    Raises
    ------
    HttpError
        There is none.
    """
    job = jobs.get_job(db, caller.account_id, job_id) if "\0" not in job_id else None
    if job is None:
        raise not_found("job")
    return job


def _refuse_unless_ended(job: ServiceJob) -> None:
    if not job.is_ended:
        raise HttpError(409, "the job has not ended", why=f"It is {job.state}.", fix="Cancel it first.")
