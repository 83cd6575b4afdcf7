"""Contact sheets: `python benchmarks/sheets.py FOLDER TIMELINE ... [--truths FOLDER] [--moments 8 | --at S ...]`.

One JPEG (or PNG) per timeline: at some moments the source with the crop of each cell drawn on it, and the picture that
is made of them beside it. Every clip is shown at least once while there are moments; the others go where a clip is
longest. With truths (`NAME.truth.json`), a moment near a sample moves onto it, and its boxes are drawn: green must be
in the picture, blue at least one, grey is nice to have, red better left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from judge.framings import Boxes, FramedStretch, read_framings
from judge.truths import Truth, TruthSample, read_truth
from panscan import ingest

Image = npt.NDArray[np.uint8]
Moment = tuple[FramedStretch, int]

DECODED_PX = 1280  # longer side of the pictures that are read: a crop of a third of the width still fills its tile
SOURCE_PX = (480, 300)  # largest width and height of a source on the sheet
RESULT_PX = (300, 300)  # of a result: large enough to see whether a head is cut
COLUMNS = 2
CAPTION_PX, GAP_PX = 18, 8
NEAR_S = 0.5  # a moment moves this far onto a sample of the truth
JPEG_QUALITY = 82  # a sheet of eight moments takes 200 to 400 kB
CROP_COLOURS = ((0, 255, 255), (255, 0, 255), (255, 255, 0), (0, 128, 255))  # BGR, one per cell
TRUTH_COLOURS = {"must": (0, 220, 0), "any_of": (255, 120, 0), "nice": (160, 160, 160), "avoid": (0, 0, 255)}


def moments(stretches: Sequence[FramedStretch], count: int) -> list[Moment]:
    """Frames to show: evenly inside each clip, each new one where a clip has the fewest for its length."""
    shares = [0] * len(stretches)
    for _ in range(count):
        # A clip that is not yet shown goes before all others, the longest first.
        waits = [(n == 0, (s.end - s.first) / (n + 0.5)) for s, n in zip(stretches, shares, strict=True)]
        shares[waits.index(max(waits))] += 1
    return [
        (stretch, stretch.first + int((stretch.end - stretch.first) * (n + 0.5) / share))
        for stretch, share in zip(stretches, shares, strict=True)
        for n in range(share)
    ]


def moments_at(stretches: Sequence[FramedStretch], times_s: Sequence[float]) -> list[Moment]:
    """Moments at given times of the movie, as far as they are shown."""
    frames = [(round(t * stretches[0].rate), s) for t in times_s for s in stretches]
    return [(stretch, frame) for frame, stretch in frames if stretch.first <= frame < stretch.end]


def on_sample(moment: Moment, truth: Truth | None) -> tuple[Moment, TruthSample | None]:
    """A moment moved onto the nearest sample of the truth, where one is near in the same clip."""
    stretch, frame = moment
    near = [
        s
        for s in (truth.samples if truth else ())
        if abs(s.frame - frame) <= NEAR_S * stretch.rate and stretch.first <= s.frame < stretch.end
    ]
    if not near:
        return moment, None
    sample = min(near, key=lambda s: abs(s.frame - frame))
    return (stretch, sample.frame), sample


def fitted(size_px: Sequence[float], room_px: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same shape inside some room."""
    factor = min(room_px[0] / size_px[0], room_px[1] / size_px[1])
    return round(size_px[0] * factor), round(size_px[1] * factor)


def draw(picture: Image, boxes: Boxes, scale: Boxes, colours: Sequence[tuple[int, int, int]], width_px: int) -> None:
    """Draw boxes in source px onto a smaller source; parts beyond its border are pulled inside."""
    height, width = picture.shape[:2]
    for n, box in enumerate(boxes * np.tile(scale, 2)):
        corners = np.clip(np.round(box), 1, np.tile([width - 2, height - 2], 2)).astype(int)
        cv2.rectangle(picture, corners[:2], corners[2:], colours[n % len(colours)], width_px)


def source_tile(picture: Image, moment: Moment, sample: TruthSample | None) -> Image:
    """The source with crops and truth drawn on it."""
    stretch, frame = moment
    size = fitted(stretch.source_px, SOURCE_PX)
    tile = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale = np.array(size) / stretch.source_px
    for kind, colour in TRUTH_COLOURS.items():
        if sample:
            draw(tile, getattr(sample, kind), scale, [colour], 1)
    draw(tile, stretch.crops(frame), scale, CROP_COLOURS, 2)
    return tile


def result_tile(picture: Image, moment: Moment) -> Image:
    """What is made of the source; black where a crop leaves it, whatever its background."""
    stretch, frame = moment
    width, height = fitted(stretch.canvas_px, RESULT_PX)
    tile = np.zeros((height, width, 3), np.uint8)
    factor = width / stretch.canvas_px[0]
    to_picture = np.tile([picture.shape[1] / stretch.source_px[0], picture.shape[0] / stretch.source_px[1]], 2)
    for camera, crop in zip(stretch.cameras, stretch.crops(frame) * to_picture, strict=True):
        left, top, wide, tall = (round(v * factor) for v in camera.cell_px)
        room = tile[top : top + tall, left : left + wide]
        room[:] = cv2.resize(cut_out(picture, crop), room.shape[1::-1], interpolation=cv2.INTER_AREA)
    return tile


def cut_out(picture: Image, crop: Boxes) -> Image:
    """A rectangle of a picture, black beyond its border."""
    left, top, right, bottom = (int(v) for v in np.round(crop))
    height, width = picture.shape[:2]
    inside = picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    beyond = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    return np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_CONSTANT), np.uint8)


def written(width_px: int, text: str) -> Image:
    """A line of text."""
    line = np.zeros((CAPTION_PX, width_px, 3), np.uint8)
    cv2.putText(line, text, (2, CAPTION_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (230, 230, 230), 1, cv2.LINE_AA)
    return line


def row(picture: Image, moment: Moment, sample: TruthSample | None, number: int) -> Image:
    """Source, result and a line about them."""
    stretch, frame = moment
    width = SOURCE_PX[0] + GAP_PX + fitted(stretch.canvas_px, RESULT_PX)[0]
    tile = np.zeros((RESULT_PX[1], width, 3), np.uint8)
    source, result = source_tile(picture, moment, sample), result_tile(picture, moment)
    tile[: source.shape[0], : source.shape[1]] = source
    tile[: result.shape[0], width - result.shape[1] :] = result
    text = f"{frame / stretch.rate:.2f} s  clip {number} {stretch.layout}: {stretch.why}"
    return np.vstack([tile, written(width, text)])


def sheet(timeline: Path, truths: Path | None, count: int, times_s: Sequence[float]) -> Image:
    """The contact sheet of one timeline: at given times, else at so many moments."""
    stretches = read_framings(timeline)
    chosen = moments_at(stretches, times_s) if times_s else moments(stretches, count)
    path = truths / f"{stretches[0].media.stem}.truth.json" if truths else None
    truth = read_truth(path, stretches[0].source_px, stretches[0].rate) if path and path.exists() else None
    rows: list[Image] = []
    for moment, sample in ((m, None) if times_s else on_sample(m, truth) for m in chosen):
        picture = ingest.stills(ingest.probe(moment[0].media), [moment[1]], DECODED_PX)[0]
        shown = np.asarray(picture[:, :, ::-1], np.uint8)
        number = next(n for n, stretch in enumerate(stretches, 1) if stretch is moment[0])
        rows.append(np.pad(row(shown, moment, sample, number), ((0, GAP_PX), (0, 2 * GAP_PX), (0, 0))))
    rows += [np.zeros_like(rows[0])] * (-len(rows) % COLUMNS)
    lines = [np.hstack(rows[n : n + COLUMNS]) for n in range(0, len(rows), COLUMNS)]
    return np.vstack([written(lines[0].shape[1], timeline.name), *lines])


def main() -> None:
    """Write one sheet per timeline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the sheets go")
    parser.add_argument("timelines", nargs="+", type=Path, metavar="TIMELINE")
    parser.add_argument("--truths", type=Path, help="folder of NAME.truth.json")
    parser.add_argument("--moments", type=int, default=8)
    parser.add_argument("--at", nargs="+", type=float, default=[], metavar="S", help="just these times of the movie")
    parser.add_argument("--png", action="store_true", help="for viewers that show no JPEG; seven times as large")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for timeline in args.timelines:
        path = args.folder / f"{timeline.stem}{'.png' if args.png else '.jpg'}"
        options = [] if args.png else [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        cv2.imwrite(str(path), sheet(timeline, args.truths, args.moments, args.at), options)
        print(path)


if __name__ == "__main__":
    main()
