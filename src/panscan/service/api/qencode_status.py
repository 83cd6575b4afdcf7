"""Jobs of ours -> the status of a task as Qencode tells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from panscan.service.api.files import file_link
from panscan.service.api.qencode_query import OUTPUTS
from panscan.service.api.views import kept_file
from panscan.service.records.jobs import Seals, ServiceJob
from panscan.service.records.qencode_tasks import StartedTask, TaskFormat
from panscan.service.spec import STREAMS
from panscan.service.states import CANCELLED, COMPLETED, FAILED, FLAGGED, HELD, QUEUED, REJECTED

_STATUS = {HELD: "queued", QUEUED: "queued", "ingesting": "started", COMPLETED: "completed", FLAGGED: "completed"}
_STATUS |= dict.fromkeys((REJECTED, FAILED, CANCELLED), "error")
_WORKING = "processing"  # all other states
_THEIR_NAME = {ours: theirs for theirs, ours in OUTPUTS.items()}
_FILE_S = 24 * 3600.0  # for which links in a status work, in seconds: what they keep themselves is kept as long
_BYTES_PER_MB = 1024 * 1024
Link = Callable[[ServiceJob, str], str]  # the address of a file that the service keeps


def file_links(box: Seals, address: str) -> Link:
    """Links to results that need no token, as theirs; they work for a day."""
    return lambda job, name: file_link(box, address, job, name, _FILE_S)


def task_status(task: StartedTask, link: Link) -> dict[str, Any]:
    """The status of a task."""
    jobs = task.jobs
    is_deleted = bool(task.formats) and not jobs
    errors = ["The task was deleted."] if is_deleted else [error for job in jobs if (error := _error(job))]
    return {
        "status": "error" if is_deleted else _joined_status([_STATUS.get(job.state, _WORKING) for job in jobs]),
        "percent": sum(job.percent for job in jobs) / len(jobs) if jobs else 0,
        "status_url": f"{task.address}/v1/status",
        "error": 1 if errors else 0,
        "error_description": " ".join(errors) or None,
        "warnings": [warning for job in jobs for warning in _warnings(job)],
        "duration": next((_seconds(job) for job in jobs if job.source_s), None),
        "videos": list(_videos(task, link)),
        "audios": [],
        "images": [],
        "texts": list(_texts(jobs, link)),
    }


def _joined_status(each: Sequence[str]) -> str:
    """Of several jobs: over when all are; an error when all are over and one is."""
    if not each or set(each) <= {"queued"}:
        return "queued"
    if set(each) <= {"completed", "error"}:
        return "error" if "error" in each else "completed"
    return "started" if set(each) <= {"queued", "started"} else _WORKING


def _error(job: ServiceJob) -> str:
    if job.state == REJECTED:
        return "The movie is not what its timeline says, and is not delivered."
    if job.state == CANCELLED:
        return "The task was cancelled."
    error = job.error or {}
    return " ".join(filter(None, (error.get("what", ""), error.get("why", ""), error.get("fix", ""))))


def _warnings(job: ServiceJob) -> Iterator[dict[str, str]]:
    yield from ({"message": one.get("message", ""), "details": one.get("details", "")} for one in job.warnings)
    for ratio, flags in job.flags.items():
        for metric, what in flags.items():
            yield {"message": f"Quality: {metric}", "details": f"{ratio}: {what}"}


def _videos(task: StartedTask, link: Link) -> Iterator[dict[str, Any]]:
    """What each format became, in the order in which the client asked for them."""
    for number, wanted in enumerate(task.formats or _formats_of(task.jobs)):
        if wanted.job >= len(task.jobs):  # it was deleted
            continue
        job = task.jobs[wanted.job]
        output = _output(job, wanted)
        meta = {"aspect_ratio": wanted.ratio, "verdict": job.verdicts.get(wanted.ratio)}
        yield {
            **_file(job, output, link, f"video-{number}-0", wanted.tag),
            "output_format": _THEIR_NAME[wanted.kind],
            "status": _STATUS.get(job.state, _WORKING),
            "percent": job.percent,
            "duration": _seconds(job),
            "size": _megabytes(output),
            "meta": json.dumps(meta),
            "error": output.get("state") == "failed",
            "error_description": output.get("error"),
        }


def _formats_of(jobs: Sequence[ServiceJob]) -> list[TaskFormat]:
    """The formats of jobs that were asked for otherwise."""
    return [
        TaskFormat(number, one["ratio"], one["kind"])
        for number, job in enumerate(jobs)
        for one in job.outputs
        if one.get("kind") in _THEIR_NAME
    ]


def _output(job: ServiceJob, wanted: TaskFormat) -> dict[str, Any]:
    found = (one for one in job.outputs if (one.get("ratio"), one.get("kind")) == (wanted.ratio, wanted.kind))
    return next(found, {"kind": wanted.kind})


def _texts(jobs: Sequence[ServiceJob], link: Link) -> Iterator[dict[str, Any]]:
    """Timelines and files for editors."""
    made = [(job, one) for job in jobs for one in job.outputs if one.get("kind") not in _THEIR_NAME]
    for number, (job, output) in enumerate(made):
        yield {**_file(job, output, link, f"text-{number}-0"), "output_format": output.get("kind")}


def _file(job: ServiceJob, output: dict[str, Any], link: Link, tag: str, user_tag: str | None = None) -> dict[str, Any]:
    kept = kept_file(output) if job.is_ended and job.files_removed_at is None and not output.get("url") else ""
    url = link(job, kept) if kept else output.get("url")
    storage = {"key": output.get("key"), "format": output.get("kind")}
    return {"tag": tag, "user_tag": user_tag, "profile": None, "storage": storage, "url": url}


def _seconds(job: ServiceJob) -> str | None:
    return None if job.source_s is None else f"{job.source_s:.3f}"


def _megabytes(output: dict[str, Any]) -> float | None:
    size = None if output["kind"] in STREAMS else output.get("size_bytes")  # of a stream only the playlist's is known
    return None if size is None else round(size / _BYTES_PER_MB, 3)
