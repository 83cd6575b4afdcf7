"""Answers that are given once: `Idempotency-Key`, kept for 24 hours with what was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from panscan.service.api.problem import HttpError
from panscan.service.database import Db
from panscan.service.records.idempotency import StoredAnswer, claim_key, earlier_answer, keep_answer

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1, max_length=255, description="Any text of yours: the same request again is answered, not done."
    ),
]


def answer_once(
    db: Db, account_id: str, key: str | None, body: BaseModel, status: int, make: Callable[[], dict[str, Any]]
) -> JSONResponse:
    """The answer of `make`, or the earlier one where the same request came before.

    `make` works in the transaction in which its answer is kept: after a crash neither is there.

    Raises
    ------
    HttpError
        409: the same request is being answered. 422: the key was used for another request.
    """
    if key is None:
        with db.transaction():
            return _response(status, make())
    digest = hashlib.sha256(body.model_dump_json().encode()).digest()
    with db.transaction():
        if not claim_key(db, account_id, key):
            fix = "Ask again in a second."
            raise HttpError(409, "the same request is at work", why="Its key is in use.", fix=fix)
        earlier = earlier_answer(db, account_id, key)
        if earlier is None:
            answer = make()
            keep_answer(db, account_id, key, StoredAnswer(digest, status, answer))
            return _response(status, answer)
    if earlier.body_sha256 != digest:
        why = "The key was sent with another request before."
        raise HttpError(422, "the key is taken", why=why, fix="Use a new key for a new request.")
    response = _response(earlier.status, earlier.answer)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _response(status: int, answer: dict[str, Any]) -> JSONResponse:
    headers = {"Location": answer["links"]["self"]} if "links" in answer else None
    return JSONResponse(answer, status, headers)
