"""The JSON Schema of a framing, as shipped in the package."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the object in metadata["panscan"] of a Reframe effect (docs/format.md)."""
    text = resources.files("panscan.timeline").joinpath("framing.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
