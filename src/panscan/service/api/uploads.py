"""Uploads that go on after a break: the protocol tus 1.0 with creation, expiration and termination."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import suppress
from email.utils import formatdate
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.requests import ClientDisconnect

from panscan.service.api.context import ApiContext, Reader, Shared, Writer
from panscan.service.api.problem import HttpError, not_found
from panscan.service.uploads import NoSuchUpload, Upload, UploadConflict, UploadRefused, UploadStore, UploadWriter

VERSION = "1.0.0"
_EXTENSIONS = "creation,expiration,termination"
_SHARE = 4  # of the largest upload: what all of an account's may have in all
_PIECE_BYTES = 1024 * 1024  # of one write: few enough for memory, many enough for speed
_MAX_UPLOADS = 50  # of an account at once: each may fill the disk
_MAX_NAME_LETTERS = 255  # of a file, as file systems have it


def _version(tus_resumable: Annotated[str | None, Header()] = None) -> None:
    """Refuse other versions of the protocol.

    Raises
    ------
    HttpError
        412: it is another one, or none.
    """
    if tus_resumable != VERSION:
        why = f"Uploads speak tus {VERSION}."
        fix = f"Send the header Tus-Resumable: {VERSION}."
        raise HttpError(412, "another version of tus", why=why, fix=fix, headers={"Tus-Version": VERSION})


router = APIRouter(prefix="/v1/uploads", tags=["uploads"])
Tus = Depends(_version)
UploadLength = Annotated[int, Header(ge=1)]
UploadOffset = Annotated[int, Header(ge=0)]
UploadMetadata = Annotated[str, Header(max_length=4096)]


@router.options("", status_code=204)
def describe(context: Shared) -> Response:
    """What the protocol can do here."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": _EXTENSIONS,
        "Tus-Max-Size": str(context.options.max_upload_bytes),
    }
    return tus_response(204, headers)


@router.get("")
def list_uploads(caller: Reader, context: Shared) -> dict[str, Any]:
    """The account's uploads."""
    return {"uploads": [_json(one) for one in context.uploads.of_account(caller.account_id)]}


@router.post("", status_code=201, dependencies=[Tus])
def create_upload(
    caller: Writer, context: Shared, upload_length: UploadLength, upload_metadata: UploadMetadata = ""
) -> Response:
    """Begin an upload; its address is in Location, and the last part of it is the `upload` of a job's source."""
    upload = new_upload(context, caller.account_id, upload_length, upload_metadata)
    return tus_response(201, {"Location": f"/v1/uploads/{upload.id}", **_expiry(upload)})


@router.head("/{upload_id}", dependencies=[Tus])
def upload_state(upload_id: str, caller: Writer, context: Shared) -> Response:
    """How much has arrived."""
    return state_response(find_upload(context.uploads, caller.account_id, upload_id))


@router.patch("/{upload_id}", status_code=204, dependencies=[Tus])
async def append_to_upload(
    upload_id: str, request: Request, caller: Writer, context: Shared, upload_offset: UploadOffset
) -> Response:
    """Send the next bytes, from Upload-Offset on, as application/offset+octet-stream."""
    return await append_response(context, caller.account_id, upload_id, request, upload_offset)


@router.delete("/{upload_id}", status_code=204, dependencies=[Tus])
def delete_upload(upload_id: str, caller: Writer, context: Shared) -> Response:
    """Forget an upload."""
    find_upload(context.uploads, caller.account_id, upload_id)
    context.uploads.remove(caller.account_id, upload_id)
    return tus_response(204)


def new_upload(context: ApiContext, account_id: str, length_bytes: int, metadata: str) -> Upload:
    """Make room for an upload.

    Raises
    ------
    HttpError
        It is too large, or too many are open.
    """
    most = context.options.max_upload_bytes
    if length_bytes > most:
        raise HttpError(
            413, "the file is too large", why=f"{most} bytes are the most.", fix="Give its address instead."
        )
    open_ones = context.uploads.of_account(account_id)
    if len(open_ones) >= _MAX_UPLOADS or length_bytes + sum(one.length_bytes for one in open_ones) > _SHARE * most:
        why = f"{_MAX_UPLOADS} at once are the most, and {_SHARE * most} bytes in all."
        raise HttpError(429, "too many uploads", why=why, fix="Remove some.", headers={"Retry-After": "60"})
    try:
        return context.uploads.create(account_id, length_bytes, _file_name(metadata))
    except UploadRefused as error:
        raise HttpError(507, error.what, why=error.why, fix=error.fix) from error


def find_upload(store: UploadStore, account_id: str, upload_id: str) -> Upload:
    """An upload of an account.

    Raises
    ------
    HttpError
        There is none.
    """
    try:
        return store.get(account_id, upload_id)
    except NoSuchUpload as error:
        raise not_found("upload") from error


async def append_response(
    context: ApiContext, account_id: str, upload_id: str, request: Request, offset_bytes: int
) -> Response:
    """Write the body of a request to the end of an upload; what arrived before a break stays."""
    if request.headers.get("content-type") != "application/offset+octet-stream":
        why = "Bytes of an upload are of the type application/offset+octet-stream."
        raise HttpError(415, "another type of content", why=why, fix="Set Content-Type.")
    find_upload(context.uploads, account_id, upload_id)
    try:
        with context.uploads.writer(account_id, upload_id, offset_bytes) as writer, suppress(ClientDisconnect):
            await _write_all(request.stream(), writer)
    except UploadConflict as error:
        raise HttpError(409, error.what, why=error.why, fix=error.fix) from error
    upload = find_upload(context.uploads, account_id, upload_id)
    return tus_response(204, {"Upload-Offset": str(upload.offset_bytes), **_expiry(upload)})


async def _write_all(stream: AsyncIterator[bytes], writer: UploadWriter) -> None:
    piece = bytearray()
    try:
        async for chunk in stream:
            piece += chunk
            if len(piece) >= _PIECE_BYTES:
                await asyncio.to_thread(writer.write, bytes(piece))
                piece.clear()
    finally:  # a client that went away comes back for the rest
        writer.write(bytes(piece))


def state_response(upload: Upload) -> Response:
    """Where an upload ends."""
    headers = {
        "Upload-Offset": str(upload.offset_bytes),
        "Upload-Length": str(upload.length_bytes),
        "Cache-Control": "no-store",
    }
    return tus_response(200, {**headers, **_expiry(upload)})


def tus_response(status: int, headers: dict[str, str] | None = None) -> Response:
    """An answer of the protocol."""
    return Response(status_code=status, headers={"Tus-Resumable": VERSION, **(headers or {})})


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": formatdate(upload.expires_at_s, usegmt=True)}


def _json(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "file_name": upload.file_name,
        "length_bytes": upload.length_bytes,
        "offset_bytes": upload.offset_bytes,
        "is_finished": upload.is_finished,
    }


def _file_name(metadata: str) -> str:
    """The name in the header Upload-Metadata: pairs of a key and base64, with commas between."""
    pairs = (pair.strip().partition(" ") for pair in metadata.split(","))
    names = {key: value for key, _, value in pairs}
    try:
        text = base64.b64decode(names.get("filename", ""), validate=True).decode()
    except (ValueError, binascii.Error):
        return ""
    return text.replace("\0", "")[:_MAX_NAME_LETTERS]
