"""Connections of the service: one that is open and asks nothing is closed, or many of them would shut everybody out."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

_REQUEST_S = 10.0  # until the head of a request must be here: it comes from this machine


class ImpatientProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, with a time within which a request must begin."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next one."""
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self.loop.call_later(_REQUEST_S, self._close_unless_asked, self.cycle)

    def _close_unless_asked(self, before: RequestResponseCycle | None) -> None:
        if self.cycle is before and not self.transport.is_closing():
            self.transport.close()
