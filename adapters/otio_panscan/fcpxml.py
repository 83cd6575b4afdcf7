"""OTIO adapter "panscan_fcpxml": writes FCPXML with panscan's cameras as keyframed transforms.

It claims no suffix, so that it never displaces another adapter; name it:

    otioconvert -i talk.9x16.otio -o talk.fcpxml -O panscan_fcpxml

OTIO loads this file on its own, not as part of its package: imports are absolute.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.deliver import deliver
from panscan.errors import InputError

_log = logging.getLogger("otio_panscan")


def write_to_string(input_otio: Any, version: str | float = "1.10", y_unit: str = "canvas", folder: str = ".") -> str:
    """The timeline as FCPXML; what it cannot say is logged as a warning.

    Parameters
    ----------
    input_otio : otio.schema.Timeline
        Its clips carry the framings.
    version : str or float
        FCPXML version, "1.9" to "1.13".
    y_unit : {"canvas", "fitted"}
        What position counts in (`panscan.deliver.fcpxml.FcpxmlOptions`).
    folder : str
        Where relative media paths start.

    Raises
    ------
    InputError
        `input_otio` is no timeline, or holds something that the format would show wrongly.
    """
    if not isinstance(input_otio, otio.schema.Timeline):
        raise InputError(
            f"a {type(input_otio).__name__} cannot be written as FCPXML",
            why="panscan writes one timeline per file.",
            fix="Convert the timeline itself.",
        )
    # otioconvert reads `-A version=1.10` as the number 1.1; there is no FCPXML 1.1 to confuse it with here.
    text = "1.10" if version == 1.1 else str(version)
    artifact = deliver(input_otio, "fcpxml", folder=Path(folder), options={"version": text, "y_unit": y_unit})
    for loss in artifact.losses:
        _log.warning("not in the FCPXML: %s. %s", loss.what, loss.why)
    return artifact.text
