"""Hand-made truth of a movie, on the frames and px of its timeline: what a good crop holds, cuts and speakers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from judge.framings import Boxes

KINDS = ("must", "any_of", "nice", "avoid")
REACH_S = 3.0  # the last sample of a truth speaks for the seconds after it
EARLY_FRAMES = 1e-3  # a time on the border of a frame belongs to that frame, whatever its last digit


@dataclass(frozen=True, slots=True, eq=False)
class TruthSample:
    """What matters in one picture; boxes are left, top, right, bottom in source px, shape (n, 4).

    Attributes
    ----------
    frame : int
        Counted from the media's first picture.
    must, any_of : ndarray
        Boxes that a good crop holds all of, and at least one of.
    nice, avoid : ndarray
        Boxes that it may hold as well, and better leaves out.
    """

    frame: int
    must: Boxes
    any_of: Boxes
    nice: Boxes
    avoid: Boxes

    @property
    def wanted(self) -> Boxes:
        """All boxes of `must` and `any_of`."""
        return np.concatenate([self.must, self.any_of])


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The truth of one movie.

    Attributes
    ----------
    name : str
        Name of the movie's file.
    samples : tuple of TruthSample
        In rising order.
    cuts : ndarray
        Frames at which a new shot begins.
    turns : tuple of (int, int, ndarray)
        First frame, end and box of each turn of speech.
    fits : tuple of (int, int)
        First frame and end of each stretch in which the whole picture is wanted.
    end : int
        From this frame on nobody said what matters.
    """

    name: str
    samples: tuple[TruthSample, ...]
    cuts: Boxes
    turns: tuple[tuple[int, int, Boxes], ...]
    fits: tuple[tuple[int, int], ...]
    end: int


def read_truth(path: Path, source_px: tuple[int, int], rate: float) -> Truth:
    """The truth of a movie with upright pictures of this width and height, and frames per second."""
    data = json.loads(path.read_text())
    to_source = np.tile(np.array(source_px) / data["size"], 2)  # the file's px may not be square

    def frame(t: float) -> int:
        return int(np.floor((t - data.get("first_pts_s", 0.0)) * rate + EARLY_FRAMES))

    def boxes(rows: Any) -> Boxes:
        return np.asarray(np.array(rows or [], np.float64).reshape(-1, 4) * to_source)

    whole = [[-1e6, 1e6]] if data.get("expected") == "fit" and not data.get("fit_s") else data.get("fit_s") or []
    return Truth(
        data["media"],
        tuple(TruthSample(frame(s["t"]), *(boxes(s.get(kind)) for kind in KINDS)) for s in data["samples"]),
        np.array([round((t - data.get("first_pts_s", 0.0)) * rate) for t in data.get("cuts_s", [])], np.float64),
        tuple((frame(s["t"][0]), frame(s["t"][1]), boxes(s["box"])[0]) for s in data.get("speaker") or []),
        tuple((frame(a), frame(b)) for a, b in whole),
        frame(max([data["samples"][-1]["t"], *(b for _, b in data.get("fit_s") or [])]) + REACH_S),
    )
