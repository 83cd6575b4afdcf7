"""The service over HTTP: who may ask, jobs, answers that are given once, events, files, records of an account."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from starlette.testclient import TestClient

from panscan.service.records import jobs as job_records
from service_api import HOST, METRICS_TOKEN, served_api

URL = {"source": {"url": "https://example.com/talk.mp4?signature=planted"}}


@pytest.fixture
def client(api):
    return api.client()


# --- who may ask


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/openapi.json", "/v1/usage", "/v1/events", "/v1/jobs/x"])
@pytest.mark.parametrize("bearer", ["", "Bearer pst_wrong", "Basic eDp5"])
def test_each_request_needs_a_token(api, path, bearer):
    answer = TestClient(api.app, base_url=HOST).get(path, headers={"Authorization": bearer})
    assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:panscan:problem:unauthorized" and answer.json()["fix"]
    assert answer.headers["www-authenticate"] == "Bearer"


def test_roles(api):
    reader, writer = api.client(role="reader"), api.client(role="writer")
    assert reader.get("/v1/jobs").status_code == 200 and reader.post("/v1/jobs", json=URL).status_code == 403
    assert writer.post("/v1/jobs", json=URL).status_code == 202
    assert writer.post("/v1/webhooks", json={"url": "https://example.com"}).status_code == 403


def test_guessing_tokens_is_slowed_down(api):
    client = TestClient(api.app, base_url=HOST)
    answers = [client.get("/v1/jobs", headers={"Authorization": f"Bearer {n}"}) for n in range(40)]
    assert answers[0].status_code == 401 and answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert api.client().get("/v1/jobs").status_code == 200


def test_nobody_sees_what_is_of_others(api, client):
    job = client.post("/v1/jobs", json=URL).json()
    api.work(job["id"], files={"output/talk.mp4": b"m"}, outputs=[{"kind": "mp4", "path": "output/talk.mp4"}])
    other = api.client("theirs")
    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/retry"), ("DELETE", ""), ("GET", "/events")):
        assert other.request(method, f"/v1/jobs/{job['id']}{path}").status_code == 404, path
    for path in ("/files/talk.mp4", "/thumbnail", "/crops"):
        assert other.get(f"/v1/jobs/{job['id']}{path}").status_code == 404, path
    assert other.get("/v1/jobs").json() == {"jobs": [], "next": None}
    assert client.get(f"/v1/jobs/{job['id']}/files/talk.mp4").content == b"m"


# --- jobs


def test_a_job_is_told_from_beginning_to_end(api, client):
    body = {**URL, "ratios": ["9:16", "1:1"], "payload": "mine"}
    answer = client.post("/v1/jobs", json=body)
    job = answer.json()
    assert answer.status_code == 202 and answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["state"], job["name"], job["payload"], job["percent"]) == ("queued", "talk.mp4", "mine", 0)
    assert "planted" not in answer.text and job["links"]["review"] is None
    flags = {"1:1": {"sound": "It is louder."}}
    outputs = [{"kind": "mp4", "ratio": "9:16", "path": "output/talk.9x16.mp4", "sha256": "ab"}]
    api.work(job["id"], "completed_with_flags", {"output/talk.9x16.mp4": b"movie"}, flags=flags, outputs=outputs)
    told = client.get(answer.headers["location"]).json()
    assert (told["state"], told["percent"], told["flags"]) == ("completed_with_flags", 100, flags)
    assert told["links"]["review"] == f"http://review.test/{job['id']}"
    (movie,) = told["outputs"]
    assert movie["url"] == f"/v1/jobs/{job['id']}/files/talk.9x16.mp4" and movie["sha256"] == "ab"
    part = client.get(movie["url"], headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.content) == (206, b"ov")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/source"),
        ({**URL, "ratio": "9:16"}, "/ratio"),
        ({**URL, "ratios": ["9:16", 3]}, "/ratios/1"),
        ({"source": {"url": 3}}, "/source/url"),
        ({**URL, "priority": 11}, "/priority"),
    ],
)
def test_what_is_wrong_is_pointed_at(client, body, pointer):
    told = client.post("/v1/jobs", json=body)
    assert told.status_code == 422 and [one["pointer"] for one in told.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "body",
    [
        {**URL, "ratios": ["9:0"]},
        {**URL, "method": "wild"},
        {**URL, "preset": {"headroom": 7}},
        {**URL, "outputs": ["exe"]},
        {"source": {}},
        {"source": {"path": "/etc/passwd"}},
        {"source": {"url": "file:///etc/passwd"}},
        {"source": {"upload": "0" * 32}},
        {"source": {"object": {"connection": "none", "key": "a.mp4"}}},
        {**URL, "destination": {"path": "/etc"}},
    ],
)
def test_what_cannot_be_done_is_refused_at_once(client, body):
    told = client.post("/v1/jobs", json=body)
    assert told.status_code == 422 and told.json()["what"] and told.json()["why"]
    assert client.get("/v1/jobs").json()["jobs"] == []


def test_a_folder_that_was_given_may_be_read(api, client):
    path = str(api.settings.folders[0] / "talk.mp4")
    assert client.post("/v1/jobs", json={"source": {"path": path}}).status_code == 202


def test_lists_come_in_pages(client):
    ids = [client.post("/v1/jobs", json=URL).json()["id"] for _ in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        page = client.get("/v1/jobs", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [job["id"] for job in page["jobs"]]
        cursor = page["next"]
    assert found == ids[::-1]
    client.post(f"/v1/jobs/{ids[0]}/cancel")
    assert [job["id"] for job in client.get("/v1/jobs?state=cancelled").json()["jobs"]] == ids[:1]
    assert client.get("/v1/jobs?state=lost").status_code == client.get("/v1/jobs?cursor=%21").status_code == 422


def test_cancel_retry_and_remove(api, client):
    job = client.post("/v1/jobs", json=URL).json()
    own = job["links"]["self"]
    assert client.post(f"{own}/retry").status_code == client.delete(own).status_code == 409
    assert client.post(f"{own}/cancel").json()["state"] == "cancelled"
    again = client.post(f"{own}/retry")
    assert again.status_code == 202 and (again.json()["state"], again.json()["run"]) == ("queued", 2)
    api.work(job["id"], "failed", {"talk.otio": b"{}"})
    assert client.get(own).json()["error"] == {"what": "It broke", "why": "So.", "fix": ""}
    assert client.delete(own).status_code == 204 and client.get(own).status_code == 404
    assert not api.settings.job_folder(job["id"]).exists()


# --- answers that are given once


def test_the_same_key_gives_the_same_answer(client):
    key = {"Idempotency-Key": "k1"}
    first, second = (client.post("/v1/jobs", json=URL, headers=key) for _ in range(2))
    assert first.json() == second.json() and second.status_code == 202
    assert second.headers["idempotent-replayed"] == "true" and second.headers["location"] == first.headers["location"]
    other = client.post("/v1/jobs", json={**URL, "ratios": ["1:1"]}, headers=key)
    assert other.status_code == 422 and other.json()["what"] == "the key is taken"
    assert len(client.get("/v1/jobs").json()["jobs"]) == 1


def test_a_key_in_use_is_told(api, client):
    with api.pool.connection() as db, db.transaction():
        account = api.accounts["ours"].id
        db.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"idempotency {account} k1"])
        told = client.post("/v1/jobs", json=URL, headers={"Idempotency-Key": "k1"})
    assert told.status_code == 409
    assert client.post("/v1/jobs", json=URL, headers={"Idempotency-Key": "k1"}).status_code == 202


def test_the_same_request_from_many_threads_makes_one_job(client):
    def ask(_):
        return client.post("/v1/jobs", json=URL, headers={"Idempotency-Key": "k2"}).status_code

    with ThreadPoolExecutor(8) as threads:
        codes = set(threads.map(ask, range(16)))
    assert 202 in codes and codes <= {202, 409} and len(client.get("/v1/jobs").json()["jobs"]) == 1


def test_a_refused_request_leaves_its_key_free(client):
    key = {"Idempotency-Key": "k3"}
    assert client.post("/v1/jobs", json={**URL, "method": "wild"}, headers=key).status_code == 422
    assert client.post("/v1/jobs", json=URL, headers=key).status_code == 202


# --- events, crops, links


def events_of(text):
    blocks = [
        dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if "data: " in block
    ]
    return [(int(block["id"]), json.loads(block["data"])) for block in blocks]


def test_events_go_on_after_a_break(api, client):
    job = client.post("/v1/jobs", json=URL).json()
    api.work(job["id"])
    answer = client.get(job["links"]["events"])
    events = events_of(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [data["state"] for _, data in events] == ["queued", "ingesting", "rendering", "completed"]
    rest = client.get(job["links"]["events"], headers={"Last-Event-ID": str(events[1][0])}).text
    assert events_of(rest) == events[2:]
    assert events_of(client.get(job["links"]["events"], headers={"Last-Event-ID": str(events[-1][0])}).text) == []


def test_links_work_without_a_token_and_for_their_file_alone(api, client):
    job = client.post("/v1/jobs", json=URL).json()
    names = ["output/a.mp4", "output/a.otio", "output/a.hls/master.m3u8"]
    outputs = [{"kind": name.rpartition(".")[2], "ratio": "9:16", "path": name} for name in names]
    files = dict.fromkeys([*names, "output/a.hls/video/1.m4s", "made.json", "output/other"], b"movie")
    api.work(job["id"], files=files, outputs=outputs)
    stranger, own = TestClient(api.app, base_url=HOST), job["links"]["self"]

    link = client.post(f"{own}/links", json={"file": "a.mp4"}).json()["url"]
    assert stranger.get(link).content == b"movie"
    for name in ("a.otio", "made.json", "../made.json", "..%2fmade.json"):
        assert stranger.get(link.replace("a.mp4", name)).status_code == 404, name
        assert name == "a.otio" or client.get(f"{own}/files/{name}").status_code == 404, name
    assert client.get(f"{own}/files/other").status_code == 404, "no result"
    stream = client.post(f"{own}/links", json={"file": "a.hls/master.m3u8"}).json()["url"]
    assert stranger.get(stream.replace("master.m3u8", "video/1.m4s")).content == b"movie"
    assert stranger.get(stream.replace("a.hls/master.m3u8", "a.mp4")).status_code == 404
    assert stranger.get(stream.replace("master.m3u8", "..%2fa.mp4")).status_code == 404
    assert stranger.get("/v1/files/wrong/a.mp4").status_code == 404
    client.delete(own)
    assert stranger.get(link).status_code == 404


def test_names_of_files_may_hold_anything(api, client):
    job, name = client.post("/v1/jobs", json=URL).json(), "a b #1?100%ä.mp4"
    outputs = [{"kind": "mp4", "ratio": "9:16", "path": f"output/{name}"}]
    api.work(job["id"], files={f"output/{name}": b"movie"}, outputs=outputs)
    (output,) = client.get(job["links"]["self"]).json()["outputs"]
    link = client.post(f"{job['links']['self']}/links", json={"file": output["file"]}).json()["url"]
    assert output["file"] == name and client.get(output["url"]).content == client.get(link).content == b"movie"


def test_crops_of_a_damaged_timeline_are_refused(api, client):
    job = client.post("/v1/jobs", json=URL).json()
    assert client.get(f"{job['links']['self']}/crops").status_code == 409, "not planned yet"
    outputs = [{"kind": "otio", "ratio": "9:16", "path": "output/a.otio"}]
    api.work(job["id"], files={"output/a.otio": b"{"}, outputs=outputs)
    assert client.get(f"{job['links']['self']}/crops").status_code == 422
    assert client.get(f"{job['links']['self']}/crops?ratio=4:5").status_code == 404


# --- records of an account


def test_connections_never_show_their_keys(api, client):
    keys = {"key": "planted-key", "secret": "planted-secret"}
    put = client.put("/v1/connections/store", json={"url": "s3://bucket/films", **keys})
    assert put.status_code == 200 and put.json()["secret"] == "***"
    assert "planted" not in put.text + client.get("/v1/connections").text
    job = {"source": {"object": {"connection": "store", "key": "films/a.mp4"}}}
    assert client.post("/v1/jobs", json=job).status_code == 202
    inline = {**URL, "destination": {"url": "s3://bucket/x", **keys}}
    made = client.post("/v1/jobs", json=inline, headers={"Idempotency-Key": "k4"})
    with api.pool.connection() as db:
        stored = str(
            db.execute(
                "select jobs::text, connections::text, idempotency::text from jobs, connections, idempotency"
            ).fetchall()
        )
    assert made.status_code == 202 and "planted" not in made.text + stored
    assert client.delete("/v1/connections/store").status_code == 204
    assert client.delete("/v1/connections/store").status_code == 404


def test_own_presets_are_checked_and_frozen(api, client):
    assert client.put("/v1/presets/tight", json={"values": {"headroom": 9}}).status_code == 422
    assert client.put("/v1/presets/podcast", json={"values": {"headroom": 0.3}}).status_code == 422
    assert client.put("/v1/presets/tight", json={"values": {"headroom": 0.3}}).status_code == 200
    assert "tight" in client.get("/v1/choices").json()["presets"]
    job = client.post("/v1/jobs", json={**URL, "preset": "tight"}).json()
    client.put("/v1/presets/tight", json={"values": {"headroom": 0.5}})
    assert client.get(job["links"]["self"]).json()["spec"]["preset"] == {"headroom": 0.3}
    assert client.delete("/v1/presets/tight").status_code == 204
    small = api.client("small", plan="free")
    small.put("/v1/presets/tight", json={"values": {"headroom": 0.3}})
    assert small.post("/v1/jobs", json={**URL, "preset": "tight"}).status_code == 422


def test_webhooks_and_what_became_of_their_messages(api, client):
    made = client.post("/v1/webhooks", json={"url": "https://example.com/told", "events": ["job.completed"]})
    endpoint = made.json()
    assert made.status_code == 201 and endpoint["secret"].startswith("whsec_")
    assert "whsec_" not in client.get("/v1/webhooks").text
    rotated = client.post(f"/v1/webhooks/{endpoint['id']}/rotate").json()
    assert rotated["secret"].startswith("whsec_") and rotated["secret"] != endpoint["secret"]
    for state in ("completed", "failed"):
        api.work(client.post("/v1/jobs", json=URL).json()["id"], state)
    (sent,) = client.get("/v1/webhooks/deliveries").json()["deliveries"]
    assert (sent["kind"], sent["state"], sent["endpoint_id"]) == ("job.completed", "waiting", endpoint["id"])
    with api.pool.connection() as db:
        db.execute(
            "update deliveries set state = 'dead'; delete from procrastinate_jobs where task_name like 'deliver%'"
        )
    assert client.post(f"/v1/webhooks/deliveries/{sent['id']}/redeliver").status_code == 202
    with api.pool.connection() as db:
        queued = db.execute("select args from procrastinate_jobs where task_name = 'deliver_webhook'").fetchall()
    assert [row["args"]["delivery_id"] for row in queued] == [sent["id"]]
    assert api.client("theirs").post(f"/v1/webhooks/deliveries/{sent['id']}/redeliver").status_code == 404
    assert client.post("/v1/webhooks", json={"url": "https://example.com", "events": ["job.lost"]}).status_code == 422
    assert client.delete(f"/v1/webhooks/{endpoint['id']}").status_code == 204


def test_usage(api):
    client = api.client("small", plan="free")
    with api.pool.connection() as db:
        spec = job_records.parse_job_spec({"source": {"url": "https://example.com/a.mp4"}})
        for seconds in (3000.0, 900.0):
            job_records.create_job(db, api.accounts["small"].id, spec, source_s=seconds)
    told = client.get("/v1/usage").json()
    assert (told["account"], told["used_s"], told["limit_s"]) == ("small", 3000, 3600)
    assert (told["held_jobs"], told["waiting_jobs"], told["running_jobs"]) == (1, 2, 0)


# --- the rest


def test_a_request_that_is_too_large_is_refused(client):
    told = client.post("/v1/jobs", content=b"[" * 3_000_000, headers={"Content-Type": "application/json"})
    assert told.status_code == 413 and told.json()["status"] == 413


def test_an_account_that_asks_too_often_is_told_when_to_come_back(service_database, tmp_path):
    with served_api(service_database, tmp_path, requests_per_minute=12) as api:
        eager, other = api.client(), api.client("theirs")
        answers = [eager.get("/v1/usage") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 5
        assert other.get("/v1/usage").status_code == 200


def test_health_needs_no_token(api):
    client = TestClient(api.app, base_url=HOST)
    assert client.get("/health").json() == {"status": "ok"} and client.get("/ready").json() == {"status": "ready"}


def test_numbers_are_for_the_operator(api, client):
    client.post("/v1/jobs", json=URL)
    assert client.get("/metrics").status_code == 404, "a token of an account is not enough"
    told = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert told.status_code == 200 and 'panscan_jobs{state="queued"} 1' in told.text


def test_a_database_that_is_away_is_told(api, client, monkeypatch):
    def away(*_, **__):
        raise psycopg.OperationalError("the server closed the connection")

    monkeypatch.setattr(psycopg.Connection, "execute", away)
    monkeypatch.setattr(api.pool, "timeout", 1.0)
    for path in ("/v1/jobs", "/ready"):
        told = client.get(path)
        assert (told.status_code, told.headers["retry-after"]) == (503, "5"), path
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_database_keeps_is_refused(client, text):
    def ask(method, path, body):
        headers = {"Content-Type": "application/json"}
        return client.request(method, path, content=json.dumps(body), headers=headers).status_code

    assert ask("POST", "/v1/jobs", {**URL, "payload": text}) == 422
    assert ask("PUT", "/v1/presets/mine", {"values": {"headroom": 0.3, "summary": text}}) == 422
    assert ask("POST", "/v1/status", {"task_tokens": text}) in (200, 422)
    assert client.post("/v1/jobs/%00/cancel").status_code in (404, 422)
    assert client.get("/v1/jobs/%00/files/%00").status_code == 404


def test_faults_are_told_without_what_they_say(api, client, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("planted")

    monkeypatch.setattr(job_records, "list_jobs", broken)
    quiet = TestClient(api.app, base_url=HOST, headers=client.headers, raise_server_exceptions=False)
    told = quiet.get("/v1/jobs")
    assert told.status_code == 500 and told.json()["why"] == "RuntimeError" and "planted" not in told.text
