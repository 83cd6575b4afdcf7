"""Honest movies, which the verifier must not reject: `python benchmarks/honest.py CLIP ... [--movies 200]`.

Pieces of the clips, and then of five pictures that FFmpeg makes up, are rendered by panscan with a still, a panning and
a zooming camera, and verified. Canvas, codec, preset and quality are drawn for each movie from its number, so that a
second run makes the same movies. Printed are all movies that are not VERIFIED, with the findings, and two tables.

    --movies 200      how many
    --first 0         number of the first one
    --processes 2
"""

from __future__ import annotations

import argparse
import math
import random
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from verify import make_timeline

CANVASES = ((180, 320), (270, 480), (360, 640), (432, 540), (540, 540), (540, 960))
SECONDS = (0.6, 1, 2, 3)  # of a movie
PRESETS = {
    "h264": ("ultrafast", "veryfast", "medium", "slow"),
    "h265": ("ultrafast", "fast", "medium"),
    "av1": ("12", "10", "8"),
    "prores": ("",),
}
CRF = (14, 30)  # from best to worst, of every codec but ProRes, which has profiles: LT, standard, HQ
PROFILES = (1, 2, 3)
# Pictures that are made up: with sharp edges, fine detail everywhere, hardly any, grain alone, and hardly any light.
MADE_UP = (
    "testsrc2=size=1280x720:rate=30",
    "mandelbrot=size=1280x720:rate=25",
    "gradients=size=960x540:rate=24:speed=0.02:seed=1",
    "color=c=gray:size=1280x720:rate=30,noise=alls=24:allf=t:all_seed=1",
    "mandelbrot=size=960x540:rate=30,eq=brightness=-0.35:contrast=0.3",
)


class Movie(NamedTuple):
    """How one movie is made."""

    clip: str
    seconds: float
    canvas_px: tuple[int, int]
    codec: str
    preset: str
    crf: int

    def __str__(self) -> str:
        width, height = self.canvas_px
        quality = f"{self.codec} {self.preset} {self.crf}".replace("  ", " ")
        return f"{self.clip}, {self.seconds} s, {width}x{height}, {quality}"


class Outcome(NamedTuple):
    """What the verifier says of it."""

    movie: Movie
    verdict: str
    findings: tuple[tuple[str, str], ...]


def drawn_movie(number: int, clips: list[str]) -> Movie:
    """The movie of a number: codecs and clips in turn, all else by chance."""
    chance, codec = random.Random(number), list(PRESETS)[number % len(PRESETS)]
    crf = chance.choice(PROFILES) if codec == "prores" else chance.randint(*CRF)
    clip = clips[number // len(PRESETS) % len(clips)]
    return Movie(clip, chance.choice(SECONDS), chance.choice(CANVASES), codec, chance.choice(PRESETS[codec]), crf)


def make_source(movie: Movie, folder: Path) -> Path:
    """A piece of the clip, from a third of it on, as a movie of its own; a tone is its sound where it has none."""
    target = folder / "source.mp4"
    given = ["-f", "lavfi", "-i", movie.clip] if movie.clip in MADE_UP else ["-ss", _third_s(movie), "-i", movie.clip]
    sound = ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000"] if movie.clip in MADE_UP else []
    coding = ["-c:v", "libx264", "-crf", "16", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-shortest"]
    even = ["-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2"]
    command = ["ffmpeg", "-v", "error", "-y", *given, *sound, "-t", str(movie.seconds), *even, *coding, str(target)]
    subprocess.run(command, check=True)
    return target


def _third_s(movie: Movie) -> str:
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", movie.clip]
    length_s = float(subprocess.check_output(command, text=True))
    return str(max(0.0, min(length_s / 3, length_s - movie.seconds)))


def judged(movie: Movie, folder: str) -> Outcome:
    """Make, render and verify a movie."""
    from panscan.ingest.media.probe import probe
    from panscan.render import RenderSettings, render
    from panscan.timeline.files import read_timeline
    from panscan.verify import verify

    with tempfile.TemporaryDirectory(dir=folder) as name:
        source = make_source(movie, Path(name))
        shot_frames = math.ceil(probe(source).frame_count / 3)
        edit = make_timeline(
            source, source.with_suffix(".otio"), canvas_px=movie.canvas_px, shot_frames=shot_frames, subject=None
        )
        output = source.with_name("movie.mov" if movie.codec == "prores" else "movie.mp4")
        settings = RenderSettings(movie.preset, movie.crf, codec=movie.codec)
        timeline = read_timeline(edit)
        render(timeline, folder=source.parent, output=output, settings=settings)
        report = verify(output, timeline, folder=source.parent)
    wrong = tuple((f.name, f"{f.grade} {f.name}: {f.what}") for f in report.of_fidelity if f.grade != "pass")
    return Outcome(movie, report.verdict.value, wrong)


def quality_of(movie: Movie) -> str:
    """The row of the table that a movie belongs to."""
    if movie.codec == "prores":
        return "prores LT, standard, HQ"
    first = max(low for low in (14, 19, 23, 27) if low <= movie.crf)
    return f"{movie.codec} crf {first} to {({14: 18, 19: 22, 23: 26, 27: 30})[first]}"


def print_tables(outcomes: list[Outcome]) -> None:
    """Movies by codec and quality, and movies that were not VERIFIED by finding."""
    found = Counter((quality_of(outcome.movie), outcome.verdict) for outcome in outcomes)
    rows = sorted({quality for quality, _ in found}, key=lambda row: (list(PRESETS).index(row.split()[0]), row))
    print("| codec and quality | movies | rejected | flagged |\n|---|---|---|---|")
    for row in [*rows, "**all**"]:
        counts = Counter(verdict for (q, verdict), n in found.items() if row in (q, "**all**") for _ in range(n))
        print(f"| {row} | {counts.total()} | {counts['REJECTED']} | {counts['DELIVERED_WITH_QUALITY_FLAGS']} |")
    print("\n| finding | movies |\n|---|---|")
    for name, count in Counter(name for outcome in outcomes for name, _ in outcome.findings).most_common():
        print(f"| `{name}` | {count} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*")
    parser.add_argument("--movies", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    clips = [*given.clips, *MADE_UP]
    movies = [drawn_movie(number, clips) for number in range(given.first, given.first + given.movies)]
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(given.processes) as pool:
        for outcome in pool.map(judged, movies, repeat(folder)):
            outcomes.append(outcome)
            if outcome.verdict != "VERIFIED":
                print(f"{outcome.verdict}: {outcome.movie}", *(what for _, what in outcome.findings), sep="\n    ")
            print(f"{len(outcomes)} of {len(movies)}", end="\r", file=sys.stderr, flush=True)
    print_tables(outcomes)


if __name__ == "__main__":
    main()
