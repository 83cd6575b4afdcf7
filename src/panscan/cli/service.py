"""`panscan service`: jobs for others, on one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from panscan.errors import CapabilityError


@contextmanager
def needed_packages(command: str) -> Iterator[None]:
    """For imports of packages that only the service needs.

    Raises
    ------
    CapabilityError
        One of them is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise CapabilityError(
            f"{command} needs further packages",
            why=f"{error.name} is not installed.",
            fix="Run: pip install 'panscan[service]'",
        ) from error
