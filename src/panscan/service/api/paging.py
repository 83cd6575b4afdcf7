"""Lists in pages: `limit`, and a cursor that leads to the next page."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import Query

from panscan.service.api.problem import FieldError, HttpError

_LIMIT, _MAX_LIMIT = 25, 100  # rows of a page
_MAX_NUMBER = 2**63 - 1  # of a row, as the database counts

Limit = Annotated[int, Query(ge=1, le=_MAX_LIMIT, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(max_length=64, description="`next` of the page before.")]
DEFAULT_LIMIT = _LIMIT


def cursor_after(numbers: list[int], limit: int) -> str | None:
    """The cursor behind a page that ends with the last of these numbers; None where no more can follow."""
    return base64.urlsafe_b64encode(str(numbers[-1]).encode()).decode() if len(numbers) == limit else None


def number_of(cursor: str | None) -> int | None:
    """The number that a cursor stands for.

    Raises
    ------
    HttpError
        It is none of ours.
    """
    if cursor is None:
        return None
    try:
        number = int(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        number = -1
    if not 0 <= number <= _MAX_NUMBER:
        detail = "It is no cursor of this service."
        raise HttpError(
            422,
            "the cursor is wrong",
            why=detail,
            fix="Begin without one.",
            errors=[FieldError("query: cursor", detail)],
        )
    return number
