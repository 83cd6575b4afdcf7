"""Programs and packages that tests need beside Python's: without them a test is skipped with a reason.

In continuous integration, where `.ci/run` installs all of them, one that is missing is a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

import chromium

# Read before the tests give themselves an empty folder.
MODELS = Path(os.environ.get("PANSCAN_MODELS_DIR") or Path(__file__).parents[1] / ".venv" / "models")
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")  # not on the path: several versions may be there
PANEL_ADAPTER = Path(__file__).parents[1] / "adapters" / "panscan_premiere"


def absent(what: str) -> NoReturn:
    """Skip the test for want of something, or fail it in continuous integration."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing; .ci/run installs it, so that nothing goes untested here")
    pytest.skip(f"{what} is not installed")


def program(name: str) -> str:
    """A program on the path."""
    return shutil.which(name) or absent(name)


def browser(flavour: str = "") -> str:
    """A Chromium, for `chromium.Chromium`: of a flavour that `chromium.flavours` found, or any."""
    return chromium.flavours().get(flavour) or chromium.find() or absent("Chromium (or name one with PANSCAN_BROWSER)")


def npm_package(name: str) -> Path:
    """The folder of a package that the panel's type checks and parsers use."""
    found = PANEL_ADAPTER / "node_modules" / name
    return found if found.is_dir() else absent(f"{name} (npm install in adapters/panscan_premiere)")


def debian_postgres() -> Path:
    """The folder with the programs of Debian's PostgreSQL, of its newest version."""
    found = sorted(DEBIAN_POSTGRES.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else absent("PostgreSQL of Debian")


def weights(name: str) -> Path:
    """Recommended weights, which `make test` fetches."""
    from panscan import weights as known

    entry = known.find_weights(name)
    if known.file_state(entry, MODELS) == "present":
        return MODELS / entry.file
    return absent(f"the model {name} (make weights)")
