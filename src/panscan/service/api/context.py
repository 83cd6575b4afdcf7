"""What all routes share, and how they get at it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from panscan.service.api.limits import RateLimit
from panscan.service.api.problem import HttpError
from panscan.service.database import Db, Pool
from panscan.service.records.accounts import ROLES, Caller, Role, find_caller
from panscan.service.secrets import SecretBox
from panscan.service.settings import ServiceSettings
from panscan.service.uploads import UploadStore

_PER_MINUTE = 600  # requests of one account: ten a second, more than a person or a queue needs
_BURST_SHARE = 1 / 6  # of a minute's requests that may come at once
_WRONG_PER_MINUTE, _WRONG_BURST = 30, 20  # wrong tokens from one address: mistakes pass, guessing does not
_MAX_UPLOAD_BYTES = 64 * 1024**3  # of one file: two hours in a format of cameras


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """How the service answers.

    Attributes
    ----------
    public_url : str
        Where clients reach it, e.g. "https://panscan.example.com"; empty for the address that a request names.
    review_url : str
        The page on which a job's timelines are corrected, with "{job}" in it; empty where there is none.
    metrics_token : str
        With which Prometheus asks; empty where nobody may.
    max_upload_bytes : int
    requests_per_minute : int
        Of one account, to one process of the service.
    """

    public_url: str = ""
    review_url: str = ""
    metrics_token: str = field(default="", repr=False)
    max_upload_bytes: int = _MAX_UPLOAD_BYTES
    requests_per_minute: int = _PER_MINUTE

    @classmethod
    def of_environment(cls) -> ApiOptions:
        """From $PANSCAN_PUBLIC_URL, $PANSCAN_REVIEW_URL and $PANSCAN_METRICS_TOKEN."""
        names = ("PANSCAN_PUBLIC_URL", "PANSCAN_REVIEW_URL", "PANSCAN_METRICS_TOKEN")
        public_url, review_url, metrics_token = (os.environ.get(name, "") for name in names)
        return cls(public_url, review_url, metrics_token)

    def rate_limit(self) -> RateLimit:
        """The limit of accounts."""
        return RateLimit(self.requests_per_minute, max(1, round(self.requests_per_minute * _BURST_SHARE)))


@dataclass(frozen=True, slots=True)
class ApiContext:
    """What all routes share.

    Attributes
    ----------
    pool : Pool
        Connections to the database.
    settings : ServiceSettings
    box : SecretBox
        Seals secrets, tickets for files and tasks of Qencode's clients.
    options : ApiOptions
    uploads : UploadStore
    requests, refusals : RateLimit
        Of accounts, and of addresses that send wrong tokens.
    streams : Counter
        Open streams of events by account.
    """

    pool: Pool
    settings: ServiceSettings
    box: SecretBox
    options: ApiOptions
    uploads: UploadStore
    requests: RateLimit
    refusals: RateLimit = field(default_factory=lambda: RateLimit(_WRONG_PER_MINUTE, _WRONG_BURST))
    streams: Counter[str] = field(default_factory=Counter)


def get_context(request: Request) -> ApiContext:
    """What all routes share."""
    context: ApiContext = request.app.state.context
    return context


Shared = Annotated[ApiContext, Depends(get_context)]


def get_db(context: Shared) -> Iterator[Db]:
    """A connection for one request."""
    with context.pool.connection() as db:
        yield db


# Given back before the answer is sent: streams and downloads may take hours, and connections are few.
Database = Annotated[Db, Depends(get_db, scope="function")]
_bearer = HTTPBearer(auto_error=False, description="A token of `panscan accounts token`.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def identify(context: ApiContext, db: Db, token: str, address: str) -> Caller:
    """Who has a token.

    Raises
    ------
    HttpError
        Nobody has, or they ask too often.
    """
    caller = find_caller(db, token) if token else None
    if caller is None:
        context.refusals.check(address)
        raise HttpError(
            401,
            "wrong token",
            why="Each request carries a token that is not void.",
            fix="Send the header Authorization: Bearer TOKEN.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    context.requests.check(caller.account_id)
    return caller


def caller_with(role: Role) -> Callable[..., Caller]:
    """A dependency: who asks, if their token has this role or a higher one."""

    def caller(request: Request, context: Shared, given: Bearer) -> Caller:
        with context.pool.connection() as db:  # not for the whole request: an upload may take hours
            found = identify(context, db, given.credentials if given else "", client_address(request))
        if ROLES.index(found.role) < ROLES.index(role):
            why = f"The token is of a {found.role}; this needs a {role}."
            raise HttpError(403, "this token may not do that", why=why, fix="Use another token.")
        return found

    return caller


def client_address(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def public_url(request: Request, context: ApiContext) -> str:
    """Where clients reach the service, without a slash at the end."""
    return (context.options.public_url or str(request.base_url)).rstrip("/")


Reader = Annotated[Caller, Depends(caller_with("reader"))]
Writer = Annotated[Caller, Depends(caller_with("writer"))]
Admin = Annotated[Caller, Depends(caller_with("admin"))]
