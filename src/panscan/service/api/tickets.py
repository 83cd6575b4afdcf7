"""Tickets: links to files that work without a token, for a while. They hold what they are for, sealed."""

from __future__ import annotations

import json
import time
from typing import Any

from panscan.errors import InputError
from panscan.service.api.problem import HttpError
from panscan.service.records.jobs import Seals


def make_ticket(box: Seals, kind: str, lasts_s: float, **holds: Any) -> str:
    """A text that nobody else can make or change, and that ends."""
    return box.seal(json.dumps({"kind": kind, "until_s": time.time() + lasts_s, **holds})).decode()


def read_ticket(box: Seals, kind: str, text: str) -> dict[str, Any]:
    """What a ticket holds.

    Raises
    ------
    HttpError
        404: it is none, is of another kind, or is over.
    """
    try:
        held: dict[str, Any] = json.loads(box.unseal(text.encode()).reveal())
    except InputError:
        held = {}
    if held.get("kind") != kind or held["until_s"] < time.time():
        raise HttpError(
            404, "the link is over", why="It was made for a while, or is damaged.", fix="Ask for a new one."
        )
    return held
