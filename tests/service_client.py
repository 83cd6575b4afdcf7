"""A client of the service as a careful program is one: it asks with a key, and again until there is an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

_PAUSE_S = 0.2  # before the same is asked again
_ANSWER_S = 5.0  # then the answer counts as lost


@dataclass
class PatientClient:
    """What asks at an address with a token; and of each key, the ids of the jobs that the answers named."""

    url: str
    token: str
    jobs: dict[str, set[str]] = field(default_factory=dict)
    gives_up: threading.Event = field(default_factory=threading.Event)
    lost: int = 0  # answers that did not come, or said to come again

    def ask_for(self, key: str, job: Mapping[str, Any]) -> str:
        """Ask for a job twice, as a client does that lost the first answer; its id."""
        for _ in range(2):
            answer = self.ask("POST", "/v1/jobs", job, key)
            self.jobs.setdefault(key, set()).add(answer["id"])
        return str(answer["id"])

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> dict[str, Any]:
        """Ask until there is an answer."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        while not self.gives_up.is_set():
            try:
                answer = httpx.request(
                    method, f"{self.url}{path}", json=body, headers=headers, timeout=_ANSWER_S, trust_env=False
                )
            except httpx.TransportError:
                pause_s = _PAUSE_S
            else:
                if answer.status_code not in (409, 429) and answer.status_code < 500:
                    return dict(answer.raise_for_status().json())
                pause_s = min(1.0, float(answer.headers.get("retry-after", _PAUSE_S)))
            self.lost += 1
            time.sleep(pause_s)
        raise TimeoutError(f"{method} {path} has no answer")
