"""Jobs and the files they are kept in: one folder per job, so that a restart finds what was asked and what is done."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from panscan.errors import PanscanError, UsageError
from panscan.files import write_bytes

JobState = Literal["queued", "running", "done", "failed", "cancelled"]

# Timelines that are one text file, so that they can be sent.
SENT_SUFFIXES = (".otio", ".xml", ".fcpxml", ".edl")
_ID = re.compile(r"[0-9a-f]{16}")  # of a job; anything else would name a folder elsewhere
_MAX_OPTION_LETTERS = 200  # options are names, ratios and sizes
_KEPT_S = 7 * 24 * 3600  # seconds after which a finished job is forgotten: its plan was applied, or never will be
_OPTION_FIELDS = ("ratio", "preset", "method", "mode", "layouts", "canvas", "deinterlace")


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a request asks for, in the words of `panscan reframe`.

    Attributes
    ----------
    source : str
        Path of a movie or timeline on this machine, or the file name under which a sent timeline is kept.
    is_sent : bool
        Whether the timeline came with the request.
    ratio, preset : str
    method, mode, layouts, canvas, deinterlace : str, optional
        None takes the default of `panscan reframe`.
    """

    source: str
    is_sent: bool = False
    ratio: str = "9:16"
    preset: str = "default"
    method: str | None = None
    mode: str | None = None
    layouts: str | None = None
    canvas: str | None = None
    deinterlace: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job. Its fields, but for `number`, are keys of the answers; all of them are keys of the stored job.

    Attributes
    ----------
    id : str
    number : int
        Its place in the order of asking.
    wish : JobRequest
        What was asked.
    state : "queued", "running", "done", "failed" or "cancelled"
    stage : str
        What is being done.
    done, total : int
        How far the stage is; 0 of 0 where that is not known.
    error : dict, optional
        What, why and fix of a failure.
    """

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
        """The job as answers hold it."""
        return {name: value for name, value in asdict(self).items() if name != "number"}


def parse_job_request(body: Any) -> tuple[JobRequest, str | None]:
    """Read the body of a request: what is asked, and the text of the timeline if one was sent.

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
        if not isinstance(value, str) or len(value) > _MAX_OPTION_LETTERS:
            raise _invalid_request(f"{name} is no short text.")
    sent = body.get("timeline")
    if (sent is None) == (body.get("source") is None):
        raise _invalid_request('It needs either "source", a path, or "timeline", a name and a text.')
    if sent is None:
        source = body["source"]
        if not isinstance(source, str) or "\0" in source or not Path(source).is_absolute():
            raise _invalid_request("source is no absolute path.")
        return JobRequest(source, **words), None
    timeline = sent if isinstance(sent, dict) else {}
    if not all(isinstance(timeline.get(part), str) for part in ("name", "text")):
        raise _invalid_request("timeline needs a name and a text.")
    suffix = Path(timeline["name"]).suffix.lower()
    if suffix not in SENT_SUFFIXES:
        raise _invalid_request(f"A timeline's name ends in {', '.join(SENT_SUFFIXES)}.")
    return JobRequest(f"timeline{suffix}", True, **words), timeline["text"]


class JobStore:
    """All jobs of this user; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # what is asked and planned is nobody else's business
        self._folder = folder
        self._lock = threading.Lock()
        self._jobs = {job.id: job for job in _read_all(folder)}
        self._remove_expired()
        for job in list(self._jobs.values()):
            if job.state == "running":  # it was when the service ended
                self._save(replace(job, state="queued", stage="", done=0, total=0))

    def add(self, job_request: JobRequest, text: str | None, most_waiting: int) -> Job | None:
        """Keep a new job and, if one was sent, its timeline; None where so many are not finished already."""
        self._remove_expired()
        with self._lock:
            if sum(not job.is_finished for job in self._jobs.values()) >= most_waiting:
                return None
            number = 1 + max((job.number for job in self._jobs.values()), default=0)
            job = Job(secrets.token_hex(8), number, job_request)
            self.job_folder(job.id).mkdir(mode=0o700)
            if text is not None:
                write_bytes(text.encode(), self.job_folder(job.id) / job_request.source, private=True)
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

    def _remove_expired(self) -> None:
        """Forget jobs that were finished long ago."""
        for job in self.all():
            file = self.job_folder(job.id) / "job.json"
            with suppress(OSError):
                if job.is_finished and time.time() - file.stat().st_mtime > _KEPT_S:
                    self.remove(job.id)

    def _save(self, job: Job) -> None:
        write_bytes(json.dumps(asdict(job), indent=1).encode(), self.job_folder(job.id) / "job.json", private=True)
        self._jobs[job.id] = job


def error_json(error: PanscanError) -> dict[str, str]:
    """An error as answers hold it."""
    return {"what": error.what, "why": error.why, "fix": error.fix}


def _read_all(folder: Path) -> Iterator[Job]:
    """The jobs on disk; one that is damaged in any way is left where it is."""
    for path in sorted(folder.glob("*/job.json")):
        try:
            job = _stored_job(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            continue
        if job.id == path.parent.name:
            yield job


def _stored_job(stored: Any) -> Job:
    """A job as it was kept: each value is of its kind, or the whole is refused by a ValueError and the like."""
    if not isinstance(stored, dict) or not isinstance(stored["wish"], dict):
        raise ValueError("no object")
    words = {name: value for name, value in stored["wish"].items() if value is not None}
    job_request = JobRequest(**words)
    texts = [value for name, value in words.items() if name != "is_sent"]
    job = Job(**{**stored, "wish": job_request})
    right = [
        *(isinstance(text, str) for text in texts),
        isinstance(job_request.is_sent, bool),
        isinstance(job.id, str) and _ID.fullmatch(job.id) is not None,
        isinstance(job.stage, str) and job.state in get_args(JobState),
        *(isinstance(number, int) for number in (job.number, job.done, job.total)),
        job.error is None or isinstance(job.error, dict),
    ]
    if not all(right):
        raise ValueError("a value of another kind")
    return job


def _invalid_request(why: str) -> UsageError:
    return UsageError("the request is not understood", why=why, fix="See docs/editors/premiere-panel.md.")
