"""Clients that stay: streams of events and slow uploads keep nobody else waiting."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from service_api import listening, served_api

MANY = 12  # more than the process has connections to the database


@pytest.fixture
def served(service_database, tmp_path):
    with served_api(service_database, tmp_path) as api, listening(api.app) as url:
        headers = {"Authorization": f"Bearer {api.token()}", "Tus-Resumable": "1.0.0"}
        with httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False) as client, ExitStack() as stack:
            yield client, stack


def test_streams_leave_room(served):
    client, stack = served
    opened = [stack.enter_context(client.stream("GET", "/v1/events")) for _ in range(MANY)]
    assert {one.status_code for one in opened} == {200} and client.get("/v1/usage").status_code == 200


def test_slow_uploads_leave_room(served):
    client, stack = served
    place = urlsplit(str(client.base_url))
    for _ in range(MANY):
        begun = client.post("/v1/uploads", headers={"Upload-Length": "10"})
        slow = stack.enter_context(socket.create_connection((place.hostname, place.port)))
        lines = {
            **client.headers,
            "Host": "a",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": "10",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        slow.sendall(f"PATCH {begun.headers['location']} HTTP/1.1\r\n{head}\r\nabc".encode())
    assert client.get("/v1/usage").status_code == 200
