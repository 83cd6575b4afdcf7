"""Results in a bucket: sent whole, once, and never in place of what somebody else has there."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import obstore
import pytest
from obstore.exceptions import PermissionDeniedError

from panscan.errors import InputError, UsageError
from panscan.service.movies import send_results
from panscan.service.redaction import SecretText
from panscan.service.results import Results
from panscan.service.spec import parse_job_spec
from panscan.service.storage import (
    Published,
    StoragePolicy,
    doors,
    objects,
)
from panscan.service.storage.broken_off import S3Bucket, uploads_of
from panscan.service.temporary import TemporaryError
from panscan.service.work_order import WorkOrder
from s3_server import s3_server
from storing import KEYS, MOVIE, destination, send


@pytest.fixture(scope="module")
def store():
    with s3_server("results", "broken-1", "broken-2") as server:
        yield server


@pytest.fixture
def policy(store):
    return StoragePolicy(trusted_endpoints=frozenset({store.endpoint}))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "talk_9x16.mp4"
    path.write_bytes(MOVIE)
    return path


def test_results_carry_their_digest_class_and_permissions(store, policy, file):
    place = destination(store, "s3://results/a b #1", permissions="public-read", storage_class="STANDARD_IA")
    steps = []
    (one,) = send({"x/talk.mp4": file}, place, policy, progress=lambda *done: steps.append(done))
    assert (one.url, one.key) == ("s3://results/a b #1/x/talk.mp4", "a b #1/x/talk.mp4") and steps == [
        (len(MOVIE), len(MOVIE))
    ]
    there = store.ask_without_keys("results/a%20b%20%231/x/talk.mp4")
    assert there.content == MOVIE and there.headers["content-type"] == "video/mp4"
    assert there.headers["x-amz-meta-sha256"] == one.sha256 and there.headers["x-amz-storage-class"] == "STANDARD_IA"
    send({"private.mp4": file}, destination(store), policy)
    assert store.ask_without_keys("results/private.mp4").status_code == 403


def test_an_address_that_ends_like_a_movie_names_it(store, policy, file):
    files = {"hls/main.m3u8": file, "hls/1.ts": file, "talk_9x16.mp4": file, "talk_9x16.plan.json": file, "a.csv": file}
    urls = [one.url for one in send(files, destination(store, "s3://results/deep/final.mp4"), policy)]
    names = ["hls/1.ts", "final.mp4", "final.plan.json", "a.csv", "hls/main.m3u8"]  # playlists after what they name
    assert urls == [f"s3://results/deep/{name}" for name in names]
    (one,) = send({"x.otio": file}, destination(store, "s3://results/deep/no.mp4"), policy)
    assert one.url == "s3://results/deep/no.mp4/x.otio", "no movie has this name"


def test_each_shape_may_have_a_name_of_its_own(store, policy, file):
    made = ("t.9x16.mp4", "t.9x16.otio", "t.9x16.no-speaker.otio", "t.9x16.hls/main.m3u8", "t.1x1.otio", "t.4x5.otio")
    place = destination(store, "s3://results/own", names={"9:16": "tall/x.mp4", "1:1": "square.mp4"})
    urls = {one.name: one.url for one in send(dict.fromkeys(made, file), place, policy)}
    own = ("tall/x.mp4", "tall/x.otio", "tall/x.no-speaker.otio", "tall/x.hls/main.m3u8", "square.otio", "t.4x5.otio")
    assert urls == {name: f"s3://results/own/{new}" for name, new in zip(made, own, strict=True)}


class Silent:
    """Hears what the work says."""

    def progress(self, *_):
        pass

    def result(self, **_):
        pass


def test_the_outputs_of_a_job_say_where_they_went(store, tmp_path, monkeypatch):
    monkeypatch.setenv("PANSCAN_TRUSTED_STORES", store.endpoint)
    place = {"url": "s3://results/of-a-job", "endpoint": store.endpoint, **KEYS}
    spec = parse_job_spec({"source": {"url": "https://a.example/talk.mp4"}, "destination": place})
    order = WorkOrder("job-1", 1, spec, tmp_path)
    order.output.mkdir()
    (order.output / "talk.9x16.mp4").write_bytes(MOVIE)
    results = Results(order, Silent())
    results.add("9:16", "mp4", order.output / "talk.9x16.mp4")
    send_results(order, results)
    (output,) = results.outputs.values()
    assert output["url"] == "s3://results/of-a-job/talk.9x16.mp4" and output["key"] == "of-a-job/talk.9x16.mp4"


def test_files_go_side_by_side_and_playlists_when_all_are_there(store, policy, file, monkeypatch):
    meet, events = threading.Barrier(4, timeout=20), []

    def slow(opened, shown, key, name, path, **more):
        if name != "main.m3u8":
            meet.wait()  # which only four at once can pass
        events.append(name)
        return Published(name, key, shown, "", 1)

    monkeypatch.setattr(doors, "put_object", slow)
    files = {"main.m3u8": file} | {f"{n}.ts": file for n in range(8)}
    sent = send(files, destination(store), policy)
    assert [one.name for one in sent] == [*(f"{n}.ts" for n in range(8)), "main.m3u8"] and events[-1] == "main.m3u8"


def test_one_that_fails_stops_those_that_wait(store, policy, file, monkeypatch):
    tried = []

    def failing(opened, shown, key, name, path, **more):
        tried.append(name)
        time.sleep(0.01)  # all of them would take seconds
        raise TemporaryError("no", why="", fix="")

    monkeypatch.setattr(doors, "put_object", failing)
    with pytest.raises(TemporaryError):
        send({f"{n}.ts": file for n in range(1000)}, destination(store), policy)
    assert len(tried) < 900


@pytest.mark.parametrize("most_bytes", [10**6, 0])
def test_only_the_same_job_replaces_an_object(store, policy, file, monkeypatch, most_bytes):
    """Small files are refused by the store itself; large ones are looked up first."""
    monkeypatch.setattr(objects, "_WHOLE_BYTES", most_bytes)
    place = destination(store, f"s3://results/{most_bytes}")
    send({"talk.mp4": file}, place, policy)
    send({"talk.mp4": file}, place, policy, owner="job-2")  # the same bytes
    file.write_bytes(MOVIE + b"again")
    with pytest.raises(InputError, match="is there already"):
        send({"talk.mp4": file}, place, policy, owner="job-2")
    send({"talk.mp4": file}, place, policy)
    assert obstore.get(store.bucket("results"), f"{most_bytes}/talk.mp4").bytes() == MOVIE + b"again"
    file.write_bytes(MOVIE + b"another's")
    send({"talk.mp4": file}, replace(place, overwrite=True), policy, owner="job-2")
    assert obstore.get(store.bucket("results"), f"{most_bytes}/talk.mp4").bytes() == MOVIE + b"another's"


def test_a_store_that_does_not_know_the_condition_replaces_nothing(store, policy, file, monkeypatch):
    put = obstore.put
    monkeypatch.setattr(objects.obstore, "put", lambda *given, mode="", **more: put(*given, **more))
    place = destination(store, "s3://results/simple")
    send({"talk.mp4": file}, place, policy)
    file.write_bytes(MOVIE + b"another's")
    with pytest.raises(InputError, match="is there already"):
        send({"talk.mp4": file}, place, policy, owner="job-2")
    assert obstore.get(store.bucket("results"), "simple/talk.mp4").bytes() == MOVIE


def test_keys_that_may_only_write_are_enough(store, policy, file, monkeypatch):
    def refuse(*_, **__):
        raise PermissionDeniedError("AccessDenied")

    with monkeypatch.context() as patch:
        patch.setattr(objects.obstore, "get", refuse)
        send({"talk.mp4": file}, destination(store, "s3://results/blind"), policy)
    assert obstore.get(store.bucket("results"), "blind/talk.mp4").bytes() == MOVIE


@pytest.fixture
def in_parts(monkeypatch):
    """Files of more than 50 kB go in parts of as much."""
    monkeypatch.setattr(objects, "_WHOLE_BYTES", 50_000)
    monkeypatch.setattr(objects, "_PART_BYTES", 50_000)


@pytest.mark.usefixtures("in_parts")
def test_large_files_go_in_parts(store, policy, file):
    file.write_bytes(os.urandom(90_000))
    send({"large.mp4": file}, destination(store), policy)
    there = obstore.get(store.bucket("results"), "large.mp4")
    assert there.bytes() == file.read_bytes() and (there.meta["e_tag"] or "").endswith('-2"')


@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize(("broken", "name"), [("broken-1", "deep/large.mp4"), ("broken-2", "large & (ü) #1 ~+'.mp4")])
def test_the_next_try_ends_the_uploads_that_a_killed_one_left(store, policy, file, broken, name):
    others = ["half/a.mp4", f"half/{name}.otio"]
    for key in (*others, f"half/{name}", f"half/{name}"):
        store.begin_upload(f"{broken}/{quote(key)}")
    file.write_bytes(os.urandom(90_000))
    place = destination(store, f"s3://{broken}/half")
    send({name: file}, place, policy)
    assert len(store.unfinished_uploads(broken)) == 4, "at first nothing is looked for"
    file.write_bytes(os.urandom(90_000))
    (one,) = send({name: file}, place, policy, is_retry=True)
    assert sorted(store.unfinished_uploads(broken)) == sorted(others), "those of other objects stay"
    assert obstore.get(store.bucket(broken), one.key).bytes() == file.read_bytes()


_LIST = """<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Upload><Key>a &amp; b</Key><UploadId>7</UploadId></Upload>
<Upload><Key>a &amp; b.otio</Key><UploadId>8</UploadId></Upload>
<Upload><Key>a &amp; b</Key><UploadId>9</UploadId></Upload>
"""


@pytest.mark.parametrize(
    ("listed", "uploads"),
    [
        (f"{_LIST}</R>", ["7", "9"]),
        (f"{_LIST}<Upload><Key>a &a", ["7", "9"]),
        ("<html><p>Sorry", []),
        ("no", []),
        ("", []),
    ],
)
def test_a_list_of_uploads_is_read_as_far_as_it_goes(listed, uploads):
    assert uploads_of(listed.encode(), "a & b") == uploads


# Examples of Amazon's own documentation of its signatures.
@pytest.mark.parametrize(
    ("query", "signature"),
    [
        ("lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_requests_are_signed_as_s3_wants_it(query, signature):
    key, secret = map(SecretText, ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    address, at = f"https://examplebucket.s3.amazonaws.com/?{query}", datetime(2013, 5, 24, tzinfo=UTC)
    headers = S3Bucket("", "us-east-1", "", key, secret).signed("GET", address, at)
    assert headers["authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize("name", ["../a.mp4", "/etc/a.mp4", "a/../../b.mp4", "..\\a.mp4"])
def test_names_of_results_lead_nowhere_else(store, policy, file, name):
    with pytest.raises(UsageError, match="cannot be called"):
        send({name: file}, destination(store), policy)
