"""The panel and the older script run in Node, against the strict Premieres beside this file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import needed
from hosts.placed import Placed
from panscan.deliver import deliver
from panscan.timeline.cut import read_cut

HOSTS = Path(__file__).parent
ADAPTER = Path(__file__).parents[2] / "adapters" / "panscan_premiere"
PANEL = ADAPTER / "panel"
FOLDER = Path("/projects")
TICKS = 254_016_000_000


def node() -> str:
    """The node program, 18 or newer."""
    found = needed.program("node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60).stdout
    return found if int(version.strip().lstrip("v").split(".")[0]) >= 18 else needed.absent("Node.js 18 or newer")


def run(script: str, scenario: dict[str, Any]) -> dict[str, Any]:
    """What a script of this folder says of a scenario."""
    done = subprocess.run(
        [node(), HOSTS / script], input=json.dumps(scenario), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def plan_of(timeline: Any, **options: Any) -> str:
    """The text of the plan of a document."""
    return deliver(timeline, "premiere-plan", folder=FOLDER, options=options).text


def sequence_of(timeline: Any, *, from_timecode: bool = False) -> dict[str, Any]:
    """The editor's own sequence: the document's clips on one track, in the size of their picture.

    from_timecode: Premiere counts the time of media from their timecode instead of from zero.
    """
    cut = read_cut(timeline, folder=FOLDER)
    clips = []
    for number, clip in enumerate(cut.clips):
        per_frame = TICKS / clip.framing.rate
        clock = round(clip.available_first * per_frame) if from_timecode else 0
        first = round((clip.first - clip.available_first) * per_frame) + clock
        start = round(clip.record_frame * TICKS / cut.rate)
        length = round(clip.frame_count * per_frame)
        clips.append(
            {
                "name": f"clip {number}",
                "file": str(clip.path),
                "size": [clip.framing.source.width, clip.framing.source.height],
                "clock": clock,
                "begin": clip.available_first,
                "in": first,
                "out": first + length,
                "start": start,
                "end": start + length,
            }
        )
    return {"name": "Entrevista", "size": clips[0]["size"], "tracks": [clips]}


def scenario(timeline: Any, *steps: dict[str, Any], **named: Any) -> dict[str, Any]:
    """The panel, a sequence of the document's clips, and steps; a step's plan is the document's unless it says so."""
    cut = read_cut(timeline, folder=FOLDER)
    plan = plan_of(timeline)
    return {
        "panel": str(PANEL),
        "rate": [cut.rate.numerator, cut.rate.denominator],
        "sequence": sequence_of(timeline),
        "steps": [{"mode": "copy", "plan": plan, **step} for step in steps or ({},)],
        **named,
    }


def placed(tracks: list[dict[str, Any]]) -> list[dict[int, Placed]]:
    """Tracks as the comparison with a document's cameras wants them."""
    return [
        {int(frame): Placed(**{**seen, "shown": tuple(seen["shown"])}) for frame, seen in track.items()}
        for track in tracks
        if track
    ]
