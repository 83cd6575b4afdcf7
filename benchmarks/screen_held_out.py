"""Cameras over screen recordings that were not chosen for: `python benchmarks/screen_held_out.py FOLDER`.

FOLDER as for `benchmarks/screen.py`. Some constants of the director are chosen on all recordings but one, which is then
judged with them, recording by recording. Chosen is, among all settings of a small grid, what shows most of what
happens in the first cell (0.5 points are as good), of these what is closest (2 % are as good), of these what moves
least. Printed for each shape: the recordings that were left out, what is chosen on all of them and judged on them, and
the constants as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import screen
from panscan.direct.screen import composition, stretches
from panscan.request.options import request_for

# What is tried of each constant: the value that is used, and one to each side that a person would still think of.
GRID = {
    (composition, "_AIR"): (0.02, 0.04, 0.06),
    (composition, "_TIGHTEST"): (0.25, 0.35, 0.5),
    (stretches, "_MOVE"): (0.5, 1.0, 2.0),
    (stretches, "_OTHER_HOLD_S"): (1.2, 2.0, 3.0),
    (stretches, "_PAN_S"): (0.75, 1.5, 3.0),
}
AS_GOOD_SEEN = 0.005  # share of the events' time
AS_GOOD_ZOOM = 0.98

Setting = tuple[float, ...]
Scores = Mapping[Setting, Sequence[screen.ClipScore]]


@contextmanager
def constants(setting: Setting) -> Iterator[None]:
    """The director with other constants."""
    before = [getattr(module, name) for module, name in GRID]
    try:
        for (module, name), value in zip(GRID, setting, strict=True):
            setattr(module, name, value)
        yield
    finally:
        for (module, name), value in zip(GRID, before, strict=True):
            setattr(module, name, value)


def best(scores: Scores, clips: Sequence[int]) -> Setting:
    """The setting that is best on some of the clips."""
    left = [(setting, *figures([scores[setting][clip] for clip in clips])) for setting in scores]
    left = [row for row in left if row[1] >= max(row[1] for row in left) - AS_GOOD_SEEN]
    left = [row for row in left if row[2] >= max(row[2] for row in left) * AS_GOOD_ZOOM]
    return min(left, key=lambda row: row[3])[0]


def figures(scores: Sequence[screen.ClipScore]) -> tuple[float, float, float]:
    """Share of what happens that the first cell shows, zoom, and moves per minute."""
    events = [event for score in scores for event in score.events if event.kind != "idle"]
    zooms = [e.zoom for score in scores if score.is_landscape for e in score.events if e.kind in screen.ZOOMED]
    minutes = sum(score.seconds for score in scores) / 60
    return screen.share(events, "in_first"), median(zooms or [1]), sum(score.moves for score in scores) / minutes


def told(setting: Setting) -> str:
    """A setting in words."""
    return ", ".join(f"{name.strip('_').lower()} {value:g}" for (_, name), value in zip(GRID, setting, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ratio", action="append", help="shapes; 16:9 and 9:16 without it")
    options = parser.parse_args()
    analyses = [(movie, truth, screen.analysed(movie, truth, False)) for movie, truth in screen.clips(options.folder)]
    everything = range(len(analyses))
    used = tuple(getattr(module, name) for module, name in GRID)
    for ratio in options.ratio or ["16:9", "9:16"]:
        request, scores = request_for(ratio, preset="screen"), {}
        with TemporaryDirectory() as folder:
            for setting in {used, *product(*GRID.values())}:
                with constants(setting):
                    scores[setting] = screen.scores_of(analyses, request, Path(folder))
        left_out = []
        for clip in everything:
            setting = best(scores, [other for other in everything if other != clip])
            left_out.append(scores[setting][clip])
            print(f"{ratio:6}{screen.line(analyses[clip][0].stem, left_out[-1:])}  with {told(setting)}")
        chosen = best(scores, everything)
        print(f"{ratio:6}{screen.line('left out', left_out)}")
        print(f"{ratio:6}{screen.line('chosen on all', scores[chosen])}  with {told(chosen)}")
        print(f"{ratio:6}{screen.line('as it is', scores[used])}  with {told(used)}\n", flush=True)


if __name__ == "__main__":
    main()
