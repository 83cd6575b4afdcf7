"""What all our OTIO adapters have in common: writers made of panscan's exporters, readers made of its ingest.

OTIO loads the adapter files one by one, outside their package; they import this module by its full name.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan import registry
from panscan.deliver import Artifact, Exporter, deliver
from panscan.errors import InputError
from panscan.files import write_bytes

_log = logging.getLogger("otio_panscan")

# Arguments of every writer, besides the options of its exporter; "ratio" and the next ones as in `panscan reframe`.
FRAMING_ARGUMENTS = ("ratio", "preset", "method", "mode", "layouts", "canvas", "relink")

_DOC = """{title}; what it cannot say is logged as a warning.

Parameters
----------
input_otio : otio.schema.Timeline
{path}ratio : str, optional
    The shape to make, e.g. "9:16". Clips are then framed first, which looks at their media (as `panscan reframe`
    does); a timeline that is framed for this shape already is left as it is. Without it the timeline must be framed.
preset, method, mode, layouts, canvas : str, optional
    As in `panscan reframe`; they only matter together with `ratio`.
relink : str, optional
    Folder in which missing media is looked for; only together with `ratio`.
folder : str
    Where relative media paths start; the current folder by default.
{options}
Raises
------
TypeError
    An argument is unknown.
InputError
    `input_otio` is no timeline, is not framed, or holds something that the format would show wrongly.
"""


def make_writers(
    name: str, spellings: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[Callable[..., str], Callable[..., str]]:
    """The functions `write_to_file` and `write_to_string` of the adapter of one exporter.

    Parameters
    ----------
    name : str
        A name of `panscan.registry`'s exporters.
    spellings : mapping, optional
        Option -> what its text is mistaken for -> what was meant. otioconvert turns what follows `-A option=` into a
        number where it can, and 1.10 becomes 1.1.
    """
    exporter: type[Exporter] = registry.load("exporters", name)
    texts = {f.name for f in fields(exporter.options) if isinstance(f.default, str)}

    def artifact(input_otio: Any, given: Mapping[str, Any]) -> Artifact:
        timeline = _one_timeline(input_otio, exporter.title)
        rest = {key: value for key, value in given.items() if value is not None}
        folder = Path(str(rest.pop("folder", ".")))
        framing_arguments = {key: str(rest.pop(key)) for key in FRAMING_ARGUMENTS if key in rest}
        if framing_arguments:
            from otio_panscan.framing import reframed

            timeline = reframed(timeline, folder=folder, **framing_arguments)
        for key in texts & set(rest):
            rest[key] = (spellings or {}).get(key, {}).get(str(rest[key]), str(rest[key]))
        made = deliver(timeline, name, folder=folder, options=rest)
        for loss in made.losses:
            _log.warning("not in the %s: %s. %s", exporter.title, loss.what, loss.why)
        return made

    def write_to_string(input_otio: Any, **given: Any) -> str:
        return artifact(input_otio, given).text

    def write_to_file(input_otio: Any, filepath: str, **given: Any) -> str:
        path = Path(filepath)
        stem = path.name.removesuffix(exporter.suffix) if path.name.endswith(exporter.suffix) else path.stem
        for number, (suffix, data) in enumerate(artifact(input_otio, given).files.items()):
            write_bytes(data, path if number == 0 else path.with_name(stem + suffix))
        return filepath

    file = _declared(write_to_file, exporter, ("input_otio", "filepath"), "filepath : str\n    The main file.\n")
    return file, _declared(write_to_string, exporter, ("input_otio",), "")


def make_reader(suffixes: tuple[str, ...]) -> Callable[..., Any]:
    """The function `read_from_file` of an adapter whose format panscan reads from files with these suffixes."""

    def read_from_file(
        filepath: str, relink: str | None = None, skip_offline: bool = False, rate: str | float | None = None
    ) -> Any:
        """The timeline of a file, its media found and its rates exact; what gets no camera is logged.

        Parameters
        ----------
        filepath : str
        relink : str, optional
            Folder in which missing media is looked for.
        skip_offline : bool
            Leave clips alone whose media is missing, instead of refusing the file.
        rate : str or float, optional
            Frames per second of an edit list, e.g. 25 or "30000/1001"; other formats say it themselves.

        Raises
        ------
        InputError
            The file is no timeline of this format, or its media is missing.
        """
        from panscan.ingest.cuts.read import read_editor_cut
        from panscan.request.options import frame_rate

        path = Path(filepath)
        if path.suffix.lower() not in suffixes:
            raise InputError(
                f"{path} cannot be read by this adapter",
                why=f"It reads files that end in {' or '.join(suffixes)}.",
                fix="Name another adapter, or rename the file.",
            )
        cut = read_editor_cut(
            path,
            relink=Path(str(relink)) if relink is not None else None,
            skip_offline=bool(skip_offline),
            rate=frame_rate(str(rate)) if rate is not None else None,
        )
        for note in cut.unframed:
            _log.warning("left alone: %s", note)
        return cut.timeline

    return read_from_file


def _one_timeline(found: Any, title: str) -> Any:
    if isinstance(found, otio.schema.Timeline):
        return found
    raise InputError(
        f"a {type(found).__name__} cannot be written as {title}",
        why="panscan writes one timeline per file.",
        fix="Convert the timeline itself.",
    )


def _declared(
    function: Callable[..., str], exporter: type[Exporter], first: tuple[str, ...], path: str
) -> Callable[..., str]:
    """The function with its real arguments in its signature, so that tools list them and unknown ones are refused."""
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    options = fields(exporter.options)
    names = [*FRAMING_ARGUMENTS, "folder", *(f.name for f in options)]
    signature = inspect.Signature(
        [inspect.Parameter(n, positional) for n in first]
        + [inspect.Parameter(n, positional, default="." if n == "folder" else None) for n in names]
    )

    @functools.wraps(function)
    def checked(*arguments: Any, **named: Any) -> str:
        given = signature.bind(*arguments, **named).arguments
        return function(**given)

    checked.__signature__ = signature  # type: ignore[attr-defined]
    listed = "".join(f"{f.name}\n    {f.metadata['help']}\n" for f in options)
    checked.__doc__ = _DOC.format(title=f"Write {exporter.title}", path=path, options=listed)
    return checked
