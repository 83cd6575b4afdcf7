"""Uploads to S3 that broke off: a store keeps the parts that were sent, and wants to be paid for them.

obstore ends what fails, but nobody ends the upload of a process that was killed, and obstore cannot list these: here
they are asked for and ended, with requests that are signed as S3 wants it (AWS Signature Version 4).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from urllib.parse import quote, urlsplit

from lxml import etree
from obstore.store import S3Store

from panscan.errors import PanscanError
from panscan.service.redaction import RedactedUrl, SecretText
from panscan.service.storage.connections import Connection
from panscan.service.storage.http import GuardedClient, HttpPolicy

_log = logging.getLogger("panscan.worker")
_ANSWER_S = 20.0  # for a list, and for the end of one upload
_MAX_LIST_BYTES = 1024**2  # of the answer with 1000 uploads at most
_ALL_PORTS = frozenset(range(1, 2**16))
_NO_BODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class S3Bucket:
    """A bucket, and the keys to it.

    Attributes
    ----------
    endpoint : str
        Address of the store.
    region : str
    name : str
    key, secret : SecretText
    """

    endpoint: str
    region: str
    name: str
    key: SecretText
    secret: SecretText

    @classmethod
    def of(cls, store: S3Store, connection: Connection) -> S3Bucket:
        """That of a connection, which was opened."""
        endpoint, region = (str(store.config[name]) for name in ("endpoint", "region"))
        return cls(endpoint, region, connection.bucket, connection.key, connection.secret)

    def address(self, key: str, **query: str) -> str:
        """The address of an object, encoded as it is signed."""
        words = "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query))
        return f"{self.endpoint.rstrip('/')}/{quote(f'{self.name}/{key}', safe='/~')}?{words}"

    def signed(self, method: str, address: str, now: datetime) -> dict[str, str]:
        """The headers with which a request without a body is sent."""
        url, at = urlsplit(address), now.strftime("%Y%m%dT%H%M%SZ")
        headers = {"host": url.netloc, "x-amz-content-sha256": _NO_BODY, "x-amz-date": at}
        names, scope = ";".join(headers), f"{at[:8]}/{self.region}/s3/aws4_request"
        lines = [f"{name}:{value}" for name, value in headers.items()]
        request = "\n".join([method, url.path, url.query, *lines, "", names, _NO_BODY])
        text = "\n".join(["AWS4-HMAC-SHA256", at, scope, hashlib.sha256(request.encode()).hexdigest()])
        seal = reduce(_hmac, (*scope.split("/"), text), b"AWS4" + self.secret.reveal().encode()).hex()
        credential = f"Credential={self.key.reveal()}/{scope}, SignedHeaders={names}, Signature={seal}"
        return headers | {"authorization": f"AWS4-HMAC-SHA256 {credential}"}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def end_broken_uploads(bucket: S3Bucket, key: str, client: GuardedClient, *, is_trusted: bool) -> None:
    """End all uploads of one object that are not finished. Keys may be allowed to write alone: then they stay.

    is_trusted: whether the store may lie in a private network, and go without encryption.
    """
    if is_trusted:
        client = replace(client, policy=HttpPolicy(allow_http=True, ports=_ALL_PORTS), is_allowed=lambda _: True)
    try:
        listed = _ask(client, bucket, "GET", bucket.address("", prefix=key, uploads=""))
        for upload in uploads_of(listed, key):
            _ask(client, bucket, "DELETE", bucket.address(key, uploadId=upload))
    except PanscanError as error:
        _log.warning("uploads that broke off stay: %s", error)


def _ask(client: GuardedClient, bucket: S3Bucket, method: str, address: str) -> bytes:
    headers = bucket.signed(method, address, datetime.now(UTC))
    asked = _body(client, method, address, {name: headers[name] for name in headers if name != "host"})
    return asyncio.run(client.in_time(asked, _ANSWER_S, str(RedactedUrl(address))))


async def _body(client: GuardedClient, method: str, address: str, headers: Mapping[str, str]) -> bytes:
    body = b""
    async with client.answer(method, client.address(address), headers=headers) as answer:
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > _MAX_LIST_BYTES:
                break
    return body


def uploads_of(listed: bytes, key: str) -> list[str]:
    """Ids of the uploads of an object, from the list of all whose keys begin so; of a list that broke off, some."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False, no_network=True)
    try:
        root = etree.fromstring(listed, parser)
    except etree.XMLSyntaxError:  # an empty answer
        root = None
    if root is None:  # no XML at all
        return []
    uploads = [(one.findtext("{*}Key"), one.findtext("{*}UploadId")) for one in root.iterfind("{*}Upload")]
    return [upload_id for name, upload_id in uploads if name == key and upload_id]
