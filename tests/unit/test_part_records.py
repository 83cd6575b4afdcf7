"""Parts of a job are done once, by its own worker and by helpers; whoever was given up changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panscan.service.records import jobs, parts, upkeep, work
from panscan.service.records.numbers import service_numbers
from panscan.service.spec import parse_job_spec
from panscan.service.work_order import SharedPart
from service_database import sweep

MOVIE = parse_job_spec({"source": {"path": "/talk.mp4"}})
THREE = [SharedPart(f"analyse-{n}", "analyse", {"number": n}, size=10) for n in range(3)]
NAMES = [part.name for part in THREE]


@pytest.fixture
def job(db, account):
    return jobs.create_job(db, account, MOVIE)


@pytest.fixture
def leader(db, job):
    """The claim of the job's own worker, which has offered three parts."""
    db.execute("delete from procrastinate_jobs")
    mine = work.claim(db, job.id, "leader")
    work.progress(db, mine, "analyse")
    assert parts.share(db, mine, THREE)
    return mine


def states(db):
    return [row["state"] for row in db.execute("select state from parts order by number")]


def helpers_called(db):
    return len(db.execute("select from procrastinate_jobs where task_name = 'help' and status = 'todo'").fetchall())


def silence(db):
    """Nobody has given a sign for an hour."""
    db.execute("update parts set heartbeat_at = now() - interval '1 hour'")


def test_each_part_is_given_to_one_worker_and_the_job_goes_on_when_all_are_done(db, job, leader):
    assert helpers_called(db) == 3 and "panscan_parts_waiting 3" in service_numbers(db).splitlines()
    first = parts.next_part(db, leader, NAMES, "")
    assert parts.next_part(db, leader, NAMES, "") == first, "its first answer did not arrive"
    helped = parts.claim(db, job.id, "helper")
    second = parts.next_part(db, leader, NAMES, first.part.name)
    assert [first.part, helped.part, second.part] == THREE and (first.done, second.done) == (0, 10)
    waits = parts.next_part(db, leader, NAMES, second.part.name)
    assert (waits.part, waits.done, waits.is_over) == (None, 20, False)
    assert parts.claim(db, job.id, "another helper") is None
    parts.finish(db, helped)
    assert parts.next_part(db, leader, NAMES, "").is_over


def test_a_helper_that_was_given_up_changes_nothing(db, job, leader):
    old = parts.claim(db, job.id, "old")
    silence(db)
    sweep(db)
    new = parts.claim(db, job.id, "new")
    assert new.part == old.part and new.tries == old.tries + 1
    assert not parts.beat(db, old) and parts.beat(db, new)
    parts.finish(db, old)
    parts.put_back(db, old, is_failure=True)
    assert states(db) == ["taken", "waiting", "waiting"]
    parts.finish(db, new)
    assert states(db) == ["done", "waiting", "waiting"]


def test_an_attempt_that_was_given_up_changes_nothing_and_what_is_done_stays(db, job, leader):
    done = parts.claim(db, job.id, "helper")
    parts.finish(db, done)
    at_work = parts.claim(db, job.id, "helper")
    mine = parts.next_part(db, leader, NAMES, "").part
    work.killed(db, leader, {"what": "it was killed"})
    assert states(db) == ["done", "taken", "waiting"] and parts.beat(db, at_work), "helpers go on"
    again = work.claim(db, job.id, "another")
    moved = [replace(part, what=dict(part.what) | {"media": "elsewhere"}) for part in THREE]
    assert parts.share(db, again, moved) and states(db) == ["done", "taken", "waiting"]
    late = parts.next_part(db, leader, NAMES, mine.name)
    assert late.part is None and states(db) == ["done", "taken", "waiting"]
    assert not parts.share(db, leader, THREE)
    assert parts.next_part(db, again, NAMES, "").part == moved[2] and mine == THREE[2]


def test_what_helpers_fail_at_is_left_to_the_worker_of_the_job(db, job, leader):
    for number in range(3):
        failing = parts.claim(db, job.id, f"helper {number}")
        assert failing.part == THREE[0]
        parts.put_back(db, failing, is_failure=True)
        assert parts.claim(db, job.id, f"helper {number}").part == THREE[1], "not the same part at once again"
        silence(db)
        db.execute("update parts set state = 'waiting' where name = %s", [NAMES[1]])
    assert parts.claim(db, job.id, "a fourth").part == THREE[1]
    assert parts.next_part(db, leader, NAMES, "").part == THREE[0]


def test_a_helper_that_is_told_to_end_has_not_failed(db, job, leader):
    for _ in range(4):
        parts.put_back(db, parts.claim(db, job.id, "helper"), is_failure=False)
    assert parts.claim(db, job.id, "helper").part == THREE[0]


@pytest.mark.parametrize("end", ["cancelled", "failed", "deleted"])
def test_helpers_stop_when_the_job_does(db, account, job, leader, end):
    helping = parts.claim(db, job.id, "helper")
    assert parts.beat(db, helping)
    if end == "cancelled":
        jobs.cancel_job(db, account, job.id)
    else:
        work.finish(db, leader, "failed", {"what": "it broke"})
    if end == "deleted":
        jobs.delete_job(db, account, job.id)
    assert not parts.beat(db, helping) and parts.claim(db, job.id, "helper") is None
    parts.finish(db, helping)


def test_entries_that_were_lost_are_written_again_and_none_is_for_nothing(db, job, leader):
    db.execute("delete from procrastinate_jobs")
    parts.finish(db, parts.claim(db, job.id, "helper"))
    upkeep.sweep(db, 30)
    upkeep.sweep(db, 30)
    assert helpers_called(db) == 2


def test_parts_of_another_version_are_not_done_here(db, job, leader):
    parts.finish(db, parts.claim(db, job.id, "helper"))
    db.execute("update parts set version = 'another'")
    assert parts.claim(db, job.id, "helper") is None
    assert parts.share(db, leader, THREE[:2]) and states(db) == ["waiting", "waiting"], "not what another has done"
