"""Where the service keeps what it has, and how it works; from the environment."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from panscan.errors import UsageError
from panscan.service.exchange import Exchange, open_exchange


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where the service keeps what it has, and how it works.

    Attributes
    ----------
    data : Path
        Its own folder, which nobody else can read.
    database_url : str
        The PostgreSQL server; empty for the one that comes with panscan.
    folders : tuple of Path
        Folders that jobs may read media from and send results to.
    slots : int
        Jobs that one worker does at once.
    drain_s : float
        Seconds that a worker which is told to end gives to the jobs it is at.
    stale_s : float
        Seconds without a sign after which a worker counts as killed.
    sweep_s : int
        Seconds from one look for such workers to the next; a divisor of 60.
    silent_s : float
        Seconds without a word from the work of a job after which it counts as hung: a large file may be sent so long.
    exchange_address : str
        Where workers find what others made: a folder or a bucket; empty for a folder beside the jobs.
    """

    data: Path
    database_url: str = ""
    folders: tuple[Path, ...] = ()
    slots: int = 1
    drain_s: float = 60.0
    stale_s: float = 30.0
    sweep_s: int = 15
    silent_s: float = 2 * 3600.0
    exchange_address: str = ""

    @classmethod
    def of_environment(cls, folders: Iterable[Path] = (), slots: int = 1, drain_s: float = 60.0) -> ServiceSettings:
        """From $PANSCAN_SERVICE_DIR, else the user's data folder, $PANSCAN_DATABASE_URL and $PANSCAN_EXCHANGE.

        Raises
        ------
        UsageError
            A folder is none, the data folder cannot be made, or the exchange is no folder and no bucket.
        """
        chosen = os.environ.get("PANSCAN_SERVICE_DIR")
        data = Path(chosen) if chosen else user_data_path("panscan", appauthor=False) / "service"
        for folder in folders:
            if not folder.is_dir():
                raise UsageError(f"{folder} is no folder", why="Media is read from folders.", fix="Check --allow.")
        made = tuple(folder.resolve() for folder in folders)
        url, exchange = os.environ.get("PANSCAN_DATABASE_URL", ""), _exchange_address()
        settings = cls(data.resolve(), url, made, slots, drain_s, exchange_address=exchange)
        settings.prepare()
        return settings

    def prepare(self) -> None:
        """Make the folders, readable by their owner alone.

        Raises
        ------
        UsageError
            They cannot be made.
        """
        try:
            for folder in (self.data, self.jobs, self.uploads):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.jobs, self.uploads):
                folder.chmod(0o700)
        except OSError as error:
            raise UsageError(
                f"{self.data} cannot be used",
                why=f"{error.strerror or error}.",
                fix="Set PANSCAN_SERVICE_DIR to a folder that you may write to.",
            ) from error

    @property
    def key_file(self) -> Path:
        """The key that seals secrets."""
        return self.data / "service.key"

    @property
    def jobs(self) -> Path:
        """Folders of jobs."""
        return self.data / "jobs"

    @property
    def uploads(self) -> Path:
        """Files that clients sent."""
        return self.data / "uploads"

    @property
    def exchange(self) -> Exchange:
        """Where workers find what others made."""
        return open_exchange(self.exchange_address or str(self.data / "exchange"))

    def job_folder(self, job_id: str) -> Path:
        """The folder of a job."""
        return self.jobs / job_id


def _exchange_address() -> str:
    """Where the environment says that workers give each other files; empty where it says nothing.

    Raises
    ------
    UsageError
        It is no folder and no bucket.
    """
    address = os.environ.get("PANSCAN_EXCHANGE", "")
    if "://" in address:
        open_exchange(address)
        return address
    if address and not Path(address).is_dir():
        raise UsageError(
            f"{address} is no folder",
            why="PANSCAN_EXCHANGE names a folder that all workers see, or a bucket.",
            fix="Make it, or correct the variable.",
        )
    return str(Path(address).resolve()) if address else ""
