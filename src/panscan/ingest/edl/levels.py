"""Levels of sound, which Premiere and others write as comments: AUDIO LEVEL AT 01:00:00:00 IS -6.00 DB (REEL AX A1)."""

from __future__ import annotations

import re

from panscan.ingest.edl.clock import Clock
from panscan.ingest.edl.edits import Edit
from panscan.ingest.edl.statements import parse_stamp

_LEVEL = re.compile(
    r"AUDIO LEVEL AT (?P<at>\S+) IS\s+(?P<db>[-+]?\d+(?:\.\d+)?)\s*DB\b(?:.*\(REEL .*\bA(?P<channel>\d+)\))?",
    re.IGNORECASE,
)


def levels_of(edit: Edit, channel: int, clock: Clock) -> list[list[float]]:
    """Media frame and dB of each level that an edit has in a sound channel; empty where all are 0 dB."""
    levels: list[list[float]] = []
    for text in edit.texts(""):
        match = _LEVEL.match(text)
        at = parse_stamp(match["at"]) if match else None
        if match is None or at is None or (match["channel"] and int(match["channel"]) != channel):
            continue
        levels.append([float(clock.source(at, edit)), float(match["db"])])
    return levels if any(db for _, db in levels) else []
