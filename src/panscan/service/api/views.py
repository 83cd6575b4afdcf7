"""Jobs as answers hold them."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath, PurePosixPath
from typing import Any
from urllib.parse import quote

from panscan.service.api.context import ApiContext
from panscan.service.records.jobs import ServiceJob
from panscan.service.records.minutes import Usage
from panscan.service.states import ENDED

OUTPUT, THUMBNAIL = "output", "thumbnail.jpg"  # in a job's folder: where results lie, and a picture of the source


def job_json(job: ServiceJob, context: ApiContext) -> dict[str, Any]:
    """A job with links to all that is known of it; links begin at the service's own address."""
    own = f"/v1/jobs/{job.id}"
    review = context.options.review_url.replace("{job}", job.id)
    has_files = job.files_removed_at is None
    thumbnail = context.settings.job_folder(job.id) / THUMBNAIL
    return {
        "id": job.id,
        "sequence": job.sequence,
        "name": source_name(job),
        "state": job.state,
        "stage": job.stage,
        "percent": job.percent,
        "attempt": job.attempt,
        "run": job.run,
        "priority": job.priority,
        "source_s": job.source_s,
        "spec": job.spec,
        "payload": job.payload,
        "warnings": job.warnings,
        "verdicts": job.verdicts,
        "flags": job.flags,
        "outputs": [_output_json(own, output, has_files) for output in job.outputs],
        "error": job.error,
        "is_cancelled": job.is_cancelled,
        **{name: _time(getattr(job, name)) for name in ("created_at", "started_at", "ended_at", "files_until")},
        "links": {
            "self": own,
            "events": f"{own}/events",
            "thumbnail": f"{own}/thumbnail" if thumbnail.is_file() else None,
            "crops": f"{own}/crops" if has_files and job.outputs else None,
            "review": review if review and job.state in ENDED and job.outputs else None,
        },
    }


def kept_file(output: dict[str, Any]) -> str:
    """What an output's file is called below the job's results; empty where there is none.

    Of a stream it is the playlist: "talk.9x16.hls/master.m3u8".
    """
    path = PurePosixPath(output.get("path") or "")
    return str(path.relative_to(OUTPUT)) if path.is_relative_to(OUTPUT) else ""


def source_name(job: ServiceJob) -> str:
    """What a person calls the source of a job: the last part of its path or address."""
    source = job.spec.get("source", {})
    given = source.get("path") or source.get("url", "").partition("?")[0]
    given = given or source.get("object", {}).get("key") or source.get("upload", "")
    return PurePath(given).name or job.id


def usage_json(name: str, usage: Usage, waiting: int, running: int) -> dict[str, Any]:
    """What an account used of a month."""
    return {
        "account": name,
        "period": usage.period.isoformat(),
        "used_s": usage.used_s,
        "limit_s": usage.monthly_s,
        "jobs": usage.jobs,
        "held_jobs": usage.held,
        "waiting_jobs": waiting,
        "running_jobs": running,
    }


def _output_json(own: str, output: dict[str, Any], has_files: bool) -> dict[str, Any]:
    """An output; where the service keeps its file, `file` names it and `url` leads to it."""
    file = kept_file(output) if has_files else ""
    shown = {key: value for key, value in output.items() if key != "path"}
    kept = {"file": file, "url": f"{own}/files/{quote(file)}"} if file and not output.get("url") else {"file": None}
    return {"url": None, **shown, **kept}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
