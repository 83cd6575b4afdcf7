"""Jobs, their minutes and their entries in the queue stand or fall together; whoever was given up changes nothing."""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg
import pytest
from cryptography.fernet import Fernet
from psycopg.rows import dict_row

from panscan.errors import CapabilityError, UsageError
from panscan.service.database import migrate
from panscan.service.records import accounts, events, jobs, minutes, upkeep, work
from panscan.service.records.numbers import service_numbers
from panscan.service.records.plan_files import save_plans
from panscan.service.secrets import SecretBox
from panscan.service.spec import parse_job_spec
from service_database import on_both_servers, sweep

MOVIE = parse_job_spec({"source": {"path": "/talk.mp4"}})
ERROR = {"what": "it broke", "why": "a reason", "fix": "a fix"}


@pytest.fixture
def account(db):
    return accounts.add_account(db, "studio", "free").id  # an hour a month


def entries(db):
    return [row["args"]["job_id"] for row in db.execute("select args from procrastinate_jobs where status = 'todo'")]


def taken(db, job):
    """What a worker gets for a job: its entry is gone from the queue."""
    db.execute("delete from procrastinate_jobs where queueing_lock = %s", [f"job {job.id}"])
    return work.claim(db, job.id, "worker")


def state(db, job):
    return db.execute("select state from jobs where id = %s", [job.id]).fetchone()["state"]


def used_s(db, account):
    return minutes.usage(db, account).used_s


@on_both_servers
def test_tables_are_made_once_and_kept(db, service_database, account):
    migrate(service_database)
    assert accounts.find_account(db, "studio").id == account
    db.execute("insert into schema_steps (name) values ('9999_later')")
    with pytest.raises(CapabilityError, match="newer version"):
        migrate(service_database)


def test_nobody_else_may_use_the_server_that_comes_with_panscan(db):
    assert db.execute("show unix_socket_permissions").fetchone() == {"unix_socket_permissions": "0700"}


@on_both_servers
def test_a_job_its_minutes_and_its_entry_are_written_together_or_not_at_all(db, account):
    with suppress(RuntimeError), db.transaction():
        jobs.create_job(db, account, MOVIE, source_s=60)
        raise RuntimeError
    assert (jobs.list_jobs(db, account), entries(db), used_s(db, account)) == ([], [], 0)
    job = jobs.create_job(db, account, MOVIE, source_s=60)
    assert (state(db, job), entries(db), used_s(db, account)) == ("queued", [job.id], 60)
    again = jobs.create_job(db, account, MOVIE, source_s=60, job_id=job.id)
    assert again == job and used_s(db, account) == 60


def test_jobs_over_the_cap_are_held_and_go_on_with_another_plan(db, account):
    first, second = (jobs.create_job(db, account, MOVIE, source_s=2000) for _ in range(2))
    assert (state(db, second), entries(db), used_s(db, account)) == ("held", [first.id], 2000)
    upkeep.sweep(db, 30)
    assert state(db, second) == "held"
    accounts.set_plan(db, account, "starter")
    upkeep.sweep(db, 30)
    assert (state(db, second), entries(db), used_s(db, account)) == ("queued", [first.id, second.id], 4000)


def test_a_held_job_goes_on_when_the_month_turns(db, account):
    first, second = (jobs.create_job(db, account, MOVIE, source_s=2000) for _ in range(2))
    db.execute("update minutes set period = period - interval '1 month'")
    assert minutes.release_held(db) == [second.id]
    work.finish(db, taken(db, first), "failed", ERROR)  # is given back to the month it was counted in
    assert used_s(db, account) == 2000


@on_both_servers
def test_two_at_once_never_both_take_what_is_left(db, service_database, account):
    def ask():
        with psycopg.connect(service_database, row_factory=dict_row, autocommit=True) as own:
            jobs.create_job(own, account, MOVIE, source_s=500)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert used_s(db, account) == 3500 and len(jobs.list_jobs(db, account, states=["held"])) == 5


@pytest.mark.parametrize(
    ("end", "counts"),
    [("completed", True), ("completed_with_flags", True), ("verification_failed", False), ("failed", False)],
)
def test_minutes_count_by_how_a_job_ends(db, account, end, counts):
    job = jobs.create_job(db, account, MOVIE, source_s=60)
    assert work.finish(db, taken(db, job), end, ERROR)
    assert (state(db, job), used_s(db, account)) == (end, 60 if counts else 0)


def test_a_job_that_is_cancelled_counts_once_it_was_worked_on(db, account):
    waiting, begun = (jobs.create_job(db, account, MOVIE, source_s=60) for _ in range(2))
    mine = taken(db, begun)
    work.progress(db, mine, "analyse", 1, 2)
    jobs.cancel_job(db, account, waiting.id)
    jobs.cancel_job(db, account, begun.id)
    assert (state(db, waiting), work.claim(db, waiting.id, "worker")) == ("cancelled", None)
    assert state(db, begun) == "analysing" and not work.beat(db, mine)
    work.finish(db, mine, "failed", ERROR)
    assert (state(db, begun), used_s(db, account)) == ("cancelled", 60)


def test_a_source_of_unknown_length_is_counted_when_it_is_there(db, account):
    short, long = (jobs.create_job(db, account, MOVIE) for _ in range(2))
    assert work.confirm(db, taken(db, short), 60) and used_s(db, account) == 60
    mine = taken(db, long)
    assert not work.confirm(db, mine, 3600) and state(db, long) == "held"
    assert not work.finish(db, mine, "completed"), "its worker has it no more"


@on_both_servers
def test_a_worker_that_was_given_up_changes_nothing(db, account):
    job = jobs.create_job(db, account, MOVIE, source_s=60)
    old = taken(db, job)
    db.execute("update jobs set heartbeat_at = now() - interval '1 hour'")
    sweep(db)
    new = taken(db, job)
    assert (old.attempt, new.attempt) == (1, 2)
    work.progress(db, old, "render", 1, 2)
    work.note_result(db, old, {"verdicts": {"9:16": "REJECTED"}})
    work.give_back(db, old)
    work.try_again(db, old, ERROR)
    work.killed(db, old, ERROR)
    assert not work.beat(db, old) and not work.confirm(db, old, 90) and not work.finish(db, old, "failed", ERROR)
    seen = jobs.get_job(db, account, job.id)
    assert (seen.state, seen.verdicts, seen.source_s, entries(db)) == ("ingesting", {}, 60, [])


@on_both_servers
def test_who_could_not_reach_the_database_has_not_been_killed(db, account):
    """As after a fail-over to another server, which has run all along."""
    job = jobs.create_job(db, account, MOVIE)
    mine = taken(db, job)
    upkeep.sweep(db, 30)
    for table, column in (("jobs", "heartbeat_at"), ("sweeps", "at")):
        db.execute(f"update {table} set {column} = now() - interval '1 hour'".encode())
    upkeep.sweep(db, 0.001)
    assert work.beat(db, mine), "the next sign is in time"
    db.execute("update jobs set heartbeat_at = now() - interval '1 hour'")
    sweep(db)
    assert state(db, job) == "queued" and not work.beat(db, mine)


@on_both_servers
def test_three_kills_in_one_stage_end_a_job(db, account):
    job = jobs.create_job(db, account, MOVIE, source_s=60)
    for stage in ("render", "analyse", "render", "render"):
        assert state(db, job) == "queued"
        mine = taken(db, job)
        work.progress(db, mine, stage)
        db.execute("update jobs set heartbeat_at = now() - interval '1 hour'")
        sweep(db)
    seen = jobs.get_job(db, account, job.id)
    assert (seen.state, seen.error["what"]) == ("failed", "panscan was killed 3 times in render")
    assert used_s(db, account) == 0


def test_what_may_pass_is_tried_again_later_and_ends_at_last(db, account):
    job = jobs.create_job(db, account, MOVIE)
    for _ in range(5):
        assert state(db, job) == "queued"
        work.try_again(db, taken(db, job), ERROR)
    assert state(db, job) == "failed"
    delays = db.execute("select count(*) as later from procrastinate_jobs where scheduled_at > now()").fetchone()
    assert delays["later"] == 0, "what has ended waits for nothing"


@on_both_servers
def test_entries_that_were_lost_are_written_again(db, account):
    job = jobs.create_job(db, account, MOVIE)
    db.execute("delete from procrastinate_jobs")
    db.execute("update jobs set queued_at = now() - interval '1 hour'")
    upkeep.sweep(db, 30)
    assert entries(db) == [job.id]


@on_both_servers
def test_who_waits_gets_ahead_but_never_into_the_next_class(db, account):
    for hours in (0, 3, 100):
        job = jobs.create_job(db, account, MOVIE)
        db.execute("update jobs set queued_at = now() - make_interval(hours => %s) where id = %s", [hours, job.id])
    upkeep.sweep(db, 10**9)
    found = db.execute("select priority from procrastinate_jobs order by id").fetchall()
    assert [row["priority"] for row in found] == [10, 13, 19]


def test_retrying_a_job_that_failed_counts_it_again(db, account):
    job = jobs.create_job(db, account, MOVIE, source_s=60)
    with pytest.raises(UsageError, match="has not ended"):
        jobs.retry_job(db, account, job.id)
    work.finish(db, taken(db, job), "failed", ERROR)
    assert jobs.retry_job(db, account, job.id).error is None
    assert (state(db, job), entries(db), used_s(db, account)) == ("queued", [job.id], 60)


def test_rows_of_other_accounts_are_never_found(db, account):
    job = jobs.create_job(db, account, MOVIE)
    other = accounts.add_account(db, "other", "pro").id
    assert jobs.get_job(db, other, job.id) is None and jobs.list_jobs(db, other) == []
    assert jobs.cancel_job(db, other, job.id) is None and jobs.retry_job(db, other, job.id) is None
    assert not jobs.delete_job(db, other, job.id)
    with pytest.raises(UsageError, match="is taken"):
        jobs.create_job(db, other, MOVIE, job_id=job.id)
    assert jobs.get_job(db, account, job.id) == job


def test_lists_go_back_in_pages(db, account):
    made = [jobs.create_job(db, account, MOVIE).id for _ in range(5)]
    first = jobs.list_jobs(db, account, limit=3)
    rest = jobs.list_jobs(db, account, limit=3, before_sequence=first[-1].sequence)
    assert [job.id for job in first + rest] == made[::-1]


@pytest.mark.parametrize(
    "asked",
    [
        {"ratios": ["1:1"]},
        {"outputs": ["hls"]},
        {"preset": {"zoom_ceiling": 1.1}},
        {"destination": {"url": "s3://bucket"}},
        {"webhook": {"url": "https://example.com"}},
        {"priority": 20},
    ],
    ids=str,
)
def test_a_plan_says_what_may_be_asked(db, account, asked):
    spec = parse_job_spec({"source": {"path": "/talk.mp4"}} | asked)
    with pytest.raises(UsageError, match="the plan free does not hold"):
        jobs.create_job(db, account, spec)
    accounts.set_plan(db, account, "unlimited")
    assert jobs.create_job(db, account, spec).state == "queued"


def test_tokens_are_known_by_their_hash_and_can_be_made_void(db, account):
    token = accounts.add_token(db, account, "writer")
    caller = accounts.find_caller(db, token)
    assert (caller.account_id, caller.role, caller.plan.monthly_s) == (account, "writer", 3600)
    assert token.encode() not in bytes(db.execute("select hash from tokens").fetchone()["hash"])
    assert accounts.find_caller(db, token + "x") is None
    assert accounts.revoke_tokens(db, account) == 1 and accounts.find_caller(db, token) is None


def test_the_course_of_a_job_can_be_followed(db, account):
    job = jobs.create_job(db, account, MOVIE)
    mine = taken(db, job)
    for done in (1, 1, 2):
        work.progress(db, mine, "render", done, 4)
    told = events.events_after(db, job.id)
    assert [(one.kind, one.data["state"]) for one in told] == [
        *(("state", state) for state in ("queued", "ingesting", "rendering")),
        ("progress", "rendering"),
    ]
    assert events.events_after(db, job.id, told[1].id) == told[2:]
    work.finish(db, mine, "completed")
    assert [one.data["state"] for one in events.events_after(db, job.id, told[2].id)] == ["completed"]


def test_numbers_tell_what_waits_and_what_was_used(db, account):
    jobs.create_job(db, account, MOVIE, source_s=90)
    done = jobs.create_job(db, account, MOVIE, source_s=60)
    work.finish(db, taken(db, done), "completed")
    lines = service_numbers(db).splitlines()
    assert {
        'panscan_jobs{state="queued"} 1',
        'panscan_jobs{state="completed"} 1',
        "panscan_source_seconds_this_month 150",
        "panscan_workers 0",
    } <= set(lines)
    assert all(line.startswith("# ") or len(line.rsplit(" ", 1)) == 2 for line in lines)


@pytest.mark.parametrize(
    "wrong",
    [{"team": 5}, {"team": {"minuets": 1}}, {"team": {"priority": 11}}, {"team": {"features": ["gold"]}}],
    ids=str,
)
def test_plans_with_mistakes_change_nothing(db, account, wrong):
    with pytest.raises(UsageError):
        save_plans(db, {"free": {"minutes": 1}} | wrong, "plans.toml")
    assert accounts.plan_of(db, account).monthly_s == 3600
    save_plans(db, {"free": {"minutes": 1, "features": ["streams"]}}, "plans.toml")
    assert (accounts.plan_of(db, account).monthly_s, accounts.plan_of(db, account).features) == (60, ("streams",))


@on_both_servers
def test_old_records_are_forgotten_and_the_minutes_are_not(db, account):
    old, new = (jobs.create_job(db, account, MOVIE, source_s=60) for _ in range(2))
    for job in (old, new):
        work.finish(db, taken(db, job), "completed")
    db.execute(
        "update jobs set ended_at = now() - interval '91 days', files_until = now() - interval '90 days' where id = %s",
        [old.id],
    )
    upkeep.forget_old_records(db)
    assert [job.id for job in jobs.list_jobs(db, account)] == [new.id] and used_s(db, account) == 120


def test_a_job_that_cannot_be_read_or_unsealed_fails_at_once_and_says_why(db, account):
    accounts.set_plan(db, account, "unlimited")
    secret = parse_job_spec({"source": {"url": "https://example.com/talk.mp4?key=1"}})
    boxes = [SecretBox.from_keys(Fernet.generate_key().decode()) for _ in range(2)]
    sealed, odd = jobs.create_job(db, account, secret, seals=boxes[0]), jobs.create_job(db, account, MOVIE, source_s=60)
    db.execute("update jobs set spec = '{}' where id = %s", [odd.id])
    assert work.claim(db, odd.id, "worker") is None and work.claim(db, sealed.id, "worker", boxes[1]) is None
    for job in (odd, sealed):
        seen = jobs.get_job(db, account, job.id)
        assert seen.state == "failed" and seen.error["fix"]
    assert used_s(db, account) == 0
