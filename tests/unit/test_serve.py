"""The local service: who may ask, what may be read, jobs, events, restarts."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette import testclient

from panscan.errors import InputError, UsageError
from panscan.serve.app import create_app
from panscan.serve.guard import AccessPolicy, AllowedFolders, load_or_create_token

TOKEN = "t" * 32
HOST = "http://127.0.0.1:8765"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


class Work:
    """Makes a plan in three steps; waits at the second one until it is let go."""

    def __init__(self) -> None:
        self.go, self.waits = threading.Event(), threading.Event()
        self.go.set()
        self.seen: list[tuple[str, str]] = []

    def presets(self):
        return ["default", "podcast"]

    def validate(self, asked):
        if asked.preset not in self.presets():
            raise UsageError("unknown preset", why="It is not known.", fix="Choose another.")

    def make_plan(self, asked, source, folder, allowed_folders, report_progress):
        report_progress("reading", 1, 3)
        content = source.read_text()
        self.waits.set()
        while not self.go.wait(0.01):
            report_progress("looking", 2, 3)
        if content == "broken":
            raise InputError("it is broken", why="It says so.", fix="Mend it.")
        if content == "fault":
            raise RuntimeError("oh")
        self.seen.append((source.name, content))
        return json.dumps({"plan": content, "ratio": asked.ratio}).encode()


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "talk.mp4").write_text("movie")
    return folder


@pytest.fixture
def app(tmp_path, media, work):
    door = AccessPolicy(TOKEN, 8765, frozenset({"http://localhost:3000"}))
    return create_app(door, AllowedFolders.of([media]), tmp_path / "jobs", work)


@pytest.fixture
def client(app):
    with testclient.TestClient(app, base_url=HOST, headers=AUTH) as client:
        yield client


def over(client, job):
    """The job once it is over."""
    for _ in range(500):
        told = client.get(f"/v1/jobs/{job['id']}").json()
        if told["state"] in ("done", "failed", "cancelled"):
            return told
        time.sleep(0.01)
    raise AssertionError(told)


def test_a_movie_becomes_a_plan(client, media) -> None:
    asked = client.post("/v1/jobs", json={"source": str(media / "talk.mp4"), "ratio": "4:5"})
    assert asked.status_code == 202 and asked.headers["location"] == f"/v1/jobs/{asked.json()['id']}"
    assert over(client, asked.json())["state"] == "done"
    assert client.get(asked.headers["location"] + "/plan").json() == {"plan": "movie", "ratio": "4:5"}


def test_a_sent_timeline_becomes_a_plan(client, work) -> None:
    job = client.post("/v1/jobs", json={"timeline": {"name": "../../x.XML", "text": "<xmeml/> ä"}}).json()
    assert over(client, job)["state"] == "done"
    assert work.seen == [("timeline.xml", "<xmeml/> ä")], "the name that was sent names no file"


def test_choices(client) -> None:
    assert client.get("/v1/choices").json() == {"presets": ["default", "podcast"]}


@pytest.mark.parametrize("text", ["broken", "fault"])
def test_what_goes_wrong_is_told_and_the_next_job_runs(client, media, text) -> None:
    (media / "bad.mp4").write_text(text)
    job = client.post("/v1/jobs", json={"source": str(media / "bad.mp4")}).json()
    told = over(client, job)
    assert told["state"] == "failed" and told["error"]["why"] in ("It says so.", "RuntimeError: oh")
    assert client.get(f"/v1/jobs/{job['id']}/plan").status_code == 409
    assert over(client, client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).json())["state"] == "done"


# --- who may ask


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/choices", "/nothing", "/docs", "/openapi.json"])
@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}]
)
def test_without_the_token_nothing_is_told(client, path, headers) -> None:
    assert client.get(path, headers=headers).status_code == 401


def test_a_browser_asks_for_an_icon_by_itself_and_is_answered(client) -> None:
    """Without the token, and a refusal would stand in its console as a fault; other names of the machine stay out."""
    assert client.get("/favicon.ico", headers={"Authorization": ""}).status_code == 204
    assert client.get("/favicon.ico", headers={"Authorization": "", "Host": "elsewhere.example"}).status_code == 421
    assert client.post("/favicon.ico", headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil:8765"]
)
def test_a_name_rebound_to_this_machine_is_refused(client, host) -> None:
    assert client.get("/v1/jobs", headers={"Host": host}).status_code == 421


def test_localhost_is_a_name_of_this_machine(client) -> None:
    assert client.get("/v1/jobs", headers={"Host": "localhost:8765"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:8765", "http://localhost:3000.evil"]
)
def test_pages_may_not_ask(client, media, origin) -> None:
    answer = client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}, headers={"Origin": origin})
    assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
    assert client.options("/v1/jobs", headers={"Origin": origin}).status_code == 403
    assert client.get("/v1/jobs").json() == []


def test_a_page_that_was_named_may_ask(client) -> None:
    origin = {"Origin": "http://localhost:3000"}
    before = client.options("/v1/jobs", headers={**origin, "Authorization": ""})
    assert before.status_code == 204 and "Authorization" in before.headers["access-control-allow-headers"]
    answer = client.get("/v1/jobs", headers=origin)
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == origin["Origin"]
    assert client.get("/v1/jobs", headers={**origin, "Authorization": ""}).status_code == 401


def test_the_service_shows_no_pages_of_its_own(client) -> None:
    assert {client.get(path).status_code for path in ("/", "/docs", "/redoc", "/openapi.json")} == {404}


# --- what may be read


def test_nothing_outside_the_allowed_folders_is_read(client, media, tmp_path, work) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_text("secret")
    (media / "link.mp4").symlink_to(secret)
    (media / "loop.mp4").symlink_to(media / "loop.mp4")
    (tmp_path / "media2").mkdir()
    (tmp_path / "media2" / "talk.mp4").write_text("secret")
    for path in (secret, media / "../secret.mp4", media / "link.mp4", media / "loop.mp4", tmp_path / "media2/talk.mp4"):
        assert client.post("/v1/jobs", json={"source": str(path)}).status_code == 403, path
    assert work.seen == [] and client.get("/v1/jobs").json() == []


@pytest.mark.parametrize(
    "asked",
    [
        {},
        [],
        {"source": "relative.mp4"},
        {"source": "/a\0b"},
        {"source": 5},
        {"source": "/a", "timeline": {"name": "a.xml", "text": ""}},
        {"timeline": {"name": "a.exe", "text": ""}},
        {"timeline": {"name": "a.xml"}},
        {"timeline": "a.xml"},
        {"timeline": {"name": "a.xml", "text": ""}, "preset": "/etc/secret.toml"},
        {"timeline": {"name": "a.xml", "text": ""}, "ratio": ["9:16"]},
        {"timeline": {"name": "a.xml", "text": ""}, "output": "/etc"},
    ],
)
def test_wrong_requests_are_told(client, asked) -> None:
    answer = client.post("/v1/jobs", json=asked)
    assert answer.status_code == 400 and answer.json()["why"], answer.text
    assert client.get("/v1/jobs").json() == []


def test_a_request_that_is_no_json_or_too_large_is_told(client, monkeypatch) -> None:
    assert client.post("/v1/jobs", content="{").status_code == 400
    assert client.post("/v1/jobs", content="[" * 100_000).status_code == 400
    monkeypatch.setattr("panscan.serve.app._MAX_BODY_BYTES", 10)
    assert "large" in client.post("/v1/jobs", content="[1,2,3,4,5,6]").json()["what"]


@pytest.mark.parametrize("job_id", ["nothing", "0" * 16, "..", "%2e%2e%2f%2e%2e"])
def test_unknown_jobs(client, job_id) -> None:
    for path in ("", "/plan", "/events"):
        assert client.get(f"/v1/jobs/{job_id}{path}").status_code in (404, 200 if job_id == ".." and not path else 404)
    assert client.delete(f"/v1/jobs/{job_id}").status_code in (404, 405)


def test_the_queue_ends_somewhere(client, media, work, monkeypatch) -> None:
    monkeypatch.setattr("panscan.serve.app._MAX_WAITING_JOBS", 2)
    work.go.clear()
    answers = [client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).status_code for _ in range(3)]
    work.go.set()
    assert answers == [202, 202, 429]


def test_many_who_ask_at_once_do_not_get_past_the_end_of_the_queue(client, media, work, monkeypatch) -> None:
    monkeypatch.setattr("panscan.serve.app._MAX_WAITING_JOBS", 5)
    work.go.clear()
    with ThreadPoolExecutor(20) as askers:
        asked = [askers.submit(client.post, "/v1/jobs", json={"source": str(media / "talk.mp4")}) for _ in range(40)]
        answers = [one.result().status_code for one in asked]
    work.go.set()
    assert (answers.count(202), answers.count(429)) == (5, 35)


# --- progress, cancelling, restarts


def test_events_tell_every_state_and_end(client, media, work) -> None:
    work.go.clear()
    job = client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).json()
    assert work.waits.wait(5)
    told = []
    threading.Timer(0.6, work.go.set).start()
    with client.stream("GET", f"/v1/jobs/{job['id']}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    for event, data in zip(lines[::2], lines[1::2], strict=True):
        told.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    assert [event for event, _ in told][-1] == "end" and told[-1][1]["state"] == "done"
    assert ("looking", 2, 3) in {(d["stage"], d["done"], d["total"]) for _, d in told}


def test_a_running_and_a_waiting_job_can_be_cancelled(client, media, work) -> None:
    work.go.clear()
    first, second = (client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).json() for _ in range(2))
    assert work.waits.wait(5)
    assert {client.delete(f"/v1/jobs/{job['id']}").status_code for job in (second, first)} == {204}
    assert {over(client, job)["state"] for job in (first, second)} == {"cancelled"}
    assert client.delete(f"/v1/jobs/{first['id']}").status_code == 204
    assert [job["id"] for job in client.get("/v1/jobs").json()] == [second["id"]], "one that is over is removed"
    assert work.seen == []


def test_jobs_survive_a_restart(tmp_path, media, work) -> None:
    def started(work):
        return testclient.TestClient(
            create_app(AccessPolicy(TOKEN, 8765), AllowedFolders.of([media]), tmp_path / "jobs", work),
            base_url=HOST,
            headers=AUTH,
        )

    with started(work) as client:
        done = client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).json()
        over(client, done)
        work.go.clear()
        work.waits.clear()
        running, waiting = (client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).json() for _ in range(2))
        assert work.waits.wait(5)
    assert len(work.seen) == 1
    later = Work()
    with started(later) as client:
        assert {over(client, job)["state"] for job in (done, running, waiting)} == {"done"}
        assert client.get(f"/v1/jobs/{done['id']}/plan").status_code == 200
        assert [job["id"] for job in client.get("/v1/jobs").json()] == [job["id"] for job in (done, running, waiting)]
    assert len(later.seen) == 2, "what was done is not done again"


def test_a_job_that_was_running_when_the_machine_stopped_is_done_again(tmp_path, media, work, app) -> None:
    folder = tmp_path / "jobs" / ("a" * 16)
    folder.mkdir(parents=True)
    job = {"id": "a" * 16, "number": 1, "wish": {"source": str(media / "talk.mp4")}, "state": "running"}
    (folder / "job.json").write_text(json.dumps(job))
    (tmp_path / "jobs" / ("b" * 16)).mkdir()
    (tmp_path / "jobs" / ("b" * 16) / "job.json").write_text("{damaged")
    again = create_app(AccessPolicy(TOKEN, 8765), AllowedFolders.of([media]), tmp_path / "jobs", work)
    with testclient.TestClient(again, base_url=HOST, headers=AUTH) as client:
        assert over(client, job)["state"] == "done"
        assert len(client.get("/v1/jobs").json()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "one"},
        {"number": None},
        {"state": "lost"},
        {"state": ["done"]},
        {"wish": {"source": 5}},
        {"wish": None},
        {"error": "oh"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_damaged_job_keeps_nobody_else_waiting(tmp_path, media, work, wrong) -> None:
    for name, changed in (("a" * 16, wrong), ("b" * 16, {})):
        (tmp_path / "jobs" / name).mkdir(parents=True)
        job = {"id": name, "number": 1, "wish": {"source": str(media / "talk.mp4")}} | changed
        (tmp_path / "jobs" / name / "job.json").write_text(json.dumps(job))
    (tmp_path / "jobs" / ("c" * 16)).mkdir()
    (tmp_path / "jobs" / ("c" * 16) / "job.json").write_text("[" * 100_000)
    app = create_app(AccessPolicy(TOKEN, 8765), AllowedFolders.of([media]), tmp_path / "jobs", work)
    with testclient.TestClient(app, base_url=HOST, headers=AUTH) as client:
        assert over(client, {"id": "b" * 16})["state"] == "done"
        assert over(client, client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).json())["state"] == "done"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_folders_are_their_owners_and_finished_jobs_are_forgotten_after_a_week(tmp_path, client, media, app) -> None:
    job = over(client, client.post("/v1/jobs", json={"source": str(media / "talk.mp4")}).json())
    folder = tmp_path / "jobs" / job["id"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder)] == [0o700, 0o700]
    eight_days_ago = time.time() - 8 * 24 * 3600
    os.utime(folder / "job.json", (eight_days_ago, eight_days_ago))
    client.post("/v1/jobs", json={"source": str(media / "talk.mp4")})
    assert not folder.exists() and client.get(f"/v1/jobs/{job['id']}").status_code == 404


# --- token and folders


def test_the_token_is_kept_for_its_owner_only(tmp_path) -> None:
    file = tmp_path / "new" / "token"
    first = load_or_create_token(file)
    assert len(first) >= 32 and load_or_create_token(file) == first
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_or_create_token(file, renew=True) != first
    file.write_text("short")
    assert len(load_or_create_token(file)) >= 32


def test_a_folder_that_is_none_is_refused(tmp_path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        AllowedFolders.of([tmp_path / "absent"])
    assert not AllowedFolders.of([tmp_path]).contains(Path("/etc/passwd"))
