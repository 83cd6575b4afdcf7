"""A movie for tests of the review page, and what the page's server cannot do itself, done quickly."""

from __future__ import annotations

import json
import os
import pickle
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import numbered
import scenes
from panscan import ingest
from panscan.errors import InputError
from panscan.model.perception import ShotBoundaries
from panscan.pipeline import MovieAnalysis
from panscan.request.options import request_for
from panscan.review.footage import MovieFootage
from panscan.review.proxy import make_proxy
from panscan.review.sources import ReviewSource
from panscan.timeline.files import write_timeline

FRAMES = 100
CUTS = (40, 70)


@dataclass(frozen=True)
class QuickWork:
    """Sees two people in three shots of any movie; movies called `broken` are refused, in `crash` the process ends."""

    def prepare(self, source: ReviewSource, cache: Path, report_progress: Any) -> bytes:
        analysis = self.analyse(source, report_progress)
        return pickle.dumps((analysis, make_proxy(analysis.media, cache / "proxy.mp4")))

    def opened(self, source: ReviewSource, prepared: bytes) -> tuple[MovieFootage, Path]:
        analysis, proxy = pickle.loads(prepared)
        return MovieFootage(analysis), proxy

    def analyse(self, source: ReviewSource, report_progress: Any) -> MovieAnalysis:
        report_progress("looking", 1, 2)
        if source.movie.stem == "broken":
            raise InputError("it is broken", why="It says so.", fix="Mend it.")
        if source.movie.stem == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        rows = sorted([*scenes.still(40, 30, top=60), *scenes.still(240, 30, top=60)])
        seen = scenes.perception(faces=scenes.faces(rows, scenes.LOOKS), cuts=ShotBoundaries(np.array(CUTS)))
        return MovieAnalysis(ingest.probe(source.movie), seen)

    def write_timeline(self, timeline: Any, path: Path) -> str:
        write_timeline(timeline, path)
        return "kept aside" if path.stem.endswith("1x1") else ""

    def deliver(self, source: ReviewSource, request: Any, report_progress: Any) -> dict[str, Any]:
        if "edl" in request.formats:
            while True:
                report_progress("writing", 1, 4)
                time.sleep(0.01)
        page = source.folder / "verdict.html"
        page.write_text("<p>verified</p>")
        return {"files": [str(page)], "verdict": {"9:16": "VERIFIED"}, "pages": [str(page)], "refused": {}}

    def deliveries(self) -> list[dict[str, Any]]:
        return [{"name": "fcpxml", "title": "FCPXML", "editors": ["final-cut-pro"], "import_hint": "File > Import"}]


def source_of(folder: Path, name: str = "talk.mp4", *, ratios: tuple[str, ...] = ("9:16", "1:1")) -> ReviewSource:
    """A movie of its own with numbered frames, and two shapes of it."""
    movie = numbered.movie(folder / name, 1, FRAMES)
    requests = tuple(request_for(ratio) for ratio in ratios)
    return ReviewSource(movie, folder, requests, movie.with_suffix(".panscan.toml"))


def events(text: str) -> list[dict[str, Any]]:
    """The JSON of server-sent events."""
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
