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
from contextlib import ExitStack
from pathlib import Path

import opentimelineio as otio
import pytest

from chromium import Chromium
from commandline import panscan
from hosts.premiere_node import PANEL, node, sequence_of
from hosts.premiere_page import page
from made_up_package import Site
from panscan.deliver import deliver
from serving import files_of

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
    """A running `panscan serve`, which is over when its block is, however that ends."""

    def __init__(self, folder: Path, data: Path, *more: str, **environment: str) -> None:
        self.port = free_port()
        command = [sys.executable, "-c", "from panscan.cli import main; main()", "serve", "--port", str(self.port)]
        environment = {**os.environ, "PANSCAN_SERVE_DIR": str(data), **environment}
        self._command, self._environment = [*command, "--allow", str(folder), *more], environment
        self._open = ExitStack()

    def __enter__(self) -> Service:
        with ExitStack() as until_it_answers:
            started = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True, env=self._environment)
            self._run = until_it_answers.enter_context(started)
            until_it_answers.callback(self._run.kill)  # before it is waited for
            said = [self._run.stderr.readline() for _ in range(3)]
            self.token = re.search(r"token: (\S+)", "".join(said)).group(1)
            self._wait()
            self._open = until_it_answers.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                self.ask("/v1/jobs")
                return
            except urllib.error.URLError:
                time.sleep(0.05)
        raise AssertionError("it does not answer")

    def ask(self, path: str, body: object = None) -> object:
        return json.loads(self.read(path, body))

    def read(self, path: str, body: object = None) -> bytes:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def events(self, job: dict) -> list[tuple[str, dict]]:
        """What is told of a job until it is over."""
        blocks = self.read(f"/v1/jobs/{job['id']}/events").decode().strip().split("\n\n")
        rows = [[line.split(": ", 1)[1] for line in block.splitlines()] for block in blocks]
        return [(event, json.loads(data)) for event, data in rows]

    def over(self, body: object) -> dict:
        job = self.ask("/v1/jobs", body)
        while job["state"] in ("queued", "running"):
            time.sleep(0.1)
            job = self.ask(f"/v1/jobs/{job['id']}")
        return job

    def kill(self) -> None:
        self._run.kill()
        self._run.communicate(timeout=20)

    def end(self) -> int:
        """Ctrl-C; the exit code."""
        self._run.send_signal(signal.SIGINT)
        self._run.communicate(timeout=20)
        return self._run.returncode


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
    with Service(folder, tmp_path_factory.mktemp("data")) as running:
        yield running
        assert running.end() == 0


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


def test_a_job_survives_a_killed_service(talk, tmp_path) -> None:
    shutil.copy(talk, tmp_path / "talk.mp4")
    settings = {"PANSCAN_CACHE_DIR": str(tmp_path / "cache")}  # nothing is known yet, so that it takes a while
    with Service(tmp_path, tmp_path / "data", **settings) as first:
        job = first.ask("/v1/jobs", {"source": str(tmp_path / "talk.mp4"), "ratio": "4:5"})
        while not (now := first.ask(f"/v1/jobs/{job['id']}"))["stage"].startswith("looking"):
            assert now["state"] != "done", "too quick to be killed"
            time.sleep(0.02)
        first.kill()
    assert json.loads((tmp_path / "data" / "jobs" / job["id"] / "job.json").read_text())["state"] == "running"
    with Service(tmp_path, tmp_path / "data", **settings) as second:
        told = second.events(job)
        assert [event for event, _ in told][-1] == "end" and told[-1][1]["state"] == "done"
        assert any(data["stage"] == "looking at talk.mp4" and 0 < data["done"] <= data["total"] for _, data in told)
        assert second.ask(f"/v1/jobs/{job['id']}/plan")["canvas_px"] == [1080, 1350]
        assert [one["id"] for one in second.ask("/v1/jobs")] == [job["id"]]
        assert second.end() == 0


CRASHING = """
import os, signal
from pathlib import Path
from panscan.perceive.signals.loudness import LoudnessSignal as Crashing

flag = Path(os.environ["CRASH_ONCE"])
if flag.exists():
    flag.unlink()
    os.kill(os.getpid(), signal.SIGSEGV)
"""


@pytest.mark.skipif(os.name == "nt", reason="a signal of Unix stands in for a fault in a library")
def test_a_crash_in_a_library_ends_the_job_and_not_the_service(movie, tmp_path) -> None:
    shutil.copy(movie("cuts"), tmp_path / "film.mp4")
    site = Site(tmp_path / "site")
    site.install("crashing", {"crashing.py": CRASHING}, {"panscan.signals": {"crashing": "crashing:Crashing"}})
    flag = tmp_path / "flag"
    flag.write_bytes(b"")
    environment = {"PYTHONPATH": os.pathsep.join([str(site.folder), *filter(None, sys.path)]), "CRASH_ONCE": str(flag)}
    with Service(tmp_path, tmp_path / "data", **environment) as service:
        job = service.over({"source": str(tmp_path / "film.mp4")})
        assert job["state"] == "failed" and "SIGSEGV" in job["error"]["why"], job
        job = service.over({"source": str(tmp_path / "film.mp4")})
        assert job["state"] == "done", job
        assert service.end() == 0


def test_the_panels_page_asks_the_running_service_and_applies_the_plan(browser, folder, tmp_path) -> None:
    """A page has an origin, which a panel has not: it must be named, and then it may ask."""
    with (
        files_of(tmp_path) as origin,
        Service(folder, tmp_path / "data", "--origin", origin) as service,
        Chromium(browser, width=320, height=560) as shown,
    ):
        text = (folder / "film.9x16.otio").read_text().replace("film.mp4", str(folder / "film.mp4"))
        timeline = otio.adapters.read_from_string(text, "otio_json")
        sequence = sequence_of(timeline)
        address = f"http://127.0.0.1:{service.port}"
        page(tmp_path, sequence, exported=deliver(timeline, "xmeml", folder=folder).text, service=address)
        shown.open(f"{origin}/page.html")
        idle = "document.getElementById('cancel').disabled"
        for id, said in (("connect", "Connected."), ("make", "The plan is ready."), ("apply", "reframed.")):
            shown.run(f"document.getElementById('token').value = '{service.token}'")
            shown.run("document.getElementById('ratio').value = '1:1'")
            shown.click(f"#{id}")
            shown.until(idle)
            assert said in shown.run("document.getElementById('status').innerText"), id
        assert shown.run("document.querySelectorAll('.clip.done').length") == len(sequence["tracks"][0])
        assert shown.run("[world.active.width, world.active.height]") == [1080, 1080]
        assert shown.faults == []
        # Another page on the same machine gets nothing, even if it knew the token.
        shown.open(f"{origin.replace('127.0.0.1', 'localhost')}/page.html")
        shown.run(f"document.getElementById('token').value = '{service.token}'")
        shown.click("#connect")
        shown.until(idle)
        assert "No answer" in shown.run("document.getElementById('status').innerText")
        assert service.end() == 0


def test_a_connection_that_asks_nothing_is_closed(service, monkeypatch) -> None:
    with ExitStack() as stack:
        silent, begun = (
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60)) for _ in range(2)
        )
        begun.sendall(b"GET /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: ")
        assert (silent.recv(1), begun.recv(1)) == (b"", b"")


def test_a_port_that_is_taken_is_told(service, folder, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PANSCAN_SERVE_DIR", str(tmp_path))
    ran = panscan("serve", "--allow", folder, "--port", str(service.port))
    assert ran.code == 4 and f"port {service.port}" in ran.err and "listens" not in ran.err


def test_ctrl_c_ends_it_and_the_next_start_has_the_same_token(folder, tmp_path) -> None:
    with Service(folder, tmp_path) as first:
        assert first.end() == 0
    with Service(folder, tmp_path) as second:
        assert second.token == first.token


def test_without_its_packages_it_says_what_to_install(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.setenv("PANSCAN_SERVE_DIR", str(tmp_path))
    ran = panscan("serve")
    assert ran.code == 4 and "panscan[serve]" in ran.err and list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_refused(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PANSCAN_SERVE_DIR", str(tmp_path / "data"))
    ran = panscan("serve", "--allow", tmp_path / "absent")
    assert ran.code == 2 and "no folder" in ran.err
