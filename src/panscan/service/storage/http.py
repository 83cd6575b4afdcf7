"""A client of http(s) for addresses that strangers give. Where it goes, for how long and for how much is bounded.

Each request connects to an IP address that was judged before (`addresses.py`), also after every redirect. There are no
cookies, no proxies of the environment, no compressed answers, and no connection is used twice: two hosts may share an
IP address, and the second would be reached under the certificate of the first.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import httpx

from panscan.errors import PanscanError, UsageError
from panscan.service.redaction import RedactedUrl
from panscan.service.storage.addresses import WebAddress, is_public, public_addresses, resolve, web_address
from panscan.service.temporary import TemporaryError

# Its debug messages hold the headers of answers, and with them the signed addresses of redirects.
logging.getLogger("httpcore").setLevel(logging.INFO)

_T = TypeVar("_T")

_CONNECT_S = 10  # a host that is up answers within a second
_READ_S = 30  # without a single byte: a store that thinks so long is down
_MAX_ANSWER_BYTES = 4096  # read of the answer to a message, and thrown away: nobody needs more
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """What is taken from http(s) addresses.

    Attributes
    ----------
    allow_http : bool
        Whether addresses without encryption are taken.
    ports : frozenset of int
        Ports that may be asked.
    max_bytes : int
        Size of the largest file. 100 GiB is ten hours at 22 Mbit/s.
    max_s : float
        Time for one file, in seconds.
    min_bytes_per_s : int
        Mean speed below which a download is given up. 64 KiB/s are ten minutes for a clip of 40 MB.
    """

    allow_http: bool = False
    ports: frozenset[int] = frozenset({80, 443})
    max_bytes: int = 100 * _GIB
    max_s: float = 6 * 3600
    min_bytes_per_s: int = 64 * 1024

    @classmethod
    def of_environment(cls) -> HttpPolicy:
        """What the operator says: PANSCAN_ALLOW_HTTP=1, PANSCAN_EXTRA_PORTS="8443 9000", PANSCAN_MAX_SOURCE_GB=20.

        Raises
        ------
        UsageError
            A variable is not understood.
        """
        plain = cls()
        ports = _numbers("PANSCAN_EXTRA_PORTS")
        largest = _numbers("PANSCAN_MAX_SOURCE_GB")
        return cls(
            allow_http=_numbers("PANSCAN_ALLOW_HTTP") == [1],
            ports=plain.ports | set(ports),
            max_bytes=largest[0] * 1000**3 if largest else plain.max_bytes,
        )


def _numbers(variable: str) -> list[int]:
    words = os.environ.get(variable, "").split()
    if not all(word.isdecimal() for word in words):
        raise UsageError(f"{variable} is not understood", why="It holds whole numbers.", fix="Correct it.")
    return [int(word) for word in words]


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back for a message that was sent.

    Attributes
    ----------
    status : int
    headers : mapping of str to str
        Names in lower case.
    """

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GuardedClient:
    """Asks, and sends messages to, addresses that strangers give.

    Attributes
    ----------
    policy : HttpPolicy
    is_allowed : callable
        Judges an IP address.
    resolver : callable
        Gives the IP addresses of a host and a port.
    ssl_context : ssl.SSLContext, optional
        Whose certificates are believed; None for those of the well-known authorities.
    """

    policy: HttpPolicy = field(default_factory=HttpPolicy)
    is_allowed: Callable[[str], bool] = is_public
    resolver: Callable[[str, int], Awaitable[list[str]]] = resolve
    ssl_context: ssl.SSLContext | None = None

    def address(self, text: str) -> WebAddress:
        """An address that may be asked, as far as its text tells.

        Raises
        ------
        UsageError
            It may not.
        """
        return web_address(text, allow_http=self.policy.allow_http, ports=self.policy.ports)

    def check(self, text: str) -> None:
        """Refuse an address that may not be asked, also for where its host lies now.

        Raises
        ------
        PanscanError
            It may not, or its host is not known.
        """
        asyncio.run(self._addresses(self.address(text)))

    def post(self, url: RedactedUrl, body: bytes, headers: Mapping[str, str], *, max_s: float) -> HttpAnswer:
        """Send a message. Redirects are answers like others: they are not followed.

        Raises
        ------
        UsageError, InputError
            The address is refused.
        TemporaryError
            The host did not answer in time.
        """
        return asyncio.run(self.in_time(self._send("POST", url, body, headers), max_s, str(url)))

    def head(self, url: RedactedUrl, *, max_s: float) -> HttpAnswer:
        """Ask for the head of an answer; else as `post`."""
        return asyncio.run(self.in_time(self._send("HEAD", url, b"", {}), max_s, str(url)))

    async def in_time(self, work: Awaitable[_T], max_s: float, shown: str) -> _T:
        """Wait for some work, but no longer than this.

        Raises
        ------
        TemporaryError
            It is not done.
        """
        try:
            async with asyncio.timeout(max_s):
                return await work
        except TimeoutError:
            raise TemporaryError(
                f"{shown} took too long", why=f"The limit is {max_s:g} s.", fix="Use a faster host."
            ) from None

    async def _addresses(self, address: WebAddress) -> list[str]:
        return await public_addresses(address, resolver=self.resolver, is_allowed=self.is_allowed)

    async def _send(self, method: str, url: RedactedUrl, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        async with self.answer(method, self.address(url.reveal()), body, headers) as answer:
            taken = 0
            async for chunk in answer.aiter_raw():
                taken += len(chunk)
                if taken > _MAX_ANSWER_BYTES:
                    break
            return HttpAnswer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()})

    @asynccontextmanager
    async def answer(
        self, method: str, address: WebAddress, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """The answer to one request, of which the body is still to come. Redirects are not followed.

        Raises
        ------
        InputError
            The address lies inside, or its host is not known.
        TemporaryError
            The host cannot be reached, or breaks off.
        """
        found = await self._addresses(address)
        context = self.ssl_context or _well_known_authorities()
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits) as transport:
            answer = await self._first_answer(transport, method, address, found, body, headers or {})
            try:
                yield answer
            except httpx.TransportError as error:
                raise _broken(address, error) from None
            finally:
                await answer.aclose()

    async def _first_answer(
        self,
        transport: httpx.AsyncHTTPTransport,
        method: str,
        address: WebAddress,
        found: list[str],
        body: bytes,
        headers: Mapping[str, str],
    ) -> httpx.Response:
        """The answer of the first of the IP addresses that takes the connection."""
        for ip in found:
            try:
                return await transport.handle_async_request(_request(method, address, ip, body, headers))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = _broken(address, error)
            except httpx.TransportError as error:
                raise _broken(address, error) from None
        raise failure


@cache
def _well_known_authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)  # 13 ms: not for each message


def _request(method: str, address: WebAddress, ip: str, body: bytes, headers: Mapping[str, str]) -> httpx.Request:
    """A request to an IP address that names the host, in its header and to TLS."""
    own = {"Host": address.url.netloc.decode("ascii"), "Accept": "*/*", "Accept-Encoding": "identity"}
    timeouts = httpx.Timeout(_READ_S, connect=_CONNECT_S).as_dict()
    return httpx.Request(
        method,
        address.url.copy_with(host=ip),
        headers={**own, "User-Agent": "panscan", **headers},
        content=body,
        extensions={"timeout": timeouts, "sni_hostname": address.host},
    )


def _broken(address: WebAddress, error: httpx.TransportError) -> PanscanError:
    reason = "Its certificate is not valid." if "CERTIFICATE_VERIFY" in str(error) else f"{type(error).__name__}."
    return TemporaryError(f"{address} could not be reached", why=reason, fix="Check the address, or try again later.")
