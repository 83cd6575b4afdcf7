"""Workers and the database are killed at random: every job still ends right, once, counted once, and is told of."""

from __future__ import annotations

import os
from collections import Counter
from fractions import Fraction

import psycopg
import pytest
from psycopg.rows import dict_row

import media
import service_fakes
from panscan.service.records import accounts, jobs, minutes
from panscan.service.secrets import open_secret_box
from panscan.service.settings import ServiceSettings
from panscan.service.spec import parse_job_spec
from panscan.service.states import ENDED

_KILLS = 6
_DEADLINE_S = 240  # on a machine that is busy with other tests
SECRET = "whsec_" + "QUJD" * 8
ENDS = {
    "good": "completed",
    "movie": "completed",
    "rejected": "verification_failed",
    "broken": "failed",
    "poison": "failed",
}


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_nothing_is_lost_and_nothing_counts_twice(tmp_path):
    source = media.moving_block(tmp_path / "talk.mp4", frames=24, rate=Fraction(24))  # a second
    with service_fakes.machine() as host, service_fakes.receiver() as (hook, got):
        kinds = ["movie", *["good"] * 12, "rejected", "broken", "poison"]
        asked = {}
        with psycopg.connect(host.url, row_factory=dict_row, autocommit=True) as db:
            account = accounts.add_account(db, "studio", "unlimited").id
            for kind in kinds:
                said = {"source": {"path": str(source)}, "payload": kind, "webhook": {"url": hook, "secret": SECRET}}
                seals = open_secret_box(host.settings.key_file)
                asked[jobs.create_job(db, account, parse_job_spec(said), seals=seals).id] = kind
        host.kill_until_done(_KILLS, _DEADLINE_S)
        _no_half_outputs(host.settings)
        with psycopg.connect(host.url, row_factory=dict_row, autocommit=True) as db:
            ended = {one.id: one for one in jobs.list_jobs(db, account)}
            used = minutes.usage(db, account)
        ends = host.ask("select job_id, data->>'state' as state from events where kind = 'state'")
    assert {name: one.state for name, one in ended.items()} == {name: ENDS[kind] for name, kind in asked.items()}
    assert set(Counter(row["job_id"] for row in ends if row["state"] in ENDED).values()) == {1}, "an end for each"
    assert (used.jobs, used.used_s) == (13, pytest.approx(12 * 60 + 1)), "what failed and was rejected is given back"
    by_message = {message: (kind, job) for message, kind, job in got}
    assert len(by_message) == len(asked) and {job for _, job in by_message.values()} == set(asked)
    assert {kind for kind, job in by_message.values() if asked[job] == "good"} == {"job.completed"}


def _no_half_outputs(settings: ServiceSettings) -> None:
    results = list(settings.jobs.glob("*/output/result.txt"))
    assert len(results) == 13 and {path.read_text() for path in results} == {service_fakes.MADE}
