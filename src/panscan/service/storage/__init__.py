"""Where media comes from and where results go: folders, http(s) addresses, buckets.

Everything here takes what strangers ask for, and gives it only within what the operator allows (`StoragePolicy`).
"""

from __future__ import annotations

from panscan.service.storage.connections import Connection
from panscan.service.storage.containers import check_container
from panscan.service.storage.doors import check_destination, fetch_source, publish, watch_bucket
from panscan.service.storage.http import GuardedClient, HttpPolicy
from panscan.service.storage.policy import StoragePolicy
from panscan.service.storage.transfer import Fetched, Published
from panscan.service.storage.watching import FoundObject

__all__ = [
    "Connection",
    "Fetched",
    "FoundObject",
    "GuardedClient",
    "HttpPolicy",
    "Published",
    "StoragePolicy",
    "check_container",
    "check_destination",
    "fetch_source",
    "publish",
    "watch_bucket",
]
