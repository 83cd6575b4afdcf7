"""Looking at buckets: each new movie becomes a job, once."""

from __future__ import annotations

from collections.abc import Sequence

from panscan.errors import PanscanError, UsageError
from panscan.service.child import error_values
from panscan.service.database import Db
from panscan.service.records.accounts import new_id
from panscan.service.records.jobs import Seals, create_job
from panscan.service.records.stored_connections import connections_of
from panscan.service.records.watches import BucketWatch, find_watch, note_look, take, taken_keys
from panscan.service.storage import Connection, FoundObject, StoragePolicy, watch_bucket


def look_at_bucket(db: Db, account_id: str, name: str, seals: Seals, policy: StoragePolicy) -> None:
    """Look once, and queue a job for each movie that was not taken; nothing where the watch is gone.

    What goes wrong is written at the watch; the next look tries again.
    """
    watch = find_watch(db, account_id, name)
    if watch is None:
        return
    error, reached = None, watch.start_after
    try:
        while found := _new_movies(db, watch, seals, policy):  # a page at a time
            for one in found:
                _begin(db, watch, one, seals)
                reached = one.key if watch.is_dated else ""
    except PanscanError as failure:
        error = error_values(failure)
    note_look(db, watch, reached, error)


def _new_movies(db: Db, watch: BucketWatch, seals: Seals, policy: StoragePolicy) -> Sequence[FoundObject]:
    known = taken_keys(db, watch.account_id)
    return watch_bucket(
        _connection(db, watch, seals),
        watch.account_id,
        policy=policy,
        start_after=watch.start_after,
        is_known=known.__contains__,
    )


def _connection(db: Db, watch: BucketWatch, seals: Seals) -> Connection:
    found = connections_of(db, watch.account_id, watch.spec("movie.mp4"), seals)
    if watch.connection not in found:
        raise UsageError(
            f"there is no connection {watch.connection}", why="It was removed.", fix="Store it again, or end the watch."
        )
    return Connection.from_json(found[watch.connection])


def _begin(db: Db, watch: BucketWatch, found: FoundObject, seals: Seals) -> None:
    """Take a movie and queue its job, both or neither. What was there before the watch is taken without a job."""
    is_new = watch.looked_at is not None or watch.takes_existing
    job_id = new_id("job") if is_new else None
    with db.transaction():
        if take(db, watch, found.idempotency_key, job_id) and job_id:
            create_job(db, watch.account_id, watch.spec(found.key), seals=seals, job_id=job_id)
