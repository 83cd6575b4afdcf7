"""The whole of `panscan reframe MOVIE --render` against one plain FFmpeg run: `python benchmarks/whole.py MOVIE ...`.

CPU seconds (user and system, all threads and children) of looking at a movie, solving its cameras, rendering and
verifying it, as multiples of one `ffmpeg -vf crop,scale` that encodes as many pictures of the same size with the same
settings and copies the sound. Its crop has the full height (or width) and stands where panscan's camera is, looked up
once a second: another part of the picture may be twice as hard to encode. Nothing is cached. Rounds are
interleaved, and the run of the least CPU time counts: what others do on the machine can only add to it. `decode` is
the source's decoding alone, which looking, rendering and verifying each contain; it is no part of the sum.

    --make 1080 --minutes N    first make test movies of that height and length from the given clips
    --ratio 9:16               the shape
    --rounds 2

On a quiet machine, the README's figure is that of `--make 1080 --minutes 1 --rounds 3` with two people who talk.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from panscan.timeline.files import read_timeline
from panscan.timeline.flatten import renderable_cut

PRESET, CRF = "veryfast", 18  # of panscan's standard quality
CUBIC = (
    "flags=bicubic:param0=0:param1=0.75"  # the sampling of OpenCV, and so of panscan: a softer picture takes fewer bits
)
STAGES = ("perceive", "solve", "render", "verify")

# The command itself, in a process that notes what its stages cost. Start-up, tables and pages are what is left.
CHILD = """
import json, resource, sys
from panscan import cli, pipeline, render, verify

def cpu_s():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

spent = {}

def count(stage, module, name):
    work = getattr(module, name)
    def counted(*arguments, **options):
        before = cpu_s()
        try:
            return work(*arguments, **options)
        finally:
            spent[stage] = spent.get(stage, 0) + cpu_s() - before
    setattr(module, name, counted)

count("perceive", pipeline, "analyse")
count("solve", pipeline, "reframe")
count("render", render, "render_many")
count("verify", verify, "inspect")
notes = sys.argv.pop()
try:
    cli.run()
finally:
    with open(notes, "w") as file:
        json.dump(spent, file)
"""


class Cost(NamedTuple):
    """What one run took: CPU and wall seconds, and the CPU seconds of its stages."""

    cpu_s: float
    wall_s: float
    stages: dict[str, float]


def run(command: list[str], notes: Path | None = None) -> Cost:
    # What is installed has its bytecode beside it; here it is written by the first round.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(cpu_s, wall_s, json.loads(notes.read_text()) if notes else {})


def whole(movie: Path, ratio: str, folder: Path) -> tuple[Cost, Path]:
    """One run of the command with an empty cache, and the movie that it made."""
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        os.environ["PANSCAN_CACHE_DIR"] = cache
        command = [
            sys.executable,
            "-c",
            CHILD,
            "reframe",
            str(movie),
            "-r",
            ratio,
            "--render",
            "--fresh",
            "--overwrite",
        ]
        notes = folder / "stages.json"
        cost = run([*command, "--overwrite", "-o", str(folder / "made"), str(notes)], notes)
    return cost, next((folder / "made").glob("*.mp4"))


def steps(values: list[float], every: int, first: int = 0) -> str:
    """FFmpeg's expression for a value that changes each `every` pictures: a tree, as it nests no deeper than 100."""
    if len(values) == 1:
        return f"{values[0]:.0f}"
    half = len(values) // 2
    border = first + every * half
    return f"if(lt(n,{border}),{steps(values[:half], every, first)},{steps(values[half:], every, border)})"


def plain(movie: Path, made: Path, target: Path) -> list[str]:
    """FFmpeg's crop of the same shape at the same places, scaled to the same size and encoded alike."""
    cut = renderable_cut(read_timeline(made.with_suffix(".otio")), folder=made.parent)
    source, canvas = cut.clips[0].framing.source, cut.canvas
    width = min(source.width, source.height * canvas.width // canvas.height) // 2 * 2
    height = min(source.height, source.width * canvas.height // canvas.width) // 2 * 2
    crops = np.concatenate(
        [c.framing.cells[0].crops(np.arange(c.first, c.first + c.frame_count), source) for c in cut.clips]
    )
    second = round(cut.rate)
    middles = (crops[:, :2] + crops[:, 2:] / 2)[second // 2 :: second] - np.array([width, height]) / 2
    x, y = (steps(column.tolist(), second) for column in middles.T)
    filters = f"crop={width}:{height}:x='{x}':y='{y}',scale={canvas.width}:{canvas.height}:{CUBIC}"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(movie), "-vf", filters, "-c:v", "libx264", "-preset", PRESET]
    return [*command, "-crf", str(CRF), "-c:a", "copy", str(target)]


def compare(movie: Path, ratio: str, rounds: int, folder: Path) -> None:
    """Print what a movie costs, stage by stage."""
    ours, theirs, decoding = [], [], []
    for _ in range(rounds):
        cost, made = whole(movie, ratio, folder)
        ours.append(cost)
        theirs.append(run(plain(movie, made, folder / "plain.mp4")))
        decoding.append(run(["ffmpeg", "-v", "error", "-i", str(movie), "-map", "0:v:0", "-f", "null", "-"]))
    best, floor = min(ours), min(theirs)
    rest = best.cpu_s - sum(best.stages.values())
    print(f"\n{movie.name} -> {made.name}\n{'':28}{'CPU s':>8}{'of FFmpeg':>11}{'wall s':>8}")

    def row(name: str, cpu_s: float, wall: str = "") -> None:
        print(f"{name:28}{cpu_s:8.2f}{cpu_s / floor.cpu_s:11.2f}{wall:>8}", flush=True)

    row("ffmpeg crop, scale, encode", floor.cpu_s, f"{floor.wall_s:.1f}")
    row("decode", min(decoding).cpu_s)
    for stage in STAGES:
        row(stage, best.stages[stage])
    row("start-up, tables, pages", rest)
    row("the whole run", best.cpu_s, f"{best.wall_s:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("movies", nargs="+", type=Path)
    parser.add_argument("--make", type=int, choices=(360, 720, 1080, 2160), metavar="HEIGHT")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--ratio", default="9:16")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panscan-bench-") as name:
        for movie in given.movies:
            path = movie
            if given.make:
                import movies

                path = movies.make(movie, Path(name) / f"{movie.stem}.mp4", given.make, given.minutes)
            compare(path, given.ratio, given.rounds, Path(name))


if __name__ == "__main__":
    main()
