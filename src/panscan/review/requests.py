"""Bodies of requests, read with a limit."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

from panscan.errors import UsageError

_MAX_BODY_BYTES = 64 * 1024 * 1024  # keys of every frame of a long film


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object that a request carries.

    Raises
    ------
    UsageError
        It is too large, or no JSON object.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise UsageError("the request is too large", why=f"{_MAX_BODY_BYTES} bytes are the most.", fix="Send less.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UsageError("the request is no JSON", why=type(error).__name__, fix="Send a JSON object.") from error
    if not isinstance(found, dict):
        raise UsageError("the request is no JSON object", why=f"It is a {type(found).__name__}.", fix="Send an object.")
    return found
