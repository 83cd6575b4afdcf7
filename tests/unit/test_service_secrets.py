"""Secrets: sealed at rest, and in nothing that is written."""

from __future__ import annotations

import json
import logging
import time
import traceback
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from https_server import HOST, https_server
from panscan.errors import InputError, PanscanError, UsageError
from panscan.service.redaction import RedactedUrl, SecretText, redact
from panscan.service.secrets import KEY_VARIABLE, SecretBox, open_secret_box
from panscan.service.spec_parts import DestinationSpec, SourceSpec
from panscan.service.storage import Connection, GuardedClient, HttpPolicy, StoragePolicy, fetch_source, objects, publish
from panscan.service.webhooks import WebhookMessage, deliver, new_webhook_secret

PLANTED = "pL4nt3d"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_is_sealed_is_opened_with_its_key_alone(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    file = tmp_path / "data" / "service.key"
    box = open_secret_box(file)
    sealed = box.seal(PLANTED)
    assert PLANTED.encode() not in sealed and sealed != box.seal(PLANTED)
    assert file.stat().st_mode & 0o777 == 0o600
    assert open_secret_box(file).unseal(sealed).reveal() == PLANTED
    with pytest.raises(InputError, match="cannot be opened"):
        SecretBox.from_keys(Fernet.generate_key().decode()).unseal(sealed)
    with pytest.raises(InputError, match="cannot be opened"):
        box.unseal(sealed[:-4] + b"AAAA")


def test_keys_are_changed_without_losing_a_secret(monkeypatch, tmp_path):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    sealed = SecretBox.from_keys(old).seal(PLANTED)
    monkeypatch.setenv(KEY_VARIABLE, f"{new},{old}")
    both = open_secret_box(tmp_path / "none")
    assert both.unseal(sealed).reveal() == PLANTED and not (tmp_path / "none").exists()
    assert SecretBox.from_keys(new).unseal(both.reseal(sealed)).reveal() == PLANTED


def test_a_key_that_is_none_or_open_to_others_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, PLANTED)
    with pytest.raises(UsageError, match="is no key") as refused:
        open_secret_box(tmp_path / "key")
    assert PLANTED not in told(refused.value)
    monkeypatch.delenv(KEY_VARIABLE)
    open_secret_box(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(UsageError, match="others may read"):
        open_secret_box(tmp_path / "key")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("404 for 'https://a.example/b.mp4?X-Amz-Signature=p#q'", "404 for 'https://a.example/b.mp4?***'"),
        ("s3://KEY:SECRET@bucket/key and so on", "s3://bucket/key and so on"),
        ("https://u@a.example?p https://b.example/c", "https://a.example?*** https://b.example/c"),
        ("s3://KEY:SEC/RET@bucket/key", "s3://bucket/key"),
        ("s3://KEY:SEC?RET@bucket/key", "s3://***?***"),
        ("1https://a.example/https://u:p@b.example/c?d", "1https://a.example/https://b.example/c?***"),
        ("https://[::1]:8443/a@b", "https://[::1]:8443/a@b"),
        ("no address: 9:16?", "no address: 9:16?"),
    ],
)
def test_addresses_in_texts_lose_what_may_be_secret(text, shown):
    assert redact(text) == shown


@given(
    st.from_regex(r"[a-zA-Z][\w/+=-]{6,40}", fullmatch=True),  # keys are base64, mostly
    st.sampled_from(["u:{}@h/p", "u:{}@h:8443/p?a=1", "h/p?{}", "h/p#{}", "h:8443/p?a={}", "[::1]/?{}"]),
)
def test_an_address_shows_nothing_secret_whatever_that_is(secret, shape):
    assert secret not in str(RedactedUrl("https://" + shape.format(secret)))


@pytest.mark.parametrize("text", ["a", "://", "://a", ":/", "https://", "x://:1", "@", "://@:a", ":a]"])
def test_long_texts_take_no_time(text):
    began_s = time.process_time()
    redact(text * 100_000), str(RedactedUrl("https://" + text * 100_000))
    assert time.process_time() - began_s < 5  # a fraction of a second; what grows by the square takes minutes


def test_secrets_do_not_show_themselves():
    secret, url = SecretText(PLANTED), RedactedUrl(f"https://a.example/b?sig={PLANTED}")
    assert secret.reveal() == PLANTED and PLANTED in url.reveal()
    for one in (secret, url, [secret, url]):
        assert PLANTED not in f"{one} {one!r}"
    with pytest.raises(TypeError):
        json.dumps({"secret": secret})


def told(error):
    """All that an error says, with whatever led to it."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))


def resolve_here(host, port):
    async def found():
        return ["127.0.0.1"]

    return found()


def failures(server, folder, monkeypatch):
    """Everything that can go wrong with secrets at hand: what is called, one after the other."""
    monkeypatch.setattr(objects, "_RETRIES", 0)
    client = GuardedClient(
        HttpPolicy(ports=frozenset({server.port})),
        is_allowed=lambda ip: ip == "127.0.0.1",
        resolver=resolve_here,
        ssl_context=server.client_context,
    )
    query = f"?X-Amz-Signature={PLANTED}"
    server.answers |= {
        "/moved": lambda asked: asked.answer(302, location=f"https://{PLANTED}:{PLANTED}@{HOST}/{query}"),
        "/led": lambda asked: asked.answer(302, location=f"/gone{query}"),
        "/gone": lambda asked: asked.answer(404, PLANTED.encode()),
        "/busy": lambda asked: asked.answer(503, PLANTED.encode(), retry_after="7"),
        "/bad": lambda asked: asked.answer(200, b"#EXTM3U", set_cookie=PLANTED),
    }
    urls = [server.url(path) + query for path in ("/moved", "/led", "/gone", "/busy", "/bad")]
    urls += [f"https://u:{PLANTED}@{HOST}/a", f"https://10.0.0.1:{server.port}/{query}", f"gopher://a/{query}"]
    keys = {"key": PLANTED, "secret": PLANTED}
    buckets = [
        DestinationSpec(url=f"{kind}://clips/a", key=PLANTED.lower(), secret=secret, endpoint=endpoint)
        for kind in ("s3", "gs", "az")
        for secret in (PLANTED, f"sv=1&sig={PLANTED}", json.dumps({"private_key": PLANTED}))
        for endpoint in ("", f"https://u:{PLANTED}@127.0.0.1/{query}")
        if kind == "gs" or endpoint
    ]
    stored = Connection.from_json(keys | {"url": "s3://clips", "endpoint": server.url("", "localhost")})
    policy = StoragePolicy(trusted_endpoints=frozenset({stored.endpoint}))
    connections = {"mine": stored}.__getitem__
    (folder / "a.mp4").write_bytes(b"a")
    ways = {"policy": policy, "connections": connections, "client": client}
    for url in urls:
        yield lambda url=url: fetch_source(SourceSpec(url=url), folder / "job", **ways)
    yield lambda: fetch_source(SourceSpec(connection="mine", key="a.mp4"), folder / "job", **ways)
    for place in buckets:
        yield lambda place=place: publish({"a.mp4": folder / "a.mp4"}, place, owner="job", **ways)
    secrets = [SecretText(f"whsec_{PLANTED}"), new_webhook_secret()]
    message = WebhookMessage("m", "job.failed", NOW, {"url": urls[0], "secret": "***"})
    for url in urls:
        yield lambda url=url: deliver(RedactedUrl(url), message, secrets, client=client)


def test_no_secret_is_in_anything_that_is_written(tmp_path, caplog, monkeypatch, capfd):
    caplog.set_level(logging.DEBUG)
    (tmp_path / "server").mkdir()
    seen, count = [], 0
    with https_server(tmp_path / "server") as server:
        for call in failures(server, tmp_path, monkeypatch):
            count += 1
            try:
                seen.append(repr(asdict(call())))
            except PanscanError as error:
                seen.append(told(error))
    assert count >= 25 and len(seen) == count and PLANTED in str(server.asked), "the secrets were there"
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    said = capfd.readouterr()
    assert PLANTED.lower() not in "\n".join([*seen, caplog.text, said.out, said.err, repr(written)]).lower()
