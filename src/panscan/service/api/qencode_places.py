"""Where the media of Qencode's clients is, and where they want their files: their addresses -> ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import commonpath
from typing import Any
from urllib.parse import unquote

from panscan.service.api.qencode_codes import BAD_FORMAT, FIELD_REQUIRED, QencodeError

_SCHEMES = {"azblob": "az"}  # theirs, ours
_MOVIE_IN_BUCKET = re.compile(r"(\w+://[^/]+)/(.*[^/]\.mp4)", re.IGNORECASE)
_S3_HOST = re.compile(r"s3://([^/]+[.:][^/]+)/(.+)")  # a bucket behind a host: "s3://host.example.com/bucket/name"
_AMAZON = re.compile(r"(?:s3[.-])?(?:([a-z0-9-]+)\.)?amazonaws\.com")  # S3 itself, and a region in its hosts' names
USED_BY_DESTINATION = {"url", "key", "secret", "permissions", "storage_class", "endpoint"}


def read_source(asked: Mapping[str, Any]) -> dict[str, str]:
    """Where the movie is.

    Raises
    ------
    QencodeError
        It is missing or wrong; no message shows an address with keys in it.
    """
    if asked.get("stitch"):
        raise QencodeError(BAD_FORMAT, "stitch is not possible", why="A job has one source.", fix="Join them before.")
    source = asked.get("source")
    if not isinstance(source, str) or not source:
        raise QencodeError(FIELD_REQUIRED, "source is required", why="It is the address of the movie.")
    if source.startswith("tus:"):
        return {"upload": source[4:]}
    return _object(source) if source.startswith("s3://") else {"url": source}


def _object(source: str) -> dict[str, str]:
    """An object of a bucket: "s3://KEY:SECRET@bucket/name", or with a host in front of the bucket."""
    keys, at, place = source.removeprefix("s3://").partition("@")  # a secret may hold slashes, but no "@"
    key, colon, secret = keys.partition(":")
    if not at or not colon:
        why = "The service opens a bucket with the keys it is given, and never with its own."
        fix = "Write s3://KEY:SECRET@HOST/BUCKET/NAME."
        raise QencodeError(BAD_FORMAT, "the source has no keys", why=why, fix=fix)
    url = f"s3://{place}"
    is_behind_host = place.count("/") > 1  # else a dot is one of the bucket's name
    return {"key": unquote(key), "secret": unquote(secret), **(_bucket(url) if is_behind_host else {"url": url})}


def read_destination(where: str, asked: Any) -> dict[str, Any] | None:
    """Where the files go; None keeps them with the service."""
    several = asked if isinstance(asked, list) else [asked] if asked else []
    if len(several) > 1:
        why = "A file of panscan goes to one place."
        raise QencodeError(BAD_FORMAT, f"{where}: {len(several)} destinations", why=why, fix="Ask for one format each.")
    if not several:
        return None
    one = several[0] if isinstance(several[0], dict) else {"url": several[0]}
    if not isinstance(one.get("url"), str):
        raise QencodeError(FIELD_REQUIRED, f"{where}: destination needs url", why="It is where the files go.")
    given = {key: value for key, value in one.items() if key in USED_BY_DESTINATION and value is not None}
    for key, value in given.items():
        if not isinstance(value, str):  # the value is not told: it may be a secret
            raise QencodeError(BAD_FORMAT, f"{where}: {key} of the destination is no text")
    return {**given, **_bucket(given["url"], given.get("endpoint")), "overwrite": True}  # as theirs does


def without_name(destination: dict[str, Any] | None) -> tuple[dict[str, Any] | None, str | None]:
    """A destination's bucket, and the name of a movie in it where the address is that of one."""
    found = _MOVIE_IN_BUCKET.fullmatch(destination["url"]) if destination else None
    return (destination, None) if found is None else ({**(destination or {}), "url": found[1]}, found[2])


def with_names(destination: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The destination of movies with these names, by shape: the folder that all of them are in, or the one movie."""
    if len(names) == 1:
        return {**destination, "url": f"{destination['url']}/{next(iter(names.values()))}"}
    folder = commonpath([f"/{name.rpartition('/')[0]}" for name in names.values()]).strip("/")
    below = {ratio: name.removeprefix(f"{folder}/") for ratio, name in names.items()}
    return {**destination, "url": f"{destination['url']}/{folder}".rstrip("/"), "names": below}


def _bucket(url: str, endpoint: str | None = None) -> dict[str, str]:
    """The address of a bucket as we write it; theirs may name its host: "s3://host.example.com/bucket/name"."""
    scheme, mark, rest = url.partition("://")
    found = _S3_HOST.fullmatch(url)
    if found is None or endpoint:
        return {"url": f"{_SCHEMES.get(scheme, scheme)}{mark}{rest}"}
    amazon = _AMAZON.fullmatch(found[1])
    place = {"endpoint": f"https://{found[1]}"} if amazon is None else {"region": amazon[1]} if amazon[1] else {}
    return {"url": f"s3://{found[2]}", **place}
