"""The routes of the review page. Needs the extra `serve`.

What a browser gets: the page at /, its files at /static/, movies at /media/, small pictures at /thumbs/, all else as
JSON at /api/. Errors are JSON: what, why, fix.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from panscan.errors import CapabilityError, InputError, PanscanError, UsageError, internal_error
from panscan.review import deliver_routes, movie_routes
from panscan.review.desk import Desk
from panscan.review.drafts import StaleDraftError
from panscan.review.files import page_response
from panscan.review.saving import ChangedFileError
from panscan.review.session import Session
from panscan.serve.jobs import error_json

# HTTP status by the exit code of an error: a wrong request, unusable media, something that this machine lacks.
_STATUS = {UsageError.exit_code: 400, InputError.exit_code: 422, CapabilityError.exit_code: 501}


def create_app(session: Session, desk: Desk) -> FastAPI:
    """The application.

    Parameters
    ----------
    session : Session
        Who may ask.
    desk : Desk
        What is reviewed.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.start()
        yield
        desk.stop()

    # No pages about the service itself: they would load scripts from elsewhere.
    app = FastAPI(title="panscan review", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.middleware("http")
    async def check_access(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = _refusal(session, request) or await call_next(request)
        for name, value in session.headers().items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(PanscanError)
    async def error_response(_: Request, error: PanscanError) -> Response:
        return JSONResponse(error_json(error), _STATUS.get(error.exit_code, 500))

    @app.exception_handler(movie_routes.UnknownMovieError)
    async def unknown_movie(_: Request, error: Exception) -> Response:
        return movie_routes.not_found("movie")

    @app.exception_handler(RequestValidationError)
    async def wrong_address(_: Request, error: RequestValidationError) -> Response:
        why = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
        return _error_response(400, "the address is not understood", why, "Load the page anew.")

    @app.exception_handler(Exception)
    async def fault(_: Request, error: Exception) -> Response:
        return JSONResponse(error_json(internal_error(error)), 500, session.headers())

    @app.exception_handler(StaleDraftError)
    async def stale_draft(_: Request, error: StaleDraftError) -> Response:
        why, fix = "Another tab or window has changed them since.", "Take the newest, or send yours again."
        told = {
            "what": "these are not the newest corrections",
            "why": why,
            "fix": fix,
        }
        draft = {"corrections": error.draft.corrections, "etag": error.draft.etag}
        return JSONResponse(told | draft, 412)

    @app.exception_handler(ChangedFileError)
    async def changed_file(_: Request, error: ChangedFileError) -> Response:
        told = {
            "what": "the overrides file was changed meanwhile",
            "why": "Another program, or you, wrote to it after this page had read it.",
            "fix": "Choose the file's entries, or write yours over them.",
        }
        return JSONResponse(told | {"file": error.entries}, 409)

    @app.get("/open/{code}")
    async def open_session(code: str) -> Response:
        cookie = session.admit(code)
        if cookie is None:
            return PlainTextResponse("This address was used already. Start panscan review once more.\n", 401)
        return RedirectResponse("/", 303, {"Set-Cookie": cookie})

    @app.get("/")
    async def page() -> Response:
        return page_response("index.html") or PlainTextResponse("The page is missing: install panscan anew.\n", 500)

    @app.get("/static/{name:path}")
    async def static(name: str) -> Response:
        return page_response(name) or movie_routes.not_found("file")

    app.include_router(movie_routes.router(desk))
    app.include_router(deliver_routes.router(desk))
    return app


def _refusal(session: Session, request: Request) -> Response | None:
    """Why a request is not answered, if it is not: its host name, its origin or its cookie."""
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if not session.is_host(host):
        return _error_response(421, "wrong host", "The page is at 127.0.0.1 and localhost only.")
    if not session.may_ask(request.method, host, origin):
        return _error_response(403, f"the origin {origin} may not ask", "Only the review page itself may.")
    path = request.url.path
    if path.startswith("/open/") or session.is_member(request.cookies.get(session.cookie_name)):
        return None
    if path == "/favicon.ico":
        return Response(status_code=204)  # browsers ask by themselves; a refusal would stand in their console
    fix = "Open the address that panscan review prints."
    if path == "/":
        return PlainTextResponse(f"{fix}\n", 401)
    return _error_response(401, "not let in yet", "This browser has not opened the one-time address.", fix)


def _error_response(status: int, what: str, why: str, fix: str = "") -> Response:
    return JSONResponse({"what": what, "why": why, "fix": fix}, status)
