"""The menu entries from outside, for Resolve Studio: `python -m panscan_resolve apply PLAN.resolve-plan.json`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from panscan_resolve import calibrate, check, plan
from panscan_resolve.apply import apply, import_timeline
from panscan_resolve.host import PAUSE_S, ScriptError, Session, connect

if TYPE_CHECKING:
    from fusionscript import Resolve

_DATA = Path.home() / ".panscan-resolve"


def main(arguments: Sequence[str] | None = None, root: Resolve | None = None) -> int:
    """Run one task; 0 when all is well, 1 when clips are not as planned, 4 when Resolve cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m panscan_resolve", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder of calibration and stills")
    parser.add_argument("--pause", type=float, default=PAUSE_S, help="seconds to wait after each change")
    tasks = parser.add_subparsers(dest="task", required=True)
    for name, text in (
        ("apply", "set a plan on a copy of the current timeline"),
        ("check", "compare the current copy with a plan"),
    ):
        tasks.add_parser(name, help=text).add_argument("plan", type=Path)
    tasks.add_parser("calibrate", help="measure how strongly this Resolve draws pan, tilt and zoom")
    reframe = tasks.add_parser("reframe", help="export the current timeline, reframe it with panscan, apply the plan")
    reframe.add_argument("-r", "--ratio", default="9:16")
    reframe.add_argument("--panscan", default="panscan", help="the command that starts panscan")
    given = parser.parse_args(arguments)
    try:
        return _run(given, connect() if root is None else root)
    except ScriptError as error:
        print(f"error: {error}", file=sys.stderr)
        return 4


def _run(given: argparse.Namespace, root: Resolve) -> int:
    session = Session(root, pause_s=given.pause, gains=plan.gains(root, given.data / "calibration.json"))
    if given.task == "calibrate":
        calibrate.calibrate(session, given.data)
        return 0
    if given.task == "check":
        return int(bool(check.check(session, plan.read(given.plan), given.data / "stills")))
    path = _reframed(session, given) if given.task == "reframe" else given.plan
    asked = plan.read(path)
    if asked["route"] == "import":
        stem = path.name.removesuffix(".lua").removesuffix(".json").removesuffix(".resolve-plan")
        import_timeline(session, asked, path.with_name(f"{stem}.resolve.otio"))
        return 0
    return int(bool(apply(session, asked).failed))


def _reframed(session: Session, given: argparse.Namespace) -> Path:
    """Export the current timeline and let panscan make its plan."""
    timeline = session.project().GetCurrentTimeline()
    if timeline is None:
        raise ScriptError("no timeline is open: open the one to reframe first")
    given.data.mkdir(parents=True, exist_ok=True)
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in str(timeline.GetName())) or "timeline"
    exported: Path = given.data / f"{stem}.otio"
    if not timeline.Export(str(exported), session.root.EXPORT_OTIO, session.root.EXPORT_NONE):
        raise ScriptError(f"Resolve could not export the timeline to {exported}")
    formats = ["--to", "resolve-plan", "--to", "otio-resolve"]
    command = [given.panscan, "reframe", str(exported), "-r", given.ratio, *formats, "-o", str(given.data)]
    try:
        done = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise ScriptError(f"cannot start {given.panscan}: {error}") from error
    if done:
        raise ScriptError(f"panscan could not reframe the timeline; run it to see why: {' '.join(command)}")
    made: Path = given.data / f"{stem}.{given.ratio.replace(':', 'x')}.resolve-plan.json"
    return made


if __name__ == "__main__":
    raise SystemExit(main())
