"""`panscan serve` with its real work: a movie and a sent timeline become plans, also asked by the panel's own code."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("uvicorn", reason="the extra serve is not installed")

from commandline import panscan
from hosts.premiere_node import PANEL, node

ASK = """
const { makePlan, choices } = require(%(service)s);
const real = globalThis.fetch;
globalThis.fetch = (url, options) => real(url.replace("8765", %(port)s), options);
(async () => {
  const stages = [];
  const { presets } = await choices(%(token)s);
  const wish = { timeline: { name: "cut.otio", text: %(text)s }, ratio: "1:1", preset: presets[0] };
  const plan = await makePlan(%(token)s, wish, (job) => stages.push(job.state), () => false);
  let refused = "";
  await choices("wrong").catch((error) => (refused = error.message));
  console.log(JSON.stringify({ plan: JSON.parse(plan), presets, stages, refused }));
})();
"""


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """A running `panscan serve`."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.port = free_port()
        command = [sys.executable, "-c", "from panscan.cli import main; main()", "serve", "--port", str(self.port)]
        environment = {**os.environ, "PANSCAN_SERVE_DIR": str(data)}
        self._run = subprocess.Popen(
            [*command, "--allow", str(folder)], stderr=subprocess.PIPE, text=True, env=environment
        )
        said = [self._run.stderr.readline() for _ in range(3)]
        self.token = re.search(r"token: (\S+)", "".join(said)).group(1)
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                self.ask("/v1/jobs")
                return
            except urllib.error.URLError:
                time.sleep(0.05)
        raise AssertionError("it does not answer")

    def ask(self, path: str, body: object = None) -> object:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def over(self, body: object) -> dict:
        job = self.ask("/v1/jobs", body)
        while job["state"] in ("queued", "running"):
            time.sleep(0.1)
            job = self.ask(f"/v1/jobs/{job['id']}")
        return job

    def end(self) -> int:
        self._run.send_signal(signal.SIGINT)
        self._run.stderr.close()
        return self._run.wait(20)


@pytest.fixture(scope="module")
def folder(movie, tmp_path_factory) -> Path:
    """A movie and the timeline that reframe makes of it."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(movie("cuts"), folder / "film.mp4")
    ran = panscan("reframe", folder / "film.mp4", "--to", "premiere-plan")
    assert ran.code == 0, ran.err
    return folder


@pytest.fixture(scope="module")
def service(folder, tmp_path_factory):
    running = Service(folder, tmp_path_factory.mktemp("data"))
    yield running
    running.end()


def test_a_movie_becomes_the_plan_that_reframe_writes(service, folder) -> None:
    job = service.over({"source": str(folder / "film.mp4"), "ratio": "9:16"})
    assert job["state"] == "done", job
    plan = service.ask(f"/v1/jobs/{job['id']}/plan")
    assert plan == json.loads((folder / "film.9x16.premiere-plan.json").read_text())
    assert plan["canvas_px"] == [1080, 1920] and len(plan["clips"]) >= 2


def test_a_timeline_may_not_lead_out_of_the_allowed_folders(service, folder, movie) -> None:
    text = (folder / "film.9x16.otio").read_text()
    elsewhere = text.replace("film.mp4", str(movie("cuts")))
    (folder / "elsewhere.otio").write_text(elsewhere)
    for body in (
        {"timeline": {"name": "cut.otio", "text": elsewhere}},
        {"source": str(folder / "elsewhere.otio")},
    ):
        job = service.over(body)
        assert job["state"] == "failed" and "--allow" in job["error"]["fix"], job


def test_wrong_wishes_are_refused_before_anything_is_decoded(service, folder) -> None:
    for words in ({"ratio": "tall"}, {"preset": "nothing"}, {"mode": "wild"}, {"canvas": "5x5"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            service.ask("/v1/jobs", {"source": str(folder / "film.mp4"), **words})
        with refused.value as answer:
            assert answer.code == 400


def test_the_panels_own_code_gets_a_plan(service, folder) -> None:
    text = (folder / "film.9x16.otio").read_text().replace("film.mp4", str(folder / "film.mp4"))
    words = {"service": str(PANEL / "js/service.js"), "port": str(service.port), "token": service.token, "text": text}
    code = ASK % {name: json.dumps(value) for name, value in words.items()}
    ran = subprocess.run([node(), "-e", code], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["plan"]["canvas_px"] == [1080, 1080] and told["stages"]
    assert "default" in told["presets"] and "token" in told["refused"]


def test_ctrl_c_ends_it_and_the_next_start_has_the_same_token(folder, tmp_path) -> None:
    first = Service(folder, tmp_path)
    first.end()
    second = Service(folder, tmp_path)
    assert second.token == first.token
    second.end()


def test_without_its_packages_it_says_what_to_install(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.setenv("PANSCAN_SERVE_DIR", str(tmp_path))
    ran = panscan("serve")
    assert ran.code == 4 and "panscan[serve]" in ran.err and list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_refused(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PANSCAN_SERVE_DIR", str(tmp_path / "data"))
    ran = panscan("serve", "--allow", tmp_path / "absent")
    assert ran.code == 2 and "no folder" in ran.err
