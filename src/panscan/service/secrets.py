"""Secrets at rest: sealed before they are stored, opened only for the call that needs them.

The key is in the environment variable PANSCAN_SERVICE_KEY, or in a file that only its owner can read. Either may hold
several keys, one a line: the first seals, all of them open. So a key is changed by putting a new one in front, sealing
everything again (`SecretBox.reseal`), and taking the old one away.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from panscan.errors import InputError, UsageError
from panscan.files import part_of, write_bytes
from panscan.service.redaction import SecretText

KEY_VARIABLE = "PANSCAN_SERVICE_KEY"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO  # permissions of everybody but the owner


@dataclass(frozen=True, slots=True)
class SecretBox:
    """Seals texts and opens them again.

    Attributes
    ----------
    fernet : MultiFernet
        The keys, the one that seals first.
    """

    fernet: MultiFernet = field(repr=False)

    @classmethod
    def from_keys(cls, text: str) -> SecretBox:
        """A box with the keys of a text, one a line or with commas between.

        Raises
        ------
        UsageError
            There is none, or one of them is no key.
        """
        keys = [key for key in re.split(r"[\s,]+", text) if key]
        try:
            return cls(MultiFernet([Fernet(key) for key in keys]))
        except ValueError:
            raise UsageError(
                "the key of the service is no key",
                why="A key is 32 random bytes in URL-safe base64, one a line, and there is at least one.",
                fix=f"Correct {KEY_VARIABLE}, or take it away: a key file is made then.",
            ) from None  # the error below may show the key

    def seal(self, text: str) -> bytes:
        """What is stored in place of a secret."""
        return self.fernet.encrypt(text.encode())

    def unseal(self, sealed: bytes) -> SecretText:
        """The secret again.

        Raises
        ------
        InputError
            It was sealed with another key, or is damaged.
        """
        try:
            return SecretText(self.fernet.decrypt(bytes(sealed)).decode())
        except InvalidToken:
            raise _unopened() from None

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret, sealed with the first key.

        Raises
        ------
        InputError
            It was sealed with another key, or is damaged.
        """
        try:
            return self.fernet.rotate(bytes(sealed))
        except InvalidToken:
            raise _unopened() from None


def open_secret_box(key_file: Path) -> SecretBox:
    """The box of this service: with the keys of PANSCAN_SERVICE_KEY, else of a file, which is made if missing.

    Raises
    ------
    UsageError
        What is given is no key, or others may read the file.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return SecretBox.from_keys(given)
    if not key_file.is_file():
        _make_key(key_file)
    if os.name == "posix" and key_file.stat().st_mode & _OTHERS:
        raise UsageError(
            f"others may read the key of the service, {key_file}",
            why="Whoever has it can open every stored secret.",
            fix=f"chmod 600 {key_file}",
        )
    return SecretBox.from_keys(key_file.read_text(encoding="ascii", errors="replace"))


def _make_key(file: Path) -> None:
    """Write a new key, unless another process does so at the same time: then its key is the one."""
    part = part_of(file)
    write_bytes(Fernet.generate_key() + b"\n", part, private=True)
    with suppress(FileExistsError):
        os.link(part, file)
    part.unlink()


def _unopened() -> InputError:
    return InputError(
        "a stored secret cannot be opened",
        why="It was sealed with a key that this service does not have, or it is damaged.",
        fix=f"Give the old key too, after the new one, in {KEY_VARIABLE} or in the key file.",
    )
