"""Which addresses the service may connect to: those of the public internet, and no others.

Whoever gives a job an address could otherwise have the service ask machines that only it can reach: this machine, its
network, the metadata of a cloud. A name is resolved once, all its addresses are judged, and the connection goes to one
of these; a client that resolved again could get another answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from panscan.errors import InputError, UsageError
from panscan.service.redaction import RedactedUrl
from panscan.service.temporary import TemporaryError

_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given out; translated IPv4 lies outside of it
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "2002::/16",  # 6to4: it carries an IPv4 address, which may be a private one
        "168.63.129.16/32",  # Azure's own, seen from its machines: metadata and keys
    )
)
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A checked http(s) address.

    Attributes
    ----------
    url : httpx.URL
    host : str
        The name or number of the machine, as TLS wants it.
    port : int
    """

    url: httpx.URL
    host: str
    port: int

    def __str__(self) -> str:
        return str(RedactedUrl(str(self.url)))


def web_address(text: str, *, allow_http: bool, ports: frozenset[int]) -> WebAddress:
    """Read an address and refuse what is not wanted, without asking the network.

    Raises
    ------
    UsageError
        It is no http(s) address, holds a user name, or names a port that is not allowed.
    """
    try:
        url = httpx.URL(text)
        port = url.port or _DEFAULT_PORTS.get(url.scheme, 0)
    except (httpx.InvalidURL, ValueError):
        raise _refused(str(RedactedUrl(text)), "It is not understood.", "Correct it.") from None
    shown = str(RedactedUrl(text))
    if url.scheme not in _DEFAULT_PORTS or not url.host or "%" in url.host:
        raise _refused(shown, "It is no http(s) address with a host.", "Give one that begins with https://.")
    if url.scheme == "http" and not allow_http:
        raise _refused(shown, "http is not encrypted.", "Give one that begins with https://.")
    if url.userinfo:
        raise _refused(shown, "It holds a user name or a password.", "Give a signed address instead.")
    if port not in ports:
        raise _refused(shown, f"Port {port} is not allowed.", "Serve the file at the usual port.")
    return WebAddress(url, url.raw_host.decode("ascii").strip("[]"), port)


def _refused(what: str, why: str, fix: str) -> UsageError:
    return UsageError(f"the address cannot be used: {what}", why=why, fix=fix)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(address)
    if (
        not ip.is_global
        or ip.is_multicast
        or any(ip in network for network in _REFUSED if network.version == ip.version)
    ):
        return False
    return ip.version == 4 or ip in _UNICAST


async def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order in which the system would try them.

    Raises
    ------
    OSError
        It has none, or nobody could be asked.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def public_addresses(
    address: WebAddress,
    *,
    resolver: Callable[[str, int], Awaitable[list[str]]] = resolve,
    is_allowed: Callable[[str], bool] = is_public,
) -> list[str]:
    """The IP addresses of an address's host; one that is not public refuses them all.

    Raises
    ------
    InputError
        The host is not known, or one of its addresses is not public.
    TemporaryError
        Nobody could be asked.
    """
    try:
        found = await resolver(address.host, address.port)
    except (OSError, UnicodeError) as error:
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
            raise TemporaryError(
                f"no answer about {address.host}", why="The name server did not answer.", fix="Try again later."
            ) from None
        raise InputError(
            f"{address.host} is not known", why="No name server knows it.", fix="Correct the address."
        ) from None
    if not found or not all(is_allowed(one) for one in found):
        raise InputError(
            f"{address.host} is not a public host",
            why="The service connects to addresses of the public internet only.",
            fix="Put the file on a public host or into a bucket.",
        )
    return found
