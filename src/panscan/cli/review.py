"""`panscan review`: movies and their cameras on a page in the browser, where a person corrects and delivers."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import say, short_path
from panscan.errors import CapabilityError, InputError, UsageError

if TYPE_CHECKING:
    from panscan.model.request import Request
    from panscan.review.sources import ReviewSource

_GRACE_S = 2  # for answers under way when the page is ended: progress is sent without end
_SHAPE = re.compile(r"\d+x\d+")  # in names of timelines


def command(
    movies: Annotated[
        list[Path],
        typer.Argument(
            metavar="MOVIE...", help="Movies, folders of movies, or panscan's timelines of them.", show_default=False
        ),
    ],
    ratio: Annotated[
        list[str] | None, typer.Option("-r", "--ratio", help="Shape to make, e.g. 9:16; repeat for more. [9:16]")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the results. [that of each movie]")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="As in `panscan reframe`; so are the next ones.", show_default=False)
    ] = None,
    method: Annotated[str | None, typer.Option(help="How subjects are chosen.", show_default=False)] = None,
    mode: Annotated[str | None, typer.Option(help="How willingly the camera moves.", show_default=False)] = None,
    layouts: Annotated[str | None, typer.Option(help="Layouts that may be used.", show_default=False)] = None,
    override: Annotated[
        Path | None, typer.Option(help="Where decisions by hand are kept. [STEM.panscan.toml]", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Look at movies and their cameras in the browser, correct them, and make files for editors; until Ctrl-C.

    Nothing leaves this machine. Corrections go to STEM.panscan.toml beside the movie. Without options, shapes and
    settings are those of the timelines that are there.
    """
    from panscan.request.options import requests_for

    found = _movies(movies, output)
    if override is not None and len(found) > 1:
        fix = "Leave it out: each movie has its own STEM.panscan.toml."
        raise UsageError("--override goes with one movie", why="It holds the decisions of one.", fix=fix)
    made = requests_for(ratio or ["9:16"], preset=preset, method=method, mode=mode, layouts=layouts)
    is_told = any(option is not None for option in (ratio, preset, method, mode, layouts))
    sources = []
    for movie, beside in found:
        folder = output or beside
        known = [] if is_told else _requests_beside(movie, folder)
        sources.append(review_source(movie, known or [request for request, _ in made], folder, override))
    open_page(sources, port, browser)


def _movies(given: Sequence[Path], output: Path | None) -> list[tuple[Path, Path]]:
    """The movies that are meant, each with the folder of its timelines.

    Raises
    ------
    InputError
        A file is not there, a folder has no movies, or a timeline is none.
    """
    from panscan.cli.many import inputs_of
    from panscan.ingest.cuts.read import TIMELINE_SUFFIXES

    for path in given:
        if not path.exists():
            raise InputError(f"{path} does not exist", why="There is no such file.", fix="Check the path.")
    timelines = [path for path in given if path.suffix.lower() in TIMELINE_SUFFIXES]
    others = [path for path in given if path not in timelines]
    movies = inputs_of(others, output) if others else []
    found: list[tuple[Path, Path]] = []
    for path in given:
        meant = [(movie, movie.parent) for movie in movies if path in (movie, movie.parent)]
        found += [_movie_of(path)] if path in timelines else meant
    return list(dict.fromkeys(found))


def _movie_of(given: Path) -> tuple[Path, Path]:
    """The cut that a timeline is, or the movie that panscan made it of; and the folder that it lies in.

    Raises
    ------
    InputError
        It is no timeline, or panscan made it of a cut.
    """
    from panscan.timeline.cut import read_cut
    from panscan.timeline.files import read_timeline, recipe_of

    timeline = read_timeline(given) if given.suffix.lower() == ".otio" else None
    recipe = {} if timeline is None else recipe_of(timeline)
    if "cut" in recipe:
        raise InputError(
            f"{given.name} is what panscan made of a cut",
            why="The page shows the cut, and reads its settings from here.",
            fix="Give the cut itself.",
        )
    if "media" not in recipe:
        return given, given.parent
    paths = {clip.path for clip in read_cut(timeline, folder=given.parent).clips}
    return paths.pop(), given.parent


def _requests_beside(movie: Path, folder: Path) -> list[Request]:
    """The requests of the movie's timelines in a folder, as far as their settings are known here."""
    from panscan.request.options import request_for
    from panscan.request.recipe import request_of_recipe
    from panscan.timeline.files import read_timeline, recipe_of

    found = []
    for path in sorted(folder.glob(f"{glob.escape(movie.stem)}.*.otio")):
        shape = path.name.removeprefix(f"{movie.stem}.").removesuffix(".otio")
        if not _SHAPE.fullmatch(shape):
            continue
        with suppress(InputError):  # no timeline, or a damaged one
            recipe = recipe_of(read_timeline(path))
            request = request_of_recipe(recipe)
            if request is None:
                say(f"  note: {short_path(path)} has settings that are not known here; saving makes it with usual ones")
                request = request_for(shape.replace("x", ":"))
            found.append(request)
    return found


def review_source(
    source: Path, requests: Sequence[Request], folder: Path, override: Path | None = None
) -> ReviewSource:
    """A movie or a cut as it is reviewed, with its timelines in a folder."""
    from panscan.ingest.cuts.read import TIMELINE_SUFFIXES, read_editor_cut
    from panscan.request.override_files import cut_file
    from panscan.request.overrides import SUFFIXES, find_overrides
    from panscan.review.sources import ReviewSource

    is_cut = source.suffix.lower() in TIMELINE_SUFFIXES
    if is_cut:
        file = cut_file(override, source, read_editor_cut(source))
    else:
        file = override or find_overrides(source) or source.with_name(source.stem + SUFFIXES[0])
    return ReviewSource(source.resolve(), folder.resolve(), tuple(requests), file.resolve(), is_cut)


def open_page(sources: Sequence[ReviewSource], port: int = 0, browser: bool = True) -> None:
    """Serve the page until Ctrl-C.

    Raises
    ------
    CapabilityError
        The packages of the extra `serve` are not there, or the port is taken.
    """
    import webbrowser
    from threading import Thread

    try:
        import uvicorn

        from panscan.review.app import create_app
    except ModuleNotFoundError as error:
        raise CapabilityError(
            "panscan review needs further packages",
            why=f"{error.name} is not installed.",
            fix="Run: pip install 'panscan[serve]'",
        ) from error
    from panscan.cli.review_work import CommandLineWork
    from panscan.cli.serve import data_folder
    from panscan.perceive.cache import cache_folder
    from panscan.review.desk import Desk
    from panscan.review.session import Session

    settings = uvicorn.Config(
        lambda: create_app(session, desk),
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    listener = _bound(settings)
    session = Session(listener.getsockname()[1])
    desk = Desk(sources, CommandLineWork(), cache_folder(), data_folder() / "drafts")

    class Server(uvicorn.Server):
        """Prints its address, and opens it, once it listens."""

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            say(f"review page: {session.opening_address} (for one browser; Ctrl-C ends it)")
            for source in sources:
                say(f"  {short_path(source.movie)}: corrections go to {short_path(source.overrides_file)}")
            if browser:  # in a thread: a browser in the terminal ends only when the page is left
                Thread(target=webbrowser.open, args=[session.opening_address], daemon=True).start()

    with suppress(KeyboardInterrupt):
        Server(settings).run(sockets=[listener])


def _bound(settings: Any) -> Any:
    """The socket that is listened at: the port is known before the page is."""
    try:
        return settings.bind_socket()
    except SystemExit as error:  # uvicorn has printed the system's error
        raise CapabilityError(
            f"cannot listen at port {settings.port}",
            why="It is taken, maybe by another panscan, or this user may not have it.",
            fix="Leave --port out: a free one is taken.",
        ) from error
