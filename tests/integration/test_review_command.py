"""`panscan review` as a person starts it: a movie is made ready, corrected, delivered; what is killed loses nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

import numbered
import reviewing
from panscan.timeline.files import read_timeline, recipe_of

HOLD = {"entry": None, "frame": 5, "hold": True}


@contextmanager
def page(movie: Path, data: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A server and a browser that it let in."""
    command = [sys.executable, "-m", "panscan", "review", str(movie), "--no-browser", *options]
    environment = os.environ | {"PANSCAN_SERVE_DIR": str(data)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stderr is not None
            told = next(found for line in server.stderr if (found := re.search(r"(http://\S+)/open/\S+", line)))
            with httpx.Client(base_url=told[1], headers={"Origin": told[1]}, timeout=60) as browser:
                assert browser.get(told[0]).status_code == 303
                while browser.get("/api/movies").json()[0]["state"] not in ("ready", "failed"):
                    time.sleep(0.1)
                yield server, browser
        finally:
            server.kill()


def test_a_movie_is_corrected_delivered_and_a_draft_outlives_the_server(tmp_path: Path) -> None:
    movie = numbered.movie(tmp_path / "talk.mp4", 1, 30)
    with page(movie, tmp_path / "data", "-r", "1:1") as (server, browser):
        told = browser.get("/api/movies").json()[0]
        assert (told["state"], told["shapes"], told["shots"]) == ("ready", ["1:1"], 1)
        address = f"/api/movies/{told['id']}"
        etag = browser.get(f"{address}/draft").headers["etag"]
        kept = browser.put(f"{address}/draft", json={"corrections": [HOLD]}, headers={"If-Match": etag}).json()
        server.kill()
        server.wait()
    with page(movie, tmp_path / "data", "-r", "1:1") as (_, browser):
        found = browser.get(f"{address}/draft").json()
        assert (found["corrections"], found["etag"], found["saved"]) == ([HOLD], kept["etag"], False)
        assert browser.post(f"{address}/save", json={"etag": found["etag"]}).json()["saved"]
        order = {"ratios": ["1:1"], "deliveries": ["fcpxml"], "render": False}
        job = browser.post(f"{address}/deliver", json=order).json()["job"]
        last = reviewing.events(browser.get(f"/api/jobs/{job}/events").text)[-1]
        assert [Path(file).name for file in last["files"]] == ["talk.1x1.otio", "talk.1x1.fcpxml"]
    made = read_timeline(tmp_path / "talk.1x1.otio")
    command = [sys.executable, "-m", "panscan", "reframe", str(movie), "-r", "1:1"]
    subprocess.run(command, check=True, capture_output=True)
    assert recipe_of(read_timeline(tmp_path / "talk.1x1.otio")) == recipe_of(made)
    assert not list(tmp_path.glob("*.otio.*")), "the command keeps the page's timeline: it is the one it would make"
