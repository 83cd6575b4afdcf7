"""What `--to` and `-O` name: editors, formats, and options of formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from panscan.errors import UsageError, did_you_mean, unknown_name


def exporter_called(name: str, *others: str) -> str:
    """The exporter that is called so, or that an editor of this name is best given; `others`: what else is known.

    Raises
    ------
    UsageError
        There is none.
    """
    from panscan import registry

    exporter = name if name in registry.names("exporters") else registry.EDITORS.get(name)
    if exporter is None:
        known = [*registry.delivery_names(), *others]
        fix = "Use one of these; `panscan formats` says what they are."
        raise unknown_name("editor or format", name, known, fix=fix)
    registry.load("exporters", exporter)
    return exporter


def named_option(text: str) -> tuple[str, str]:
    """Name and value of NAME=VALUE.

    Raises
    ------
    UsageError
        The text is none.
    """
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"{text!r} is not an option", why="An option is NAME=VALUE.", fix="e.g. -O version=1.11")
    return name, value


def check_options(given: Sequence[str], formats: Sequence[str]) -> None:
    """Refuse options that none of the formats has."""
    known = sorted({name for one in formats for name in option_names(one)})
    for name in given:
        if name not in known:
            raise UsageError(
                f"none of the formats has an option {name!r}",
                why=f"{', '.join(formats)} have {', '.join(known) or 'none'}.",
                fix=did_you_mean(name, known) or "Leave the option out; `panscan formats` lists them.",
            )


def option_names(exporter: str) -> list[str]:
    """The options of a format."""
    from panscan import registry

    return [field.name for field in fields(registry.load("exporters", exporter).options)]
