"""`panscan work`: one job from a file, without a queue and without a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import print_json, say, silence_native_stderr
from panscan.errors import InputError, UsageError

if TYPE_CHECKING:
    from panscan.service.work_order import SharedPart

_FAILED, _REJECTED = InputError.exit_code, 1


@dataclass(frozen=True, slots=True)
class ConsoleReport:
    """Prints what the work has to say (a `WorkReport` of `panscan.service.work_order`).

    Attributes
    ----------
    found : dict
        What is known of the job.
    """

    found: dict[str, Any] = field(default_factory=dict)

    def progress(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say which stage begins."""
        if self.found.get("stage") != stage:
            self.found["stage"] = stage
            say(stage)

    def confirm(self, source_s: float) -> None:
        """Nobody counts here."""
        self.found["source_s"] = source_s

    def result(self, **found: Any) -> None:
        """Keep it for the end."""
        self.found.update(found)

    def share(self, parts: Sequence[SharedPart]) -> Iterator[SharedPart]:
        """All of them: nobody helps."""
        yield from parts


def command(
    job: Annotated[Path, typer.Argument(metavar="JOB.json", help="What to do, as the service takes it.")],
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Folder for the job. [JOB beside JOB.json]", show_default=False)
    ] = None,
    allow: Annotated[
        list[Path] | None,
        typer.Option("--allow", help="Folder that may be read and written to; repeat for more. [all]"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Do one job of the service here and now: for Kubernetes, AWS Batch, Slurm and the like.

    Run it again as often as you like: what is made is kept. It ends with 0 when all is made, 1 when a movie was
    rejected, 75 when the same may work later, else with the code of the error.
    """
    import json as json_library

    from panscan.cli.service import needed_packages

    with needed_packages("panscan work"):
        from panscan.service.spec import parse_job_spec
        from panscan.service.states import FAILED, REJECTED
        from panscan.service.work import do_work
        from panscan.service.work_order import WorkOrder
    try:
        spec = parse_job_spec(json_library.loads(job.read_bytes()))
    except (OSError, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{job} is no job", why=f"{error}.", fix="Give a file with JSON.") from error
    own = (folder or job.with_suffix("")).resolve()
    folders = tuple(path.resolve() for path in allow or [Path(own.anchor)])
    report = ConsoleReport()
    with silence_native_stderr():
        state = do_work(WorkOrder(job.stem, 1, spec, own, read_folders=folders), report)
    say(f"{state}: {own / 'output'}")
    if json:
        print_json({"state": state, "folder": str(own), **report.found})
    if state in (REJECTED, FAILED):
        raise typer.Exit(_REJECTED if state == REJECTED else _FAILED)
