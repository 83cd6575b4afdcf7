"""What of the truth is seen: `python benchmarks/recall.py FOLDER [--classes FILE] [--json FILE]`.

For every box of the truth files in FOLDER (`*.truth.json`; the boxes that a good crop must show, and those of which it
may show one) the share that each kind of evidence covers at that time, by classes of boxes; and the shot boundaries
found and made up. Which weights are used says `PANSCAN_MODELS_DIR`, as ever; what was perceived before is taken from
the cache.

FILE says what the boxes show, as JSON: a clip's name to a class, or to rows [from s, to s, class of the first box of a
sample, class of the second, ...]; the last class of a row also holds for further boxes. Without it all are of one
class.

A box is covered where evidence overlaps it by 0.3 (IoU), or lies in it to 80 %, or it in the evidence, while the larger
is at most eight times the smaller and the evidence at most 60 % of the picture's width: a face in a head's box, an
animal around the head that the truth asks for. What is tracked counts at its interpolated place.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan import pipeline
from panscan.arrays.boxes import iou
from panscan.model.perception import Faces, Flow, Objects, Perception, ShotBoundaries, Text, Tracks
from panscan.model.shots import shots_of

LEAST_IOU, LEAST_INSIDE, MOST_LARGER, MOST_WIDE = 0.3, 0.8, 8.0, 0.6
RECENT_S = 0.5  # how old a detection may be
GAP_S = 1.6  # between two rows of a track, over which it is interpolated
CUT_WITHIN_S = 0.12

Boxes = npt.NDArray[np.float64]
COLUMNS = ("faces", "objects", "persons", "things", "text", "movers", "persons or things", "any")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A box of the truth: what it shows, its frame, and its place (left, top, width, height) in display px."""

    label: str
    frame: int
    box: Boxes


def wanted_boxes(truth: dict[str, Any], classes: Any, rate: float, size_px: tuple[int, int]) -> Iterator[Wanted]:
    """The boxes of one truth file."""
    scale = np.array([size_px[0] / truth["size"][0], size_px[1] / truth["size"][1]] * 2)
    rows = classes if isinstance(classes, list) else [[0, 1e9, classes]]
    for sample in truth["samples"]:
        names = next((row[2:] for row in rows if row[0] <= sample["t"] < row[1]), ["other"])
        frame = int((sample["t"] - truth.get("first_pts_s", 0.0)) * rate + 1e-3)
        for number, box in enumerate([*sample.get("must", []), *sample.get("any_of", [])]):
            edges = np.asarray(box, np.float64) * scale
            yield Wanted(names[min(number, len(names) - 1)], frame, np.concatenate([edges[:2], edges[2:] - edges[:2]]))


def covers(found: Boxes, box: Boxes, width_px: float) -> bool:
    """Whether one of the boxes found (n, 4) shows the wanted one (4,)."""
    if not len(found):
        return False
    low, high = np.maximum(found[:, :2], box[:2]), np.minimum(found[:, :2] + found[:, 2:], box[:2] + box[2:])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    areas, own = np.maximum(np.prod(found[:, 2:], axis=1), 1e-9), max(float(np.prod(box[2:])), 1e-9)
    inside = common / np.minimum(areas, own) >= LEAST_INSIDE
    alike = (np.maximum(areas, own) <= MOST_LARGER * np.minimum(areas, own)) & (found[:, 2] <= MOST_WIDE * width_px)
    return bool(np.any((iou(found, box) >= LEAST_IOU) | (inside & alike)))


def recent(looked: Any, frame: Any, boxes: Boxes, now: int, reach: float) -> Boxes:
    """The boxes of the newest look at or before a frame, or of the first one after."""
    place = max(0, int(np.searchsorted(looked, now, side="right")) - 1)
    if not len(looked) or abs(int(looked[place]) - now) > reach:
        return np.zeros((0, 4))
    return np.asarray(boxes[frame == looked[place]])


def tracked(tracks: Tracks, kind: int, now: int, rate: float) -> Boxes:
    """Boxes, what a crop must keep, and bodies of the tracks of a kind at a frame."""
    found = []
    for number in np.flatnonzero(tracks.kind == kind):
        rows = np.flatnonzero(tracks.track == number)
        frame = tracks.frame[rows]
        after = int(np.searchsorted(frame, now))
        near = [n for n in (after - 1, after) if 0 <= n < len(rows)]
        if not near or min(abs(int(frame[n]) - now) for n in near) > GAP_S * rate / 2:
            continue
        for column in (tracks.box_px, tracks.keep_px, tracks.body_px):
            values = column[rows[near]]
            if not np.isnan(values).any():
                found.append([np.interp(now, frame[near], values[:, side]) for side in range(4)])
    return np.array(found, np.float64).reshape(-1, 4)


def evidence(perception: Perception, now: int, rate: float) -> dict[str, Boxes]:
    """What is seen at a frame, by the columns of the table."""
    faces, objects, tracks = (perception.get(kind) for kind in (Faces, Objects, Tracks))
    text, flow, reach = perception.get(Text), perception.get(Flow), RECENT_S * rate
    kept = (text.first <= now) & (now < text.end) & (text.kind != 1)
    found = {
        "faces": recent(faces.looked, faces.frame, faces.box_px, now, reach),
        "objects": recent(objects.looked, objects.frame, objects.box_px, now, reach),
        "persons": tracked(tracks, 0, now, rate),
        "things": tracked(tracks, 2, now, rate),
        "text": text.box_px[kept],
        "movers": recent(flow.looked, flow.frame, flow.box_px, now, reach),
    }
    found["persons or things"] = np.concatenate([found["persons"], found["things"]])
    found["any"] = np.concatenate([found[name] for name in ("faces", "persons or things", "text", "movers")])
    return found


def cut_figures(truth: dict[str, Any], perception: Perception, frames: int, rate: float) -> tuple[int, int, int]:
    """Cuts of the truth, those found, and those made up in the labelled part."""
    start = truth.get("first_pts_s", 0.0)
    found = [shot.first / rate + start for shot in shots_of(perception.get(ShotBoundaries), frames)][1:]
    soft = perception.get(ShotBoundaries)
    spans = [(a / rate + start, b / rate + start) for a, b in zip(soft.soft_first, soft.soft_end, strict=True)]

    def same(true: float, seen: float) -> bool:
        within = any(a - CUT_WITHIN_S <= true <= b + CUT_WITHIN_S and a <= seen <= b for a, b in spans)
        return abs(true - seen) <= CUT_WITHIN_S or within

    until = max((sample["t"] for sample in truth["samples"]), default=0.0)
    hit = sum(any(same(cut, seen) for seen in found) for cut in truth["cuts_s"])
    return len(truth["cuts_s"]), hit, sum(not any(same(cut, s) for cut in truth["cuts_s"]) for s in found if s <= until)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--classes", type=Path)
    parser.add_argument("--json", type=Path, help="write the figures of each clip and class")
    options = parser.parse_args()
    classes = json.loads(options.classes.read_text()) if options.classes else {}
    hits: dict[str, list[list[bool]]] = defaultdict(list)
    clips: dict[str, Any] = {}
    cuts, tracks, minutes = np.zeros(3, int), np.zeros(3, int), 0.0
    for path in sorted(options.folder.glob("*.truth.json")):
        truth = json.loads(path.read_text())
        media, perception = pipeline.analyse(path.with_name(truth["media"]))
        rate, size = float(media.video.rate), media.video.display_size
        stem = path.name.removesuffix(".truth.json")
        own: dict[str, list[list[bool]]] = defaultdict(list)
        for wanted in wanted_boxes(truth, classes.get(stem, "all"), rate, (size.width, size.height)):
            seen = evidence(perception, wanted.frame, rate)
            own[wanted.label].append([covers(seen[name], wanted.box, size.width) for name in COLUMNS])
        for label, rows in own.items():
            hits[label] += rows
        clips[stem] = {label: [len(rows), *np.mean(rows, axis=0).round(3).tolist()] for label, rows in own.items()}
        cuts += cut_figures(truth, perception, media.frame_count, rate)
        tracks += np.bincount(perception.get(Tracks).kind, minlength=3)
        minutes += float(media.duration_s) / 60
    print(f"| class | boxes | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 2)}")
    hits["**all**"] = [row for rows in list(hits.values()) for row in rows]
    for label, rows in hits.items():
        print(
            f"| {label} | {len(rows)} | " + " | ".join(f"{share:.0f}" for share in 100 * np.mean(rows, axis=0)) + " |"
        )
    print(f"\ncuts: {cuts[1]} of {cuts[0]} found, {cuts[2]} made up")
    print("tracks per minute: {:.0f} persons, {:.0f} movers, {:.0f} things".format(*tracks / minutes))
    if options.json:
        options.json.write_text(json.dumps(clips, indent=1))


if __name__ == "__main__":
    main()
