"""Routes for clients of Qencode: the same paths, fields and codes. A token of ours is their API key."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response
from psycopg import DataError

from panscan.errors import PanscanError
from panscan.service.api import qencode_codes as codes
from panscan.service.api.context import ApiContext, Database, Shared, client_address, identify, public_url
from panscan.service.api.jobs import order_job
from panscan.service.api.problem import HttpError
from panscan.service.api.qencode_codes import QencodeError
from panscan.service.api.qencode_query import QencodeTask, read_task
from panscan.service.api.qencode_status import file_links, task_status
from panscan.service.api.tickets import make_ticket, read_ticket
from panscan.service.api.uploads import (
    Tus,
    UploadLength,
    UploadMetadata,
    UploadOffset,
    append_response,
    find_upload,
    new_upload,
    state_response,
    tus_response,
)
from panscan.service.database import Db
from panscan.service.records.accounts import ROLES, Caller
from panscan.service.records.announcements import announce_queued
from panscan.service.records.qencode_tasks import (
    account_of_task,
    accounts_of_tasks,
    caller_of_task,
    create_task,
    find_task,
    has_begun,
    job_name,
    note_formats,
)

_SESSION_S = 24 * 3600  # for which an access token works, in seconds: theirs lasts as long
_MAX_TASKS = 100  # of one question for states
_SESSION = "session"
Fields = dict[str, Any]


async def read_fields(request: Request) -> Fields:
    """The fields of a request: a form as their clients send it, or JSON.

    Raises
    ------
    QencodeError
        It is neither.
    """
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            given = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise QencodeError(codes.FIELD_REQUIRED, "the request is no JSON", why=type(error).__name__) from error
        if not isinstance(given, dict):
            raise QencodeError(codes.FIELD_REQUIRED, "the request is no JSON object")
        return given
    form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values if name.endswith("[]") else values[-1] for name, values in form.items()}


def _body(*names: str) -> dict[str, Any]:
    """What the OpenAPI document tells of a form."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": [names[0]]}
    content = {kind: {"schema": schema} for kind in ("application/x-www-form-urlencoded", "application/json")}
    return {"requestBody": {"required": True, "content": content}}


router = APIRouter(prefix="/v1", tags=["for clients of Qencode"])
Given = Annotated[Fields, Depends(read_fields)]


@router.post("/access_token", openapi_extra=_body("api_key"))
def access_token(request: Request, fields: Given, db: Database, context: Shared) -> Fields:
    """A token for a day, for a token of the account."""
    key = _text(fields, "api_key")
    caller = _identify(context, db, key, request, codes.API_KEY_NOT_FOUND)
    if ROLES.index(caller.role) < ROLES.index("writer"):
        raise QencodeError(codes.BAD_API_KEY, "this token may not ask for jobs", why=f"It is of a {caller.role}.")
    expire = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + _SESSION_S))
    return {"error": 0, "token": make_ticket(context.box, _SESSION, _SESSION_S, key=key), "expire": expire}


@router.post("/create_task", openapi_extra=_body("token"))
def new_task(request: Request, fields: Given, db: Database, context: Shared) -> Fields:
    """A task, to be started later; and where its movie may be sent."""
    try:
        held = read_ticket(context.box, _SESSION, _text(fields, "token"))
    except HttpError as error:
        raise QencodeError(codes.TOKEN_NOT_FOUND, "the token is not found", why=error.why, fix=error.fix) from error
    caller = _identify(context, db, held["key"], request, codes.TOKEN_NOT_FOUND)
    address = public_url(request, context)
    task = create_task(db, caller.account_id, held["key"], address)
    return {"error": 0, "task_token": task, "upload_url": f"{address}/v1/upload_file"}


@router.post("/start_encode2", openapi_extra=_body("task_token", "query", "payload"))
def start_task(request: Request, fields: Given, db: Database, context: Shared) -> Fields:
    """Begin a task. One that was begun already goes on as it was."""
    task = _text(fields, "task_token")
    _account_of_task(context, db, task)
    if not fields.get("query"):
        raise QencodeError(codes.QUERY_REQUIRED, "query field is required", why="It holds source and format.")
    try:
        asked = read_task(fields["query"], None if fields.get("payload") is None else str(fields["payload"]))
        with db.transaction():
            caller = _starter_of_task(db, task)
            if not has_begun(db, task):
                _begin(db, context, caller, task, asked)
    except QencodeError:
        raise
    except PanscanError as error:
        raise QencodeError(codes.BAD_FORMAT, error.what, why=error.why, fix=error.fix) from error
    except (DataError, UnicodeEncodeError) as error:
        why = "It holds a zero byte, or half a letter."
        raise QencodeError(codes.BAD_FORMAT, "the task cannot be kept", why=why, fix="Leave that out.") from error
    return {"error": 0, "task_token": task, "status_url": f"{public_url(request, context)}/v1/status"}


@router.post("/status", openapi_extra=_body("task_tokens"))
def status(request: Request, fields: Given, db: Database, context: Shared) -> Fields:
    """The state of tasks, by their names."""
    given = fields.get("task_tokens") or fields.get("task_tokens[]") or []
    tasks = given.split(",") if isinstance(given, str) else given
    if not isinstance(tasks, list) or not tasks or len(tasks) > _MAX_TASKS:
        raise QencodeError(codes.BAD_TASK_TOKENS, "task_tokens is wrong", why=f"It lists 1 to {_MAX_TASKS} tasks.")
    names = [str(task) for task in tasks]
    _slow_down(context, accounts_of_tasks(db, names), client_address(request))
    return {"error": 0, "statuses": {name: _status(context, db, name) for name in names}}


@router.post("/upload_file/{task}", status_code=201, dependencies=[Tus])
def create_upload(
    task: str, db: Database, context: Shared, upload_length: UploadLength, upload_metadata: UploadMetadata = ""
) -> Response:
    """Begin to send a task's movie by tus; its name is the last part of Location, its source `tus:NAME`."""
    upload = new_upload(context, _sender_of_task(context, db, task), upload_length, upload_metadata)
    return tus_response(201, {"Location": f"/v1/upload_file/{task}/{upload.id}"})


@router.head("/upload_file/{task}/{upload_id}", dependencies=[Tus])
def upload_state(task: str, upload_id: str, db: Database, context: Shared) -> Response:
    """How much has arrived."""
    return state_response(find_upload(context.uploads, _sender_of_task(context, db, task), upload_id))


def _sender(task: str, context: Shared) -> str:
    with context.pool.connection() as db:  # not for the whole request: an upload may take hours
        return _sender_of_task(context, db, task)


Sender = Annotated[str, Depends(_sender)]


@router.patch("/upload_file/{task}/{upload_id}", status_code=204, dependencies=[Tus])
async def append_to_upload(
    upload_id: str, request: Request, sender: Sender, context: Shared, upload_offset: UploadOffset
) -> Response:
    """Send the next bytes."""
    return await append_response(context, sender, upload_id, request, upload_offset)


def error_answer(error: QencodeError) -> Fields:
    """A refusal as they write it. Its status is 200, without which their clients read no message."""
    message = " ".join(filter(None, (f"{error.what}.", error.why, error.fix)))
    busy = {} if error.retry_after_s is None else {"retry_after": error.retry_after_s}
    return {"error": error.code, "message": message, **busy}


def _begin(db: Db, context: ApiContext, caller: Caller, task: str, asked: QencodeTask) -> None:
    for number, job in enumerate(asked.jobs):
        told = list(asked.warnings) if number == 0 else []
        order_job(db, context, caller, job, warnings=told, job_id=job_name(task, number))
    note_formats(db, task, asked.formats)
    announce_queued(db, task)


def _status(context: ApiContext, db: Db, task: str) -> Fields | None:
    found = find_task(db, task.replace("\0", ""))
    return None if found is None else task_status(found, file_links(context.box, found.address))


def _account_of_task(context: ApiContext, db: Db, task: str) -> str:
    account_id = account_of_task(db, task.replace("\0", ""))
    if account_id is None:
        raise QencodeError(codes.BAD_TASK_TOKENS, "there is no such task", why="It was never made, or is too old.")
    _slow_down(context, [account_id], "")
    return account_id


def _slow_down(context: ApiContext, accounts: Sequence[str], address: str) -> None:
    """Count a request: for the accounts whose tasks it names, or for an address that names none."""
    try:
        for account_id in accounts:
            context.requests.check(account_id)
        if not accounts:
            context.refusals.check(address)
    except HttpError as error:
        raise _busy(error) from error


def _starter_of_task(db: Db, task: str) -> Caller:
    caller = caller_of_task(db, task)
    if caller is None:
        raise QencodeError(codes.TOKEN_NOT_FOUND, "the task is over", why="Its token is void, or it is a day old.")
    return caller


def _sender_of_task(context: ApiContext, db: Db, task: str) -> str:
    """The account whose task still waits for its movie: later its name, which many know, opens nothing."""
    account_id = _account_of_task(context, db, task)
    _starter_of_task(db, task)
    if has_begun(db, task):
        raise QencodeError(codes.BAD_TASK_TOKENS, "the task has begun", why="Its movie was to come before.")
    return account_id


def _identify(context: ApiContext, db: Db, key: str, request: Request, code: int) -> Caller:
    try:
        return identify(context, db, key, client_address(request))
    except HttpError as error:
        if error.status == 429:
            raise _busy(error) from error
        raise QencodeError(code, "the key is not found", why=error.why) from error


def _busy(error: HttpError) -> QencodeError:
    wait_s = int(error.headers["Retry-After"])
    return QencodeError(codes.BUSY, error.what, why=error.why, fix=error.fix, retry_after_s=wait_s)


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise QencodeError(codes.FIELD_REQUIRED, f"{name} is required")
    return value
