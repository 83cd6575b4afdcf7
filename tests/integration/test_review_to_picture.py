"""A crop dragged on the review page holds: in the next run, another mode and shape, the editor's file and the movie."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import media
import needed
from chromium import Chromium
from commandline import panscan
from host_crops import fcpxml_crop
from panscan.deliver.host_values import FcpxmlTransform
from panscan.ingest.cameras import read_motions
from panscan.model.geometry import Size
from panscan.timeline.cut import read_cut
from panscan.timeline.files import read_timeline
from review_person import CONTROL, READY, Review

SIZE = Size(640, 360)
MOVED_PX = 110  # the square crop of the same middle is inside the picture, too
FRAME = 20
NEAR_PX = 1.5  # source px: where a picture that was scaled twice is located


@contextmanager
def page(movie: Path, data: Path) -> Iterator[tuple[subprocess.Popen[str], Review]]:
    """`panscan review` of a movie, and a browser that looks at it."""
    command = [sys.executable, "-m", "panscan", "review", str(movie), "--no-browser", "-r", "9:16", "-r", "1:1"]
    environment = os.environ | {"PANSCAN_SERVE_DIR": str(data)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stderr is not None
        told = next(found for line in server.stderr if (found := re.search(r"http://\S+", line)))
        try:
            with Chromium(needed.browser(), width=1280, height=720) as shown:
                shown.open(told[0])
                shown.until(READY)
                yield server, Review(shown)
        finally:
            server.kill()


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A movie whose crop was dragged, with server and browser killed before it was saved; and the crop's middle."""
    folder = tmp_path_factory.mktemp("corrected")
    movie = media.position_coded(folder / "talk.mp4")
    with page(movie, folder / "data") as (server, review):
        left, _, width, _ = review.crop()
        review.shown.click("#all-shapes")
        review.drag(MOVED_PX if left < (SIZE.width - width) / 2 + 1 else -MOVED_PX)
        review.until_kept()
        moved = review.crop()
        assert abs(moved[0] - left) > 0.9 * MOVED_PX
        server.kill()
    with page(movie, folder / "data") as (_, review):
        review.shown.until(f"Math.abs(Number(document.querySelector('.edge').getAttribute('x')) - {moved[0]}) < 0.1")
        review.press("s", keys=CONTROL)
        review.shown.until("document.getElementById('saving').textContent === 'Saved'")
    return movie, moved[0] + moved[2] / 2


@pytest.mark.parametrize(("shape", "canvas"), [("9:16", Size(180, 320)), ("1:1", Size(240, 240))])
def test_a_drag_holds_down_to_the_picture(corrected: tuple[Path, float], shape: str, canvas: Size) -> None:
    movie, middle = corrected
    folder = movie.with_name(shape.replace(":", "x"))
    options = ("--mode", "responsive", "--canvas", f"{canvas.width}x{canvas.height}", "--to", "fcpxml", "--render")
    (made,) = panscan("reframe", movie, "-r", shape, "-o", folder, *options, "--json").data
    assert made["verdict"] == "VERIFIED"
    (clip,) = read_cut(read_timeline(Path(made["timeline"])), folder=folder).clips
    left, top, width, height = clip.framing.cells[0].crops([FRAME], SIZE)[0]
    assert left + width / 2 == pytest.approx(middle, abs=0.5)

    (motion,) = read_motions(Path(made["deliveries"][0])).clips
    in_editor = fcpxml_crop(FcpxmlTransform(*(getattr(motion.keys[0], n) for n in ("scale", "x", "y"))), SIZE, canvas)
    assert in_editor.left == pytest.approx(left, abs=0.01) and in_editor.width == pytest.approx(width, abs=0.01)

    shown = cv2.resize(picture(Path(made["movie"])), (round(width), round(height)), interpolation=cv2.INTER_CUBIC)
    found = cv2.matchTemplate(picture(movie), shown, cv2.TM_CCOEFF_NORMED)
    _, alike, _, place = cv2.minMaxLoc(found)
    assert alike > 0.9 and abs(place[0] - left) < NEAR_PX and abs(place[1] - top) < NEAR_PX


def picture(movie: Path) -> np.ndarray:
    """Brightness of one frame."""
    with av.open(str(movie)) as container:
        frames = container.decode(video=0)
        return next(frame.to_ndarray(format="gray") for number, frame in enumerate(frames) if number == FRAME)
