"""What went wrong on the way, in two kinds: what may pass by itself, and what will not."""

from __future__ import annotations

from panscan.errors import InputError, PanscanError
from panscan.service.temporary import TemporaryError

_MAY_PASS = frozenset({408, 425, 429})  # HTTP: time-out, too early, too many requests; and all from 500 on


def may_pass(status: int) -> bool:
    """Whether an answer of HTTP says that the same request may succeed later."""
    return status in _MAY_PASS or status >= 500


def refused_answer(what: str, status: int, fix: str) -> PanscanError:
    """The error of an answer that is not what was asked for."""
    why = f"The answer was HTTP {status}."
    if may_pass(status):
        return TemporaryError(what, why=why, fix="Try again later.")
    return InputError(what, why=why, fix=fix)
