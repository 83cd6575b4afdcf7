"""The service's application on a database of its own, for tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.fernet import Fernet
from fastapi import FastAPI
from starlette.testclient import TestClient

from panscan.service.api.app import create_api
from panscan.service.api.context import ApiOptions
from panscan.service.database import Pool, connections
from panscan.service.records.accounts import Account, Role, add_account, add_token
from panscan.service.records.work import claim, finish, note_result, progress
from panscan.service.secrets import SecretBox
from panscan.service.settings import ServiceSettings

HOST, METRICS_TOKEN = "http://panscan.test", "m" * 32


@dataclass
class ServedApi:
    """The application, and what it works on."""

    app: FastAPI
    pool: Pool
    settings: ServiceSettings
    accounts: dict[str, Account] = field(default_factory=dict)

    def token(self, account: str = "ours", *, plan: str = "unlimited", role: Role = "admin") -> str:
        """A new token of an account, which is made where it is missing."""
        with self.pool.connection() as db:
            if account not in self.accounts:
                self.accounts[account] = add_account(db, account, plan)
            return add_token(db, self.accounts[account].id, role)

    def client(self, account: str = "ours", **token: Any) -> TestClient:
        """What asks with a token of an account."""
        bearer = {"Authorization": f"Bearer {self.token(account, **token)}"}
        return TestClient(self.app, base_url=HOST, headers=bearer)

    def work(
        self, job_id: str, state: str = "completed", files: Mapping[str, bytes] | None = None, **result: Any
    ) -> None:
        """Do what a worker does with a job, from taking it up to its end."""
        folder = self.settings.job_folder(job_id)
        folder.mkdir(exist_ok=True)
        for name, content in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        error = None if state.startswith("completed") else {"what": "It broke", "why": "So.", "fix": ""}
        with self.pool.connection() as db:
            mine = claim(db, job_id, "test")
            assert mine is not None
            progress(db, mine, "render", 1, 2)
            note_result(db, mine, result)
            assert finish(db, mine, state, error)


@contextmanager
def served_api(database_url: str, folder: Path, *, requests_per_minute: int = 600) -> Iterator[ServedApi]:
    """The application, with a folder of media that it may read."""
    media = folder / "media"
    media.mkdir()
    (media / "talk.mp4").write_bytes(b"movie")
    settings = ServiceSettings(folder / "data", database_url, (media,))
    settings.prepare()
    box = SecretBox.from_keys(Fernet.generate_key().decode())
    options = ApiOptions(
        review_url="http://review.test/{job}",
        metrics_token=METRICS_TOKEN,
        max_upload_bytes=1000,
        requests_per_minute=requests_per_minute,
    )
    with connections(database_url) as pool:
        yield ServedApi(create_api(pool, settings, box, options), pool, settings)


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The application behind a port of this machine; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
