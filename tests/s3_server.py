"""A store like S3, in a process of its own."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from obstore.store import S3Store

# It ends when its input does: with the test that started it.
_PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


@dataclass(frozen=True)
class S3Server:
    """Where it listens."""

    endpoint: str

    def bucket(self, name: str) -> S3Store:
        """A bucket, for looking into it."""
        config = {"endpoint": self.endpoint, "region": "us-east-1", "access_key_id": "k", "secret_access_key": "s"}
        return S3Store(name, config=config, client_options={"allow_http": True})

    def unfinished_uploads(self, name: str) -> list[str]:
        """Keys of a bucket of which parts were sent, and never the whole."""
        answer = httpx.get(f"{self.endpoint}/{name}?uploads", trust_env=False).raise_for_status()
        return [html.unescape(key) for key in re.findall("<Key>(.*?)</Key>", answer.text)]

    def begin_upload(self, address: str) -> None:
        """Begin to send "bucket/key" in parts, as somebody does who is killed then."""
        httpx.post(f"{self.endpoint}/{address}?uploads", trust_env=False).raise_for_status()

    def ask_without_keys(self, address: str) -> httpx.Response:
        """What somebody without keys gets for "bucket/key"."""
        return httpx.get(f"{self.endpoint}/{address}", trust_env=False)


@contextmanager
def s3_server(*buckets: str) -> Iterator[S3Server]:
    """The store, with empty buckets."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"S3_UPLOAD_PART_MIN_SIZE": "1"},  # parts may be small: large files cost time
    ) as run:
        assert run.stdin and run.stdout
        server = S3Server(f"http://127.0.0.1:{run.stdout.readline().strip()}")
        try:
            for bucket in buckets:
                httpx.put(f"{server.endpoint}/{bucket}", trust_env=False).raise_for_status()
            yield server
        finally:
            run.stdin.close()
            run.wait(20)
