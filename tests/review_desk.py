"""The review server for tests: a small movie of three shots and two people, whose analysis is made by hand.

with serving_review(folder) as desk:
    page.open(desk.opening_address)
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn

import media
import scenes
from panscan.cli.review_work import CommandLineWork
from panscan.ingest import probe
from panscan.model.perception import Perception, ShotBoundaries
from panscan.perceive.tracking.tracks import TracksSignal
from panscan.pipeline import MovieAnalysis
from panscan.request.options import requests_for
from panscan.review.app import create_app
from panscan.review.desk import Desk
from panscan.review.session import Session
from panscan.review.sources import DeliveryRequest, ReportProgress, ReviewSource, ReviewWork

SIZE_PX = (640, 360)
RATE = Fraction(25)
FRAMES, CUTS = 75, (25, 50)
LUMA_STEP = 2  # of a frame over the one before
LEFT_PX, RIGHT_PX, TOP_PX, FACE_PX = 80.0, 500.0, 90.0, 60.0
# Blue difference by the place across the picture: left and right are told apart.
LEFT_BLUE, RIGHT_BLUE = 90, 170


def frame_and_side(frame: int, plane: int, x_px: Any, y_px: Any) -> Any:
    """A picture whose brightness tells its frame, and whose colour tells left from right."""
    if plane == 0:
        row = np.full(len(x_px), 40.0 + LUMA_STEP * frame)
    elif plane == 1:
        row = np.where(x_px < SIZE_PX[0] / 2, float(LEFT_BLUE), float(RIGHT_BLUE))
    else:
        row = np.full(len(x_px), 128.0)
    return np.tile(row, (len(y_px), 1))


def analysis_of(movie: Path) -> MovieAnalysis:
    """What would be seen: two faces in the first shot, and in each of the others one of them."""
    seen = probe(movie)
    looked = list(range(0, FRAMES, 3))
    rows = [(f, LEFT_PX, TOP_PX, FACE_PX, FACE_PX) for f in looked if f < CUTS[1]]
    rows += [(f, RIGHT_PX, TOP_PX, FACE_PX, FACE_PX) for f in looked if f < CUTS[0] or f >= CUTS[1]]
    signals: dict[str, Any] = {
        "cuts": ShotBoundaries(np.array(CUTS, np.int64)),
        "faces": scenes.faces(sorted(rows), looked),
    }
    tracks = TracksSignal(seen).derive(signals)
    return MovieAnalysis(seen, Perception(seen.digest, "made by hand", {**signals, "tracks": tracks}))


class HandMadeWork(CommandLineWork):
    """Does as the command line does, but looks at nothing and renders nothing."""

    def analyse(self, source: ReviewSource, report_progress: ReportProgress) -> MovieAnalysis:
        return analysis_of(source.movie)

    def deliver(
        self, source: ReviewSource, request: DeliveryRequest, report_progress: ReportProgress
    ) -> dict[str, Any]:
        report_progress("rendering", 1, 2)
        verdicts = {str(ratio): "VERIFIED" for ratio in request.ratios}
        return {"files": [f"{source.movie.stem}.mp4"], "verdict": verdicts, "pages": [], "refused": {}}


@dataclass(frozen=True)
class ServedReview:
    """A server that answers: the address that lets one browser in, and where its files are."""

    opening_address: str
    address: str
    movie: Path

    @property
    def overrides_file(self) -> Path:
        return self.movie.with_suffix(".panscan.toml")


@contextmanager
def serving_source(source: ReviewSource, work: ReviewWork, folder: Path) -> Iterator[ServedReview]:
    """The server of a movie; it is over when the block is. `folder`: for small copies and drafts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        session = Session(listener.getsockname()[1])
        app = create_app(session, Desk([source], work, folder / "cache", folder / "drafts"))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield ServedReview(session.opening_address, session.address, source.movie)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def serving_review(folder: Path) -> Iterator[ServedReview]:
    """The server of the small movie, in two shapes."""
    movie = media.write_clip(folder / "talk.mp4", frame_and_side, size=SIZE_PX, rate=RATE, pts=range(FRAMES))
    requests = tuple(request for request, _ in requests_for(["9:16", "1:1"]))
    source = ReviewSource(movie, folder, requests, movie.with_suffix(".panscan.toml"))
    with serving_source(source, HandMadeWork(), folder) as served:
        yield served
