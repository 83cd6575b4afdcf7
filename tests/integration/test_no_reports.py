"""Libraries that would report to their makers are told not to: they leave no trace of it in the home folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LISTEN = """
from panscan.perceive.signals.speech import load_voice_activity_model
session = load_voice_activity_model()
assert session.get_inputs()
"""


def test_a_network_is_run_without_a_trace(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "USERPROFILE": str(tmp_path)}
    without = {name: value for name, value in os.environ.items() if not name.endswith("_DISABLE_TELEMETRY")}
    subprocess.run([sys.executable, "-c", LISTEN], env=without | home, check=True, timeout=300)
    reporting = [path for path in tmp_path.rglob("*") if "Microsoft" in path.parts or "deviceid" in path.name]
    assert reporting == []
