"""The server of the review page for tests in a browser, with a small movie whose pictures tell frame and side.

with serving_review(folder) as served:
    page.open(served.opening_address)
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
from panscan.request.options import request_for
from panscan.review.app import create_app
from panscan.review.desk import Desk
from panscan.review.session import Session
from panscan.review.sources import ReviewSource, ReviewWork
from reviewing import FRAMES, QuickWork

SIZE_PX = (320, 180)
FIRST_LUMA, LUMA_STEP = 36, 2  # of the first frame, and of a frame over the one before
LEFT_BLUE, RIGHT_BLUE = 90, 170  # blue difference left and right of the middle


def frame_and_side(frame: int, plane: int, x_px: Any, y_px: Any) -> Any:
    """A picture whose brightness tells its frame, and whose colour tells left from right."""
    if plane == 0:
        row = np.full(len(x_px), float(FIRST_LUMA + LUMA_STEP * frame))
    elif plane == 1:
        row = np.where(x_px < SIZE_PX[0] / 2, float(LEFT_BLUE), float(RIGHT_BLUE))
    else:
        row = np.full(len(x_px), 128.0)
    return np.tile(row, (len(y_px), 1))


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
    pictures = media.write_clip(
        folder / "talk.mp4", frame_and_side, size=SIZE_PX, rate=Fraction(30000, 1001), pts=range(FRAMES)
    )
    requests = (request_for("9:16"), request_for("1:1"))
    source = ReviewSource(pictures, folder, requests, pictures.with_suffix(".panscan.toml"))
    with serving_source(source, QuickWork(), folder) as served:
        yield served
