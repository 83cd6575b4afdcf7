"""Presets: what matters, and how the camera behaves, under one name. One preset is one TOML file.

A file gives only what differs from the preset it names as `base` (`default` where it names none). Panscan's own lie in
`presets/` beside this module, the user's in $PANSCAN_PRESETS_DIR, else in the user's settings folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import platformdirs

from panscan import registry
from panscan.errors import UsageError, did_you_mean
from panscan.model.backgrounds import BACKGROUNDS, is_background
from panscan.model.request import COMPOSITIONS, Preset, SignalWeights
from panscan.request.config_files import ConfigTable, read_config

_SUM_TOLERANCE = 1e-6  # of the sum of the weights, which is 1: six digits are typed at the most
# What numbers of a preset may be; their units are told in `Preset`.
_RANGES = {
    "headroom": (0.2, 0.6),  # eyes near the top edge, or below the middle: beyond, heads are cut
    "look_room": (0.0, 0.2),  # more pushes the face out of the middle of a tall crop
    "zoom_ceiling": (1.0, 2.0),  # closer is soft: a 9:16 crop of 1080p has 608 px of width to begin with
    "min_hold_s": (0.5, 10.0),  # shorter is a flicker
    "breathe": (0.0, 0.1),  # more is a zoom
    "lead_s": (0.0, 2.0),  # seconds: earlier, the camera has left what is still looked at
}
_LATER = ("composition", "lead_s")  # values that presets did not have when timelines were first made with them
_KEYS = ("base", *(field.name for field in fields(Preset) if field.name != "name"))
_SIGNALS = tuple(field.name for field in fields(SignalWeights))


def load_preset(name_or_path: str) -> Preset:
    """The preset with this name, panscan's or the user's, or the one in this .toml file.

    Raises
    ------
    UsageError
        There is none, or its file has mistakes; the message names file, key and what is allowed.
    """
    return _load_file(_find_file(name_or_path, None), ())


def preset_of_table(values: Mapping[str, Any], name: str) -> Preset:
    """The preset of what such a file would hold; its base is a preset of panscan's own, never a file.

    Raises
    ------
    UsageError
        It has mistakes; the message names key and what is allowed.
    """
    table = ConfigTable(f"preset {name}", values)
    base = table.choice("base", sorted(_builtin_presets())) or "default"
    return _changed(_load_file(_builtin_presets()[base], ()), table, name)


def preset_names() -> list[str]:
    """Names of all presets: panscan's, `default` first, then the user's."""
    own = sorted(_builtin_presets(), key=lambda name: (name != "default", name))
    return own + [name for name in sorted(_user_presets()) if name not in own]


def preset_source(name_or_path: str) -> str:
    """The TOML text of a preset, a start for one's own.

    Raises
    ------
    UsageError
        There is no such preset.
    """
    return _find_file(name_or_path, None).read_text(encoding="utf-8")


def preset_recipe(preset: Preset) -> dict[str, Any]:
    """All values as plain JSON, for a timeline's metadata; equal presets give equal recipes."""
    return {key: _plain(value) for key, value in asdict(preset).items()}


def timeline_recipe(preset: Preset) -> dict[str, Any]:
    """The same without later values that are as ever, so that timelines that were made before are still kept."""
    usual = {field.name: field.default for field in fields(Preset)}
    return {key: value for key, value in preset_recipe(preset).items() if key not in _LATER or value != usual[key]}


def user_folder() -> Path:
    """Where the user's presets lie: $PANSCAN_PRESETS_DIR, else the user's settings folder."""
    chosen = os.environ.get("PANSCAN_PRESETS_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("panscan", appauthor=False)) / "presets"


def _builtin_presets() -> dict[str, Path]:
    # A wheel is always unpacked, so resources are files.
    folder = Path(str(files("panscan.request"))) / "presets"
    return {path.stem: path for path in folder.glob("*.toml")}


def _user_presets() -> dict[str, Path]:
    return {path.stem: path for path in user_folder().glob("*.toml") if path.is_file()}


def _find_file(name_or_path: str, beside: Path | None) -> Path:
    """The file of a preset; a path is relative to `beside`, the file that names it as its base."""
    if name_or_path.endswith(".toml") or "/" in name_or_path or os.sep in name_or_path:
        path = Path(name_or_path).expanduser()
        path = beside.parent / path if beside else path
        if not path.is_file():
            raise UsageError(
                f"there is no preset file {path}",
                why="The path names no file.",
                fix="Correct the path, or give a name of `panscan presets`.",
            )
        return path
    own, users = _builtin_presets(), _user_presets()
    if name_or_path in own and name_or_path in users:
        raise UsageError(
            f"two presets are called {name_or_path!r}",
            why=f"One comes with panscan, the other is {users[name_or_path]}.",
            fix="Rename yours, or give its path.",
        )
    found = own.get(name_or_path) or users.get(name_or_path)
    if found is None:
        raise UsageError(
            f"unknown preset {name_or_path!r}",
            why=f"panscan knows {', '.join(preset_names())}; your own would lie in {user_folder()}.",
            fix=did_you_mean(name_or_path, preset_names()) or "Use one of these names, or the path of a .toml file.",
        )
    return found


def _load_file(path: Path, chain: tuple[Path, ...]) -> Preset:
    """The preset of one file; `chain` holds the files that name it as their base, the outermost first."""
    here = path.resolve()
    if here in chain:
        circle = " -> ".join(one.name for one in (*chain[chain.index(here) :], here))
        raise UsageError(
            f"{path}: `base` leads back to itself", why=f"{circle}.", fix="Base one of these on a preset of panscan."
        )
    table = ConfigTable(str(path), read_config(path))
    if here == _builtin_presets()["default"].resolve():
        base = Preset("default", "", SignalWeights(0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    else:
        base = _load_file(_find_file(table.text("base") or "default", path), (*chain, here))
    return _changed(base, table, path.stem)


def _changed(base: Preset, table: ConfigTable, name: str) -> Preset:
    """The base with what a table says otherwise."""
    table.refuse_unknown_keys(_KEYS)
    given: dict[str, Any] = {
        "summary": table.text("summary") or f"{base.name}, changed",
        "weights": _weights(table, base.weights),
        "method": table.choice("method", registry.names("methods")),
        "mode": table.choice("mode", registry.names("modes")),
        "layouts": _layouts(table),
        "jump_cuts": table.flag("jump_cuts"),
        "background": _background(table),
        "composition": table.choice("composition", tuple(COMPOSITIONS)),
        "prompt": table.text_list("prompt"),
        "avoid": table.text_list("avoid"),
        **{key: table.number(key, *bounds) for key, bounds in _RANGES.items()},
    }
    preset = replace(base, name=name, **{key: value for key, value in given.items() if value is not None})
    both = [word for word in preset.prompt if word in preset.avoid]
    if both:
        raise UsageError(
            f"{table.where}: {both[0]!r} is in `prompt` and in `avoid`",
            why=f"What is looked for cannot be left out; a list that is not given comes from {base.name}.",
            fix="Remove it from one of the two lists.",
        )
    return preset


def _weights(table: ConfigTable, base: SignalWeights) -> SignalWeights:
    """The base's weights with those given in their place; they must sum to 1 as they stand."""
    given = table.values.get("weights", {})
    if not isinstance(given, dict):
        raise table.value_error("weights", "a table", "Write [weights] on a line, then face = 0.3 and so on.")
    part = ConfigTable(f"{table.where}, [weights]", given)
    part.refuse_unknown_keys(_SIGNALS)
    read_ones = {key: part.number(key, 0.0, 1.0) for key in _SIGNALS}
    weights = replace(base, **{key: value for key, value in read_ones.items() if value is not None})
    total = sum(asdict(weights).values())
    if abs(total - 1) > _SUM_TOLERANCE:
        kept = [key for key in _SIGNALS if key not in given]
        shown = ", ".join(f"{key} {value:g}" for key, value in asdict(weights).items())
        step = "Take away" if total > 1 else "Add"
        advice = f"{step} {round(abs(total - 1), 8):g} in all"
        raise UsageError(
            f"{part.where}: the weights sum to {round(total, 8):.9g}, not to 1",
            why=f"They are {shown}" + (f"; {', '.join(kept)} come from the base." if kept and given else "."),
            fix=f"{advice}, e.g. from {max(asdict(weights), key=lambda k: asdict(weights)[k])}."
            if total > 1
            else f"{advice}, e.g. to the signals that matter most.",
        )
    return weights


def _layouts(table: ConfigTable) -> tuple[str, ...] | None:
    found = table.text_list("layouts")
    if found is None:
        return None
    known = ("auto", *registry.names("layouts"))
    for name in found:
        if name not in known:
            raise table.value_error("layouts", f"a list of {', '.join(known)}", did_you_mean(name, known))
    if not found or ("auto" in found and len(found) > 1):
        raise table.value_error(
            "layouts", "a list of layouts, or auto alone", 'Write layouts = ["auto"] for all of them.'
        )
    return found


def _background(table: ConfigTable) -> str | None:
    found = table.text("background")
    if found is not None and not is_background(found):
        raise table.value_error("background", BACKGROUNDS)
    return found.lower() if found else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return list(value)
    return round(value, 6) if isinstance(value, float) else value
