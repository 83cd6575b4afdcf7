"""Workers, the API and the database are killed: every job still ends right, once, counted, delivered and told of."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from fractions import Fraction

import obstore
import pytest

import media
from service_checks import ask_for_all, findings
from service_machine import BUCKET, machine

_KILLS = ("worker", "api", "database")  # with a second worker a job on a busy machine could be killed thrice
_PAUSE_S = 0.8  # between them: all are over before the jobs are
_DEADLINE_S = 240  # on a machine that is busy with other tests
_JOBS = ("movie", "endless", "good 31", "good 32", "good 33", "interrupted", "rejected", "broken", "poison")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_nothing_is_lost_and_nothing_counts_twice(tmp_path):
    source = media.moving_block(tmp_path / "talk.mp4", frames=24, rate=Fraction(24))
    with machine(2) as host:
        killed = host.run(lambda: ask_for_all(host, _JOBS, source), _KILLS, _PAUSE_S, _DEADLINE_S, random.Random(7))
        assert killed == {"worker": 1, "api": 1, "database": 1} and len(host.client.jobs) == len(_JOBS)
        assert findings(host) == []
        _plant_mistakes(host)
        told = "\n".join(findings(host))
    assert [words for words in _PLANTED if words not in told] == [], told


# What the checks say of mistakes, so that finding none means something.
_PLANTED = (
    "4 good 33 ended as failed",
    " s count, and jobs that count have ",
    "2/result.txt is not what was sent",
    "s3://results/2/result.txt is not in the bucket as it was made",
    "s3://results/4/large.txt is in the bucket, and no completed job made it so",
    "uploads of ['6/movie.mp4'] were never finished",
    ".movie.1f.part.mp4 was left",
    "job_of_nobody is the folder of no job",
    "the temporary file left.mp4 was left",
    "msg_of_nobody was not signed",
    "'job.cancelled') was told, and never was",
    "'job.failed') was not taken by anybody",
    "'job.completed') was told under 2 ids",
)


def _plant_mistakes(host):
    bucket, got = host.store.bucket(BUCKET), host.receiver.got
    host.ask("update jobs set state = 'failed' where payload = 'good 33' returning id")
    obstore.put(bucket, "2/result.txt", b"half", attributes={"sha256": "0"})
    host.store.begin_upload(f"{BUCKET}/6/movie.mp4")
    (host.settings.jobs / "job_of_nobody").mkdir()
    (host.settings.jobs / "job_of_nobody" / ".movie.1f.part.mp4").touch()
    (host.temporary / "left.mp4").touch()
    end = next(one for one in got if one.data["payload"] == "good 31" and one.kind == "job.completed")
    got.append(replace(end, id="msg_of_nobody", is_signed=False))
    got.append(replace(end, id="msg_of_nothing", kind="job.cancelled"))
