"""What the operator of the service allows for storage."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from panscan.serve.guard import AllowedFolders
from panscan.service.storage.http import HttpPolicy

_NO_FOLDERS = AllowedFolders(())


@dataclass(frozen=True, slots=True)
class StoragePolicy:
    """What the operator of the service allows.

    Attributes
    ----------
    read_folders : AllowedFolders
        Folders of this machine from which sources are taken; none unless given.
    write_folders : AllowedFolders
        Folders of this machine to which results are copied; none unless given.
    http : HttpPolicy
        What is taken from http(s) addresses. Its largest size holds for every source.
    trusted_endpoints : frozenset of str
        Addresses of own stores that speak like S3, such as "http://minio:9000". Only these may lie in a private
        network or go without encryption.
    """

    read_folders: AllowedFolders = _NO_FOLDERS
    write_folders: AllowedFolders = _NO_FOLDERS
    http: HttpPolicy = field(default_factory=HttpPolicy)
    trusted_endpoints: frozenset[str] = frozenset()

    @classmethod
    def of_environment(cls, folders: AllowedFolders = _NO_FOLDERS) -> StoragePolicy:
        """With folders that may be read and written, and what the environment says.

        PANSCAN_TRUSTED_STORES names endpoints, with spaces between; for the others see `HttpPolicy.of_environment`.

        Raises
        ------
        UsageError
            A variable is not understood.
        """
        stores = frozenset(store.rstrip("/") for store in os.environ.get("PANSCAN_TRUSTED_STORES", "").split())
        return cls(folders, folders, HttpPolicy.of_environment(), stores)
