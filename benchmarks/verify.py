"""CPU time of verifying a movie against decoding and rendering it, as ratios inside one run; and its memory.

    python benchmarks/verify.py CLIP [--seconds 60] [--rounds 2] [--heights 720 1080] [--memory]

The clip is scaled to each height and repeated as 30 fps H.264 with sound (movies.py), its own cuts left alone, and
rendered to 1080x1920 by libx264 with panscan's settings. Every six seconds a shot begins: still, panning or zooming.
Each row is a process of its own, and CPU seconds are those of all its threads; rounds are interleaved, and the ratios
are those of the least CPU time. `--memory` prints the peak at 1 and 3 minutes instead.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import movies
from render import RATE, timed

CANVAS = (1080, 1920)
SHOT_FRAMES = 6 * RATE
# Left edge at the start and the end of a shot, as shares of what is free, and the height of the crop at both.
SHOTS = (((0.5, 0.5), (1.0, 1.0)), ((0.35, 0.6), (1.0, 1.0)), ((0.6, 0.45), (1.0, 0.9)))

DECODE = """
import av, sys
with av.open(sys.argv[1]) as movie:
    stream = movie.streams.video[0]
    stream.thread_type = "AUTO"
    for frame in movie.decode(stream):
        pass
"""
RENDER = """
import sys
from pathlib import Path
from panscan.timeline.files import read_timeline
from panscan.render import render
source, output = map(Path, sys.argv[1:])
render(read_timeline(source), folder=source.parent, output=output)
"""
VERIFY = """
import sys
from pathlib import Path
from panscan.timeline.files import read_timeline
from panscan.verify import verify
source, output = map(Path, sys.argv[1:])
report = verify(output, read_timeline(source), folder=source.parent)
assert report.verdict.name == "VERIFIED", report.to_text()
"""
# Not ru_maxrss, which a child takes over from the parent that started it.
PEAK = f"""{VERIFY}
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def make_timeline(
    source: Path,
    path: Path,
    *,
    canvas_px: tuple[int, int] = CANVAS,
    shot_frames: int = SHOT_FRAMES,
    subject: str | None = "person",
) -> Path:
    """Shots in a crop of the canvas's shape: still, panning and zooming in turn."""
    from panscan.ingest.media.probe import probe
    from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
    from panscan.model.geometry import Rect, Size
    from panscan.model.plan import Shot
    from panscan.timeline.build import build_timeline
    from panscan.timeline.files import write_timeline

    media, canvas = probe(source), Size(*canvas_px)
    display, shots = media.video.display_size, []
    largest_px = min(display.height, display.width * canvas.height / canvas.width)
    for number, first in enumerate(range(0, media.frame_count, shot_frames)):
        end, rows = min(first + shot_frames, media.frame_count), []
        for left, share in zip(*SHOTS[number % len(SHOTS)], strict=True):
            size = (largest_px * share * canvas.width / canvas.height, largest_px * share)
            crop = Rect(left * (display.width - size[0]), (display.height - size[1]) / 2, *size)
            rows.append(key_values_of_crop(crop, canvas, display))
        keys = sorted({first, end - 1})  # a shot of one picture has one key
        camera = Camera(tuple(keys), *zip(*rows[: len(keys)], strict=True))
        cell = Cell(0, 0, canvas, camera, subject=subject)
        shots.append((Shot(first, end), Framing(canvas, display, media.video.rate, (cell,))))
    write_timeline(build_timeline(media, shots, name=path.stem, recipe={}), path)
    return path


def child(code: str, *arguments: Path) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def compare(folder: Path, clip: Path, height: int, seconds: int, rounds: int) -> None:
    """Interleaved rounds of all rows; prints the least and the median of each, and ratios of the least."""
    source = movies.make(clip, folder / f"{height}.mp4", height, seconds / 60)
    edit, movie = make_timeline(source, folder / f"{height}.otio"), folder / f"{height}.9x16.mp4"
    rows = {
        "render": child(RENDER, edit, movie),
        "decode the source": child(DECODE, source),
        "decode the result": child(DECODE, movie),
        "verify": child(VERIFY, edit, movie),
    }
    found: dict[str, list[tuple[float, float]]] = {row: [] for row in rows}
    for _ in range(rounds):
        for row, times in found.items():
            times.append(timed(rows[row]))
    least = {row: min(cpu for cpu, _ in times) for row, times in found.items()}
    print(f"{f'from {height}p':24}{'CPU s':>8}{'median':>8}{'wall s':>8}")
    for row, times in found.items():
        cpu, wall = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{row:24}{least[row]:8.2f}{cpu:8.2f}{wall:8.2f}", flush=True)
    decoding = least["decode the source"] + least["decode the result"]
    print(
        f"verify: {least['verify'] / least['render']:.2f} of render, {least['verify'] / decoding:.2f} of both decodes"
    )


def memory(folder: Path, clip: Path, height: int) -> None:
    """Peak memory in MB over 1 and 3 minutes."""
    for minutes in (1, 3):
        source = movies.make(clip, folder / f"{minutes}min.mp4", height, minutes)
        edit, movie = make_timeline(source, folder / f"{minutes}.otio"), folder / f"{minutes}.9x16.mp4"
        subprocess.run(child(RENDER, edit, movie), check=True)
        print(f"{minutes} min: peak {subprocess.check_output(child(PEAK, edit, movie), text=True).strip()} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--heights", type=int, nargs="+", default=[720, 1080], choices=movies.MBIT_S)
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for height in arguments.heights:
            if arguments.memory:
                memory(Path(name), arguments.clip, height)
            else:
                compare(Path(name), arguments.clip, height, arguments.seconds, arguments.rounds)


if __name__ == "__main__":
    main()
