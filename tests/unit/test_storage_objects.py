"""Buckets, asked with the parts that are used: obstore against a store like S3."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import partial

import obstore
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from https_server import https_server
from panscan.errors import InputError, UsageError
from panscan.service.spec import parse_job_spec
from panscan.service.spec_parts import DestinationSpec, SourceSpec
from panscan.service.storage import (
    Connection,
    GuardedClient,
    HttpPolicy,
    StoragePolicy,
    check_destination,
    fetch_source,
    objects,
    watch_bucket,
)
from panscan.service.temporary import TemporaryError
from s3_server import s3_server
from serving import files_of
from storing import KEYS, MOVIE, connection, destination, no_connections, send


@pytest.fixture(scope="module")
def store():
    with s3_server("clips", "results") as server:
        yield server


@pytest.fixture
def policy(store):
    return StoragePolicy(trusted_endpoints=frozenset({store.endpoint}))


def put_clip(store, key, content):
    obstore.put(store.bucket("clips"), key, content)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "talk_9x16.mp4"
    path.write_bytes(MOVIE)
    return path


@pytest.mark.parametrize("key", ["a/talk.mp4", "a/talk 100% #1 (ü) ~+.mp4"])
def test_an_object_is_fetched_under_its_own_key(store, policy, tmp_path, monkeypatch, key):
    put_clip(store, key, MOVIE)
    monkeypatch.setattr(objects, "_PART_BYTES", 300)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")  # of the operator: never used for others
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-operator")
    fetched = fetch_source(
        SourceSpec(connection="mine", key=key),
        tmp_path,
        policy=policy,
        connections={"mine": connection(store)}.__getitem__,
    )
    assert fetched.path.read_bytes() == MOVIE and fetched.path.parent == tmp_path and fetched.path.suffix == ".mp4"


def test_a_source_may_bring_its_own_keys(store, policy, tmp_path):
    put_clip(store, "a b/talk #1.mp4", MOVIE)
    said = {"source": {"url": "s3://clips/a b/talk #1.mp4", "endpoint": store.endpoint, **KEYS}}
    asked = parse_job_spec(said)
    kept = parse_job_spec(asked.to_json()).with_secrets(asked.secrets())  # as a worker reads it
    fetched = fetch_source(kept.source, tmp_path, policy=policy, connections=no_connections)
    assert fetched.path.read_bytes() == MOVIE and kept.source.name == "talk #1.mp4"
    assert asked.to_json()["source"] == {**said["source"], "key": "***", "secret": "***"}


def test_a_connection_opens_its_prefix_only(store, policy, file):
    found = {"mine": connection(store, "s3://results/mine")}.__getitem__
    inside = DestinationSpec(url="s3://results/mine/deep", connection="mine")
    assert send({"a.mp4": file}, inside, policy, connections=found)[0].url == "s3://results/mine/deep/a.mp4"
    for url in (
        "s3://results",
        "s3://results/others",
        "s3://results/mine2",
        "s3://results/mine/../others",
        "s3://clips/mine",
        "gs://out/mine",
    ):
        with pytest.raises(UsageError, match="is not within"):
            send({"a.mp4": file}, DestinationSpec(url=url, connection="mine"), policy, connections=found)
    for key in ("others/a.mp4", "mine/../others/a.mp4", "mine"):
        with pytest.raises(UsageError, match="is not within"):
            fetch_source(SourceSpec(connection="mine", key=key), file.parent, policy=policy, connections=found)


def test_a_wrong_destination_is_told_before_the_work(store, policy, tmp_path, monkeypatch):
    def check(place):
        check_destination(place, policy=policy, connections=no_connections)

    check(destination(store, "s3://results/new"))
    with pytest.raises(InputError, match="NoSuchBucket"):
        check(destination(store, "s3://missing"))
    with pytest.raises(UsageError, match="may not be written to"):
        check(DestinationSpec(path=str(tmp_path)))
    monkeypatch.setattr(objects, "_RETRIES", 0)
    forbidden, unknown = (
        f"<Error><Code>{code}</Code></Error>".encode() for code in ("AccessDenied", "InvalidAccessKeyId")
    )
    with https_server(tmp_path) as server:
        monkeypatch.setattr(objects, "S3Store", partial(_with_certificate, objects.S3Store, server.certificate))
        trusting = StoragePolicy(trusted_endpoints=frozenset({server.url("", "localhost")}))
        place = replace(destination(store), endpoint=server.url("", "localhost"))
        server.answers["/results/.panscan"] = lambda asked: asked.answer(403, forbidden)
        check_destination(place, policy=trusting, connections=no_connections)  # it may be allowed to write alone
        server.answers["/results/.panscan"] = lambda asked: asked.answer(403, unknown)
        with pytest.raises(InputError, match="InvalidAccessKeyId"):
            check_destination(place, policy=trusting, connections=no_connections)


def test_what_a_store_refuses_is_told_in_words(store, policy, file, tmp_path):
    found = {"mine": connection(store)}.__getitem__
    with pytest.raises(InputError, match=r"s3://clips/none\.mp4 cannot be used"):
        fetch_source(SourceSpec(connection="mine", key="none.mp4"), tmp_path, policy=policy, connections=found)
    with pytest.raises(InputError, match="NoSuchBucket"):
        send({"a.mp4": file}, destination(store, "s3://missing"), policy)
    with pytest.raises(UsageError, match="permissions"):
        send({"a.mp4": file}, destination(store, permissions="public-read-write"), policy)
    with pytest.raises(UsageError, match="storage class"):
        send({"a.mp4": file}, destination(store, storage_class="a\nb"), policy)
    small = StoragePolicy(http=HttpPolicy(max_bytes=5), trusted_endpoints=policy.trusted_endpoints)
    put_clip(store, "large.mp4", MOVIE)
    with pytest.raises(InputError, match="too large"):
        fetch_source(SourceSpec(connection="mine", key="large.mp4"), tmp_path, policy=small, connections=found)


@pytest.mark.parametrize(
    "endpoint",
    ["http://8.8.8.8", "https://127.0.0.1", "https://169.254.169.254", "https://user@8.8.8.8", "file:///etc"],
)
def test_no_store_inside_is_asked(endpoint, file):
    place = DestinationSpec(url="s3://results", endpoint=endpoint, **KEYS)
    with pytest.raises((UsageError, InputError), match=r"not a public host|cannot be used"):
        send({"a.mp4": file}, place, StoragePolicy())


def test_a_store_leads_nobody_to_an_unencrypted_address(tmp_path, file, monkeypatch):
    """Whoever owns a public store could answer with a redirect to what only this machine reaches."""
    monkeypatch.setattr(objects, "_RETRIES", 0)
    with https_server(tmp_path) as server, files_of(tmp_path) as inside:
        trusting = partial(_with_certificate, objects.S3Store, server.certificate)
        monkeypatch.setattr(objects, "S3Store", trusting)
        server.answers["/clips/a.mp4"] = lambda asked: asked.answer(307, location=f"{inside}/{file.name}")
        client = GuardedClient(HttpPolicy(ports=frozenset({server.port})), is_allowed=lambda ip: ip == "127.0.0.1")
        mine = Connection.from_json(KEYS | {"url": "s3://clips", "endpoint": server.url("", "localhost")})
        with pytest.raises(TemporaryError):
            fetch_source(
                SourceSpec(connection="mine", key="a.mp4"),
                tmp_path / "job",
                policy=StoragePolicy(),
                connections={"mine": mine}.__getitem__,
                client=client,
            )
        assert [asked.path for asked in server.asked] == ["/clips/a.mp4"], "the store itself is believed"


def _with_certificate(kind, certificate, *given, client_options, **more):
    return kind(*given, client_options={**client_options, "root_certificate": certificate}, **more)


def test_a_bucket_is_watched(store, policy):
    for key in ("watched/1.mp4", "watched/2.MOV", "watched/notes.txt", "watched/later/3.mp4", "other/4.mp4"):
        put_clip(store, key, MOVIE)
    mine, known = connection(store, "s3://clips/watched"), set()

    def look(account="acme", **more):
        return watch_bucket(mine, account, policy=policy, is_known=known.__contains__, **more)

    found = look()
    assert [one.key for one in found] == ["watched/1.mp4", "watched/2.MOV", "watched/later/3.mp4"]
    assert [one.key for one in look(start_after="watched/1.mp4")] == ["watched/2.MOV", "watched/later/3.mp4"]
    assert not {one.idempotency_key for one in found} & {one.idempotency_key for one in look("globex")}
    known.update(one.idempotency_key for one in found)
    assert look() == []
    put_clip(store, "watched/1.mp4", MOVIE + b"changed")
    assert [one.key for one in look()] == ["watched/1.mp4"]


GOOGLE = {"type": "service_account", "client_email": "a@b", "private_key": "-----BEGIN", "private_key_id": "1"}


def test_keys_are_needed_and_nothing_else_is_kept():
    for given in (
        {"url": "s3://results"},
        {"url": "s3://results", "key": "a"},
        {"url": "az://out", "key": "UPPER", "secret": "a"},
        {"url": "gs://out", "secret": "{}"},
        {"url": "gs://out", "secret": json.dumps({"type": "external_account"})},
        {"url": "s3://results", "key": "a", "secret": "b", "region": "evil.example/"},
        {"url": "s3://user@out", "key": "a", "secret": "b"},
        {"url": "az://out", "key": "account", "secret": "b", "endpoint": "https://evil.example"},
        {"url": "s3://results", "key": "a", "secret": ["PLANTED"]},
    ):
        with pytest.raises(UsageError) as refused:
            Connection.from_json(given)
        assert "PLANTED" not in str(refused.value)
    kept = Connection.from_json(
        {
            "url": "gs://out",
            "secret": json.dumps(GOOGLE | {"gcs_base_url": "http://169.254.169.254", "disable_oauth": True}),
        }
    )
    assert json.loads(kept.secret.reveal()) == GOOGLE


@pytest.mark.parametrize(
    ("given", "region"),
    [
        ({"region": "eu-west-3"}, "eu-west-3"),
        ({"endpoint": "https://s3.us-west-004.backblazeb2.com"}, "us-west-004"),
        ({"endpoint": "https://s3-eu-west-1.amazonaws.com/"}, "eu-west-1"),
        ({"endpoint": "https://s3.amazonaws.com"}, ""),
        ({"endpoint": "https://s3.example.com"}, ""),
        ({"endpoint": "https://s3.us-west-004.backblazeb2.com", "region": "other"}, "other"),
    ],
)
def test_the_region_stands_in_the_host_of_many_stores(given, region):
    assert Connection.of_destination(DestinationSpec(url="s3://clips", **KEYS, **given)).region == region


def test_s3_is_asked_for_the_region_of_a_bucket(tmp_path, monkeypatch):
    async def here(host, port):
        return ["127.0.0.1"]

    with https_server(tmp_path) as server:
        monkeypatch.setattr(objects, "_S3", server.url(""))
        server.answers["/theirs"] = lambda asked: asked.answer(403, x_amz_bucket_region="eu-north-1")
        server.answers["/none"] = lambda asked: asked.answer(404)
        client = GuardedClient(
            HttpPolicy(ports=frozenset({server.port})),
            is_allowed=lambda ip: ip == "127.0.0.1",
            resolver=here,
            ssl_context=server.client_context,
        )
        opened = objects.open_store(Connection.from_json(KEYS | {"url": "s3://theirs"}), client, frozenset())
        assert opened.config["region"] == "eu-north-1"
        assert opened.config["endpoint"] == "https://s3.eu-north-1.amazonaws.com"
        with pytest.raises(InputError, match="no bucket none"):
            objects.open_store(Connection.from_json(KEYS | {"url": "s3://none"}), client, frozenset())


def test_a_connection_comes_back_from_what_is_sealed():
    given = {"url": "s3://results/a", "key": "AKID", "secret": "S3CR3T", "region": "eu-central-1"}
    read = Connection.from_json(given)
    assert read.to_json(secrets=True) == given and Connection.from_json(read.to_json(secrets=True)) == read
    assert read.to_json() == given | {"key": "***", "secret": "***"}
    assert "S3CR3T" not in repr(read) and "AKID" not in repr(read)


@pytest.fixture(scope="module")
def google_key():
    key = rsa.generate_private_key(65537, 2048)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return json.dumps(GOOGLE | {"private_key": text.decode()})


def test_stores_are_opened_at_their_own_hosts_whatever_the_environment_says(monkeypatch, google_key):
    for name in (
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_SERVICE_ACCOUNT",
        "AZURE_STORAGE_SAS_KEY",
        "AWS_ENDPOINT_URL",
    ):
        monkeypatch.setenv(name, "of-the-operator")
    monkeypatch.setenv("AZURE_STORAGE_USE_EMULATOR", "true")
    given = {
        "https://account.blob.core.windows.net": {"url": "az://clips", "key": "account", "secret": "a2V5"},
        "https://storage.googleapis.com": {"url": "gs://clips", "secret": google_key},
        "https://s3.eu-central-1.amazonaws.com": {"url": "s3://clips", "region": "eu-central-1"} | KEYS,
    }
    for host, keys in given.items():
        opened = objects.open_store(Connection.from_json(keys), GuardedClient(), frozenset())
        config = opened.config
        assert host in (config.get("endpoint"), config.get("base_url"))
        assert "of-the-operator" not in str(config) and os.environ["AWS_ENDPOINT_URL"] == "of-the-operator"
