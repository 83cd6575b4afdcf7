"""Servers of tests: each is over when the block is, however that ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer
from typing import TypeVar

S = TypeVar("S", bound=BaseServer)


@contextmanager
def serving(server: S) -> Iterator[S]:
    """A server that answers inside the block."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def files_of(folder: Path) -> Iterator[str]:
    """The files of a folder; the value is the address."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietFiles, directory=str(folder)))) as server:
        yield f"http://127.0.0.1:{server.server_port}"


class QuietFiles(SimpleHTTPRequestHandler):
    """Files of a folder, without a word."""

    def log_message(self, *_: object) -> None:
        pass
