"""Routes of a job's files: results that the service keeps, links to them, and thumbnails."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from panscan.service.api.context import ApiContext, Database, Reader, Shared, public_url
from panscan.service.api.jobs import find_job
from panscan.service.api.models import NewLink
from panscan.service.api.problem import not_found
from panscan.service.api.tickets import make_ticket, read_ticket
from panscan.service.api.views import OUTPUT, THUMBNAIL, kept_file
from panscan.service.records.jobs import Seals, ServiceJob, get_job

router = APIRouter(prefix="/v1", tags=["files"])
LINK_S = 3600.0  # for which a link works, in seconds: a download may begin late
_TICKET = "file"
# Of what players ask for; all else is a file to keep.
_MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/jobs/{job_id}/files/{name:path}", response_class=FileResponse, responses=_FILE)
def get_file(job_id: str, name: str, caller: Reader, db: Database, context: Shared) -> FileResponse:
    """A result that the service keeps; parts of it by Range."""
    return _download(context, find_job(db, caller, job_id), name)


@router.post("/jobs/{job_id}/links", status_code=201)
def make_link(
    job_id: str, body: NewLink, request: Request, caller: Reader, db: Database, context: Shared
) -> dict[str, Any]:
    """A link to a result that works for an hour without a token: for players and other programs."""
    job = find_job(db, caller, job_id)
    _path(context, job, body.file)
    return {"url": file_link(context.box, public_url(request, context), job, body.file), "expires_in_s": LINK_S}


@router.get("/files/{ticket}/{name:path}", response_class=FileResponse, responses=_FILE)
def get_linked_file(ticket: str, name: str, context: Shared, db: Database) -> FileResponse:
    """A result, by a link."""
    held = read_ticket(context.box, _TICKET, ticket)
    job = get_job(db, held["account"], held["job"])
    if job is None or not _belongs_to(name, held["file"]):
        raise not_found("file")
    response = _download(context, job, name)
    response.headers["Access-Control-Allow-Origin"] = "*"  # the link is all it takes: players are on other pages
    return response


@router.get("/jobs/{job_id}/thumbnail", response_class=FileResponse, responses=_JPEG)
def get_thumbnail(job_id: str, caller: Reader, db: Database, context: Shared) -> FileResponse:
    """A picture of the source, once it was looked at."""
    path = context.settings.job_folder(find_job(db, caller, job_id).id) / THUMBNAIL
    if not path.is_file():
        raise not_found("thumbnail")
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def file_link(box: Seals, address: str, job: ServiceJob, name: str, lasts_s: float = LINK_S) -> str:
    """The whole address of a result, which works for a while without a token."""
    ticket = make_ticket(box, _TICKET, lasts_s, account=job.account_id, job=job.id, file=name)
    return f"{address}/v1/files/{ticket}/{quote(name)}"


def _download(context: ApiContext, job: ServiceJob, name: str) -> FileResponse:
    # As a file to keep: a browser never shows what a client named as a page of ours.
    path = _path(context, job, name)
    media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, filename=path.name, media_type=media_type, headers={"X-Content-Type-Options": "nosniff"})


def _path(context: ApiContext, job: ServiceJob, name: str) -> Path:
    """Where a result of this name lies.

    Raises
    ------
    HttpError
        There is none, or it was removed.
    """
    is_result = any(_belongs_to(name, kept_file(one)) for one in job.outputs)
    return inside(context, job, f"{OUTPUT}/{name}" if is_result else None)


def _belongs_to(name: str, file: str) -> bool:
    """Whether a name is a result's file, or lies in the folder of a stream beside its playlist."""
    folder, path = PurePosixPath(file).parent, PurePosixPath(name)
    if not file or ".." in path.parts:
        return False
    return name == file or (folder.name != "" and path.is_relative_to(folder))


def inside(context: ApiContext, job: ServiceJob, given: str | None) -> Path:
    """A file in the job's folder.

    Raises
    ------
    HttpError
        There is none.
    """
    folder = context.settings.job_folder(job.id).resolve()
    path = (folder / given).resolve() if given else folder
    if not path.is_file() or not path.is_relative_to(folder):
        raise not_found("file")
    return path
