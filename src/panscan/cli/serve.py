"""`panscan serve`: plans for panels inside editors, made on request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import say
from panscan.errors import CapabilityError

_PORT = 8765  # at which the panel asks when nobody told it another one: above the ports of the system


def command(
    allow: Annotated[
        list[Path] | None,
        typer.Option("--allow", help="Folder that may be read; repeat for more. [the current folder]"),
    ] = None,
    port: Annotated[
        int, typer.Option(help=f"Port on 127.0.0.1; Premiere's panel asks at {_PORT}.", min=1, max=65535)
    ] = _PORT,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", help="Origin of a web page that may ask too, e.g. http://localhost:3000."),
    ] = None,
    new_token: Annotated[bool, typer.Option("--new-token", help="Make a new token; the old one is void.")] = False,
) -> None:
    """Make plans for panels inside editors, on this machine only, until Ctrl-C.

    Jobs that were not finished go on at the next start.
    """
    try:
        import uvicorn

        from panscan.serve.app import create_app
        from panscan.serve.connections import ImpatientProtocol
    except ModuleNotFoundError as error:
        raise CapabilityError(
            "panscan serve needs further packages",
            why=f"{error.name} is not installed.",
            fix="Run: pip install 'panscan[serve]'",
        ) from error
    from panscan.cli.serve_work import PlanMaker
    from panscan.serve.child import ChildProcessHandler
    from panscan.serve.guard import AccessPolicy, AllowedFolders, load_or_create_token

    folders = AllowedFolders.of(allow or [Path.cwd()])
    data = data_folder()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    access = AccessPolicy(load_or_create_token(data / "token", renew=new_token), port, frozenset(origin or ()))
    app = create_app(access, folders, data / "jobs", ChildProcessHandler(PlanMaker()))

    class Server(uvicorn.Server):
        """Prints its address, once it listens."""

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            say(f"panscan listens at http://127.0.0.1:{port} (Ctrl-C ends it)")
            say(f"  token: {access.token}")
            for root in folders.roots:
                say(f"  may read: {root}")

    settings = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        http=ImpatientProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    try:
        Server(settings).run()
    except KeyboardInterrupt:
        return
    except SystemExit as error:  # uvicorn has printed the system's error
        raise CapabilityError(
            f"cannot listen at port {port}",
            why="It is taken, maybe by another panscan serve, or this user may not have it.",
            fix=f"End that one, or choose another port with --port. Premiere's panel asks at {_PORT}.",
        ) from error


def data_folder() -> Path:
    """Where token and jobs are kept: $PANSCAN_SERVE_DIR, else the user's data folder."""
    from platformdirs import user_data_path

    chosen = os.environ.get("PANSCAN_SERVE_DIR")
    return Path(chosen) if chosen else user_data_path("panscan", appauthor=False) / "serve"
