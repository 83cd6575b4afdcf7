"""`panscan people`: who is in a movie, in pictures; and giving them names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import print_json, print_table, progress_bar, say, short_path, silence_native_stderr
from panscan.cli.outputs import Overwrite, check_outputs, write_output
from panscan.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from panscan.direct.people import SeenPerson
    from panscan.model.media import Media
    from panscan.model.request import NamedPerson

EXAMPLES = """Examples:

panscan people talk.mp4

panscan people talk.mp4 --name person-2=Anna --name person-1=Ben"""

_LEAST_S = 1.0  # of being seen: shorter, somebody passes through, or is none


def command(
    source: Annotated[Path, typer.Argument(metavar="MOVIE", help="The movie.", show_default=False)],
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name", metavar="WHO=NAME", help="Give somebody a name, e.g. person-2=Anna; repeat.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The sheet of pictures, .jpg or .png. Default: STEM.people.jpg by MOVIE."),
    ] = None,
    override: Annotated[
        Path | None,
        typer.Option(help="Where names are written. Default: STEM.panscan.toml beside MOVIE.", show_default=False),
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Also those who are seen for less than a second.")] = False,
    overwrite: Overwrite = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show who is in a movie, with a picture, and how long each is seen and speaks; --name gives names that last.

    A name is written into the overrides file with the place where the person is seen, so that it holds after every
    analysis. From then on it stands in reasons and timelines, and is known to --prompt, --avoid and overrides.
    """
    from panscan import pipeline
    from panscan.cli.sources import say_absent_weights, say_notes
    from panscan.direct.people import seen_people
    from panscan.request.options import models_of_environment
    from panscan.request.override_files import movie_people

    wished = [_wish(text) for text in name or ()]
    sheet = output or source.with_name(f"{source.stem}.people.jpg")
    _check_sheet(sheet)
    check_outputs([sheet], overwrite)
    notes: list[str] = []
    models = models_of_environment()
    with silence_native_stderr(), progress_bar(f"looking at {source.name}") as progress:
        media, perception = pipeline.analyse(source, models=models, progress=progress, note=notes.append)
    say_notes(media, notes)
    say_absent_weights(models)
    named = movie_people(override, media)
    seen = seen_people(media, perception, named)
    if wished:
        _write_names(seen, named, wished, override, media)
        seen = seen_people(media, perception, movie_people(override, media))
    shown = [one for one in seen if everybody or one.called or one.screen_s >= _LEAST_S]
    if shown:
        _write_sheet(media, shown, sheet)
    if json:
        print_json([_told(one) for one in shown] if shown else [])
    _say_people(shown, len(seen) - len(shown))


def _wish(text: str) -> tuple[str, str]:
    from panscan.request.people import check_name

    who, sign, name = (part.strip() for part in text.partition("="))
    if not sign or not who:
        raise UsageError(f"{text!r} names nobody", why="A name is given as WHO=NAME.", fix="e.g. --name person-2=Anna")
    check_name(name)
    return who, name


def _check_sheet(path: Path) -> None:
    if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        raise UsageError(f"cannot write {path.name}", why="The sheet is a .jpg or a .png.", fix="Name one with -o.")


def _write_names(
    seen: Sequence[SeenPerson],
    named: Sequence[NamedPerson],
    wished: Sequence[tuple[str, str]],
    override: Path | None,
    media: Media,
) -> None:
    """Write names into the overrides file.

    Raises
    ------
    UsageError
        Nobody is called so, or two would have one name.
    """
    from panscan.model.request import NamedPerson
    from panscan.request.override_files import movie_file
    from panscan.request.people_edits import put_people

    known = {word: one for one in seen for word in (one.name, one.called) if word}
    places = {person.name: person.at for person in named}  # a place that was written stays
    written: dict[str, NamedPerson] = {}
    for who, name in wished:
        if who not in known:
            fix = did_you_mean(who, known) or "Run `panscan people MOVIE` and look at the pictures."
            raise UsageError(f"nobody is called {who!r}", why=f"There are {', '.join(known) or 'no people'}.", fix=fix)
        one = known[who]
        written[one.called or one.name] = NamedPerson(name, places.get(one.called, one.best))
    kept = {person.name for person in named if person.name not in written}
    names = [*kept, *(person.name for person in written.values())]
    if len({name.casefold() for name in names}) < len(names):
        raise UsageError(
            "two people would have one name", why=f"They are {', '.join(names)}.", fix="Choose another name."
        )
    path = movie_file(override, media)
    put_people(path, written, media.digest)
    say(f"names are kept in {short_path(path)}")


def _write_sheet(media: Media, shown: Sequence[SeenPerson], path: Path) -> None:
    from panscan.cli.people_sheet import people_sheet

    with silence_native_stderr():
        data = people_sheet(media, shown, path.suffix.lower())
    write_output(data, path)
    say(f"who is who: {short_path(path)}")


def _say_people(shown: Sequence[SeenPerson], passing: int) -> None:
    rows = [[one.name, one.called, _seconds(one.screen_s), _seconds(one.speaking_s)] for one in shown]
    if rows:
        print_table(["person", "name", "seen", "speaks"], rows)
    else:
        say("nobody was recognised")
    if passing:
        say(f"  note: {passing} more {'is' if passing == 1 else 'are'} seen for less than a second: --all shows them")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds else "-"


def _told(one: SeenPerson) -> dict[str, Any]:
    best = {"frame": one.best.frame, "box": [round(share, 4) for share in one.best.box]}
    return {
        "person": one.name,
        "name": one.called or None,
        "seen_s": round(one.screen_s, 2),
        "speaks_s": round(one.speaking_s, 2),
        "best": best,
    }
