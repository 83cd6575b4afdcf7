"""Webhooks: a receiver that checks signatures with the library for receivers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from https_server import HOST, https_server
from panscan.errors import UsageError
from panscan.service.redaction import RedactedUrl, SecretText
from panscan.service.storage import GuardedClient, HttpPolicy
from panscan.service.webhooks import (
    WebhookMessage,
    deliver,
    deliver_form,
    new_webhook_secret,
    parse_webhook_secret,
    qencode_form,
    retry_delay_s,
    sign,
)

MESSAGE = WebhookMessage(
    "msg_1",
    "job.completed",
    datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    {
        "job": "j1",
        "sequence": 7,
        "state": "completed",
        "name": "Grüße",
        "links": [{"video": "https://b.example/v.mp4?sig=1"}],
        "payload": "https://own.example/?id=5",
    },
)


@pytest.fixture
def server(tmp_path):
    with https_server(tmp_path) as server:
        server.answers["/hook"] = lambda asked: asked.answer(204)
        yield server


@pytest.fixture
def client(server):
    async def here(host, port):
        return ["127.0.0.1"]

    ports = frozenset({server.port})
    return GuardedClient(
        HttpPolicy(ports=ports), lambda ip: ip == "127.0.0.1", resolver=here, ssl_context=server.client_context
    )


def url_of(server, path="/hook"):
    return RedactedUrl(server.url(path))


def test_a_receiver_verifies_each_of_its_secrets(server, client):
    old, new = new_webhook_secret(), new_webhook_secret()
    assert deliver(url_of(server), MESSAGE, [new, old], client=client).outcome == "done"
    (asked,) = server.asked
    for secret in (old, new):
        got = Webhook(secret.reveal()).verify(asked.body, asked.headers)
        assert got["type"] == "job.completed" and got["timestamp"] == "2026-01-02T03:04:05.000Z"
        assert got["data"]["sequence"] == 7 and got["data"]["name"] == "Grüße"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_webhook_secret().reveal()).verify(asked.body, asked.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new.reveal()).verify(asked.body + b" ", asked.headers)
    assert asked.headers["content-type"] == "application/json"


def test_a_body_holds_no_signed_link_but_the_clients_own_word(server):
    data = json.loads(MESSAGE.body())["data"]
    assert data["links"] == [{"video": "https://b.example/v.mp4?***"}]
    assert data["payload"] == "https://own.example/?id=5"
    with pytest.raises(TypeError):
        WebhookMessage("m", "t", MESSAGE.created_at, {"secret": SecretText("a")}).body()


def test_every_try_has_the_same_id_and_its_own_time():
    secret, now = new_webhook_secret(), datetime.now(UTC)
    first, later = (sign("msg_1", now + timedelta(minutes=wait), b"{}", [secret]) for wait in (0, 4))
    assert first["webhook-id"] == later["webhook-id"] and first["webhook-signature"] != later["webhook-signature"]
    assert Webhook(secret.reveal()).verify(b"{}", later) == {}


OUTCOMES = {
    "taken": ({"status": 202}, "done", None),
    "gone": ({"status": 410}, "disable", None),
    "not found": ({"status": 404}, "retry", None),
    "broken": ({"status": 500}, "retry", None),
    "busy": ({"status": 429, "retry_after": "120"}, "retry", 120.0),
    "moved": ({"status": 302, "location": "/hook"}, "retry", None),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_answer_says_what_to_do_next(server, client, name):
    answer, outcome, wait_s = OUTCOMES[name]
    server.answers["/other"] = lambda asked: asked.answer(**answer)
    given = deliver(url_of(server, "/other"), MESSAGE, [new_webhook_secret()], client=client)
    assert (given.outcome, given.status, given.retry_after_s) == (outcome, answer["status"], wait_s)
    assert len(server.asked) == 1, "redirects are not followed"


def test_a_date_may_say_when_to_come_back(server, client):
    then = (datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answers["/busy"] = lambda asked: asked.answer(503, retry_after=then)
    wait_s = deliver(url_of(server, "/busy"), MESSAGE, [new_webhook_secret()], client=client).retry_after_s
    assert 3500 < (wait_s or 0) <= 3600


def test_what_cannot_be_reached_is_tried_again_and_what_is_inside_is_not(server, client):
    secrets = [new_webhook_secret()]
    server.answers["/none"] = lambda asked: asked.connection.close()
    assert deliver(url_of(server, "/none"), MESSAGE, secrets, client=client).outcome == "retry"
    refused = deliver(RedactedUrl("https://169.254.169.254/hook"), MESSAGE, secrets)
    assert refused.outcome == "refused" and "not a public host" in refused.why
    assert deliver(RedactedUrl(f"http://{HOST}/hook"), MESSAGE, secrets).outcome == "refused"


def test_tries_are_spread_over_days_and_end():
    delays_s = [retry_delay_s(tries) for tries in range(9)]
    assert delays_s[0] == 0 and delays_s[-1] is None
    for delay_s, about_s in zip(delays_s[1:-1], (5, 300, 1800, 7200, 18000, 36000, 36000), strict=True):
        assert delay_s == pytest.approx(about_s, rel=0.21)
    assert len({retry_delay_s(7) for _ in range(5)}) == 5, "not all at the same second"
    assert retry_delay_s(1, 600) == 600 and retry_delay_s(1, 10**9) == 24 * 3600 and retry_delay_s(8, 5) is None


def test_a_form_is_as_qencode_sends_it(server, client):
    form = qencode_form(
        "token", "saved", {"status": "completed", "videos": [{"url": "s3://a/b?c", "user_tag": "a://b?c"}]}, "my id=5"
    )
    assert deliver_form(url_of(server), "msg_1", form, client=client).outcome == "done"
    secret = new_webhook_secret()
    assert deliver_form(url_of(server), "msg_1", form, [secret], client=client).outcome == "done"
    plain, signed = server.asked
    fields = {name: value for name, (value,) in parse_qs(plain.body.decode()).items()}
    assert json.loads(fields.pop("status")) == {
        "status": "completed",
        "videos": [{"url": "s3://a/b?***", "user_tag": "a://b?c"}],
    }
    assert fields == {"task_token": "token", "event": "saved", "callback_type": "task", "payload": "my id=5"}
    assert plain.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "webhook-signature" not in plain.headers
    Webhook(secret.reveal()).verify(signed.body, signed.headers, json_parse=False)


def test_a_receivers_own_secret_is_checked():
    own = "whsec_" + base64.b64encode(bytes(range(24))).decode()
    assert parse_webhook_secret(own).reveal() == own
    for wrong in ("", "secret", "whsec_", "whsec_c2hvcnQ=", own.removeprefix("whsec_"), own + "!"):
        with pytest.raises(UsageError, match="no secret of a webhook"):
            parse_webhook_secret(wrong)
