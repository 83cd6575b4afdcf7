"""The page of jobs: files beside this package, which hold no data and need no token."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from panscan.service.api.problem import not_found

router = APIRouter(include_in_schema=False)
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# Nothing from elsewhere, nothing inline. Pictures come with the token, as blobs.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


@router.get("/")
def index() -> Response:
    """The page."""
    return get_part("index.html")


@router.get("/page/{name}")
def get_part(name: str) -> Response:
    """A part of the page."""
    folder = Path(str(files("panscan.service"))) / "page"  # a wheel is always unpacked, so resources are files
    parts = {path.name: path for path in folder.iterdir() if path.suffix in _TYPES}
    if name not in parts:
        raise not_found("page")
    path = parts[name]
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=_HEADERS)


@router.get("/favicon.ico")
def favicon() -> Response:
    """Nothing: browsers ask by themselves, and a refusal would be a fault."""
    return Response(status_code=204)
