"""Telling others what happened to a job, as Standard Webhooks says: signed, again after a failure, without secrets.

A message keeps its id however often it is sent; receivers know by it what they have seen. Its order is told by
`data.sequence`, not by the time of its arrival.
"""

from __future__ import annotations

import base64
import binascii
import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlencode

from standardwebhooks.webhooks import Webhook

from panscan.errors import InputError, UsageError
from panscan.service.redaction import RedactedUrl, SecretText, redact
from panscan.service.storage.http import GuardedClient, HttpPolicy
from panscan.service.temporary import TemporaryError

Outcome = Literal["done", "retry", "disable", "refused"]

# Seconds before each try: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h. The habit of senders of such messages.
_DELAYS_S = (0, 5, 300, 1800, 7200, 18000, 36000, 36000)
_JITTER = 0.2  # of a delay: receivers that were down are not met by all messages in the same second
_MAX_WAIT_S = 24 * 3600  # that a receiver may ask for
_ANSWER_S = 10  # a receiver takes a message and works later
_PREFIX = "whsec_"
_SECRET_BYTES = (24, 64)  # least and most, by the specification
_NEW_SECRET_BYTES = 32
_OWN_WORDS = ("payload", "user_tag")  # the client's own texts, given back as they were


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """What happened, for whoever wants to be told.

    Attributes
    ----------
    id : str
        The same at every try.
    type : str
        E.g. "job.completed".
    created_at : datetime
        When it happened, with a time zone.
    data : mapping
        Ids, states, flags and links. Addresses in it lose what is behind "?": it may be a signature.
    """

    id: str
    type: str
    created_at: datetime
    data: Mapping[str, Any]

    def body(self) -> bytes:
        """The bytes that are signed and sent."""
        happened = self.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return _json({"type": self.type, "timestamp": happened, "data": without_signatures(self.data)}).encode()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one try went.

    Attributes
    ----------
    outcome : "done", "retry", "disable" or "refused"
        Taken; to be tried again; the receiver wants no more; the address is not allowed or wrong.
    status : int, optional
        Of HTTP; None where no answer came.
    retry_after_s : float, optional
        What the receiver asks for.
    why : str
        For people; empty where it was taken.
    """

    outcome: Outcome
    status: int | None = None
    retry_after_s: float | None = None
    why: str = ""


def new_webhook_secret() -> SecretText:
    """A new secret for a receiver."""
    return SecretText(_PREFIX + base64.b64encode(secrets.token_bytes(_NEW_SECRET_BYTES)).decode())


def parse_webhook_secret(text: str) -> SecretText:
    """A secret that a receiver chose.

    Raises
    ------
    UsageError
        It is none.
    """
    try:
        size = len(base64.b64decode(text.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    least, most = _SECRET_BYTES
    if not text.startswith(_PREFIX) or not least <= size <= most:
        raise UsageError(
            "this is no secret of a webhook",
            why=f"It is {_PREFIX} and the base64 of {least} to {most} random bytes.",
            fix="Leave it out: one is made.",
        )
    return SecretText(text)


def sign(message_id: str, sent_at: datetime, body: bytes, secrets: Sequence[SecretText]) -> dict[str, str]:
    """The headers of a message. Several secrets sign side by side, while a receiver changes to a new one.

    Without a secret there is no signature.
    """
    signatures = [Webhook(secret.reveal()).sign(message_id, sent_at, body.decode()) for secret in secrets]
    headers = {"webhook-id": message_id, "webhook-timestamp": str(int(sent_at.timestamp()))}
    return headers | ({"webhook-signature": " ".join(signatures)} if signatures else {})


def deliver(
    url: RedactedUrl, message: WebhookMessage, secrets: Sequence[SecretText], *, client: GuardedClient | None = None
) -> Delivery:
    """Send a message once, and say what to do next."""
    body = message.body()
    headers = sign(message.id, datetime.now(UTC), body, secrets)
    return _send(url, body, {"content-type": "application/json", **headers}, client)


def deliver_form(
    url: RedactedUrl,
    message_id: str,
    form: bytes,
    secrets: Sequence[SecretText] = (),
    *,
    client: GuardedClient | None = None,
) -> Delivery:
    """Send a form of `qencode_form` once; with secrets it is signed too."""
    headers = sign(message_id, datetime.now(UTC), form, secrets)
    return _send(url, form, {"content-type": "application/x-www-form-urlencoded", **headers}, client)


def qencode_form(task_token: str, event: str, status: Mapping[str, Any], payload: str | None = None) -> bytes:
    """The body of a message as Qencode sends it: a form, with the state of the task as JSON in `status`.

    Parameters
    ----------
    task_token : str
    event : str
        "queued", "saved" or "error".
    status : mapping
    payload : str, optional
        The client's own word.
    """
    fields = {"task_token": task_token, "event": event, "callback_type": "task"}
    if event == "error":
        fields |= {"error_code": "1", "error_message": status.get("error_description") or ""}
    fields["status"] = _json(without_signatures(status))
    return urlencode(fields | ({} if payload is None else {"payload": payload})).encode()


def retry_delay_s(tries: int, retry_after_s: float | None = None) -> float | None:
    """Seconds to wait before the next try; None where there is none: the message is a dead letter.

    Parameters
    ----------
    tries : int
        How often it was sent; 0 for a new one.
    retry_after_s : float, optional
        What the receiver asked for: it waits as long at least.
    """
    if tries >= len(_DELAYS_S):
        return None
    delay_s = _DELAYS_S[tries] * (1 + random.uniform(-_JITTER, _JITTER))
    return max(delay_s, min(retry_after_s or 0, _MAX_WAIT_S))


def without_signatures(value: Any) -> Any:
    """JSON whose addresses have lost user names and what is behind "?"; the client's own word stays."""
    if isinstance(value, Mapping):
        return {name: one if name in _OWN_WORDS else without_signatures(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_signatures(one) for one in value]
    return redact(value) if isinstance(value, str) else value


def _send(url: RedactedUrl, body: bytes, headers: Mapping[str, str], client: GuardedClient | None) -> Delivery:
    try:
        answer = (client or GuardedClient(HttpPolicy.of_environment())).post(url, body, headers, max_s=_ANSWER_S)
    except TemporaryError as error:
        return Delivery("retry", why=f"{error.what}. {error.why}")
    except (UsageError, InputError) as error:
        return Delivery("refused", why=f"{error.what}. {error.why}")
    if 200 <= answer.status < 300:
        return Delivery("done", answer.status)
    outcome: Outcome = "disable" if answer.status == 410 else "retry"  # 410: gone, by the specification
    return Delivery(outcome, answer.status, _wait_s(answer.headers.get("retry-after")), f"HTTP {answer.status}")


def _wait_s(header: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds a number or a date."""
    if header is None:
        return None
    if header.isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
