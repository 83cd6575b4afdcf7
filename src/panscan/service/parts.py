"""Parts of jobs of other workers, done here: which function does a part of which stage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from panscan.service.analysis import measure_shared
from panscan.service.rendering import encode_shared
from panscan.service.sharing import hand_in, refuse_other_build
from panscan.service.work_order import SharedPart, WorkOrder, WorkReport

# By stage: does a part with nothing but what the part says, and gives the file that the job's own worker needs of it.
_MAKERS: dict[str, Callable[[WorkOrder, SharedPart, WorkReport], Path]] = {
    "analyse": measure_shared,
    "render": encode_shared,
}


def do_part(order: WorkOrder, part: SharedPart, report: WorkReport) -> None:
    """Do one part of a job, and hand it in.

    Raises
    ------
    PanscanError
        It cannot be done here.
    """
    refuse_other_build(part)
    hand_in(order, part.name, _MAKERS[part.stage](order, part, report))
