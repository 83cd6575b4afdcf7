"""A receiver of webhooks as they are: it checks signatures, and now and then it fails, hangs or breaks off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

# What it does with one message after the other: half of them must be sent again.
_BEHAVIOUR = ("take", "fail", "take", "hang", "take", "break off")
_HANG_S = 1.5  # longer than a hurried sender waits


@dataclass(frozen=True)
class ReceivedMessage:
    """A message, once for each time that it came."""

    id: str
    path: str
    kind: str
    data: dict[str, Any]
    is_signed: bool
    is_taken: bool

    @property
    def job_id(self) -> str:
        return str(self.data["id"])


@dataclass
class WebhookReceiver:
    """Where it listens, the secret that messages must be signed with, and what has come."""

    url: str
    secret: str = ""
    got: list[ReceivedMessage] = field(default_factory=list)

    def is_signed(self, body: bytes, headers: dict[str, str]) -> bool:
        with suppress(WebhookVerificationError):
            Webhook(self.secret).verify(body, headers)
            return True
        return False


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """A receiver behind a port of this machine."""
    behaviour = cycle(_BEHAVIOUR)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text, wish = self.rfile.read(int(self.headers["content-length"])), next(behaviour)
            body, headers = json.loads(text), {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(
                ReceivedMessage(
                    headers["webhook-id"],
                    self.path,
                    body["type"],
                    body["data"],
                    receiver.is_signed(text, headers),
                    wish == "take",
                )
            )
            if wish == "hang":
                time.sleep(_HANG_S)
            elif wish != "break off":
                self.send_response(204 if wish == "take" else 503)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = WebhookReceiver(f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()
