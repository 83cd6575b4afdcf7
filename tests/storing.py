"""What tests of storage say again and again: a bucket of a test's store, and results that are sent to it."""

from __future__ import annotations

from panscan.service.spec_parts import DestinationSpec
from panscan.service.storage import Connection, publish

MOVIE = b"\0\0\0\x18ftypmp42" + bytes(1000)
KEYS = {"key": "AKIDEXAMPLE", "secret": "S3CR3T"}


def connection(store, url="s3://clips", **more):
    return Connection.from_json(KEYS | {"url": url, "endpoint": store.endpoint} | more)


def destination(store, url="s3://results", **more):
    return DestinationSpec(url=url, endpoint=store.endpoint, **KEYS, **more)


def no_connections(name):
    raise AssertionError(name)


def send(files, place, policy, owner="job-1", connections=no_connections, **more):
    return publish(files, place, owner=owner, policy=policy, connections=connections, **more)
