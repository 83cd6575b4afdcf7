"""Buckets that a job may read from or write to, and what opens them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from panscan.errors import UsageError
from panscan.request.config_files import ConfigTable
from panscan.service.redaction import HIDDEN, SecretText
from panscan.service.spec_parts import DestinationSpec, SourceSpec

StoreKind = Literal["s3", "gs", "az"]
# Names of buckets, accounts and regions become parts of host names: nothing but letters, digits, dots and dashes.
_URL = re.compile(r"(?P<kind>s3|gs|az|azure)://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:/(?P<prefix>.*))?")
_REGION = re.compile(r"[a-z0-9-]{1,64}")
_ENDPOINT = re.compile(r"https?://[^/@?#\s]+/?")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
# Hosts of stores that name their region, e.g. s3.us-west-004.backblazeb2.com and s3-eu-west-1.amazonaws.com.
_HOST_WITH_REGION = re.compile(r"https?://s3[.-](?!amazonaws)([a-z0-9-]+)(?:\.[a-z0-9-]+){2,}(?::\d+)?/?")
# What a key of Google Cloud may hold. The rest of its file can name other hosts and other files.
_GOOGLE_KEY = ("type", "client_email", "private_key", "private_key_id")


@dataclass(frozen=True, slots=True)
class Connection:
    """A bucket, or a part of it, and what opens it.

    Attributes
    ----------
    kind : "s3", "gs" or "az"
        S3 and stores that speak like it, Google Cloud Storage, Azure.
    bucket : str
        Of Azure the container.
    prefix : str
        What every key begins with; empty for the whole bucket.
    key : SecretText
        S3: the id of the access key. Azure: the name of the account. Google: empty.
    secret : SecretText
        S3: the secret access key. Azure: the account's key, or a SAS token. Google: a service account's key, JSON.
    region : str
        Of S3; empty to find it out.
    endpoint : str
        The https address of another store that speaks like S3; empty for S3 itself.
    """

    kind: StoreKind
    bucket: str
    prefix: str
    key: SecretText
    secret: SecretText = field(repr=False)
    region: str = ""
    endpoint: str = ""

    KEYS: ClassVar[tuple[str, ...]] = ("url", "key", "secret", "region", "endpoint")

    @property
    def url(self) -> str:
        """Where it leads, e.g. "s3://bucket/prefix"."""
        return self.address_of(self.prefix).rstrip("/")

    def address_of(self, key: str) -> str:
        """The address of an object in the bucket."""
        return f"{self.kind}://{self.bucket}/{key}"

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Connection:
        """Read a connection.

        Raises
        ------
        UsageError
            It is not understood, or something is missing.
        """
        table = ConfigTable("connection", {name: value for name, value in given.items() if value})
        table.refuse_unknown_keys(cls.KEYS)
        words = {name: table.text(name) or "" for name in ("url", "region", "endpoint")}
        key, secret = (_secret(given, name) for name in ("key", "secret"))
        kind, bucket, prefix = split_url(words["url"])
        region = words["region"] or _region_of(words["endpoint"])
        if region and not _REGION.fullmatch(region):
            raise table.value_error("region", "a region's name, e.g. eu-central-1")
        if kind == "az" and not _ACCOUNT.fullmatch(key):
            raise UsageError(
                "connection: key is no account", why="For Azure it is the account's name.", fix="Correct it."
            )
        if words["endpoint"] and not (kind == "s3" and _ENDPOINT.fullmatch(words["endpoint"])):
            raise UsageError(
                "connection: the endpoint cannot be used",
                why="Stores that speak like S3 have one: http(s)://HOST, without user name, path and query.",
                fix="Correct it, or leave it out.",
            )
        if not secret or (kind == "s3" and not key):
            raise UsageError(
                "the connection has no keys",
                why="The service opens a bucket with the keys it is given, and never with its own.",
                fix='Give "key" and "secret".',
            )
        secret = _google_key(secret) if kind == "gs" else secret
        return cls(kind, bucket, prefix, SecretText(key), SecretText(secret), region, words["endpoint"].rstrip("/"))

    @classmethod
    def of_destination(cls, destination: DestinationSpec) -> Connection:
        """The bucket of a destination that brings its own keys.

        Raises
        ------
        UsageError
            It is not understood, or something is missing.
        """
        return cls.from_json({name: getattr(destination, name) for name in cls.KEYS})

    @classmethod
    def of_source(cls, source: SourceSpec) -> tuple[Connection, str]:
        """The bucket of a source that brings its own keys, and the object's key.

        Raises
        ------
        UsageError
            It is not understood, or something is missing.
        """
        kind, bucket, key = split_url(source.url)
        given = {"key": source.access_key, **{name: getattr(source, name) for name in ("secret", "region", "endpoint")}}
        connection = cls.from_json({"url": f"{kind}://{bucket}", **given})
        return connection, connection.key_inside(key)

    def to_json(self, *, secrets: bool = False) -> dict[str, str]:
        """As a request gives it; secrets are shown as "***" unless they are wanted, to be sealed."""
        shown = (
            {"key": self.key.reveal(), "secret": self.secret.reveal()} if secrets else {"key": HIDDEN, "secret": HIDDEN}
        )
        given = {"url": self.url, **shown, "region": self.region, "endpoint": self.endpoint}
        return {name: value for name, value in given.items() if value}

    def key_inside(self, key: str) -> str:
        """A key of the bucket that this connection opens.

        Raises
        ------
        UsageError
            It lies outside of the connection's prefix.
        """
        inside = not self.prefix or key.startswith(f"{self.prefix}/")
        if not inside or any(part in ("", ".", "..") for part in key.split("/")):
            raise UsageError(
                f"{key!r} is not within {self.url}",
                why="A connection opens its bucket below its prefix only.",
                fix="Correct the key, or use another connection.",
            )
        return key

    def narrowed(self, url: str) -> Connection:
        """The same keys for an address inside this connection.

        Raises
        ------
        UsageError
            The address lies outside.
        """
        kind, bucket, prefix = split_url(url)
        if (kind, bucket) != (self.kind, self.bucket):
            raise UsageError(f"{url} is not within {self.url}", why="It is another bucket.", fix="Correct the address.")
        if prefix != self.prefix:
            self.key_inside(prefix or "/")
        return Connection(kind, bucket, prefix, self.key, self.secret, self.region, self.endpoint)


def split_url(url: str) -> tuple[StoreKind, str, str]:
    """Kind, bucket and prefix of a store's address.

    Raises
    ------
    UsageError
        It is none.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise UsageError(
            "this is no address of a bucket",
            why="It is s3://, gs:// or az://, and a bucket.",
            fix="e.g. s3://bucket/folder",
        )
    kind: StoreKind = "az" if found["kind"] == "azure" else found["kind"]  # type: ignore[assignment]
    return kind, found["bucket"], (found["prefix"] or "").strip("/")


def _region_of(endpoint: str) -> str:
    found = _HOST_WITH_REGION.fullmatch(endpoint)
    return found[1] if found else ""


def _secret(given: Mapping[str, Any], name: str) -> str:
    """A text that no message may show."""
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise UsageError(f"connection: {name} is no text", why="It is text, in quotes.", fix="Correct it.")
    return value


def _google_key(text: str) -> str:
    try:
        given = json.loads(text)
        kept = {name: str(given[name]) for name in _GOOGLE_KEY}
    except (ValueError, KeyError, TypeError):
        kept = {}
    if kept.get("type") != "service_account":
        raise UsageError(
            "this is no key of a service account",
            why=f"The secret of a gs:// connection is its key file, with {', '.join(_GOOGLE_KEY)}.",
            fix="Give the whole text of the file.",
        )
    return json.dumps(kept)
