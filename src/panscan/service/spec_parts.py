"""The parts of a job's request: where its media is, where its results go, and who is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from panscan.errors import UsageError, did_you_mean
from panscan.model.geometry import Ratio
from panscan.request.config_files import ConfigTable
from panscan.service.states import TOLD

MOVIE = ".mp4"  # how a movie's name ends
HIDDEN = "***"  # stands where a secret was
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # of a connection or an upload: no folders, no dots in front
_STORES = ("s3", "gs", "az", "azure")  # schemes of addresses of buckets
# What stands beside the address of a source in a bucket, and its field: `key` is an object's name where it is stored.
_SOURCE_KEYS = {"key": "access_key", "secret": "secret", "endpoint": "endpoint", "region": "region"}
_MAX_ADDRESS_LETTERS = 4096  # signed addresses are long; longer is no address


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """Where the media of a job is: one of a path, an address, an object of a store, an upload.

    Attributes
    ----------
    path : str
        An absolute path on the worker's machine, inside folders that the service may read.
    url : str
        An http(s) address, which may be signed; or "s3://bucket/key", "gs://..." or "az://..." with keys of its own.
    access_key, secret : str
        Keys that the request brought for a bucket.
    endpoint, region : str
        Of a store that speaks like S3.
    connection, key : str
        A stored connection, and the name of an object in its bucket.
    upload : str
        The id of a finished upload.
    """

    path: str = ""
    url: str = ""
    access_key: str = ""
    secret: str = ""
    endpoint: str = ""
    region: str = ""
    connection: str = ""
    key: str = ""
    upload: str = ""

    SECRET: ClassVar[tuple[str, ...]] = ("access_key", "secret")

    @property
    def name(self) -> str:
        """The file's name, as far as it is known; of an upload its id."""
        address = self.url if self.secret else urlsplit(self.url).path  # a bucket's names may hold "?" and "#"
        return Path(self.path or self.key or address).name or self.upload or "movie"

    @classmethod
    def of(cls, job: ConfigTable, warnings: list[str] | None) -> SourceSpec:
        """Read the job's `source`.

        Raises
        ------
        UsageError
            It is missing or wrong.
        """
        table = _part(job, "source")
        if table is None or len({"path", "url", "object", "upload"} & set(table.values)) != 1:
            raise UsageError(
                "the job has no source",
                why='`source` holds one of "path", "url", "object" and "upload".',
                fix='e.g. {"source": {"url": "https://example.com/talk.mp4"}}.',
            )
        known_keys(table, ("path", "url", "object", "upload", *_SOURCE_KEYS), warnings)
        if (stored := _part(table, "object")) is not None:
            known_keys(stored, ("connection", "key"), warnings)
            return cls(connection=_name(stored, "connection"), key=_required(stored, "key"))
        if "upload" in table.values:
            return cls(upload=_name(table, "upload"))
        if "url" in table.values:
            return cls._of_url(table)
        path = _required(table, "path")
        if "\0" in path or not Path(path).is_absolute():
            raise table.value_error("path", "an absolute path")
        return cls(path=path)

    @classmethod
    def _of_url(cls, table: ConfigTable) -> SourceSpec:
        url = _address(table, "url", ("https", "http", *_STORES))
        if url.startswith(("https://", "http://")):
            _refuse_beside(table, "an address of the web", tuple(_SOURCE_KEYS))
            return cls(url=url)
        if not _secret(table, "secret") or not urlsplit(url).path.strip("/"):
            raise UsageError(
                f"{table.where}: the object of the bucket cannot be fetched",
                why="It is s3://BUCKET/NAME, with the keys that open the bucket beside it.",
                fix='Give "key" and "secret", or store a connection and give "object".',
            )
        secrets = {"access_key": _secret(table, "key"), "secret": _secret(table, "secret")}
        return cls(url=url, endpoint=_endpoint(table), region=table.text("region") or "", **secrets)

    def to_json(self, *, secrets: bool = False) -> dict[str, Any]:
        """As a request gives it; what an address carries behind "?" is hidden: it may be a signature."""
        if self.connection:
            return {"object": {"connection": self.connection, "key": self.key}}
        given = {name: value for name in ("path", "url", "upload") if (value := getattr(self, name))}
        if self.secret:
            kept = _shown(asdict(self), self.SECRET, secrets)
            return given | {name: kept[field] for name, field in _SOURCE_KEYS.items() if field in kept}
        return given | ({} if secrets else {"url": _without_query(self.url)} if self.url else {})

    def secrets(self) -> dict[str, str]:
        """Its keys, and the whole address where it carries something behind "?"."""
        found = {"url": self.url} if not self.secret and _without_query(self.url) != self.url else {}
        return found | {name: getattr(self, name) for name in self.SECRET if getattr(self, name) not in ("", HIDDEN)}


@dataclass(frozen=True, slots=True)
class DestinationSpec:
    """Where the results of a job go: a folder, or a bucket with a stored connection or with keys of its own.

    Attributes
    ----------
    path : str
        An absolute path inside folders that the service may write to.
    url : str
        "s3://bucket/prefix", "gs://..." or "az://...".
    connection : str
        A stored connection that has the keys.
    key, secret : str
        Keys that the request brought.
    permissions, storage_class : str
        As the store names them, e.g. "public-read" and "STANDARD_IA".
    endpoint : str
        The address of a store that speaks like S3.
    region : str
        Of a store that speaks like S3; empty to find it out.
    overwrite : bool
        Whether files that are there may be replaced; without it only those that the job itself has written.
    names : mapping of str to str
        By shape: what its movie is called below `url`, "a/tall.mp4"; all else of the shape goes beside it.
    """

    path: str = ""
    url: str = ""
    connection: str = ""
    key: str = ""
    secret: str = ""
    permissions: str = ""
    storage_class: str = ""
    endpoint: str = ""
    region: str = ""
    overwrite: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    SECRET: ClassVar[tuple[str, ...]] = ("key", "secret")

    @classmethod
    def of(cls, job: ConfigTable, warnings: list[str] | None) -> DestinationSpec | None:
        """Read the job's `destination`, if it has one.

        Raises
        ------
        UsageError
            It is wrong.
        """
        table = _part(job, "destination")
        if table is None:
            return None
        known_keys(table, _names(cls), warnings)
        overwrite = table.flag("overwrite") or False
        if "url" not in table.values:
            path = _required(table, "path")
            _refuse_beside(table, "a path", [name for name in _names(cls) if name not in ("path", "overwrite")])
            if "\0" in path or not Path(path).is_absolute():
                raise table.value_error("path", "an absolute path")
            return cls(path=path, overwrite=overwrite)
        _refuse_beside(table, "the address of a bucket", ["path"])
        url = _address(table, "url", _STORES)
        connection = _name(table, "connection") if "connection" in table.values else ""
        words = {name: table.text(name) or "" for name in ("permissions", "storage_class", "region")}
        secrets = {name: _secret(table, name) for name in cls.SECRET}
        endpoint = _endpoint(table)
        given = {"connection": connection, "endpoint": endpoint, "overwrite": overwrite, "names": _movie_names(table)}
        return cls(url=url, **given, **words, **secrets)  # type: ignore[arg-type]

    def to_json(self, *, secrets: bool = False) -> dict[str, Any]:
        """As a request gives it."""
        return _shown(asdict(self), self.SECRET, secrets)

    def secrets(self) -> dict[str, str]:
        """The secrets among its values."""
        return {name: getattr(self, name) for name in self.SECRET if getattr(self, name) not in ("", HIDDEN)}


@dataclass(frozen=True, slots=True)
class WebhookSpec:
    """Who is told about a job.

    Attributes
    ----------
    url : str
        Gets signed JSON.
    secret : str
        With which it is signed; without it the account's.
    qencode : str
        Gets a form as Qencode sends it, in place of `url`.
    events : tuple of str
        What `url` is told, e.g. "job.planned"; empty for the job's end.
    """

    url: str = ""
    secret: str = ""
    qencode: str = ""
    events: tuple[str, ...] = ()

    SECRET: ClassVar[tuple[str, ...]] = ("secret",)
    ADDRESS: ClassVar[tuple[str, ...]] = ("url", "qencode")

    @classmethod
    def of(cls, job: ConfigTable, warnings: list[str] | None) -> WebhookSpec | None:
        """Read the job's `webhook`, if it has one.

        Raises
        ------
        UsageError
            It is wrong.
        """
        table = _part(job, "webhook")
        if table is None:
            return None
        known_keys(table, _names(cls), warnings)
        if "qencode" in table.values:
            _refuse_beside(table, "qencode", ["url", "secret", "events"])
            return cls(qencode=_address(table, "qencode", ("http", "https")))
        events = table.text_list("events") or ()
        if set(events) - set(TOLD):
            raise table.value_error("events", f"a list of {', '.join(TOLD)}")
        return cls(_address(table, "url", ("http", "https")), _secret(table, "secret"), events=events)

    def to_json(self, *, secrets: bool = False) -> dict[str, Any]:
        """As a request gives it; what an address carries behind "?" is hidden: it may be a token."""
        shown = _shown(asdict(self) | {"events": list(self.events)}, self.SECRET, secrets)
        addresses = {} if secrets else {name: _without_query(shown[name]) for name in self.ADDRESS if name in shown}
        return shown | addresses

    def secrets(self) -> dict[str, str]:
        """The secrets among its values, and whole addresses that carry something behind "?"."""
        given = {name: getattr(self, name) for name in self.ADDRESS}
        found = {name: url for name, url in given.items() if _without_query(url) != url}
        return found | ({"secret": self.secret} if self.secret not in ("", HIDDEN) else {})


def known_keys(table: ConfigTable, known: Sequence[str], warnings: list[str] | None) -> None:
    """Refuse keys that are not known, or tell of them where there is a list for it.

    Raises
    ------
    UsageError
        There is one, and no list.
    """
    if warnings is None:
        table.refuse_unknown_keys(known)
        return
    for key in table.values:
        if key not in known:
            warnings.append(f"{table.where}: {key!r} is not known and does nothing. {did_you_mean(key, known)}".strip())


def _part(table: ConfigTable, key: str) -> ConfigTable | None:
    value = table.values.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise table.value_error(key, "an object")
    return ConfigTable(f"{table.where}, {key}", {name: one for name, one in value.items() if one is not None})


def _refuse_beside(table: ConfigTable, what: str, keys: Sequence[str]) -> None:
    """Refuse keys that mean nothing beside another one."""
    for key in keys:
        if key in table.values:
            why = "It would not be used."
            raise UsageError(f"{table.where}: {key} does not go with {what}", why=why, fix="Leave one of them out.")


def _names(part: type) -> list[str]:
    return [one.name for one in fields(part)]


def _required(table: ConfigTable, key: str) -> str:
    text = table.text(key)
    if text is None:
        raise UsageError(f"{table.where}: {key} is missing", why=f"`{key}` is needed here.", fix="Give it.")
    return text


def _name(table: ConfigTable, key: str) -> str:
    text = _required(table, key)
    if not _NAME.fullmatch(text):
        raise table.value_error(key, "a name of letters, digits, dots and dashes")
    return text


def _address(table: ConfigTable, key: str, schemes: Sequence[str]) -> str:
    text = _required(table, key)
    try:
        parts = urlsplit(text)
        right = parts.scheme in schemes and bool(parts.netloc) and parts.username is None
    except ValueError:
        right = False
    if not right or len(text) > _MAX_ADDRESS_LETTERS or not text.isprintable():
        raise UsageError(
            f"{table.where}: {key} is no address that can be used",
            why=f"It begins with {', '.join(f'{scheme}://' for scheme in schemes)} and holds no user name.",
            fix="Correct it; keys go beside it, not into it.",
        )
    return text


def _movie_names(table: ConfigTable) -> dict[str, str]:
    """What the movie of each shape is called."""
    given = table.values.get("names", {})
    if not isinstance(given, Mapping):
        raise table.value_error("names", 'an object: {"9:16": "tall.mp4"}')
    for name in given.values():
        is_name = isinstance(name, str) and name.lower().endswith(MOVIE) and name.isprintable()
        if not is_name or any(part in ("", ".", "..") for part in name.split("/")):
            raise table.value_error("names", f"for each shape a name below the address, which ends in {MOVIE}")
    if len(set(given.values())) < len(given):
        raise table.value_error("names", "another name for each shape")
    return {str(Ratio.parse(ratio)): name for ratio, name in given.items()}


def _endpoint(table: ConfigTable) -> str:
    """The address of a store that speaks like S3, "" where none is given."""
    endpoint = _address(table, "endpoint", ("http", "https")) if "endpoint" in table.values else ""
    if "?" in endpoint:
        raise table.value_error("endpoint", "the address of a store, without anything behind it")
    return endpoint


def _secret(table: ConfigTable, key: str) -> str:
    """A secret, "" where none is given; an error never shows what was given."""
    value = table.values.get(key, "")
    if not isinstance(value, str):
        raise UsageError(f"{table.where}: {key} is not allowed", why=f"`{key}` is text.", fix="Put it in quotes.")
    return value.strip()


def _without_query(url: str) -> str:
    address, mark, _ = url.partition("?")
    return address + (f"?{HIDDEN}" if mark else "")


def _shown(values: Mapping[str, Any], secret: Sequence[str], secrets: bool) -> dict[str, Any]:
    """Values that are not empty, with secrets hidden unless they are wanted."""
    given = {name: value for name, value in values.items() if value}
    return given if secrets else given | {name: HIDDEN for name in secret if name in given}
