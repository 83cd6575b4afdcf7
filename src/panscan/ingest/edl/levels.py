"""Levels of sound, which Premiere and others write as comments: AUDIO LEVEL AT 01:00:00:00 IS -6.00 DB (REEL AX A1)."""

from __future__ import annotations

import re

from panscan.ingest.edl.clock import Clock
from panscan.ingest.edl.edits import Edit
from panscan.ingest.edl.statements import parse_stamp

_LEVEL = re.compile(r"AUDIO LEVEL AT (\S+) IS\s+([-+]?\d{1,4}(?:\.\d{1,9})?)\s*DB\b(.*)", re.IGNORECASE)
_CHANNEL = re.compile(r"\bA(\d{1,3})\)$")


def levels_of(edit: Edit, channel: int, clock: Clock) -> list[list[float]]:
    """Media frame and dB of each level that an edit has in a sound channel; empty where all are 0 dB."""
    levels: list[list[float]] = []
    for text in edit.texts(""):
        match = _LEVEL.match(text)
        at = parse_stamp(match[1]) if match else None
        named = _CHANNEL.search(match[3].rstrip()) if match else None
        if match is None or at is None or (named is not None and int(named[1]) != channel):
            continue
        levels.append([float(clock.source(at, edit)), float(match[2])])
    return levels if any(db for _, db in levels) else []
