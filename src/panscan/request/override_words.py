"""Entries of an overrides file in words, for people who look through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panscan.request.override_entries import SETTING_KEYS

Written = Mapping[str, Any]  # keys and values of an entry, as they are in the file
_EDGES = {"split": "a shot begins there", "merge": "no shot begins there"}
_SPECIAL = ("subject_at", "keys", "cell", "note")  # keys that are told otherwise than by their values


def place_in_words(entry: Written) -> str:
    """Where an entry holds."""
    frame, alike = entry.get("frame"), " and all of its set-up" if entry.get("setup") else ""
    if isinstance(frame, list):
        return f"frames {frame[0]} to {frame[1] - 1}" if len(frame) > 1 else f"from frame {frame[0]} on"
    if frame is not None:
        return f"the shot with frame {frame}{alike}"
    for key in ("shot", "clip"):
        if key in entry:
            return f"{key} {entry[key]}{alike}"
    first, end = entry.get("from", "the start"), entry.get("to", "the end")
    return f"{first} to {end}"


def wish_in_words(entry: Written) -> str:
    """What an entry says."""
    told = [words for key, words in _EDGES.items() if key in entry]
    told += [f"{key} {_value(entry[key])}" for key in SETTING_KEYS if key in entry and key not in _SPECIAL]
    if "keys" in entry:
        count = len(entry["keys"])
        told.append(f"{count} key{'s' if count > 1 else ''}")
    if "subject_at" in entry:
        told.append(f"whoever is at the box of {_moment(entry['subject_at'])}")
    cell = f"cell {entry['cell']}: " if "cell" in entry else ""
    return cell + ", ".join(told)


def _moment(box: Written) -> str:
    return f"frame {box['frame']}" if "frame" in box else str(box.get("at", "?"))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " x ".join(str(item) for item in value)
    return str(value)
