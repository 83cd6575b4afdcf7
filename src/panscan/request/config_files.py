"""Small settings files, TOML or YAML: what is wrong is answered with the file, the key and what is allowed."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from panscan.errors import UsageError, did_you_mean


class _YamlLoader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML's safe loader without base-60 numbers, and without keys given twice.

    YAML 1.1 reads a bare 9:16 as 556 and 1:02:03:04 as a number too; here both stay text.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is given twice", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


# The pattern that comes first decides, so text with a colon in it is text before it can be a number or a time.
_YamlLoader.yaml_implicit_resolvers = {
    key: list(found) for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _digit in "0123456789":
    _YamlLoader.yaml_implicit_resolvers[_digit].insert(0, ("tag:yaml.org,2002:str", re.compile(r"\d+:.*")))


def read_config(path: Path) -> Mapping[str, Any]:
    """The content of a .toml, .yaml or .yml file.

    Raises
    ------
    UsageError
        The file cannot be read, or is not what its name says.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "It is not UTF-8 text."
        raise UsageError(f"cannot read {path}", why=why or str(error), fix="Name a TOML or YAML text file.") from error
    kind = "TOML" if path.suffix.lower() == ".toml" else "YAML"
    try:
        # The loader is a safe one: it makes numbers, text, lists and tables, never objects.
        content = tomllib.loads(text) if kind == "TOML" else yaml.load(text, Loader=_YamlLoader)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split()) or "It is nested too deeply."
        raise UsageError(f"{path} is not {kind}", why=reason, fix="Correct it there; text goes in quotes.") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no keys", why=f"It is {_kind(content)}.", fix="Write `key: value` lines.")
    return content


@dataclass(frozen=True, slots=True)
class ConfigTable:
    """Keys and values of one place in a file.

    Attributes
    ----------
    where : str
        The place, for errors.
    values : mapping
        What is written there.
    """

    where: str
    values: Mapping[str, Any]

    def value_error(self, key: str, allowed: str, fix: str = "") -> UsageError:
        """The error for a value that is not allowed."""
        shown = f"{key} = {_shown(self.values[key])}" if key in self.values else key
        return UsageError(
            f"{self.where}: {shown} is not allowed", why=f"`{key}` is {allowed}.", fix=fix or "Use what is allowed."
        )

    def refuse_unknown_keys(self, known: Sequence[str]) -> None:
        """Refuse keys that are not known, with the nearest that is.

        Raises
        ------
        UsageError
            There is one.
        """
        for key in self.values:
            if key not in known:
                raise UsageError(
                    f"{self.where}: unknown key {str(key)!r}",
                    why=f"Known are {', '.join(known)}.",
                    fix=did_you_mean(str(key), known) or "Use one of these, or remove it.",
                )

    def number(self, key: str, least: float, most: float) -> float | None:
        """A number in the range, None where the key is absent.

        Raises
        ------
        UsageError
            It is something else.
        """
        if key not in self.values:
            return None
        value = self.values[key]
        if not _is_number(value) or not least <= value <= most:
            raise self.value_error(key, f"a number from {least:g} to {most:g}")
        return float(value)

    def integer(self, key: str, least: int) -> int | None:
        """A whole number of at least `least`, None where the key is absent.

        Raises
        ------
        UsageError
            It is something else.
        """
        if key not in self.values:
            return None
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.value_error(key, f"a whole number from {least}")
        return value

    def flag(self, key: str) -> bool | None:
        """True or false, None where the key is absent.

        Raises
        ------
        UsageError
            It is something else.
        """
        if key not in self.values:
            return None
        if not isinstance(self.values[key], bool):
            raise self.value_error(key, "true or false")
        return bool(self.values[key])

    def text(self, key: str) -> str | None:
        """Text that is not empty, None where the key is absent.

        Raises
        ------
        UsageError
            It is something else.
        """
        if key not in self.values:
            return None
        value = self.values[key]
        if not isinstance(value, str) or not value.strip():
            raise self.value_error(key, "text", 'Write it in quotes, e.g. "...".')
        return value.strip()

    def choice(self, key: str, allowed: Iterable[str]) -> str | None:
        """One of the words, None where the key is absent.

        Raises
        ------
        UsageError
            It is something else.
        """
        if key not in self.values:
            return None
        known = list(allowed)
        value = self.values[key]
        if not isinstance(value, str) or value not in known:
            raise self.value_error(key, f"one of {', '.join(known)}", did_you_mean(str(value), known))
        return value

    def text_list(self, key: str) -> tuple[str, ...] | None:
        """A list of texts, each once, None where the key is absent.

        Raises
        ------
        UsageError
            It is something else.
        """
        if key not in self.values:
            return None
        value = self.values[key]
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.value_error(key, "a list of texts", f'Write {key} = ["...", "..."].')
        stripped = tuple(item.strip() for item in value)
        if len(set(stripped)) < len(stripped):
            raise self.value_error(key, "a list with each word once", "Remove what is there twice.")
        return stripped


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 64:
        return "a huge number"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _kind(value: Any) -> str:
    return {list: "a list", str: "text", bool: "true or false"}.get(type(value), "a single value")
