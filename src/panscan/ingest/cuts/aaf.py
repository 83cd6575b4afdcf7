"""AAF, what Avid Media Composer exports, read by OTIO's adapter, which is an extra of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import CapabilityError
from panscan.ingest.cuts.files import MAX_BYTES, one_timeline, read_bytes, unreadable

_ADAPTER = "AAF"  # its name in OTIO


def read_aaf(path: Path) -> Any:
    """The timeline of an AAF file.

    Raises
    ------
    CapabilityError
        The adapter is not installed.
    InputError
        The file is no AAF, holds no sequence or several, or cannot be understood.
    """
    if _ADAPTER not in otio.adapters.available_adapter_names():
        raise CapabilityError(
            f"{path} cannot be read here",
            why="AAF needs OTIO's adapter for it.",
            fix="Install it: pip install 'panscan[aaf]'; or export the cut as EDL or XML.",
        )
    read_bytes(path)  # refuses what is missing, empty or too large
    try:
        return one_timeline(otio.adapters.read_from_file(str(path), _ADAPTER), path)
    except MemoryError:
        raise unreadable(path, f"It does not fit into memory, though it has less than {MAX_BYTES} bytes") from None
    except Exception as error:  # the adapter and the library below it raise many unrelated types
        if type(error).__module__.startswith("panscan"):
            raise
        raise unreadable(path, f"The AAF cannot be understood ({type(error).__name__}: {error})") from error
