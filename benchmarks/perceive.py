"""What perceiving costs, as multiples of decoding alone: `python benchmarks/perceive.py MOVIE [MOVIE ...]`.

CPU seconds (user and system, all threads) of one run, decoding alone and with each signal, so that noise of the
machine falls on all of them. Also the camera: solving 10 000 frames of a wandering subject.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from panscan import ingest, registry
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Aim, CellPlan, Plan, Shot, ShotPlan
from panscan.operate import frame_shot
from panscan.perceive.observe import observe
from panscan.pipeline import Decoder


def cpu_s(work: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def perceive(path: Path) -> None:
    media = ingest.probe(path)
    names = list(registry.entries("signals"))
    observe(media, Decoder(media), signals=names)  # imports and models are loaded once, not per movie
    decode = cpu_s(lambda: [None for _ in ingest.PictureSource(media)])
    minutes = float(media.duration_s) / 60
    print(f"\n{path.name}: {media.video.display}, {float(media.video.rate):.3f} fps, {minutes * 60:.1f} s")
    print(f"{'decode alone':<14} {decode / minutes:7.1f} cpu s/min   1.00")
    for name in [*names, "all"]:
        wanted = names if name == "all" else [name]
        cost = cpu_s(lambda wanted=wanted: observe(media, Decoder(media), signals=wanted))
        print(f"{name:<14} {cost / minutes:7.1f} cpu s/min   {cost / decode:.2f}")


def solve(frames: int = 10_000) -> None:
    random = np.random.default_rng(7)
    looks = np.arange(0, frames, 4)
    x = np.cumsum(random.normal(0, 6, len(looks))) % 1500 + 200
    boxes = np.stack([x - 80, np.full(len(x), 200.0), np.full(len(x), 160.0), np.full(len(x), 220.0)], axis=-1)
    wish = np.stack([x, np.full(len(x), 300.0)], axis=-1)
    aim = Aim("subject", looks, boxes, boxes, wish, np.ones(len(x)))
    canvas, source = Size(1080, 1920), Size(1920, 1080)
    shot = ShotPlan(Shot(0, frames), "single", (CellPlan(0, 0, canvas, aim),), "")
    plan = Plan(canvas, Rect(0, 0, 1920, 1080), (shot,))
    cost = cpu_s(lambda: frame_shot(shot, plan, source, Fraction(30)))
    print(f"\ncamera of {frames} frames in one shot: {cost:.2f} cpu s")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        perceive(Path(argument))
    solve()
