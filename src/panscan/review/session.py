"""Who may ask: the browser that opened the one-time address, and nobody else.

The server listens on the loopback address only. Web pages in the same browser can still send requests to it, and with
DNS rebinding read the answers. So every request is checked for its host name, its origin and a cookie that browsers
never send along from another page.
"""

from __future__ import annotations

import secrets

from panscan.serve.guard import AccessPolicy

_SECRET_BYTES = 24  # 192 random bits: nobody guesses them
_COOKIE_S = 24 * 60 * 60  # a day of work, also after the browser was closed; the cookie ends with the server anyway

# Scripts, pictures and movies of the server itself and nothing else; no other page may frame it.
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# A verdict in pictures has its style inside, and no scripts.
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Session:
    """The secrets of one run of the server, and what a request must show."""

    def __init__(self, port: int) -> None:
        self._policy = AccessPolicy(secrets.token_urlsafe(_SECRET_BYTES), port)
        self._code: str | None = secrets.token_urlsafe(_SECRET_BYTES)
        self.address = f"http://127.0.0.1:{port}"

    @property
    def opening_address(self) -> str:
        """The address that lets one browser in, once."""
        return f"{self.address}/open/{self._code}" if self._code else self.address

    @property
    def cookie_name(self) -> str:
        """With the port in it: cookies do not tell ports apart."""
        return f"panscan_review_{self._policy.port}"

    def admit(self, code: str) -> str | None:
        """The header that sets the cookie, for the right code; a code is good for one time."""
        if self._code is None or not secrets.compare_digest(code.encode(), self._code.encode()):
            return None
        self._code = None
        value = f"{self.cookie_name}={self._policy.token}"
        return f"{value}; Path=/; Max-Age={_COOKIE_S}; HttpOnly; SameSite=Strict"

    def is_host(self, host: str) -> bool:
        """Whether a Host header names the loopback itself."""
        return self._policy.is_allowed_host(host)

    def may_ask(self, method: str, host: str, origin: str | None) -> bool:
        """Whether a request comes from no other page; what changes something must say so by its origin."""
        reads = origin is None and method in ("GET", "HEAD")
        return reads or origin == f"http://{host.lower()}"

    def is_member(self, cookie: str | None) -> bool:
        """Whether a cookie is the one that was given out; takes equally long for every wrong one."""
        return cookie is not None and self._policy.is_authorized(f"bearer {cookie}")

    @staticmethod
    def headers(policy: str = PAGE_POLICY) -> dict[str, str]:
        """Headers of every answer."""
        return _HEADERS | {"Content-Security-Policy": policy}
