"""Shot boundaries against the truth, by kind: `python benchmarks/cuts.py [--show] [--cases N] MOVIE [MOVIE ...]`.

Films: movies with a `.truth.json` beside them (`cuts_s`); each boundary found counts, within `NEAR_S` of the truth.
Those after the last labelled sample count neither way.

Made up: pieces of the movies that hold no cut are joined in every way editors join shots (there must be one boundary),
or given what is no cut: lights, exposure, lost pictures, hands close to the lens, cards, fast pans (there must be
none). 60 cases of each kind, the same in every run over the same movies. `--show` prints every mistake.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from joins import HALF, JOINS, SINGLE, Case, Pictures
from panscan import ingest
from panscan.measure import Decoder
from panscan.perceive.observe import observe
from panscan.perceive.signals.cuts import ShotBoundariesSignal

NEAR_S = 0.1  # a hand-made truth is hardly more exact
SOURCE_PX, SEEN_PX = 192, 96  # longer side: of the pieces, so that they can be enlarged; of what the signal sees
RATE_HZ = 25


@dataclass
class Score:
    """Counts over the cases of one kind: boundaries there are and those found, false ones, and cases."""

    wanted: int = 0
    found: int = 0
    false: int = 0
    cases: int = 0

    def row(self, name: str) -> str:
        """A line of the table."""
        recall = f"{100 * self.found / self.wanted:.1f} %" if self.wanted else "-"
        told = self.found + self.false
        precision = f"{100 * self.found / told:.1f} %" if self.wanted and told else "-"
        return f"| {name} | {self.cases} | {self.wanted} | {self.found} | {recall} | {self.false} | {precision} |"


# --- films and pieces


def truth_of(path: Path) -> tuple[list[float], float] | None:
    """Cuts in seconds of the file's clock, and until when it is labelled."""
    file = path.with_suffix(".truth.json")
    if not file.exists():
        return None
    truth = json.loads(file.read_text())
    return truth["cuts_s"], max((float(s["t"]) for s in truth["samples"]), default=0.0)


@dataclass
class Picture:
    """What the signal asks of a picture."""

    frame: int
    seen: np.ndarray

    def view(self, long_side_px: int, pixels: str = "bgr24") -> np.ndarray:
        """The picture, whose longer side is `SEEN_PX`."""
        assert (long_side_px, pixels) == (SEEN_PX, "bgr24"), "the signal looks at another size: change SEEN_PX"
        return self.seen


def boundaries(found: Any) -> list[tuple[int, int]]:
    """Hard cuts and ranges, as [first, last]."""
    soft = zip(found.soft_first.tolist(), found.soft_end.tolist(), strict=True)
    return sorted([(frame, frame) for frame in found.frame.tolist()] + list(soft))


def looked_at(pictures: Pictures) -> list[tuple[int, int]]:
    """What the signal finds in made-up pictures."""
    count = len(pictures)
    video = SimpleNamespace(picture_count=count, rate=Fraction(RATE_HZ))
    media: Any = SimpleNamespace(video=video, duration_s=Fraction(count, RATE_HZ), frame_count=count)
    signal = ShotBoundariesSignal(media)
    height, width = pictures.shape[1:3]
    size = (SEEN_PX, round(height * SEEN_PX / width))
    for n, picture in enumerate(pictures):
        small = cv2.resize(picture.clip(0, 255).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
        signal.see(Picture(n, small))
    return boundaries(signal.finish())


def scored(score: Score, wanted: list[tuple[float, float]], told: list[tuple[float, float]], near: float) -> list[str]:
    """Add a case to the score; its mistakes in words."""
    left, missed = list(told), []
    for first, last in wanted:
        hit = next((t for t in left if t[0] - near <= last and first - near <= t[1]), None)
        if hit is None:
            missed.append(f"missed {first:.2f}-{last:.2f}")
        else:
            left.remove(hit)
    score.cases += 1
    score.wanted += len(wanted)
    score.found += len(wanted) - len(missed)
    score.false += len(left)
    return [*missed, *(f"false {first:.2f}-{last:.2f}" for first, last in left)]


def pieces_of(path: Path) -> list[Pictures]:
    """Pieces of a labelled landscape movie, each of 2 x `HALF` pictures without a cut; at most four."""
    cuts_s, end_s = truth_of(path) or ([], 0.0)
    media = ingest.probe(path)
    rate, start_s = float(media.video.rate), float(media.video.start_s)
    pictures, frames = [], []
    for picture in Decoder(media).pictures():
        if picture.frame / rate + start_s <= end_s:
            pictures.append(picture.view(SOURCE_PX, "bgr24"))
            frames.append(picture.frame / rate + start_s)
    edges = [0, *np.searchsorted(frames, cuts_s).tolist(), len(frames)]
    found = []
    for first, end in pairwise(edges):
        first += 10 if first else 0  # dissolves and whip pans around the cut
        end -= 10 if end < len(frames) else 0
        found += [np.stack(pictures[a : a + 2 * HALF]) for a in range(first, end - 2 * HALF + 1, 2 * HALF)]
    return found[:: max(1, len(found) // 4)][:4]


def fitted(pictures: Pictures, like: Pictures) -> Pictures:
    """The pictures in the size of others, as floats."""
    size = like.shape[2], like.shape[1]
    return np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in pictures]).astype(np.float32)


def made_up(name: str, how: Callable[..., Case], pieces: dict[str, list[Pictures]], cases: int, show: bool) -> Score:
    """The score of one kind."""
    score = Score()
    for number in range(cases):
        rng = np.random.default_rng([zlib.crc32(name.encode()), number])
        one, other = rng.choice(sorted(pieces), 2, replace=False)
        before, after = (pieces[film][int(rng.integers(len(pieces[film])))] for film in (one, other))
        case = how(rng, before.astype(np.float32), fitted(after, before))
        wanted = [case.boundary] if case.boundary else []
        for text in scored(score, wanted, looked_at(case.pictures), NEAR_S * RATE_HZ):
            if show:
                print(f"{name} {number}: {one}, {other}: {text}")
    return score


def film(path: Path, show: bool) -> Score:
    """The score of one movie, as far as it is labelled."""
    cuts_s, end_s = truth_of(path) or ([], 0.0)
    media, score = ingest.probe(path), Score()
    found = observe(media, Decoder(media), signals=["cuts"]).signals["cuts"]
    rate, start_s = float(media.video.rate), float(media.video.start_s)
    told = [(a / rate + start_s, b / rate + start_s) for a, b in boundaries(found)]
    for text in scored(score, [(t, t) for t in cuts_s], [t for t in told if t[0] <= end_s], NEAR_S):
        if show:
            print(f"{path.stem}: {text}")
    return score


def total(scores: Sequence[Score]) -> Score:
    """The sum."""
    return Score(*(sum(getattr(s, field) for s in scores) for field in ("wanted", "found", "false", "cases")))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print every mistake")
    parser.add_argument("--cases", type=int, default=60, help="of each made-up kind (default: 60)")
    parser.add_argument("movies", nargs="+", type=Path, metavar="MOVIE")
    args = parser.parse_args()
    movies = [path for path in args.movies if truth_of(path)]
    rows = {"films": total([film(path, args.show) for path in movies])}
    pieces = {path.stem: found for path in movies if (found := pieces_of(path))}
    for kinds, name in ((JOINS, "all made-up joins"), (SINGLE, "all made-up single shots")):
        scores = {kind: made_up(kind, how, pieces, args.cases, args.show) for kind, how in kinds.items()}
        rows |= {**scores, f"**{name}**": total(list(scores.values()))}
    print("| kind | cases | boundaries | found | recall | false | precision |\n|---|---|---|---|---|---|---|")
    print("\n".join(score.row(name) for name, score in rows.items()))


if __name__ == "__main__":
    main()
