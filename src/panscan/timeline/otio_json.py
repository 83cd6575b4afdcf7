"""Parsing the text of .otio files: what would end the process is refused before OpenTimelineIO sees it."""

from __future__ import annotations

import json
import re
from typing import Any

import opentimelineio as otio

_MAX_DEPTH = 200  # OpenTimelineIO's parser recurses: a text nested deeper would end the process, not raise
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')
_STEPS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_SCHEMA = "OTIO_SCHEMA"
_FATAL = "UnknownSchema."  # OpenTimelineIO's own stand-in for others: asked to make one, it ends the process


def parse_otio(data: bytes) -> Any:
    """The object in the text of an .otio file. Its clips all have a media reference, if only a missing one.

    Raises
    ------
    ValueError
        It is no such text. The message is a sentence without its full stop.
    """
    _check_depth(data)
    try:
        text = data.decode("utf-8-sig")
        json.loads(text, object_pairs_hook=_check_schema, strict=False)
    except UnicodeDecodeError as error:
        raise ValueError(f"It is no UTF-8 text from byte {error.start} on") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"It is no complete JSON: {error}") from error
    try:
        found = otio.adapters.read_from_string(text, "otio_json")
        _fill_references(found)
        return found
    except Exception as error:  # OpenTimelineIO raises many unrelated types
        lines = str(error.args[0] if error.args else "").strip().splitlines()
        raise ValueError(f"OpenTimelineIO says: {lines[0] if lines else type(error).__name__}") from error


def _fill_references(found: Any) -> None:
    """Give clips without a reference under their active key a missing one, as all programs write it."""
    for clip in found.find_clips() if hasattr(found, "find_clips") else ():
        if clip.media_reference is None:
            clip.media_reference = otio.schema.MissingReference()


def _check_depth(data: bytes) -> None:
    depth = 0
    for token in _TOKENS.finditer(data):
        depth += _STEPS.get(token[0], 0)
        if depth > _MAX_DEPTH:
            raise ValueError(f"Its objects are nested more than {_MAX_DEPTH} deep")


def _check_schema(pairs: list[tuple[str, Any]]) -> None:
    """Refuse one JSON object. None is kept of it: OpenTimelineIO parses the text itself."""
    for name, value in pairs:
        if name == _SCHEMA and str(value).startswith(_FATAL):
            raise ValueError(f"An object in it has the schema {value!r}, which no program may write")
