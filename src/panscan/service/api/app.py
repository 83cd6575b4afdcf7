"""The application: all routes, and what holds for each of them."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panscan import __version__
from panscan.service.api import (
    account,
    connections,
    crops,
    events,
    files,
    health,
    jobs,
    page,
    qencode,
    uploads,
    watches,
    webhooks,
)
from panscan.service.api.answers import problems
from panscan.service.api.context import ApiContext, ApiOptions, Reader
from panscan.service.api.problem import answer_errors_as_problems
from panscan.service.api.qencode_codes import QencodeError
from panscan.service.database import Pool
from panscan.service.secrets import SecretBox
from panscan.service.settings import ServiceSettings
from panscan.service.uploads import UploadStore

_MAX_BODY_BYTES = 2 * 1024 * 1024  # of a request but for uploads: a job with decisions for hours of shots
_ROUTERS: tuple[APIRouter, ...] = (
    jobs.router, events.router, files.router, crops.router, uploads.router, account.router, connections.router,
    webhooks.router, watches.router, qencode.router, health.router, page.router,
)  # fmt: skip


def create_api(pool: Pool, settings: ServiceSettings, box: SecretBox, options: ApiOptions | None = None) -> FastAPI:
    """The application.

    Parameters
    ----------
    pool : Pool
        Connections to the database.
    settings : ServiceSettings
        Where jobs and uploads lie.
    box : SecretBox
        Seals secrets.
    options : ApiOptions, optional
        Without them those of the environment.
    """
    # No pages about the service itself: they would load scripts from elsewhere.
    app = FastAPI(title="panscan", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    chosen = options or ApiOptions.of_environment()
    app.state.context = ApiContext(pool, settings, box, chosen, UploadStore(settings.uploads), chosen.rate_limit())
    app.add_middleware(BodyLimit, most_bytes=_MAX_BODY_BYTES)
    answer_errors_as_problems(app)
    for router in _ROUTERS:
        app.include_router(router, responses=problems())

    @app.exception_handler(QencodeError)
    async def refusal(_: Request, error: QencodeError) -> JSONResponse:
        return JSONResponse(qencode.error_answer(error))

    @app.get("/v1/openapi.json", tags=["health"], responses=problems())
    def describe(_: Reader) -> dict[str, object]:
        """The OpenAPI document of the service."""
        return app.openapi()

    return app


class BodyLimit:
    """Stops reading requests whose body is too large; uploads have limits of their own."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app, self._most_bytes = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count what comes."""
        left = self._most_bytes

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, f"the request is longer than {self._most_bytes} bytes")
            return message

        is_limited = scope["type"] == "http" and scope["method"] != "PATCH"
        await self._app(scope, counted if is_limited else receive, send)
