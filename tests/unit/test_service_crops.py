"""The crops of a job, line by line: opened before they are there, and with them once the job is planned."""

from __future__ import annotations

import json

import httpx
import pytest

from panned_renders import scenes_in, whole
from panscan.timeline.files import timeline_text
from service_api import listening

OTIO = [{"kind": "otio", "ratio": "9:16", "path": "output/a.otio"}]


@pytest.fixture
def client(api):
    headers = {"Authorization": f"Bearer {api.token()}"}
    with (
        listening(api.app) as url,
        httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False) as client,
    ):
        yield client


def asked(client):
    """A new job, and the address of its crops."""
    job = client.post("/v1/jobs", json={"source": {"url": "https://example.com/talk.mp4"}}).json()
    return job["id"], f"{job['links']['self']}/crops"


def followed(api, client, **work):
    """All lines of a stream that is opened while the job waits."""
    job, crops = asked(client)
    with client.stream("GET", crops, params={"follow": "true"}) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
        lines = answer.iter_lines()
        first = next(lines)
        api.work(job, **work)
        return [json.loads(line) for line in (first, *lines)]


def test_who_follows_gets_the_states_and_then_each_frame(api, client, tmp_path):
    _, source = scenes_in(tmp_path)
    text = timeline_text(whole(source)).encode()
    lines = followed(api, client, files={"output/a.otio": text}, outputs=OTIO)
    assert lines[0] == {"state": "queued", "percent": 0}
    crops = lines[-source.frame_count :]
    assert [line["frame_number"] for line in crops] == [*range(source.frame_count)]
    job, later = asked(client)
    api.work(job, files={"output/a.otio": text}, outputs=OTIO)
    for params in ({}, {"follow": "true"}):
        assert [json.loads(line) for line in client.get(later, params=params).text.splitlines()] == crops


def test_who_follows_is_told_how_a_job_ended_without_crops(api, client):
    assert followed(api, client, state="failed")[-1] == {
        "state": "failed",
        "error": {"what": "It broke", "why": "So.", "fix": ""},
    }
    last = followed(api, client, files={"output/a.otio": b"{"}, outputs=OTIO)[-1]
    assert last["state"] == "completed" and "a.otio" in last["error"]["what"]


def test_streams_that_end_make_room_for_others(api, client):
    for _ in range(25):
        followed(api, client, state="failed")
    job, crops = asked(client)
    assert client.get(crops).status_code == 409, "not planned yet"
    api.work(job, state="failed")
    assert client.get(crops, params={"follow": "true"}).status_code == 404
