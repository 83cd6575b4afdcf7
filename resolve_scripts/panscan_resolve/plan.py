"""Reading a plan (`panscan deliver --to resolve-plan` writes it beside the Lua file) and the calibration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan_resolve.host import UNIT_GAINS, ScriptError, has_method

if TYPE_CHECKING:
    from fusionscript import Resolve

FORMAT, VERSION = "panscan-resolve-plan", 1  # as panscan's exporter writes them
Plan = Mapping[str, Any]


def read(path: Path) -> Plan:
    """The plan of a .resolve-plan.json file; its Lua twin may be named as well.

    Raises
    ------
    ScriptError
        The file is missing, is no plan, or has another version.
    """
    twin = path.with_suffix(".json") if path.suffix == ".lua" else path
    try:
        plan = json.loads(twin.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScriptError(f"cannot read the plan {twin}: {error}") from error
    if not isinstance(plan, dict) or plan.get("format") != FORMAT:
        raise ScriptError(f"{twin} is no plan of panscan")
    if plan.get("version") != VERSION:
        raise ScriptError(f"{twin} has version {plan.get('version')} of the plan; these scripts read {VERSION}")
    return plan


def gains(root: Resolve, path: Path | None) -> Mapping[str, float]:
    """How much stronger than documented this version of Resolve draws a unit; 1 where that was not measured."""
    if path is None or not path.is_file() or not has_method(root, "GetVersionString"):
        return UNIT_GAINS
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found.get("version") != root.GetVersionString():
            return UNIT_GAINS
        return {name: float(found[name]) for name in UNIT_GAINS}
    except (OSError, ValueError, KeyError) as error:
        raise ScriptError(f"cannot read the calibration {path}: {error}") from error
