"""Routes that make files: editors' files and movies, with their progress, and the folder they lie in."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from panscan import registry
from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.review.deliveries import DeliveryJob, DeliveryQueue
from panscan.review.desk import Desk
from panscan.review.movie_routes import not_found
from panscan.review.requests import read_json
from panscan.review.session import REPORT_POLICY
from panscan.review.sources import DeliveryRequest, ReviewSource

_POLL_S = 0.2  # between two looks at an order whose events are streamed: often enough for a progress bar


def router(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.post("/api/movies/{movie_id}/deliver")
    async def deliver(movie_id: str, request: Request) -> Response:
        movie = desk.library.get(movie_id)
        if movie is None:
            return not_found("movie")
        order = _order(movie.source, await read_json(request))
        return JSONResponse({"job": desk.deliveries.add(movie.source, order).id}, 202)

    @routes.get("/api/jobs/{job_id}/events")
    async def stream_events(job_id: str) -> Response:
        if desk.deliveries.get(job_id) is None:
            return not_found("job")
        return StreamingResponse(_event_stream(desk.deliveries, job_id), media_type="text/event-stream")

    @routes.post("/api/jobs/{job_id}/cancel")
    async def cancel(job_id: str) -> Response:
        if desk.deliveries.get(job_id) is None:
            return not_found("job")
        desk.deliveries.cancel(job_id)
        return Response(status_code=204)

    @routes.get("/api/jobs/{job_id}/pages/{number}")
    async def get_page(job_id: str, number: int) -> Response:
        job = desk.deliveries.get(job_id)
        pages = job.made.get("pages", []) if job else []
        if not 0 <= number < len(pages):
            return not_found("page")
        return FileResponse(pages[number], media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})

    @routes.post("/api/open-folder")
    async def open_folder(request: Request) -> Response:
        movie = desk.library.get(str((await read_json(request)).get("movie")))
        if movie is None:
            return not_found("movie")
        await asyncio.to_thread(_show_folder, movie.source.folder)
        return Response(status_code=204)

    return routes


def _order(source: ReviewSource, body: dict[str, Any]) -> DeliveryRequest:
    """What is asked for.

    Raises
    ------
    UsageError
        It is not understood, or a shape or a format is not there.
    """
    ratios, formats = body.get("ratios"), body.get("deliveries", [])
    lists_of_text = all(isinstance(one, list) and all(isinstance(t, str) for t in one) for one in (ratios, formats))
    if not lists_of_text or not ratios:
        raise UsageError(
            "the order is not understood",
            why="`ratios` and `deliveries` are lists of text, and one shape at least is needed.",
            fix="Load the page anew.",
        )
    shapes = tuple(Ratio.parse(text) for text in ratios)
    for shape in shapes:
        if source.request_of(shape) is None:
            raise UsageError(f"{shape} is not made", why="It was not asked for.", fix="Give it with --ratio.")
    for name in formats:
        registry.load("exporters", name)
    return DeliveryRequest(shapes, tuple(formats), body.get("render") is True)


async def _event_stream(deliveries: DeliveryQueue, job_id: str) -> AsyncIterator[str]:
    """Server-sent events: one whenever something changed, until the order is finished."""
    before: DeliveryJob | None = None
    while (job := deliveries.get(job_id)) is not None:
        if job != before:
            yield f"data: {json.dumps(_job_json(job))}\n\n"
        if job.is_finished:
            return
        before = job
        await asyncio.sleep(_POLL_S)


def _job_json(job: DeliveryJob) -> dict[str, Any]:
    """The order, with an address for each verdict in pictures."""
    made: dict[str, Any] = job.made
    told = {name: value for name, value in job.to_json().items() if name != "made"}
    pages = [f"/api/jobs/{job.id}/pages/{number}" for number in range(len(made.get("pages", [])))]
    return told | made | {"pages": pages}


def _show_folder(folder: Path) -> None:
    """Open a folder in the program of this system that shows folders."""
    if sys.platform == "win32":
        os.startfile(folder)
    else:
        subprocess.Popen(
            ["open" if sys.platform == "darwin" else "xdg-open", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
