"""Jobs in processes of their own: progress, errors, crashes, and cancelling."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from panscan.errors import InputError, InternalError
from panscan.serve.child import ChildProcessHandler
from panscan.serve.guard import AllowedFolders
from panscan.serve.jobs import JobRequest
from panscan.serve.runner import JobStopped


@dataclass(frozen=True)
class Work:
    """A handler that does what the name of the source says."""

    def presets(self):
        return ["default"]

    def validate(self, job_request):
        if job_request.preset != "default":
            raise InputError("unknown")

    def make_plan(self, job_request, source, folder, allowed_folders, report_progress):
        report_progress("looking", 1, 2)
        match source.name:
            case "segv":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "exit":
                os._exit(255)  # as OpenTimelineIO does
            case "error":
                raise InputError("it is broken", why="It says so.", fix="Mend it.")
            case "fault":
                raise RuntimeError("oh")
            case "long":
                (folder / "process").write_text(str(os.getpid()))
                time.sleep(60)
        return f"{source.name} by {os.getpid()}".encode()


def make(name: str, tmp_path: Path, report=lambda *_: None) -> bytes:
    handler = ChildProcessHandler(Work())
    return handler.make_plan(JobRequest(name), Path(name), tmp_path, AllowedFolders(()), report)


def test_a_plan_comes_from_another_process_with_its_progress(tmp_path) -> None:
    seen = []
    plan = make("film", tmp_path, lambda *stage: seen.append(stage)).decode()
    assert plan.startswith("film by ") and plan != f"film by {os.getpid()}"
    assert ("looking", 1, 2) in seen


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize(("name", "why"), [("segv", "SIGSEGV"), ("exit", "code 255")])
def test_a_crash_ends_the_job_only(name, why, tmp_path) -> None:
    with pytest.raises(InternalError, match=why) as caught:
        make(name, tmp_path)
    assert caught.value.exit_code == 70 and caught.value.fix


def test_errors_arrive_whole(tmp_path) -> None:
    with pytest.raises(InputError) as caught:
        make("error", tmp_path)
    assert (caught.value.what, caught.value.why, caught.value.fix) == ("it is broken", "It says so.", "Mend it.")
    with pytest.raises(InternalError, match="RuntimeError: oh"):
        make("fault", tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_a_cancelled_job_is_killed(tmp_path) -> None:
    def stop(*_: object) -> None:
        if (tmp_path / "process").is_file():
            raise JobStopped

    started = time.monotonic()
    with pytest.raises(JobStopped):
        make("long", tmp_path, stop)
    assert time.monotonic() - started < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "process").read_text()), 0)


def test_questions_are_answered_here() -> None:
    handler = ChildProcessHandler(Work())
    assert handler.presets() == ["default"]
    with pytest.raises(InputError):
        handler.validate(JobRequest("film", preset="x"))
