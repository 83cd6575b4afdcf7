"""The work of a job in a process of its own: what it says arrives, and it ends however it must."""

from __future__ import annotations

import time

import pytest

from panscan.errors import InputError
from panscan.service.child import Ending, run_in_child
from panscan.service.spec import parse_job_spec
from panscan.service.work_order import WorkOrder

_SILENT_S = 1.5  # longer than a process takes to say its first word


def talkative(order, report):
    for word in ("ingest", "analyse", "plan"):
        report.progress(word)
    report.confirm(12.5)
    report.result(verdicts={"9:16": "VERIFIED"})
    print("a library prints this")
    return "completed"


def hanging(order, report):
    report.progress("ingest")
    time.sleep(60)


def broken(order, report):
    raise InputError("https://example.com/a.mp4?key=SECRET is broken", why="A reason.", fix="A fix.")


def fault(order, report):
    raise RuntimeError("https://example.com/a.mp4?key=SECRET")


@pytest.fixture
def run(tmp_path, monkeypatch):
    def run(work, *, confirms=True, stops=lambda: False, silent_s=30.0):
        heard = []

        def on_message(kind, value):
            heard.append((kind, value))
            return confirms

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
    ending, heard = run("talkative", confirms=False)
    assert ending == Ending("stopped") and heard[-1] == ("confirm", 12.5)


def test_work_that_says_nothing_any_more_is_killed(run):
    started = time.monotonic()
    ending, _ = run("hanging", silent_s=_SILENT_S)
    assert (ending.kind, ending.error["what"]) == ("killed", "the job hung")
    assert time.monotonic() - started < 50


@pytest.mark.parametrize("work", ["broken", "fault"])
def test_errors_arrive_without_what_addresses_carry(run, work):
    ending, _ = run(work)
    assert ending.kind == "failed" and "SECRET" not in str(ending.error) and "example.com" in str(ending.error)
