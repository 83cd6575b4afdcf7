"""The tutorial of docs/service.md runs as it stands: every line of its blocks, in one shell."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import opentimelineio as otio
import pytest

import media
import needed

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)

_PATIENCE_S = 600  # a busy machine is no fault of the page

# What a reader does by waiting and by opening a second terminal.
_START = """\
set -euo pipefail
panscan() { "$PYTHON" -m panscan "$@"; }
"$PYTHON" -m panscan service run --port "$PORT" --allow media > service.log 2>&1 &
trap 'kill -TERM $!; wait $! || true' EXIT
for _ in $(seq 300); do curl -sf "http://127.0.0.1:$PORT/ready" > ready.json && break; sleep 0.2; done
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> tuple[str, Path]:
    """What the lines print, and the folder that they were run in."""
    needed.program("curl")
    # Not in pytest's own folder: the name of the database's socket may have 107 bytes.
    folder, port = tmp_path_factory.mktemp("s"), free_port()
    (folder / "media").mkdir()
    media.MOVIES["moving_block"](folder / "media" / "talk.mp4")
    assert BLOCKS[0].splitlines() == ["pip install 'panscan[service]'", "panscan service run --allow media"]
    script = _START + "".join(BLOCKS[1:]).replace("8780", str(port))
    data = Path(f"/tmp/panscan-docs-{port}")
    environment = os.environ | {"PYTHON": sys.executable, "PORT": str(port), "PANSCAN_SERVICE_DIR": str(data)}
    shell = {"cwd": folder, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(["bash", "-c", script], start_new_session=True, **shell) as process:
        try:
            printed, faults = process.communicate(timeout=_PATIENCE_S)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # the service too: its shell alone would leave it
            raise
        finally:
            shutil.rmtree(data, ignore_errors=True)
    assert process.returncode == 0, faults + (folder / "service.log").read_text()
    return printed, folder


def test_the_movie_is_made_and_verified(told):
    printed, folder = told
    assert '"state":"completed"' in printed and '"verdicts":{"9:16":"VERIFIED"}' in printed
    assert (folder / "talk.9x16.mp4").stat().st_size > 10_000
    assert json.loads((folder / "report.json").read_text())["verdict"] == "VERIFIED"
    timeline = otio.adapters.read_from_file(str(folder / "talk.9x16.otio"))
    crops = [json.loads(line) for line in (folder / "crops.ndjson").read_text().splitlines()]
    assert len(crops) == timeline.duration().value


def test_the_rest_is_told_as_the_page_says(told):
    printed, _ = told
    states = re.findall(r'"state": "(\w+)"', printed)
    assert states[0] == "queued" and states[-1] == "completed" and "rendering" in states
    assert '"secret":"whsec_' in printed and '"kind":"job.completed"' in printed
    assert re.search(r'"used_s":1\.2\b', printed) and "/v1/files/" in printed
    assert '"return_video":false' in printed, "the job of the upload was taken"
