"""What deciding costs: `python benchmarks/direct.py [SHOTS]`, an hour of two people talking, made up, not filmed.

CPU seconds of tracking, directing and operating after everything else was perceived: two faces seen 8.3 times a second,
two movers, and who speaks ten times a second.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import documents as make
from panscan import direct, operate
from panscan.model.perception import Perception, ShotBoundaries, Speaker, Tracks
from panscan.perceive.tracking.tracks import TracksSignal as Linker
from scenes import faces, flow, request

RATE, HOUR_S, LOOK = 25, 3600, 3


def talk(shots: int) -> tuple[object, Perception, float]:
    """Media, perception and CPU seconds of tracking."""
    rng = np.random.default_rng(1)
    count = HOUR_S * RATE
    looks = np.arange(0, count, LOOK)
    nod = np.cumsum(rng.normal(0, 2, len(looks))) / 40
    seen = [(f, 500 + 60 * np.sin(a), 300, 170, 170) for f, a in zip(looks, nod, strict=True)]
    seen += [(f, 1300 + 40 * np.cos(a), 280, 160, 160) for f, a in zip(looks, nod, strict=True)]
    moving = [(f, left, 250, 300, 400, w) for f in looks[1:] for left, w in ((450, 0.6), (1250, 0.4))]
    cuts = np.linspace(0, count, shots + 1)[1:-1].astype(np.int64)
    signals = {
        "cuts": ShotBoundaries(cuts),
        "faces": faces(sorted(seen), looks),
        "flow": flow(moving, looks[1:], energy=0.003, step=LOOK),
    }
    media = make.media(frame_count=count)
    before = time.process_time()
    tracks: Tracks = Linker(media).derive(signals)
    spent = time.process_time() - before
    steps = np.arange(0, count, RATE / 10).astype(np.int64)
    floor = np.cumsum(rng.random(len(steps)) < 0.01) % 2  # who holds it: a turn in ten seconds
    frames, numbers, likely = [], [], []
    for number in np.flatnonzero(tracks.kind == 0):
        own = tracks.track == number
        there = (steps >= tracks.frame[own][0]) & (steps <= tracks.frame[own][-1])
        left = np.median(tracks.box_px[own, 0]) < 900
        frames.append(steps[there])
        numbers.append(np.full(int(there.sum()), number))
        likely.append(np.where((floor[there] == 0) == left, 0.95, 0.02))
    at = np.concatenate(frames)
    order = np.argsort(at, kind="stable")
    speaker = Speaker(
        steps, np.zeros(len(steps)), at[order], np.concatenate(numbers)[order], np.concatenate(likely)[order]
    )
    return media, Perception("media", "made up", {**signals, "tracks": tracks, "speaker": speaker}), spent


def main() -> None:
    print("| an hour of talk in | tracks | direct | operate | keys |\n|---|---|---|---|---|")
    for shots in [int(a) for a in sys.argv[1:]] or [400, 1]:
        media, perception, tracking = talk(shots)
        start = time.process_time()
        plan = direct.plan(media, perception, request(make.VERTICAL))
        decided = time.process_time()
        framings = [operate.frame_shot(s, plan, media.video.display_size, media.video.rate) for s in plan.shots]
        end = time.process_time()
        keys = sum(len(cell.camera.frame) for framing in framings for cell in framing.cells)
        print(
            f"| {len(plan.shots)} shots | {tracking:.1f} s | {decided - start:.1f} s | {end - decided:.1f} s | {keys} |"
        )


if __name__ == "__main__":
    main()
