"""What went wrong on the way, in two kinds: what may pass by itself, and what will not."""

from __future__ import annotations

from panscan.errors import InputError, PanscanError

_MAY_PASS = frozenset({408, 425, 429})  # HTTP: time-out, too early, too many requests; and all from 500 on


class TransferError(PanscanError):
    """A network or a store failed in a way that may pass: another try, later, is right."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h


def may_pass(status: int) -> bool:
    """Whether an answer of HTTP says that the same request may succeed later."""
    return status in _MAY_PASS or status >= 500


def refused_answer(what: str, status: int, fix: str) -> PanscanError:
    """The error of an answer that is not what was asked for."""
    why = f"The answer was HTTP {status}."
    return (
        TransferError(what, why=why, fix="Try again later.") if may_pass(status) else InputError(what, why=why, fix=fix)
    )
