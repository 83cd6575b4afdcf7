"""How a recording is staged, from options and from styles. One style is one TOML file, named or by its path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from panscan.errors import did_you_mean, unknown_name
from panscan.model.backgrounds import BACKGROUNDS, is_background
from panscan.model.corners import Corners, is_unfolded
from panscan.model.style import FOCUS_TILT, NO_TILT, TILTS, Style
from panscan.request.config_files import ConfigTable, read_config

STYLE_KEYS = ("tilt", "corners", "shadow", "padding")  # what can be said of single shots, too
LOOKS = (*STYLE_KEYS, "background")  # what can be said beside the name of a style
_MOST_PADDING = 0.4  # of the cell's shorter side: beyond, next to nothing is left of the picture
_MOST_CORNERS = 0.5  # of the picture's shorter side: a half circle
_CORNERS_REACH = (-1.0, 2.0)  # fractions of the cell: further out, hardly anything of the picture is seen
# Of numbers in a file; their meaning is told in `Style`.
_RANGES = {
    "tilt_deg": (0.0, 10.0),  # more shortens letters
    "closest": (0.1, 1.0),  # below, letters are blocks
    "move_time": (0.3, 3.0),  # below, a move is a jump
}
TILT_NAMES = (NO_TILT, *TILTS, FOCUS_TILT)
_TILT_WORDS = f"{', '.join(TILT_NAMES)}, or four corners"
_TILT_FIX = 'Corners are "x,y x,y x,y x,y": top left, top right, bottom right, bottom left, as shares of the cell.'


def style_names() -> list[str]:
    """Names of panscan's own styles."""
    return sorted(_files())


def load_style(name_or_path: str) -> Style:
    """The style with this name, or the one in this .toml file.

    Raises
    ------
    UsageError
        There is none, or its file has mistakes; the message names file, key and what is allowed.
    """
    path = Path(name_or_path) if name_or_path.endswith(".toml") else _files().get(name_or_path)
    if path is None or not path.is_file():
        fix = "Use one of these, or the path of a .toml file."
        raise unknown_name("style", name_or_path, style_names(), fix=fix)
    table = ConfigTable(str(path), read_config(path))
    table.refuse_unknown_keys(("summary", *LOOKS, *_RANGES))
    numbers = {key: table.number(key, *limits) for key, limits in _RANGES.items()}
    given = {key: value for key, value in numbers.items() if value is not None}
    return restyled(Style(name=path.stem, **given), table)  # type: ignore[arg-type]


def style_of(
    style: str | None = None,
    *,
    tilt: str | None = None,
    corners: str | None = None,
    shadow: bool | None = None,
    padding: str | None = None,
    background: str | None = None,
) -> Style:
    """A style with what options say in place of parts of it.

    Raises
    ------
    UsageError
        One of them is wrong.
    """
    given = {"tilt": tilt, "corners": corners, "shadow": shadow, "padding": padding, "background": background}
    table = ConfigTable("options", {f"--{key}": value for key, value in given.items() if value is not None})
    return restyled(load_style(style) if style else Style(), table, "--")


def restyled(style: Style, table: ConfigTable, prefix: str = "") -> Style:
    """A style with what a table says in place of parts of it; the prefix stands before each of the table's keys.

    Raises
    ------
    UsageError
        A value is wrong.
    """
    given = _fields(table, prefix)
    key = f"{prefix}background"
    background = table.text(key)
    if background is not None:
        if not is_background(background):
            raise table.value_error(key, BACKGROUNDS)
        given["background"] = background.lower()
    return replace(style, **given)


def style_fields(table: ConfigTable) -> dict[str, Any]:
    """The fields of a `Style` that a file says, as values that can be compared and kept.

    Raises
    ------
    UsageError
        One of them is wrong.
    """
    return _fields(table, "")


def style_recipe(style: Style) -> dict[str, Any]:
    """What differs from a style that changes nothing, as plain JSON."""
    plain = Style()
    values = {name: getattr(style, name) for name in Style.__slots__}
    return {name: _plain(value) for name, value in values.items() if value != getattr(plain, name)}


def style_of_recipe(recipe: Mapping[str, Any]) -> Style:
    """The style of which `style_recipe` told what differs.

    Raises
    ------
    TypeError
        Something of it is not known here.
    """
    return Style(**{name: _kept(value) for name, value in recipe.items()})


def _fields(table: ConfigTable, prefix: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if f"{prefix}tilt" in table.values:
        given["tilt"] = _tilt(table, f"{prefix}tilt")
    if f"{prefix}corners" in table.values:
        given |= _corner_radius(table, f"{prefix}corners")
    if f"{prefix}padding" in table.values:
        given["padding"] = _share(table, f"{prefix}padding", _MOST_PADDING)
    if f"{prefix}shadow" in table.values:
        given["shadow"] = table.flag(f"{prefix}shadow")
    return given


def _tilt(table: ConfigTable, key: str) -> str | Corners:
    text = (table.text(key) or "").strip()
    if text in TILT_NAMES:
        return text
    points = [point.split(",") for point in text.split()]
    try:
        corners: Any = tuple((float(x), float(y)) for x, y in points)
    except ValueError as error:
        raise table.value_error(key, _TILT_WORDS, did_you_mean(text, TILT_NAMES) or _TILT_FIX) from error
    low, high = _CORNERS_REACH
    if len(corners) != 4 or not is_unfolded(corners) or not all(low <= v <= high for point in corners for v in point):
        allowed = f"{_TILT_WORDS} around the picture in order, each {low:g} to {high:g}"
        raise table.value_error(key, allowed, _TILT_FIX)
    return corners  # type: ignore[no-any-return]


def _corner_radius(table: ConfigTable, key: str) -> Mapping[str, float]:
    """The fields that say how round corners are: "24", "24px" or "3%"."""
    text = str(table.values[key]).strip()
    if text.endswith("%"):
        return {"corner_px": 0.0, "corner_share": _share(table, key, _MOST_CORNERS)}
    number = _number(text.removesuffix("px"))
    if number is None or number < 0:
        raise table.value_error(key, "px of the picture or a share of its shorter side", 'e.g. "24px" or "3%".')
    return {"corner_px": number, "corner_share": 0.0}


def _share(table: ConfigTable, key: str, most: float) -> float:
    number = _number(str(table.values[key]).strip().removesuffix("%"))
    if number is None or not 0 <= number <= 100 * most:
        raise table.value_error(key, f"0 to {100 * most:g} percent of the shorter side", 'e.g. "6%".')
    return number / 100


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _files() -> dict[str, Path]:
    # A wheel is always unpacked, so resources are files.
    folder = Path(str(files("panscan.request"))) / "styles"
    return {path.stem: path for path in folder.glob("*.toml")}


def _kept(value: Any) -> Any:
    return tuple(_kept(item) for item in value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
