"""The service's routes. Needs the extra `serve`.

POST /v1/jobs, GET /v1/jobs, GET and DELETE /v1/jobs/ID, GET /v1/jobs/ID/events (server-sent events),
GET /v1/jobs/ID/plan, GET /v1/choices. Errors are JSON: what, why, fix.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from panscan.errors import CapabilityError, InputError, PanscanError, UsageError
from panscan.serve.guard import AccessPolicy, AllowedFolders
from panscan.serve.jobs import Job, JobStore, error_json, parse_job_request
from panscan.serve.runner import PLAN, JobHandler, JobRunner

_MAX_BODY_BYTES = 64 * 1024 * 1024  # of a request: a timeline of many hours
_MAX_WAITING_JOBS = 100  # more than a person waits for: it stops a program that asks without end
_BODY_S = 60  # for the body of a request: it comes from this machine
_POLL_S = 0.2  # between two looks at a job whose events are streamed: often enough for a progress bar

# HTTP status by the exit code of an error: a wrong request, unusable media, something that this machine lacks.
_STATUS = {UsageError.exit_code: 400, InputError.exit_code: 422, CapabilityError.exit_code: 501}


def create_app(
    access: AccessPolicy, allowed_folders: AllowedFolders, jobs_folder: Path, handler: JobHandler
) -> FastAPI:
    """The application.

    Parameters
    ----------
    access : AccessPolicy
        Who may ask.
    allowed_folders : AllowedFolders
        What may be read.
    jobs_folder : Path
        Where jobs are kept.
    handler : JobHandler
        What does the work.
    """
    store = JobStore(jobs_folder)
    runner = JobRunner(store, handler, allowed_folders)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        runner.start()
        yield
        await asyncio.to_thread(runner.stop)

    # No pages about the service itself: they would load scripts from elsewhere.
    app = FastAPI(title="panscan", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.middleware("http")
    async def check_access(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        return await _admit(access, request, call_next)

    @app.exception_handler(PanscanError)
    async def error_response(_: Request, error: PanscanError) -> Response:
        return JSONResponse(error_json(error), _STATUS.get(error.exit_code, 500))

    @app.get("/v1/choices")
    async def list_choices() -> Response:
        return JSONResponse({"presets": handler.presets()})

    @app.post("/v1/jobs")
    async def create_job(request: Request) -> Response:
        job_request, text = parse_job_request(await _read_json(request))
        if not job_request.is_sent and not allowed_folders.contains(Path(job_request.source)):
            why = "It lies in no folder that was given by --allow."
            return _error_response(
                403, f"{job_request.source} may not be read", why, "Start panscan serve with --allow FOLDER."
            )
        await asyncio.to_thread(handler.validate, job_request)
        job = store.add(job_request, text, _MAX_WAITING_JOBS)
        if job is None:
            return _error_response(429, "too many jobs wait", f"{_MAX_WAITING_JOBS} are the most.", "Ask again later.")
        runner.enqueue(job)
        return JSONResponse(job.to_json(), 202, {"Location": f"/v1/jobs/{job.id}"})

    @app.get("/v1/jobs")
    async def list_jobs() -> Response:
        return JSONResponse([job.to_json() for job in store.all()])

    @app.get("/v1/jobs/{job_id}")
    async def get_job(job_id: str) -> Response:
        job = store.get(job_id)
        return _job_not_found() if job is None else JSONResponse(job.to_json())

    @app.delete("/v1/jobs/{job_id}")
    async def delete_job(job_id: str) -> Response:
        job = store.get(job_id)
        if job is None:
            return _job_not_found()
        if job.is_finished:
            store.remove(job_id)
        else:
            runner.cancel(job_id)
        return Response(status_code=204)

    @app.get("/v1/jobs/{job_id}/plan")
    async def get_plan(job_id: str) -> Response:
        job = store.get(job_id)
        if job is None:
            return _job_not_found()
        if job.state != "done":
            return _error_response(409, "there is no plan", f"The job is {job.state}.")
        return FileResponse(store.job_folder(job_id) / PLAN, media_type="application/json")

    @app.get("/v1/jobs/{job_id}/events")
    async def stream_events(job_id: str) -> Response:
        if store.get(job_id) is None:
            return _job_not_found()
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(_event_stream(store, job_id), media_type="text/event-stream", headers=headers)

    return app


async def _admit(
    access: AccessPolicy, request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Check host name, origin and token before anything else is done."""
    origin = request.headers.get("origin")
    if not access.is_allowed_host(request.headers.get("host", "")):
        return _error_response(421, "wrong host", "The service answers to 127.0.0.1 and localhost only.")
    if not access.is_allowed_origin(origin):
        fix = "Start panscan serve with --origin, if it is yours."
        return _error_response(403, f"the origin {origin} may not ask", "It was not given by --origin.", fix)
    if request.method == "OPTIONS" and origin is not None:
        answer = Response(status_code=204)
        answer.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
        answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    elif request.method == "GET" and request.url.path == "/favicon.ico":
        answer = Response(status_code=204)  # browsers ask by themselves, without the token; a refusal would be a fault
    elif not access.is_authorized(request.headers.get("authorization", "")):
        why = "Each request carries the token that `panscan serve` prints."
        answer = _error_response(401, "wrong token", why, "Copy it from there once more.")
    else:
        answer = await call_next(request)
    if origin is not None:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Vary"] = "Origin"
    return answer


async def _event_stream(store: JobStore, job_id: str) -> AsyncIterator[str]:
    """A job's server-sent events: `progress` whenever something changed, `end` at last."""
    before: Job | None = None
    while (job := store.get(job_id)) is not None:
        if job != before:
            yield f"event: {'end' if job.is_finished else 'progress'}\ndata: {json.dumps(job.to_json())}\n\n"
        if job.is_finished:
            return
        before = job
        await asyncio.sleep(_POLL_S)


async def _read_json(request: Request) -> object:
    """The body of a request.

    Raises
    ------
    UsageError
        It is too large, too slow, or no JSON.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _MAX_BODY_BYTES:
                    why = f"{_MAX_BODY_BYTES} bytes are the most."
                    raise UsageError("the request is too large", why=why, fix="Send less.")
    except TimeoutError as error:
        why = f"All of it must be here in {_BODY_S} s."
        raise UsageError("the request takes too long", why=why, fix="Send it again.") from error
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UsageError("the request is no JSON", why=type(error).__name__, fix="Send a JSON object.") from error


def _error_response(status: int, what: str, why: str, fix: str = "") -> Response:
    return JSONResponse({"what": what, "why": why, "fix": fix}, status)


def _job_not_found() -> Response:
    return _error_response(404, "there is no such job", "It was removed, or never was.")
