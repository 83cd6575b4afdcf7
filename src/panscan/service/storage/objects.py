"""Sources and results in buckets: S3 and stores that speak like it, Google Cloud Storage, Azure."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import obstore
from obstore import exceptions
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store, from_url

from panscan.errors import InputError, PanscanError, UsageError
from panscan.files import whole_file
from panscan.service.redaction import RedactedUrl, redact
from panscan.service.storage.connections import Connection
from panscan.service.storage.failures import may_pass
from panscan.service.storage.folders import already_there
from panscan.service.storage.http import GuardedClient
from panscan.service.storage.transfer import Fetched, Progress, Published, refuse_full_disk, refuse_size, sha256_of
from panscan.service.temporary import TemporaryError

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import AzureAccessKey, AzureSASToken, S3Credential

_S3, _FIRST_REGION = "https://s3.amazonaws.com", "us-east-1"
_ASK_S = 20  # for an answer without a body
_CLOUD_VARIABLES = ("AWS_", "GOOGLE_", "AZURE_")
_OPENING = threading.Lock()  # the environment belongs to all threads
_PART_BYTES = 16 * 1024 * 1024  # S3 takes 10,000 parts: files of 160 GB
_PARTS_AT_ONCE = 4  # 64 MiB in memory
_WHOLE_BYTES = 2 * _PART_BYTES  # up to here a file is sent at once, so that the store itself refuses to replace one
# Of one request, which moves a part at most: 16 MiB at 27 kB/s. obstore counts from the connection to the last byte.
_REQUEST_TIME = timedelta(minutes=10)
_RETRIES, _RETRY_TIME = 5, timedelta(minutes=3)
_SHA256, _OWNER = "sha256", "panscan-job"  # metadata of our objects
_PERMISSIONS = frozenset(
    {"private", "public-read", "authenticated-read", "bucket-owner-read", "bucket-owner-full-control"}
)  # S3's ready-made ones that a job may ask for; never one by which strangers write
# What S3 and Google, and Azure, call a missing bucket and unknown keys.
_SURELY_WRONG = frozenset({"NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidBucketName"}) | {
    "ContainerNotFound",
    "AuthenticationFailed",
}
_STORAGE_CLASS = re.compile(r"[A-Za-z0-9_-]{1,40}")
_FINAL = (
    FileNotFoundError,  # what obstore raises for a missing object or bucket
    ValueError,  # keys that cannot be read
    exceptions.PermissionDeniedError,
    exceptions.UnauthenticatedError,
    exceptions.NotSupportedError,
    exceptions.InvalidPathError,
    exceptions.UnknownConfigurationKeyError,
)


def open_store(
    connection: Connection, client: GuardedClient, trusted_endpoints: frozenset[str], *, permissions: str = ""
) -> ObjectStore:
    """The bucket of a connection, opened with the connection's own keys and nothing of this machine's environment.

    Raises
    ------
    PanscanError
        Its endpoint may not be asked, or its keys cannot be used.
    """
    trusted = connection.endpoint in trusted_endpoints
    if connection.endpoint and not trusted:
        _check_endpoint(connection.endpoint, client)
    options: dict[str, Any] = {"allow_http": trusted, "timeout": _REQUEST_TIME}
    if permissions:
        if permissions not in _PERMISSIONS or connection.kind != "s3":
            raise UsageError(
                f"permissions {permissions!r} cannot be set",
                why=f"On S3 they are one of {', '.join(sorted(_PERMISSIONS))}; other stores have none for one object.",
                fix="Leave them out, and set them for the bucket.",
            )
        options["default_headers"] = {"x-amz-acl": permissions}
    if connection.kind == "s3" and not connection.region:
        connection = replace(connection, region=_region(connection, client))
    with told(connection.url), _no_cloud_variables():
        return _STORES[connection.kind](connection, options)


def open_own_store(url: str) -> ObjectStore:
    """A bucket of whoever runs the service, opened with what the environment says (AWS_ACCESS_KEY_ID and the like)."""
    with told(url), _OPENING:
        return from_url(
            url,
            client_options={"timeout": _REQUEST_TIME, "allow_http": True},  # where their endpoint says so
            retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_TIME},
        )


def _region(connection: Connection, client: GuardedClient) -> str:
    """The region of a bucket, which S3 tells everybody; other stores take the first one of S3 for their own."""
    if connection.endpoint:
        return _FIRST_REGION
    answer = client.head(RedactedUrl(f"{_S3}/{connection.bucket}"), max_s=_ASK_S)
    if answer.status == 404:
        raise InputError(f"there is no bucket {connection.bucket}", why="S3 does not know it.", fix="Correct the name.")
    return answer.headers.get("x-amz-bucket-region", _FIRST_REGION)


@contextmanager
def _no_cloud_variables() -> Iterator[None]:
    """Hide what the environment says of clouds while a store is opened: it would be mixed with the keys given."""
    with _OPENING:
        hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_CLOUD_VARIABLES)}
        try:
            yield
        finally:
            os.environ.update(hidden)


def _check_endpoint(endpoint: str, client: GuardedClient) -> None:
    """Refuse a store in a private network.

    obstore asks the name server again, and may get another answer; but it connects with TLS only, also after
    redirects, and a private machine has no certificate for the name of a public one.
    """
    if urlsplit(endpoint).scheme != "https":
        raise UsageError(
            f"{redact(endpoint)} cannot be used as a store",
            why="Keys and files go over https only, unless whoever runs the service trusts the address.",
            fix="Give an https address.",
        )
    client.check(endpoint)


def _s3_store(connection: Connection, options: Any) -> ObjectStore:
    def credential() -> S3Credential:
        return {
            "access_key_id": connection.key.reveal(),
            "secret_access_key": connection.secret.reveal(),
            "token": None,
            "expires_at": None,
        }

    endpoint = connection.endpoint or f"https://s3.{connection.region}.amazonaws.com"
    return S3Store(
        connection.bucket,
        config={"endpoint": endpoint, "region": connection.region},
        credential_provider=credential,
        client_options=options,
        retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_TIME},
    )


def _google_store(connection: Connection, options: Any) -> ObjectStore:
    return GCSStore(
        connection.bucket,
        config={"service_account_key": connection.secret.reveal(), "base_url": "https://storage.googleapis.com"},
        client_options=options,
        retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_TIME},
    )


def _azure_store(connection: Connection, options: Any) -> ObjectStore:
    def credential() -> AzureAccessKey | AzureSASToken:
        secret = connection.secret.reveal()
        if "sig=" in secret:  # a SAS token is a query; a key is base64
            return {"sas_token": secret.lstrip("?"), "expires_at": None}
        return {"access_key": secret, "expires_at": None}

    account = connection.key.reveal()
    return AzureStore(
        connection.bucket,
        config={"account_name": account, "endpoint": f"https://{account}.blob.core.windows.net"},
        credential_provider=credential,
        client_options=options,
        retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_TIME},
    )


_STORES = {"s3": _s3_store, "gs": _google_store, "az": _azure_store}


def get_object(
    store: ObjectStore, shown: str, key: str, path: Path, *, max_bytes: int, progress: Progress | None = None
) -> Fetched:
    """Write an object to a file, whole or not at all, part by part, all of the same version.

    Raises
    ------
    InputError
        It is not there, may not be read, or is too large.
    TemporaryError
        The store failed, or the object changed on the way.
    """
    digest, done = hashlib.sha256(), 0
    with told(shown):
        meta = obstore.head(store, key)
        total = meta["size"]
        version: GetOptions = {"if_match": meta["e_tag"]} if meta["e_tag"] else {}
        refuse_size(shown, total, max_bytes)
        with whole_file(path) as file:
            refuse_full_disk(shown, total, path.parent)
            while done < total:
                part = (done, min(done + _PART_BYTES, total))
                data = obstore.get(store, key, options={**version, "range": part}).bytes()
                digest.update(data)
                file.write(data)
                done += len(data)
                if progress:
                    progress(done, total)
    return Fetched(path, digest.hexdigest(), done)


def put_object(
    store: ObjectStore,
    shown: str,
    key: str,
    name: str,
    file: Path,
    *,
    owner: str,
    storage_class: str = "",
    overwrite: bool = False,
) -> Published:
    """Send a file to a bucket. An object that is there with other content stays, unless it is this job's own.

    Parameters
    ----------
    owner : str
        The job: it may replace what it has written.
    overwrite : bool
        Whether it may replace other objects, too.

    Raises
    ------
    InputError
        Another object has this key, or it may not be written.
    TemporaryError
        The store failed.
    """
    if storage_class and not _STORAGE_CLASS.fullmatch(storage_class):
        raise UsageError("this is no storage class", why="It is a word such as STANDARD_IA.", fix="Correct it.")
    sha256, size = sha256_of(file), file.stat().st_size
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    attributes = {_SHA256: sha256, _OWNER: owner, "Content-Type": kind}
    with told(shown):
        own = attributes | ({"Storage-Class": storage_class} if storage_class else {})
        _send(store, shown, key, file, own, overwrite)
    return Published(name, key, shown, sha256, size)


def _send(store: ObjectStore, shown: str, key: str, file: Path, attributes: dict[str, str], overwrite: bool) -> None:
    if not goes_in_parts(file) and not _is_seen(store, key):
        # A store that does not know the condition refuses it, or, worse, does not see it: so it is looked before.
        with suppress(exceptions.AlreadyExistsError, exceptions.NotSupportedError):
            obstore.put(store, key, file, attributes=attributes, mode="create")
            return
    there = _attributes(store, key)
    if there is not None and there.get(_SHA256) == attributes[_SHA256]:
        return
    if there is not None and not overwrite and there.get(_OWNER) != attributes[_OWNER]:
        raise already_there(shown)
    send_object(store, key, file, attributes)


def send_object(store: ObjectStore, key: str, file: Path, attributes: dict[str, str] | None = None) -> None:
    """Send a file, part by part where it is large; what has the key is replaced once all of it is there."""
    obstore.put(store, key, file, attributes=attributes, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE)


def goes_in_parts(file: Path) -> bool:
    """Whether a file is too large to be sent at once."""
    return file.stat().st_size > _WHOLE_BYTES


def check_keys(store: ObjectStore, shown: str, key: str) -> None:
    """Refuse keys and buckets that are surely wrong. Keys may be allowed to write and not to look: that is no reason.

    Raises
    ------
    InputError
        The bucket is not there, or the store does not know the keys.
    """
    try:
        obstore.get(store, key, options={"range": (0, 1)})  # of which nothing is read: there is no such object
    except (exceptions.BaseError, FileNotFoundError) as error:
        if _code(error) in _SURELY_WRONG:
            raise InputError(
                f"{shown} cannot be used", why=f"The store said {_code(error)}.", fix="Check the bucket and the keys."
            ) from None


def _is_seen(store: ObjectStore, key: str) -> bool:
    """Whether there is an object, as far as keys that may be allowed to write alone can tell."""
    with suppress(exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
        return _attributes(store, key) is not None
    return False


def _attributes(store: ObjectStore, key: str) -> Mapping[str, str] | None:
    try:
        return obstore.get(store, key, options={"head": True}).attributes
    except FileNotFoundError:
        return None


@contextmanager
def told(shown: str) -> Iterator[None]:
    """Errors of a store and of this machine's disk, in words. What a store says may hold an address with a key."""
    try:
        yield
    except PanscanError:
        raise
    except (exceptions.BaseError, FileNotFoundError, ValueError) as error:
        raise _failure(shown, error) from None
    except OSError as error:
        raise TemporaryError(
            f"{shown}: the file cannot be read or written here", why=str(error.strerror), fix="Make room on the disk."
        ) from None


def _failure(shown: str, error: Exception) -> PanscanError:
    status = re.search(r"status code: (\d{3})", str(error))
    why = f"The store said {_code(error)}" + (f", HTTP {status[1]}." if status else ".")
    if isinstance(error, _FINAL) or (status and not may_pass(int(status[1]))):
        return InputError(f"{shown} cannot be used", why=why, fix="Check the bucket, the key, and what the keys allow.")
    return TemporaryError(f"{shown} could not be reached", why=why, fix="Try again later.")


def _code(error: Exception) -> str:
    """The store's word for what is wrong."""
    found = re.search(r"<Code>(\w{1,64})</Code>", str(error))
    return found[1] if found else type(error).__name__
