"""Errors that pass by themselves: the same may work a little later."""

from __future__ import annotations

from panscan.errors import PanscanError


class TemporaryError(PanscanError):
    """Something outside did not answer or was busy: a network, a store, a server. The job is tried again."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h: schedulers start the job once more
