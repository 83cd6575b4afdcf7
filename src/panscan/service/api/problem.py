"""Errors over HTTP: `application/problem+json` (RFC 9457), which keeps what, why and fix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import DataError, OperationalError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from panscan.errors import CapabilityError, InputError, PanscanError, UsageError, did_you_mean
from panscan.service.api.models import Body

MEDIA_TYPE = "application/problem+json"
_AWAY_S = 5  # seconds after which a database that was killed answers again
_MAX_ERRORS = 20  # of one request: more help nobody, and a list of thousands costs time

# HTTP status by the exit code of an error: a wrong request, unusable media, something that this machine lacks.
_STATUS = {UsageError.exit_code: 422, InputError.exit_code: 422, CapabilityError.exit_code: 501}

_DOCUMENT = "See /v1/openapi.json."
# What the framework refuses: why, and what to do.
_HTTP = {
    400: ("Its body cannot be read.", "Send a JSON object."),
    404: ("The service has nothing at this address.", _DOCUMENT),
    405: ("The address takes other methods.", _DOCUMENT),
    413: ("A request holds words; movies have a way of their own.", "Send movies to /v1/uploads."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one value of a request.

    Attributes
    ----------
    pointer : str
        The value, as a JSON pointer: "/ratios/0"; "query: limit" for one of the address.
    detail : str
    """

    pointer: str
    detail: str


class HttpError(PanscanError):
    """An error with a status of its own."""

    def __init__(
        self,
        status: int,
        what: str,
        *,
        why: str = "",
        fix: str = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(what, why=why, fix=fix)
        self.status = status
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def not_found(kind: str) -> HttpError:
    """There is no such thing, or it belongs to another account; which of the two is not told."""
    return HttpError(404, f"there is no such {kind}", why="It was removed, or never was.", fix="Look at the list.")


def database_is_away() -> HttpError:
    """The database does not answer; it is started again, or somebody sees to it."""
    why, headers = "The database does not answer.", {"Retry-After": str(_AWAY_S)}
    return HttpError(503, "not ready", why=why, fix=f"Ask again in {_AWAY_S} s.", headers=headers)


def problem_json(error: PanscanError, status: int) -> dict[str, Any]:
    """The body of an answer."""
    title = HTTPException(status).detail  # the name that HTTP gives a status
    body: dict[str, Any] = {
        "type": f"urn:panscan:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": str(error),
        "what": error.what,
        "why": error.why,
        "fix": error.fix,
    }
    errors = getattr(error, "errors", ())
    if errors:
        body["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in errors]
    return body


def status_of(error: PanscanError) -> int:
    """The status of an answer."""
    return error.status if isinstance(error, HttpError) else _STATUS.get(error.exit_code, 500)


def problem_response(error: PanscanError) -> JSONResponse:
    """An error as an answer."""
    status = status_of(error)
    headers = error.headers if isinstance(error, HttpError) else None
    return JSONResponse(problem_json(error, status), status, headers, MEDIA_TYPE)


def answer_errors_as_problems(app: FastAPI) -> None:
    """Make every error of an application a problem, those of the framework too."""

    @app.exception_handler(PanscanError)
    async def ours(_: Request, error: PanscanError) -> JSONResponse:
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(_validation_error(request, error))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        why, fix = _HTTP.get(error.status_code, ("HTTP does not allow it.", _DOCUMENT))
        headers = dict(error.headers or {})
        return problem_response(
            HttpError(error.status_code, str(error.detail).lower(), why=why, fix=fix, headers=headers)
        )

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    async def away(_: Request, error: Exception) -> JSONResponse:
        return problem_response(database_is_away())

    @app.exception_handler(DataError)
    @app.exception_handler(UnicodeEncodeError)
    async def unkept(_: Request, error: Exception) -> JSONResponse:
        why = "It holds a zero byte, half a letter, or a number that is too large."
        return problem_response(HttpError(422, "the request cannot be kept", why=why, fix="Leave that out."))

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        # What the error itself says is for the log alone: it may name files, addresses or secrets.
        why = type(error).__name__
        return problem_response(HttpError(500, "panscan failed", why=why, fix="Look at the service's log."))


def _validation_error(request: Request, error: RequestValidationError) -> HttpError:
    first, *_ = error.errors()
    if first["type"] == "json_invalid":
        why = f"At character {first['loc'][-1]}: {first.get('ctx', {}).get('error', 'it cannot be read')}."
        return HttpError(422, "the request is no JSON", why=why, fix="Correct it there.")
    if first["loc"] == ("body",) and not request.headers.get("content-type", "").startswith("application/json"):
        why, fix = "A request holds a JSON object.", "Send it with Content-Type: application/json (curl: --json)."
        return HttpError(422, "the request is no JSON", why=why, fix=fix)
    found = [FieldError(_pointer(one["loc"]), _what_is_wrong(one)) for one in error.errors()[:_MAX_ERRORS]]
    why = f"{found[0].pointer}: {found[0].detail}".rstrip(".")
    why += "" if why.endswith("?") else "."
    return HttpError(422, "the request is not understood", why=why, fix=_DOCUMENT, errors=found)


def _what_is_wrong(error: Mapping[str, Any]) -> str:
    if error["type"] != "extra_forbidden":
        return str(error["msg"])
    known = {name for model in Body.__subclasses__() for name in model.model_fields}
    return f"It is not known. {did_you_mean(str(error['loc'][-1]), sorted(known))}".strip()


def _pointer(place: Sequence[Any]) -> str:
    """Where a value stands: the first part tells body, query, path or header."""
    kind, *rest = place
    if kind != "body":
        return f"{kind}: {'.'.join(map(str, rest))}"
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in rest)
