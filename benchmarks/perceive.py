"""What perceiving costs, as multiples of decoding alone: `python benchmarks/perceive.py [options] MOVIE [MOVIE ...]`.

CPU seconds (user and system, all threads) per minute of movie, and as multiples of decoding alone in the same run,
so that noise of the machine falls on both: the floor is the mean of a decode before and one after. A signal's own
cost is what it adds to a run of everything it consults; with nothing to consult, to the decode (to nothing, for
sound). A picture scaled for several signals is counted at each of them, so the rows add up to more than the total.
Each movie is measured in a process of its own, whose peak of memory is shown.

    --make 1080|2160 --minutes N    first make test movies of that height and length from the given clips
    --total                         only the totals, not signal by signal
    --memory                        one run of all signals, telling the memory as it goes
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from panscan import ingest, registry
from panscan.measure import _FAST_RATE_FACTOR, Decoder
from panscan.model.media import Media
from panscan.perceive.observe import observe
from panscan.perceive.signal import complete_signal_class

_MEMORY_AT_MIN = (1, 5, 10, 15, 20, 25, 30, 45, 60)


def cpu_s(work: Callable[[], object]) -> float:
    """User and system time of all threads while `work` runs."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def peak_mb() -> float:
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def decode(media: Media) -> float:
    return cpu_s(lambda: [None for _ in ingest.PictureDecoder(media)])


def look(media: Media, names: Iterable[str], *, fast: bool = False) -> float:
    wanted, factor = list(names), _FAST_RATE_FACTOR if fast else 1.0
    return cpu_s(lambda: observe(media, Decoder(media, fast), signals=wanted, rate_factor=factor)) if wanted else 0.0


def consulted(name: str) -> set[str]:
    """Everything a signal consults, directly or not, of what is registered."""
    signal_class = complete_signal_class(registry.load("signals", name))
    direct = set(signal_class.depends_on) & set(registry.entries("signals"))
    return direct.union(*(consulted(other) for other in direct))


def looks_at_pictures(name: str) -> bool:
    return hasattr(registry.load("signals", name), "see")


def measure(path: Path, *, total_only: bool) -> None:
    media, names = ingest.probe(path), list(registry.entries("signals"))
    minutes = float(media.duration_s) / 60
    print(f"\n{path.name}: {media.video.display_size}, {float(media.video.rate):.3f} fps, {minutes * 60:.1f} s")
    look(media, names)  # imports and models are loaded once, not per movie
    first = decode(media)
    started = time.perf_counter()
    everything = look(media, names)
    wall_s = time.perf_counter() - started
    fast = look(media, names, fast=True)
    # Of the rounds the lowest, as of every figure that noise only adds to.
    everything, fast = min(everything, look(media, names)), min(fast, look(media, names, fast=True))
    floor = (first + decode(media)) / 2

    def row(name: str, cost: float) -> None:
        print(f"{name:<14} {cost / minutes:7.2f} cpu s/min {cost / floor:6.2f}", flush=True)

    row("decode alone", floor)
    row("all", everything)
    row("all, --fast", fast)
    print(f"wall {wall_s / 60 / minutes:.2f} of the movie's length; peak of memory {peak_mb():.0f} MB", flush=True)
    for name in () if total_only else names:
        needed = sorted(consulted(name), key=names.index)
        base = look(media, needed)
        if looks_at_pictures(name) and not any(looks_at_pictures(other) for other in needed):
            base += floor
        idle = getattr(registry.load("signals", name)(media), "idle", False)
        if idle:
            print(f"{name:<14} idle: no weights")
        else:
            row(f"+ {name}", look(media, [*needed, name]) - base)


def memory(path: Path) -> None:
    """One run of all signals with the resident memory at some minutes of the movie."""
    media = ingest.probe(path)
    print(f"\n{path.name}: {media.video.display_size}, {float(media.duration_s) / 60:.1f} min", flush=True)
    waiting = list(_MEMORY_AT_MIN)

    def tell(done: int, _: int) -> None:
        if waiting and done >= waiting[0] * 60 * float(media.video.rate) - 1:
            print(f"{waiting.pop(0):3d} min: peak so far {peak_mb():.0f} MB", flush=True)

    observe(media, Decoder(media), progress=tell)
    print(f"in all: {peak_mb():.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("movies", nargs="+", type=Path)
    parser.add_argument("--make", type=int, choices=(360, 720, 1080, 2160), metavar="HEIGHT")
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--total", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        (path,) = given.movies
        memory(path) if given.memory else measure(path, total_only=given.total)
        return
    flags = [flag for flag, on in (("--total", given.total), ("--memory", given.memory)) if on]
    with tempfile.TemporaryDirectory(prefix="panscan-bench-") as folder:
        for movie in given.movies:
            path = movie
            if given.make:
                import movies

                path = movies.make(movie, Path(folder) / f"{movie.stem}.{given.make}p.mp4", given.make, given.minutes)
            subprocess.run([sys.executable, __file__, "--here", *flags, str(path)], check=True)


if __name__ == "__main__":
    main()
