"""Cameras over screen recordings: `python benchmarks/screen.py FOLDER [--ratio 16:9 ...] [--events-from-truth]`.

FOLDER holds recordings with what happens in them, NAME.mp4 beside NAME.events.json: {"width", "height", "events":
[{"t0", "t1", "roi": [left, top, width, height], "kind"}]}, seconds and source px. Printed for each clip and shape, and
over all clips:

* in view: share of the events' time in which the roi lies wholly in one cell's crop; `idle` is told apart, popups and
  windows count from 0.3 s on. `first`: the same for the first cell alone, whose camera moves.
* zoom: how many times larger the roi is shown than where the screen's width fills the canvas, in the closest cell that
  holds it, 1 where none does: the median over the typing, drag and pointer events of landscape clips.
* written: share of the letters that are written in a cell's crop, where the truth tells them: {"written": [[seconds,
  left, top, width, height]]}. A camera that goes along a line with the caret shows them, though not the whole line.
* moves per minute, of all cameras of a clip.

--events-from-truth directs from the truth's own events: the most that better perception could reach. --keep DIR keeps
the timelines, for `benchmarks/sheets.py`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from judge.framings import FramedStretch, read_framings
from panscan import ingest, pipeline
from panscan.arrays.samples import runs_of_true
from panscan.model.perception import Perception, ScreenEventKind, ScreenEvents
from panscan.model.request import Request
from panscan.pipeline import MovieAnalysis
from panscan.request.options import request_for
from panscan.timeline.files import timeline_text

SAMPLES_HZ = 15.0
LATE = {"popup": 0.3, "window": 0.3}  # seconds that nobody expects a camera to foresee
ZOOMED = ("typing", "drag", "pointer")
SLACK_PX = 1.0  # source px: keys are rounded
STILL_PX = 0.01  # source px by which the crop of a camera at rest may differ from frame to frame

Boxes = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EventScore:
    """How one event of the truth was shown: its length, shares of it in view of any and of the first cell, the zoom."""

    kind: str
    seconds: float
    in_view: float
    in_first: float
    zoom: float


@dataclass(frozen=True, slots=True)
class ClipScore:
    """How one clip was shown in one shape."""

    layout: str
    is_landscape: bool
    seconds: float
    moves: int
    events: tuple[EventScore, ...]
    written: tuple[bool, ...] = ()  # whether each letter is in view


def events_of_truth(truth: dict[str, Any], rate: float) -> ScreenEvents:
    """The truth's events as if they had been perceived."""
    kinds = [str(kind) for kind in ScreenEventKind]
    rows = sorted((e for e in truth["events"] if e["kind"] in kinds), key=lambda e: e["t0"])
    return ScreenEvents(
        kind=np.array([kinds.index(row["kind"]) for row in rows], np.int64),
        first_frame=np.array([round(row["t0"] * rate) for row in rows], np.int64),
        end_frame=np.array([round(row["t1"] * rate) for row in rows], np.int64),
        box_px=np.array([row["roi"] for row in rows], np.float64).reshape(-1, 4),
        confidence=np.ones(len(rows)),
        text_height_px=np.zeros(len(rows)),
        keyboard_frame=np.zeros(0, np.int64),
        keyboard_top_px=np.zeros(0),
    )


def analysed(movie: Path, truth: dict[str, Any], from_truth: bool) -> MovieAnalysis:
    """What is known of a recording."""
    if not from_truth:
        return pipeline.analyse(movie)
    media = ingest.probe(movie)
    events = events_of_truth(truth, float(media.video.rate))
    return MovieAnalysis(media, Perception(media.digest, "truth", {"screen_events": events}))


def scored(stretches: Sequence[FramedStretch], truth: dict[str, Any]) -> ClipScore:
    """How well a timeline shows the events of a clip."""
    size = (truth["width"], truth["height"])
    rate = stretches[0].rate
    return ClipScore(
        "+".join(dict.fromkeys(stretch.layout for stretch in stretches)),
        size[0] > size[1],
        sum(stretch.end - stretch.first for stretch in stretches) / rate,
        sum(moves(stretch) for stretch in stretches),
        tuple(event_score(event, stretches, size) for event in truth["events"]),
        tuple(sample(at_s, box, stretches, size)[0] for at_s, *box in truth.get("written", ())),
    )


def moves(stretch: FramedStretch) -> int:
    """How often cameras set off."""
    frames = np.arange(stretch.first, stretch.end)
    count = 0
    for camera in stretch.cameras:
        crops = camera.crops(frames, stretch.source_px)
        count += len(runs_of_true(np.abs(np.diff(crops, axis=0)).max(axis=1) > STILL_PX))
    return count


def event_score(event: dict[str, Any], stretches: Sequence[FramedStretch], size: tuple[int, int]) -> EventScore:
    """How one event is shown."""
    start = event["t0"] + LATE.get(event["kind"], 0.0)
    rows = [sample(float(at), event["roi"], stretches, size) for at in np.arange(start, event["t1"], 1 / SAMPLES_HZ)]
    rows = rows or [(False, False, 0.0)]
    zooms = [zoom for held, _, zoom in rows if held]
    return EventScore(
        event["kind"],
        max(0.0, event["t1"] - start),
        mean(held for held, _, _ in rows),
        mean(first for _, first, _ in rows),
        mean(zooms) if zooms else 1.0,
    )


def sample(
    at_s: float, roi: Sequence[float], stretches: Sequence[FramedStretch], size: tuple[int, int]
) -> tuple[bool, bool, float]:
    """Whether a cell holds a region, whether the first one does, and the zoom of the closest that does."""
    frame = int(at_s * stretches[0].rate + 1e-6)
    stretch = next((s for s in stretches if s.first <= frame < s.end), stretches[-1])
    held, first, zoom = False, False, 0.0
    for camera, (left, top, right, bottom) in zip(stretch.cameras, stretch.crops(frame).tolist(), strict=True):
        box = (max(roi[0], 0), max(roi[1], 0), min(roi[0] + roi[2], size[0]), min(roi[1] + roi[3], size[1]))
        sides = (box[0] - left, box[1] - top, right - box[2], bottom - box[3])
        if min(sides) < -SLACK_PX:
            continue
        held, first = True, first or camera is stretch.cameras[0]
        zoom = max(zoom, camera.cell_px[2] / (right - left) / (stretch.canvas_px[0] / size[0]))
    return held, first, zoom


def line(name: str, scores: Sequence[ClipScore]) -> str:
    """One line of the table."""
    events = [event for score in scores for event in score.events if event.kind != "idle"]
    idle = [event for score in scores for event in score.events if event.kind == "idle"]
    zooms = [e.zoom for score in scores if score.is_landscape for e in score.events if e.kind in ZOOMED]
    per_minute = 60 * sum(score.moves for score in scores) / sum(score.seconds for score in scores)
    layouts = "+".join(dict.fromkeys(score.layout for score in scores))
    shown = (
        f"{share(events, 'in_view'):6.1%} (first {share(events, 'in_first'):6.1%}, idle {share(idle, 'in_view'):6.1%})"
    )
    letters = [is_seen for score in scores for is_seen in score.written]
    written = f"  written {mean(letters):6.1%}" if letters else ""
    return (
        f"{name:34}{layouts:14} in view {shown}  zoom {median(zooms or [1]):4.2f}  moves/min {per_minute:4.1f}{written}"
    )


def share(events: Sequence[EventScore], what: str) -> float:
    """Share of the events' time, 1 where there is none."""
    total = sum(event.seconds for event in events)
    return sum(event.seconds * float(getattr(event, what)) for event in events) / total if total else 1.0


def clips(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The recordings of a folder with their truth."""
    for path in sorted(folder.glob("*.events.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        yield folder / truth["file"], truth


def scores_of(
    analyses: Sequence[tuple[Path, dict[str, Any], MovieAnalysis]], request: Request, folder: Path
) -> list[ClipScore]:
    """How each recording is shown in one shape; the timelines are left in the folder."""
    scores = []
    for movie, truth, analysis in analyses:
        path = folder / f"{movie.stem}.{request.ratio.slug}.otio"
        path.write_text(timeline_text(pipeline.reframe(analysis, request)), encoding="utf-8")
        scores.append(scored(read_framings(path), truth))
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ratio", action="append", help="shapes; 16:9 and 9:16 without it")
    parser.add_argument("--preset", default="screen")
    parser.add_argument("--method")
    parser.add_argument("--layouts")
    parser.add_argument("--events-from-truth", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder for the timelines")
    options = parser.parse_args()
    analyses = [(m, t, analysed(m, t, options.events_from_truth)) for m, t in clips(options.folder)]
    with TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for ratio in options.ratio or ["16:9", "9:16"]:
            request = request_for(ratio, preset=options.preset, method=options.method, layouts=options.layouts)
            scores = scores_of(analyses, request, folder)
            for (movie, _, _), score in zip(analyses, scores, strict=True):
                print(f"{ratio:6}{line(movie.stem, [score])}")
            print(f"{ratio:6}{line('all', scores)}\n")


if __name__ == "__main__":
    main()
