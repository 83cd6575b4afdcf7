"""What a job costs, stage by stage: `python benchmarks/service_stages.py MOVIE ... --ratio 9:16 --ratio 1:1`.

CPU seconds (user and system, all threads and children) per minute of source, of the work that a worker's process does
for a job with movies, from nothing: no cache, no earlier products. Starting the process is not in it.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from panscan.service.spec import parse_job_spec
from panscan.service.states import STAGES
from panscan.service.work import do_work
from panscan.service.work_order import SharedPart, WorkOrder


def cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@dataclass
class Clock:
    """A `WorkReport` that notes when each stage began."""

    source_s: float = 0.0
    began: dict[str, float] = field(default_factory=dict)

    def progress(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Note the first word of a stage."""
        self.began.setdefault(stage, cpu_s())

    def confirm(self, source_s: float) -> None:
        """Nobody counts here."""
        self.source_s = source_s

    def result(self, **found: Any) -> None:
        """Nobody looks at results here."""

    def share(self, parts: Sequence[SharedPart]) -> Iterator[SharedPart]:
        """All of them: nobody helps."""
        yield from parts

    def per_minute(self) -> list[float]:
        """CPU seconds per minute of source, by stage."""
        edges = [*(self.began[stage] for stage in STAGES), cpu_s()]
        return [(end - start) * 60 / self.source_s for start, end in pairwise(edges)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("movies", nargs="+", type=Path)
    options.add_argument("--ratio", action="append")
    asked = options.parse_args()
    print(f"| {' | '.join(('movie', 's', *STAGES, 'all'))} |\n|{'---|' * (len(STAGES) + 3)}")
    for movie in asked.movies:
        with tempfile.TemporaryDirectory(prefix="panscan-") as name:
            os.environ["PANSCAN_CACHE_DIR"] = str(Path(name) / "cache")
            spec = parse_job_spec({"source": {"path": str(movie.resolve())}, "ratios": asked.ratio or ["9:16"]})
            clock = Clock()
            do_work(WorkOrder("job", 1, spec, Path(name) / "job", read_folders=(movie.resolve().parent,)), clock)
            numbers = clock.per_minute()
        cells = [movie.name, f"{clock.source_s:.1f}", *(f"{number:.1f}" for number in (*numbers, sum(numbers)))]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
