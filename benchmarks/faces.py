"""Faces against the truth: `python benchmarks/faces.py --judge YUNET.onnx CLIP TRUTH [CLIP TRUTH ...]`.

Which truth samples show a visible frontal face is decided by an independent judge, OpenCV's YuNet (weights by path),
on enlarged crops around the truth's boxes: score 0.8, the nose between the eyes, at least 20 px tall and 4 % of the
picture's height, its centre in a box of the truth. `--sheet FOLDER` writes what it saw, and every false face, as
pictures to check by eye; `--not CLIP:N` takes the judge's Nth face of a clip out where the eye sees none.

A face counts as found when a look of the `faces` signal in the 0.2 s up to the sample (the shot's first look, where
the shot has had none yet) holds a box on it: overlap of 0.3, or the centre of one inside the other. A false face is a
row with trust of 0.3 or more on which neither the judge, on an enlarged crop at half its score, nor a box of the truth
within 0.3 s sees one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan import ingest
from panscan.model.media import Media
from panscan.model.perception import Faces
from panscan.perceive.observe import observe

SURE, SUPPORTS = 0.8, 0.4  # the judge's score for a visible face, and for one that a row may lie on
LEAST_PX, LEAST_SHARE = 20.0, 0.04  # height of a face, px of the file and of the picture's height
MOST_TURN = 0.35  # nose off the middle of the eyes, in distances of the eyes: about 35 degrees
LEAST_EYES = 0.22  # distance of the eyes, in face heights: less in profile
WITHIN_S, TRUTH_S = 0.2, 0.3
TRUSTED = 0.3

Image = npt.NDArray[np.uint8]
Box = npt.NDArray[np.float64]


@dataclass(slots=True)
class Seen:
    """One face of the judge in one truth sample: box left, top, width, height in display px."""

    t: float
    frame: int
    box: Box
    score: float
    turn: float
    frontal: bool
    picture: Image = field(repr=False)
    found: bool = False


class Judge:
    """YuNet on enlarged crops."""

    def __init__(self, weights: Path) -> None:
        self._net = cv2.FaceDetectorYN.create(str(weights), "", (320, 320), 0.3, 0.3, 50)

    def faces(self, picture: Image, box: Box, margin: float) -> list[npt.NDArray[np.float64]]:
        """Rows of YuNet (15,) in picture px around a box, best first; each face once."""
        height, width = picture.shape[:2]
        reach = margin * max(box[2:])
        left, top = (int(max(0, box[n] - reach)) for n in (0, 1))
        right, bottom = int(min(width, box[0] + box[2] + reach)), int(min(height, box[1] + box[3] + reach))
        part = picture[top:bottom, left:right]
        if min(part.shape[:2]) < 8:
            return []
        rows: list[npt.NDArray[np.float64]] = []
        for long_side in (256, 512, 960):
            factor = min(4.0, long_side / max(part.shape[:2]))
            size = (max(32, round(part.shape[1] * factor)), max(32, round(part.shape[0] * factor)))
            self._net.setInputSize(size)
            found = self._net.detect(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC))[1]
            for row in found if found is not None else []:
                own = row.astype(np.float64)
                own[:14:2] = own[:14:2] * part.shape[1] / size[0]
                own[1:14:2] = own[1:14:2] * part.shape[0] / size[1]
                own[[0, *range(4, 14, 2)]] += left
                own[[1, *range(5, 14, 2)]] += top
                rows.append(own)
        kept: list[npt.NDArray[np.float64]] = []
        for row in sorted(rows, key=lambda r: -r[14]):
            if all(not on(row[:4], other[:4]) for other in kept):
                kept.append(row)
        return kept


def on(a: Box, b: Box) -> bool:
    """Whether two boxes are on one face: overlap of 0.3, or the centre of one inside the other."""
    both = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    if min(both) <= 0:
        return False
    common = float(np.prod(both))
    centres = [(a[:2] + a[2:] / 2, b), (b[:2] + b[2:] / 2, a)]
    inside = any(bool(np.all((c > o[:2]) & (c < o[:2] + o[2:]))) for c, o in centres)
    return inside or bool(common / (np.prod(a[2:]) + np.prod(b[2:]) - common) >= 0.3)


def turned(row: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Nose off the middle of the eyes along their line, in eye distances; eye distance in face heights."""
    right, left, nose = (row[n : n + 2] for n in (4, 6, 8))
    apart = float(np.linalg.norm(left - right))
    along = float((nose - (left + right) / 2) @ (left - right)) / max(apart, 1e-6) ** 2
    return along, apart / float(row[3])


class Pictures:
    """A source of pictures alone."""

    def __init__(self, media: Media) -> None:
        self._media = media

    def pictures(self) -> Iterable[Any]:
        """The pictures, once, in order."""
        return ingest.PictureDecoder(self._media)

    def sound(self) -> Iterator[npt.NDArray[np.float32]]:
        """None: no face is heard."""
        return iter(())


class Clip:
    """A movie, its truth in display px and what the signal says."""

    def __init__(self, path: Path, truth_path: Path) -> None:
        self.media = ingest.probe(path)
        self.rate = float(self.media.video.rate)
        self.name = path.stem
        truth = json.loads(truth_path.read_text())
        num, den = (int(v) for v in str(truth.get("sar", "1:1")).split(":"))
        display = self.media.video.display_size
        scale = np.array([display.width / truth["size"][0], display.height / truth["size"][1]])
        if abs(scale[0] - scale[1] * num / den) > 0.02 * scale[0]:
            scale[0] = scale[1] * num / den
        first_pts_s = truth.get("first_pts_s", 0.0)
        self.cuts = [round((t - first_pts_s) * self.rate) for t in truth.get("cuts_s", [])]
        self.samples: list[tuple[float, int, list[Box], list[Box]]] = []
        for sample in truth["samples"]:
            # Samples are read with the score's own tolerance: a time on a frame's border belongs to that frame.
            frame = int(np.floor((sample["t"] - first_pts_s) * self.rate + 1e-3))
            main, beside = (
                [np.array([b[0], b[1], b[2] - b[0], b[3] - b[1]]) * np.tile(scale, 2) for b in boxes]
                for boxes in ([*sample["must"], *sample["any_of"]], sample["nice"])
            )
            self.samples.append((sample["t"], max(0, frame), main, beside))
        seen = observe(self.media, Pictures(self.media), signals=["faces"])
        self.faces = seen.need(Faces)

    def pictures(self) -> Any:
        """(frame, picture in OpenCV's order of colours, display px) of every grid frame with a picture."""
        display = self.media.video.display_size
        for picture in ingest.PictureDecoder(self.media):
            yield picture.frame, picture.view(max(display.width, display.height), "bgr24")

    def found(self, frame: int, box: Box) -> bool:
        """Whether a look in the 0.2 s up to a frame holds this face, or the shot's first look where it had none yet."""
        reach = WITHIN_S * self.rate + 1e-6
        start = max((cut for cut in self.cuts if cut <= frame), default=0)
        since = max(start, frame - reach)
        looked = self.faces.looked
        if not np.any((looked >= since) & (looked <= frame)):
            frame = next((int(n) for n in looked if n > frame and n - frame <= reach), frame)
        near = (self.faces.frame <= frame) & (self.faces.frame >= since)
        return any(on(own, box) for own in self.faces.box_px[near])


def measure(clip: Clip, judge: Judge) -> tuple[list[Seen], list[tuple[int, Box, float, Image]]]:
    """The judge's faces in the truth samples, and the signal's rows that lie on none."""
    wanted = {frame: (t, main, beside) for t, frame, main, beside in clip.samples}
    trust, faces = clip.faces.confidence, clip.faces
    seen: list[Seen] = []
    false = []
    last: tuple[int, Image] | None = None
    due = sorted(wanted)
    for frame, picture in [*clip.pictures(), (1 << 60, None)]:
        while due and last is not None and due[0] < frame:  # the picture that stands at that time
            at = due.pop(0)
            t, main, beside = wanted[at]
            seen += judged(judge, last[1], t, at, [*main, *beside])
        if picture is None:
            break
        last = (frame, picture)
        for row in np.flatnonzero((faces.frame == frame) & (trust >= TRUSTED)):
            box = faces.box_px[row]
            rows = judge.faces(picture, box, 0.7)
            supported = any(r[14] >= SUPPORTS and on(r[:4], box) for r in rows)
            near = [b for t, at, main, _ in clip.samples if abs(at - frame) <= TRUTH_S * clip.rate for b in main]
            if not supported and not any(on(b, box) and b[3] < 4 * box[3] for b in near):
                false.append((frame, box, float(trust[row]), picture))
    for one in seen:
        one.found = clip.found(one.frame, one.box)
    return seen, false


def judged(judge: Judge, picture: Image, t: float, frame: int, boxes: list[Box]) -> list[Seen]:
    """The judge's faces around the boxes of one sample, each once."""
    found: list[Seen] = []
    for box in boxes:
        for row in judge.faces(picture, box, 0.35):
            turn, eyes = turned(row)
            middle = row[:2] + row[2:4] / 2
            held = any(bool(np.all((middle > b[:2]) & (middle < b[:2] + b[2:]))) for b in boxes)
            tall = held and row[3] >= max(LEAST_PX, LEAST_SHARE * picture.shape[0])
            frontal = tall and row[14] >= SURE and abs(turn) <= MOST_TURN and eyes >= LEAST_EYES
            if row[14] >= 0.5 and all(not on(row[:4], other.box) for other in found):
                found.append(Seen(t, frame, row[:4], float(row[14]), turn, bool(frontal), picture))
    return found


def sheet(path: Path, tiles: list[tuple[Image, Box, str, bool]]) -> None:
    """Write faces as tiles of 160 px with a line of text; green those found."""
    cells = []
    for picture, box, text, good in tiles:
        side = max(24, int(2.2 * max(box[2:])))
        x, y = (int(box[n] + box[2 + n] / 2 - side / 2) for n in (0, 1))
        framed = cv2.copyMakeBorder(picture, side, side, side, side, cv2.BORDER_CONSTANT)
        tile = cv2.resize(framed[y + side : y + 2 * side, x + side : x + 2 * side], (160, 160))
        colour = (0, 200, 0) if good else (0, 0, 255)
        cells.append(np.vstack([tile, np.full((20, 160, 3), 30, np.uint8)]))
        cv2.putText(cells[-1], text, (2, 174), cv2.FONT_HERSHEY_SIMPLEX, 0.36, colour, 1)
    cells += [np.zeros_like(cells[0])] * (-len(cells) % 10) if cells else []
    if cells:
        cv2.imwrite(str(path), np.vstack([np.hstack(cells[n : n + 10]) for n in range(0, len(cells), 10)]))


def main() -> None:
    """Print a line per face and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", type=Path, required=True, help="weights of YuNet")
    parser.add_argument("--sheet", type=Path, help="folder for pictures of the judged faces")
    parser.add_argument("--not", dest="no", action="append", default=[], metavar="CLIP:N", help="no frontal face")
    parser.add_argument("pairs", nargs="+", type=Path, metavar="CLIP TRUTH")
    args = parser.parse_args()
    if len(args.pairs) % 2:
        parser.error("give pairs: CLIP TRUTH [CLIP TRUTH ...]")
    judge, lines, total = Judge(args.judge), [], np.zeros(2, int)
    for path, truth in zip(args.pairs[::2], args.pairs[1::2], strict=True):
        clip = Clip(path, truth)
        seen, false = measure(clip, judge)
        frontal = []
        for n, one in enumerate(seen):
            one.frontal &= f"{clip.name}:{n}" not in args.no
            state = ("found" if one.found else "MISSED") if one.frontal else "(not counted)"
            box = " ".join(f"{v:.0f}" for v in one.box)
            print(f"{clip.name}:{n} t {one.t:.3f} box {box} score {one.score:.2f} turn {one.turn:+.2f} {state}")
            frontal += [one] if one.frontal else []
        if args.sheet:
            args.sheet.mkdir(parents=True, exist_ok=True)
            tiles = [
                (o.picture, o.box, f"{n} {o.t:.2f} {o.score:.2f} {o.turn:+.2f}" + ("" if o.frontal else " -"), o.found)
                for n, o in enumerate(seen)
            ]
            sheet(args.sheet / f"{clip.name}.png", tiles)
            sheet(args.sheet / f"{clip.name}.false.png", [(p, b, f"{f} {v:.2f}", False) for f, b, v, p in false])
        good = [o for o in frontal if o.found]
        total += (len(good), len(frontal))
        least = min((o.box[3] for o in good), default=np.nan)
        missed = " ".join(f"{o.box[3]:.0f}" for o in frontal if not o.found)
        share = f"{100 * len(good) / len(frontal):.1f} %" if frontal else "-"
        per_minute = len(false) / float(clip.media.duration_s) * 60
        samples = len({o.frame for o in frontal})
        lines.append(
            f"| {clip.name} | {len(clip.samples)} | {samples} | {len(good)} of {len(frontal)} | {share} "
            f"| {per_minute:.0f} | {least:.0f} | {missed or '-'} |".replace("nan", "-")
        )
    print(
        "\n| clip | samples | with a frontal face | faces found | recall | false faces per minute "
        "| smallest found, px | missed, px |\n|---|---|---|---|---|---|---|---|"
    )
    print("\n".join(lines))
    print(f"| **all** | | | {total[0]} of {total[1]} | **{100 * total[0] / max(1, total[1]):.1f} %** | | | |")


if __name__ == "__main__":
    main()
