"""The camera against people: how well it follows a noisy wish, how calmly, with how few keys, and how fast.

    python benchmarks/camera.py RETARGETVID.npz [--seed 0] [--clips 40]

The archive holds one array per clip, `NAME_1-3` of shape (6 people, frames): the left edge, in px, of the 120x360
window that each person chose in a 640x360 picture at 30 fps. The first person's path, with noise of 8 px, 5 % of the
frames dropped and 1 % replaced by any place, is the camera's wish; the mean overlap (IoU) with the windows of the other
five is its score. No box must be kept. Keys may stray 0.5 % of the picture's width (3.2 px).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from panscan import registry
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Aim, CellPlan, Plan, Shot, ShotPlan
from panscan.operate import Mode, frame_shot
from panscan.operate.keys import simplify_to_keys

FloatArray = npt.NDArray[np.float64]
SOURCE, WINDOW, RATE = Size(640, 360), Size(120, 360), 30
BOUNDS = Rect(0, 0, 640, 360)
NOISE_PX, DROPPED, OUTLIERS = 8.0, 0.05, 0.01
TOLERANCE_PX = 0.005 * SOURCE.width
STILL = 2e-4  # picture widths per frame


def noisy(path: FloatArray, rng: np.random.Generator) -> FloatArray:
    wish = path + rng.normal(0, NOISE_PX, len(path))
    wild = rng.random(len(path)) < OUTLIERS
    wish[wild] = rng.uniform(0, SOURCE.width - WINDOW.width, int(wild.sum()))
    wish[rng.random(len(path)) < DROPPED] = np.nan
    return np.clip(wish, 0, SOURCE.width - WINDOW.width)


def planned(left_px: FloatArray) -> tuple[ShotPlan, Plan]:
    """One shot whose camera wishes for windows with these left edges and must keep nothing."""
    count = len(left_px)
    wish = np.stack([left_px + WINDOW.width / 2, np.full(count, SOURCE.height / 2)], axis=-1)
    nothing = np.full((count, 4), np.nan)
    aim = Aim("person", np.arange(count), nothing, nothing, wish, np.isfinite(left_px).astype(np.float64))
    shot = ShotPlan(Shot(0, count), "single", (CellPlan(0, 0, WINDOW, aim),), "a wish", BOUNDS)
    return shot, Plan(WINDOW, (shot,))


def overlap(left_px: FloatArray, others_px: FloatArray) -> float:
    off = np.minimum(np.abs(left_px - others_px), WINDOW.width)
    return float(np.mean((WINDOW.width - off) / (WINDOW.width + off)))


def row(paths: Mapping[str, tuple[FloatArray, int]], people: Mapping[str, FloatArray]) -> str:
    """Scores of left edges and key counts per clip, as cells of a table."""
    still = turns = 0.0
    steps = frames = keys = 0
    overlaps = []
    for name, (left, count) in paths.items():
        overlaps.append(overlap(left, people[name][1:]))
        step = np.diff(left) / SOURCE.width
        moving = np.abs(step) >= STILL
        still += float(np.sum(~moving))
        turns += float(np.sum(np.diff(np.sign(step[moving])) != 0))
        steps, frames, keys = steps + len(step), frames + len(left), keys + count
    seconds = frames / RATE
    return (
        f"{100 * np.mean(overlaps):.1f} % | {100 * still / steps:.0f} % | {60 * keys / seconds:.1f} "
        f"| {turns / seconds:.3f}"
    )


def camera(wish: FloatArray, mode: Mode) -> tuple[FloatArray, int]:
    shot, plan = planned(wish)
    cell = frame_shot(shot, plan, SOURCE, Fraction(RATE), mode, tolerance_px=TOLERANCE_PX).cells[0]
    return cell.crops(np.arange(len(wish)), SOURCE)[:, 0], len(cell.camera.frame)


def keyed(left: FloatArray) -> tuple[FloatArray, int]:
    """A path that somebody drew, carried by keys like ours."""
    rows = np.column_stack([np.ones(len(left)), SOURCE.width / 2 - left - WINDOW.width / 2, np.zeros(len(left))])
    made = simplify_to_keys(np.arange(len(left)), rows, (WINDOW.width, WINDOW.height), TOLERANCE_PX)
    return left, len(made.frame)


def calmer(mode: Mode, factor: float) -> Mode:
    """The mode with all prices of restlessness multiplied, for points between the modes."""
    prices = mode.point_costs
    return replace(
        mode,
        point_costs=replace(
            prices, move_s=prices.move_s * factor, moving=prices.moving * factor, turn_s=prices.turn_s * factor
        ),
    )


def frontier(archive: Path, seed: int, most: int | None) -> None:
    names = [name for name in np.load(archive) if name.endswith("_1-3")][:most]
    people = {name: np.load(archive)[name].astype(np.float64) for name in names}
    rng = np.random.default_rng(seed)
    wishes = {name: noisy(paths[0], rng) for name, paths in people.items()}
    print(f"{len(people)} clips, {sum(p.shape[1] for p in people.values()) / RATE / 60:.0f} minutes\n")
    print("| camera | IoU | still | keys/min | reversals/s |\n|---|---|---|---|---|")
    middle = (SOURCE.width - WINDOW.width) / 2
    print("| the middle |", row({n: (np.full(p.shape[1], middle), 1) for n, p in people.items()}, people), "|")
    best = {}
    for name, paths in people.items():
        lefts = np.arange(0.0, SOURCE.width - WINDOW.width + 1, 4)
        left = lefts[int(np.argmax([overlap(np.array(x), paths[1:]) for x in lefts]))]
        best[name] = (np.full(paths.shape[1], left), 1)
    print("| the best single window, known afterwards |", row(best, people), "|")
    print("| the first person, without noise |", row({n: keyed(p[0]) for n, p in people.items()}, people), "|")
    settings = {name: registry.load("modes", name) for name in registry.MODES}
    settings |= {
        f"balanced, prices x {f:g}": calmer(registry.load("modes", "balanced"), f) for f in (0.25, 0.5, 2, 4, 8)
    }
    for name, mode in settings.items():
        print(f"| {name} |", row({n: camera(w, mode) for n, w in wishes.items()}, people), "|", flush=True)


def timings() -> None:
    rng = np.random.default_rng(1)
    walk = 260 + 250 * np.sin(np.cumsum(rng.normal(0, 0.03, 10_000)))
    shot, plan = planned(walk + rng.normal(0, 3, len(walk)))
    print("\n| solved | CPU seconds |\n|---|---|")
    print(f"| 10 000 frames in one shot, a wish only | {clocked(shot, plan):.2f} |")
    print(f"| 10 000 frames in one shot, boxes to keep | {clocked(*boxed(shot)):.2f} |")
    took = 0.0
    for n in range(450):  # an hour in shots of eight seconds
        piece, whole = planned(walk[n * 20 : n * 20 + 240] + rng.normal(0, 3, 240))
        took += clocked(*boxed(piece)) if n % 2 else clocked(piece, whole)
    print(f"| an hour in 450 shots, half of them with boxes to keep | {took:.1f} |")


def boxed(shot: ShotPlan) -> tuple[ShotPlan, Plan]:
    """The same shot with a box of a third of the window around the wish that must be kept."""
    cell = shot.cells[0]
    side = np.full(len(cell.aim.frame), WINDOW.width / 3)
    must = np.column_stack([cell.aim.target_px - WINDOW.width / 6, side, side])
    held = replace(shot, cells=(replace(cell, aim=replace(cell.aim, must_keep_px=must)),))
    return held, Plan(WINDOW, (held,))


def clocked(shot: ShotPlan, plan: Plan) -> float:
    start = time.process_time()
    frame_shot(shot, plan, SOURCE, Fraction(RATE), tolerance_px=TOLERANCE_PX)
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, nargs="?", help="RetargetVid paths; without it only the timings")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clips", type=int, help="only the first so many clips")
    arguments = parser.parse_args()
    if arguments.archive:
        frontier(arguments.archive, arguments.seed, arguments.clips)
    timings()


if __name__ == "__main__":
    main()
