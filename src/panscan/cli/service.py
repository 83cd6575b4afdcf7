"""`panscan service`: jobs for others, on one machine: the HTTP API, a worker and the database."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panscan.cli.console import print_json, say
from panscan.errors import CapabilityError

if TYPE_CHECKING:
    from panscan.service.database import Pool
    from panscan.service.settings import ServiceSettings

app = typer.Typer(
    help="Jobs for others: the HTTP API, a worker and the database, on one machine.", no_args_is_help=True
)

_PORT = 8780  # above the ports of the system, and not that of `panscan serve`
_RESTART_S = 1.0  # before a worker that ended is started again
_END_S = 5.0  # beyond what a worker gives to its jobs, until it is killed

Allow = Annotated[
    list[Path] | None,
    typer.Option("--allow", help="Folder that jobs may read and write; repeat for more. [none]", show_default=False),
]
Slots = Annotated[int, typer.Option("--jobs", help="Jobs at once.", min=1, max=64)]
Drain = Annotated[
    float, typer.Option(help="Seconds that running jobs get when the worker is told to end.", min=0, max=24 * 3600)
]


@contextmanager
def needed_packages(command: str) -> Iterator[None]:
    """For imports of packages that only the service needs.

    Raises
    ------
    CapabilityError
        One of them is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise CapabilityError(
            f"{command} needs further packages",
            why=f"{error.name} is not installed.",
            fix="Run: pip install 'panscan[service]'",
        ) from error


@app.command()
def run(
    allow: Allow = None,
    host: Annotated[str, typer.Option(help="Address to listen at; put a proxy with TLS before others.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = _PORT,
    slots: Annotated[
        int, typer.Option("--jobs", help="Jobs at once; 0 leaves them to `panscan worker`.", min=0, max=64)
    ] = 1,
    drain: Drain = 60.0,
) -> None:
    """Run all of it until Ctrl-C. What was asked goes on at the next start.

    Results and the database lie in $PANSCAN_SERVICE_DIR, else in your data folder. With PANSCAN_DATABASE_URL a
    PostgreSQL of your own is used, and `panscan worker` on any number of machines.
    """
    with needed_packages("panscan service"):
        from panscan.service.database import connections, database_address
        from panscan.service.settings import ServiceSettings
    settings = ServiceSettings.of_environment(allow or (), slots, drain)
    with database_address(settings, is_owner=True) as url, connections(url) as pool:
        worker = _worker(settings, url) if slots else nullcontext()
        with worker:
            _serve(pool, settings, host, port)


@app.command()
def reseal(json: Annotated[bool, typer.Option("--json", help="Print JSON: how many there were.")] = False) -> None:
    """Seal all stored secrets anew, after a key was put in front of the old one."""
    with needed_packages("panscan service"):
        from panscan.service.database import open_database
        from panscan.service.records.sealing import reseal_all
        from panscan.service.secrets import open_secret_box
        from panscan.service.settings import ServiceSettings
    settings = ServiceSettings.of_environment()
    with open_database(settings) as pool, pool.connection() as db:
        count = reseal_all(db, open_secret_box(settings.key_file))
    say(f"{count} secrets are sealed with the first key; the others are not needed any more")
    if json:
        print_json({"secrets": count})


def _serve(pool: Pool, settings: ServiceSettings, host: str, port: int) -> None:
    with needed_packages("panscan service"):
        import uvicorn

        from panscan.serve.connections import ImpatientProtocol
        from panscan.service.api.app import create_api
        from panscan.service.secrets import open_secret_box
    api = create_api(pool, settings, open_secret_box(settings.key_file))
    say(f"panscan service at http://{host}:{port} (Ctrl-C ends it); data: {settings.data}")
    say("  make an account and its token: panscan accounts add NAME")
    try:
        uvicorn.run(
            api,
            host=host,
            port=port,
            http=ImpatientProtocol,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(_END_S),  # streams of events never end by themselves
        )
    except KeyboardInterrupt:
        return
    except SystemExit as error:  # uvicorn has printed the system's error
        raise CapabilityError(
            f"cannot listen at {host}, port {port}",
            why="It is taken, maybe by another panscan service, or this user may not have it.",
            fix="End that one, or choose another with --port.",
        ) from error


@contextmanager
def _worker(settings: ServiceSettings, url: str) -> Iterator[None]:
    """A worker in a process of its own, started again when it ends."""
    stopping = threading.Event()
    command = [sys.executable, "-m", "panscan", "worker", "--jobs", str(settings.slots), "--drain"]
    command += [str(settings.drain_s), *(f"--allow={folder}" for folder in settings.folders)]
    environment = os.environ | {
        "PANSCAN_DATABASE_URL": url,
        "PANSCAN_SERVICE_DIR": str(settings.data),
        "PANSCAN_WORKER_PARENT": str(os.getpid()),
    }

    def keep() -> None:
        while not stopping.is_set():
            # A session of its own: Ctrl-C is for the service, which then tells the worker.
            with subprocess.Popen(command, env=environment, start_new_session=True) as process:
                while process.poll() is None and not stopping.wait(_RESTART_S):
                    pass
                process.terminate()
                try:
                    process.wait(settings.drain_s + _END_S)
                except subprocess.TimeoutExpired:
                    process.kill()

    keeper = threading.Thread(target=keep, name="panscan worker")
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join()
