"""Jobs of ours -> the status of a task as Qencode tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from panscan.service.api.qencode_query import OUTPUTS
from panscan.service.states import CANCELLED, COMPLETED, FAILED, FLAGGED, HELD, QUEUED, REJECTED

_STATUS = {HELD: "queued", QUEUED: "queued", "ingesting": "started", COMPLETED: "completed", FLAGGED: "completed"}
_STATUS |= dict.fromkeys((REJECTED, FAILED, CANCELLED), "error")
_WORKING = "processing"  # all other states
_THEIR_NAME = {ours: theirs for theirs, ours in OUTPUTS.items()}
_BYTES_PER_MB = 1024 * 1024


def task_status(jobs: Sequence[Mapping[str, Any]], status_url: str, links: Mapping[str, str]) -> dict[str, Any]:
    """The status of a task.

    Parameters
    ----------
    jobs : sequence of mapping
        Its jobs, as our answers hold them; there may be none yet.
    status_url : str
    links : mapping
        Addresses of files that the service keeps, by job and file: "JOB/FILE".
    """
    errors = [error for job in jobs if (error := _error(job))]
    return {
        "status": _joined_status([_STATUS.get(job["state"], _WORKING) for job in jobs]),
        "percent": sum(job["percent"] for job in jobs) / len(jobs) if jobs else 0,
        "status_url": status_url,
        "error": 1 if errors else 0,
        "error_description": " ".join(errors) or None,
        "warnings": [warning for job in jobs for warning in _warnings(job)],
        "duration": next((f"{job['source_s']:.3f}" for job in jobs if job["source_s"]), None),
        "videos": list(_videos(jobs, links)),
        "audios": [],
        "images": [],
        "texts": list(_texts(jobs, links)),
    }


def _joined_status(each: Sequence[str]) -> str:
    """Of several jobs: over when all are; an error when all are over and one is."""
    if not each or set(each) <= {"queued"}:
        return "queued"
    if set(each) <= {"completed", "error"}:
        return "error" if "error" in each else "completed"
    return "started" if set(each) <= {"queued", "started"} else _WORKING


def _error(job: Mapping[str, Any]) -> str:
    if job["state"] == REJECTED:
        return "The movie is not what its timeline says, and is not delivered."
    if job["state"] == CANCELLED:
        return "The task was cancelled."
    error = job["error"] or {}
    return " ".join(filter(None, (error.get("what", ""), error.get("why", ""), error.get("fix", ""))))


def _warnings(job: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    yield from ({"message": one.get("message", ""), "details": one.get("details", "")} for one in job["warnings"])
    for ratio, flags in job["flags"].items():
        for metric, what in flags.items():
            yield {"message": f"Quality: {metric}", "details": f"{ratio}: {what}"}


def _videos(jobs: Sequence[Mapping[str, Any]], links: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    number = 0
    for job in jobs:
        for output in job["outputs"]:
            if output.get("kind") not in _THEIR_NAME:
                continue
            meta = {"aspect_ratio": output.get("ratio"), "verdict": job["verdicts"].get(output.get("ratio"))}
            yield {
                **_file(job, output, links, f"video-{number}-0"),
                "output_format": _THEIR_NAME[output["kind"]],
                "status": _STATUS.get(job["state"], _WORKING),
                "percent": job["percent"],
                "duration": None if job["source_s"] is None else f"{job['source_s']:.3f}",
                "size": _megabytes(output),
                "meta": json.dumps(meta),
                "error": output.get("state") == "failed",
                "error_description": output.get("error"),
            }
            number += 1


def _texts(jobs: Sequence[Mapping[str, Any]], links: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Timelines and files for editors."""
    number = 0
    for job in jobs:
        for output in job["outputs"]:
            if output.get("kind") not in _THEIR_NAME:
                yield {**_file(job, output, links, f"text-{number}-0"), "output_format": output.get("kind")}
                number += 1


def _file(job: Mapping[str, Any], output: Mapping[str, Any], links: Mapping[str, str], tag: str) -> dict[str, Any]:
    url = links.get(f"{job['id']}/{output.get('file')}") or output.get("url")
    storage = {"key": output.get("key"), "format": output.get("kind")}
    return {"tag": tag, "user_tag": None, "profile": None, "storage": storage, "url": url}


def _megabytes(output: Mapping[str, Any]) -> float | None:
    size = output.get("size_bytes")
    return None if size is None else round(size / _BYTES_PER_MB, 3)
