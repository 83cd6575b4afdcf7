"""Uploads that go on after a break: tus over HTTP."""

from __future__ import annotations

import base64
import os
import shutil
import time
from types import SimpleNamespace

import pytest

from panscan.service.uploads import KEPT_S, UploadConflict, UploadStore

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def client(api):
    return api.client()


def begin(client, length=10, name="tälk.mp4"):
    metadata = f"filename {base64.b64encode(name.encode()).decode()},filetype dmlkZW8="
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata}
    return client.post("/v1/uploads", headers=headers)


def send(client, address, offset, data):
    return client.patch(address, content=data, headers={**BYTES, "Upload-Offset": str(offset)})


def test_an_upload_goes_on_after_a_break_and_becomes_a_source(api, client):
    address = begin(client).headers["location"]
    first = send(client, address, 0, b"01234")
    assert (first.status_code, first.headers["upload-offset"]) == (204, "5") and "upload-expires" in first.headers
    job = {"source": {"upload": address.rpartition("/")[2]}}
    assert "5 of 10 bytes" in client.post("/v1/jobs", json=job).json()["why"]
    assert client.head(address, headers=TUS).headers["upload-offset"] == "5"
    assert send(client, address, 5, b"56789").headers["upload-offset"] == "10"
    (told,) = client.get("/v1/uploads").json()["uploads"]
    assert (told["file_name"], told["is_finished"]) == ("tälk.mp4", True)
    assert client.post("/v1/jobs", json=job).status_code == 202
    assert api.client("theirs").post("/v1/jobs", json=job).status_code == 422
    store = UploadStore(api.settings.uploads)
    assert store.file(api.accounts["ours"].id, told["id"]).read_bytes() == b"0123456789"


def test_what_is_out_of_step_is_refused(client):
    address = begin(client).headers["location"]
    assert send(client, address, 3, b"345").status_code == 409
    assert send(client, address, 0, b"0123456789+").status_code == 422
    assert client.head(address, headers=TUS).headers["upload-offset"] == "0"
    assert client.patch(address, content=b"0", headers={**TUS, "Upload-Offset": "0"}).status_code == 415
    assert client.patch(address, content=b"0", headers={"Upload-Offset": "0"}).status_code == 412
    assert begin(client, length=1001).status_code == 413 and begin(client, length=0).status_code == 422


def test_an_upload_is_of_its_account_and_can_be_removed(api, client):
    address = begin(client).headers["location"]
    other = api.client("theirs")
    for method in ("HEAD", "PATCH", "DELETE"):
        assert other.request(method, address, headers={**BYTES, "Upload-Offset": "0"}).status_code == 404, method
    assert client.head("/v1/uploads/..%2fx", headers=TUS).status_code == 404
    assert client.delete(address, headers=TUS).status_code == 204
    assert client.head(address, headers=TUS).status_code == 404


def test_the_protocol_is_described(client):
    told = client.options("/v1/uploads").headers
    assert (told["tus-version"], told["tus-max-size"]) == ("1.0.0", "1000") and "termination" in told["tus-extension"]


def test_two_writers_do_not_meet(tmp_path):
    store = UploadStore(tmp_path)
    upload = store.create("a", 4)
    with store.writer("a", upload.id, 0) as writer:
        with pytest.raises(UploadConflict), store.writer("a", upload.id, 0):
            pass
        writer.write(b"ab")
    assert store.get("a", upload.id).offset_bytes == 2


def test_old_uploads_go(tmp_path):
    store = UploadStore(tmp_path)
    old, needed, new = store.create("a", 4), store.create("a", 4), store.create("b", 4)
    past = time.time() - KEPT_S - 60
    for one in (old, needed):
        os.utime(tmp_path / "a" / one.id, (past, past))
    assert store.sweep({needed.id}) == 1
    assert [one.id for one in store.of_account("a")] == [needed.id]
    assert [one.id for one in store.of_account("b")] == [new.id]


def test_an_upload_needs_room(api, client, monkeypatch):
    for _ in range(4):
        assert begin(client, length=1000).status_code == 201
    assert begin(client, length=1).status_code == 429, "all of an account's together"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * 1024**3))
    assert begin(api.client("theirs")).status_code == 507
