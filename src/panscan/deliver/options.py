"""Values of options, as Python or a command line gives them."""

from __future__ import annotations

from typing import get_args

from panscan.deliver.artifact import KeyDensity
from panscan.errors import UsageError, did_you_mean

KEYS_HELP = 'keys of moving cameras: "sparse" (as few as the document has) or "every-frame"'

# How a switch may be written: as TOML and Python write it, and as people type it.
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def check_choice(value: object, allowed: object, what: str) -> None:
    """Complain when `value` is none of the values of the Literal `allowed`; `what` names the option in a sentence.

    Raises
    ------
    UsageError
        The value is not allowed.
    """
    if value not in get_args(allowed):
        raise UsageError(
            f"{value!r} is no {what}",
            why=f"It is one of {', '.join(get_args(allowed))}.",
            fix=did_you_mean(str(value), get_args(allowed)) or "Leave the option out, or use one of these.",
        )


def check_key_density(value: object) -> None:
    """Complain when `value` is no value of the option `keys`."""
    check_choice(value, KeyDensity, "choice of keys")


def parse_bool(value: bool | str, what: str) -> bool:
    """A switch, also as text; `what` names the option in a sentence.

    Raises
    ------
    UsageError
        It is neither true nor false.
    """
    known = _FLAGS.get(str(value).lower())
    if known is None:
        raise UsageError(f"{value!r} is no {what}", why="It is true or false.", fix="Leave the option out.")
    return known


def parse_int(value: int | str, what: str) -> int:
    """A whole number, also as text; `what` names the option in a sentence.

    Raises
    ------
    UsageError
        It is none.
    """
    try:
        return int(value)
    except ValueError as error:
        raise UsageError(f"{value!r} is no {what}", why="It is a whole number.", fix="Leave the option out.") from error
