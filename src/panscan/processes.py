"""Processes that are started for a part of the work."""

from __future__ import annotations

import os
import threading
import time

_PARENT_CHECK_S = 0.2  # how soon a process ends after the one that started it


def end_with_parent(parent: int) -> None:
    """Make this process end when the process that started it (its id) ends in any way."""

    def wait_for_parent() -> None:
        # A killed parent sends nothing, and the pipe between the two stays open on this side.
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_S)
        os._exit(1)

    threading.Thread(target=wait_for_parent, name="panscan-parent", daemon=True).start()
