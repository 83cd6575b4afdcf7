"""Make the pictures of the review page: `python docs/make_review_pictures.py`, into docs/images.

The sample talk, looked at by panscan itself, on the page in a headless Chromium. Takes a minute.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from base64 import b64decode
from pathlib import Path

# The sample is drawn in samples, the server for one page is in tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "samples"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from PIL import Image

from chromium import Chromium, find
from make_samples import make_talk
from panscan.cli.review_work import CommandLineWork
from panscan.request.options import requests_for
from panscan.review.sources import ReviewSource
from review_desk import serving_source

IMAGES = Path(__file__).resolve().parent / "images"
PICTURES = ("review", "review-shapes", "review-deliver")
WIDTH_PX, HEIGHT_PX = 1280, 720
SHOWN_PX = 1120  # width in the documentation: every word can still be read
QUALITY = 70  # of WebP: less than 60 kB
READY = "document.querySelectorAll('.tag').length > 1 && document.getElementById('video').readyState > 1"
SETTLE_S = 3.0  # the picture, the thumbnails and the solved camera are all there


def press(page: Chromium, *keys: str) -> None:
    """Press keys, and wait until the page shows what they do."""
    for key in keys:
        page.ask("Input.dispatchKeyEvent", type="keyDown", key=key)
        page.ask("Input.dispatchKeyEvent", type="keyUp", key=key)
    time.sleep(SETTLE_S)


def save(page: Chromium, name: str) -> None:
    """The window as a small WebP."""
    shot = Image.open(io.BytesIO(b64decode(page.ask("Page.captureScreenshot", format="png")["data"])))
    small = shot.convert("RGB").resize((SHOWN_PX, round(SHOWN_PX * HEIGHT_PX / WIDTH_PX)), Image.Resampling.LANCZOS)
    small.save(IMAGES / f"{name}.webp", quality=QUALITY, method=6)


def make(folder: Path) -> None:
    """All pictures; `folder`: for the movie and what is made of it."""
    make_talk(folder / "talk.mp4")
    requests = tuple(request for request, _ in requests_for(["9:16", "1:1", "4:5"]))
    source = ReviewSource(folder / "talk.mp4", folder, requests, folder / "talk.panscan.toml")
    program = find()
    if program is None:
        raise SystemExit("No Chromium found: install one, or name it with PANSCAN_BROWSER.")
    with (
        serving_source(source, CommandLineWork(), folder) as served,
        Chromium(program, width=WIDTH_PX, height=HEIGHT_PX) as page,
    ):
        page.open(served.opening_address)
        page.until(READY)
        press(page, "1")
        page.run("document.getElementById('entry').open = true")
        save(page, "review")
        press(page, "ArrowDown", "ArrowDown", "t")
        save(page, "review-shapes")
        page.click("#deliver-open")
        page.run("document.querySelector('#deliver-editors input[value=\"fcpxml\"]').click()")
        time.sleep(SETTLE_S / 10)
        save(page, "review-deliver")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as made:
        make(Path(made))
