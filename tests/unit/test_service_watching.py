"""Buckets that are looked at: each new movie becomes one job."""

from __future__ import annotations

import json
import threading

import obstore
import pytest
from cryptography.fernet import Fernet
from psycopg.types.json import Jsonb

from panscan.errors import InputError, UsageError
from panscan.service.database import connections
from panscan.service.engine import create_engine
from panscan.service.records import accounts, jobs, watches
from panscan.service.records.sealing import reseal_all
from panscan.service.running import WorkerContext
from panscan.service.secrets import SecretBox
from panscan.service.settings import ServiceSettings
from panscan.service.spec import parse_job_spec
from panscan.service.storage import Connection, StoragePolicy, watching
from panscan.service.watching import look_at_bucket
from s3_server import s3_server
from service_api import served_api

BOX = SecretBox.from_keys(Fernet.generate_key().decode())


@pytest.fixture(scope="module")
def store():
    with s3_server("clips") as server:
        yield server


@pytest.fixture
def account(db, store):
    made = accounts.add_account(db, "studio", "unlimited").id
    ours = Connection.from_json({"url": f"s3://clips/{made}", "key": "k", "secret": "s", "endpoint": store.endpoint})
    db.execute(
        "insert into connections (account_id, name, settings, sealed) values (%s, 'ours', %s, %s)",
        [made, Jsonb(ours.to_json()), BOX.seal(json.dumps(ours.to_json(secrets=True)))],
    )
    return made


@pytest.fixture
def look(db, account, store):
    policy = StoragePolicy(trusted_endpoints=frozenset({store.endpoint}))

    def look():
        look_at_bucket(db, account, "daily", BOX, policy)
        return sorted(job.spec["source"]["object"]["key"].split("/")[-1] for job in jobs.list_jobs(db, account))

    return look


@pytest.fixture
def put(store, account):
    def put(name, content=b"movie"):
        obstore.put(store.bucket("clips"), f"{account}/{name}", content)

    return put


def test_each_new_movie_becomes_one_job(db, account, look, put, monkeypatch):
    monkeypatch.setattr(watching, "_MAX_FOUND", 1)  # at one look into the store
    put("old.mp4")
    put("older.mp4")
    watches.save_watch(db, account, "daily", "ours", {"ratios": ["1:1"]})
    assert look() == [], "what was there before is not asked for"
    put("a.mp4")
    put("notes.txt")
    assert look() == look() == ["a.mp4"]
    put("a.mp4", b"another version")
    put("b.mp4")
    assert look() == ["a.mp4", "a.mp4", "b.mp4"]
    assert {tuple(job.spec["ratios"]) for job in jobs.list_jobs(db, account)} == {("1:1",)}
    assert watches.list_watches(db, account)[0].error is None


def test_what_is_there_already_is_taken_where_it_is_asked_for(db, account, look, put):
    put("2026-01-01.mp4")
    watches.save_watch(db, account, "daily", "ours", {}, is_dated=True, takes_existing=True)
    assert look() == ["2026-01-01.mp4"]
    put("2026-01-02.mp4")
    put("2025-12-31.mp4")  # its day is over
    assert look() == ["2026-01-01.mp4", "2026-01-02.mp4"]


def test_a_look_that_fails_is_told_and_tried_again(db, account, look, put):
    watches.save_watch(db, account, "daily", "gone", {}, takes_existing=True)
    put("a.mp4")
    assert look() == [] and "no connection gone" in watches.list_watches(db, account)[0].error["what"]
    watches.save_watch(db, account, "daily", "ours", {}, takes_existing=True)
    assert look() == ["a.mp4"]


def test_a_movie_is_taken_with_its_job_or_not_at_all(db, account, look, put):
    watches.save_watch(db, account, "daily", "ours", {"outputs": ["hls"]}, takes_existing=True)
    put("a.mp4")
    accounts.set_plan(db, account, "free")  # which makes no streams
    assert look() == [] and watches.list_watches(db, account)[0].error
    accounts.set_plan(db, account, "unlimited")
    assert look() == ["a.mp4"]


def test_watches_are_due_once_a_minute_and_end(db, account, look):
    watches.save_watch(db, account, "daily", "ours", {})
    assert watches.watches_due(db) == [(account, "daily")]
    look()
    assert watches.watches_due(db) == []
    db.execute("update watches set looked_at = now() - interval '61 s'")
    assert watches.watches_due(db) == [(account, "daily")]
    assert watches.remove_watch(db, account, "daily") and not watches.remove_watch(db, account, "daily")
    assert look() == []


@pytest.mark.parametrize(
    "request_",
    [
        {"source": {"url": "https://a.example/b.mp4"}},
        {"destination": {"url": "s3://out", "key": "a", "secret": "PLANTED"}},
        {"nonsense": 1},
    ],
)
def test_a_watch_holds_no_source_and_no_secrets(db, account, request_):
    with pytest.raises(UsageError) as refused:
        watches.save_watch(db, account, "daily", "ours", request_)
    assert "PLANTED" not in str(refused.value) and watches.list_watches(db, account) == []


def test_workers_look_at_each_bucket_that_is_due(db, service_database, account, put, tmp_path, store, monkeypatch):
    monkeypatch.setenv("PANSCAN_TRUSTED_STORES", store.endpoint)
    watches.save_watch(db, account, "daily", "ours", {}, takes_existing=True)
    put("a.mp4")
    with connections(service_database) as pool:
        context = WorkerContext(ServiceSettings(tmp_path), pool, BOX, "worker", "", threading.Semaphore())
        tasks = create_engine(service_database, context).tasks
        for _ in range(2):  # the second finds the first one waiting
            tasks["watch"](timestamp=0)
        (entry,) = db.execute("select task_name, args from procrastinate_jobs").fetchall()
        tasks[entry["task_name"]](**entry["args"])
    assert [job.spec["source"]["object"]["connection"] for job in jobs.list_jobs(db, account)] == ["ours"]


def test_all_secrets_are_sealed_anew(db, account):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    sealed = SecretBox.from_keys(old).seal("S3CR3T")
    db.execute("update connections set sealed = %s", [sealed])
    spec = parse_job_spec({"source": {"url": "https://a.example/b.mp4?sig=1"}})
    job = jobs.create_job(db, account, spec, seals=SecretBox.from_keys(old))
    assert reseal_all(db, SecretBox.from_keys(f"{new} {old}")) == 2
    (kept,) = db.execute("select sealed from connections").fetchall()
    assert SecretBox.from_keys(new).unseal(kept["sealed"]).reveal() == "S3CR3T"
    (kept,) = db.execute("select sealed from jobs where id = %s", [job.id]).fetchall()
    assert "sig=1" in SecretBox.from_keys(new).unseal(kept["sealed"]).reveal()
    with pytest.raises(InputError, match="cannot be opened"):
        reseal_all(db, SecretBox.from_keys(old))


def test_watches_are_kept_over_http(service_database, tmp_path):
    with served_api(service_database, tmp_path) as api:
        client, other, reader = api.client(), api.client("theirs"), api.client(role="reader")
        body = {"connection": "ours", "request": {"ratios": ["1:1"]}}
        assert client.put("/v1/watches/daily", json=body).json()["what"] == "there is no connection ours"
        client.put("/v1/connections/ours", json={"url": "s3://clips", "key": "k", "secret": "PLANTED"})
        made = client.put("/v1/watches/daily", json=body).json()
        assert made == {
            **body, "name": "daily", "is_dated": False, "takes_existing": False, "looked_at": None, "error": None
        }  # fmt: skip
        assert client.get("/v1/watches").json() == reader.get("/v1/watches").json() == {"watches": [made]}
        assert reader.put("/v1/watches/daily", json=body).status_code == 403
        assert other.get("/v1/watches").json() == {"watches": []}
        assert other.delete("/v1/watches/daily").status_code == 404
        secret = {"destination": {"url": "s3://out", "key": "PLANTED", "secret": "PLANTED"}}
        refused = client.put("/v1/watches/daily", json=body | {"request": secret})
        assert refused.status_code == 422 and "PLANTED" not in refused.text
        assert client.delete("/v1/watches/daily").status_code == 204
        assert client.get("/v1/watches").json() == {"watches": []}
