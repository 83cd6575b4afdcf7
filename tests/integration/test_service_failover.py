"""Another PostgreSQL takes the place of the one that is lost: the work goes on, and nobody counts as killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from functools import partial

import psycopg
import pytest
from psycopg.rows import dict_row

import needed
import service_fakes
from panscan.service.database import migrate
from panscan.service.records import accounts, jobs, upkeep
from panscan.service.settings import ServiceSettings
from panscan.service.spec import parse_job_spec
from service_database import DEBIAN_USER, folder_of_server

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
_PATIENCE_S = 120


class Pair:
    """A server, and another one beside it that follows it and can take its place."""

    def __init__(self, first, second):
        self.programs, self.folders = needed.debian_postgres(), (first, second)
        self._run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, user=DEBIAN_USER, cwd=first)
        self.url = f"postgresql://postgres@/postgres?host={first},{second}&target_session_attrs=read-write"

    def start(self):
        first, second = self.folders
        auth = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale")
        self._run([self.programs / "initdb", "-D", f"{first}/data", *auth])
        self._control(first, "start")
        copy = ("-h", first, "-U", "postgres", "-D", f"{second}/data", "-R", "-c", "fast")
        self._run([self.programs / "pg_basebackup", *copy])
        self._control(second, "start")

    def lose_first(self):
        """Once the second has all that the first has written."""
        with psycopg.connect(self.url, autocommit=True) as db:
            waits = "select from pg_stat_replication where replay_lsn = pg_current_wal_lsn()"
            until(lambda: db.execute(waits).fetchone() is not None, "the second server does not follow")
        self._control(self.folders[0], "stop", "-m", "immediate")

    def promote_second(self):
        self._control(self.folders[1], "promote")

    def stop(self):
        for folder in self.folders:
            if (folder / "data/postmaster.pid").exists():
                self._control(folder, "stop", "-m", "immediate")

    def _control(self, folder, *what):
        options = ("-o", f"-k {folder} -c listen_addresses='' -c fsync=off")
        self._run([self.programs / "pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", *options, "--wait", *what])


def until(is_so, what):
    for _ in range(_PATIENCE_S * 10):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError(what)


@pytest.fixture
def pair():
    with folder_of_server() as first, folder_of_server() as second:
        servers = Pair(first, second)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()


def test_a_job_at_work_goes_on_after_a_fail_over(pair, tmp_path):
    migrate(pair.url)
    connect = partial(psycopg.connect, pair.url, row_factory=dict_row, autocommit=True)
    with connect() as db:
        account = accounts.add_account(db, "studio", "unlimited").id
        said = {"source": {"path": "/talk.mp4"}, "payload": f"shared-held {tmp_path}"}
        job = jobs.create_job(db, account, parse_job_spec(said)).id
    settings = ServiceSettings(tmp_path / "worker", pair.url)
    settings.prepare()
    with service_fakes.worker(pair.url, settings, slots=1) as worker:
        until((tmp_path / "begun.txt").exists, "nobody is at work")
        with connect() as db:
            until(lambda: db.execute("select from sweeps").fetchone() is not None, "nobody looks for killed workers")
        pair.lose_first()
        time.sleep(2 * service_fakes.STALE_S)  # nobody can give a sign of life
        worker.send_signal(signal.SIGSTOP)  # another reaches the new server before this one
        pair.promote_second()
        with connect() as db:
            upkeep.sweep(db, service_fakes.STALE_S)
            worker.send_signal(signal.SIGCONT)
            (tmp_path / "go").touch()
            until(lambda: jobs.get_job(db, account, job).is_ended, "it does not end")
            ended = jobs.get_job(db, account, job)
            assert (ended.state, ended.attempt) == ("completed", 1)
            row = db.execute("select pg_postmaster_start_time() < %s as ran_before", [ended.started_at]).fetchone()
            assert row["ran_before"], "the second server did not start for this"
