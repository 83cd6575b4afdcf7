"""What answers hold, as the OpenAPI document tells it; tests compare it with what is answered."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from panscan.service.api.problem import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]


class Answer(BaseModel):
    """A JSON object of an answer; later versions may add to it."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ValueProblem(Answer):
    """What is wrong with one value of a request."""

    pointer: str
    """The value, as a JSON pointer: /ratios/0."""
    detail: str


class Problem(Answer):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    what: str
    why: str
    fix: str
    errors: list[ValueProblem] = []


class Warn(Answer):
    """Something that the client should know."""

    message: str
    details: str = ""


class Output(Answer):
    """One result."""

    ratio: str | None = None
    kind: str
    """mp4, hls, dash, otio, report, or a file for an editor."""
    state: str | None = None
    file: str | None
    """Its name, where the service keeps it."""
    url: str | None
    sha256: str | None = None
    size_bytes: int | None = None


class JobLinks(Answer):
    """Where more is told of a job; null where there is nothing."""

    self: str
    events: str
    thumbnail: str | None
    crops: str | None
    review: str | None


class Failure(Answer):
    """Why a job failed."""

    what: str
    why: str
    fix: str


class ToldJob(Answer):
    """A job."""

    id: str
    sequence: int
    """Rises from job to job."""
    name: str
    """The last part of the source's path or address."""
    state: str
    stage: str
    percent: int
    attempt: int
    """How often a worker took it up."""
    run: int
    """How often it was asked for."""
    priority: int
    source_s: float | None
    """Seconds of the source, once they are known."""
    spec: dict[str, Any]
    """What was asked, without secrets."""
    payload: str | None
    warnings: list[Warn]
    verdicts: dict[str, str]
    """By shape: VERIFIED, DELIVERED_WITH_QUALITY_FLAGS or REJECTED."""
    flags: dict[str, dict[str, Any]]
    """By shape and metric: what the verifier does not like."""
    outputs: list[Output]
    error: Failure | None
    is_cancelled: bool
    created_at: str | None
    started_at: str | None
    ended_at: str | None
    files_until: str | None
    links: JobLinks


class JobPage(Answer):
    """A page of jobs."""

    jobs: list[ToldJob]
    next: str | None
    """The cursor of the next page."""


class ToldUsage(Answer):
    """What an account used of a month (UTC)."""

    account: str
    period: str
    used_s: float
    """Seconds of source."""
    limit_s: float | None
    """null: without end."""
    jobs: int
    held_jobs: int
    waiting_jobs: int
    running_jobs: int


def told(model: type[Answer], status: int = 200) -> Responses:
    """What the document tells of a route's answer."""
    return {status: {"model": model}}


def problems() -> Responses:
    """What the document tells of errors."""
    schema = Problem.model_json_schema()
    schema["properties"]["errors"]["items"] = schema.pop("$defs")[ValueProblem.__name__]
    return {
        "4XX": {"description": "What was wrong, why, and how to mend it", "content": {MEDIA_TYPE: {"schema": schema}}}
    }
