"""A bucket through which workers give each other files. Its keys are those of whoever runs the service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import obstore
from obstore.store import ObjectStore

from panscan.service.storage.connections import split_url
from panscan.service.storage.objects import get_object, open_own_store, send_object, told

_MAX_BYTES = 5 * 10**12  # of an object: no store takes more


@dataclass(frozen=True, slots=True)
class BucketExchange:
    """A bucket, opened with what the environment of this machine says: see `panscan.service.exchange.Exchange`.

    Attributes
    ----------
    url : str
        The bucket, with what every key begins with.
    """

    url: str

    @classmethod
    def of(cls, url: str) -> BucketExchange:
        """The bucket of an address.

        Raises
        ------
        UsageError
            It is none.
        """
        kind, bucket, prefix = split_url(url)
        return cls(f"{kind}://{bucket}/{prefix}".rstrip("/"))

    def put(self, file: Path, name: str) -> None:
        """Keep a file; a store shows it whole or not at all."""
        with told(self._shown(name)):
            send_object(self._store(), name, file)

    def get(self, name: str, file: Path) -> bool:
        """Write to a file what was kept; False where there is nothing of this name."""
        if not self.has(name):
            return False
        get_object(self._store(), self._shown(name), name, file, max_bytes=_MAX_BYTES)
        return True

    def has(self, name: str) -> bool:
        """Whether there is something of this name."""
        with told(self._shown(name)):
            try:
                obstore.head(self._store(), name)
            except FileNotFoundError:
                return False
            return True

    def place(self, name: str) -> None:
        """Nothing: a bucket's files have to be fetched."""

    def remove_job(self, job_id: str) -> None:
        """Remove all that was kept for a job."""
        with told(self._shown(job_id)):
            store = self._store()
            for page in obstore.list(store, f"{job_id}/"):
                obstore.delete(store, [one["path"] for one in page])

    def jobs(self) -> list[str]:
        """The jobs for which something is kept."""
        with told(self.url):
            found = obstore.list_with_delimiter(self._store())["common_prefixes"]
        return [PurePosixPath(str(prefix)).name for prefix in found]

    def _store(self) -> ObjectStore:
        return open_own_store(self.url)

    def _shown(self, name: str) -> str:
        return f"{self.url}/{name}"
