"""What matters how much: `python benchmarks/fit_importance.py --truths FOLDER [--shapes 9:16 1:1 4:5] [--plain]`.

Fits `panscan.direct.importance.ImportanceParameters` on all clips with hand-made truth (`NAME.truth.json` beside its
movie), on what the weights in `--models` see and on what is seen without any, both at once. The window goes the path
that the adaptive method takes where nobody's turn is followed; layouts and the camera's own calm are not in the
figures, so the truth's wishes for the whole picture count as missed.

must, any   share of the truth's samples whose every `must` box, or one of whose `any_of` boxes, lies in the window
speaker     share of the moments of speech, from 0.6 s after a turn, in which the speaker's middle is in the window
worth       their mean, `must` counted twice, less 4 points for every move per second

Left out means: each clip with the values that all others give. Perception is taken from the cache, as ever.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from fitting.clips import JudgedClip, figures_of, judged_clip, most_pct
from fitting.report import Variant, kinds_table, parameters_table, sets_table
from fitting.search import NAMES, PLAIN, Floats, Slopes, scaled, slopes_around
from judge.truths import read_truth
from panscan import pipeline
from panscan.direct.director import shot_contexts
from panscan.direct.importance import DEFAULT_PARAMETERS, ImportanceParameters
from panscan.request.options import request_for
from panscan.weights.store import weights_folder

SPREAD = 0.4  # of the logarithms drawn: half as much more, which windows show, yet nothing turns over
LENGTHS = (0.5, 1.0, 2.0)  # spreads that a step may go
OTHER = 1.5  # factor by which a parameter is changed to see what it does


@dataclass(frozen=True, slots=True, eq=False)
class ClipSet:
    """All clips in one shape, as some eyes see them."""

    name: str
    clips: tuple[JudgedClip, ...]


def clip_sets(folder: Path, shapes: Sequence[str], models: Path) -> Iterator[ClipSet]:
    """Each shape with weights and without."""
    with tempfile.TemporaryDirectory() as none:
        for eyes, weights in (("with weights", str(models)), ("without", none)):
            os.environ["PANSCAN_MODELS_DIR"] = weights
            for shape, clips in zip(shapes, zip(*_clips(folder, shapes), strict=True), strict=True):
                yield ClipSet(f"{shape} {eyes}", clips)


def _clips(folder: Path, shapes: Sequence[str]) -> Iterator[list[JudgedClip]]:
    """Each clip in all shapes, with what the weights at hand see."""
    for path in sorted(folder.glob("*.truth.json")):
        media, perception = pipeline.analyse(path.with_name(json.loads(path.read_text())["media"]))
        size = media.video.display_size
        truth = read_truth(path, (size.width, size.height), float(media.video.rate))
        seen = [list(shot_contexts(media, perception, request_for(shape))) for shape in shapes]
        yield [judged_clip(path.name.removesuffix(".truth.json"), [s for s, _, _ in shots], truth) for shots in seen]


def all_figures(sets: Sequence[ClipSet], of_clip: Sequence[ImportanceParameters]) -> Floats:
    """Shares and worth (sets, clips, 4) of all clips, each with its own parameters."""
    found = [[figures_of(c, p) for c, p in zip(s.clips, of_clip, strict=True)] for s in sets]
    return np.array([[[*clip.shares_pct, clip.worth] for clip in row] for row in found])


def variant(name: str, sets: Sequence[ClipSet], parameters: ImportanceParameters) -> Variant:
    """All clips framed with the same parameters."""
    return Variant(name, all_figures(sets, [parameters] * len(sets[0].clips)))


def left_out(name: str, sets: Sequence[ClipSet], slopes: Slopes, length: float) -> Variant:
    """All clips, each framed with what the others give."""
    return Variant(name, all_figures(sets, [slopes.fitted(length, n) for n in range(len(sets[0].clips))]))


def mean_worth(sets: Sequence[ClipSet], parameters: ImportanceParameters) -> Floats:
    """Worth (clips,) of each clip, mean of all sets."""
    return np.asarray(all_figures(sets, [parameters] * len(sets[0].clips))[:, :, 3].mean(axis=0))


def best_places(sets: Sequence[ClipSet]) -> Variant:
    """What no path of the window can exceed."""
    found = [[[*most_pct(clip), np.nan] for clip in row.clips] for row in sets]
    return Variant("best place", np.array(found))


def sensitivity(sets: Sequence[ClipSet], around: ImportanceParameters) -> dict[str, tuple[Floats, Floats]]:
    """By how many points the worth of each clip changes with less, and with more, of each parameter."""
    here = mean_worth(sets, around)

    def change(name: str, factor: float) -> Floats:
        return mean_worth(sets, scaled(around, name, factor)) - here

    return {name: (change(name, 1 / OTHER), change(name, OTHER)) for name in NAMES}


def main() -> None:
    """Fit, and print what the fit is worth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truths", type=Path, required=True, help="folder of NAME.truth.json and their movies")
    parser.add_argument("--models", type=Path, default=weights_folder(), help="folder of weights (%(default)s)")
    parser.add_argument("--cache", type=Path, help="where perception is kept; else where it always is")
    parser.add_argument("--shapes", nargs="+", default=["9:16"])
    parser.add_argument("--evaluations", type=int, default=400, help="draws of parameters (%(default)s)")
    parser.add_argument("--plain", action="store_true", help="start from values that know no clip, not from today's")
    parser.add_argument("--json", type=Path, help="write the values, those of each fold, and the figures of all clips")
    args = parser.parse_args()
    if args.cache:
        os.environ["PANSCAN_CACHE_DIR"] = str(args.cache)
    sets = list(clip_sets(args.truths, args.shapes, args.models))
    start = PLAIN if args.plain else DEFAULT_PARAMETERS
    slopes = slopes_around(start, lambda p: mean_worth(sets, p), draws=args.evaluations, spread=SPREAD)
    out = {length: left_out(f"left out, step {length:g}", sets, slopes, length) for length in LENGTHS}
    best = max(LENGTHS, key=lambda length: float(out[length].figures[:, :, 3].mean()))
    clips = [clip.name for clip in sets[0].clips]
    folds = [slopes.fitted(best, n) for n in range(len(clips))]
    today, knows_none = variant("today", sets, DEFAULT_PARAMETERS), variant("plain", sets, PLAIN)
    inside = [variant(f"in sample, step {length:g}", sets, slopes.fitted(length)) for length in LENGTHS]
    variants = [knows_none, today, *(v for pair in zip(inside, out.values(), strict=True) for v in pair)]
    print(sets_table(variants, [s.name for s in sets]), end="\n\n")
    print(
        kinds_table([knows_none, today, inside[LENGTHS.index(best)], out[best], best_places(sets)], clips), end="\n\n"
    )
    print(parameters_table(DEFAULT_PARAMETERS, slopes.fitted(best), folds, sensitivity(sets, DEFAULT_PARAMETERS)))
    if args.json:
        document = {
            "fitted": asdict(slopes.fitted(best)),
            "folds": {clip: asdict(fold) for clip, fold in zip(clips, folds, strict=True)},
            "figures": {v.name: v.figures.tolist() for v in variants},
        }
        args.json.write_text(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
