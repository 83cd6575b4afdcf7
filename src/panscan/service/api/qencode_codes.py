"""Refusals as Qencode writes them: a code and a message."""

from __future__ import annotations

from panscan.errors import PanscanError

# Their codes, as far as they can happen here.
INTERNAL, BAD_API_KEY, API_KEY_NOT_FOUND, BAD_TOKEN, TOKEN_NOT_FOUND = 1, 2, 3, 4, 5
SUSPENDED, BUSY, PAYLOAD_TOO_LONG, BAD_FORMAT, BAD_TASK_TOKENS = 6, 8, 9, 11, 13
FIELD_REQUIRED, QUERY_REQUIRED = 14, 19


class QencodeError(PanscanError):
    """A refusal with one of their codes."""

    exit_code = 2

    def __init__(self, code: int, what: str, *, why: str = "", fix: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(what, why=why, fix=fix)
        self.code = code
        self.retry_after_s = retry_after_s
