"""Texts that must not be written anywhere: they show nothing of themselves unless they are asked to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HIDDEN = "***"
_ADDRESS = re.compile(r"://([^\s'\"<>`]+)")  # inside a text, behind its scheme, up to what cannot be part of one


@dataclass(frozen=True, slots=True)
class SecretText:
    """A password, key or token. It shows as "***" in messages, logs and dumps.

    Attributes
    ----------
    text : str
        The secret; read it with `reveal`.
    """

    text: str = field(repr=False)

    def __repr__(self) -> str:
        return f"SecretText({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self.text)

    def reveal(self) -> str:
        """The secret itself, for the call that needs it."""
        return self.text


@dataclass(frozen=True, slots=True)
class RedactedUrl:
    """An address that may be signed: it shows without user name, password, query and fragment.

    Attributes
    ----------
    text : str
        The whole address; read it with `reveal`.
    """

    text: str = field(repr=False)

    def __repr__(self) -> str:
        return f"RedactedUrl({self})"

    def __str__(self) -> str:
        scheme, mark, rest = self.text.partition("://")
        return f"{scheme}{mark}{_shown(rest)}" if mark else HIDDEN

    def reveal(self) -> str:
        """The whole address, for the request itself."""
        return self.text


def redact(text: str) -> str:
    """A text in which every address has lost its user name, password, query and fragment."""
    return _ADDRESS.sub(lambda found: f"://{_shown(found[1])}", text)


def _shown(rest: str) -> str:
    """What may be shown of an address behind its "://"; there may be another address in its path."""
    before, mark, _ = re.split(r"([?#]|$)", rest, maxsplit=1)
    shown = "://".join(map(_without_user, before.split("://")))
    return shown + (f"{mark}{HIDDEN}" if mark else "")


def _without_user(text: str) -> str:
    """Host and path without user name and password."""
    first, slash, path = text.partition("/")
    host = first.rpartition("@")[2]
    port = host.partition(":")[2]
    if port and not port.isdecimal() and not host.startswith("["):  # a password with a slash or a question mark in it
        return text.rpartition("@")[2] if "@" in text else HIDDEN
    return f"{host}{slash}{path}"
