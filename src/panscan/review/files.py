"""Answers that hold files: parts of movies, small pictures, the page itself."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.responses import FileResponse, Response

from panscan.files import write_bytes
from panscan.ingest import probe, stills

PAGE_FOLDER = Path(__file__).parent / "page"
# Of a movie in one answer, so that a browser that asks for all of it does not hold it all: it asks again for the rest.
_MAX_RANGE_BYTES = 8 * 1024 * 1024
KEPT = "private, max-age=3600"  # by the browser, for an hour: what is made once never changes
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")
_THUMB_PX = 240  # of the longer side
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def movie_response(path: Path, asked: str | None) -> Response:
    """A part of a movie, as a Range header asks for it; its beginning without one."""
    facts = path.stat()
    size = facts.st_size
    span = _span(asked or "bytes=0-", size)
    if span is None:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    first, end = span[0], min(span[1], span[0] + _MAX_RANGE_BYTES)
    with path.open("rb") as file:
        file.seek(first)
        data = file.read(end - first)
    # Browsers put parts together only where a tag says that they are of one file; else each seek asks anew.
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{size}-{facts.st_mtime_ns}"', "Cache-Control": KEPT}
    if asked is None and end == size:
        return Response(data, headers=headers, media_type="video/mp4")
    return Response(data, 206, headers | {"Content-Range": f"bytes {first}-{end - 1}/{size}"}, media_type="video/mp4")


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """First byte and byte after the last of a range; None for one that cannot be given."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:
        return (max(0, size - int(found[2])), size) if int(found[2]) else None
    first, end = int(found[1]), int(found[2]) + 1 if found[2] else size
    return (first, min(end, size)) if first < min(end, size) else None


def page_response(name: str) -> Response | None:
    """A file of the page; None for any other name."""
    path = (PAGE_FOLDER / name).resolve()
    if path.suffix not in _TYPES or not path.is_relative_to(PAGE_FOLDER.resolve()) or not path.is_file():
        return None
    return FileResponse(path, media_type=_TYPES[path.suffix])


def thumb(proxy: Path, frame: int) -> bytes:
    """A small JPEG of a frame, from the proxy; made once."""
    path = proxy.with_name(f"thumb-{frame}.jpg")
    if not path.is_file():
        import cv2

        picture = stills(probe(proxy, photos=False), [frame], _THUMB_PX)[0]
        write_bytes(cv2.imencode(".jpg", picture[:, :, ::-1])[1].tobytes(), path, private=True)
    return path.read_bytes()
