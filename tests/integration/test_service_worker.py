"""What a worker process does with jobs that are cancelled, that may pass later, and when it is told to end."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace

import psycopg
import pytest

import service_fakes
from panscan.service import running, worker
from panscan.service.records import jobs
from panscan.service.settings import ServiceSettings
from panscan.service.spec import parse_job_spec
from service_database import on_both_servers

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
_AWAY_S, _BACK_S = 8.0, 4.0  # the pool alone would try after 1, 3, 7 and 15 s
_PATIENCE_S = 60  # on a machine that is busy with other tests


@pytest.fixture
def settings(service_database, tmp_path):
    made = ServiceSettings(tmp_path / "service", service_database)
    made.prepare()
    return made


def asked(db, account, payload):
    return jobs.create_job(db, account, parse_job_spec({"source": {"path": "/talk.mp4"}, "payload": payload})).id


def until(db, job_id, *states):
    for _ in range(_PATIENCE_S * 10):
        row = db.execute("select * from jobs where id = %s", [job_id]).fetchone()
        if row["state"] in states:
            return row
        time.sleep(0.1)
    raise AssertionError(row)


def test_a_worker_that_is_told_to_end_gives_its_job_back_and_another_ends_it(db, account, settings):
    job_id = asked(db, account, "slow")
    with service_fakes.worker(settings.database_url, settings, drain_s=0.2) as first:
        until(db, job_id, "rendering")
        first.send_signal(signal.SIGTERM)
        assert first.wait(_PATIENCE_S) == 0
    row = until(db, job_id, "queued")
    assert (row["kills"], row["retries"]) == ({}, 0), "nothing went wrong"
    with service_fakes.worker(settings.database_url, settings):
        assert until(db, job_id, "completed")["attempt"] == 2


def test_a_worker_that_is_told_to_end_lets_short_work_end(db, account, settings):
    job_id = asked(db, account, "slow")
    with service_fakes.worker(settings.database_url, settings, drain_s=_PATIENCE_S) as process:
        until(db, job_id, "rendering")
        later = asked(db, account, "good")
        process.send_signal(signal.SIGTERM)
        assert process.wait(_PATIENCE_S) == 0
    assert until(db, job_id, "completed")["attempt"] == 1
    assert until(db, later, "queued", "completed")


@on_both_servers
def test_a_running_job_can_be_cancelled_and_what_may_pass_is_tried_later(db, account, settings):
    slow, flaky = asked(db, account, "slow"), asked(db, account, "flaky")
    with service_fakes.worker(settings.database_url, settings):
        until(db, slow, "rendering")
        jobs.cancel_job(db, account, slow)
        until(db, slow, "cancelled")
        for _ in range(_PATIENCE_S * 10):
            row = db.execute("select state, retries from jobs where id = %s", [flaky]).fetchone()
            if row["retries"]:
                break
            time.sleep(0.1)
        waiting = "procrastinate_jobs where queueing_lock = %s and status = 'todo'"
        entry = f"select scheduled_at > now() as is_later from {waiting}"
        assert row == {"state": "queued", "retries": 1}
        assert db.execute(entry, [f"job {flaky}"]).fetchone() == {"is_later": True}
    left = [path.name for path in settings.job_folder(slow).iterdir()]
    assert left == ["log.txt"], "what was cancelled has no results, and nothing half done"


def test_files_are_removed_when_their_time_is_over(db, account, settings):
    kept, old = asked(db, account, "good"), asked(db, account, "good")
    strange, new = settings.jobs / "job_of_nobody", settings.jobs / "job_of_another_database"
    strange.mkdir()
    new.mkdir()
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(strange, (two_days_ago, two_days_ago))
    with service_fakes.worker(settings.database_url, settings):
        until(db, kept, "completed")
        until(db, old, "completed")
    db.execute("update jobs set files_until = now() - interval '1 hour' where id = %s", [old])
    with service_fakes.worker(settings.database_url, replace(settings, slots=1)):
        for _ in range(_PATIENCE_S * 10):
            if not settings.job_folder(old).exists():
                break
            time.sleep(0.1)
    assert not settings.job_folder(old).exists() and not strange.exists() and new.exists()
    assert (settings.job_folder(kept) / "output" / "result.txt").read_text() == service_fakes.MADE


def test_a_worker_is_back_as_soon_as_its_database_is(settings, database_server):
    """One that came back later would count as killed, and its jobs with it."""

    def ask(db):
        return db.execute("select current_database() as name").fetchone()["name"]

    with (
        worker._context(settings, settings.database_url, "") as context,
        psycopg.connect(database_server, autocommit=True) as server,
    ):
        name = running.reach(context, ask)
        server.execute(f"alter database {name} with allow_connections false")
        server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        back_s = time.monotonic() + _AWAY_S
        threading.Timer(_AWAY_S, server.execute, [f"alter database {name} with allow_connections true"]).start()
        assert running.reach(context, ask) == name
    assert back_s < time.monotonic() < back_s + _BACK_S
