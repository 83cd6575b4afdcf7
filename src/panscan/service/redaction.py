"""Texts that must not be written anywhere: they show nothing of themselves unless they are asked to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HIDDEN = "***"
# An address inside a text, up to what cannot be part of one.
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>[^\s'\"<>`]+)")

_STRANGE_PORT = re.compile(r":\d*[^\d\]][^@\]]*$")  # behind a host; "]" ends an address of IPv6


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
    return _ADDRESS.sub(lambda found: found["scheme"] + _shown(found["rest"]), text)


def _shown(rest: str) -> str:
    """What may be shown of an address behind its "://"."""
    before, mark, _ = re.split(r"([?#]|$)", rest, maxsplit=1)
    host, slash, path = before.partition("/")
    shown = f"{host.rpartition('@')[2]}{slash}{path}"
    if _STRANGE_PORT.search(host):  # a password with a slash or a question mark in it
        shown = before.rpartition("@")[2] if "@" in before else HIDDEN
    return shown + (f"{mark}{HIDDEN}" if mark else "")
