"""Answers that stay open while something goes on: so many of one account, and never silent for long."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from panscan.service.api.context import ApiContext
from panscan.service.api.problem import HttpError

POLL_S = 0.3  # between two looks: often enough for a progress bar
QUIET_S = 15.0  # after which something is sent: proxies close what is silent for longer
_MAX_STREAMS = 20  # of one account at once: each looks into the database


def stream_response(
    context: ApiContext, account_id: str, lines: AsyncIterator[str], media_type: str
) -> StreamingResponse:
    """An answer of lines as they come.

    Raises
    ------
    HttpError
        The account has too many of them open.
    """
    if context.streams[account_id] >= _MAX_STREAMS:
        why = f"{_MAX_STREAMS} of one account are the most."
        headers = {"Retry-After": str(round(QUIET_S))}
        raise HttpError(429, "too many open streams", why=why, fix="Close others first.", headers=headers)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second: nginx would hold lines back
    return StreamingResponse(_counted(context, account_id, lines), 200, headers, media_type)


async def _counted(context: ApiContext, account_id: str, lines: AsyncIterator[str]) -> AsyncIterator[str]:
    context.streams[account_id] += 1
    try:
        async for line in lines:
            yield line
    finally:
        context.streams[account_id] -= 1
