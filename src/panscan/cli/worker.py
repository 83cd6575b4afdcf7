"""`panscan worker`: does the jobs of the service, on this machine, until it is told to end."""

from __future__ import annotations

import logging
import os

from panscan.cli.console import say
from panscan.cli.service import Allow, Drain, Slots, needed_packages

PARENT = "PANSCAN_WORKER_PARENT"  # environment variable: the process that started the worker, with which it ends


def command(allow: Allow = None, slots: Slots = 1, drain: Drain = 60.0) -> None:
    """Do jobs of the service until Ctrl-C or SIGTERM; running ones get some time then, and are given back after it.

    The database is that of PANSCAN_DATABASE_URL, else the one of $PANSCAN_SERVICE_DIR on this machine. Workers on
    several machines need the same PANSCAN_SERVICE_KEY, a folder for uploads that they share, and PANSCAN_EXCHANGE: a
    folder or bucket through which they help each other with long movies.
    """
    with needed_packages("panscan worker"):
        from panscan.processes import end_with_parent
        from panscan.service.database import database_address
        from panscan.service.settings import ServiceSettings
        from panscan.service.worker import run_worker
    if os.environ.get(PARENT):
        end_with_parent(int(os.environ.pop(PARENT)))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    settings = ServiceSettings.of_environment(allow or (), slots, drain)
    with database_address(settings) as url:
        say(f"working, {slots} at once; data: {settings.data}")
        run_worker(settings, url)
