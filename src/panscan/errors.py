"""The error tree. Every error says what happened, why, and how to fix it, and carries its exit code.

PanscanError
├── UsageError          2   the request itself is wrong
├── InputError          3   a media file or timeline cannot be used
│   └── DocumentError   3   a timeline's framing data is damaged
├── CapabilityError     4   a codec, model, package or editor is missing
├── RenderError         3   decoding or encoding broke half-way
└── InternalError      70   panscan itself failed, or a library crashed
"""

from __future__ import annotations

from collections.abc import Iterable

_ALIKE = 0.6  # of 1, as difflib counts: what shares less is another word, not a slip of the finger


class PanscanError(Exception):
    """Base of all errors that a user is meant to read."""

    exit_code = 70  # EX_SOFTWARE of sysexits.h; never 1, which is a verdict on a movie

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class UsageError(PanscanError, ValueError):
    """The request itself is wrong: an unknown name, a bad ratio, options that exclude each other."""

    exit_code = 2


class InputError(PanscanError, ValueError):
    """A media file or timeline cannot be used."""

    exit_code = 3


class DocumentError(InputError):
    """A timeline was read but its framing data is missing or damaged."""


class CapabilityError(PanscanError, RuntimeError):
    """Something this machine would need is not installed: a codec, a model, a package, an editor."""

    exit_code = 4


class RenderError(PanscanError, RuntimeError):
    """Decoding or encoding broke half-way; nothing was left under the final name."""

    exit_code = 3


class InternalError(PanscanError, RuntimeError):
    """A fault of panscan, or a crash inside a library that it uses."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question back for a word that is not known: did you mean ...? Empty where nothing is near."""
    from difflib import get_close_matches  # only after a mistake

    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), list(names), n=1, cutoff=_ALIKE)
    return f"Did you mean {names[found[0]]!r}?" if found else ""


def unknown_name(what: str, name: str, known: Iterable[str], *, fix: str = "Use one of these.") -> UsageError:
    """The error for a name that is not known: it lists those that are, and asks whether the nearest was meant.

    Parameters
    ----------
    what : str
        What is called so, such as "method".
    name : str
    known : iterable of str
    fix : str
        What to do where no known name is near.
    """
    names = list(known)
    return UsageError(
        f"unknown {what} {name!r}", why=f"There are {', '.join(names)}.", fix=did_you_mean(name, names) or fix
    )


def internal_error(error: BaseException) -> InternalError:
    """What a person is told of an error that nobody foresaw."""
    return InternalError(
        "panscan failed",
        why=f"{type(error).__name__}: {error}".strip().splitlines()[0],
        fix="Please report this, with all that is printed when PANSCAN_DEBUG=1 is set.",
    )
