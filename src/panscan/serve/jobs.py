"""Jobs and the files they are kept in: one folder per job, so that a restart finds what was asked and what is done."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from panscan.errors import PanscanError, UsageError
from panscan.files import write_bytes

JobState = Literal["queued", "running", "done", "failed", "cancelled"]

TIMELINE_SUFFIXES = (".otio", ".xml", ".fcpxml", ".edl")
_ID = re.compile(r"[0-9a-f]{16}")
_OPTION_FIELDS = ("ratio", "preset", "method", "mode", "layouts", "canvas")


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What is asked: the shape and how to get it, in the words of `panscan reframe`; None takes the usual.

    source: path of a movie or timeline on this machine, or the file name under which a sent timeline is kept.
    """

    source: str
    is_sent: bool = False
    ratio: str = "9:16"
    preset: str = "default"
    method: str | None = None
    mode: str | None = None
    layouts: str | None = None
    canvas: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job. number: its place in the order of asking; stage, done, total: how far it is; error: what, why, fix."""

    id: str
    number: int
    wish: JobRequest
    state: JobState = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    error: dict[str, str] | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled")

    def to_json(self) -> dict[str, Any]:
        """What the asker is told."""
        return {name: value for name, value in asdict(self).items() if name != "number"}


def parse_job_request(body: Any) -> tuple[JobRequest, str | None]:
    """What was asked, and the text of the timeline if one was sent.

    Raises
    ------
    UsageError
        The request is not understood.
    """
    if not isinstance(body, dict):
        raise _invalid_request("It is not a JSON object.")
    unknown = sorted(set(body) - {"source", "timeline", *_OPTION_FIELDS})
    if unknown:
        raise _invalid_request(f"{', '.join(unknown)} is not known.")
    words = {name: body[name] for name in _OPTION_FIELDS if body.get(name) is not None}
    for name, value in words.items():
        if not isinstance(value, str) or len(value) > 200:
            raise _invalid_request(f"{name} is no short text.")
    sent = body.get("timeline")
    if (sent is None) == (body.get("source") is None):
        raise _invalid_request('It needs either "source", a path, or "timeline", a name and a text.')
    if sent is None:
        source = body["source"]
        if not isinstance(source, str) or "\0" in source or not Path(source).is_absolute():
            raise _invalid_request("source is no absolute path.")
        return JobRequest(source, **words), None
    told = sent if isinstance(sent, dict) else {}
    if not all(isinstance(told.get(part), str) for part in ("name", "text")):
        raise _invalid_request("timeline needs a name and a text.")
    suffix = Path(told["name"]).suffix.lower()
    if suffix not in TIMELINE_SUFFIXES:
        raise _invalid_request(f"A timeline's name ends in {', '.join(TIMELINE_SUFFIXES)}.")
    return JobRequest(f"timeline{suffix}", True, **words), told["text"]


class JobStore:
    """All jobs of this user; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._jobs = {job.id: job for job in _read_all(folder)}
        for job in list(self._jobs.values()):
            if job.state == "running":  # it was when the service ended
                self._save(replace(job, state="queued", stage="", done=0, total=0))

    def add(self, asked: JobRequest, text: str | None) -> Job:
        """Keep a new job and, if one was sent, its timeline."""
        with self._lock:
            number = 1 + max((job.number for job in self._jobs.values()), default=0)
            job = Job(secrets.token_hex(8), number, asked)
            self.job_folder(job.id).mkdir(parents=True)
            if text is not None:
                write_bytes(text.encode(), self.job_folder(job.id) / asked.source, private=True)
            self._save(job)
            return job

    def update(self, job_id: str, **changes: Any) -> Job | None:
        """Change a job; only changes of its state are written to disk. None if it is gone."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            changed = replace(job, **changes)
            if changed.state != job.state:
                self._save(changed)
            self._jobs[job_id] = changed
            return changed

    def get(self, job_id: str) -> Job | None:
        """A job, if there is one of this name."""
        return self._jobs.get(job_id)

    def all(self) -> list[Job]:
        """All jobs in the order of asking."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: job.number)

    def remove(self, job_id: str) -> None:
        """Forget a job with its files."""
        with self._lock:
            if self._jobs.pop(job_id, None) is not None:
                shutil.rmtree(self.job_folder(job_id), ignore_errors=True)

    def job_folder(self, job_id: str) -> Path:
        """The folder of a job."""
        if not _ID.fullmatch(job_id):
            raise ValueError(job_id)
        return self._folder / job_id

    def _save(self, job: Job) -> None:
        write_bytes(json.dumps(asdict(job), indent=1).encode(), self.job_folder(job.id) / "job.json", private=True)
        self._jobs[job.id] = job


def error_json(error: PanscanError) -> dict[str, str]:
    """An error as it is told."""
    return {"what": error.what, "why": error.why, "fix": error.fix}


def _read_all(folder: Path) -> Iterator[Job]:
    """The jobs on disk; a damaged one is left where it is."""
    for path in sorted(folder.glob("*/job.json")):
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            job = Job(**{**stored, "wish": JobRequest(**stored["wish"])})
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if job.id == path.parent.name and _ID.fullmatch(job.id):
            yield job


def _invalid_request(why: str) -> UsageError:
    return UsageError("the request is not understood", why=why, fix="See docs/editors/premiere-panel.md.")
