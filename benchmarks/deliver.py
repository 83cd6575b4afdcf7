"""How long deliveries take, and how much memory: a timeline of two hours for every exporter in the registry.

    python benchmarks/deliver.py [--clips 2000] [--keys 100] [EXPORTER ...]

Each exporter runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from panscan import registry
from panscan.deliver import deliver
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.media import AudioStream, Colour, Media, VideoStream
from panscan.model.plan import Shot
from panscan.timeline.build import build_timeline

CANVAS, SOURCE, RATE = Size(1080, 1920), Size(1920, 1080), Fraction(30)
FRAMES = 2 * 3600 * 30


def make(clip_count: int, key_count: int) -> Any:
    """A timeline of two hours: `clip_count` clips of one media, each with `key_count` keys of a wandering camera."""
    video = VideoStream(
        index=0,
        codec="h264",
        pixel_format="yuv420p",
        coded_size=SOURCE,
        display_size=SOURCE,
        pixel_aspect=Fraction(1),
        rotation_deg=0,
        rate=RATE,
        is_vfr=False,
        time_base=1 / RATE,
        pts=np.arange(FRAMES, dtype=np.int64),
        colour=Colour(),
    )
    sound = AudioStream(1, "aac", 48000, 2, Fraction(0))
    of = Media("/media/talk.mp4", "digest", "mp4", video, (sound,), FRAMES, 108000, "01:00:00:00")
    noise = np.random.default_rng(0)
    ends = np.linspace(0, FRAMES, clip_count + 1).astype(int)
    shots = []
    for first, end in pairwise(ends):
        frames = np.unique(np.linspace(first, end - 1, min(key_count, end - first)).astype(int))
        x_px = np.clip(np.cumsum(noise.normal(0, 20, len(frames))), -1100, 1100)
        scale = 1.9 + 0.1 * np.sin(frames / 50)
        keys = (scale, x_px, np.zeros(len(frames)))
        camera = Camera(tuple(int(f) for f in frames), *(tuple(float(v) for v in column) for column in keys))
        framing = Framing(CANVAS, SOURCE, RATE, (Cell(0, 0, CANVAS, camera),), effect="PAN_FOLLOW")
        shots.append((Shot(int(first), int(end)), framing))
    return build_timeline(of, shots, name="two hours", recipe={})


def _measure(name: str, clip_count: int, key_count: int, answer: Any) -> None:
    timeline = make(clip_count, key_count)
    before_mb = _peak_mb()
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    artifact = deliver(timeline, name, folder=Path("/media"))
    passed_s, cpu_s = time.perf_counter() - start_s, time.process_time() - start_cpu_s
    size_mb = sum(len(content) for content in artifact.files.values()) / 1e6
    answer.put((passed_s, cpu_s, _peak_mb(), before_mb, size_mb))


def _peak_mb() -> float:
    # Linux counts in KiB, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def main() -> None:
    """Print one line per exporter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--keys", type=int, default=100, help="keys per clip, at most one a frame")
    parser.add_argument("exporters", nargs="*")
    asked = parser.parse_args()
    print(f"{'exporter':<16}{'seconds':>9}{'CPU s':>8}{'peak MiB':>10}{'before':>8}{'file MB':>9}")
    for name in asked.exporters or sorted(registry.entries("exporters")):
        answer: Any = multiprocessing.Queue()
        process = multiprocessing.Process(target=_measure, args=(name, asked.clips, asked.keys, answer))
        process.start()
        while process.is_alive() and answer.empty():
            process.join(0.1)
        if answer.empty():
            print(f"{name:<16}  failed")
            continue
        passed_s, cpu_s, peak_mb, before_mb, size_mb = answer.get()
        process.join()
        print(f"{name:<16}{passed_s:>9.1f}{cpu_s:>8.1f}{peak_mb:>10.0f}{before_mb:>8.0f}{size_mb:>9.1f}", flush=True)


if __name__ == "__main__":
    main()
