"""A client of Qencode works with the service without a change."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from starlette.testclient import TestClient

from panscan.service.notices import send_notice
from panscan.service.records.accounts import revoke_tokens
from qencode import EXAMPLE, EXAMPLES, asked
from service_api import HOST, served_api


@pytest.fixture
def client(api):
    """Their client: it sends forms and knows no header of ours."""
    return TestClient(api.app, base_url=HOST)


def task_of(api, client, **token):
    session = client.post("/v1/access_token", data={"api_key": api.token(role="writer", **token)}).json()
    assert session["error"] == 0 and session["expire"] > "2020-01-01 00:00:00"
    made = client.post("/v1/create_task", data={"token": session["token"]}).json()
    assert made["error"] == 0
    return made


def test_their_example_from_key_to_movie(api, client):
    task = task_of(api, client)["task_token"]
    begun = client.post("/v1/start_encode2", data={"task_token": task, "query": EXAMPLE, "payload": "mine"}).json()
    assert begun == {"error": 0, "task_token": task, "status_url": f"{HOST}/v1/status"}

    def status():
        told = client.post(begun["status_url"], data={"task_tokens": task}).json()
        assert told["error"] == 0
        return told["statuses"][task]

    (video,) = status()["videos"]
    assert [video[name] for name in ("status", "percent", "url")] == ["queued", 0, None]
    outputs = [
        {"kind": "otio", "ratio": "9:16", "path": "output/talk.otio"},
        {"kind": "mp4", "ratio": "9:16", "path": "output/talk.mp4", "size_bytes": 2**20, "key": "talk.mp4"},
    ]
    api.work(
        task,
        files={"output/talk.mp4": b"movie", "output/talk.otio": b"{}"},
        outputs=outputs,
        verdicts={"9:16": "VERIFIED"},
    )
    told = status()
    assert (told["status"], told["percent"], told["error"]) == ("completed", 100, 0)
    (video,), (text,) = told["videos"], told["texts"]
    assert (video["tag"], video["size"], video["output_format"], text["output_format"]) == (
        "video-0-0",
        1,
        "mp4",
        "otio",
    )
    assert json.loads(video["meta"]) == {"aspect_ratio": "9:16", "verdict": "VERIFIED"}
    assert client.get(video["url"]).content == b"movie", "the link needs no token"
    own = api.client().get(f"/v1/jobs/{task}").json()
    assert (own["payload"], own["spec"]["destination"]["secret"]) == ("mine", "***")


def test_what_went_wrong_is_told(api, client):
    task = task_of(api, client)["task_token"]
    query = asked({"video_codec": "libx264"}, {"smart_crop_mode": "stable"}, upscale=1)
    assert client.post("/v1/start_encode2", json={"task_token": task, "query": query}).json()["error"] == 0
    api.work(task, "completed_with_flags", flags={"9:16": {"sound": "It is louder."}})
    both = {"task_tokens": f"{task},unknown"}
    statuses = client.post("/v1/status", data=both).json()["statuses"]
    assert statuses["unknown"] is None and statuses[task]["status"] == "processing"
    api.work(f"{task}-1", "failed")
    told = client.post("/v1/status", data={"task_tokens[]": task}).json()["statuses"][task]
    assert (told["status"], told["error"], told["error_description"]) == ("error", 1, "It broke So.")
    assert {"message": "Quality: sound", "details": "9:16: It is louder."} in told["warnings"]
    assert {"message": "Not used", "details": "query: upscale"} in told["warnings"]
    for job in (task, f"{task}-1"):
        assert api.client().delete(f"/v1/jobs/{job}").status_code == 204
    told = client.post("/v1/status", data={"task_tokens": task}).json()["statuses"][task]
    assert (told["status"], told["error_description"], told["videos"]) == ("error", "The task was deleted.", [])
    assert client.post("/v1/start_encode2", json={"task_token": task, "query": query}).json()["error"] == 0
    assert api.client().get("/v1/jobs").json()["jobs"] == [], "it does not begin again"


def test_a_task_starts_once_whoever_knows_its_name(api, client):
    made = task_of(api, client)
    task = made["task_token"]
    for query in (asked(), asked({}, {"smart_crop_mode": "stable"})):
        assert client.post("/v1/start_encode2", json={"task_token": task, "query": query}).json()["error"] == 0
    assert [job["id"] for job in api.client().get("/v1/jobs").json()["jobs"]] == [task]
    begun = client.post(f"{made['upload_url']}/{task}", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "5"})
    assert begun.json()["error"] == 13


def test_a_task_does_not_start_after_its_token_is_void(api, client):
    task = task_of(api, client)["task_token"]
    with api.pool.connection() as db:
        revoke_tokens(db, api.accounts["ours"].id)
    assert client.post("/v1/start_encode2", json={"task_token": task, "query": asked()}).json()["error"] == 5


def test_a_movie_can_be_sent(api, client):
    made = task_of(api, client)
    address = f"{made['upload_url']}/{made['task_token']}"
    tus = {"Tus-Resumable": "1.0.0"}
    upload = client.post(address, headers={**tus, "Upload-Length": "5"}).headers["location"]
    sent = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert client.patch(upload, content=b"movie", headers=sent).status_code == 204
    query = asked(source=f"tus:{upload.rpartition('/')[2]}")
    begun = client.post("/v1/start_encode2", json={"task_token": made["task_token"], "query": query}).json()
    assert begun["error"] == 0
    stranger = task_of(api, client, account="theirs")["task_token"]
    assert client.post("/v1/start_encode2", json={"task_token": stranger, "query": query}).json()["error"] == 11


def test_who_asks_too_often_is_told_when_to_come_back(service_database, tmp_path):
    with served_api(service_database, tmp_path, requests_per_minute=12) as api:
        client = TestClient(api.app, base_url=HOST)
        key = api.token(role="writer")
        told = [client.post("/v1/access_token", data={"api_key": key}).json() for _ in range(3)]
        assert [one["error"] for one in told] == [0, 0, 8] and 1 <= told[-1]["retry_after"] <= 5
        task = task_of(api, client, account="theirs")["task_token"]
        for name, most in (task, 0), ("guessed", 20):
            told = [client.post("/v1/status", data={"task_tokens": name}).json()["error"] for _ in range(25)]
            assert told[:most] == [0] * most and told[-1] == 8, "its account, or whoever guesses"


def test_their_examples_are_taken_as_they_are(api, client):
    session = client.post("/v1/access_token", data={"api_key": api.token(role="writer")}).json()["token"]
    for query, jobs, _ in EXAMPLES.values():
        task = client.post("/v1/create_task", data={"token": session}).json()["task_token"]
        form = {"task_token": task, "query": query if isinstance(query, str) else json.dumps(query)}
        assert client.post("/v1/start_encode2", data=form).json()["error"] == 0
        names = {f"{task}-{number}" if number else task for number in range(len(jobs))}
        assert names <= {job["id"] for job in api.client().get("/v1/jobs").json()["jobs"]}
    shown = api.client().get("/v1/jobs").text
    assert "YOUR_SECRET" not in shown and '"secret":"***"' in shown


class Receiver:
    """Takes what is sent to webhooks."""

    def __init__(self):
        self.forms, self.addresses = [], []

    def post(self, url, body, headers, **_):
        self.addresses.append(str(url))
        self.forms.append({name: value for name, (value,) in parse_qs(body.decode()).items()})
        return SimpleNamespace(status=200, headers={})

    def take(self, api):
        """Send all that waits."""
        with api.pool.connection() as db:
            for row in db.execute("select id from deliveries where state = 'waiting' order by id").fetchall():
                send_notice(db, row["id"], api.app.state.context.box, self)
        forms, self.forms = self.forms, []
        return forms


def test_callbacks_tell_of_a_task_as_a_whole(api, client):
    task, receiver = task_of(api, client)["task_token"], Receiver()
    query = asked({"tag": "tall"}, {"smart_crop_mode": "stable"}, callback_url="https://example.com/told?key=planted")
    client.post("/v1/start_encode2", json={"task_token": task, "query": query, "payload": "mine"})
    (form,) = receiver.take(api)
    assert [form[name] for name in ("task_token", "event", "payload")] == [task, "queued", "mine"]
    output = {"kind": "mp4", "ratio": "9:16", "path": "output/talk.mp4", "size_bytes": 2**20}
    api.work(task, files={"output/talk.mp4": b"movie"}, outputs=[output])
    assert receiver.take(api) == [], "the other job goes on"
    api.work(f"{task}-1", "failed")
    forms = {form["event"]: form for form in receiver.take(api)}
    assert set(forms) == {"error", "saved"} and {form["task_token"] for form in forms.values()} == {task}
    assert (forms["error"]["error_code"], forms["error"]["error_message"]) == ("1", "It broke So.")
    status = json.loads(forms["saved"]["status"])
    told = client.post("/v1/status", data={"task_tokens": task}).json()["statuses"][task]
    assert [one.pop("url") is None for one in status["videos"]] == [one.pop("url") is None for one in told["videos"]]
    assert status == told and told["status"] == "error" and told["videos"][0]["user_tag"] == "tall"
    assert set(receiver.addresses) == {"https://example.com/told?***"}


def test_a_callback_leads_to_the_movie(api, client):
    task, receiver = task_of(api, client)["task_token"], Receiver()
    query = asked(callback_url="https://example.com/told")
    client.post("/v1/start_encode2", json={"task_token": task, "query": query})
    output = {"kind": "mp4", "ratio": "9:16", "path": "output/talk.mp4", "size_bytes": 5}
    api.work(task, files={"output/talk.mp4": b"movie"}, outputs=[output])
    _, saved = receiver.take(api)
    (video,) = json.loads(saved["status"])["videos"]
    assert video["url"].startswith(HOST) and client.get(video["url"]).content == b"movie"


def test_refusals_carry_their_codes(api, client):
    def code(path, **data):
        answer = client.post(path, data=data)
        assert answer.status_code == 200 and answer.json()["message"], "their clients read no message otherwise"
        return answer.json()["error"]

    task = task_of(api, client)["task_token"]
    session = client.post("/v1/access_token", data={"api_key": api.token(role="writer")}).json()["token"]
    assert code("/v1/access_token") == code("/v1/start_encode2") == 14
    assert code("/v1/access_token", api_key="pst_wrong") == 3
    assert code("/v1/access_token", api_key=api.token(role="reader")) == 2
    assert code("/v1/create_task", token="wrong") == 5
    assert code("/v1/create_task", token=session[:-4] + "AAAA") == 5
    assert code("/v1/start_encode2", task_token="wrong", query=EXAMPLE) == code("/v1/status") == 13
    assert code("/v1/start_encode2", task_token=task) == code("/v1/start_encode2", task_token=task, query="{") == 19
    assert code("/v1/start_encode2", task_token=task, query=EXAMPLE, payload="x" * 2000) == 9
    ftp = json.dumps(asked({"destination": "ftp://example.com/a.mp4"}))
    assert code("/v1/start_encode2", task_token=task, query=ftp) == 11
    assert code("/v1/start_encode2", task_token=task, query=json.dumps(asked({"aspect_ratio": 1e308}))) == 11
    assert code("/v1/start_encode2", task_token=task, query=EXAMPLE, payload="\0") == 11
    assert code("/v1/start_encode2", task_token=task, query=json.dumps(asked({"tag": "\ud83d"}))) == 11
    assert api.client().get("/v1/jobs").json()["jobs"] == []
