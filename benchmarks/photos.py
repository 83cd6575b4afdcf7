"""Shots of photos: `python benchmarks/photos.py PHOTO ... [--mirrored]`, and `--votes FILE --people FILE`.

Photos with truth (`NAME.truth.json` beside them): for each shot what must be inside, what must not be cut, how large
the main face is and how much of the photo is shown. `--mirrored` turns photos and truths left to right: what is right
for the one must be right for the other.

Votes: `image_crop.json` and `human_bboxes.json` of GAICD as published with HCIC. Prints the mean Spearman correlation
of the scores with people's votes over the photos, with the weights in use and with weights fitted on nine tenths of the
photos and tried on the others.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps
from scipy.stats import spearmanr

from panscan.model.geometry import Ratio, Size
from panscan.model.request import Models
from panscan.photos.composition import VOTED, voted_features, voted_score
from panscan.photos.detectors import PhotoDetectors
from panscan.photos.pipeline import plan_photo
from panscan.photos.planner import PlannedShot

FloatArray = npt.NDArray[np.float64]
Box = Sequence[float]

KEYS = {"establishing": "establishing", "medium": "medium", "close-up": "closeup"}  # shots, as truths name them
SLACK_PX = 1.0  # that a box may stick out: truths are whole px
CUT = 0.01  # share of a box inside, between which and 1 minus which it is cut
FACE_SLACK = 0.005  # of the crop's height: as much as a pixel of a small crop
FOLDS = 10
RIDGE = 1.0  # keeps weights of features that say the same from growing against each other
GRID = 12 / 11.5  # all voted crops end half a cell of twelve before the photo's right and lower edge at the most


def broken(shot: PlannedShot, truth: dict[str, Any], faces: Sequence[Box], size: Size) -> list[str]:
    """What of a truth a shot does not keep."""
    box, found = shot.box_px, []
    if not all(inside(b, box) for b in truth.get("must", ())):
        found.append("must")
    if truth.get("any_of") and not any(inside(b, box) for b in truth["any_of"]):
        found.append("any_of")
    if any(CUT < share(b, box) < 1 - CUT for b in truth.get("not_cut", ())):
        found.append("cut")
    area = (box[2] - box[0]) * (box[3] - box[1]) / (size.width * size.height)
    low, high = truth.get("area_share", (0, 1))
    if not low - 1e-3 <= area <= high + 1e-3:
        found.append(f"area {area:.2f}")
    if "face_share" in truth:
        low, high = truth["face_share"]
        sides = [(f[3] - f[1]) / (box[3] - box[1]) for f in faces if inside(f, box)]
        if not any(low - FACE_SLACK <= side <= high + FACE_SLACK for side in sides):
            found.append(f"face {max(sides, default=0):.2f}")
    return found


def inside(box: Box, crop: Box) -> bool:
    return (
        box[0] >= crop[0] - SLACK_PX
        and box[1] >= crop[1] - SLACK_PX
        and box[2] <= crop[2] + SLACK_PX
        and box[3] <= crop[3] + SLACK_PX
    )


def share(box: Box, crop: Box) -> float:
    """Share of a box inside a crop."""
    wide = max(0.0, min(box[2], crop[2]) - max(box[0], crop[0]))
    tall = max(0.0, min(box[3], crop[3]) - max(box[1], crop[1]))
    return wide * tall / ((box[2] - box[0]) * (box[3] - box[1]))


def mirrored(value: Any, width: int) -> Any:
    """A truth with all its boxes turned left to right."""
    if isinstance(value, dict):
        return {key: v if key.endswith("share") else mirrored(v, width) for key, v in value.items()}
    if isinstance(value, list):
        if len(value) == 4 and all(isinstance(v, int | float) for v in value):
            return [width - value[2], value[1], width - value[0], value[3]]
        return [mirrored(v, width) for v in value]
    return value


def check_truths(photos: Sequence[Path], mirror: bool, ratios: Sequence[Ratio]) -> None:
    detectors = PhotoDetectors(Models())
    kept = total = 0
    started = time.process_time()
    for path in photos:
        truth_file = path.with_suffix(".truth.json")
        truth = json.loads(truth_file.read_text()) if truth_file.is_file() else {}
        with tempfile.TemporaryDirectory() as folder:
            if mirror:
                with Image.open(path) as file:
                    truth = mirrored(truth, file.size[0])
                    path = Path(folder) / f"{path.stem}.png"
                    ImageOps.mirror(file.convert("RGB")).save(path)
            planned = plan_photo(path, ratios, "", detectors)
        for found in planned.sets:
            for name, key in KEYS.items():
                shot = next((s for s in found.shots if s.shot == name), None)
                if shot is None:
                    said = [f"none: {found.absent.get(name)}"]
                else:
                    faces = [face["box"] for face in truth.get("faces", ())]
                    said = broken(shot, truth[key], faces, planned.photo.size) if key in truth else []
                if key in truth:
                    total += 1
                    kept += not said
                print(f"{path.stem:28} {name:13} {str(shot.box_px) if shot else '':26} {', '.join(said) or 'holds'}")
    print(f"{kept} of {total} truths hold; {(time.process_time() - started) / max(1, len(photos)):.2f} CPU s per photo")


def voted_photos(votes: Path, people: Path) -> Iterator[tuple[FloatArray, FloatArray, FloatArray, Size]]:
    """Crops (n, 4), votes (n,), the person's box (4,) and the size of each photo of people."""
    crops = json.loads(votes.read_text())
    for name, box in json.loads(people.read_text()).items():
        windows = np.array(crops[name]["bbox"], np.float64)
        size = Size(round(windows[:, 2].max() * GRID), round(windows[:, 3].max() * GRID))
        yield windows, np.array(crops[name]["score"], np.float64), np.array(box, np.float64), size


def check_votes(votes: Path, people: Path) -> None:
    photos = list(voted_photos(votes, people))
    used = np.mean([spearmanr(voted_score(w, box, size), v)[0] for w, v, box, size in photos])
    print(f"{len(photos)} photos, weights in use: SRCC {used:.3f}")
    rows = [np.stack(list(voted_features(w, box, size).values()), axis=1) for w, _, box, size in photos]
    centred = [row - row.mean(axis=0) for row in rows]
    wanted = [(v - v.mean()) / v.std() for _, v, _, _ in photos]
    fold = np.arange(len(photos)) % FOLDS
    found = []
    for left_out in range(FOLDS):
        x = np.concatenate([centred[n] for n in np.flatnonzero(fold != left_out)])
        y = np.concatenate([wanted[n] for n in np.flatnonzero(fold != left_out)])
        weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
        found += [spearmanr(rows[n] @ weights, photos[n][1])[0] for n in np.flatnonzero(fold == left_out)]
    print(f"fitted on nine tenths, tried on the others: SRCC {np.mean(found):.3f}")
    x, y = np.concatenate(centred), np.concatenate(wanted)
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
    print("fitted on all:", ", ".join(f"{name} {w:.1f}" for name, w in zip(VOTED, weights, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--mirrored", action="store_true")
    parser.add_argument("-r", "--ratio", action="append", default=[])
    parser.add_argument("--votes", type=Path)
    parser.add_argument("--people", type=Path)
    arguments = parser.parse_args()
    if arguments.photos:
        check_truths(arguments.photos, arguments.mirrored, [Ratio.parse(text) for text in arguments.ratio])
    if arguments.votes:
        check_votes(arguments.votes, arguments.people)


if __name__ == "__main__":
    main()
