"""Routes about a movie: what it is, its shots, what is seen in it, and the corrections."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from panscan import registry
from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.model.request import Request as FramingRequest
from panscan.request.override_files import note_on_movie
from panscan.request.presets import preset_names
from panscan.review.desk import Desk
from panscan.review.drafts import Correction, Draft, checked, entry_of, is_saved
from panscan.review.files import KEPT, movie_response, thumb
from panscan.review.library import ReviewedMovie
from panscan.review.proxy import has_sound, proxy_size
from panscan.review.requests import read_json
from panscan.review.rows import row_json
from panscan.review.saving import save
from panscan.review.solving import FramedPart
from panscan.timeline.doubts import is_doubtful

_MOST_FRAMES = 2_000  # in one request for plans: the shots of a film


class UnknownMovieError(Exception):
    """No movie under review has this id."""


def router(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    def movie_of(movie_id: str) -> ReviewedMovie:
        movie = desk.library.get(movie_id)
        if movie is None:
            raise UnknownMovieError(movie_id)
        return movie

    @routes.get("/api/movies")
    async def list_movies() -> Response:
        return JSONResponse(await asyncio.to_thread(lambda: [_summary(desk, one) for one in desk.library.all()]))

    @routes.get("/api/movies/{movie_id}")
    async def get_movie(movie_id: str) -> Response:
        return JSONResponse(await asyncio.to_thread(_facts, desk, movie_of(movie_id)))

    @routes.get("/api/movies/{movie_id}/shapes/{slug}")
    async def get_shape(movie_id: str, slug: str) -> Response:
        return JSONResponse(await asyncio.to_thread(_shape, desk, movie_of(movie_id), slug.replace("x", ":", 1)))

    @routes.get("/api/movies/{movie_id}/subjects")
    async def get_subjects(movie_id: str, first: int, last: int) -> Response:
        movie = movie_of(movie_id)
        footage, _, _ = desk.ready(movie)
        return JSONResponse(await asyncio.to_thread(footage.subjects, movie.source.requests[0], first, last))

    @routes.get("/api/movies/{movie_id}/speakers")
    async def get_speakers(movie_id: str) -> Response:
        movie = movie_of(movie_id)
        footage, _, _ = desk.ready(movie)
        return JSONResponse(await asyncio.to_thread(footage.speakers, movie.source.requests[0]))

    @routes.get("/thumbs/{movie_id}/{frame}.jpg")
    async def get_thumb(movie_id: str, frame: int) -> Response:
        footage, _, proxy = desk.ready(movie_of(movie_id))
        wanted = min(max(0, frame), footage.grid.frame_count - 1)
        picture = await asyncio.to_thread(thumb, proxy, wanted)
        return Response(picture, media_type="image/jpeg", headers={"Cache-Control": KEPT})

    @routes.get("/media/{movie_id}/proxy.mp4")
    async def get_proxy(movie_id: str, request: Request) -> Response:
        _, _, proxy = desk.ready(movie_of(movie_id))
        return await asyncio.to_thread(movie_response, proxy, request.headers.get("range"))

    @routes.post("/api/movies/{movie_id}/plan")
    async def plan(movie_id: str, request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(_plan, desk, movie_of(movie_id), await read_json(request)))

    @routes.get("/api/movies/{movie_id}/draft")
    async def get_draft(movie_id: str) -> Response:
        movie = movie_of(movie_id)
        file, known = movie.source.overrides_file, movie.footage.movie if movie.footage else None
        note = note_on_movie(file, known) if known is not None and file.is_file() else ""
        return _draft_response(movie, desk.drafts.load(movie.source), [note] if note else ())

    @routes.put("/api/movies/{movie_id}/draft")
    async def put_draft(movie_id: str, request: Request) -> Response:
        movie = movie_of(movie_id)
        _, solver, _ = desk.ready(movie)
        corrections = checked((await read_json(request)).get("corrections"))
        solver.overrides([entry_of(one) for one in corrections])  # a mistake is told now, not when it is saved
        etag = request.headers.get("if-match", "").strip('"')
        return _draft_response(movie, await asyncio.to_thread(desk.drafts.change, movie.source, corrections, etag))

    @routes.post("/api/movies/{movie_id}/save")
    async def save_draft(movie_id: str, request: Request) -> Response:
        movie = movie_of(movie_id)
        _, solver, _ = desk.ready(movie)
        body = await read_json(request)
        over = body.get("over") is True
        draft, told = await asyncio.to_thread(
            save, movie, solver, desk.drafts, desk.work, str(body.get("etag")), over=over
        )
        return _draft_response(movie, draft, told)

    return routes


def not_found(what: str) -> Response:
    """The answer where something is not there."""
    told = {"what": f"there is no such {what}", "why": "It was removed, or never was.", "fix": "Load the page anew."}
    return JSONResponse(told, 404)


def _draft_response(movie: ReviewedMovie, draft: Draft, told: Sequence[str] = ()) -> Response:
    content = {
        "corrections": draft.corrections,
        "etag": draft.etag,
        "saved": is_saved(draft, movie.source),
        "file": movie.source.overrides_file.name,
        "told": list(told),
    }
    return JSONResponse(content, headers={"ETag": f'"{draft.etag}"'})


def _summary(desk: Desk, movie: ReviewedMovie) -> dict[str, Any]:
    """A movie as the list of all has it."""
    told: dict[str, Any] = {
        "id": movie.source.id,
        "name": movie.source.movie.name,
        "shapes": [str(request.ratio) for request in movie.source.requests],
        "state": movie.state,
        "stage": movie.stage,
        "percent": round(movie.percent, 1),
        "error": movie.error,
    }
    if movie.footage is None:
        return told
    corrections = desk.drafts.load(movie.source).corrections
    parts = _parts(desk, movie, movie.source.requests[0], corrections)
    return told | {
        "duration_s": float(movie.footage.grid.frame_count / movie.footage.grid.rate),
        "shots": len(parts),
        "worth_a_look": sum(is_doubtful(part.framing) for part in parts),
        "edited": len(corrections),
    }


def _facts(desk: Desk, movie: ReviewedMovie) -> dict[str, Any]:
    """All of a movie that does not change."""
    footage, _, proxy = desk.ready(movie)
    grid, size, small = footage.grid, footage.size, proxy_size(footage.size)
    request = movie.source.requests[0]
    first = footage.with_preset(request)
    return {
        "id": movie.source.id,
        "name": movie.source.movie.name,
        "is_cut": grid.kind == "cut",
        "rate": [grid.rate.numerator, grid.rate.denominator],
        "start_frame": grid.start_frames,
        "frame_count": grid.frame_count,
        "size_px": [size.width, size.height],
        "has_sound": has_sound(proxy),
        "proxy": {
            "url": f"/media/{movie.source.id}/proxy.mp4?v={footage.key}",  # another movie of the same name is another
            "size_px": [small.width, small.height],
            "frames": None,  # its pictures come at the rate of the grid, also where the movie's do not
        },
        "shapes": [
            {"ratio": str(one.ratio), "canvas_px": [one.canvas.width, one.canvas.height]}
            for one in movie.source.requests
        ],
        "people": [one | {"thumb": f"/thumbs/{movie.source.id}/{one['frame']}.jpg"} for one in footage.people(request)],
        "layouts": ["auto", *registry.names("layouts")],
        "presets": preset_names(),
        "preset": first.preset.name,
        "methods": list(registry.names("methods")),
        "method": first.method or first.preset.method,
        "modes": list(registry.names("modes")),
        "mode": first.mode or first.preset.mode,
        "deliveries": desk.work.deliveries(),
        "folder": str(movie.source.folder),
    }


def _shape(desk: Desk, movie: ReviewedMovie, ratio: str) -> dict[str, Any]:
    """All shots in one shape, with the draft's corrections."""
    request = _request(movie, ratio)
    draft = desk.drafts.load(movie.source)
    parts = _parts(desk, movie, request, draft.corrections)
    rows = _rows(desk, movie, request, draft.corrections, parts, of_all=True)
    canvas = [request.canvas.width, request.canvas.height]
    return {"ratio": ratio, "canvas_px": canvas, "etag": draft.etag, "shots": rows}


def _plan(desk: Desk, movie: ReviewedMovie, body: dict[str, Any]) -> dict[str, Any]:
    """Some shots in one shape, with corrections that are kept nowhere."""
    footage, solver, _ = desk.ready(movie)
    request, corrections = _request(movie, str(body.get("ratio"))), checked(body.get("corrections"))
    frames = _frames(body.get("frames"), footage.grid.frame_count)
    overrides = solver.overrides([entry_of(one) for one in corrections])
    parts: dict[int, FramedPart] = {}
    for frame in frames:
        if not any(part.shot.first <= frame < part.shot.end for part in parts.values()):
            parts |= {part.shot.first: part for part in solver.parts_at(request, overrides, frame)}
    told = [f"shot {part.number}: {text}" for part in parts.values() for text in part.framing.unmet]
    return {"shots": _rows(desk, movie, request, corrections, list(parts.values())), "told": told}


def _frames(value: Any, count: int) -> list[int]:
    is_list = isinstance(value, list) and 0 < len(value) <= _MOST_FRAMES
    if not is_list or not all(type(frame) is int and 0 <= frame < count for frame in value):
        raise UsageError(
            "`frames` is not understood", why=f"It is a list of frames, 0 to {count - 1}.", fix="Load the page anew."
        )
    found: list[int] = value
    return found


def _request(movie: ReviewedMovie, ratio: str) -> FramingRequest:
    found = movie.source.request_of(Ratio.parse(ratio))
    if found is None:
        known = ", ".join(str(request.ratio) for request in movie.source.requests)
        raise UsageError(f"{ratio} is not made", why=f"There are {known}.", fix="Start panscan review with --ratio.")
    return found


def _parts(
    desk: Desk, movie: ReviewedMovie, request: FramingRequest, corrections: Sequence[Correction]
) -> list[FramedPart]:
    _, solver, _ = desk.ready(movie)
    return solver.all_parts(request, solver.overrides([entry_of(one) for one in corrections]))


def _rows(
    desk: Desk,
    movie: ReviewedMovie,
    request: FramingRequest,
    corrections: Sequence[Correction],
    parts: Sequence[FramedPart],
    *,
    of_all: bool = False,
) -> list[dict[str, Any]]:
    _, solver, _ = desk.ready(movie)
    overrides = solver.overrides([entry_of(one) for one in corrections])
    held = solver.covering(request, overrides, [part.shot for part in parts])
    automatic = solver.all_parts(request, ()) if of_all and any(held) else []
    return [
        row_json(part, places, (automatic or solver.parts_at(request, (), part.shot.first)) if places else ())
        for part, places in zip(parts, held, strict=True)
    ]
