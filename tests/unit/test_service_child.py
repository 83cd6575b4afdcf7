"""The work of a job in a process of its own: what it says arrives, and it ends however it must."""

from __future__ import annotations

import os
import signal
import time

import pytest

from panscan.errors import InputError
from panscan.files import whole_file
from panscan.service.child import Ending, run_in_child
from panscan.service.spec import parse_job_spec
from panscan.service.work_order import NextPart, SharedPart, WorkOrder, own_part, remove_parts

_SILENT_S = 1.5  # longer than a process takes to say its first word


def talkative(order, report):
    for word in ("ingest", "analyse", "plan"):
        report.progress(word)
    report.confirm(12.5)
    report.result(verdicts={"9:16": "VERIFIED"})
    print("a library prints this")
    return "completed"


def sharing(order, report):
    for part in report.share([SharedPart(name, "analyse", {}, size=100) for name in ("a", "b", "c")]):
        report.progress("analyse", 0, 50)
        print(part.name)
    report.progress("plan")
    return "completed"


def hanging(order, report):
    report.progress("ingest")
    time.sleep(60)


def killed(order, report):
    with own_part(order), whole_file(order.output / "movie.mp4"):
        os.kill(os.getpid(), signal.SIGKILL)


def broken(order, report):
    raise InputError("https://example.com/a.mp4?key=SECRET is broken", why="A reason.", fix="A fix.")


def fault(order, report):
    raise RuntimeError("https://example.com/a.mp4?key=SECRET")


@pytest.fixture
def run(tmp_path, monkeypatch):
    def run(work, *, answer=lambda kind, value: True, stops=lambda: False, silent_s=30.0):
        heard = []

        def on_message(kind, value):
            heard.append((kind, value))
            return answer(kind, value)

        order = WorkOrder("job", 1, parse_job_spec({"source": {"path": "/talk.mp4"}}), tmp_path / "job")
        return run_in_child(order, f"{__name__}:{work}", on_message, stops, silent_s), heard

    return run


def test_what_the_work_says_arrives_in_order(run, tmp_path):
    ending, heard = run("talkative")
    assert ending == Ending("done", "completed")
    assert heard == [
        *(("progress", (stage, 0, 0)) for stage in ("ingest", "analyse", "plan")),
        ("confirm", 12.5),
        ("result", {"verdicts": {"9:16": "VERIFIED"}}),
    ]
    assert (tmp_path / "job" / "log.txt").read_text() == "a library prints this\n"


def test_work_that_is_not_confirmed_stops(run):
    ending, heard = run("talkative", answer=lambda kind, value: False)
    assert ending == Ending("stopped") and heard[-1] == ("confirm", 12.5)


def test_parts_are_asked_for_until_all_are_done_and_progress_is_that_of_all(run, tmp_path):
    a, c = (SharedPart(name, "analyse", {}, size=100) for name in "ac")
    answers = iter(
        [NextPart(a, 0, False), NextPart(None, 200, False), NextPart(c, 200, False), NextPart(None, 300, True)]
    )
    ending, heard = run("sharing", answer=lambda kind, value: next(answers) if kind == "part" else True)
    assert ending.state == "completed" and (tmp_path / "job" / "log.txt").read_text() == "a\nc\n"
    assert [value for kind, value in heard if kind == "part"] == [
        (("a", "b", "c"), done) for done in ("", "a", "", "c")
    ]
    told = [value for kind, value in heard if kind == "progress"]
    assert told[-2:] == [("analyse", 200, 300), ("plan", 0, 0)] and ("analyse", 0, 300) in told


def test_work_whose_job_another_has_shares_nothing(run):
    ending, heard = run("sharing", answer=lambda kind, value: False)
    assert (ending.kind, [kind for kind, _ in heard]) == ("stopped", ["share"])


def test_work_that_says_nothing_any_more_is_killed(run):
    started = time.monotonic()
    ending, _ = run("hanging", silent_s=_SILENT_S)
    assert (ending.kind, ending.error["what"]) == ("killed", "the job hung")
    assert time.monotonic() - started < 50


@pytest.mark.parametrize("work", ["broken", "fault"])
def test_errors_arrive_without_what_addresses_carry(run, work):
    ending, _ = run(work)
    assert ending.kind == "failed" and "SECRET" not in str(ending.error) and "example.com" in str(ending.error)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_next_attempt_removes_what_a_killed_one_left(run, tmp_path):
    ending, _ = run("killed")
    left = {path.relative_to(tmp_path / "job").parts[0] for path in tmp_path.rglob("*.part*")}
    assert ending.kind == "killed" and left == {"attempt-1.part", "output"}, "in its folder, and where it wrote"
    spec = parse_job_spec({"source": {"path": "/talk.mp4"}})
    remove_parts(WorkOrder("job", 2, spec, tmp_path / "job"))
    assert list(tmp_path.rglob("*.part*")) == []
