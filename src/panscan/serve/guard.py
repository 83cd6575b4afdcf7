"""Who may ask, and which files may be read.

The service listens on the loopback address only. This keeps other machines out, but not web pages in this machine's
browser: a page can send requests to 127.0.0.1, and with DNS rebinding it can read the answers. So every request is
checked for host name, origin and token, in this order.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from panscan.errors import UsageError
from panscan.files import write_bytes

_TOKEN_BYTES = 24  # 192 random bits: nobody guesses them
_MIN_TOKEN_LETTERS = 24  # a shorter text in the file is no token of ours


@dataclass(frozen=True, slots=True)
class AllowedFolders:
    """The folders that may be read; links are followed before a path is judged."""

    roots: tuple[Path, ...]

    @classmethod
    def of(cls, folders: Iterable[Path]) -> AllowedFolders:
        """The given folders.

        Raises
        ------
        UsageError
            One of them is no folder.
        """
        roots = []
        for folder in folders:
            if not folder.is_dir():
                raise UsageError(f"{folder} is no folder", why="Media is read from folders.", fix="Check --allow.")
            roots.append(folder.resolve())
        return cls(tuple(roots))

    def contains(self, path: Path) -> bool:
        """Whether a path lies in one of them."""
        try:
            real = path.resolve()
        except (OSError, RuntimeError, ValueError):  # a loop of links, a name that no system has
            return False
        return any(real.is_relative_to(root) for root in self.roots)


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What a request must show.

    Attributes
    ----------
    token : str
        The secret that each request carries.
    port : int
        Port at which the service is reached.
    origins : frozenset of str
        Web pages that may ask besides programs.
    """

    token: str
    port: int
    origins: frozenset[str] = frozenset()

    def is_allowed_host(self, host: str) -> bool:
        """Whether a Host header names the loopback itself."""
        return host.lower() in {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost")}

    def is_allowed_origin(self, origin: str | None) -> bool:
        """Whether an Origin header is one of those given; programs such as a panel send none."""
        return origin is None or origin in self.origins

    def is_authorized(self, authorization: str) -> bool:
        """Whether an Authorization header carries the token; takes equally long for every wrong one."""
        kind, _, given = authorization.partition(" ")
        return kind.lower() == "bearer" and secrets.compare_digest(given.encode(), self.token.encode())


def load_or_create_token(
    file: Path, *, renew: bool = False, create: Callable[[], str] = lambda: secrets.token_hex(_TOKEN_BYTES)
) -> str:
    """The token in a file that only its owner can read; made at the first call, and anew with `renew`."""
    if not renew and file.is_file():
        known = file.read_text(encoding="ascii", errors="replace").strip()
        if len(known) >= _MIN_TOKEN_LETTERS:
            return known
    token = create()
    write_bytes(f"{token}\n".encode("ascii"), file, private=True)
    return token
